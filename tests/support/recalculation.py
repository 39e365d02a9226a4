"""A second calculation of a report's figures, from the data of its file alone.

Values are calculated from the cited records by the target's measure; ratings from those values and
the plan's thresholds. Two inputs are in no file: the amounts of a growth, and whether a count of
nothing is zero or no data.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from indicators.counting.date_rules import (
    DateRange,
    DateRule,
    IssuedReportingYear,
    ReportingYear,
    SingleDate,
)
from indicators.counting.registry import RECORD_SOURCES
from reporting.annual_report.snapshot.builder import THRESHOLDS
from reporting.annual_report.snapshot.reader import round_for_report, round_if_known
from reporting.annual_report.verification.figures import (
    Data,
    FigureKey,
    Figures,
    parse_number,
    parse_text,
)
from reporting.exports.results import format_exact
from reporting.figures.measures import HUNDRED
from reporting.figures.ratings import (
    RatingInput,
    YearActual,
    calculate_expected,
    rate_target,
    rate_year,
    worst_rating,
)
from strategy.choices import Frequency, Measure, Rating, RecordKind
from strategy.dates.periods import PartialDate, Period, Window
from strategy.models import Indicator, Objective, Plan, Priority, Target
from tests.factories import with_version

Amounts = Mapping[str, tuple[Decimal | None, Decimal | None]]
"""Numerator and denominator of growths, by the code of the target."""


def recalculate(data: Data, amounts: Amounts) -> Figures:
    """Return the figures that follow from the cited records."""
    return dict(_calculate(data, amounts))


def _calculate(data: Data, amounts: Amounts) -> Iterator[tuple[FigureKey, str | None]]:
    plan, as_of = _plan(data), date.fromisoformat(data["as_of"])
    label = parse_text(data["year"])
    yield FigureKey("plan", "elapsed"), format_exact(round_for_report(plan.elapsed(as_of)))
    for objective in data["objectives"]:
        ratings = []
        for told in objective["targets"]:
            found = dict(_Target(told, plan, as_of, label, amounts).figures())
            ratings.append(Rating(found[FigureKey(told["code"], "rating")] or ""))
            yield from found.items()
        yield FigureKey(parse_text(objective["code"]), "rating"), worst_rating(ratings).value


@dataclass(frozen=True)
class RecalculatedValue:
    """The result of the cited records in one window, comparable to a measure's result."""

    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    slices: Mapping[str, tuple[Decimal, int]] | None = None


@dataclass(frozen=True, slots=True)
class _Cited:
    """A cited record: its dates, its year and its contribution.

    ``begins`` is the last day on which it may have begun, ``ends`` the first on which it may have
    ended.
    """

    begins: date | None
    ends: date | None
    year: str
    codes: tuple[str, ...]
    numerator: Decimal | None
    denominator: Decimal | None


