"""Check whether a PDF is an annual report as issued, and list the figures that differ.

Exit 0: issued with these bytes, and every figure agrees. 1: not so. 2: the file cannot be read.
"""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reporting.annual_report.verification.compare import Difference, Verification, verify
from reporting.annual_report.verification.extraction import MAX_FILE_SIZE
from reporting.annual_report.verification.result import MAX_LISTED
from reporting.models import AnnualReport


class Command(BaseCommand):
    help = (
        "Recognise an issued annual report and compare the figures in the file with those "
        "reported. Exit 1 where anything differs, 2 where the file cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.pdf", type=Path)

    def handle(self, *args: object, file: Path, **options: object) -> None:
        found = verify(_read_file(file))
        for line in _describe(found):
            self.stdout.write(line)
        if not found.is_genuine:
            raise CommandError(
                f"{file}: this is not a report as it was issued. {_get_advice(found)}"
            )
        self.stdout.write(
            self.style.SUCCESS(f"{file}: genuine. Nobody changed a byte of it since it was issued.")
        )


def _get_advice(found: Verification) -> str:
    if found.issued:
        return "The database does not say what the file says: ask who keeps it."
    if found.report:
        return "Do not rely on it: take the issued file from the page of annual reports."
    return "Do not rely on it."


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
    if found.issued and found.report:
        yield (
            f"It is the {_name_report(found.report)}, in {_name_language(found.issued.language)}, "
            f"{_describe_issue(found.report)}. Its bytes are those issued (SHA-256 {found.sha256})."
        )
        return
    if found.is_draft:
        yield "It is a draft. No draft is ever issued."
    yield f"Its bytes are not those of any file issued here (SHA-256 {found.sha256})."
    if found.report:
        language = _name_language(found.claims.get("language", ""))
        yield f"It says that it is the {_name_report(found.report)}, in {language}."
        yield from _list_issued_files(found.report)
    elif found.claims:
        said = ", ".join(f"{name} {value}" for name, value in found.claims.items())
        yield f"It says of itself: {said}. No such report was issued here."
    else:
        yield "It does not say which report it is."


def _list_issued_files(report: AnnualReport) -> Iterator[str]:
    yield f"That report was {_describe_issue(report)}. Its files:"
    for file in report.files.all():
        yield f"  {file.name}: SHA-256 {file.sha256}"


def _describe_comparison(found: Verification) -> Iterator[str]:
    if not found.differences:
        yield (
            f"{found.compared} figures and ratings in the file are those reported, as the database "
            "keeps them."
        )
    else:
        yield f"{len(found.differences)} of {found.compared} figures and ratings differ:"
        yield from (
            f"  {_describe_difference(difference)}" for difference in found.differences[:MAX_LISTED]
        )
        yield from _describe_rest(len(found.differences))
    if found.others:
        yield f"Not as issued, of its other data ({len(found.others)}):"
        yield from (f"  {place}" for place in found.others[:MAX_LISTED])
        yield from _describe_rest(len(found.others))
    elif not found.issued and not found.differences:
        yield "All its data are as issued: what was changed lies elsewhere in the file."


def _describe_rest(number: int) -> Iterator[str]:
    if number > MAX_LISTED:
        yield f"  and {number - MAX_LISTED} more"


def _describe_difference(difference: Difference) -> str:
    return (
        f"{difference.figure}: in the file {_format_value(difference.stated)}, as reported "
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
