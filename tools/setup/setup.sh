#!/bin/sh
# Sets up .venv from a lock file, and Pango for the PDF, with root or without.
# Usage: tools/setup/setup.sh requirements.txt|requirements-dev.txt [--again]
#
# Nothing is installed twice: .venv/.ready, written last, has the folder of .venv and the checksums
# of its lock files. Without it, an interrupted set-up starts again from the beginning.
# --again tries to install Pango again if that failed before.
set -eu
cd "$(dirname "$0")/../.."

LOCK_FILE=$1
AGAIN=${2:-}
READY=.venv/.ready
WITHOUT_PANGO=.venv/.without-pango
RUNNING=var/setup.pid
LOG=var/setup.log
PANGO="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
apt_is_updated=no

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# --- the current state ----------------------------------------------------------------------------

has_line() { grep -qxF "$1" "$READY" 2>/dev/null; }
python_runs() { .venv/bin/python -c '' 2>/dev/null; }
is_of_this_folder() { has_line "$(pwd -P)" && python_runs; }
is_ready() { has_line "$(cksum "$LOCK_FILE")" && is_of_this_folder; }
pango_is_found() { .venv/bin/python -c 'import weasyprint' >/dev/null 2>&1; }

# The path of the real program, because a link into an environment breaks when that is removed.
python_found() {
  for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3.14 python3; do
    path=$(command -v "$candidate" 2>/dev/null) || continue
    # On a Mac without the developer tools this program only offers to install them.
    if [ "$path" = /usr/bin/python3 ] && [ "$(uname)" = Darwin ]; then
      xcode-select -p >/dev/null 2>&1 || continue
    fi
    "$path" -c '
import ctypes, sqlite3, ssl, sys, venv
if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    sys.exit(1)
print(sys._base_executable)' 2>/dev/null && return
  done
  return 1
}

# --- the packages of the system -------------------------------------------------------------------