class _Target:
    """The figures of one target, from its definition and its cited records."""

    def __init__(self, told: Data, plan: Plan, as_of: date, label: str, amounts: Amounts) -> None:
        self.told, self.plan, self.as_of, self.label = told, plan, as_of, label
        self.target = _target(told, plan)
        self.date_rule = RECORD_SOURCES[RecordKind(told["record_kind"])].date_rule
        self.amounts = amounts
        self.cited = [_cited(one) for one in told["cited"]]
        self.stated_years = {
            parse_text(one["year"]): parse_number(one["value"]) for one in told["years"]
        }

    def figures(self) -> Iterator[tuple[FigureKey, str | None]]:
        code, target = self.target.code, self.target
        this_year = self.read(Window(self.plan.year(self.label), self.as_of), "this_year")
        so_far = self.read(Window(self.plan.period, self.as_of), "value")
        read = this_year if target.is_yearly else so_far
        years = tuple(self.years()) if target.is_yearly else ()
        inputs = RatingInput(target, read.value, read.denominator, years, self.as_of)
        calculated = rate_target(inputs)
        yield FigureKey(code, "value"), self.shown(read.value)
        yield FigureKey(code, "numerator"), format_exact(round_if_known(read.numerator))
        yield FigureKey(code, "denominator"), format_exact(round_if_known(read.denominator))
        yield FigureKey(code, "this_year"), self.shown(this_year.value)
        yield (
            FigureKey(code, "expected"),
            format_exact(round_if_known(calculate_expected(target, self.as_of))),
        )
        standing = Rating(self.told["rating"]) if self.told["override"] else calculated
        yield FigureKey(code, "rating"), standing.value
        yield FigureKey(code, "rating by the rule"), calculated.value
        for one in years:
            yield FigureKey(code, f"value of {one.year.label}"), self.shown(one.value)
            yield FigureKey(code, f"state of {one.year.label}"), one.state.value
        for piece, (value, number) in (read.slices or {}).items():
            yield FigureKey(code, f"value of {piece}"), format_exact(round_for_report(value))
            yield FigureKey(code, f"records of {piece}"), str(number)

    def shown(self, value: Decimal | None) -> str | None:
        return format_exact(round_if_known(value, self.target))

    def years(self) -> Iterator[YearActual]:
        for year in self.plan.years:
            value = None
            if self.as_of >= year.starts_on:
                value = self.read(Window(year, self.as_of), year.label).value
            state = rate_year(self.target, year, value, self.as_of)
            yield YearActual(year, value, state)

    def read(self, window: Window, name: str) -> RecalculatedValue:
        """Return the figure of a window; ``name`` is the year's label or the figure's name."""
        if self.target.measure == Measure.GROWTH:
            return self.growth(name)
        cited = _counting(self.cited, self.date_rule, window, self.plan)
        read = MEASURES[Measure(self.target.measure)](cited, self.told)
        if not read.value and self.stated_of(name) is None:
            return RecalculatedValue(None, read.numerator, read.denominator, read.slices)
        return read

    def stated_of(self, name: str) -> Decimal | None:
        if name in self.stated_years:
            return self.stated_years[name]
        return parse_number(self.told[name])

    def growth(self, name: str) -> RecalculatedValue:
        """Return the growth in percent: calculated for the report's year, else as stated."""
        if name in self.stated_years and name != self.label:
            return RecalculatedValue(self.stated_years[name])
        shown = parse_number(self.told["numerator"]), parse_number(self.told["denominator"])
        numerator, denominator = self.amounts.get(self.target.code, shown)
        if numerator is None or denominator is None or denominator <= 0:
            return RecalculatedValue(None, *shown)
        return RecalculatedValue(numerator * HUNDRED / denominator, *shown)


def _count(cited: Sequence[_Cited], told: Data) -> RecalculatedValue:
    return RecalculatedValue(Decimal(len(cited)))


def _distinct(cited: Sequence[_Cited], told: Data) -> RecalculatedValue:
    numbers = Counter(code for one in cited for code in set(one.codes))
    slices = {code: (Decimal(number), number) for code, number in numbers.items()}
    return RecalculatedValue(Decimal(len(numbers)), slices=slices)


def _smallest_share(cited: Sequence[_Cited], told: Data) -> RecalculatedValue:
    """Return the smallest share; each record weighs 1, split equally among its compared fields."""
    weights = {parse_text(piece["code"]): Fraction(0) for piece in told["slices"]}
    numbers: Counter[str] = Counter()
    for one in cited:
        fields = [code for code in dict.fromkeys(one.codes) if code in weights]
        for code in fields:
            weights[code] += Fraction(1, len(fields))
            numbers[code] += 1
    total = sum(weights.values(), Fraction(0))
    if not total:
        return RecalculatedValue(None, slices={code: (Decimal(0), 0) for code in weights})
    slices = {
        code: (_decimal(weight * 100 / total), numbers[code]) for code, weight in weights.items()
    }
    smallest = min(weights.values())
    return RecalculatedValue(
        _decimal(smallest * 100 / total), _decimal(smallest), _decimal(total), slices
    )


def _share(cited: Sequence[_Cited], told: Data) -> RecalculatedValue:
    met, whole = sum(one.numerator == 1 for one in cited), len(cited)
    value = _decimal(Fraction(met * 100, whole)) if whole else None
    return RecalculatedValue(value, Decimal(met), Decimal(whole))


