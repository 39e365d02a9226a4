"""Public import API: validate a file, then write it in one transaction."""

import gc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.counting.registry import RECORD_SOURCES
from indicators.forms.duplicates import (
    DuplicateMatches,
    DuplicateSearch,
)
from indicators.import_export.bulk.prepare import prepare_batches
from indicators.import_export.bulk.sql import reserve_keys
from indicators.import_export.bulk.write import (
    approve_all,
    lock_changed,
    log_import_rows,
    write_batch,
)
from indicators.import_export.files.reading import read_table
from indicators.import_export.files.table import Answers, Reading, Table, UnreadableFile
from indicators.import_export.rows.columns import (
    REFERENCE,
    list_date_columns,
    list_expected_columns,
)
from indicators.import_export.rows.date_order import apply_date_order
from indicators.import_export.rows.drafts import RowDraft
from indicators.import_export.rows.existing import split_batches
from indicators.import_export.rows.results import ImportResult, RowStatus
from indicators.import_export.rows.validation import TableValidator
from indicators.models import ClosedYear, ImportRun, Record
from indicators.models.reading.confidentiality import Audience, build_restricted_test
from indicators.safeguarding.detection import find_note_error
from indicators.values.similarity import ComparedRecord
from indicators.workflow.actions import ActionDenied, ConcurrentEdit, InvalidTransition
from indicators.workflow.reported_years import (
    find_cited_records,
    find_record_closed_dates,
    load_closed_years,
    log_cited_changes,
)
from indicators.workflow.transitions import Action, can_act
from strategy.accounts.policy import can_record
from strategy.accounts.security_log.events import log_event
from strategy.choices import RecordKind
from strategy.dates.periods import PartialDate
from strategy.models import SecurityAction, User


@dataclass(frozen=True)
class Import:
    """A validated table with the records to save, and its candidates for approval."""

    outcome: ImportResult
    by: User
    at: datetime
    drafts: Sequence[RowDraft] = ()
    candidates: Sequence[Record] = ()
    closed: Sequence[ClosedYear] = ()
    """The years that were closed when the table was compared."""

    def approvable(self, approver: User) -> list[Record]:
        self._find_audience(approver)
        return [record for record in self.candidates if can_act(approver, Action.APPROVE, record)]

    def _find_audience(self, approver: User) -> None:
        """Mark the candidates that the approver may know of: new ones by their values."""
        audience, is_restricted = Audience(approver), build_restricted_test()
        new = {id(draft.record): draft for draft in self.drafts if draft.is_new}
        for draft in new.values():
            if not is_restricted(draft.record, draft.many):
                draft.record.audience = audience
        model = RECORD_SOURCES[self.outcome.kind].model
        for batch in split_batches(each for each in self.candidates if id(each) not in new):
            stored = model.all_objects.visible_to(approver)
            visible = set(
                stored.filter(pk__in=[each.pk for each in batch]).values_list("pk", flat=True)
            )
            for record in batch:
                if record.pk in visible and not record.confidential:
                    record.audience = audience

    def write(
        self,
        approver: User | None = None,
        run: ImportRun | None = None,
        claim: Callable[[], None] = lambda: None,
        reason: str = "",
        *,
        accepts_rare_dates: bool = False,
    ) -> int:
        """Write everything or nothing; return the number of approved records.

        ``run`` is saved with the records; ``claim`` is called first in the transaction. Raises
        InvalidTransition for a problem, an unconfirmed date of a rare year, or a change of a cited
        record without ``reason``; ConcurrentEdit when a record has changed.
        """
        self._check(accepts_rare_dates=accepts_rare_dates)
        model = RECORD_SOURCES[self.outcome.kind].model
        self._reserve_keys(model)
        batches = prepare_batches(model, self.drafts, by=self.by, at=self.at)
        approved = self.approvable(approver) if approver else []
        try:
            with transaction.atomic():
                claim()
                if run:
                    self._save_run(run)
                lock_changed(model, batches, self.at)
                self._refuse_closed_since(model)
                changed, cited = self._find_cited(model, reason)
                for batch in batches:
                    write_batch(model, batch, by=self.by, at=self.at)
                    if run:
                        log_import_rows(run, batch)
                log_cited_changes(changed, cited, reason, by=self.by, at=self.at)
                self._approve_and_log(approved, approver)
        except IntegrityError:
            raise ConcurrentEdit(
                _("Someone else saved such records meanwhile. Nothing was written.")
            ) from None
        return len(approved)

    def _find_cited(
        self, model: type[Record], reason: str
    ) -> tuple[Sequence[Record], Mapping[int, Sequence[str]]]:
        """Return the changed records, and the years of the reports that cite some of them."""
        changed = [draft.record for draft in self.drafts if not draft.is_new]
        cited = find_cited_records(model, changed)
        _check_reason(len(cited), reason)
        return changed, cited

    def _refuse_closed_since(self, model: type[Record]) -> None:
        """Refuse dates, former ones too, of years that were closed after the comparison."""
        closed = [year for year in load_closed_years() if year not in self.closed]
        if not closed:
            return
        changed = [draft.record.pk for draft in self.drafts if not draft.is_new]
        stored = (model.all_objects.filter(pk__in=batch) for batch in split_batches(changed))
        for record in chain((draft.record for draft in self.drafts), *stored):
            for sentence in find_record_closed_dates(record, closed).values():
                raise InvalidTransition(sentence)

    def _check(self, *, accepts_rare_dates: bool) -> None:
        if not self.outcome.is_good:
            raise InvalidTransition(_("Something in the file is wrong. Nothing was written."))
        if self.outcome.rare_dates and not accepts_rare_dates:
            sentence = _(
                "Some dates are long ago or far ahead. Check them and confirm that they are right."
            )
            raise InvalidTransition(sentence)

    def _reserve_keys(self, model: type[Record]) -> None:
        new = [draft.record for draft in self.drafts if draft.is_new]
        for record, key in zip(new, reserve_keys(model, len(new)), strict=True):
            record.pk = key

    def _approve_and_log(self, approved: Sequence[Record], approver: User | None) -> None:
        kind = self.outcome.kind
        log_event(SecurityAction.IMPORTED, f"{kind}: {len(self.drafts)}", self.by)
        if approver:
            approve_all(approved, by=approver, at=self.at)
            log_event(SecurityAction.APPROVED, f"{kind}: {len(approved)}", approver)

    def _save_run(self, run: ImportRun) -> None:
        tally = self.outcome.tally
        run.owner, run.kind, run.at = self.by, self.outcome.kind, self.at
        run.new, run.changed = tally[RowStatus.NEW], tally[RowStatus.CHANGED]
        run.unchanged = tally[RowStatus.UNCHANGED]
        run.save()


