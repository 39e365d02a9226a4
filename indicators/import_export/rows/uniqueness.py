"""Rows that would give two records the same values where the kind requires unique ones."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from indicators.import_export.files.table import ImportProblem
from indicators.import_export.rows.columns import REFERENCE
from indicators.import_export.rows.drafts import RowDraft
from indicators.models import Record


def find_uniqueness_errors(
    model: type[Record], drafts: Sequence[RowDraft]
) -> Iterator[ImportProblem]:
    """Yield a problem for each draft that repeats a record of the database or of an earlier row."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and drafts:
            yield from _find_errors(model, constraint, drafts)


def _find_errors(
    model: type[Record], constraint: models.UniqueConstraint, drafts: Sequence[RowDraft]
) -> Iterator[ImportProblem]:
    meta: Any = model._meta
    columns = [meta.get_field(name).attname for name in constraint.fields]
    drafted = {draft.record.pk for draft in drafts}
    saved = model.all_objects.filter(constraint.condition or models.Q())
    owners = {
        tuple(values): str(reference)
        for key, reference, *values in saved.values_list("pk", REFERENCE, *columns)
        if key not in drafted
    }
    sentence = _("There is such a record already: %(other)s. Change that one instead.")
    for draft in drafts:
        values = tuple(getattr(draft.record, column) for column in columns)
        if values in owners:
            message = sentence % {"other": owners[values]}
            yield ImportProblem(message, draft.number, constraint.fields[0])
        owners.setdefault(values, _("row %(row)s") % {"row": draft.number})
