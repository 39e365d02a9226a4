"""Whether a PDF is one that was issued, and whether its figures are those that were reported.

Four witnesses: the bytes of the file, the figures that it states, the same worked out again from
the records that it cites, and the sealed rows in the database.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import override

from reporting.annual_report.content.data_files import data_files, figures_of
from reporting.annual_report.snapshot.reader import load_rows, read_snapshot
from reporting.annual_report.verification.extraction import (
    Unreadable,
    extract_claims,
    extract_figures,
    extract_files,
)
from reporting.annual_report.verification.recompute import FigureKey, recalculate, stated_values
from reporting.models import AnnualReport, ReportFile, ReportRows
from strategy.choices import Measure


@dataclass(frozen=True)
class Difference:
    """One figure on which the witnesses disagree. None is no data; "" was not told at all."""

    figure: FigureKey
    worked_out: str | None
    stated: str | None
    sealed: str | None


@dataclass(frozen=True)
class Verification:
    """What was found out about a file.

    ``issued`` is the file whose bytes these are, None if they are nobody's. ``report`` is the
    report that it is, or says that it is, if there is such a one; ``claims`` what it says of
    itself. ``unreadable`` says why its figures cannot be compared; else ``compared`` is how many
    were. ``others`` are the places of its data, beside the figures, that are not as issued.
    """

    sha256: str
    issued: ReportFile | None
    report: AnnualReport | None
    latest: AnnualReport | None
    claims: Mapping[str, str]
    is_draft: bool
    unreadable: str
    compared: int
    differences: tuple[Difference, ...]
    others: tuple[str, ...]

    @property
    def is_genuine(self) -> bool:
        """Whether it was issued with these bytes, and its figures are those in the database."""
        return bool(self.issued and not self.unreadable and not self.differences)

    @property
    def is_superseded(self) -> bool:
        return bool(self.report and self.latest and self.latest.version > self.report.version)


def verify(content: bytes) -> Verification:
    """Read a file that may be damaged, foreign or hostile; four queries and one or two more."""
    sha256 = hashlib.sha256(content).hexdigest()
    issued = ReportFile.objects.filter(sha256=sha256).first()
    claims = extract_claims(content)
    report = _report_of(issued, claims)
    data: Mapping[str, Any] = {}
    differences: tuple[Difference, ...] = ()
    others: tuple[str, ...] = ()
    unreadable, compared = "", 0
    try:
        data = extract_figures(content)
        told = stated_values(data)
        compared = len(told)
        if report:
            differences, others = _against(report, data, content, is_issued=bool(issued))
    except Unreadable as error:
        unreadable = str(error)
    return Verification(
        sha256,
        issued,
        report,
        _latest(report),
        claims,
        data.get("is_draft") is True,
        unreadable,
        compared,
        differences,
        others,
    )


def _report_of(issued: ReportFile | None, claims: Mapping[str, str]) -> AnnualReport | None:
    """The report that the file is; where nobody issued it, the one that it says that it is."""
    reports = AnnualReport.objects.with_address()
    if issued:
        return reports.get(pk=issued.report_id)
    if not {"plan", "year", "version"} <= claims.keys():
        return None
    version = min(int(claims["version"]), 32767)
    return reports.filter(plan_code=claims["plan"], year=claims["year"], version=version).first()


def _latest(report: AnnualReport | None) -> AnnualReport | None:
    if report is None:
        return None
    same = AnnualReport.objects.filter(plan_id=report.plan_id, year=report.year)
    return same.order_by("-version").first()


def _against(
    report: AnnualReport, data: Mapping[str, Any], content: bytes, *, is_issued: bool
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """The figures that differ, and of a file that was not issued what else in its data does."""
    rows = load_rows(report)
    languages = [code for code, _name in settings.LANGUAGES]
    said = data.get("language")
    with override(said if said in languages else settings.LANGUAGE_CODE):
        reported = read_snapshot(rows)
        sealed = json.loads(json.dumps(figures_of(rows, reported, is_draft=False)))
        files = data_files(rows, reported, is_draft=False)
    differences = tuple(_differences(rows, data, sealed))
    if is_issued:
        return differences, ()
    tables = {file.content: file.name for file in files if file.name.endswith("csv")}
    for held in extract_files(content):
        tables.pop(held, None)
    return differences, (*_elsewhere(data, sealed), *tables.values())


def _differences(
    rows: ReportRows, data: Mapping[str, Any], sealed: Mapping[str, Any]
) -> Iterator[Difference]:
    amounts = {
        actual.code: (actual.numerator, actual.denominator)
        for actual in rows.actuals
        if actual.measure == Measure.GROWTH
    }
    again, in_file, in_rows = recalculate(data, amounts), stated_values(data), stated_values(sealed)
    for figure in dict.fromkeys([*in_rows, *in_file, *again]):
        values = [witness.get(figure, "") for witness in (again, in_file, in_rows)]
        if len(set(values)) > 1:
            yield Difference(figure, *values)


def _elsewhere(told: Any, sealed: Any, place: str = "") -> Iterator[str]:
    """The places where two pieces of data differ, as deep as both have the same parts."""
    if isinstance(told, list) and isinstance(sealed, list):
        told, sealed = _by_key(told), _by_key(sealed)
    if isinstance(told, dict) and isinstance(sealed, dict):
        for key in dict.fromkeys([*sealed, *told]):
            inner = f"{place}/{_printable(str(key)[:60])}"
            if key not in told or key not in sealed:
                yield inner
            elif told[key] != sealed[key]:
                yield from _elsewhere(told[key], sealed[key], inner)
    elif told != sealed:
        yield place


def _printable(key: str) -> str:
    """The name without what would break a page, or give orders to a terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in key)


def _by_key(items: list[Any]) -> dict[Any, Any]:
    """The items by what they are called, so that one too many does not shift the others."""
    return {_key(item, number): item for number, item in enumerate(items)}


def _key(item: Any, number: int) -> Any:
    if isinstance(item, str):
        return item
    if isinstance(item, dict):
        for name in ("code", "reference", "year"):
            if isinstance(item.get(name), str):
                return item[name]
    return number
