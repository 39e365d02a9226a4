"""The targets that records count towards, and why they do not count towards the others."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Manager

from indicators.counting.registry import RECORD_SOURCES
from indicators.counting.rules import UNTIL_APPROVED, plan_window, with_exclusion_reason
from indicators.models import Record
from strategy.choices import COUNTRY_DIMENSIONS, Dimension, Reason, RecordKind
from strategy.models import Condition, Country, Plan, Target


@dataclass(frozen=True)
class Contribution:
    """The effect of one record on one target: it counts, or the first reason why it does not."""

    target: Target
    reason: Reason | None
    elsewhere: tuple[str, ...] = ()
    """Objectives where countries of the record count that are outside this target's geography."""
    countries: tuple[str, ...] = ()
    """The names of those countries."""

    @property
    def counts(self) -> bool:
        return self.reason is None


Contributions = Mapping[int, Sequence[Contribution]]
"""Primary key of a record -> its contributions to the targets of its kind, in the plan's order."""


def load_targets(plan: Plan | None) -> Sequence[Target]:
    """Return the plan's targets with their rules, in its order; none without a plan."""
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
    """Return contributions, one query a target; ``once_approved`` ignores approval and evidence."""
    records_by_key = {record.pk: record for record in records}
    ignoring = UNTIL_APPROVED if once_approved else frozenset()
    contributions: dict[int, list[Contribution]] = defaultdict(list)
    for target in targets:
        if target.record_kind != kind or not records_by_key:
            continue
        rows = with_exclusion_reason(target, plan_window(target, as_of), ignoring)
        for key, reason in rows.filter(pk__in=records_by_key).exclusion_reasons():
            contributions[key].append(Contribution(target, reason))
    return {
        key: add_country_hints(of_record, kind, partial(getattr, records_by_key[key]), targets)
        for key, of_record in contributions.items()
    }


def add_country_hints(
    contributions: Sequence[Contribution],
    kind: RecordKind,
    get_value: Callable[[str], Any],
    targets: Collection[Target],
) -> Sequence[Contribution]:
    """Add to contributions outside the geography where else the record's countries count.

    ``get_value`` returns the record's value of a field.
    """
    if all(contribution.reason != Reason.OUTSIDE_GEOGRAPHY for contribution in contributions):
        return contributions
    names = {country.code: str(country) for country in _get_countries(kind, get_value)}
    objectives = {contribution.target.indicator.objective_id for contribution in contributions}
    others = [target for target in targets if target.indicator.objective_id not in objectives]
    return [
        _add_hint(contribution, names, others)
        if contribution.reason == Reason.OUTSIDE_GEOGRAPHY
        else contribution
        for contribution in contributions
    ]


def _get_countries(kind: RecordKind, get_value: Callable[[str], Any]) -> list[Country]:
    countries: list[Country] = []
    for path in RECORD_SOURCES[kind].country_paths:
        value = get_value(path.column)
        if isinstance(value, Country):
            countries.append(value)
        elif value:
            countries += value.all() if isinstance(value, Manager) else value
    return countries


def counted_objectives(contributions: Sequence[Contribution]) -> tuple[str, ...]:
    """Return the codes of the objectives that a record counts towards, without repetition."""
    counted = (contribution.target for contribution in contributions if contribution.counts)
    return tuple(dict.fromkeys(target.indicator.objective.code for target in counted))


def _add_hint(
    contribution: Contribution, names: Mapping[str, str], targets: Iterable[Target]
) -> Contribution:
    priority = contribution.target.indicator.objective.priority_id
    codes_by_objective: dict[str, set[str]] = {}
    for target in targets:
        objective = target.indicator.objective
        for condition in target.conditions.all():
            codes = _find_codes(condition, names)
            if codes and objective.priority_id == priority:
                codes_by_objective.setdefault(objective.code, set()).update(codes)
    counted = set().union(*codes_by_objective.values())
    countries = tuple(name for code, name in names.items() if code in counted)
    return replace(contribution, elsewhere=tuple(codes_by_objective), countries=countries)


def _find_codes(condition: Condition, codes: Collection[str]) -> set[str]:
    is_about_countries = Dimension(condition.dimension) in COUNTRY_DIMENSIONS
    if not is_about_countries or condition.test != Condition.Test.INSIDE:
        return set()
    return set(codes) & set(condition.values)
