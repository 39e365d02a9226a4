"""Invariants of every figure on random records, and an independent recalculation."""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from indicators.counting.rules import record_source
from indicators.models import Record
from reporting.figures.measures import Actual
from reporting.figures.rollup import build_rollup, build_target_row
from reporting.figures.trends import build_trend, past_quarter_ends
from strategy.choices import Measure, RecordKind
from strategy.models import Plan, Target
from tests.factories import MODELS, make_record, make_user
from tests.support import recount
from tests.support.database.fixtures import load_fixtures

SEEDS = range(4)
DAYS = [date(2017, 3, 31), date(2018, 12, 31), date(2019, 12, 31), date(2020, 12, 31)]
LATER_DAYS = [date(2021, 9, 30), date(2022, 3, 31), date(2024, 3, 31), date(2025, 1, 1)]


class Random(random.Random):
    """Random records: partial dates, no dates, several countries, every status."""

    def some(self, words: str, most: int) -> list[str]:
        return self.sample(words.split(), self.randint(0, most))

    def day(self, first_year: int) -> str | None:
        year = self.randint(first_year - 1, first_year + 4)
        month, day = self.randint(1, 12), self.randint(1, 28)
        return self.choice(
            [None, f"{year}", f"{year}-{month:02}", *[f"{year}-{month:02}-{day:02}"] * 3]
        )

    def span(self, first_year: int) -> dict[str, str | None]:
        starts, ends = self.day(first_year), self.day(first_year)
        if starts and ends and ends < starts:
            starts, ends = ends, starts
        return {"starts_on": starts, "ends_on": self.choice([None, ends])}


def fill(rng: Random, first_year: int, fields: str, indicators: str) -> None:
    """Create about forty records of every kind that counts."""
    person = make_user()
    countries = "CA NE SN BF CD CR HN"

    def make(kind: str, /, **values: Any) -> None:
        status = rng.choice(["approved", "approved", "approved", "draft", "submitted", "withdrawn"])
        make_record(kind, status=status, entered_by=person, **values)

    for _one in range(8):
        make(
            "initiative",
            countries=rng.some(countries, 3),
            scope=rng.choice(["country", "regional", "global"]),
            fields_of_activity=rng.some(fields, 2),
            **rng.span(first_year),
        )
        make("country_support", country=rng.choice(countries.split()), **rng.span(first_year))
        make(
            "decision",
            authority_country=rng.choice(["CA", "NE", "SN"]),
            countries_concerned=rng.some(countries, 2),
            instrument=rng.choice(["law", "decree", "policy", "budget"]),
            occurred_on=rng.day(first_year),
        )
        make(
            "event",
            role=rng.choice(["organised", "contributed", "attended"]),
            kind=rng.choice(["conference", "webinar", "visit", "fundraising"]),
            occurred_on=rng.day(first_year),
        )
        make(
            "sector_strengthened",
            sector=rng.choice(["justice", "health", "education"]),
            country=rng.choice(["CA", "CA", "NE"]),
            state=rng.choice(["in_use", "in_use", "in_progress"]),
            occurred_on=rng.day(first_year),
        )
        make("sponsor", first_agreement_on=rng.day(first_year))
        make(
            "policy_update",
            areas=rng.some("human_resources professional_development", 2),
            occurred_on=rng.day(first_year),
        )
        make(
            "action_report",
            filed_under=rng.some(indicators, 2),
            year_covered=str(rng.randint(first_year - 1, first_year + 4)),
            issued_on=rng.day(first_year),
        )
        make("network", **rng.span(first_year))


@pytest.fixture(params=SEEDS)
def first(request: pytest.FixtureRequest, plan: Plan) -> Plan:
    """The plan 2017-2020 with random records, some of them budgets."""
    rng = Random(request.param)
    fill(rng, 2017, "justice violence emergencies", "3.1 3.2")
    for year in rng.sample(range(2016, 2021), 4):
        make_record("annual_budget", status="approved", year=str(year), amount=rng.randint(90, 150))
    return plan


@pytest.fixture(params=SEEDS)
def second(request: pytest.FixtureRequest, db: None) -> Plan:
    load_fixtures("countries", "reference", "plan_2017_2020", "tests/fixtures/april_plan.json")
    fill(Random(request.param), 2021, "justice violence online climate emergencies", "B2 3.1")
    return Plan.objects.get(code="april-plan")


