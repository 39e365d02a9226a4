"""Two people changed one record at once: what each of them changed, and the two put together.

Three versions are told apart: the record as the later person opened it, as it is stored now, and
as that person would have it. What only one of the two changed goes together without a question.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import ManyToManyField
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from indicators.display import column_of, display_value, label_of
from indicators.forms.base import RecordForm
from indicators.models import Record
from indicators.workflow.audit_log import texts_of_rows
from indicators.workflow.history import NO_EVIDENCE_CHANGE, load_evidence_changes
from strategy.text import join_plain

TYPED, STORED, BOTH = "typed", "stored", "both"
LINKS = "links"


@dataclass(frozen=True)
class FieldConflict:
    """A field that is stored otherwise than it was typed, in words.

    ``opened`` is what it was when the later person opened the record. ``kept`` is what putting
    together keeps: what was typed, what is stored, both (links), or nothing yet, where both people
    changed the field and one has to choose.
    """

    name: str
    label: str
    opened: str
    stored: str
    typed: str
    kept: str
    is_choice: bool = False

    @property
    def is_open(self) -> bool:
        return self.is_choice and not self.kept


@dataclass(frozen=True)
class EditConflict:
    """What was typed on a version that is no longer the last, beside what is stored now."""

    stored: Record
    opened_version: int
    fields: Sequence[FieldConflict]
    links: Sequence[str]
    """All links that the record would have, those of both people."""

    @property
    def has_choices(self) -> bool:
        return any(field.is_choice for field in self.fields)

    @property
    def has_open_choices(self) -> bool:
        return any(field.is_open for field in self.fields)


def find_conflict(
    form: RecordForm, stored: Record, opened_version: int, choices: Mapping[str, str]
) -> EditConflict:
    """What a valid form and the stored record disagree on.

    ``choices`` are the person's, by field. Where the version that was opened is not known, every
    difference is a choice.
    """
    rows = _rows_since(stored, opened_version)
    opened = rows[0] if rows and rows[0].version == opened_version else None
    was = _values_of_row(stored, opened) if opened else {}
    words = texts_of_rows(type(stored), [opened])[0] if opened else {}
    now, typed = _values(stored), {**_values(form.instance, form.many), **_keys(form.many)}
    # Left empty, the reference stays as it is.
    typed["reference"] = typed["reference"] or now["reference"]
    fields = []
    for name in _columns(stored):
        if now[name] == typed[name]:
            continue
        only = _changed_by_one(was.get(name, _UNKNOWN), now[name], typed[name])
        choice = choices.get(name, "") if choices.get(name) in (TYPED, STORED) else ""
        fields.append(
            FieldConflict(
                name,
                label_of(type(stored), name),
                words.get(name, ""),
                display_value(stored, name),
                _typed_text(form, name),
                only or choice,
                is_choice=not only,
            )
        )
    links = _links(form, stored, rows[1:] if opened else ())
    return EditConflict(stored, opened_version, [*fields, *links.disagreements], links.merged)


def merge_answers(
    conflict: EditConflict, typed: MultiValueDict[str, Any], stored_form: RecordForm
) -> MultiValueDict[str, Any]:
    """The answers that were typed, with those of the stored record where these are kept."""
    answers = typed.copy()
    for field in conflict.fields:
        if field.kept == STORED:
            answers.setlist(field.name, _as_posted(stored_form[field.name].value()))
        elif field.kept == BOTH:
            answers[field.name] = "\n".join(conflict.links)
    return answers


_UNKNOWN = object()
"""Stands for a value that nobody knows, and that equals none."""


def _changed_by_one(was: Any, now: Any, typed: Any) -> str:
    if was == now:
        return TYPED
    return STORED if was == typed else ""


def _columns(record: Record) -> tuple[str, ...]:
    return (*record.COLUMNS, "notes", "reference")


def _rows_since(record: Record, version: int) -> Sequence[Any]:
    """The rows of history from a version on, the first first."""
    history: Any = type(record).history.model  # type: ignore[attr-defined]
    rows = history.objects.filter(id=record.pk, version__gte=version)
    return list(rows.order_by("version", "history_id"))


def _values(record: Record, many: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The values as they compare: keys of the rows that they name, sets of them for several."""
    known, values = many or {}, {}
    for name in _columns(record):
        column = column_of(type(record), name)
        if not isinstance(column, ManyToManyField):
            values[name] = getattr(record, column.attname)
        elif name not in known:
            values[name] = {row.pk for row in getattr(record, name).all()}
    return values


def _keys(many: Mapping[str, Sequence[Any]]) -> dict[str, set[Any]]:
    return {name: {row.pk for row in rows} for name, rows in many.items()}


def _values_of_row(record: Record, row: Any) -> dict[str, Any]:
    """The values that a row of history holds, as ``_values`` gives those of a record."""
    history: Any = type(record).history.model  # type: ignore[attr-defined]
    values = {}
    for name in _columns(record):
        column = column_of(type(record), name)
        if isinstance(column, ManyToManyField):
            kept = getattr(history, name).model.objects.filter(history=row)
            key = kept.model._meta.get_field(column.m2m_reverse_field_name()).attname
            values[name] = set(kept.values_list(key, flat=True))
        else:
            values[name] = getattr(row, column.attname)
    return values


def _typed_text(form: RecordForm, name: str) -> str:
    if name in form.many:
        return join_plain(form.many[name])
    return display_value(form.instance, name)


def _as_posted(value: Any) -> list[str]:
    """A field's value as a browser would send it."""
    if value is None:
        return []
    several = value if isinstance(value, list | tuple | set) else [value]
    return [str(getattr(one, "pk", one)) for one in several]


@dataclass(frozen=True)
class _Links:
    merged: Sequence[str]
    disagreements: Sequence[FieldConflict]


def _links(form: RecordForm, stored: Record, rows: Sequence[Any]) -> _Links:
    """The links of both people: what either added, without what either took away."""
    now = [item.url for item in stored.evidence.all() if item.url]
    typed = list(form.cleaned_data[LINKS])
    opened = dict.fromkeys(now)
    changes = load_evidence_changes(type(stored), [stored.pk]).get(stored.pk, {}) if rows else {}
    for row in reversed(rows):
        change = changes.get(row.version, NO_EVIDENCE_CHANGE)
        opened = {url: None for url in opened if url not in change.added}
        opened |= {name: None for name in change.removed if "://" in name}
    merged = list(_put_together(list(opened), now, typed))
    if set(now) == set(typed):
        return _Links(merged, ())
    kept = TYPED if set(now) == set(opened) else STORED if set(typed) == set(opened) else BOTH
    was_told, now_told, typed_told = (", ".join(urls) for urls in (opened, now, typed))
    field = FieldConflict(LINKS, _("Links"), was_told, now_told, typed_told, kept)
    return _Links(merged, [field])


def _put_together(opened: Sequence[str], now: Sequence[str], typed: Sequence[str]) -> Iterator[str]:
    yield from (url for url in now if url in typed or url not in opened)
    yield from (url for url in typed if url not in now and url not in opened)
