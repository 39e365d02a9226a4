# Shared by install and upgrade: where things are, and how commands run. Sourced, not run.
# shellcheck shell=bash disable=SC2034
shopt -s inherit_errexit
ROOT=/opt/ibcr
SETTINGS=/etc/ibcr/ibcr.env
DATA=/var/lib/ibcr
ACCOUNT=ibcr
DATABASE=ibcr
UNITS=(ibcr-web.service ibcr-worker.service ibcr-daily.timer)
PORT=8001

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

has_systemd() { [ -d /run/systemd/system ]; }

# Runs a program of a release as the account of the installation, with its settings.
run_in() {
  local release=$1
  shift
  (
    set -a
    # shellcheck disable=SC1090
    . "$SETTINGS"
    set +a
    cd "$release" || exit
    exec runuser -u "$ACCOUNT" -- "$@"
  )
}
manage() {
  local release=$1
  shift
  run_in "$release" .venv/bin/python manage.py "$@"
}

as_postgres() { (cd / && runuser -u postgres -- "$@"); }
is_local_postgres() { grep -q '^DATABASE_URL=postgres:////var/run/postgresql/' "$SETTINGS"; }
create_database() { as_postgres createdb --owner "$ACCOUNT" --encoding UTF8 --template template0 "$DATABASE"; }

# The value of a setting; neither has an apostrophe inside.
read_setting() { sed -n "s/^$1=//p" "$SETTINGS" | tr -d "'\""; }

name_release() {
  printf '%s/releases/%s\n' "$ROOT" "$(git -c safe.directory="$1" -C "$1" describe --always --tags)"
}

# Puts the code of this clone into a folder of its own with its packages. Prints the folder.
make_release() {
  local source=$1 release
  release=$(name_release "$source")
  if ! [ -e "$release/.complete" ]; then
    rm -rf "$release"
    mkdir -p "$release"
    git -c safe.directory="$source" -C "$source" archive HEAD | tar -x -C "$release"
    (cd "$release" && sh tools/setup/setup.sh requirements.txt >&2)
    "$release/.venv/bin/python" -m compileall -q "$release" >/dev/null || true
    touch "$release/.complete"
  fi
  printf '%s\n' "$release"
}

start_units() {
  has_systemd || return 0
  systemctl start "${UNITS[@]}"
}
stop_units() {
  has_systemd || return 0
  systemctl stop "${UNITS[@]}"
}

# Waits until the pages answer and the database is there; without systemd nothing serves yet.
wait_until_ready() {
  has_systemd || return 0
  local host
  host=$(read_setting ALLOWED_HOSTS | cut -d , -f 1)
  for _ in $(seq 60); do
    curl -fsS -o /dev/null -H "Host: $host" -H "X-Forwarded-Proto: https" \
      "http://127.0.0.1:$PORT/readyz" 2>/dev/null && return
    sleep 1
  done
  return 1
}
