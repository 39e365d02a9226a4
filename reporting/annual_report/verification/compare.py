"""Whether a PDF was issued here, and whether its figures are those reported.

The digest of its bytes is compared with the digests of the issued files, and the data that it
embeds with the sealed rows in the database.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.translation import override

from reporting.annual_report.content.data_files import build_data_files, build_figures
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.annual_report.verification.extraction import (
    Unreadable,
    extract_claims,
    extract_figures,
    extract_files,
)
from reporting.annual_report.verification.figures import Data, FigureKey, read_figures
from reporting.models import AnnualReport, ReportFile


@dataclass(frozen=True)
class Difference:
    """One figure that the file states differently. None is no data; "" is not stated at all."""

    figure: FigureKey
    stated: str | None
    sealed: str | None


@dataclass(frozen=True)
class Verification:
    """The result of checking a file.

    ``issued`` is the issued file with these bytes, if any. ``report`` is the report that the file
    is, or claims to be; ``claims`` is what it says of itself. ``unreadable`` says why its figures
    cannot be compared; else ``compared`` is the number of figures. ``others`` are the places of
    its other data that are not as issued.
    """

    sha256: str
    issued: ReportFile | None
    report: AnnualReport | None
    latest: AnnualReport | None
    claims: Mapping[str, str]
    is_draft: bool = False
    unreadable: str = ""
    compared: int = 0
    differences: tuple[Difference, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def is_genuine(self) -> bool:
        """Whether it was issued with these bytes, and its figures are those in the database."""
        return bool(self.issued and not self.unreadable and not self.differences)

    @property
    def is_superseded(self) -> bool:
        return bool(self.report and self.latest and self.latest.version > self.report.version)


def verify(content: bytes) -> Verification:
    """Check a file that may be damaged, foreign or hostile, in at most six queries."""
    sha256 = hashlib.sha256(content).hexdigest()
    issued = ReportFile.objects.filter(sha256=sha256).first()
    claims = extract_claims(content)
    report = _find_report(issued, claims)
    identified = Verification(sha256, issued, report, _find_latest(report), claims)
    try:
        data = extract_figures(content)
    except Unreadable as error:
        return replace(identified, unreadable=str(error))
    checked = replace(identified, is_draft=data.get("is_draft") is True)
    try:
        compared = len(read_figures(data))
        if report is None:
            return replace(checked, compared=compared)
        differences, others = _compare(report, data, content, is_issued=bool(issued))
    except Unreadable as error:
        return replace(checked, unreadable=str(error))
    return replace(checked, compared=compared, differences=differences, others=others)


def _find_report(issued: ReportFile | None, claims: Mapping[str, str]) -> AnnualReport | None:
    reports = AnnualReport.objects.with_address()
    if issued:
        return reports.get(pk=issued.report_id)
    if not {"plan", "year", "version"} <= claims.keys():
        return None
    version = min(int(claims["version"]), 32767)
    return reports.filter(plan_code=claims["plan"], year=claims["year"], version=version).first()


def _find_latest(report: AnnualReport | None) -> AnnualReport | None:
    if report is None:
        return None
    same = AnnualReport.objects.filter(plan_id=report.plan_id, year=report.year)
    return same.order_by("-version").first()


def _compare(
    report: AnnualReport, data: Data, content: bytes, *, is_issued: bool
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    rows = load_rows(report)
    languages = [code for code, _name in settings.LANGUAGES]
    language = data.get("language")
    with override(language if language in languages else settings.LANGUAGE_CODE):
        reported = read_snapshot(rows)
        sealed = json.loads(json.dumps(build_figures(rows, reported, is_draft=False)))
        files = build_data_files(rows, reported, is_draft=False)
    differences = tuple(_find_differences(data, sealed))
    if is_issued:
        return differences, ()
    tables = {file.content: file.name for file in files if file.name.endswith("csv")}
    for embedded in extract_files(content):
        tables.pop(embedded, None)
    return differences, (*_find_places(data, sealed), *tables.values())


def _find_differences(data: Data, sealed: Data) -> Iterator[Difference]:
    in_file, in_rows = read_figures(data), read_figures(sealed)
    for figure in dict.fromkeys([*in_rows, *in_file]):
        stated, reported = in_file.get(figure, ""), in_rows.get(figure, "")
        if stated != reported:
            yield Difference(figure, stated, reported)


def _find_places(data: object, sealed: object, place: str = "") -> Iterator[str]:
    if isinstance(data, list) and isinstance(sealed, list):
        data, sealed = _map_items(data), _map_items(sealed)
    if isinstance(data, dict) and isinstance(sealed, dict):
        for key in dict.fromkeys([*sealed, *data]):
            inner = f"{place}/{_replace_controls(str(key)[:60])}"
            if key not in data or key not in sealed:
                yield inner
            elif data[key] != sealed[key]:
                yield from _find_places(data[key], sealed[key], inner)
    elif data != sealed:
        yield place


def _replace_controls(key: str) -> str:
    """Replace the characters that break a page or control a terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in key)


def _map_items(items: list[object]) -> dict[object, object]:
    """Return the items by their name, so that an added item does not shift the others."""
    return {_get_key(item, number): item for number, item in enumerate(items)}


def _get_key(item: object, number: int) -> object:
    if isinstance(item, str):
        return item
    if isinstance(item, dict):
        for name in ("code", "reference", "year"):
            if isinstance(item.get(name), str):
                return item[name]
    return number
