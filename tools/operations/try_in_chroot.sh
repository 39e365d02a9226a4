#!/bin/bash
# Installs, upgrades and fails to upgrade in a bare Debian of its own, and prints the figures.
# Needs root, git and debootstrap; takes some ten minutes: tools/operations/try_in_chroot.sh [FOLDER]
set -euo pipefail
SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
FOLDER=${1:-$(mktemp -d)}
HOST=results.example.org

say() { printf '\n== %s\n' "$*"; }
inside() { chroot "$FOLDER" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"; }
clean_up() {
  inside service postgresql stop >/dev/null 2>&1 || true
  for place in proc dev; do umount -l "$FOLDER/$place" 2>/dev/null || true; done
}
trap clean_up EXIT

say "A bare Debian"
debootstrap --variant=minbase bookworm "$FOLDER" >/dev/null
mount -t proc proc "$FOLDER/proc"
mount --bind /dev "$FOLDER/dev"
for file in /etc/resolv.conf /etc/pip.conf /etc/hosts; do
  if [ -e "$file" ]; then cp "$file" "$FOLDER$file"; fi
done
inside apt-get update -qq
inside env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends git ca-certificates >/dev/null
# The authorities that this host trusts, as its pip does.
cp /etc/ssl/certs/ca-certificates.crt "$FOLDER/etc/ssl/certs/"
git clone -q "$SOURCE" "$FOLDER/root/clone"
commit() { inside git -C /root/clone -c user.name=a -c user.email=a@b commit -qam "$1"; }
current() { inside readlink /opt/ibcr/current; }
figures() { inside /root/clone/operations/manage results --format json | sha256sum | cut -c1-12; }

say "Install"
SECONDS=0
inside /root/clone/operations/install $HOST a@example.org smtp://localhost:25 | tail -12
echo "installed in $SECONDS s: $(current)"
# Sample accounts and records, which production refuses.
# shellcheck disable=SC2016
inside bash -c '. /root/clone/operations/lib.sh
  run_in $ROOT/current env PRODUCTION=0 ALLOWED_HOSTS=localhost .venv/bin/python manage.py demo' | tail -1
before=$(figures)

say "The pages answer"
line=$(sed -n 's/^ExecStart=//p' "$FOLDER/etc/systemd/system/ibcr-web.service")
set -m
inside bash -c ". /root/clone/operations/lib.sh; run_in \$ROOT/current $line" >"$FOLDER/var/log/web" 2>&1 &
web=$!
set +m
for _ in $(seq 60); do
  answer=$(curl -s -o /dev/null -w '%{http_code}' -H "Host: $HOST" -H "X-Forwarded-Proto: https" http://127.0.0.1:8001/readyz) || true
  [ "$answer" = 200 ] && break
  sleep 1
done
echo "/readyz: $answer"
kill -- "-$web"
wait || true

say "Upgrade"
echo >>"$FOLDER/root/clone/CHANGELOG.md" && commit "Another release"
SECONDS=0
inside /root/clone/operations/upgrade
echo "upgraded in $SECONDS s: $(current); figures equal: $([ "$before" = "$(figures)" ] && echo yes || echo NO)"

say "An upgrade that fails after it changed the database"
good=$(current)
cat >"$FOLDER/root/clone/strategy/migrations/0999_fails.py" <<'PY'
from django.db import migrations

class Migration(migrations.Migration):
    atomic = False
    dependencies = [("strategy", "LAST")]
    operations = [
        migrations.RunSQL("DELETE FROM indicators_historicalinitiative"),
        migrations.RunSQL("SELECT no_such_column"),
    ]
PY
last=$(cd "$FOLDER/root/clone/strategy/migrations" && find . -name '0*.py' ! -name '0999*' -printf '%f\n' | sort | tail -1)
sed -i "s/LAST/${last%.py}/" "$FOLDER/root/clone/strategy/migrations/0999_fails.py"
inside git -C /root/clone add -A && commit "A release that fails"
SECONDS=0
if inside /root/clone/operations/upgrade; then echo "NOT refused"; exit 1; fi
echo "back in $SECONDS s: $(current); same release: $([ "$good" = "$(current)" ] && echo yes || echo NO)"
echo "figures equal: $([ "$before" = "$(figures)" ] && echo yes || echo NO)"
