"""The roll-up of the plan 2017-2020 against hand-written SQL, whose rules are hard-coded.

``calculate_values`` reads the fourteen values alone in one statement, as of the last day of a year.
``calculate_parts`` does the work of the roll-up in one statement: each window, and each country,
sector, field and year behind a value. Both are references of its speed and of its values.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from reporting.figures.rollup import Rollup, TargetRow, build_rollup
from strategy.choices import Measure
from strategy.models import Country, Plan
from tools.benchmark.timing import read_memory, time_in_turn


def _in_span(start: str, end: str) -> str:
    known = f"'{start[:4]}', '{start[:7]}'"
    return (
        f"r.starts_on <= {end}"
        f" AND (r.ends_on IS NULL OR r.ends_on >= '{start}' OR r.ends_on IN ({known}))"
    )


def _on_day(column: str, start: str, end: str) -> str:
    known = f"'{start[:4]}', '{start[:7]}'"
    return f"r.{column} <= {end} AND (r.{column} >= '{start}' OR r.{column} IN ({known}))"


_APPROVED = "r.status = 'approved'"
_SPAN = _in_span("2017-01-01", "%(day)s")
_DAY = _on_day("{column}", "2017-01-01", "%(day)s")
_THIS_YEAR = (
    "r.{column} <= %(day)s"
    " AND (r.{column} >= %(new_year)s OR r.{column} IN (%(year)s, %(january)s))"
)
_ABROAD = (
    "EXISTS (SELECT 1 FROM indicators_initiative_countries c"
    " WHERE c.initiative_id = r.id AND c.country_id <> %(canada)s)"
)
_NAMES_NONE = (
    "NOT EXISTS (SELECT 1 FROM indicators_initiative_countries c WHERE c.initiative_id = r.id)"
)
_TARGETED = (
    "SELECT lc.country_id FROM strategy_countrylist_countries lc"
    " JOIN strategy_countrylist l ON l.id = lc.countrylist_id"
    " WHERE l.code IN ('canada', 'foreign_policy')"
)


def _filed(code: str) -> str:
    return (
        "SELECT count(*) FROM indicators_actionreport r"
        f" WHERE {_APPROVED} AND r.year_covered = %(year)s AND r.issued_on <= %(day)s"
        " AND EXISTS (SELECT 1 FROM indicators_actionreport_filed_under f"
        " JOIN strategy_indicator i ON i.id = f.indicator_id"
        f" WHERE f.actionreport_id = r.id AND i.code = '{code}')"
    )


VALUES = {
    "1.1-initiatives": (
        f"SELECT count(*) FROM indicators_initiative r WHERE {_APPROVED} AND {_SPAN}"
        f" AND ({_ABROAD} OR (r.scope IN ('regional', 'global') AND {_NAMES_NONE}))"
    ),
    "1.1-countries": (
        "SELECT count(DISTINCT c.country_id) FROM indicators_initiative r"
        " JOIN indicators_initiative_countries c ON c.initiative_id = r.id"
        f" WHERE {_APPROVED} AND {_SPAN} AND c.country_id <> %(canada)s"
    ),
    "1.2-fields": (
        "SELECT min(share) FROM (SELECT coalesce(sum(w.weight), 0) * 100.0 /"
        " nullif((SELECT count(DISTINCT id) FROM weights), 0) AS share"
        " FROM strategy_plan_fields_of_activity p"
        " LEFT JOIN weights w ON w.field_id = p.fieldofactivity_id"
        " WHERE p.plan_id = %(plan)s GROUP BY p.fieldofactivity_id) shares"
    ),
    "1.3-sectors": (
        "SELECT count(DISTINCT r.sector_id) FROM indicators_sectorstrengthened r"
        f" WHERE {_APPROVED} AND r.country_id = %(canada)s AND r.state = 'in_use'"
        f" AND {_DAY.format(column='occurred_on')}"
    ),
    "2.1-countries": (
        "SELECT count(DISTINCT r.country_id) FROM indicators_countrysupport r"
        f" WHERE {_APPROVED} AND {_SPAN} AND r.country_id <> %(canada)s"
    ),
    "2.1-decisions": (
        f"SELECT count(*) FROM indicators_decision r WHERE {_APPROVED}"
        f" AND {_DAY.format(column='occurred_on')} AND r.authority_country_id <> %(canada)s"
    ),
    "2.2-decisions": (
        f"SELECT count(*) FROM indicators_decision r WHERE {_APPROVED}"
        f" AND {_DAY.format(column='occurred_on')} AND r.authority_country_id = %(canada)s"
        " AND EXISTS (SELECT 1 FROM indicators_decision_countries_concerned c"
        f" WHERE c.decision_id = r.id AND c.country_id IN ({_TARGETED}))"
    ),
    "2.3-networks": f"SELECT count(*) FROM indicators_network r WHERE {_APPROVED} AND {_SPAN}",
    "2.3-events": (
        f"SELECT count(*) FROM indicators_event r WHERE {_APPROVED}"
        f" AND {_DAY.format(column='occurred_on')}"
        " AND r.role IN ('organised', 'co_organised', 'contributed')"
        " AND r.kind IN ('conference', 'workshop', 'webinar', 'campaign')"
    ),
    "3.1-report": _filed("3.1"),
    "3.2-report": _filed("3.2"),
    "3.3-sponsors": (
        f"SELECT count(*) FROM indicators_sponsor r WHERE {_APPROVED}"
        f" AND {_THIS_YEAR.format(column='first_agreement_on')}"
    ),
    "3.3-budget": (
        "SELECT max((r.amount - b.amount) * 100.0 / b.amount) FROM indicators_annualbudget r"
        " JOIN indicators_annualbudget b ON b.currency = r.currency AND b.basis = r.basis"
        f" WHERE {_APPROVED} AND b.status = 'approved' AND r.basis = 'approved'"
        " AND r.year = %(year)s AND b.year = %(year_before)s"
    ),
    "3.4-policies": (
        "SELECT count(DISTINCT a.policyarea_id) FROM indicators_policyupdate r"
        " JOIN indicators_policyupdate_areas a ON a.policyupdate_id = r.id"
        f" WHERE {_APPROVED} AND {_THIS_YEAR.format(column='occurred_on')}"
    ),
}

_WEIGHTS = (
    "WITH weights AS (SELECT r.id, f.fieldofactivity_id AS field_id,"
    " 1.0 / count(*) OVER (PARTITION BY r.id) AS weight FROM indicators_initiative r"
    " JOIN indicators_initiative_fields_of_activity f ON f.initiative_id = r.id"
    f" WHERE {_APPROVED} AND {_SPAN})"
)


def calculate_values(plan_id: int, canada_id: int, last_day: date) -> dict[str, Decimal | None]:
    """Return the fourteen values as of the last day of a year, in one query."""
    parameters: dict[str, int | str] = {
        "plan": plan_id,
        "canada": canada_id,
        "day": last_day.isoformat(),
        "year": str(last_day.year),
        "new_year": f"{last_day.year}-01-01",
        "january": f"{last_day.year}-01",
        "year_before": str(last_day.year - 1),
    }
    columns = ", ".join(f"({sql})" for sql in VALUES.values())
    with connection.cursor() as cursor:
        cursor.execute(f"{_WEIGHTS} SELECT {columns}", parameters)
        row = cursor.fetchone()
    return {
        code: None if value is None else Decimal(str(value))
        for code, value in zip(VALUES, row, strict=True)
    }


@dataclass(frozen=True)
class Part:
    """Where the roll-up finds the records of a target, apart from their dates.

    Its rows are one for each ``key`` and number of ``parts`` that a record is divided into.
    """

    source: str
    column: str = ""
    """The column with their date; empty: from `starts_on` to `ends_on`."""
    is_yearly: bool = False
    key: str = "0"
    parts: str = "0"
    number: str = "count(*)"

    def write_dates(self, start: str, end: str, as_of: str) -> str:
        if self.column == "year_covered":
            covered = f"r.year_covered BETWEEN '{start[:4]}' AND '{end[:4]}'"
            return f"{covered} AND r.issued_on <= '{as_of}'"
        if self.column == "year":
            return "true"
        if self.column:
            return _on_day(self.column, start, f"'{end}'")
        return _in_span(start, f"'{end}'")

    def write(self, code: str, as_of: date) -> str:
        span = ("2017-01-01", f"{as_of}")
        windows = [span, (f"{as_of.year}-01-01", f"{as_of}")]
        if self.is_yearly:
            windows = [(f"{y}-01-01", min(f"{y}-12-31", f"{as_of}")) for y in range(2017, 2021)]
        if self.column == "year":
            windows = [span]
        numbers = [
            f"{self.number} FILTER (WHERE {self.write_dates(*window, f'{as_of}')})"
            if window != span
            else self.number
            for window in windows
        ]
        numbers += ["0"] * (4 - len(numbers))
        return (
            f"SELECT '{code}', {self.key}, {self.parts}, {', '.join(numbers)} FROM {self.source}"
            f" AND {self.write_dates(*span, f'{as_of}')} GROUP BY 2, 3"
        )


def _filed_part(code: str) -> Part:
    return Part(
        f"indicators_actionreport r WHERE {_APPROVED}"
        " AND EXISTS (SELECT 1 FROM indicators_actionreport_filed_under f"
        " JOIN strategy_indicator i ON i.id = f.indicator_id"
        f" WHERE f.actionreport_id = r.id AND i.code = '{code}')",
        "year_covered",
        is_yearly=True,
    )


_OUTSIDE = f"({_ABROAD} OR (r.scope IN ('regional', 'global') AND {_NAMES_NONE}))"
PARTS = {
    "1.1-initiatives": Part(f"indicators_initiative r WHERE {_APPROVED} AND {_OUTSIDE}"),
    "1.1-countries": Part(
        "indicators_initiative r JOIN indicators_initiative_countries c ON c.initiative_id = r.id"
        f" WHERE {_APPROVED} AND c.country_id <> %(canada)s",
        key="c.country_id",
    ),
    "1.2-fields": Part(
        "(SELECT r.starts_on, r.ends_on, f.fieldofactivity_id AS field,"
        " count(*) OVER (PARTITION BY r.id) AS parts FROM indicators_initiative r"
        " JOIN indicators_initiative_fields_of_activity f ON f.initiative_id = r.id"
        " JOIN strategy_plan_fields_of_activity p"
        " ON p.fieldofactivity_id = f.fieldofactivity_id AND p.plan_id = %(plan)s"
        f" WHERE {_APPROVED} AND {_SPAN}) r WHERE true",
        key="r.field",
        parts="r.parts",
    ),
    "1.3-sectors": Part(
        f"indicators_sectorstrengthened r WHERE {_APPROVED} AND r.country_id = %(canada)s"
        " AND r.state = 'in_use'",
        "occurred_on",
        key="r.sector_id",
    ),
    "2.1-countries": Part(
        f"indicators_countrysupport r WHERE {_APPROVED} AND r.country_id <> %(canada)s",
        key="r.country_id",
    ),
    "2.1-decisions": Part(
        f"indicators_decision r WHERE {_APPROVED} AND r.authority_country_id <> %(canada)s",
        "occurred_on",
    ),
    "2.2-decisions": Part(
        f"indicators_decision r WHERE {_APPROVED} AND r.authority_country_id = %(canada)s"
        " AND EXISTS (SELECT 1 FROM indicators_decision_countries_concerned c"
        f" WHERE c.decision_id = r.id AND c.country_id IN ({_TARGETED}))",
        "occurred_on",
    ),
    "2.3-networks": Part(f"indicators_network r WHERE {_APPROVED}"),
    "2.3-events": Part(
        f"indicators_event r WHERE {_APPROVED}"
        " AND r.role IN ('organised', 'co_organised', 'contributed')"
        " AND r.kind IN ('conference', 'workshop', 'webinar', 'campaign')",
        "occurred_on",
    ),
    "3.1-report": _filed_part("3.1"),
    "3.2-report": _filed_part("3.2"),
    "3.3-sponsors": Part(
        f"indicators_sponsor r WHERE {_APPROVED}", "first_agreement_on", is_yearly=True
    ),
    "3.3-budget": Part(
        f"indicators_annualbudget r WHERE {_APPROVED} AND r.basis = 'approved'",
        "year",
        key="CAST(r.year AS integer)",
        number="sum(r.amount)",
    ),
    "3.4-policies": Part(
        "indicators_policyupdate r"
        " JOIN indicators_policyupdate_areas a ON a.policyupdate_id = r.id"
        f" WHERE {_APPROVED}",
        "occurred_on",
        is_yearly=True,
        key="a.policyarea_id",
    ),
}

Line = tuple[str, int, int, Decimal, Decimal, Decimal, Decimal]
"""The code of a target, a key, the parts of a record, and the number of each window."""


def calculate_parts(plan_id: int, canada_id: int, as_of: date) -> list[Line]:
    """Return all that the roll-up reads, in one query."""
    sql = " UNION ALL ".join(part.write(code, as_of) for code, part in PARTS.items())
    parameters: dict[str, int | str] = {
        "plan": plan_id,
        "canada": canada_id,
        "day": as_of.isoformat(),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [tuple(row) for row in cursor.fetchall()]


def find_part_differences(rollup: Rollup, lines: Iterable[Line]) -> list[str]:
    """Return the targets of which a value, or the records behind one, differ from the SQL."""
    by_code: dict[str, list[Line]] = {code: [] for code in PARTS}
    for line in lines:
        by_code[line[0]].append(line)
    found = []
    for row in rollup.targets:
        values, by_hand = _list_values(row), _list_values_by_hand(row, by_code[row.target.code])
        if values != by_hand:
            found.append(f"{row.target.code}: {values}, by hand {by_hand}")
    return found


def _list_values(row: TargetRow) -> list[list[Decimal]]:
    if row.years:
        return [[_round(year.value)] for year in row.years]
    return [
        [
            _round(actual.value),
            *sorted(Decimal(part.records) for part in actual.measurement.slices if part.records),
        ]
        for actual in (row.actual, row.this_year)
    ]


def _list_values_by_hand(row: TargetRow, lines: Sequence[Line]) -> list[list[Decimal]]:
    if row.target.measure == Measure.GROWTH:
        amounts = {line[1]: Decimal(line[3]) for line in lines}
        years = [year.year.starts_on.year for year in row.years]
        return [
            [_round((amounts[y] - amounts[y - 1]) * 100 / amounts[y - 1])]
            for y in years
            if {y - 1, y} <= amounts.keys()
        ]
    return [_read_window(row, lines, place) for place in range(3, 3 + (len(row.years) or 2))]


def _read_window(row: TargetRow, lines: Sequence[Line], place: int) -> list[Decimal]:
    weights: dict[int, Decimal] = {}
    records: dict[int, Decimal] = {}
    for line in lines:
        number = Decimal(line[place])
        if number:
            records[line[1]] = records.get(line[1], Decimal(0)) + number
            weights[line[1]] = weights.get(line[1], Decimal(0)) + number / (line[2] or 1)
    if row.target.measure == Measure.COUNT:
        return [sum(records.values(), Decimal(0))]
    slices = [] if row.years else sorted(records.values())
    if row.target.measure == Measure.DISTINCT:
        return [Decimal(len(records)), *slices]
    smallest = min(weights.values())
    if len(weights) < len(row.actual.measurement.slices):
        smallest = Decimal(0)
    return [_round(smallest * 100 / sum(weights.values())), *slices]


def _round(value: Decimal | None) -> Decimal:
    return round(value or Decimal(0), 9)


def find_differences(rollup: Rollup, by_hand_values: dict[str, Any]) -> list[str]:
    """Return the targets whose value differs from the hand-written SQL, to nine decimals."""
    found = []
    for line in rollup.targets:
        sql = by_hand_values[line.target.code]
        if abs(Decimal(line.value or 0) - Decimal(sql or 0)) > Decimal("1e-9"):
            found.append(f"{line.target.code}: {line.value}, by hand {sql}")
    return found


COLUMNS = (
    "records",
    "roll-up",
    "queries",
    "the fourteen values by hand",
    "ratio",
    "the same work by hand",
    "ratio",
    "peak memory",
    "values",
)


def measure_rollup(plan: Plan, as_of: date, size: int, runs: int) -> tuple[object, ...]:
    """Return a row of the table of the roll-up: its cost, and that of both statements by hand."""
    canada = Country.objects.get(code="CA").pk
    rollup = build_rollup(plan, as_of)
    differing = [
        *find_differences(rollup, calculate_values(plan.pk, canada, as_of)),
        *find_part_differences(rollup, calculate_parts(plan.pk, canada, as_of)),
    ]
    mine, values, parts = time_in_turn(
        [
            lambda: build_rollup(plan, as_of),
            lambda: calculate_values(plan.pk, canada, as_of),
            lambda: calculate_parts(plan.pk, canada, as_of),
        ],
        runs,
    )
    with CaptureQueriesContext(connection) as queries:
        build_rollup(plan, as_of)
    return (
        f"{size:,}",
        mine,
        len(queries),
        values,
        mine.against(values),
        parts,
        mine.against(parts),
        f"{read_memory()} MB",
        "; ".join(differing) or "all equal",
    )
