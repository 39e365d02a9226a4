"""Towards which targets records count, and why not towards the others: said beside each record.

The rules are ``indicators.counting.rules``; here their answers are put together for the records at
hand.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from indicators.counting.registry import RECORD_SOURCES
from indicators.counting.rules import UNTIL_APPROVED, plan_window, with_exclusion_reason
from indicators.models import Record
from strategy.choices import COUNTRY_DIMENSIONS, Dimension, Reason, RecordKind
from strategy.models import Condition, Country, Plan, Target


@dataclass(frozen=True)
class Contribution:
    """What one target says to one record: it counts, or the first reason why it does not."""

    target: Target
    reason: Reason | None
    elsewhere: tuple[str, ...] = ()
    """Objectives where countries of the record count, when here they are outside the geography."""
    countries: tuple[str, ...] = ()
    """The names of those countries."""

    @property
    def counts(self) -> bool:
        return self.reason is None


Contributions = Mapping[int, Sequence[Contribution]]
"""Primary key of a record -> the answers of the targets of its kind, in the plan's order."""


def load_targets(plan: Plan | None) -> Sequence[Target]:
    """The plan's targets with their rules, in its order; none without a plan."""
    if plan is None:
        return ()
    return list(Target.objects.of_plan(plan).with_rules().in_plan_order())


def find_contributions(
    kind: RecordKind,
    records: Iterable[Record],
    targets: Collection[Target],
    as_of: date,
    *,
    once_approved: bool = False,
) -> Contributions:
    """What the targets say to records of one kind, one query a target.

    ``once_approved`` leaves aside approval and evidence: what the records would count towards.
    """
    keys = [record.pk for record in records]
    ignoring = UNTIL_APPROVED if once_approved else frozenset()
    answers: dict[int, list[Contribution]] = defaultdict(list)
    for target in targets:
        if target.record_kind != kind or not keys:
            continue
        rows = with_exclusion_reason(target, plan_window(target, as_of), ignoring)
        for key, reason in rows.filter(pk__in=keys).exclusion_reasons():
            answers[key].append(Contribution(target, reason))
    return answers


def add_country_hints(
    record: Record, answers: Sequence[Contribution], targets: Collection[Target]
) -> list[Contribution]:
    """The answers; those about geography say where else the record's countries count."""
    if not any(answer.reason == Reason.OUTSIDE_GEOGRAPHY for answer in answers):
        return list(answers)
    return add_country_hint(answers, get_countries(record), targets)


def add_country_hint(
    answers: Sequence[Contribution], named: Iterable[Country], targets: Collection[Target]
) -> list[Contribution]:
    """The answers to a record that names these countries, with where else they count."""
    places = {country.code: str(country) for country in named}
    asked = {answer.target.indicator.objective_id for answer in answers}
    others = [target for target in targets if target.indicator.objective_id not in asked]
    return [
        _with_neighbours(answer, places, others)
        if answer.reason == Reason.OUTSIDE_GEOGRAPHY
        else answer
        for answer in answers
    ]


def get_countries(record: Record) -> list[Country]:
    """The countries that the record names, whatever for."""
    named: list[Country] = []
    for dimension, path in RECORD_SOURCES[record.KIND].paths.items():
        if dimension in COUNTRY_DIMENSIONS:
            value = getattr(record, path.column)
            named += [value] if isinstance(value, Country) else value.all() if value else []
    return named


def counted_objectives(answers: Sequence[Contribution]) -> tuple[str, ...]:
    """The codes of the objectives that a record counts towards, each once."""
    codes = (one.target.indicator.objective.code for one in answers if one.counts)
    return tuple(dict.fromkeys(codes))


def _with_neighbours(
    answer: Contribution, places: Mapping[str, str], others: Iterable[Target]
) -> Contribution:
    """The answer with the objectives of its priority that have a target on these very countries."""
    priority = answer.target.indicator.objective.priority_id
    found: dict[str, set[str]] = {}
    for other in others:
        objective = other.indicator.objective
        for condition in other.conditions.all():
            wanted = _asked_of(condition, places)
            if wanted and objective.priority_id == priority:
                found.setdefault(objective.code, set()).update(wanted)
    wanted_anywhere = set().union(*found.values())
    countries = tuple(name for code, name in places.items() if code in wanted_anywhere)
    return replace(answer, elsewhere=tuple(found), countries=countries)


def _asked_of(condition: Condition, places: Collection[str]) -> set[str]:
    """Which of the places a target asks for."""
    is_about_them = Dimension(condition.dimension) in COUNTRY_DIMENSIONS
    if not is_about_them or condition.test != Condition.Test.INSIDE:
        return set()
    return set(places) & set(condition.values)
