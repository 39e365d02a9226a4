"""What the answers of a form would count towards once approved, before anything is saved.

The questions are those of ``indicators.counting.rules``, word for word: they are put to the
database about the values typed instead of about a stored row. One query, and nothing is written.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, Field, ForeignKey, ManyToManyField, QuerySet, Value, When

from indicators.counting.contributions import Contribution, add_country_hint
from indicators.counting.registry import RECORD_SOURCES, RecordSource
from indicators.counting.rules import UNTIL_APPROVED, counting_rules, plan_window
from indicators.models import CountingRule
from strategy.choices import COUNTRY_DIMENSIONS, RecordKind
from strategy.models import Country, Target

Values = Mapping[str, Any]
"""Field name -> value in Python, rows for a many-to-many field; absent means not answered."""


@dataclass(frozen=True)
class UnsavedRecordSource(RecordSource):
    """Answers in the place of the stored records of a kind."""

    values: Values = field(default_factory=dict)

    def links(self, column: "ManyToManyField[Any, Any]") -> tuple[QuerySet[Any], str]:
        chosen = [row.pk for row in self.values.get(column.name) or ()]
        return QuerySet(column.related_model).filter(pk__in=chosen).order_by(), "pk"


@dataclass(frozen=True)
class ForecastContribution:
    """What one target would say, and the question without whose answer it cannot say more."""

    answer: Contribution
    unanswered: str = ""
    """The name of the field that has no answer yet."""


def forecast_contributions(
    kind: RecordKind, values: Values, targets: Collection[Target], as_of: date
) -> list[ForecastContribution]:
    """What the targets of the kind would say to these answers, approval and evidence aside."""
    source = RECORD_SOURCES[kind]
    typed = UnsavedRecordSource(source.model, source.date_rule, source.paths, source.amount, values)
    asked = [
        (target, _asked(target, typed, as_of)) for target in targets if target.record_kind == kind
    ]
    if not asked:
        return []
    passed = iter(_passed(typed, [one for _target, questions in asked for one in questions]))
    said = []
    for target, questions in asked:
        told = [(question, next(passed)) for question in questions]
        failed = next((question for question, passes in told if not passes), None)
        empty = failed is not None and values.get(failed.column) in (None, "", [])
        answer = Contribution(target, failed.reason if failed else None)
        said.append(ForecastContribution(answer, failed.column if failed and empty else ""))
    answers = add_country_hint([one.answer for one in said], _countries_in(kind, values), targets)
    return [replace(one, answer=answer) for one, answer in zip(said, answers, strict=True)]


def _asked(target: Target, typed: UnsavedRecordSource, as_of: date) -> list[CountingRule]:
    questions = counting_rules(target, plan_window(target, as_of), typed)
    return [one for one in questions if one.reason not in UNTIL_APPROVED]


def _passed(typed: UnsavedRecordSource, questions: Sequence[CountingRule]) -> Sequence[bool]:
    """For each question whether the answers pass it."""
    columns = [f for f in typed.model._meta.concrete_fields if f.name in typed.model.COLUMNS]
    verdicts = {
        f"question_{number}": Case(When(one.passes, then=Value(True)), default=Value(False))
        for number, one in enumerate(questions)
    }
    # Any table with one sure row and none of the records' names will do to ask a question on.
    row = ContentType.objects.filter(
        app_label=typed.model._meta.app_label, model=typed.model._meta.model_name
    )
    named = row.alias(**{column.name: _literal(column, typed.values) for column in columns})
    return list(named.annotate(**verdicts).values_list(*verdicts).get())


def _literal(column: "Field[Any, Any]", values: Values) -> Value:
    """A value as the column would hold it."""
    value = values.get(column.name)
    if isinstance(column, ForeignKey):
        return Value(getattr(value, "pk", None), output_field=column.target_field)
    if value is None and not column.null:
        value = column.get_default()
    return Value(value, output_field=column)


def _countries_in(kind: RecordKind, values: Values) -> list[Country]:
    """The countries that the answers name, whatever for."""
    named: list[Country] = []
    for dimension, path in RECORD_SOURCES[kind].paths.items():
        if dimension in COUNTRY_DIMENSIONS:
            value = values.get(path.column)
            named += [value] if isinstance(value, Country) else value or []
    return named
