"""The order of day and month in a file's dates: proved by some of them, otherwise asked."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from django.utils import formats
from django.utils.translation import gettext as _

from indicators.import_export.files.table import PossibleAnswer, Question, Reading, Table
from strategy.dates.parsing import DateOrder, isolate, read_orders


class OrderedDate(NamedTuple):
    """A cell with a date of numbers: its ISO date by each order that it allows."""

    number: int
    place: int
    text: str
    dates: Mapping[DateOrder, str]


def apply_date_order(table: Table, columns: Collection[str], reading: Reading) -> None:
    """Write the dates with two readings in these columns as ISO dates.

    Dates of both orders in one file prove nothing: those with two readings stay as they are.
    """
    found = list(_find_dates(table, columns))
    open_dates = [one for one in found if len(one.dates) > 1]
    proofs = {order: one for one in found if len(one.dates) == 1 for order in one.dates}
    if not open_dates or len(proofs) > 1:
        return
    order = next(iter(proofs), None) or _ask_order(open_dates[0], reading)
    if order is None:
        return
    _tell_order(order, open_dates, proofs.get(order), reading)
    rows = dict(table.rows)
    for one in open_dates:
        rows[one.number][one.place] = one.dates[order]


def _find_dates(table: Table, columns: Collection[str]) -> Iterator[OrderedDate]:
    places = [place for place, name in enumerate(table.columns) if name in columns]
    for number, cells in table.rows:
        for place in places:
            dates = read_orders(cells[place])
            if dates:
                yield OrderedDate(number, place, cells[place], dates)


def _ask_order(example: OrderedDate, reading: Reading) -> DateOrder | None:
    sentence = _("Dates such as %(text)s can be read in two ways. What comes first in this file?")
    labels = {
        DateOrder.DAY_FIRST: _("The day: %(text)s is %(date)s"),
        DateOrder.MONTH_FIRST: _("The month: %(text)s is %(date)s"),
    }
    question = Question(
        "date-order",
        sentence % {"text": example.text},
        [
            PossibleAnswer(
                order, label % {"text": example.text, "date": _format_day(example.dates[order])}
            )
            for order, label in labels.items()
        ],
    )
    answer = reading.ask(question)
    return DateOrder(answer[0]) if answer else None


def _format_day(day: str) -> str:
    return formats.date_format(date.fromisoformat(day), "DATE_FORMAT")


def _tell_order(
    order: DateOrder, dates: list[OrderedDate], proof: OrderedDate | None, reading: Reading
) -> None:
    sentences = {
        DateOrder.DAY_FIRST: _(
            "The day comes first in the dates: “%(text)s” was read as %(date)s."
        ),
        DateOrder.MONTH_FIRST: _(
            "The month comes first in the dates: “%(text)s” was read as %(date)s."
        ),
    }
    example = dates[0]
    values = {"text": example.text, "date": isolate(example.dates[order])}
    sentence = sentences[order] % values
    if proof:
        shown = {"text": proof.text, "row": proof.number}
        sentence += " " + _("“%(text)s” in row %(row)s shows it.") % shown
    reading.notices.append(sentence)
