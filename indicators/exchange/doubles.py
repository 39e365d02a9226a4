"""Rows that would make two records the same in what the kind says is unique together."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from indicators.exchange.columns import REFERENCE
from indicators.exchange.drafts import Draft
from indicators.exchange.outcome import Outcome, Problem
from indicators.models import Record


class Doubles:
    """Takes the drafts of a file one by one; finds the doubles when all are there."""

    def __init__(self, model: type[Record]) -> None:
        self.model = model
        self._constraints = [
            constraint
            for constraint in model._meta.constraints
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields
        ]
        self._drafted: list[list[tuple[int, int | None, tuple[Any, ...]]]] = [
            [] for _constraint in self._constraints
        ]

    def note(self, draft: Draft) -> None:
        """Keep what no two records may share, until all rows are read."""
        for constraint, drafted in zip(self._constraints, self._drafted, strict=True):
            values = tuple(getattr(draft.record, name) for name in self._columns(constraint))
            drafted.append((draft.place, draft.record.pk, values))

    def problems(self, outcome: Outcome) -> Iterator[tuple[int, Problem]]:
        """The place of each row in error, and what is wrong."""
        for constraint, drafted in zip(self._constraints, self._drafted, strict=True):
            if drafted:
                yield from self._problems_of(constraint, drafted, outcome)

    def _columns(self, constraint: models.UniqueConstraint) -> list[str]:
        meta: Any = self.model._meta
        return [meta.get_field(name).attname for name in constraint.fields]

    def _problems_of(
        self, constraint: models.UniqueConstraint, drafted: Any, outcome: Outcome
    ) -> Iterator[tuple[int, Problem]]:
        changed = {key for _place, key, _values in drafted}
        rows = self.model._base_manager.filter(constraint.condition or models.Q())
        there = {
            tuple(values): str(reference)
            for key, reference, *values in rows.values_list(
                "pk", REFERENCE, *self._columns(constraint)
            )
            if key not in changed
        }
        sentence = _("There is such a record already: %(other)s. Change that one instead.")
        for place, _key, values in drafted:
            number = outcome.rows[place].number
            if values in there:
                other = {"other": there[values]}
                yield place, Problem(sentence % other, number, constraint.fields[0])
            there.setdefault(values, _("row %(row)s") % {"row": number})
