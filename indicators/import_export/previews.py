"""Previews of files before they are confirmed: stored for their owner for an hour."""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.forms.duplicates import DuplicateMatch, DuplicateMatches
from indicators.import_export.files.table import Answers, Reading, Table, UnreadableFile
from indicators.import_export.importer import (
    Import,
    build_duplicate_search,
    check_permission,
    read_kind_table,
    revalidate_table,
)
from indicators.import_export.rows.columns import table_headings
from indicators.import_export.rows.results import (
    FieldDiff,
    RowResult,
    RowStatus,
    compute_digest,
)
from indicators.import_export.rows.validation import TableValidator
from indicators.models import ImportPreview, ImportRun
from indicators.workflow.actions import ConcurrentEdit, InvalidTransition, WorkflowError
from strategy.choices import RecordKind
from strategy.dates.periods import PartialDate
from strategy.models import User

LIFETIME = timedelta(hours=1)

ERRORS_LIFETIME = timedelta(days=1)
"""How long the rows in error can be downloaded after the good rows were imported."""

IMPORTED_ALREADY = gettext_lazy("This file was imported already.")


class PreviewOutdated(WorkflowError):
    """The records or the rules changed after the preview, and with them the file's effect."""


def make_preview(
    kind: RecordKind,
    content: bytes,
    file_name: str,
    *,
    by: User,
    at: datetime,
    answers: Answers | None = None,
) -> ImportPreview:
    """Compare a file with the records and store its effect.

    Raises UnreadableFile, and OpenQuestions for questions that ``answers`` leaves open.
    """
    check_permission(by)
    table = read_kind_table(content, kind, Reading(answers))
    validator = TableValidator(kind, by, at)
    outcome = validator.validate(table)
    if not outcome.rows:
        raise UnreadableFile(*outcome.file_problems)
    _delete_expired(at)
    return ImportPreview.objects.create(
        owner=by,
        kind=kind,
        file_name=file_name[:200],
        table=json.dumps([table.columns, table.headings, validator.safe_rows, validator.withheld]),
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=at,
        **_stored_outcome(Import(outcome, by, at, validator.drafts)),
    )


def _delete_expired(at: datetime) -> None:
    expired = models.Q(imported_at=None, created_at__lt=at - LIFETIME)
    ImportPreview.objects.filter(expired | models.Q(created_at__lt=at - ERRORS_LIFETIME)).delete()


def _stored_outcome(checked: Import) -> Mapping[str, object]:
    outcome = checked.outcome
    wrong = {row.number for row in outcome.rows_with(RowStatus.ERROR)}
    search = build_duplicate_search(checked)
    return {
        "outcome": {
            "counts": outcome.counts,
            "tally": outcome.tally,
            "notices": outcome.notices,
            "problems": [problem.sentence for problem in outcome.file_problems],
            "stop_counting": outcome.stop_counting,
            "duplicates": [
                _pack_duplicates(number, found)
                for number, found in search.find().items()
                if number not in wrong
            ],
            "compared": search.digest,
            "rare_dates": outcome.rare_dates,
        },
        "rows": json.dumps([row.as_json() for row in outcome.rows]),
    }


def _pack_duplicates(number: int, found: DuplicateMatches) -> list[object]:
    records = [
        [
            one.reference,
            one.title,
            one.when and str(getattr(one.when, "text", one.when)),
            one.office,
        ]
        for one in found.records
    ]
    return [number, records, found.elsewhere, found.rows]


def load_duplicates(preview: ImportPreview) -> Mapping[int, DuplicateMatches]:
    """Return by row what new records resemble; each needs a choice before the import."""
    return {
        number: DuplicateMatches(
            [
                DuplicateMatch(reference, title, PartialDate.parse(when) if when else None, office)
                for reference, title, when, office in records
            ],
            elsewhere,
            rows,
        )
        for number, records, elsewhere, rows in preview.outcome["duplicates"]
    }


def get_preview(identifier: uuid.UUID, owner: User) -> ImportPreview | None:
    return ImportPreview.objects.filter(uuid=identifier, owner=owner).first()


def is_expired(preview: ImportPreview, at: datetime) -> bool:
    return at - preview.created_at > LIFETIME


def load_table(preview: ImportPreview, without: Collection[int] = ()) -> Table:
    columns, headings, rows, _withheld = json.loads(preview.table)
    return Table(
        tuple(columns),
        tuple(headings),
        [(number, cells) for number, cells in rows if number not in without],
    )