may_be_root() { [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null; }; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

apt_install() {
  have apt-get || return 1
  if [ "$apt_is_updated" = no ]; then
    as_root apt-get update -qq >>"$LOG" 2>&1 || return 1
    apt_is_updated=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=120 "$@" >>"$LOG" 2>&1
}

brew_install() { have brew && HOMEBREW_NO_AUTO_UPDATE=1 brew install -q "$@" >>"$LOG" 2>&1; }

install_python() {
  say "Python 3.11 or newer is missing: installing it"
  if have apt-get; then
    may_be_root || { have sudo && [ -t 0 ]; } || return 1
    # Pango as well: one call needs half the time of two.
    apt_install python3 python3-venv ca-certificates $PANGO
  else
    brew_install python@3.13
  fi
}

site_packages() { .venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }

# On Debian the part of venv that installs pip is a separate package.
install_venv_with_pip() {
  "$1" -m venv .venv >>"$LOG" 2>&1 && return
  rm -rf .venv
  if may_be_root && apt_install python3-venv && "$1" -m venv .venv >>"$LOG" 2>&1; then
    return
  fi
  rm -rf .venv
  say "pip is missing, and this is not root: unpacking Debian's inside .venv"
  "$1" -m venv --without-pip .venv >>"$LOG" 2>&1 && unpack_pip
}

unpack_pip() {
  unpacked=$PWD/.venv/debian
  sh tools/setup/unpack_debian.sh "$unpacked" python3-pip-whl >>"$LOG" 2>&1 || return 1
  wheel=$(find "$unpacked/usr/share/python-wheels" -name 'pip-*.whl' | head -n 1)
  .venv/bin/python -m zipfile -e "$wheel" "$(site_packages)" || return 1
  # Debian's pip trusts only the system's certificates; without any, use the unpacked ones.
  authorities=/etc/ssl/certs/ca-certificates.crt
  if ! [ -e $authorities ]; then
    cat "$unpacked"/usr/share/ca-certificates/mozilla/*.crt >"$unpacked/authorities.crt"
    certifi=$(site_packages)/pip/_vendor/certifi/core.py
    sed "s#$authorities#$unpacked/authorities.crt#" "$certifi" >"$certifi.new"
    mv "$certifi.new" "$certifi"
  fi
  .venv/bin/python -m pip --version >>"$LOG" 2>&1
}

install_pango() {
  say "Pango is missing: installing it for the PDF of the annual report"
  if have brew; then
    brew_install pango || return 1
  elif ! { may_be_root && apt_install $PANGO; }; then
    sh tools/setup/unpack_debian.sh .venv/pango $PANGO >>"$LOG" 2>&1 || return 1
  fi
  pango_is_found && return
  # The libraries are outside the system's folders: every Python of .venv loads them at its start.
  cp tools/setup/local_pango.py "$(site_packages)"
  echo "import local_pango" >"$(site_packages)/local_pango.pth"
  pango_is_found
}

# --- the steps ------------------------------------------------------------------------------------

# One set-up at a time: only one process can create the link, which has its number.
wait_for_turn() {
  mkdir -p var 2>/dev/null && [ -w var ] || fail "$(pwd -P) cannot be written in by $(id -un)."
  seconds=0
  until ln -s $$ "$RUNNING" 2>/dev/null; do
    other=$(readlink "$RUNNING") || continue
    if ! kill -0 "$other" 2>/dev/null; then
      rm -f "$RUNNING"
      continue
    fi
    [ $seconds -gt 0 ] || say "Another set-up of this folder is running (process $other): waiting for it"
    [ $seconds -lt 900 ] || fail "It still runs after 15 minutes. If it does not, remove $RUNNING."
    sleep 1
    seconds=$((seconds + 1))
  done
  trap 'rm -f "$RUNNING"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

make_environment() {
  python=$(python_found) || {
    install_python || true
    python=$(python_found) || fail "Please install Python 3.11 to 3.14 (on Debian: apt-get install python3 python3-venv), then run this again."
  }
  say "Setting up .venv with $("$python" --version)"
  rm -rf .venv
  if ! install_venv_with_pip "$python"; then
    rm -rf .venv
    tail -n 5 "$LOG" >&2
    fail "No environment with pip could be made. On Debian: apt-get install python3-venv, then run this again."
  fi
}

install_packages() {
  say "Installing the locked packages"
  # Without compiling: Python compiles the modules that it imports.
  if ! PIP_USER=0 .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --no-compile --no-deps --only-binary :all: --require-hashes -r "$LOCK_FILE" >>"$LOG" 2>&1; then
    if grep -qiE 'connection broken|ConnectionError|name resolution|ConnectTimeout|unreachable' "$LOG"; then
      fail "The packages cannot be reached: the first set-up needs the network. Run this again when it is there (details: $LOG)."
    fi
    tail -n 15 "$LOG" >&2
    fail "The packages could not be installed: above are the last words of pip (all: $LOG)."
  fi
}

set_up() {
  wait_for_turn
  is_ready && return
  : >"$LOG"
  is_of_this_folder || make_environment
  rm -f "$READY"
  install_packages
  pango_is_found || install_pango || : >"$WITHOUT_PANGO"
  {
    pwd -P
    cksum requirements.txt
    # The other lock file has all packages of requirements.txt, in the same versions.
    [ "$LOCK_FILE" = requirements.txt ] || cksum "$LOCK_FILE"
  } >"$READY.new"
  mv "$READY.new" "$READY"
}

check_pango() {
  [ -e "$WITHOUT_PANGO" ] || return 0
  if pango_is_found || { [ "$AGAIN" = --again ] && install_pango; }; then
    rm -f "$WITHOUT_PANGO"
  else
    say "Without Pango there is no PDF of the annual report; all else works. Install Pango, or try ./run setup again."
  fi
}

is_ready || set_up
check_pango
.venv/bin/python tools/compile_translations.py
