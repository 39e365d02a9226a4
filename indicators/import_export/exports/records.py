"""Records written to files; reading such a file back changes nothing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import IO, TypeVar

from django.utils.translation import gettext as _

from indicators.counting.registry import RECORD_SOURCES
from indicators.import_export.exports.sheets import (
    add_sheet,
    add_text_format,
    open_workbook,
    render_csv,
    set_column_formats,
)
from indicators.import_export.files.escaping import escape_for_workbook
from indicators.import_export.files.limits import MAX_CELL
from indicators.import_export.rows.columns import build_widgets
from indicators.import_export.rows.existing import ExistingValues, split_batches
from indicators.import_export.rows.widgets import Widget
from indicators.models import Record, RecordQuerySet
from strategy.choices import RecordKind
from strategy.text import format_count

CHUNK = 1_000

R = TypeVar("R", bound=Record)


class TooLongForWorkbook(ValueError):
    """A text is too long for a cell of a workbook; the message is shown to the user."""


def exported_records(kind: RecordKind) -> RecordQuerySet[Record]:
    """Return the records that are neither withdrawn nor deleted, in the order of their entry."""
    return RECORD_SOURCES[kind].model.objects.not_withdrawn().order_by("pk")


def _build_rows(
    widgets: Mapping[str, Widget], records: RecordQuerySet[R]
) -> Iterator[Mapping[str, str]]:
    """Yield the texts of each record by column, reading records in chunks to save memory."""
    audience = records.audience
    for chunk in split_batches(records.iterator(chunk_size=CHUNK), CHUNK):
        values = ExistingValues(widgets, audience)
        values.load(chunk)
        yield from map(values.texts, chunk)


def stream_csv(
    kind: RecordKind, records: RecordQuerySet[R], *, has_mark: bool = False
) -> Iterator[str]:
    def rows() -> Iterator[Iterable[str]]:
        widgets = build_widgets(kind)
        yield widgets
        for row in _build_rows(widgets, records):
            yield row.values()

    return render_csv(rows(), has_mark=has_mark)


def write_workbook(kind: RecordKind, records: RecordQuerySet[R], target: IO[bytes]) -> None:
    widgets = build_widgets(kind)
    with open_workbook(target) as workbook:
        text_format = add_text_format(workbook)
        sheet = add_sheet(workbook, kind, list(widgets))
        set_column_formats(sheet, widgets, text_format)
        for number, row in enumerate(_build_rows(widgets, records), 1):
            for place, (name, text) in enumerate(row.items()):
                if text and widgets[name].is_number:
                    sheet.write_number(number, place, float(text))
                elif text:
                    sheet.write_text(number, place, _check_length(text), text_format)


def _check_length(text: str) -> str:
    length = len(escape_for_workbook(text))
    if length > MAX_CELL:
        raise TooLongForWorkbook(
            _(
                "A text has %(length)s characters, more than a cell of a workbook holds. "
                "Export as CSV instead."
            )
            % {"length": format_count(length)}
        )
    return text
