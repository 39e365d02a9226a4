"""Parts of every chart: the time axis, the sheet, texts, lines and bars.

Colours are attributes, because WeasyPrint does not style the inside of an SVG, and classes, which
win on screen and follow the dark theme (``app.css``). A chart has its meaning in its title, the
first child of `<svg>`; without a title it is decoration. Numbers and colours of ours need no
escaping, so that a page with hundreds of lines does not pay for it; people's texts are escaped.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal

import arabic_reshaper
from bidi import get_display
from django.utils.html import escape, format_html
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
    "no_target": "#596671",
}
"""The colour of each rating; app.css has the colours as classes f- and s-."""
FONTS = "IBM Plex Sans, IBM Plex Sans Arabic, sans-serif"


@dataclass(frozen=True)
class TimeAxis:
    """The plan's period with its years, and the as-of day of the figures."""

    period: Period
    years: tuple[Period, ...]
    as_of: date

    def at(self, day: date) -> float:
        """Return the elapsed share of the plan at the end of `day`, between 0 and 1."""
        return self.period.elapsed_days(day) / self.period.days

    @property
    def elapsed(self) -> float:
        return self.at(self.as_of)

    @property
    def borders(self) -> list[float]:
        """The starts and ends of the years, as shares from 0 to 1."""
        return [0.0, *(self.at(year.ends_on) for year in self.years[:-1]), 1.0]

    @property
    def middles(self) -> list[float]:
        borders = self.borders
        return [(a + b) / 2 for a, b in pairwise(borders)]


@dataclass(frozen=True)
class Sheet:
    """The medium of a chart: the direction of its language, and whether it is for a PDF."""

    direction: Direction = "ltr"
    for_pdf: bool = False

    def share(self, share: float) -> float:
        """Return the position of a share of the width, from the physical left."""
        return 1 - share if self.direction == "rtl" else share

    def percent(self, share: float) -> str:
        return f"{format_coordinate(100 * self.share(share))}%"

    def anchor(self, side: Side) -> Side:
        """Return the text-anchor; unlike a screen, a PDF draws every text from left to right."""
        if self.for_pdf and self.direction == "rtl" and side != "middle":
            return "end" if side == "start" else "start"
        return side

    def shape_text(self, text: str) -> str:
        """Join Arabic letters for the PDF: WeasyPrint does not in an SVG."""
        if not self.for_pdf:
            return text
        base = "R" if self.direction == "rtl" else "L"
        return str(get_display(arabic_reshaper.reshape(text), base_dir=base))


SCREEN = Sheet()


Coordinate = float | Decimal | str
"""A number in units of the chart, or a text such as 50%."""


def format_coordinate(value: Coordinate) -> str:
    """Format a number with at most two decimals; return a text unchanged."""
    if isinstance(value, str):
        return value
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def rating_colour(rating: str) -> str:
    return COLOURS.get(rating, COLOURS["no_data"])


def render_svg(title: str, sheet: Sheet, parts: Iterable[SafeString], **box: str) -> SafeString:
    """Render the `<svg>`; `box` has its class and size, with `_` for `-`, and perhaps its role."""
    role_word = box.pop("role", "img")
    attributes = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{value}"' for key, value in box.items()
    )
    direction = "ltr" if sheet.for_pdf else sheet.direction
    # On screen app.css sets the font.
    font = f' font-family="{FONTS}"' if sheet.for_pdf else ""
    if title:
        role = format_html(' role="{}"><title>{}</title>', role_word, title)
    else:
        role = SafeString(' aria-hidden="true" focusable="false">')
    content = "".join(parts)
    return SafeString(f'<svg{attributes} direction="{direction}"{font}{role}{content}</svg>')


def render_label(
    sheet: Sheet, text: str, x: Coordinate, y: Coordinate, side: Side, *, strong: bool = False
) -> SafeString:
    """Render a text on the reading side `side` of (x, y): "start" places its start there."""
    style = f'fill="{INK}" font-weight="600" class="t-ink"' if strong else f'fill="{INK_2}"'
    return SafeString(
        f'<text x="{format_coordinate(x)}" y="{format_coordinate(y)}"'
        f' text-anchor="{sheet.anchor(side)}" {style}>{escape(sheet.shape_text(text))}</text>'
    )


def render_upright(
    x: Coordinate, y1: Coordinate, y2: Coordinate, *, is_time: bool = False
) -> SafeString:
    place = format_coordinate(x)
    top, foot = format_coordinate(y1), format_coordinate(y2)
    style = f'{INK}" stroke-width="1.5" class="c-ink' if is_time else f'{LINE}" class="c-line'
    return SafeString(f'<line x1="{place}" x2="{place}" y1="{top}" y2="{foot}" stroke="{style}"/>')


def render_bar(
    sheet: Sheet, start: float, end: float, height: int, colour: str, name: str
) -> SafeString:
    left = format_coordinate(100 * min(sheet.share(start), sheet.share(end)))
    return SafeString(
        f'<rect x="{left}%" y="50%" width="{format_coordinate(100 * abs(end - start))}%"'
        f' height="{height}" transform="translate(0 {format_coordinate(-height / 2)})"'
        f' fill="{colour}" class="{name}"/>'
    )