def _check_reason(number: int, reason: str) -> None:
    if number and not reason.strip():
        sentence = ngettext(
            "The file changes %(number)s record that an issued report cites. Write why.",
            "The file changes %(number)s records that issued reports cite. Write why.",
            number,
        )
        raise InvalidTransition(sentence % {"number": number})
    error = find_note_error(reason)
    if error:
        raise InvalidTransition(error)


def find_import_duplicates(checked: Import) -> Mapping[int, DuplicateMatches]:
    """Return by row the records and earlier rows that a new record of the file resembles."""
    return build_duplicate_search(checked).find()


def build_duplicate_search(checked: Import) -> DuplicateSearch:
    """Return the search for records and earlier rows that new records of the file resemble."""
    source = RECORD_SOURCES[checked.outcome.kind]
    columns = [path.column for path in source.country_paths]
    compared = []
    for draft in checked.drafts:
        if draft.is_new:
            countries: set[int] = set()
            for column in columns:
                key = getattr(draft.record, f"{column}_id", None)
                countries |= set(draft.many.get(column, () if key is None else (key,)))
            when = getattr(draft.record, source.date_rule.column)
            compared.append(
                ComparedRecord(
                    draft.number,
                    getattr(draft.record, "title", ""),
                    when if isinstance(when, PartialDate) else None,
                    frozenset(countries),
                )
            )
    return DuplicateSearch(checked.outcome.kind, compared, user=checked.by, is_file=True)


@contextmanager
def stop_collection() -> Iterator[None]:
    """Search no garbage in the many objects of a file, all of which are in use: a fifth faster."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@stop_collection()
def validate_file(
    kind: RecordKind,
    content: bytes,
    *,
    by: User,
    at: datetime,
    is_only_new: bool = False,
    stay_drafts: Collection[str] = (),
    answers: Answers | None = None,
) -> Import:
    """Compare a file with the records of a kind; its problems are in the outcome.

    ``answers`` are those to the file's questions; an open question is a problem. See TableValidator
    for the other options. Raises ActionDenied when ``by`` cannot enter records.
    """
    check_permission(by)
    validator = TableValidator(kind, by, at, is_only_new=is_only_new, stay_drafts=stay_drafts)
    try:
        table = read_kind_table(content, kind, Reading(answers, accepts_suggestions=True))
    except UnreadableFile as error:
        return Import(ImportResult(kind, file_problems=error.problems), by, at)
    outcome = validator.validate(table)
    return Import(outcome, by, at, validator.drafts, validator.candidates, validator.closed)


@stop_collection()
def revalidate_table(kind: RecordKind, table: Table, *, by: User, at: datetime) -> Import:
    """Compare a previewed table again, without a second search for identifiers."""
    check_permission(by)
    validator = TableValidator(kind, by, at, is_searched=True)
    return Import(validator.validate(table), by, at, validator.drafts, closed=validator.closed)


def read_kind_table(content: bytes, kind: RecordKind, reading: Reading) -> Table:
    """Return the table of a file, with the column of references.

    Raises UnreadableFile, and OpenQuestions for questions without an answer.
    """
    expected = list_expected_columns(kind)
    table = read_table(content, expected, reading, [*map(list_expected_columns, RecordKind)])
    apply_date_order(table, list_date_columns(kind), reading)
    reading.require_answers()
    if REFERENCE in table.columns:
        return table
    return table.with_empty(REFERENCE, expected.shown[REFERENCE])


def check_permission(by: User) -> None:
    if not can_record(by):
        raise ActionDenied(
            _("“%(user)s” may not enter records: that needs an office, and a role that does.")
            % {"user": by.get_username()}
        )
