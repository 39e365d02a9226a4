"""Comparison of a table with the records of a kind; nothing is written.

django-import-export provides the widgets only: its resource queries the database nine times for
each row. This comparison loads what a batch of rows names in a few queries.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators.counting.registry import RECORD_SOURCES
from indicators.import_export.files.table import ImportProblem, Row, Table
from indicators.import_export.rows.columns import (
    EVIDENCE,
    REFERENCE,
    build_widgets,
    example_references,
    table_headings,
)
from indicators.import_export.rows.drafts import RowDraft, build_record_maker
from indicators.import_export.rows.existing import (
    ExistingValues,
    collect_references,
    split_batches,
)
from indicators.import_export.rows.notices import describe_readings, list_cells
from indicators.import_export.rows.results import FieldDiff, ImportResult, RowResult, RowStatus
from indicators.import_export.rows.uniqueness import find_uniqueness_errors
from indicators.import_export.rows.widgets import RecordWidget, TextWidget, Widget
from indicators.models import Record, Status
from indicators.models.validation import validate_values
from indicators.safeguarding.detection import find_cell_errors, find_reference_error
from indicators.values.codes import normalize_reference
from indicators.workflow.history import EvidenceChange
from indicators.workflow.reported_years import find_closed_dates, load_closed_years
from indicators.workflow.transitions import can_view
from strategy.choices import RecordKind
from strategy.dates.periods import PartialDate
from strategy.dates.plausibility import is_unusual
from strategy.models import User
from strategy.text import (
    fold_accents,
    fold_spelling,
    has_letters,
    has_unseen,
    is_misread,
    is_storable,
)


class TableValidator:
    """Compares the rows of one table with the records of a kind, for one user at one time.

    ``is_only_new`` leaves existing records unchanged; new ones whose reference is in
    ``stay_drafts`` stay drafts. ``is_searched`` means that these rows were searched for
    identifiers of children before.

    ``validate`` fills ``drafts`` (the records to save) and ``safe_rows`` (the rows as they were
    read, without the cells that may identify a child). ``withheld`` has the errors of those cells
    by row and column: pass it on with the safe rows, whose empty cells were not empty in the file.
    """

    def __init__(
        self,
        kind: RecordKind,
        by: User,
        at: datetime,
        *,
        is_only_new: bool = False,
        stay_drafts: Collection[str] = (),
        is_searched: bool = False,
        withheld: Mapping[int, Mapping[str, str]] | None = None,
    ) -> None:
        self.is_only_new, self.stay_drafts = is_only_new, stay_drafts
        self.is_searched = is_searched
        self.kind, self.by, self.at = kind, by, at
        self.model = RECORD_SOURCES[kind].model
        self._make_record = build_record_maker(self.model)
        self.closed = load_closed_years()
        self.widgets = build_widgets(kind)
        self.drafts: list[RowDraft] = []
        self.safe_rows: list[Row] = []
        self.withheld = dict(withheld or {})
        self._unchanged_with_evidence: list[Record] = []
        self._records: dict[str, Record] = {}
        self._existing = ExistingValues(self.widgets)
        self._first_rows: dict[str, tuple[int, str]] = {}
        # What a cell needs is read before it, such as the year before an indicator of its plan.
        self._dependent = [name for name, each in self.widgets.items() if each.needs]
        self._unseen: list[tuple[int, str]] = []
        self._misread: list[tuple[int, str]] = []
        self._unusual: list[tuple[int, str]] = []

    @property
    def candidates(self) -> list[Record]:
        """The records of the file with evidence, which a second person can approve."""
        drafted = [draft.record for draft in self.drafts if draft.has_evidence]
        return drafted + self._unchanged_with_evidence

    def validate(self, table: Table) -> ImportResult:
        """Return the effect of the table, which has the column of references."""
        headings = table_headings(table, self.kind)
        self._result = ImportResult(self.kind, notices=table.notices, headings=headings)
        for batch in split_batches(table.rows):
            self._preload(table.columns, [cells for _number, cells in batch])
            for number, cells in batch:
                row = dict(zip(table.columns, cells, strict=True))
                if self._is_example(normalize_reference(row[REFERENCE])):
                    sentence = _(
                        "Row %(row)s is the example of the file to fill in. It was left out."
                    )
                    self._result.notices.append(sentence % {"row": number})
                else:
                    self._validate_row(number, row)
        self._result.file_problems = self._find_file_problems(table)
        for problem in find_uniqueness_errors(self.model, self.drafts):
            self._result.refuse(problem)
        self._add_notices()
        if self.is_only_new:
            self.drafts = [draft for draft in self.drafts if draft.is_new]
        return self._result

    def _preload(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        references = collect_references(rows, columns.index(REFERENCE))
        records = self.model.all_objects.filter(folded_reference__in=references)
        self._records = {fold_spelling(record.reference): record for record in records}
        self._replace_merged()
        self._existing = ExistingValues(self.widgets)
        self._existing.load(list(self._records.values()))
        for place, name in enumerate(columns):
            widget = self.widgets[name]
            if isinstance(widget, RecordWidget):
                widget.load(folded_reference__in=collect_references(rows, place))

    def _replace_merged(self) -> None:
        """Let the reference of a merged record find the one that it was merged into."""
        keys = {text: record.merged_into_id for text, record in self._records.items()}
        kept = self.model.all_objects.in_bulk({key for key in keys.values() if key})
        for text, key in keys.items():
            if key:
                same = (one for one in self._records.values() if one.pk == key)
                self._records[text] = next(same, kept[key])

    def _is_example(self, reference: str) -> bool:
        return fold_accents(reference) in example_references() and (
            fold_spelling(reference) not in self._records
        )

    def _validate_row(self, number: int, row: Mapping[str, str]) -> None:
        reference = normalize_reference(row[REFERENCE])
        draft = self._build_draft(number, reference)
        cell_errors, identifying = self._compare(draft, row), dict[str, str]()
        errors = cell_errors
        if draft.has_changes or errors:
            errors = self._validate_record(draft, cell_errors)
            identifying = self._find_identifiers(draft, row, {*cell_errors, *errors})
            errors |= identifying
        if identifying:
            self.withheld[number] = identifying
        errors |= {**self.withheld.get(number, {}), **self._validate_reference(draft, reference)}
        self.safe_rows.append(
            (number, ["" if name in identifying else text for name, text in row.items()])
        )
        if not errors:
            self._accept(draft)
        if not is_storable(reference) or REFERENCE in identifying:
            reference = ""
        self._result.add(self._build_result(draft, reference, errors))

    def _build_draft(self, number: int, reference: str) -> RowDraft:
        existing = self._records.get(fold_spelling(reference))
        if existing is None:
            return RowDraft(number, self._make_record(), seen_version=None, was_approved=False)
        is_approved = existing.status == Status.APPROVED
        return RowDraft(number, existing, seen_version=existing.version, was_approved=is_approved)

    def _compare(self, draft: RowDraft, row: Mapping[str, str]) -> dict[str, str]:
        """Add the row's changes to the draft; return the errors of its cells.

        A cell that equals the record's exported text is not validated: importing an exported file
        changes nothing, even if old values would be rejected today.
        """
        record, errors = draft.record, {}
        texts = None if draft.is_new else self._existing.texts(record)
        for name in self._sort_columns(row):
            text = row[name]
            # The reference found the record, maybe in another spelling.
            if texts is not None and (name == REFERENCE or text == texts[name]):
                continue
            widget = self.widgets[name]
            if not text.isascii():
                self._note_letters(draft.number, name, text)
            try:
                value = self._clean(draft, widget, text)
            except ValueError as error:
                errors[name] = str(error)
                continue
            if isinstance(value, PartialDate) and is_unusual(value, self.at.date()):
                self._unusual.append((draft.number, name))
            if texts is None:
                draft.values[name] = value
            elif not widget.is_same(value, self._existing.value(record, name)):
                draft.values[name] = value
                draft.changes.append(FieldDiff(name, texts[name], widget.render(value)))
        return errors

    def _note_letters(self, number: int, name: str, text: str) -> None:
        if has_unseen(text):
            self._unseen.append((number, name))
        if is_misread(text):
            self._misread.append((number, name))

    def _sort_columns(self, names: Iterable[str]) -> Iterable[str]:
        ranks = {name: self.widgets[name].rank for name in self._dependent}
        return sorted(names, key=lambda name: ranks.get(name, 0)) if ranks else names

    def _clean(self, draft: RowDraft, widget: Widget, text: str) -> Any:
        if widget.needs:
            return widget.clean(text, {widget.needs: self._value(draft, widget.needs)})
        return widget.clean(text)

    def _validate_record(self, draft: RowDraft, errors: dict[str, str]) -> dict[str, str]:
        record = draft.record
        if not draft.is_new and not can_view(self.by, record):
            return {REFERENCE: _("The record belongs to another office. Choose another reference.")}
        if record.deleted_at is not None:
            return {REFERENCE: _("The record is deleted. Undo that first, or leave it out.")}
        if record.status == Status.WITHDRAWN:
            return {REFERENCE: _("The record is withdrawn. Restore it first, or leave it out.")}
        values = {name: self._value(draft, name) for name in self.widgets if name not in errors}
        misfits = {
            name: sentence
            for name in self._dependent
            if (sentence := self.widgets[name].explain_misfit(values))
        }
        closed = find_closed_dates(self._former_values(draft), self.closed)
        closed |= find_closed_dates(values, self.closed)
        found = validate_values(self.kind, values, self.at.date()) | closed | misfits | errors
        return {name: error for name, error in found.items() if error}

    def _former_values(self, draft: RowDraft) -> dict[str, object]:
        """Return the stored values of the record that the row changes."""
        names = () if draft.is_new else self.widgets
        return {name: self._existing.value(draft.record, name) for name in names}

    def _value(self, draft: RowDraft, name: str) -> Any:
        if name in draft.values:
            return draft.values[name]
        if draft.is_new:
            return self.widgets[name].empty
        return self._existing.value(draft.record, name)

    def _find_identifiers(
        self, draft: RowDraft, row: Mapping[str, str], errors: Collection[str]
    ) -> dict[str, str]:
        """Return the cells that may identify a child, among new texts and cells in error."""
        if self.is_searched:
            return {}
        texts = {
            name: value
            for name, value in draft.values.items()
            if isinstance(value, str) and isinstance(self.widgets[name], TextWidget)
            if name != REFERENCE
        }
        wrong = {
            name: row[name]
            for name in errors
            if name in row and (not self.widgets[name].is_number or has_letters(row[name]))
        }
        saved = () if draft.is_new else texts
        former_values = {name: self._existing.value(draft.record, name) for name in saved}
        found = find_cell_errors(texts | wrong, former_values)
        error = find_reference_error(row[REFERENCE]) if draft.is_new else ""
        return found | ({REFERENCE: error} if error else {})

    def _validate_reference(self, draft: RowDraft, reference: str) -> dict[str, str]:
        if not reference:
            return {}
        known = reference if draft.is_new else draft.record.reference
        own = (draft.number, reference)
        first, written = self._first_rows.setdefault(fold_spelling(known), own)
        if first == draft.number:
            return {}
        sentence = _("“%(reference)s” is in row %(row)s too. Give each record its own reference.")
        return {REFERENCE: sentence % {"reference": written, "row": first}}

    def _build_result(
        self, draft: RowDraft, reference: str, errors: Mapping[str, str]
    ) -> RowResult:
        number, version, name = draft.number, draft.seen_version, draft.record.name
        if errors:
            problems = [
                ImportProblem(errors[column], number, column)
                for column in self.widgets
                if column in errors
            ]
            return RowResult(number, RowStatus.ERROR, reference, version=version, problems=problems)
        if draft.is_new:
            return RowResult(number, RowStatus.NEW, reference, name)
        if not draft.changes:
            return RowResult(number, RowStatus.UNCHANGED, reference, name, version)
        return RowResult(
            number,
            RowStatus.CHANGED,
            reference,
            name,
            version,
            draft.changes,
            stops_counting=draft.was_approved,
        )

    def _accept(self, draft: RowDraft) -> None:
        if draft.has_changes:
            self._fill(draft)
            self.drafts.append(draft)
        elif not self.is_only_new and self._existing.has_evidence(draft.record):
            self._unchanged_with_evidence.append(draft.record)

    def _fill(self, draft: RowDraft) -> None:
        record, links = draft.record, draft.values.pop(EVIDENCE, None)
        for name, value in draft.values.items():
            if self.widgets[name].is_many:
                draft.many[name] = value
            else:
                setattr(record, self.widgets[name].field.attname, value)
        if draft.is_new:
            record.office_id = self.by.office_id  # type: ignore[assignment]  # can_record needs one.
            record.entered_by_id = self.by.pk
            record.entered_at = self.at
        else:
            record.version += 1
        record.status, record.submitted_at = Status.SUBMITTED, self.at
        if draft.is_new and record.reference in self.stay_drafts:
            record.status, record.submitted_at = Status.DRAFT, None
        record.changed_by_id, record.changed_at = self.by.pk, self.at
        if links is None:
            draft.has_evidence = self._existing.has_evidence(record)
        else:
            former_links = () if draft.is_new else self._existing.value(record, EVIDENCE)
            draft.evidence = EvidenceChange(
                added=tuple(url for url in links if url not in former_links),
                removed=tuple(url for url in former_links if url not in links),
            )
            draft.has_evidence = bool(links) or record.pk in self._existing.with_files

    def _find_file_problems(self, table: Table) -> list[ImportProblem]:
        """Return the problems of the whole file: new records need every required column."""
        if not self._result.rows:
            sentence = _("The file has headings and no row below them. Add a row for each record.")
            return [ImportProblem(sentence)]
        if not self._result.tally[RowStatus.NEW]:
            return []
        sentence = _("The column “%(column)s” is missing. New records need it.")
        return [
            ImportProblem(sentence % {"column": self._result.headings[name]})
            for name, widget in self.widgets.items()
            if widget.is_required and name not in table.columns
        ]

    def _add_notices(self) -> None:
        for name, widget in self.widgets.items():
            self._result.notices += describe_readings(widget, self._result.headings[name])
        self._add_cell_notice(
            _("Characters that cannot be seen were taken out of: %(fields)s."), self._unseen
        )
        self._add_cell_notice(
            _("Letters look wrong, such as Ã© for é. Check them in your file: %(fields)s."),
            self._misread,
        )
        self._add_cell_notice(
            _("These dates are long ago or far ahead. Check them: %(fields)s."), self._unusual
        )
        self._result.rare_dates = len(self._unusual)
        nameless = self._result.nameless
        if nameless:
            self._result.notices.append(
                ngettext(
                    "%(number)s row has no reference: one is made for it, so importing this file "
                    "again would make that record again.",
                    "%(number)s rows have no reference: one is made for each, so importing this "
                    "file again would make those records again.",
                    nameless,
                )
                % {"number": nameless}
            )

    def _add_cell_notice(self, sentence: str, places: Sequence[tuple[int, str]]) -> None:
        if places:
            cells = list_cells(places, self._result.headings)
            self._result.notices.append(sentence % {"fields": cells})
