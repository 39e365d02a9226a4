"""A table compared with the records: one resource of django-import-export for every kind.

It looks up what a batch of rows names, reads each row once, and writes nothing: what is to be
written are its drafts, which ``preparing`` makes ready and ``storing`` writes all together.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from import_export import results
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource

from indicators.counting.registry import RECORD_SOURCES
from indicators.import_export.files.table import ImportProblem, Table
from indicators.import_export.rows.columns import (
    EVIDENCE,
    REFERENCE,
    cells_for,
    example_references,
    headings_in,
)
from indicators.import_export.rows.drafts import ApprovalCandidate, RowDraft
from indicators.import_export.rows.existing import ExistingValues, batches
from indicators.import_export.rows.results import FieldDiff, ImportResult, RowResult, RowStatus
from indicators.import_export.rows.uniqueness import UniquenessChecker
from indicators.import_export.rows.widgets import ChoiceWidget, RecordWidget, is_storable
from indicators.models import Record, Status
from indicators.models.validation import validate_values
from indicators.safeguarding.detection import errors_of_cells
from indicators.workflow.history import EvidenceChange
from indicators.workflow.permissions import can_view
from strategy.choices import RecordKind
from strategy.models import User
from strategy.text import fold_accents


def _named(rows: Iterable[Sequence[str]], place: int) -> set[str]:
    """What a column names; texts that no database can hold name nothing."""
    texts = {cells[place].strip() for cells in rows}
    return {text for text in texts if text and is_storable(text)}


def ignore(*_told: object) -> None:
    """What a check is told that only looks."""


class PreloadedInstanceLoader(BaseInstanceLoader):  # type: ignore[misc]
    """Finds the record of a row among those that the resource looked up."""

    def get_instance(self, row: Mapping[str, str]) -> Record | None:
        found: Record | None = self.resource.known.get(row[REFERENCE].strip())
        return found


class RecordResource(Resource):  # type: ignore[misc]
    """What the rows of a table would do to the records of a kind, for one person at one time.

    ``is_looked_at`` says that these very rows passed the search for a child's identity before.
    """

    class Meta:
        import_id_fields = (REFERENCE,)
        instance_loader_class = PreloadedInstanceLoader
        use_bulk = True
        skip_diff = True
        report_skipped = False
        using_db = DEFAULT_DB_ALIAS

    def __init__(
        self,
        kind: RecordKind,
        by: User,
        at: datetime,
        *,
        is_only_new: bool = False,
        stay_drafts: Collection[str] = (),
        is_looked_at: bool = False,
    ) -> None:
        super().__init__()
        self.is_only_new, self.stay_drafts = is_only_new, stay_drafts
        self.is_looked_at = is_looked_at
        self.kind, self.by, self.at = kind, by, at
        self.model = RECORD_SOURCES[kind].model
        self.cells = cells_for(kind)
        self.fields = {
            name: Field(attribute=name, column_name=name, widget=cell)
            for name, cell in self.cells.items()
        }
        self.known: dict[str, Record] = {}
        self.values = ExistingValues(self.cells)
        self.drafts: list[RowDraft] = []
        self.new_so_far = 0
        self._first_rows: dict[str, int] = {}
        self.doubles = UniquenessChecker(self.model)

    def check(
        self,
        table: Table,
        take: Callable[[Sequence[RowDraft]], None] = ignore,
        keep: Callable[[int, Sequence[str]], None] = ignore,
        prove: Callable[[Iterable[ApprovalCandidate]], None] = ignore,
    ) -> ImportResult:
        """What the table would do.

        What it would write is handed to ``take``, batch by batch, and which records have evidence
        to ``prove``; each row as it was understood, to ``keep``. The table has the column of
        references.
        """
        self.table = table
        self.headings = headings_in(table, self.kind)
        self.outcome = ImportResult(self.kind, notices=table.notices, headings=self.headings)
        loader = PreloadedInstanceLoader(self)
        for batch in batches(self.table.rows):
            self._look_up([cells for _number, cells in batch])
            for self.number, cells in batch:
                row = dict(zip(self.table.columns, cells, strict=True))
                if self._is_example(row[REFERENCE].strip()):
                    continue
                self.import_row(row, loader, row_number=self.number)
                keep(
                    self.number,
                    ["" if name in self.refused else text for name, text in row.items()],
                )
            prove(self._proved())
            take(self.drafts)
            self.drafts = []
        self._refuse_empty()
        self._refuse_missing_columns()
        self._refuse_doubles()
        self._note()
        return self.outcome

    def _look_up(self, rows: Sequence[Sequence[str]]) -> None:
        """Read the records that some rows name, and those that their cells refer to."""
        self.known, self.values = {}, ExistingValues(self.cells)
        references = _named(rows, self.table.columns.index(REFERENCE))
        records = self.model.all_objects.filter(reference__in=references)
        self.known = {record.reference: record for record in records}
        self.values.load(list(self.known.values()))
        for place, name in enumerate(self.table.columns):
            cell = self.cells[name]
            if isinstance(cell, RecordWidget):
                cell.learn(reference__in=_named(rows, place))

    # What django-import-export asks for each row, in this order

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> results.RowResult:
        result = super().import_row(row, instance_loader, **kwargs)
        for error in result.errors:
            raise error.error
        outcome = self._row_outcome(result, row)
        self.outcome.add(outcome)
        if outcome.state in (RowStatus.NEW, RowStatus.CHANGED):
            self.doubles.note(self.draft, outcome)
        return result

    def init_instance(self, row: Any = None) -> Record:
        return self.model()

    def import_instance(self, instance: Record, row: Any, **kwargs: Any) -> None:
        self.draft = RowDraft(
            instance,
            seen_version=None if instance.pk is None else instance.version,
            was_approved=instance.status == Status.APPROVED,
        )
        self.refused = {}
        errors = self._compare(self.draft, row)
        if self.draft.is_new or self.draft.changes or errors:
            errors = self._errors_of_record(self.draft, errors)
            self.refused = self._errors_of_identity(self.draft, row, errors)
            errors |= self.refused
        errors |= self._error_of_reference(self.draft, row[REFERENCE].strip())
        if errors:
            raise ValidationError({name: errors[name] for name in self.cells if name in errors})

    def skip_row(
        self, instance: Record, original: Any, row: Any, import_validation_errors: Any = None
    ) -> bool:
        is_same = not self.draft.is_new and not self.draft.changes
        return is_same and not import_validation_errors

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Fill in the record: it waits for approval, of the person's office if it is new."""
        draft = self.draft
        for name, value in draft.values.items():
            if name == EVIDENCE:
                draft.links = value
            elif self.cells[name].is_many:
                draft.many[name] = value
            else:
                setattr(instance, self.cells[name].field.attname, value)
        if draft.is_new:
            instance.office_id, instance.entered_by_id = self.by.office_id, self.by.pk
            instance.entered_at = self.at
        else:
            instance.version += 1
        instance.status, instance.submitted_at = Status.SUBMITTED, self.at
        if draft.is_new and instance.reference in self.stay_drafts:
            instance.status, instance.submitted_at = Status.DRAFT, None
        instance.changed_by_id, instance.changed_at = self.by.pk, self.at
        if draft.links is not None:
            there = () if draft.is_new else self.values.value(instance, EVIDENCE)
            draft.evidence = EvidenceChange(
                added=tuple(url for url in draft.links if url not in there),
                removed=tuple(url for url in there if url not in draft.links),
            )
        if draft.is_new or not self.is_only_new:
            self.drafts.append(draft)

    # The parts of these

    def _compare(self, draft: RowDraft, row: Mapping[str, str]) -> dict[str, str]:
        """Put into the draft what the row changes; return what is wrong with its cells.

        A cell that reads as the record's own cell is written is not looked at any further: what
        was exported is unchanged whatever it holds.
        """
        record, errors = draft.record, {}
        texts = None if draft.is_new else self.values.texts(record)
        for name, text in row.items():
            if texts is not None and text == texts[name]:
                continue
            cell = self.cells[name]
            try:
                value = cell.clean(text)
            except ValueError as error:
                errors[name] = str(error)
                continue
            if texts is None:
                draft.values[name] = value
            elif not cell.is_same(value, self.values.value(record, name)):
                draft.values[name] = value
                draft.changes.append(FieldDiff(name, texts[name], cell.render(value)))
        return errors

    def _errors_of_record(self, draft: RowDraft, errors: dict[str, str]) -> dict[str, str]:
        """What is wrong with the row as a whole, besides what is wrong with its cells."""
        record = draft.record
        if not draft.is_new and not can_view(self.by, record):
            return {REFERENCE: _("The record belongs to another office. Choose another reference.")}
        if record.deleted_at is not None:
            return {REFERENCE: _("The record is deleted. Undo that first, or leave it out.")}
        if record.status == Status.WITHDRAWN:
            return {REFERENCE: _("The record is withdrawn. Restore it first, or leave it out.")}
        values = {name: self._value(draft, name) for name in self.cells if name not in errors}
        return {**validate_values(self.kind, values), **errors}

    def _errors_of_identity(
        self, draft: RowDraft, row: Mapping[str, str], errors: Collection[str]
    ) -> dict[str, str]:
        """What the row's new texts, and the cells that are wrong anyway, may tell of a child."""
        if self.is_looked_at:
            return {}
        texts = {
            name: value
            for name, value in draft.values.items()
            if isinstance(value, str) and name != REFERENCE
        }
        wrong = {
            name: row[name] for name in errors if name in row and not self.cells[name].is_number
        }
        before = {} if draft.is_new else {n: self.values.value(draft.record, n) for n in texts}
        return errors_of_cells(texts | wrong, before)

    def _value(self, draft: RowDraft, name: str) -> Any:
        if name in draft.values:
            return draft.values[name]
        return self.cells[name].empty if draft.is_new else self.values.value(draft.record, name)

    def _error_of_reference(self, draft: RowDraft, reference: str) -> dict[str, str]:
        first = self._first_rows.setdefault(reference, self.number) if reference else self.number
        if first == self.number:
            return {}
        sentence = _("“%(reference)s” is in row %(row)s too. Give each record its own reference.")
        return {REFERENCE: sentence % {"reference": reference, "row": first}}

    def _row_outcome(self, result: results.RowResult, row: Mapping[str, str]) -> RowResult:
        draft, number = self.draft, self.number
        state, name, problems = RowStatus.UNCHANGED, draft.record.name, []
        if result.validation_error is not None:
            state, name = RowStatus.ERROR, ""
            problems = [
                ImportProblem(message, number, column)
                for column, messages in result.validation_error.message_dict.items()
                for message in messages
            ]
        elif draft.is_new:
            state = RowStatus.NEW
        elif draft.changes:
            state = RowStatus.CHANGED
        reference = row[REFERENCE].strip()
        if not is_storable(reference) or REFERENCE in self.refused:
            reference = ""
        return RowResult(
            number,
            state,
            reference,
            name,
            draft.seen_version,
            draft.changes if state == RowStatus.CHANGED else (),
            problems,
            stops_counting=draft.was_approved and state == RowStatus.CHANGED,
        )

    def _proved(self) -> Iterator[ApprovalCandidate]:
        """The records of the batch with evidence: those may be approved, changed or not."""
        drafted = set()
        for draft in self.drafts:
            record = draft.record
            drafted.add(record.pk)
            self.new_so_far += draft.is_new
            has_links = self.values.has_evidence(record) if draft.links is None else draft.links
            if has_links or record.pk in self.values.with_files:
                yield ApprovalCandidate.of(record, self.new_so_far - 1)
        if not self.is_only_new:
            for record in self.known.values():
                if record.pk not in drafted and self.values.has_evidence(record):
                    yield ApprovalCandidate.of(record, 0)

    # After the last row

    def _is_example(self, reference: str) -> bool:
        """Whether it is the example row of a file to fill in, which is left out and said so."""
        if fold_accents(reference) not in example_references() or reference in self.known:
            return False
        sentence = _("Row %(row)s is the example of the file to fill in. It was left out.")
        self.outcome.notices.append(sentence % {"row": self.number})
        return True

    def _refuse_empty(self) -> None:
        if not any(self.outcome.tally.values()):
            sentence = _("The file has headings and no row below them. Add a row for each record.")
            self.outcome.file_problems = [ImportProblem(sentence)]

    def _refuse_missing_columns(self) -> None:
        """New records need what is required; records that are there keep what no column gives."""
        if not self.outcome.tally[RowStatus.NEW]:
            return
        sentence = _("The column “%(column)s” is missing. New records need it.")
        self.outcome.file_problems = [
            ImportProblem(sentence % {"column": self.headings[name]})
            for name, cell in self.cells.items()
            if cell.is_required and name not in self.table.columns
        ]

    def _refuse_doubles(self) -> None:
        for row, problem in self.doubles.problems():
            self.outcome.refuse(row, problem)

    def _note(self) -> None:
        """Say what was understood that the file does not say itself."""
        for name, cell in self.cells.items():
            if isinstance(cell, ChoiceWidget):
                heading = self.headings[name]
                self.outcome.notices += [
                    _("%(column)s: “%(text)s” was read as %(code)s (%(name)s).")
                    % {"column": heading, "text": text, "code": word.code, "name": word.name}
                    for text, word in cell.taken.items()
                ]
        nameless = self.outcome.nameless
        if nameless:
            self.outcome.notices.append(
                ngettext(
                    "%(number)s row has no reference: one is made for it, so importing this file "
                    "again would make that record again.",
                    "%(number)s rows have no reference: one is made for each, so importing this "
                    "file again would make those records again.",
                    nameless,
                )
                % {"number": nameless}
            )
