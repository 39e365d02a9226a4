"""The door to importing, for commands and screens: check a file, then write all or nothing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from indicators.import_export.bulk.prepare import BulkWriter
from indicators.import_export.bulk.sql import reserved_keys
from indicators.import_export.bulk.write import approve_all, log_import_rows, write_batches
from indicators.import_export.files.csv import read_table
from indicators.import_export.files.table import Table, UnreadableFile
from indicators.import_export.rows.columns import REFERENCE, headings_for, shown_headings
from indicators.import_export.rows.drafts import ApprovalCandidate
from indicators.import_export.rows.resources import RecordResource, ignore
from indicators.import_export.rows.results import ImportResult, RowStatus
from indicators.models import ImportRun, Record
from indicators.workflow.actions import ActionDenied, ConcurrentEdit, InvalidTransition
from indicators.workflow.permissions import can_approve
from strategy.accounts.policy import can_record
from strategy.choices import RecordKind
from strategy.models import User


@dataclass(frozen=True)
class Import:
    """A table that was compared with the records, and is not written yet."""

    outcome: ImportResult
    by: User
    at: datetime
    prepared: BulkWriter
    proved: Sequence[ApprovalCandidate] = field(default_factory=list)

    def approvable(self, approver: User, keys: Sequence[int] = ()) -> list[Record]:
        """The records of the file that the person may approve: evidence, and a second person.

        Records that the file leaves as they are, and that wait, are among them.
        """
        records = (one.record_of(self.prepared.model, keys) for one in self.proved)
        return [record for record in records if can_approve(approver, record)]

    def write(
        self,
        approver: User | None = None,
        run: ImportRun | None = None,
        claim: Callable[[], None] = lambda: None,
    ) -> int:
        """Write everything, or nothing; return how many records were approved.

        ``run``, not saved yet, is where what was done is kept; ``claim`` is called in the
        transaction, before anything is written. Raises InvalidTransition when anything in the file
        is wrong, ConcurrentEdit when records changed since it was compared with them.
        """
        if not self.outcome.is_good:
            raise InvalidTransition(_("Something in the file is wrong. Nothing was written."))
        keys = reserved_keys(self.prepared.model, self.prepared.new)
        approved = self.approvable(approver, keys) if approver else []
        try:
            with transaction.atomic():
                claim()
                if run:
                    self._begin(run)
                for batch, own in write_batches(self.prepared, keys, by=self.by, at=self.at):
                    if run:
                        log_import_rows(run, batch, own)
                if approver:
                    approve_all(approved, by=approver, at=self.at)
        except IntegrityError:
            raise ConcurrentEdit(
                _("Someone else saved such records meanwhile. Nothing was written.")
            ) from None
        return len(approved)

    def _begin(self, run: ImportRun) -> None:
        tally = self.outcome.tally
        run.owner, run.kind, run.at = self.by, self.outcome.kind, self.at
        run.new, run.changed = tally[RowStatus.NEW], tally[RowStatus.CHANGED]
        run.unchanged = tally[RowStatus.UNCHANGED]
        run.save()


def validate_file(
    kind: RecordKind,
    content: bytes,
    *,
    by: User,
    at: datetime,
    is_only_new: bool = False,
    stay_drafts: Collection[str] = (),
) -> Import:
    """Compare a file with the records of a kind; nothing is written.

    ``is_only_new`` leaves records that are there as they are; new ones whose reference is among
    ``stay_drafts`` come in as drafts. Raises ActionDenied when the person may not enter records.
    What is wrong with the file is in the outcome.
    """
    refuse_who_may_not(by)
    resource = RecordResource(kind, by, at, is_only_new=is_only_new, stay_drafts=stay_drafts)
    prepared, proved = BulkWriter(resource.model, resource.cells), list[ApprovalCandidate]()
    try:
        outcome = resource.check(read_kind_table(content, kind), prepared.take, prove=proved.extend)
    except UnreadableFile as error:
        outcome = ImportResult(kind, file_problems=error.problems)
    return Import(outcome, by, at, prepared, proved)


def revalidate_table(
    kind: RecordKind,
    table: Table,
    *,
    by: User,
    at: datetime,
    note: Callable[..., None] = ignore,
) -> Import:
    """The same for a table that was looked at before, each row of which is told to ``note``.

    Nothing of it can be approved as it is written.
    """
    refuse_who_may_not(by)
    resource = RecordResource(kind, by, at, is_looked_at=True)
    prepared = BulkWriter(resource.model, resource.cells)
    return Import(resource.check(table, prepared.take, note), by, at, prepared)


def read_kind_table(content: bytes, kind: RecordKind) -> Table:
    """The table in a file of records, which has a column of references; raises UnreadableFile."""
    shown = shown_headings(kind)
    table = read_table(content, kind, headings_for(kind), shown)
    if REFERENCE in table.columns:
        return table
    return table.with_empty(REFERENCE, shown[REFERENCE])


def refuse_who_may_not(by: User) -> None:
    """Raise ActionDenied when the person may not enter records."""
    if not can_record(by):
        raise ActionDenied(
            _("“%(user)s” may not enter records: that needs an office, and a role that does.")
            % {"user": by.get_username()}
        )
