"""Values of environment variables; an invalid value raises ImproperlyConfigured.

The message names the variable, its value and a valid value. The value of a secret (SECRET_KEY, and
URLs that may have a password) is never repeated.
"""

import os
import re
import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import environ
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured

_env = environ.Env()

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})
_DATABASES = ("sqlite", "postgres", "postgresql")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def read_flag(name: str, *, default: bool = False) -> bool:
    text = _env.str(name, default="1" if default else "0").strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ImproperlyConfigured(
        f"{name} is “{text}”. Write 1 to switch it on or 0 to switch it off."
    )


def read_text(name: str, *, default: str) -> str:
    # Not django-environ: it reads `$...` as the name of another variable.
    return os.environ.get(name, default).strip()


def read_list(name: str, *, default: list[str]) -> list[str]:
    return [value.strip() for value in _env.list(name, default=default) if value.strip()]


def read_words(name: str, *, default: list[str], known: Collection[str]) -> list[str]:
    words = read_list(name, default=default)
    for word in words:
        if word not in known:
            raise ImproperlyConfigured(
                f"{name} holds “{word}”. Write words of {', '.join(known)}, with commas."
            )
    return words


def read_secrets(name: str) -> list[str]:
    return [secret.strip() for secret in read_text(name, default="").split(",") if secret.strip()]


def read_whole_number(name: str, *, default: int, minimum: int = 0) -> int:
    written = read_text(name, default=str(default))
    if written.isascii() and written.isdigit() and int(written) >= minimum:
        return int(written)
    raise ImproperlyConfigured(
        f"{name} is “{written}”. Write a whole number of at least {minimum}, such as {default}."
    )


def read_signing_key(name: str, *, default: Path) -> str:
    """Return the PEM of an Ed25519 key, or of the file that the variable names; may be empty."""
    written = read_text(name, default="")
    if not written and not default.exists():
        return ""
    advice = (
        f"{name} is no Ed25519 private key. Write the path of a file made by: "
        "openssl genpkey -algorithm ed25519 -out FILE"
    )
    try:
        is_pem = written.startswith("-----BEGIN")
        pem = written if is_pem else Path(written or default).read_text(encoding="ascii")
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (OSError, ValueError, TypeError):
        raise ImproperlyConfigured(advice) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(advice)
    return pem


def read_public_keys(name: str) -> list[str]:
    """Return Ed25519 public keys, each of 64 hexadecimal digits."""
    keys = [key.lower() for key in read_list(name, default=[])]
    for key in keys:
        if not re.fullmatch(r"[0-9a-f]{64}", key):
            raise ImproperlyConfigured(
                f"{name} holds “{key}”. Write public keys of 64 hexadecimal digits, with commas."
            )
    return keys


def read_time_zone(name: str, *, default: str) -> str:
    written = read_text(name, default=default)
    try:
        ZoneInfo(written)
    except (LookupError, ValueError, OSError):
        raise ImproperlyConfigured(
            f"{name} is “{written}”, which is no time zone. Write one such as {default}."
        ) from None
    return written


def read_log_level(name: str, *, default: str) -> str:
    written = read_text(name, default=default).upper()
    if written not in _LEVELS:
        raise ImproperlyConfigured(f"{name} is “{written}”. Write one of {', '.join(_LEVELS)}.")
    return written


def read_origins(name: str) -> list[str]:
    written = read_list(name, default=[])
    for origin in written:
        if not origin.startswith(("https://", "http://")):
            raise ImproperlyConfigured(
                f"{name} holds “{origin}”. Write addresses such as https://results.example.org."
            )
    return written


def read_channel(name: str) -> str:
    """Return a link to a page, an e-mail address or a telephone; empty if not set."""
    written = read_text(name, default="")
    if written and not written.startswith(("https://", "mailto:", "tel:")):
        raise ImproperlyConfigured(
            f"{name} is “{written}”. Write a link such as https://concerns.example.org, "
            "mailto:concerns@example.org or tel:+15145550100."
        )
    return written


def read_socket(name: str) -> str:
    """Return the path of a socket, or host and port; empty if not set."""
    written = read_text(name, default="")
    if written and not re.fullmatch(r"/.+|[^/:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}", written):
        raise ImproperlyConfigured(
            f"{name} is “{written}”. Write the path of a socket, such as "
            "/run/clamav/clamd.ctl, or host:port, such as 127.0.0.1:3310."
        )
    return written


def read_database(name: str, *, default: str) -> dict[str, Any]:
    """Return Django's settings for a database, from its SQLite or PostgreSQL URL."""
    advice = (
        f"{name} is no address of a database. Write one such as "
        "sqlite:////var/lib/ibcr/ibcr.sqlite3 or postgres://user:password@host:5432/name."
    )
    address = read_text(name, default=default)
    scheme = address.partition("://")[0]
    if scheme not in _DATABASES or "://" not in address:
        raise ImproperlyConfigured(advice)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            config = dict(_env.db_url_config(address))
    except (ValueError, UserWarning, ImproperlyConfigured):
        raise ImproperlyConfigured(advice) from None
    if not config.get("NAME"):
        raise ImproperlyConfigured(advice)
    return config


def read_email(name: str, *, default: str) -> Mapping[str, object]:
    """Return Django's EMAIL settings, from the URL of a mail server."""
    try:
        config = dict(_env.email_url_config(read_text(name, default=default)))
    except (ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured(
            f"{name} is no address of a mail server. Write one such as "
            "smtp+tls://user:password@mail.example.org:587, or consolemail:// to print mail."
        ) from None
    return {key: value for key, value in config.items() if value is not None}
