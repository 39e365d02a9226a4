"""A second implementation of the counting rules, in plain Python over the sample files.

It shares no code with the application: a figure on which both agree has two independent sources.
``tests/sample_expectations.json`` stores its results at the end of each year of the plan. A row is
one line of ``fixtures/records``; clauses are those of the counting rules.
"""

import calendar
import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

RECORDS = Path(__file__).resolve().parents[2] / "fixtures" / "records"
YEAR_ENDS = tuple(date(year, 12, 31) for year in (2017, 2018, 2019, 2020))
FIRST_DAY, LAST_DAY = date(2017, 1, 1), date(2020, 12, 31)
FIELDS = ("justice", "violence", "emergencies")
KEY_EVENTS = ("conference", "workshop", "webinar", "campaign")
SUPPORTING = ("organised", "co_organised", "contributed")
POLICY_AREAS = ("human_resources", "professional_development")

Row = Mapping[str, str]
Test = Callable[[Row], bool]


@dataclass(frozen=True)
class DayRange:
    """The days from ``first`` to ``last``, as known at the end of ``as_of``."""

    first: date
    last: date
    as_of: date


@dataclass(frozen=True)
class Figure:
    """A value with the references of the records behind it; None is "no data", never zero."""

    value: Fraction | None
    records: tuple[str, ...] = ()


def rows_of(kind: str) -> list[Row]:
    """Return the rows of a kind, approved or not; empty if no file of it was published."""
    path = RECORDS / f"{kind}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def drafts() -> set[tuple[str, str]]:
    """Return the records that are not approved, as kind and reference."""
    return {(row["kind"], row["reference"]) for row in rows_of("drafts")}


def values(cell: str) -> list[str]:
    return [part for part in cell.split(";") if part]


def earliest(text: str) -> date:
    """Return the first possible day of a partial date (1.4)."""
    return date.fromisoformat(text + "-01-01"[len(text) - 4 :])


def latest(text: str) -> date:
    """Return the last possible day of a partial date (1.4)."""
    day = earliest(text)
    if len(text) == 4:
        return date(day.year, 12, 31)
    if len(text) == 7:
        return date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])
    return day


def overlaps(row: Row, window: DayRange) -> bool:
    """Return whether a span certainly overlaps the period; False without a start (1.3, 1.4)."""
    if not row["starts_on"] or latest(row["starts_on"]) > window.last:
        return False
    return not row["ends_on"] or earliest(row["ends_on"]) >= window.first


def dated(column: str) -> Callable[[Row, DayRange], bool]:
    """Return a test whether a record's date in the column is in the period."""
    return lambda row, window: (
        bool(row[column]) and (window.first <= latest(row[column]) <= window.last)
    )


def covers(row: Row, window: DayRange) -> bool:
    """Return whether a report was issued and covers a year of the period, named by its label."""
    years = {str(year) for year in range(window.first.year, window.last.year + 1)}
    return bool(row["issued_on"]) and row["year_covered"] in years


@dataclass(frozen=True)
class Rule:
    """How the records of one kind result in the figure of one target."""

    kind: str
    falls_in: Callable[[Row, DayRange], bool]
    begins: str
    counts: Test
    distinct: Callable[[Row], Iterable[str]] | None = None

    def figure(self, window: DayRange) -> Figure:
        """Return the count, or the count of distinct values; None without known records (1.9)."""
        known = self.known(window)
        if not known:
            return Figure(None)
        counted = self.counted(known)
        number = len(counted)
        if self.distinct:
            number = len({value for row in counted for value in self.distinct(row)})
        return Figure(Fraction(number), references(counted))

    def known(self, window: DayRange) -> list[Row]:
        """Return the rows of any status that fall in the period by the as-of day (1.5, 1.9)."""
        return [
            row
            for row in rows_of(self.kind)
            if self.falls_in(row, window) and latest(row[self.begins]) <= window.as_of
        ]

    def counted(self, known: Iterable[Row]) -> list[Row]:
        """Return the approved rows that fit the target (1.2)."""
        left = drafts()
        return [
            row for row in known if (self.kind, row["reference"]) not in left and self.counts(row)
        ]


