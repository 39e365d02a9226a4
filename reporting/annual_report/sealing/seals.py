"""The signed statement about a report's rows, chained to that of the report issued before."""

import json
from dataclasses import dataclass

from reporting.annual_report.sealing.digests import (
    build_canonical,
    build_digest,
    build_row_digests,
    format_digests,
)
from reporting.annual_report.sealing.keys import get_public_key, is_signature_valid, sign
from reporting.annual_report.snapshot.reader import load_rows
from reporting.models import AnnualReport, ReportSeal

FORMAT_VERSION = 1


@dataclass(frozen=True)
class SignedText:
    """A statement as canonical JSON, with its signature and the public key that checks it."""

    statement: str
    signature: str
    public_key: str

    @property
    def is_signed(self) -> bool:
        """Whether the signature is that of the statement by the key; the key may be anybody's."""
        return is_signature_valid(self.signature, self.statement.encode(), self.public_key)

    @property
    def digest(self) -> str:
        return build_digest(self.statement.encode())

    def read(self) -> dict[str, object]:
        """Return the statement's values; empty if it is no JSON object."""
        try:
            read = json.loads(self.statement)
        except (ValueError, RecursionError):
            return {}
        return read if isinstance(read, dict) else {}


def sign_statement(statement: dict[str, object]) -> SignedText:
    """Sign with the installation's key. Raises SigningKeyMissing."""
    text = build_canonical(statement)
    return SignedText(text.decode(), sign(text), get_public_key())


def get_signed_text(seal: ReportSeal) -> SignedText:
    return SignedText(seal.statement, seal.signature, seal.public_key)


def seal_report(report: AnnualReport) -> ReportSeal:
    """Sign the rows that the database holds of the report, and store its seal.

    The rows are read back, so that their digests are of stored values. The caller's transaction
    must let nobody else seal a report at the same time. Raises SigningKeyMissing.
    """
    rows = format_digests(build_row_digests(load_rows(AnnualReport.objects.get(pk=report.pk))))
    chain = ReportSeal.objects.filter(number__isnull=False).defer("rows")
    latest = chain.order_by("-number").first()
    number = latest.number + 1 if latest and latest.number else 1
    signed = sign_statement(
        {
            "format": "ibcr-report-seal",
            "format_version": FORMAT_VERSION,
            "plan": report.plan_code,
            "year": report.year,
            "version": report.version,
            "number": number,
            "previous": get_signed_text(latest).digest if latest else "",
            "rows": build_digest(build_canonical(rows)),
        }
    )
    return ReportSeal.objects.create(
        report=report,
        number=number,
        statement=signed.statement,
        rows=rows,
        signature=signed.signature,
        public_key=signed.public_key,
    )
