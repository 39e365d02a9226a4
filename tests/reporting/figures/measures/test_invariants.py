"""Invariants of every figure on random records, and an independent recalculation."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from indicators.counting.registry import RECORD_SOURCES
from indicators.counting.rules import record_source
from indicators.models import Record
from reporting.figures.measures import Actual
from reporting.figures.rollup import build_rollup, build_target_row
from reporting.figures.trends import build_trend, past_quarter_ends
from strategy.choices import Dimension, Measure, RecordKind
from strategy.models import Condition, Plan, RubricStep, Target, TargetGroup
from tests.factories import MODELS, make_record, make_user
from tests.support import recount
from tests.support.database.fixtures import load_fixtures

SEEDS = (0, *(pytest.param(seed, marks=pytest.mark.one_database) for seed in (1, 2, 3)))
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
            kinds=rng.some("training training_of_trainers tool", 2),
            target_groups=rng.some("government security_forces social_workers", 2),
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
        make(
            "activity",
            women=rng.choice([None, 0, 4, 7]),
            men=rng.choice([None, 3, 9]),
            sex_not_recorded=rng.choice([None, None, 20]),
            **rng.span(first_year),
        )


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


@pytest.fixture(params=SEEDS)
def third(request: pytest.FixtureRequest, db: None) -> Plan:
    """A plan with a target of every measure."""
    load_fixtures(
        *("countries", "reference", "plan_2017_2020", "tests/fixtures/plan_of_measures.json")
    )
    steps = list(RubricStep.objects.all())
    rng = Random(request.param)
    for place in range(6):
        make_record(
            "assessment",
            status=rng.choice(["approved", "approved", "submitted"]),
            indicator="M1.10",
            assessed_on=f"202{place}-0{rng.randint(1, 9)}",
            step=rng.choice([*steps, *steps, None]),
        )
    fill(Random(request.param), 2021, "justice violence emergencies", "3.1 3.2")
    return Plan.objects.get(code="measures")


def recomputed(actual: Actual) -> Decimal | None:
    """Calculate the value in plain Python from the records behind it; a growth is as it is."""
    measure = Measure(actual.target.measure)
    if measure == Measure.GROWTH:
        return actual.value
    return RECOMPUTED[measure](actual.target, list(actual.evidence))


def _count(_target: Target, records: list[Record]) -> Decimal:
    return Decimal(len(records))


def _distinct(target: Target, records: list[Record]) -> Decimal:
    return Decimal(len(set(_wanted(target, records))))


def _share(target: Target, records: list[Record]) -> Decimal | None:
    met = [one for one in records if _is_in_numerator(target, one)]
    return _decimal(Fraction(len(met) * 100, len(records))) if records else None


def _sum(target: Target, records: list[Record]) -> Decimal | None:
    return sum(_numbers(target, records, 0), Decimal(0)) if records else None


def _ratio(target: Target, records: list[Record]) -> Decimal | None:
    part, whole = (sum(_numbers(target, records, place), Decimal(0)) for place in (0, 1))
    return part * 100 / whole if whole else None


def _latest(target: Target, records: list[Record]) -> Decimal | None:
    last = sorted(records, key=lambda one: (one.starts_on.last, one.pk))[-1:]
    return next(_numbers(target, last, 0), None)


def _judged(target: Target, records: list[Record]) -> Decimal | None:
    last = sorted(records, key=lambda one: (one.assessed_on.last, one.pk))[-1:]
    return Decimal(last[0].step.number) if last else None


def _numbers(target: Target, records: Iterable[Record], place: int) -> Iterator[Decimal]:
    """Yield the first or the second number of each record; people are of any sex."""
    word = target.number_columns[place]
    fields = ("women", "men", "sex_not_recorded") if word == "people" else (word,)
    for record in records:
        yield Decimal(sum(getattr(record, name) or 0 for name in fields))


def _is_in_numerator(target: Target, record: Record) -> bool:
    return all(
        any((code in one.values) != (one.test == "outside") for code in _codes(record, one))
        for one in target.numerator_conditions
    )


def _codes(record: Record, named: Target | Condition) -> list[str]:
    path = RECORD_SOURCES[record.KIND].paths[Dimension(named.dimension)]
    value = getattr(record, path.column)
    if hasattr(value, "all"):
        return [row.code for row in value.all()]
    return [getattr(value, "code", value)]


def _wanted(target: Target, records: Iterable[Record]) -> Iterable[str]:
    for record in records:
        for code in _codes(record, target):
            if all(
                (code in one.values) != (one.test == "outside")
                for one in target.conditions.all()
                if one.dimension == target.dimension
            ):
                yield code


def _smallest_share(target: Target, records: list[Record]) -> Decimal | None:
    weights = {code: Fraction(0) for code in _parts(target)}
    for record in records:
        codes = [code for code in _codes(record, target) if code in weights]
        for code in codes:
            weights[code] += Fraction(1, len(codes))
    if not records:
        return None
    share = min(weights.values()) * 100 / len(records)
    return Decimal(share.numerator) / share.denominator


RECOMPUTED: Mapping[Measure, Callable[[Target, list[Record]], Decimal | None]] = {
    Measure.COUNT: _count,
    Measure.DISTINCT: _distinct,
    Measure.SMALLEST_SHARE: _smallest_share,
    Measure.SHARE: _share,
    Measure.SUM: _sum,
    Measure.RATIO: _ratio,
    Measure.LATEST: _latest,
    Measure.JUDGED: _judged,
}


def _parts(target: Target) -> list[str]:
    """Return the codes whose shares are compared."""
    if target.dimension == Dimension.FIELD_OF_ACTIVITY:
        return [field.code for field in target.plan.fields_of_activity.all()]
    wanted = [code for one in target.scope_conditions for code in one.codes]
    return wanted or list(TargetGroup.objects.values_list("code", flat=True))


def check(plan: Plan, as_of: date) -> None:
    """Assert the invariants of every target of every plan."""
    for line in build_rollup(plan, as_of).targets:
        target, evidence = line.target, line.actual.evidence
        left_out = set(line.actual.excluded.values_list("pk", flat=True))
        counted = set(evidence.values_list("pk", flat=True))
        everything = set(record_source(target).model._default_manager.values_list("pk", flat=True))
        assert counted | left_out == everything, (target, as_of)
        assert not counted & left_out, (target, as_of)
        assert evidence.count() == len(counted), "a join counted a record twice"
        for actual in (line.actual, line.this_year):
            if actual.value is not None and not (target.is_yearly and actual is line.actual):
                assert actual.value == recomputed(actual), (target, as_of)
        trend = build_trend(target, as_of)
        if trend is not None:
            for day in past_quarter_ends(plan.period, as_of):
                assert trend.value_at(day) == build_target_row(target, day).value, (target, day)
            assert list(trend.days) == sorted(trend.days)


def test_what_holds_of_every_figure_of_the_plan(first: Plan) -> None:
    for as_of in DAYS:
        check(first, as_of)


def test_what_holds_of_every_figure_of_another_plan(second: Plan) -> None:
    for as_of in LATER_DAYS:
        check(second, as_of)


@pytest.mark.parametrize("as_of", LATER_DAYS)
def test_what_holds_of_every_measure(third: Plan, as_of: date) -> None:
    check(third, as_of)


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
