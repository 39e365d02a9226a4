"""Pending records for two pages: the user's own, and those of others to review."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.counting.contributions import (
    Contribution,
    describe_objectives,
    describe_reasons,
    find_contributions,
    load_targets,
)
from indicators.forms.duplicates import (
    DuplicateMatches,
    compare_records,
    find_duplicates_of_kinds,
)
from indicators.forms.registry import RECORD_TYPES
from indicators.models import Record, Status
from indicators.models.reading.related import prefetch_choices, prefetch_evidence
from indicators.values.display import DisplayField, display_fields
from indicators.workflow import actions, queues
from indicators.workflow.audit_log import FieldChange, changes_since_approval
from indicators.workflow.queues import PendingRecord
from indicators.workflow.transitions import Action
from strategy.choices import RecordKind
from strategy.models import Target, User

MAX_OWN_ITEMS = 200
"""Limit of a user's own unfinished records on the page; the lists show all of them."""

RecordKey = tuple[RecordKind, int]


@dataclass(frozen=True)
class WorkItem:
    """A pending record as a page shows it."""

    pending: PendingRecord
    days: int
    """Since it was submitted."""
    objectives: str = ""
    """Those that it would count towards once approved."""
    reason: str = ""
    """Why it would count towards no objective."""
    outside: Contribution | None = None
    """The contribution that names where its countries count instead."""
    record: Any = None
    fields: Sequence[DisplayField] = ()
    changes: Sequence[FieldChange] = ()
    """The changes since the approval; only for what was approved once."""
    duplicates: DuplicateMatches = field(default_factory=DuplicateMatches)
    note: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        return f"{self.pending.kind}/{self.pending.reference}"

    @property
    def anchor(self) -> str:
        """The element's id on the page: a reference may have characters that an id may not."""
        return f"{self.pending.kind}-{self.pending.pk}"

    @property
    def key(self) -> str:
        """The name with the version that the page shows."""
        return f"{self.name}/{self.record.version}"


@dataclass(frozen=True)
class BulkActionSummary:
    """The records of a bulk action that succeeded, and why the others failed, by their names."""

    done: Sequence[Record]
    failed: Mapping[str, str]


def load_own_items(user: User, now: datetime, today: date) -> Sequence[WorkItem]:
    rows = queues.pending_records(user, queues.own_unfinished).order_by("-changed_at", "pk")
    pending_records = queues.build_pending_records(rows[:MAX_OWN_ITEMS])
    submitted = [pending for pending in pending_records if pending.status == Status.SUBMITTED]
    records_by_kind = queues.load_records(submitted, user)
    targets = load_targets() if records_by_kind else ()
    contributions = _load_contributions(records_by_kind, targets, today)
    return [
        _build_item(pending, now, contributions.get((pending.kind, pending.pk), ()), targets)
        for pending in pending_records
    ]


def load_deleted_records(user: User, now: datetime) -> Sequence[PendingRecord]:
    rows = queues.recently_deleted(user, now).order_by("-deleted_at", "pk")
    return queues.build_pending_records(rows[:MAX_OWN_ITEMS])


def load_review_items(
    pending_records: Sequence[PendingRecord], user: User, now: datetime, today: date
) -> Sequence[WorkItem]:
    records_by_kind = queues.load_records(pending_records, user)
    shown = [record for records in records_by_kind.values() for record in records]
    prefetch_choices(shown)
    prefetch_evidence(shown)
    targets = load_targets() if records_by_kind else ()
    contributions = _load_contributions(records_by_kind, targets, today)
    changes = _load_changes(records_by_kind)
    duplicates = _load_duplicates(records_by_kind, user)
    records_by_key = {
        (kind, record.pk): record for kind, records in records_by_kind.items() for record in records
    }
    items = []
    for pending in pending_records:
        key = (pending.kind, pending.pk)
        fields = display_fields(records_by_key[key])
        items.append(
            replace(
                _build_item(pending, now, contributions.get(key, ()), targets),
                record=records_by_key[key],
                fields=[field for field in fields if field.text and field.name != "title"],
                changes=changes.get(key, ()),
                duplicates=duplicates.get(key, DuplicateMatches()),
            )
        )
    return items


def apply_bulk_action(
    keys: Sequence[str], action: Action, notes: Mapping[str, str], *, by: User, at: datetime
) -> BulkActionSummary:
    """Approve or return each record, named `kind/reference/version`; a failure stops no other."""
    failed: dict[str, str] = {}
    done: list[Record] = []
    for key in keys:
        name, _slash, version = key.rpartition("/")
        try:
            record = _get_record(by, name)
            seen = actions.parse_version(version)
            if action == Action.APPROVE:
                actions.approve(record, by=by, at=at, seen_version=seen)
            else:
                note = notes.get(name, "")
                actions.return_record(record, by=by, at=at, note=note, seen_version=seen)
        except actions.WorkflowError as error:
            failed[name] = str(error)
        else:
            done.append(record)
    return BulkActionSummary(done, failed)


def _get_record(user: User, name: str) -> Record:
    kind, _slash, reference = name.partition("/")
    record: Record | None = None
    if kind in RecordKind.values and reference.isprintable():
        records = RECORD_TYPES[RecordKind(kind)].model.objects.visible_to(user)
        record = records.with_reference(reference).first()
    if record is None:
        raise actions.InvalidTransition(_("There is no such record that you may see."))
    return record


def _load_contributions(
    records_by_kind: Mapping[RecordKind, Sequence[Record]], targets: Sequence[Target], today: date
) -> Mapping[RecordKey, Sequence[Contribution]]:
    return {
        (kind, pk): contributions
        for kind, records in records_by_kind.items()
        for pk, contributions in find_contributions(
            kind, records, targets, today, once_approved=True
        ).items()
    }


def _load_duplicates(
    records_by_kind: Mapping[RecordKind, Sequence[Record]], user: User
) -> Mapping[RecordKey, DuplicateMatches]:
    compared = {kind: compare_records(records) for kind, records in records_by_kind.items()}
    return {
        (kind, pk): duplicates
        for kind, found in find_duplicates_of_kinds(compared, user=user).items()
        for pk, duplicates in found.items()
    }


def _load_changes(
    records_by_kind: Mapping[RecordKind, Sequence[Record]],
) -> Mapping[RecordKey, Sequence[FieldChange]]:
    return {
        (kind, pk): changes
        for kind, records in records_by_kind.items()
        for pk, changes in changes_since_approval([r for r in records if r.was_approved]).items()
    }


def _count_days(start: datetime, now: datetime) -> int:
    """Return how often midnight has passed: who submits in the evening waits a day at breakfast."""
    return (timezone.localtime(now).date() - timezone.localtime(start).date()).days


def _build_item(
    pending: PendingRecord,
    now: datetime,
    contributions: Sequence[Contribution],
    targets: Sequence[Target],
) -> WorkItem:
    objectives = describe_objectives(contributions, targets)
    first = next(iter(contributions), None) if not objectives else None
    return WorkItem(
        pending=pending,
        days=_count_days(pending.submitted_at, now) if pending.submitted_at else 0,
        objectives=objectives,
        reason="" if objectives else describe_reasons(contributions, targets),
        outside=first if first and first.elsewhere else None,
    )