def references(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(sorted(row["reference"] for row in rows))


def abroad(cell: str) -> list[str]:
    return [code for code in values(cell) if code != "CA"]


def is_foreign(row: Row) -> bool:
    """Return whether a country is not Canada; without countries, an international scope (1.1)."""
    if not row["countries"]:
        return row["scope"] in ("regional", "global")
    return bool(abroad(row["countries"]))


def is_key_event(row: Row) -> bool:
    return row["role"] in SUPPORTING and row["kind"] in KEY_EVENTS


def filed_under(code: str) -> Test:
    return lambda row: code in values(row["filed_under"])


def initiatives(counts: Test, distinct: Callable[[Row], Iterable[str]] | None = None) -> Rule:
    return Rule("initiative", overlaps, "starts_on", counts, distinct)


def decisions(counts: Test) -> Rule:
    return Rule("decision", dated("occurred_on"), "occurred_on", counts)


def listed_countries() -> set[str]:
    """Return Canada and the countries targeted by Canadian foreign policy, 2014 list (2.2)."""
    listed = "CA CO HT HN PE AF BD MM ID MN PH VN UA JO PS BJ BF CD ET GH ML MZ SN SS TZ"
    return set(listed.split())


RULES: Mapping[str, Rule] = {
    "1.1-initiatives": initiatives(is_foreign),
    "1.1-countries": initiatives(
        lambda row: bool(abroad(row["countries"])), lambda row: abroad(row["countries"])
    ),
    "1.3-sectors": Rule(
        "sector_strengthened",
        dated("occurred_on"),
        "occurred_on",
        lambda row: row["country"] == "CA" and row["state"] == "in_use",
        lambda row: [row["sector"]],
    ),
    "2.1-countries": Rule(
        "country_support",
        overlaps,
        "starts_on",
        lambda row: row["country"] != "CA",
        lambda row: [row["country"]],
    ),
    "2.1-decisions": decisions(lambda row: row["authority_country"] != "CA"),
    "2.2-decisions": decisions(
        lambda row: (
            row["authority_country"] == "CA"
            and bool(listed_countries() & set(values(row["countries_concerned"])))
        )
    ),
    "2.3-networks": Rule("network", overlaps, "starts_on", lambda row: True),
    "2.3-events": Rule("event", dated("occurred_on"), "occurred_on", is_key_event),
    "3.1-report": Rule("action_report", covers, "issued_on", filed_under("3.1")),
    "3.2-report": Rule("action_report", covers, "issued_on", filed_under("3.2")),
    "3.3-sponsors": Rule(
        "sponsor", dated("first_agreement_on"), "first_agreement_on", lambda row: True
    ),
    "3.4-policies": Rule(
        "policy_update",
        dated("occurred_on"),
        "occurred_on",
        lambda row: bool(values(row["areas"])),
        lambda row: [area for area in values(row["areas"]) if area in POLICY_AREAS],
    ),
}


def smallest_share(window: DayRange) -> Figure:
    """Return the smallest share of a field, in percent; 0 for a field without records (1.2)."""
    rule = initiatives(lambda row: bool(values(row["fields_of_activity"])))
    counted = rule.counted(rule.known(window))
    weights = dict.fromkeys(FIELDS, Fraction(0))
    for row in counted:
        fields = values(row["fields_of_activity"])
        for field in fields:
            weights[field] += Fraction(1, len(fields))
    if not counted:
        return Figure(None)
    return Figure(min(weights.values()) / len(counted) * 100, references(counted))


def growth(window: DayRange) -> Figure:
    """Return the growth of the approved budget; no data, as no budget is published."""
    if rows_of("annual_budget"):
        raise NotImplementedError("Budgets came in: write down how they grow (3.3).")
    return Figure(None)


MEASURES: Mapping[str, Callable[[DayRange], Figure]] = {
    **{code: rule.figure for code, rule in RULES.items()},
    "1.2-fields": smallest_share,
    "3.3-budget": growth,
}
YEARLY = ("3.1-report", "3.2-report", "3.3-sponsors", "3.3-budget", "3.4-policies")


def figure(target: str, as_of: date) -> Figure:
    """Return a figure since the plan's start; for a yearly target, of the as-of year."""
    return (
        MEASURES[target](DayRange(FIRST_DAY, LAST_DAY, as_of))
        if target not in YEARLY
        else (year_figure(target, as_of.year, as_of))
    )


def year_figure(target: str, year: int, as_of: date) -> Figure:
    """Return a target's figure of one year: what was active or dated in it (1.11)."""
    return MEASURES[target](DayRange(date(year, 1, 1), date(year, 12, 31), as_of))
