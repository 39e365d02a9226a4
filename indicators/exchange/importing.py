"""The door to importing, for commands and screens: check a file, then write all or nothing."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from indicators.exchange.columns import headings_for
from indicators.exchange.outcome import Outcome, UnreadableFile
from indicators.exchange.reading import read_table
from indicators.exchange.resources import RecordResource
from indicators.exchange.storing import approve_all, store
from indicators.models import Record
from indicators.permissions import may_approve, may_record
from indicators.workflow import NotAllowed, NotPossible, StaleRecord
from strategy.models import User
from strategy.vocabulary import RecordKind


@dataclass(frozen=True)
class Import:
    """A file that was compared with the records, and is not written yet."""

    outcome: Outcome
    resource: RecordResource

    def approvable(self, approver: User) -> list[Record]:
        """The records of the file that the person may approve: evidence, and a second person.

        Records that the file leaves as they are, and that wait, are among them.
        """
        values = self.resource.values
        drafted = {id(draft.record) for draft in self.resource.drafts}
        proved = [
            draft.record
            for draft in self.resource.drafts
            if (draft.links if draft.links is not None else values.has_evidence(draft.record))
            or draft.record.pk in values.with_files
        ]
        proved += [
            record
            for record in self.resource.known.values()
            if id(record) not in drafted and values.has_evidence(record)
        ]
        return [record for record in proved if may_approve(approver, record)]

    def write(self, approver: User | None = None) -> int:
        """Write everything, or nothing; return how many records were approved.

        Raises NotPossible when anything in the file is wrong, StaleRecord when records changed
        since it was compared with them.
        """
        resource = self.resource
        if not self.outcome.is_good:
            raise NotPossible(_("Something in the file is wrong. Nothing was written."))
        approved = self.approvable(approver) if approver else []
        try:
            with transaction.atomic():
                store(resource.drafts, resource.cells, by=resource.by, at=resource.at)
                if approver:
                    approve_all(approved, by=approver, at=resource.at)
        except IntegrityError:
            raise StaleRecord(
                _("Someone else saved such records meanwhile. Nothing was written.")
            ) from None
        return len(approved)


def check_file(kind: RecordKind, content: bytes, *, by: User, at: datetime) -> Import:
    """Compare a file with the records of a kind; nothing is written.

    Raises NotAllowed when the person may not enter records. What is wrong with the file is in the
    outcome.
    """
    if not may_record(by):
        raise NotAllowed(
            _("“%(user)s” may not enter records: that needs an office, and a role that does.")
            % {"user": by.get_username()}
        )
    resource = RecordResource(kind, by, at)
    try:
        table = read_table(content, kind, headings_for(kind))
    except UnreadableFile as error:
        return Import(Outcome(kind, file_problems=error.problems), resource)
    return Import(resource.check(table), resource)