def load_rows(preview: ImportPreview, state: RowStatus) -> list[RowResult]:
    return [RowResult.from_json(row) for row in json.loads(preview.rows) if row[1] == state]


def describe_rows(preview: ImportPreview, rows: list[RowResult]) -> list[RowResult]:
    """Return rows with the file's headings; the changes of a new row are its cells."""
    table = load_table(preview)
    headings = table_headings(table, RecordKind(preview.kind))
    if any(row.state == RowStatus.NEW for row in rows):
        cells = dict(table.rows)
        rows = [
            replace(
                row,
                changes=[
                    FieldDiff(name, "", text)
                    for name, text in zip(table.columns, cells[row.number], strict=True)
                    if text
                ],
            )
            for row in rows
        ]
    return [row.with_headings(headings) for row in rows]


def has_errors(preview: ImportPreview) -> bool:
    return bool(preview.outcome["tally"][RowStatus.ERROR])


def confirm(
    preview: ImportPreview,
    *,
    by: User,
    at: datetime,
    is_partial: bool = False,
    choices: Mapping[int, bool] | None = None,
    reason: str = "",
    accepts_rare_dates: bool = False,
) -> ImportRun:
    """Write the previewed changes, once; return the import.

    ``is_partial`` imports the good rows of a file with errors, InvalidTransition otherwise.
    ``choices`` says of each row that may be recorded already whether it is imported. Raises what
    ``Import.write`` raises, and PreviewOutdated after storing a changed effect.
    """
    if preview.outcome["problems"] or (has_errors(preview) and not is_partial):
        raise InvalidTransition(_("Something in the file is wrong. Nothing was written."))
    kind, choices = RecordKind(preview.kind), choices or {}
    if load_duplicates(preview).keys() - choices.keys():
        raise InvalidTransition(
            _("Choose for each row that may be recorded already whether to import it.")
        )
    wrong = {row.number for row in load_rows(preview, RowStatus.ERROR)}
    left_out = wrong | {number for number, is_imported in choices.items() if not is_imported}
    checked = revalidate_table(kind, load_table(preview, left_out), by=by, at=at)
    if not _is_as_seen(preview, checked, left_out, choices):
        _update_outcome(preview, kind, by, at)
        raise PreviewOutdated(
            _("Records changed since you looked. Nothing was written: look again, then import.")
        )
    run = ImportRun(
        uuid=preview.uuid,
        file_name=preview.file_name,
        sha256=preview.sha256,
        left_out=len(left_out),
    )
    claim = partial(_claim, preview, at, is_partial=bool(wrong))
    checked.write(run=run, claim=claim, reason=reason, accepts_rare_dates=accepts_rare_dates)
    return run


def _is_as_seen(
    preview: ImportPreview, checked: Import, left_out: Collection[int], choices: Mapping[int, bool]
) -> bool:
    seen = [row for row in json.loads(preview.rows) if row[0] not in left_out]
    digest = compute_digest(RecordKind(preview.kind), seen)
    if not checked.outcome.is_good or checked.outcome.digest != digest:
        return False
    search = build_duplicate_search(checked)
    # Most files are confirmed while what they are compared with is as it was.
    if search.digest == preview.outcome.get("compared"):
        return True
    return search.find().keys() <= choices.keys()


def _update_outcome(preview: ImportPreview, kind: RecordKind, by: User, at: datetime) -> None:
    if not _waiting(preview).exists():
        raise ConcurrentEdit(str(IMPORTED_ALREADY))
    *_table, withheld = json.loads(preview.table)
    errors = {int(number): cells for number, cells in withheld.items()}
    validator = TableValidator(kind, by, at, withheld=errors)
    outcome = validator.validate(load_table(preview))
    outcome.notices = list(dict.fromkeys([*preview.outcome["notices"], *outcome.notices]))
    stored = _stored_outcome(Import(outcome, by, at, validator.drafts))
    ImportPreview.objects.filter(pk=preview.pk).update(**stored)


def _waiting(preview: ImportPreview) -> models.QuerySet[ImportPreview]:
    return ImportPreview.objects.filter(pk=preview.pk, imported_at=None)


def _claim(preview: ImportPreview, at: datetime, *, is_partial: bool) -> None:
    waiting = _waiting(preview)
    claimed = waiting.update(imported_at=at) if is_partial else waiting.delete()[0]
    if not claimed:
        raise ConcurrentEdit(str(IMPORTED_ALREADY))
