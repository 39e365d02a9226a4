"""Say whether a PDF is an annual report as it was issued, and which of its figures are not.

Exit 0: issued with these very bytes, and every figure agrees. 1: not so. 2: it cannot be read.
"""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reporting.annual_report.verification.compare import Difference, Verification, verify
from reporting.annual_report.verification.extraction import LARGEST_FILE
from reporting.annual_report.verification.result import LISTED
from reporting.models import AnnualReport


class Command(BaseCommand):
    help = (
        "Recognise an issued annual report, work its figures out again from the data in the file, "
        "and compare them with what was reported. Exit 1 where anything differs, 2 where the file "
        "cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.pdf", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        found = verify(_content_of(path))
        for line in _told(found):
            self.stdout.write(line)
        if not found.is_genuine:
            raise CommandError(f"{path}: this is not a report as it was issued. {_advice(found)}")
        self.stdout.write(
            self.style.SUCCESS(f"{path}: genuine. Nobody changed a byte of it since it was issued.")
        )


def _advice(found: Verification) -> str:
    if found.issued:
        return "The database does not say what the file says: ask who keeps it."
    if found.report:
        return "Do not rely on it: take the issued file from the page of annual reports."
    return "Do not rely on it."


def _content_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise CommandError(f"{path}: there is no such file.", returncode=2)
        if path.stat().st_size > LARGEST_FILE:
            most = LARGEST_FILE // (1024 * 1024)
            raise CommandError(f"{path}: larger than any report ({most} MB).", returncode=2)
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.", returncode=2) from error


def _told(found: Verification) -> Iterator[str]:
    yield from _identity(found)
    if found.is_superseded and found.latest:
        yield (
            f"Superseded: version {found.latest.version} of this report was issued on "
            f"{found.latest.issued_at.date()}."
        )
    if found.unreadable:
        yield f"Its figures cannot be compared: {found.unreadable}."
    elif found.report:
        yield from _comparison(found)


def _identity(found: Verification) -> Iterator[str]:
    if found.issued and found.report:
        yield (
            f"It is the {_called(found.report)}, in {_language(found.issued.language)}, "
            f"{_issue(found.report)}. Its bytes are those issued (SHA-256 {found.sha256})."
        )
        return
    if found.is_draft:
        yield "It is a draft. No draft is ever issued."
    yield f"Its bytes are not those of any file issued here (SHA-256 {found.sha256})."
    if found.report:
        language = _language(found.claims.get("language", ""))
        yield f"It says that it is the {_called(found.report)}, in {language}."
        yield from _issued_files(found.report)
    elif found.claims:
        said = ", ".join(f"{name} {value}" for name, value in found.claims.items())
        yield f"It says of itself: {said}. No such report was issued here."
    else:
        yield "It does not say which report it is."


def _issued_files(report: AnnualReport) -> Iterator[str]:
    yield f"That report was {_issue(report)}. Its files:"
    for file in report.files.all():
        yield f"  {file.name}: SHA-256 {file.sha256}"


def _comparison(found: Verification) -> Iterator[str]:
    if not found.differences:
        yield (
            f"{found.compared} figures and ratings, worked out again from the data in the file, "
            "are those reported, as the database keeps them."
        )
    else:
        yield f"{len(found.differences)} of {found.compared} figures and ratings differ:"
        yield from (f"  {_difference(one)}" for one in found.differences[:LISTED])
        yield from _more(len(found.differences))
    if found.others:
        yield f"Not as issued, of its other data ({len(found.others)}):"
        yield from (f"  {place}" for place in found.others[:LISTED])
        yield from _more(len(found.others))
    elif not found.issued and not found.differences:
        yield "All its data are as issued: what was changed lies elsewhere in the file."


def _more(number: int) -> Iterator[str]:
    if number > LISTED:
        yield f"  and {number - LISTED} more"


def _difference(one: Difference) -> str:
    return (
        f"{one.figure}: worked out again {_value(one.worked_out)}, in the file "
        f"{_value(one.stated)}, as reported {_value(one.sealed)}"
    )


def _value(text: str | None) -> str:
    return "no data" if text is None else text or "nothing"


def _called(report: AnnualReport) -> str:
    return f"annual report {report.year} of the plan {report.plan_code}, version {report.version}"


def _issue(report: AnnualReport) -> str:
    return f"issued on {report.issued_at.date()} by {report.issued_by_name}"


def _language(code: str) -> str:
    return str(dict(settings.LANGUAGES).get(code, code or "an unknown language"))
