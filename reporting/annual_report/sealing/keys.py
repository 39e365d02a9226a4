"""Ed25519 keys and signatures; the private key is in the settings and never in the database.

Public keys and signatures are hexadecimal texts of 64 and 128 digits.
"""

import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

SIGNATURE_SIZE = 64
"""In bytes."""
_HEX_KEY = re.compile(r"[0-9a-f]{64}")


class SigningKeyMissing(Exception):
    """The installation has no private key."""

    def __init__(self) -> None:
        super().__init__(
            "Reports are signed, and there is no signing key: set REPORT_SIGNING_KEY to the path "
            "of a file written by: openssl genpkey -algorithm ed25519 -out FILE"
        )


def has_signing_key() -> bool:
    return bool(settings.REPORT_SIGNING_KEY)


def get_public_key() -> str:
    """Return the public key of the installation; empty without a signing key."""
    return format_public_key(_load_signing_key().public_key()) if has_signing_key() else ""


def list_trusted_keys() -> frozenset[str]:
    """Return the installation's public key and its former ones."""
    return frozenset({get_public_key(), *settings.REPORT_FORMER_KEYS} - {""})


def sign(content: bytes) -> str:
    """Sign with the installation's key. Raises SigningKeyMissing."""
    return _load_signing_key().sign(content).hex()


def is_signature_valid(signature: str, content: bytes, public_key: str) -> bool:
    """Return whether the signature is that of the content; False for malformed values."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), content)
    except (ValueError, InvalidSignature):
        return False
    return True


def find_signer(signature: str, content: bytes, public_keys: frozenset[str]) -> str:
    """Return the key that made the signature; empty if none of these did."""
    signers = (key for key in sorted(public_keys) if is_signature_valid(signature, content, key))
    return next(signers, "")


def parse_public_key(text: str) -> str:
    """Return the key of 64 hexadecimal digits, perhaps in groups, or of a PEM. Raises ValueError.

    A PEM of a private key is refused.
    """
    digits = "".join(text.split()).lower()
    if _HEX_KEY.fullmatch(digits):
        return digits
    key = serialization.load_pem_public_key(text.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return format_public_key(key)


def format_public_key(key: Ed25519PublicKey) -> str:
    return key.public_bytes_raw().hex()


def group_digits(public_key: str) -> str:
    """Return the key in groups of eight digits, for people who compare it."""
    return " ".join(public_key[start : start + 8] for start in range(0, len(public_key), 8))


def _load_signing_key() -> Ed25519PrivateKey:
    if not has_signing_key():
        raise SigningKeyMissing
    key = serialization.load_pem_private_key(settings.REPORT_SIGNING_KEY.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("REPORT_SIGNING_KEY is not an Ed25519 key")
    return key
