"""Forecast of the targets that a form's values would count towards, before anything is saved.

The rules of ``indicators.counting.rules`` are applied to literal values instead of a stored row, in
one query that writes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, Field, ForeignKey, ManyToManyField, Model, QuerySet, Value, When

from indicators.counting.contributions import (
    Contribution,
    add_country_hints,
    select_touched_plans,
)
from indicators.counting.registry import RECORD_SOURCES, RecordSource
from indicators.counting.rules import UNTIL_APPROVED, counting_rules, plan_window
from indicators.models import CountingRule
from strategy.choices import RecordKind
from strategy.models import Target

Values = Mapping[str, Any]
"""Field name -> value in Python, rows for a many-to-many field; absent means not answered."""


@dataclass(frozen=True)
class UnsavedRecordSource(RecordSource):
    """A form's values in place of the stored records of a kind."""

    values: Values = field(default_factory=dict)

    def links(self, column: "ManyToManyField[Any, Any]") -> tuple[QuerySet[Model], str]:
        chosen = [row.pk for row in self.values.get(column.name) or ()]
        return QuerySet(column.related_model).filter(pk__in=chosen).order_by(), "pk"


@dataclass(frozen=True)
class ForecastContribution:
    """The contribution that a form's values would make to one target."""

    contribution: Contribution
    unanswered: str = ""
    """The name of the empty field on which the contribution depends."""


def forecast_contributions(
    kind: RecordKind, values: Values, targets: Collection[Target], as_of: date
) -> list[ForecastContribution]:
    """Return the contributions to the targets of the kind, without approval and evidence."""
    stored = RECORD_SOURCES[kind]
    source = UnsavedRecordSource(
        stored.model,
        stored.date_rule,
        stored.paths,
        stored.amount,
        stored.numbers,
        stored.project_path,
        values,
    )
    rules = {
        target.pk: _select_rules(target, source, as_of)
        for target in targets
        if target.record_kind == kind and not _is_of_stored_project(target)
    }
    if not rules:
        return []
    results = iter(_apply_rules(source, [rule for some in rules.values() for rule in some]))
    contributions, unanswered = [], []
    for target in targets:
        if target.pk in rules:
            passed = [(rule, next(results)) for rule in rules[target.pk]]
            failed = next((rule for rule, passes in passed if not passes), None)
            is_empty = failed is not None and values.get(failed.column) in (None, "", [])
            contributions.append(Contribution(target, failed.reason if failed else None))
            unanswered.append(failed.column if failed and is_empty else "")
    hinted = add_country_hints(contributions, kind, values.get, targets)
    touched = {contribution.target.plan.pk for contribution in select_touched_plans(hinted)}
    return [
        ForecastContribution(contribution, name)
        for contribution, name in zip(hinted, unanswered, strict=True)
        if contribution.target.plan.pk in touched
    ]


def _is_of_stored_project(target: Target) -> bool:
    # A project's plan may count the project itself, which has no key before it is stored.
    return target.record_kind == RecordKind.PROJECT and bool(target.subjects)


def _select_rules(target: Target, source: RecordSource, as_of: date) -> list[CountingRule]:
    rules = counting_rules(target, plan_window(target, as_of), source)
    return [rule for rule in rules if rule.reason not in UNTIL_APPROVED]


def _apply_rules(source: UnsavedRecordSource, rules: Sequence[CountingRule]) -> Sequence[bool]:
    columns = [f for f in source.model._meta.concrete_fields if f.name in source.model.COLUMNS]
    results = {
        f"rule_{number}": Case(When(rule.passes, then=Value(True)), default=Value(False))
        for number, rule in enumerate(rules)
    }
    # The query needs one row of a table that shares no column name with the records.
    row = ContentType.objects.filter(
        app_label=source.model._meta.app_label, model=source.model._meta.model_name
    )
    literals = row.alias(
        **{column.name: _build_literal(column, source.values) for column in columns}
    )
    return list(literals.annotate(**results).values_list(*results).get())


def _build_literal(column: "Field[Any, Any]", values: Values) -> Value:
    value = values.get(column.name)
    if isinstance(column, ForeignKey):
        return Value(getattr(value, "pk", None), output_field=column.target_field)
    if value is None and not column.null:
        value = column.get_default()
    return Value(value, output_field=column)