def recomputed(actual: Actual) -> Decimal | None:
    """Calculate the value in plain Python from the records behind it."""
    records, target = list(actual.evidence), actual.target
    match Measure(target.measure):
        case Measure.COUNT:
            return Decimal(len(records))
        case Measure.DISTINCT:
            return Decimal(len(set(_wanted(target, records))))
        case Measure.SMALLEST_SHARE:
            return _smallest_share(target, records)
        case Measure.GROWTH:
            return actual.value


def _codes(target: Target, record: Record) -> list[str]:
    path = record_source(target).paths[target.dimension]  # type: ignore[index]
    value = getattr(record, path.column)
    if hasattr(value, "all"):
        return [row.code for row in value.all()]
    return [getattr(value, "code", value)]


def _wanted(target: Target, records: Iterable[Record]) -> Iterable[str]:
    for record in records:
        for code in _codes(target, record):
            if all(
                (code in one.values) != (one.test == "outside")
                for one in target.conditions.all()
                if one.dimension == target.dimension
            ):
                yield code


def _smallest_share(target: Target, records: list[Record]) -> Decimal | None:
    weights = {field.code: Fraction(0) for field in target.plan.fields_of_activity.all()}
    for record in records:
        codes = [code for code in _codes(target, record) if code in weights]
        for code in codes:
            weights[code] += Fraction(1, len(codes))
    if not records:
        return None
    share = min(weights.values()) * 100 / len(records)
    return Decimal(share.numerator) / share.denominator


def check(plan: Plan, as_of: date) -> None:
    """Assert the invariants of every target of every plan."""
    for line in build_rollup(plan, as_of).targets:
        target, evidence = line.target, line.actual.evidence
        left_out = set(line.actual.excluded.values_list("pk", flat=True))
        counted = set(evidence.values_list("pk", flat=True))
        everything = set(record_source(target).model._default_manager.values_list("pk", flat=True))
        assert counted | left_out == everything
        assert not counted & left_out
        assert evidence.count() == len(counted), "a join counted a record twice"
        for actual in (line.actual, line.this_year):
            if actual.value is not None and not (target.is_yearly and actual is line.actual):
                assert actual.value == recomputed(actual), (target, as_of)
        trend = build_trend(target, as_of)
        if trend is not None:
            for day in past_quarter_ends(plan.period, as_of):
                assert trend.value_at(day) == build_target_row(target, day).value, (target, day)
            assert list(trend.days) == sorted(trend.days)


@pytest.mark.parametrize("as_of", DAYS)
def test_what_holds_of_every_figure_of_the_plan(first: Plan, as_of: date) -> None:
    check(first, as_of)


@pytest.mark.parametrize("as_of", LATER_DAYS)
def test_what_holds_of_every_figure_of_another_plan(second: Plan, as_of: date) -> None:
    check(second, as_of)


def test_the_plain_reading_of_the_rules_gives_the_same_figures(
    first: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {
        kind: [as_row(record) for record in model._default_manager.all()]
        for kind, model in MODELS.items()
    }
    unapproved = {
        (str(kind), record.reference)
        for kind, model in MODELS.items()
        for record in model._default_manager.exclude(status="approved")
    }
    monkeypatch.setattr(recount, "rows_of", lambda kind: rows[RecordKind(kind)])
    monkeypatch.setattr(recount, "drafts", lambda: unapproved)
    for as_of in DAYS:
        for target in Target.objects.of_plan(first).with_rules():
            if target.measure == Measure.GROWTH:
                continue
            line, read = build_target_row(target, as_of), recount.figure(target.code, as_of)
            assert line.value == _decimal(read.value), (target, as_of)
            actual = line.this_year if target.is_yearly else line.actual
            references = actual.evidence.order_by("reference").values_list("reference", flat=True)
            assert list(references) == list(read.records), (target, as_of)


def as_row(record: Record) -> dict[str, str]:
    """Return the record as a row of an import file."""
    row = defaultdict(str, reference=record.reference)
    for column in record.COLUMNS:
        value = getattr(record, column)
        if hasattr(value, "all"):
            value = ";".join(one.code for one in value.all())
        row[column] = str(getattr(value, "code", value) or "")
    return row


def _decimal(exact: Fraction | None) -> Decimal | None:
    return None if exact is None else Decimal(exact.numerator) / exact.denominator
