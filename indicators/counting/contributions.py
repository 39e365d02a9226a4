"""The targets that records count towards, and why they do not count towards the others."""

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
    keys = [record.pk for record in records]
    ignoring = UNTIL_APPROVED if once_approved else frozenset()
    contributions: dict[int, list[Contribution]] = defaultdict(list)
    for target in targets:
        if target.record_kind != kind or not keys:
            continue
        rows = with_exclusion_reason(target, plan_window(target, as_of), ignoring)
        for key, reason in rows.filter(pk__in=keys).exclusion_reasons():
            contributions[key].append(Contribution(target, reason))
    return contributions


def add_record_hints(
    record: Record, contributions: Sequence[Contribution], targets: Collection[Target]
) -> list[Contribution]:
    if not any(one.reason == Reason.OUTSIDE_GEOGRAPHY for one in contributions):
        return list(contributions)
    return add_country_hints(contributions, get_countries(record), targets)


def add_country_hints(
    contributions: Sequence[Contribution], countries: Iterable[Country], targets: Collection[Target]
) -> list[Contribution]:
    """Add to contributions outside the geography where else these countries count."""
    names = {country.code: str(country) for country in countries}
    objectives = {one.target.indicator.objective_id for one in contributions}
    others = [target for target in targets if target.indicator.objective_id not in objectives]
    return [
        _add_hint(contribution, names, others)
        if contribution.reason == Reason.OUTSIDE_GEOGRAPHY
        else contribution
        for contribution in contributions
    ]


def get_countries(record: Record) -> list[Country]:
    countries: list[Country] = []
    for dimension, path in RECORD_SOURCES[record.KIND].paths.items():
        if dimension in COUNTRY_DIMENSIONS:
            value = getattr(record, path.column)
            countries += [value] if isinstance(value, Country) else value.all() if value else []
    return countries


def counted_objectives(contributions: Sequence[Contribution]) -> tuple[str, ...]:
    """Return the codes of the objectives that a record counts towards, without repetition."""
    codes = (one.target.indicator.objective.code for one in contributions if one.counts)
    return tuple(dict.fromkeys(codes))


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
