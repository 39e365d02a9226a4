"""Edit conflicts: two users edit one record at the same time; their changes are merged.

Three versions are compared: the record as the later user opened it, as it is stored now, and as
that user submitted it. Fields that only one of the two changed are merged without a question.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import ManyToManyField, Model
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from simple_history.utils import get_history_model_for_model

from indicators.forms.base import RecordForm
from indicators.models import Record
from indicators.values.display import display_value, get_column, get_label
from indicators.workflow.audit_log import format_rows
from indicators.workflow.history import NO_EVIDENCE_CHANGE, load_evidence_changes
from strategy.text import join_plain

SUBMITTED, STORED, BOTH = "typed", "stored", "both"
LINKS = "links"

_UNKNOWN = object()
"""The value of a field in a version that is not known; it equals no other."""


class HistoryRow(Protocol):
    """A row that django-simple-history writes; it has the columns of the record too."""

    version: int
    history_change_reason: str | None


@dataclass(frozen=True)
class FieldConflict:
    """A field whose stored and submitted values differ, as text.

    ``resolution`` is the merged value: the submitted, the stored, both (links), or ""
    while the user has to choose, as both users changed the field.
    """

    name: str
    label: str
    opened: str
    stored: str
    submitted: str
    resolution: str
    is_choice: bool = False

    @property
    def is_open(self) -> bool:
        return self.is_choice and not self.resolution


@dataclass(frozen=True)
class EditConflict:
    """A form submitted for a version of its record that is no longer the last."""

    stored: Record
    opened_version: int
    fields: Sequence[FieldConflict]
    links: Sequence[str]
    """The merged links of both users."""

    @property
    def has_choices(self) -> bool:
        return any(field.is_choice for field in self.fields)

    @property
    def has_open_choices(self) -> bool:
        return any(field.is_open for field in self.fields)


def find_conflict(
    form: RecordForm, stored: Record, opened_version: int, choices: Mapping[str, str]
) -> EditConflict:
    """Compare a valid form with the stored record.

    ``choices`` are the user's, by field. Where the opened version is not known, every difference
    is a choice.
    """
    rows = _load_rows_since(stored, opened_version)
    opened = rows[0] if rows and rows[0].version == opened_version else None
    before = _read_row_values(stored, opened) if opened else {}
    texts = format_rows(stored, [opened])[0] if opened else {}
    now, submitted = _read_values(stored), _read_values(form.instance, form.many)
    # An empty reference leaves the stored reference.
    submitted["reference"] = submitted["reference"] or now["reference"]
    fields = []
    for name in _columns(stored):
        if now[name] == submitted[name]:
            continue
        resolution = _resolve(before.get(name, _UNKNOWN), now[name], submitted[name])
        choice = choices.get(name, "") if choices.get(name) in (SUBMITTED, STORED) else ""
        fields.append(
            FieldConflict(
                name,
                get_label(type(stored), name),
                texts.get(name, ""),
                display_value(stored, name),
                _format_submitted(form, name),
                resolution or choice,
                is_choice=not resolution,
            )
        )
    links, link_conflicts = _merge_links(form, stored, rows[1:] if opened else ())
    return EditConflict(stored, opened_version, [*fields, *link_conflicts], links)


def merge_answers(
    conflict: EditConflict, submitted: MultiValueDict[str, str], stored_form: RecordForm
) -> MultiValueDict[str, str]:
    """Return the submitted answers, with the stored answer where the conflict resolves to it."""
    answers = submitted.copy()
    for field in conflict.fields:
        if field.resolution == STORED:
            answers.setlist(field.name, _format_as_posted(stored_form[field.name].value()))
        elif field.resolution == BOTH:
            answers[field.name] = "\n".join(conflict.links)
    return answers


def _resolve(before: object, now: object, submitted: object) -> str:
    if before == now:
        return SUBMITTED
    return STORED if before == submitted else ""


def _columns(record: Record) -> tuple[str, ...]:
    return (*record.COLUMNS, "notes", "confidential", "reference")


def _load_rows_since(record: Record, version: int) -> Sequence[HistoryRow]:
    rows = get_history_model_for_model(type(record)).objects.filter(id=record.pk)
    return list(rows.filter(version__gte=version).order_by("version", "history_id"))


def _read_values(
    record: Record, many: Mapping[str, Sequence[Model]] | None = None
) -> dict[str, object]:
    """Return the values to compare; ``many`` replaces stored many-to-many values."""
    values: dict[str, object] = {}
    for name in _columns(record):
        column = get_column(type(record), name)
        if not isinstance(column, ManyToManyField):
            values[name] = getattr(record, column.attname)
        else:
            rows = (many or {}).get(name)
            rows = getattr(record, name).all() if rows is None else rows
            values[name] = {row.pk for row in rows}
    return values


def _read_row_values(record: Record, row: HistoryRow) -> dict[str, object]:
    values: dict[str, object] = {}
    for name in _columns(record):
        column = get_column(type(record), name)
        if isinstance(column, ManyToManyField):
            links = getattr(type(row), name).model.objects.filter(history=row)
            key = links.model._meta.get_field(column.m2m_reverse_field_name()).attname
            values[name] = set(links.values_list(key, flat=True))
        else:
            values[name] = getattr(row, column.attname)
    return values


def _format_submitted(form: RecordForm, name: str) -> str:
    if name in form.many:
        return join_plain(form.many[name])
    return display_value(form.instance, name)


def _format_as_posted(value: object) -> list[str]:
    if value is None:
        return []
    several = value if isinstance(value, list | tuple | set) else [value]
    return [str(getattr(item, "pk", item)) for item in several]


def _merge_links(
    form: RecordForm, stored: Record, rows: Sequence[HistoryRow]
) -> tuple[list[str], list[FieldConflict]]:
    """Return the links that either user added, without those that either removed."""
    now = [item.url for item in stored.evidence.all() if item.url]
    submitted: list[str] = list(form.cleaned_data[LINKS])
    opened = dict.fromkeys(now)
    changes = load_evidence_changes(type(stored), [stored.pk]).get(stored.pk, {}) if rows else {}
    for row in reversed(rows):
        change = changes.get(row.version, NO_EVIDENCE_CHANGE)
        opened = {url: None for url in opened if url not in change.added}
        opened |= {name: None for name in change.removed if "://" in name}
    merged = list(_merge(list(opened), now, submitted))
    if set(now) == set(submitted):
        return merged, []
    resolution = _resolve(set(opened), set(now), set(submitted)) or BOTH
    before, stored_text, text = (", ".join(urls) for urls in (opened, now, submitted))
    field = FieldConflict(LINKS, _("Links"), before, stored_text, text, resolution)
    return merged, [field]


def _merge(opened: Sequence[str], now: Sequence[str], submitted: Sequence[str]) -> Iterator[str]:
    yield from (url for url in now if url in submitted or url not in opened)
    yield from (url for url in submitted if url not in now and url not in opened)
