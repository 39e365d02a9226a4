"""Encryption of what is stored and must not be read from a copy of the database.

The key is derived from SECRET_KEY. Texts of a former key in SECRET_KEY_FALLBACKS stay readable;
``manage.py encrypt_again`` writes them with the present key, so that the former can be dropped.
"""

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def encrypt_text(text: str) -> str:
    return _build_cipher().encrypt(text.encode()).decode()


def decrypt_text(encrypted: str) -> str:
    """Raise cryptography.fernet.InvalidToken if no key fits."""
    return _build_cipher().decrypt(encrypted.encode()).decode()


def encrypt_again(encrypted: str) -> str:
    """Return the same text encrypted with the present key."""
    return _build_cipher().rotate(encrypted.encode()).decode()


def _build_cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derive_key(key)) for key in keys])


def _derive_key(secret: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ibcr-rbm stored secrets")
    return base64.urlsafe_b64encode(derivation.derive(secret.encode()))
