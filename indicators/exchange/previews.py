"""Files looked at before they are confirmed: kept for their owner for an hour, then forgotten."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from indicators.exchange.importing import check_file
from indicators.exchange.outcome import Outcome, RowState, UnreadableFile
from indicators.models import ImportPreview
from indicators.workflow import StaleRecord, WorkflowError
from strategy.models import User
from strategy.vocabulary import RecordKind

LIFETIME = timedelta(hours=1)


class OutcomeChanged(WorkflowError):
    """The records or the rules changed since the preview, so the file would do something else."""


def make_preview(
    kind: RecordKind, content: bytes, file_name: str, *, by: User, at: datetime
) -> ImportPreview:
    """Compare a file with the records and keep what it would do.

    Raises UnreadableFile when its rows cannot be told, NotAllowed when the person may not import.
    """
    checked = check_file(kind, content, by=by, at=at)
    if checked.outcome.file_problems and not checked.outcome.rows:
        raise UnreadableFile(*checked.outcome.file_problems)
    ImportPreview.objects.filter(created_at__lt=at - LIFETIME).delete()
    return ImportPreview.objects.create(
        owner=by,
        kind=kind,
        file_name=file_name[:200],
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=at,
        **_told(checked.outcome),
    )


def preview_of(identifier: uuid.UUID, owner: User) -> ImportPreview | None:
    """The owner's preview of that name; nobody else has one."""
    return ImportPreview.objects.filter(uuid=identifier, owner=owner).first()


def is_over(preview: ImportPreview, at: datetime) -> bool:
    """Whether its hour is over."""
    return at - preview.created_at > LIFETIME


def confirm(preview: ImportPreview, *, by: User, at: datetime) -> Mapping[RowState, int]:
    """Write what the preview shows, once, and forget it; return its counts.

    Raises OutcomeChanged, having put what the file would do now into the preview, when that is no
    longer what was looked at; StaleRecord when it changed in that very moment.
    """
    checked = check_file(RecordKind(preview.kind), bytes(preview.content), by=by, at=at)
    if checked.outcome.digest != preview.digest:
        ImportPreview.objects.filter(pk=preview.pk).update(**_told(checked.outcome))
        raise OutcomeChanged(
            _("Records changed since you looked. Nothing was written: look again, then import.")
        )
    with transaction.atomic():
        _take(preview)
        checked.write()
    return checked.outcome.counts


def _take(preview: ImportPreview) -> None:
    """Let the preview go in this transaction: of two who confirm it at once, one finds it gone."""
    gone, _by_model = ImportPreview.objects.filter(pk=preview.pk).delete()
    if not gone:
        raise StaleRecord(_("This file was imported already."))


def _told(outcome: Outcome) -> dict[str, object]:
    """What the preview keeps of an outcome."""
    return {
        "outcome": {
            "counts": outcome.counts,
            "notices": outcome.notices,
            "problems": [str(problem) for problem in outcome.file_problems],
            "stop_counting": sum(row.stops_counting for row in outcome.rows),
            "rows": {
                state.value: [row.as_json() for row in outcome.rows if row.state == state]
                for state in RowState
            },
        },
        "digest": outcome.digest,
    }