def _total(cited: Sequence[_Cited], told: Data) -> RecalculatedValue:
    numbers = [one.numerator for one in cited if one.numerator is not None]
    return RecalculatedValue(sum(numbers, Decimal(0)) if numbers else None)


def _ratio(cited: Sequence[_Cited], told: Data) -> RecalculatedValue:
    pairs = [(one.numerator, one.denominator) for one in cited]
    part = sum((part or Decimal(0) for part, _whole in pairs), Decimal(0))
    whole = sum((whole or Decimal(0) for _part, whole in pairs), Decimal(0))
    if not pairs:
        return RecalculatedValue(None)
    return RecalculatedValue(part * 100 / whole if whole else None, part, whole)


def _latest(cited: Sequence[_Cited], told: Data) -> RecalculatedValue:
    last = max(cited, key=lambda one: (one.begins or date.min, one.year), default=None)
    return RecalculatedValue(last.numerator if last else None)


MEASURES: Mapping[Measure, Callable[[Sequence[_Cited], Data], RecalculatedValue]] = {
    Measure.COUNT: _count,
    Measure.DISTINCT: _distinct,
    Measure.SMALLEST_SHARE: _smallest_share,
    Measure.SHARE: _share,
    Measure.SUM: _total,
    Measure.RATIO: _ratio,
    Measure.LATEST: _latest,
    Measure.JUDGED: _latest,
}


def _counting(
    cited: Sequence[_Cited], date_rule: DateRule, window: Window, plan: Plan
) -> Sequence[_Cited]:
    """Return the records that count in the window by their dates (counting rules 1.3 to 1.5)."""
    known = window.as_known
    match date_rule:
        case DateRange():
            begun = (one for one in cited if one.begins and one.begins <= known.ends_on)
            return [one for one in begun if one.ends is None or one.ends >= known.starts_on]
        case SingleDate():
            return [one for one in cited if one.begins and one.begins in known]
        case ReportingYear():
            years = (plan.year_before, *plan.years)
            labels = _labels((year for year in years if year.starts_on <= window.as_of), window)
            return [one for one in cited if one.year in labels]
        case IssuedReportingYear():
            labels = _labels(plan.years, window)
            issued = (one for one in cited if one.begins and one.begins <= window.as_of)
            return [one for one in issued if one.year in labels]
        case _:
            raise TypeError(f"How {date_rule!r} counts is not written down here.")


def _labels(years: Iterable[Period], window: Window) -> set[str]:
    return {year.label for year in years if year.overlaps(window.period)}


def _cited(told: Data) -> _Cited:
    begins, ends = told["begins"], told["ends"]
    return _Cited(
        PartialDate.parse(begins).last if begins else None,
        PartialDate.parse(ends).first if ends else None,
        parse_text(told["year"]),
        tuple(parse_text(code) for code in told["codes"]),
        parse_number(told.get("numerator")),
        parse_number(told.get("denominator")),
    )


def _plan(data: Data) -> Plan:
    starts_on, ends_on = (date.fromisoformat(data[name]) for name in ("starts_on", "ends_on"))
    first_month = data["year_starts_in"]
    thresholds: dict[str, Any] = {
        name: parse_number(data["thresholds"][name]) for name in THRESHOLDS
    }
    return Plan(
        code=parse_text(data["plan"]),
        starts_on=starts_on,
        ends_on=ends_on,
        year_starts_in=first_month,
        **thresholds,
    )


def _target(told: Data, plan: Plan) -> Target:
    indicator = Indicator(objective=Objective(priority=Priority(plan=plan)))
    target = Target(
        indicator=indicator,
        code=parse_text(told["code"]),
        record_kind=RecordKind(told["record_kind"]),
        measure=Measure(told["measure"]),
        dimension=parse_text(told["dimension"]),
        frequency=Frequency(told["frequency"]),
        due_months=told["due_months"],
    )
    return with_version(
        target,
        minimum=parse_number(told["minimum"]),
        maximum=parse_number(told["maximum"]),
        milestones=told["versions"][-1]["milestones"],
    )


def _decimal(fraction: Fraction) -> Decimal:
    return Decimal(fraction.numerator) / fraction.denominator
