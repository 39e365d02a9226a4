"""The signed statement about a report's rows, chained to that of the report issued before."""

import json
from dataclasses import dataclass, replace
from enum import StrEnum

from reporting.annual_report.sealing.digests import (
    RowDigests,
    RowName,
    build_canonical,
    build_digest,
    build_row_digests,
    format_digests,
    parse_digests,
)
from reporting.annual_report.sealing.keys import (
    get_public_key,
    is_signature_valid,
    list_trusted_keys,
    sign,
)
from reporting.annual_report.snapshot.reader import load_rows
from reporting.models import AnnualReport, ReportRows, ReportSeal

FORMAT_VERSION = 1


class SealFault(StrEnum):
    """The first reason why a seal does not prove the rows of its report."""

    UNSIGNED = "unsigned"
    SIGNATURE = "signature"
    UNTRUSTED = "untrusted"
    OTHER_REPORT = "other_report"
    DIGESTS = "digests"
    ROW_CHANGED = "row_changed"
    ROW_MISSING = "row_missing"
    ROW_ADDED = "row_added"


@dataclass(frozen=True)
class SealProblem:
    """A fault of a seal, and the row that it concerns, if it is one."""

    fault: SealFault
    row: RowName = ()


class SealBroken(Exception):
    """The database no longer holds what was sealed, so no PDF is made from it."""


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


def load_sealed_rows(report: AnnualReport) -> ReportRows:
    """Load the rows with their seal, for a PDF; without it, of a report that was never signed.

    Raises SealBroken.
    """
    rows = load_rows(report)
    seal = ReportSeal.objects.filter(report=report).first()
    problem = find_seal_problem(replace(rows, seal=seal), list_trusted_keys())
    if problem is None:
        return replace(rows, seal=seal)
    if problem.fault == SealFault.UNSIGNED:
        return rows
    raise SealBroken(f"{report}: {problem.fault} {' '.join(problem.row)}".strip())


def find_seal_problem(rows: ReportRows, trusted: frozenset[str]) -> SealProblem | None:
    """Return why the seal does not prove the rows; None if it does."""
    if rows.seal is None or not rows.seal.signature:
        return SealProblem(SealFault.UNSIGNED)
    signed = get_signed_text(rows.seal)
    stated, report = signed.read(), rows.report
    identity = {"plan": report.plan_code, "year": report.year, "version": report.version}
    digest = build_digest(build_canonical(rows.seal.rows))
    if not signed.is_signed:
        return SealProblem(SealFault.SIGNATURE)
    if signed.public_key not in trusted:
        return SealProblem(SealFault.UNTRUSTED)
    if stated.get("rows") != digest:
        return SealProblem(SealFault.DIGESTS)
    altered = find_altered_row(parse_digests(rows.seal.rows), build_row_digests(rows))
    if altered is None and not identity.items() <= stated.items():
        return SealProblem(SealFault.OTHER_REPORT)
    return altered


def find_altered_row(sealed: RowDigests, present: RowDigests) -> SealProblem | None:
    """Return the first row that differs, in the order of the report; added rows come last."""
    for row in dict.fromkeys([*sealed, *present]):
        if row not in present:
            return SealProblem(SealFault.ROW_MISSING, row)
        if row not in sealed:
            return SealProblem(SealFault.ROW_ADDED, row)
        if sealed[row] != present[row]:
            return SealProblem(SealFault.ROW_CHANGED, row)
    return None
