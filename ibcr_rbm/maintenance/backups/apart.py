"""The keys that are kept apart from backups, told by their fingerprints.

A database without them is readable, and worth less: issued reports verify as signed by a stranger,
and nobody's second factor works.
"""

from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from reporting.annual_report.sealing.keys import get_public_key, list_trusted_keys

FINGERPRINT_BYTES = 16

WORTH = {
    "SECRET_KEY": "it opens second factors and waiting e-mails, and signs invitations",
    "REPORT_SIGNING_KEY": "it signed the issued reports",
}
"""Setting -> what is lost without its key."""


def list_fingerprints() -> dict[str, list[str]]:
    """Return the fingerprints of the keys of this installation, by setting."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    public_key = get_public_key()
    return {
        "SECRET_KEY": [_digest_secret(secret) for secret in secrets],
        "REPORT_SIGNING_KEY": [public_key] if public_key else [],
    }


def find_missing_keys(fingerprints: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the fingerprints of a backup whose keys this installation lacks, by setting."""
    secrets = set(list_fingerprints()["SECRET_KEY"])
    present = {"SECRET_KEY": secrets, "REPORT_SIGNING_KEY": set(list_trusted_keys())}
    missing = {
        setting: [key for key in keys if key not in present.get(setting, set())]
        for setting, keys in fingerprints.items()
    }
    return {setting: keys for setting, keys in missing.items() if keys}


def _digest_secret(secret: str) -> str:
    info = b"ibcr-rbm fingerprint in backups"
    derivation = HKDF(algorithm=SHA256(), length=FINGERPRINT_BYTES, salt=None, info=info)
    return derivation.derive(secret.encode()).hex()
