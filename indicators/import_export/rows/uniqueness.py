"""Rows that would give two records the same values where the kind requires unique ones."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from indicators.import_export.files.table import ImportProblem
from indicators.import_export.rows.columns import REFERENCE
from indicators.import_export.rows.drafts import RowDraft
from indicators.models import Record
from indicators.models.record import find_source_column

Values = tuple[object, ...]


def find_uniqueness_errors(
    model: type[Record], drafts: Sequence[RowDraft]
) -> Iterator[ImportProblem]:
    """Yield a problem for each draft that repeats another record as it is after the import.

    A refused row leaves its record as it is, which may refuse another row.
    """
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and drafts:
            yield from _find_errors(model, constraint, drafts)


def _find_errors(
    model: type[Record], constraint: models.UniqueConstraint, drafts: Sequence[RowDraft]
) -> Iterator[ImportProblem]:
    meta: Any = model._meta
    names = [meta.get_field(name).attname for name in constraint.fields]
    saved = _load_owners(model, constraint, names)
    column = find_source_column(model, constraint.fields[0])
    remaining = list(drafts)
    while problems := list(_find_repeated(remaining, saved, names, column)):
        refused = {problem.row for problem in problems}
        remaining = [draft for draft in remaining if draft.number not in refused]
        yield from problems


def _load_owners(
    model: type[Record], constraint: models.UniqueConstraint, names: Sequence[str]
) -> dict[int, tuple[str, Values]]:
    records = model.all_objects.filter(constraint.condition or models.Q())
    return {
        key: (str(reference), tuple(values))
        for key, reference, *values in records.values_list("pk", REFERENCE, *names)
    }


def _find_repeated(
    drafts: Sequence[RowDraft],
    saved: dict[int, tuple[str, Values]],
    names: Sequence[str],
    column: str,
) -> Iterator[ImportProblem]:
    drafted = {draft.record.pk for draft in drafts}
    owners = {values: name for key, (name, values) in saved.items() if key not in drafted}
    sentence = _("There is such a record already: %(other)s. Change that one instead.")
    for draft in drafts:
        values = tuple(getattr(draft.record, name) for name in names)
        if values in owners:
            yield ImportProblem(sentence % {"other": owners[values]}, draft.number, column)
        else:
            owners[values] = _("row %(row)s (“%(name)s”)") % {
                "row": draft.number,
                "name": draft.record.name,
            }
