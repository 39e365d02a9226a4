"""Check whether a PDF is a signed annual report, and name the first row that differs.

Exit 0: signed by a trusted key, and nothing in the database differs. 1: not so. 2: the file, the
signature or the key cannot be read.
"""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reporting.annual_report.sealing.keys import parse_public_key
from reporting.annual_report.verification.compare import Difference, Verification, verify
from reporting.annual_report.verification.extraction import MAX_FILE_SIZE
from reporting.annual_report.verification.proof import CheckState
from reporting.annual_report.verification.result import MAX_LISTED
from reporting.models import AnnualReport

CHECK_MARKS = {
    CheckState.PASSED: "proved",
    CheckState.FAILED: "NOT PROVED",
    CheckState.SKIPPED: "not checked",
}


class Command(BaseCommand):
    help = (
        "Check the signatures of an annual report, the sealed rows and the chain in the database, "
        "and compare the figures. Exit 1 where anything differs, 2 where the file cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.pdf", type=Path)
        parser.add_argument(
            "--signature",
            metavar="FILE.sig",
            type=Path,
            help="the signature of the file; without it, the one that the database has is used",
        )
        parser.add_argument(
            "--public-key",
            metavar="KEY",
            help="trust this key alone: 64 digits as printed in the report, or a PEM file",
        )

    def handle(self, *args: object, file: Path, **options: Any) -> None:
        signature, key = options.get("signature"), options.get("public_key")
        found = verify(
            _read_file(file),
            _read_file(signature) if signature else b"",
            frozenset({_read_public_key(key)}) if key else None,
        )
        for line in _describe(found):
            self.stdout.write(line)
        if not found.is_genuine:
            raise CommandError(f"{file}: {_get_advice(found)}")
        self.stdout.write(self.style.SUCCESS(f"{file}: {_get_verdict(found)}"))


def _get_verdict(found: Verification) -> str:
    if found.report:
        return "genuine. It is as it was signed, and the database agrees."
    return "as it was signed. No database was compared with it."


def _get_advice(found: Verification) -> str:
    if found.is_signed:
        return "the file is as it was signed, but the database is not: ask who maintains it."
    if found.report and not found.issued:
        return "not proved. Take the issued file from the page of annual reports."
    return "not proved. Do not rely on it."


def _read_public_key(text: str) -> str:
    try:
        path = Path(text)
        return parse_public_key(path.read_text("ascii") if text.endswith(".pem") else text)
    except (OSError, ValueError) as error:
        raise CommandError(
            "--public-key: write the 64 digits of the key, or the path of its PEM file.",
            returncode=2,
        ) from error


def _read_file(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise CommandError(f"{path}: there is no such file.", returncode=2)
        if path.stat().st_size > MAX_FILE_SIZE:
            most = MAX_FILE_SIZE // (1024 * 1024)
            raise CommandError(f"{path}: larger than any report ({most} MB).", returncode=2)
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.", returncode=2) from error


def _describe(found: Verification) -> Iterator[str]:
    yield from _describe_identity(found)
    for check in found.all_checks:
        yield f"  {CHECK_MARKS[check.state]}: {check.text}"
    if found.is_superseded and found.latest:
        yield (
            f"Superseded: version {found.latest.version} of this report was issued on "
            f"{found.latest.issued_at.date()}."
        )
    if found.unreadable:
        yield f"Its figures cannot be compared: {found.unreadable}."
    elif found.report:
        yield from _describe_comparison(found)


def _describe_identity(found: Verification) -> Iterator[str]:
    if found.is_signed and found.report:
        language = _name_language(found.claims.get("language", ""))
        issue = f", {_describe_issue(found.report)}" if found.is_genuine else ""
        yield (
            f"It is the {_name_report(found.report)}, in {language}{issue} "
            f"(SHA-256 {found.sha256})."
        )
        return
    if found.is_draft:
        yield "It is a draft. No draft is ever issued."
    held = "a file" if found.issued else "no file"
    yield f"The database holds {held} with its bytes (SHA-256 {found.sha256})."
    if found.report:
        language = _name_language(found.claims.get("language", ""))
        yield f"It says that it is the {_name_report(found.report)}, in {language}."
        yield from _list_issued_files(found.report)
    elif found.claims:
        said = ", ".join(f"{name} {value}" for name, value in found.claims.items())
        yield f"It says of itself: {said}. The database has no such report."
    else:
        yield "It does not say which report it is."


def _list_issued_files(report: AnnualReport) -> Iterator[str]:
    yield f"That report was {_describe_issue(report)}. Its files:"
    for file in report.files.all():
        yield f"  {file.name}: SHA-256 {file.sha256}"


def _describe_comparison(found: Verification) -> Iterator[str]:
    if not found.differences:
        yield (f"{found.compared} figures and ratings in the file are those in the database.")
    else:
        yield f"{len(found.differences)} of {found.compared} figures and ratings differ:"
        yield from (
            f"  {_describe_difference(difference)}" for difference in found.differences[:MAX_LISTED]
        )
        yield from _describe_rest(len(found.differences))
    if found.others:
        yield f"Different from the database, of its other data ({len(found.others)}):"
        yield from (f"  {place}" for place in found.others[:MAX_LISTED])
        yield from _describe_rest(len(found.others))
    elif not found.is_signed and not found.issued and not found.differences:
        yield "All its data are those in the database: what differs lies elsewhere in the file."


def _describe_rest(number: int) -> Iterator[str]:
    if number > MAX_LISTED:
        yield f"  and {number - MAX_LISTED} more"


def _describe_difference(difference: Difference) -> str:
    return (
        f"{difference.figure}: in the file {_format_value(difference.stated)}, in the database "
        f"{_format_value(difference.sealed)}"
    )


def _format_value(text: str | None) -> str:
    return "no data" if text is None else text or "nothing"


def _name_report(report: AnnualReport) -> str:
    return f"annual report {report.year} of the plan {report.plan_code}, version {report.version}"


def _describe_issue(report: AnnualReport) -> str:
    return f"issued on {report.issued_at.date()} by {report.issued_by_name}"


def _name_language(code: str) -> str:
    return str(dict(settings.LANGUAGES).get(code, code or "an unknown language"))
