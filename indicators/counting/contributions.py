"""The targets that records count towards, and why they do not count towards the others."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Manager

from indicators.counting.registry import RECORD_SOURCES
from indicators.counting.rules import UNTIL_APPROVED, build_exclusion_rules, plan_window
from indicators.models import Record
from strategy.choices import COUNTRY_DIMENSIONS, Dimension, Reason, RecordKind
from strategy.models import Condition, Country, Plan, Target
from strategy.plan.cache import PlanCache
from strategy.text import colon, join_plain


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
"""Primary key of a record -> its contributions to the targets of its kind, plan by plan."""

_TARGETS: PlanCache[str, tuple[Target, ...]] = PlanCache(2)

PLAN_SEPARATOR = " · "

OUTSIDE_PLAN = frozenset({Reason.NO_DATE, Reason.OUTSIDE_PERIOD})
"""The reasons of a record that its dates do not place in the target's plan."""


def load_targets() -> Sequence[Target]:
    """Return the targets of every plan but drafts, with their rules, in the order of the plans."""
    return _TARGETS.get("all", _load_targets)


def _load_targets() -> tuple[Target, ...]:
    published = Plan.objects.all()
    targets = Target.objects.filter(indicator__objective__priority__plan__in=published)
    return tuple(targets.with_rules().in_plan_order())


def find_targets(code: str) -> Mapping[Plan, Target]:
    """Return the target that each plan has under a code."""
    return {target.plan: target for target in load_targets() if target.code == code}


def find_contributions(
    kind: RecordKind,
    records: Iterable[Record],
    targets: Collection[Target],
    as_of: date,
    *,
    once_approved: bool = False,
) -> Contributions:
    """Return contributions to the plans that each record touches, in one query.

    ``once_approved`` ignores approval and evidence.
    """
    records_by_key = {record.pk: record for record in records}
    ignoring = UNTIL_APPROVED if once_approved else frozenset()
    of_kind = [target for target in targets if target.record_kind == kind]
    if not of_kind or not records_by_key:
        return {}
    rows = RECORD_SOURCES[kind].model.objects.filter(pk__in=records_by_key)
    rules = [build_exclusion_rules(target, plan_window(target, as_of)) for target in of_kind]
    contributions = {
        key: list(map(Contribution, of_kind, reasons))
        for key, reasons in rows.exclusion_reasons(rules, ignoring)
    }
    return {
        key: select_touched_plans(
            add_country_hints(of_record, kind, partial(getattr, records_by_key[key]), targets)
        )
        for key, of_record in contributions.items()
    }


def select_touched_plans(contributions: Sequence[Contribution]) -> Sequence[Contribution]:
    """Return the contributions to the plans of the record's dates; all if they are in no plan.

    A project's plan is touched by the records of the project only.
    """
    contributions = [each for each in contributions if each.reason != Reason.OTHER_PROJECT]
    touched = {
        contribution.target.plan.pk
        for contribution in contributions
        if contribution.reason not in OUTSIDE_PLAN
    }
    if not touched:
        return contributions
    return [
        contribution for contribution in contributions if contribution.target.plan.pk in touched
    ]


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


def describe_objectives(
    contributions: Iterable[Contribution],
    targets: Collection[Target],
    separator: str = PLAN_SEPARATOR,
) -> str:
    """Name the objectives that a record counts towards; empty if there are none.

    Where ``targets`` are those of several plans, each plan is named: `2017-2020: 1.1, 1.2`.
    """
    codes: dict[str, list[str]] = defaultdict(list)
    for target in (contribution.target for contribution in contributions if contribution.counts):
        if target.indicator.objective.code not in codes[target.plan.code]:
            codes[target.plan.code].append(target.indicator.objective.code)
    texts = {plan: join_plain(of_plan) for plan, of_plan in codes.items()}
    return _name_plans(texts, targets, separator)


def describe_reasons(contributions: Iterable[Contribution], targets: Collection[Target]) -> str:
    """Give the first reason of each plan why a record does not count; plans named as above."""
    reasons: dict[str, str] = {}
    for contribution in contributions:
        if contribution.reason:
            reasons.setdefault(contribution.target.plan.code, str(contribution.reason.label))
    return _name_plans(reasons, targets, PLAN_SEPARATOR)


def _name_plans(
    text_by_plan: Mapping[str, str], targets: Collection[Target], separator: str
) -> str:
    if len({target.plan.pk for target in targets}) < 2:
        return "".join(text_by_plan.values())
    return separator.join(f"{plan}{colon()} {text}" for plan, text in text_by_plan.items())


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
