"""Serve the demonstration: prepare database, plan, sample accounts and records, start gunicorn.

Not for production. The variables PORT and DATABASE_URL apply.
"""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError

ROOT = Path(__file__).resolve().parents[2]
KEY_FILE = ROOT / "var" / "demonstration-key"
SIGNING_KEY_FILE = ROOT / "var" / "report-signing-key.pem"
"""Where the settings look for the key of reports if REPORT_SIGNING_KEY names no other."""
MAX_PORT = 65535


def read_port() -> int:
    """Return the port to serve on; exit with a message if it is invalid or in use."""
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= MAX_PORT:
        sys.exit(f"PORT is {text!r}: it must be a number from 1 to {MAX_PORT}.")
    with socket.socket() as probe:
        # As in gunicorn: a port that was just closed is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            sys.exit(
                f"Port {text} cannot be used ({error.strerror}). Choose another: PORT=8080 ./run"
            )
    return int(text)


def load_secret_key() -> str:
    """Return the key of this checkout, created once: a restart signs nobody out."""
    create_file(KEY_FILE, lambda: secrets.token_urlsafe(50))
    return KEY_FILE.read_text(encoding="ascii")


def create_file(path: Path, make: Callable[[], str]) -> None:
    """Write the text to a file that only its owner reads, unless the file exists."""
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(make(), encoding="ascii")
        draft.replace(path)


def make_signing_key() -> str:
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def prepare() -> None:
    django.setup()
    collecting = None
    if not is_collected(Path(settings.STATIC_ROOT) / "staticfiles.json"):
        # Compressing uses one processor while the database uses another.
        collect = (sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        collecting = subprocess.Popen(collect)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("bootstrap")
    call_command("demo")
    if collecting and collecting.wait() != 0:
        sys.exit("The static files could not be collected: the reason is above.")


def is_collected(manifest: Path) -> bool:
    sources = [*(ROOT / "ibcr_rbm" / "static").rglob("*"), Path(sys.prefix) / ".ready"]
    newest = max(source.stat().st_mtime for source in sources)
    return manifest.exists() and manifest.stat().st_mtime > newest


def main() -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="ibcr_rbm.settings",
        IBCR_DEMO="1",
        PORT=str(read_port()),
        SECRET_KEY=os.environ.get("SECRET_KEY") or load_secret_key(),
    )
    create_file(SIGNING_KEY_FILE, make_signing_key)
    os.chdir(ROOT)
    # Python puts this file's folder on the search path, not the project's.
    sys.path.insert(0, str(ROOT))
    print(
        "Preparing the demonstration: database, plan, sample records", file=sys.stderr, flush=True
    )
    try:
        prepare()
    except ImproperlyConfigured as error:
        sys.exit(f"A setting is wrong: {error}")
    except CommandError as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database cannot be used (DATABASE_URL): {error}")
    server = [sys.executable, "-m", "gunicorn", "--config", "tools/demo/gunicorn_conf.py"]
    os.execv(sys.executable, [*server, "ibcr_rbm.wsgi"])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted: ./run goes on where this stopped.")
