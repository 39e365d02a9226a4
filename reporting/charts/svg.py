"""What every picture is made of: the plan's time, the sheet it is drawn on, texts, lines, bars.

Colours stand twice: as attributes, because WeasyPrint does not style the inside of an SVG, and as
classes, which win on the screen and follow the dark theme (``app.css``). A picture carries its
meaning in its title, the first child of its `<svg>`; one without a title is decoration.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal

import arabic_reshaper
from bidi import get_display
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from strategy.dates.periods import Period

Direction = Literal["ltr", "rtl"]
Side = Literal["start", "middle", "end"]

INK, INK_2, PAPER = "#14212c", "#485763", "#fff"
LINE, EDGE, TRACK = "#d5dce2", "#74828e", "#e3e8ec"
COLOURS = {
    "achieved": "#0b3655",
    "on_track": "#1a5a8c",
    "at_risk": "#b86f00",
    "off_track": "#bf3526",
    "not_achieved": "#6b1130",
    "too_early": "#596671",
    "no_data": "#596671",
}
"""The colour of a bar or a line of each rating; app.css has them as classes f- and s-."""
FONTS = "IBM Plex Sans, IBM Plex Sans Arabic, sans-serif"


@dataclass(frozen=True)
class TimeAxis:
    """The plan's own time: its period, its years, and the day that the figures are as of."""

    period: Period
    years: tuple[Period, ...]
    as_of: date

    def at(self, day: date) -> float:
        """Return the share of the plan's time gone at the end of `day`, between 0 and 1."""
        return self.period.elapsed_days(day) / self.period.days

    @property
    def elapsed(self) -> float:
        return self.at(self.as_of)

    @property
    def borders(self) -> list[float]:
        """Where years begin and end, from 0 to 1."""
        return [0.0, *(self.at(year.ends_on) for year in self.years[:-1]), 1.0]

    @property
    def middles(self) -> list[float]:
        borders = self.borders
        return [(a + b) / 2 for a, b in pairwise(borders)]


@dataclass(frozen=True)
class Sheet:
    """Where a picture is drawn: its direction, and whether it is for the PDF."""

    direction: Direction = "ltr"
    for_pdf: bool = False

    def share(self, share: float) -> float:
        """Return the place of a share of the width, counted from the physical left."""
        return 1 - share if self.direction == "rtl" else share

    def percent(self, share: float) -> str:
        return f"{format_coordinate(100 * self.share(share))}%"

    def anchor(self, side: Side) -> Side:
        """Return the text-anchor that makes a text lie on the reading side `side` of its place.

        On a screen the text has the direction of the page, so the words are already right; the PDF
        draws every text from left to right.
        """
        if self.for_pdf and self.direction == "rtl" and side != "middle":
            return "end" if side == "start" else "start"
        return side

    def words(self, text: str) -> str:
        """Return the text as it must be drawn: WeasyPrint joins no Arabic letters in an SVG."""
        if not self.for_pdf:
            return text
        base = "R" if self.direction == "rtl" else "L"
        return str(get_display(arabic_reshaper.reshape(text), base_dir=base))


def format_coordinate(value: float | Decimal) -> str:
    """Return a coordinate: at most two decimals, none when they are zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def rating_colour(rating: str) -> str:
    return COLOURS.get(rating, COLOURS["no_data"])


def render_svg(title: str, sheet: Sheet, parts: Iterable[SafeString], **box: str) -> SafeString:
    """Return the whole `<svg>`; `box` holds its class and size, in which `_` means `-`."""
    attributes = format_html_join(
        "", ' {}="{}"', ((key.rstrip("_").replace("_", "-"), value) for key, value in box.items())
    )
    if title:
        voice = format_html(' role="img"><title>{}</title>', title)
    else:
        voice = format_html("{}", SafeString(' aria-hidden="true" focusable="false">'))
    return format_html(
        '<svg{} direction="{}" font-family="{}"{}{}</svg>',
        attributes,
        "ltr" if sheet.for_pdf else sheet.direction,
        FONTS,
        voice,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def render_label(
    sheet: Sheet, text: str, x: str, y: str, side: Side, *, strong: bool = False
) -> SafeString:
    """Return a text that lies on the reading side `side` of (x, y): start means it begins there."""
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}" fill="{}"{}>{}</text>',
        x,
        y,
        sheet.anchor(side),
        INK if strong else INK_2,
        SafeString(' font-weight="600" class="t-ink"') if strong else "",
        sheet.words(text),
    )


def render_upright(x: str, y1: str, y2: str, *, is_time: bool = False) -> SafeString:
    """Return an upright line: a hairline between years, or the line of time."""
    return format_html(
        '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}"{}/>',
        x,
        x,
        y1,
        y2,
        INK if is_time else LINE,
        SafeString(' stroke-width="1.5" class="c-ink"' if is_time else ' class="c-line"'),
    )


def render_bar(
    sheet: Sheet, start: float, end: float, height: int, colour: str, name: str
) -> SafeString:
    """Return a bar across the middle of the picture, from one share of the width to another."""
    left = min(sheet.share(start), sheet.share(end))
    return format_html(
        '<rect x="{}%" y="50%" width="{}%" height="{}" transform="translate(0 {})"'
        ' fill="{}" class="{}"/>',
        format_coordinate(100 * left),
        format_coordinate(100 * abs(end - start)),
        height,
        format_coordinate(-height / 2),
        colour,
        name,
    )
