"""Rows that would make two records the same in what the kind says is unique together."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from indicators.import_export.files.table import ImportProblem
from indicators.import_export.rows.columns import REFERENCE
from indicators.import_export.rows.drafts import RowDraft
from indicators.import_export.rows.results import RowResult
from indicators.models import Record


class UniquenessChecker:
    """Takes the drafts of a file one by one; finds the doubles when all are there."""

    def __init__(self, model: type[Record]) -> None:
        self.model = model
        self._constraints = [
            constraint
            for constraint in model._meta.constraints
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields
        ]
        self._drafted: list[list[tuple[RowResult, int | None, tuple[Any, ...]]]] = [
            [] for _constraint in self._constraints
        ]

    def note(self, draft: RowDraft, row: RowResult) -> None:
        """Keep what no two records may share, until all rows are read."""
        for constraint, drafted in zip(self._constraints, self._drafted, strict=True):
            values = tuple(getattr(draft.record, name) for name in self._columns(constraint))
            drafted.append((row, draft.record.pk, values))

    def problems(self) -> Iterator[tuple[RowResult, ImportProblem]]:
        """Each row that is one too many, and what is wrong with it."""
        for constraint, drafted in zip(self._constraints, self._drafted, strict=True):
            if drafted:
                yield from self._problems_of(constraint, drafted)

    def _columns(self, constraint: models.UniqueConstraint) -> list[str]:
        meta: Any = self.model._meta
        return [meta.get_field(name).attname for name in constraint.fields]

    def _problems_of(
        self, constraint: models.UniqueConstraint, drafted: Any
    ) -> Iterator[tuple[RowResult, ImportProblem]]:
        changed = {key for _row, key, _values in drafted}
        rows = self.model.all_objects.filter(constraint.condition or models.Q())
        there = {
            tuple(values): str(reference)
            for key, reference, *values in rows.values_list(
                "pk", REFERENCE, *self._columns(constraint)
            )
            if key not in changed
        }
        sentence = _("There is such a record already: %(other)s. Change that one instead.")
        for row, _key, values in drafted:
            if values in there:
                other = {"other": there[values]}
                yield row, ImportProblem(sentence % other, row.number, constraint.fields[0])
            there.setdefault(values, _("row %(row)s") % {"row": row.number})
