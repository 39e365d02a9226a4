"""The signed statement that a PDF embeds about its other embedded files.

Together with a public key from elsewhere it proves the embedded data without a database.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from reporting.annual_report.sealing.digests import build_canonical, build_digest
from reporting.annual_report.sealing.seals import (
    FORMAT_VERSION,
    SignedText,
    get_signed_text,
    sign_statement,
)
from reporting.models import AnnualReport, ReportSeal

FORMAT = "ibcr-report-file-seal"


@dataclass(frozen=True)
class FileSeal:
    """Two signed statements: ``file`` about the embedded files, ``report`` about the rows."""

    file: SignedText
    report: SignedText


def build_file_seal(
    report: AnnualReport, seal: ReportSeal, language: str, files: Mapping[str, bytes]
) -> bytes:
    """Return the content of the embedded seal of these files. Raises SigningKeyMissing."""
    sealed = get_signed_text(seal)
    statement = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "plan": report.plan_code,
        "year": report.year,
        "version": report.version,
        "language": language,
        "report": sealed.digest,
        "files": {name: build_digest(content) for name, content in files.items()},
    }
    texts = {"file": asdict(sign_statement(statement)), "report": asdict(sealed)}
    return build_canonical({"format": FORMAT, **texts})


def parse_file_seal(content: bytes) -> FileSeal | None:
    """Return the seal of a file that may be anybody's; None if it is damaged."""
    try:
        read: Any = json.loads(content)
        texts = {name: SignedText(**read[name]) for name in ("file", "report")}
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    parts = [part for text in texts.values() for part in asdict(text).values()]
    if not all(isinstance(part, str) for part in parts):
        return None
    return FileSeal(**texts)
