"""Charts in table rows: the bar or the years of a target, and the bar of a share.

They have no size of their own: positions are shares of the width, so that the line of time is at
the same position in every row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reporting.charts.svg import (
    EDGE,
    INK,
    SCREEN,
    TRACK,
    Sheet,
    Side,
    TimeAxis,
    format_coordinate,
    rating_colour,
    render_bar,
    render_label,
    render_svg,
    render_upright,
)
from strategy.dates.periods import Period


@dataclass(frozen=True)
class YearCell:
    """One year of a yearly target: its state (a value of YearState) and its text."""

    year: Period
    state: str
    text: str


def _render_year_lines(sheet: Sheet, axis: TimeAxis, top: str = "0") -> list[SafeString]:
    return [render_upright(sheet.percent(border), top, "100%") for border in axis.borders]


def _render_year_name(sheet: Sheet, name: str, middle: float, elapsed: float) -> list[SafeString]:
    x = sheet.percent(middle)
    word = render_label(sheet, name, x, "78%", "middle")
    if abs(middle - elapsed) > 0.1:
        return [word]
    half = 3.4 * len(name)
    background = '<rect x="{}" y="60%" width="{}" height="22%" transform="translate({} 0)" {}/>'
    paint = SafeString('fill="#fff" class="c-paper"')
    return [
        format_html(background, x, format_coordinate(2 * half), format_coordinate(-half), paint),
        word,
    ]


def render_time_head(
    axis: TimeAxis,
    as_of_label: str,
    title: str,
    sheet: Sheet = SCREEN,
) -> SafeString:
    parts = _render_year_lines(sheet, axis, top="64%")
    parts.append(render_upright(sheet.percent(axis.elapsed), "16", "100%", is_time=True))
    every = -(-len(axis.years) // 6)
    longest = max(year.days for year in axis.years)
    for index, (year, middle) in enumerate(zip(axis.years, axis.middles, strict=True)):
        # Part of a year, where the plan begins or ends, may be too narrow for its name.
        if index % every == 0 and year.clipped(axis.period).days * 2 > longest:
            parts += _render_year_name(sheet, year.label, middle, axis.elapsed)
    # Half of the longest label is a third of the axis: nearer to an end it is on one side.
    side: Side = "start" if axis.elapsed < 0.34 else "end" if axis.elapsed > 0.66 else "middle"
    x = sheet.percent(axis.elapsed)
    parts.append(render_label(sheet, as_of_label, x, "11", side, strong=True))
    return render_svg(title, sheet, parts, width="100%", height="100%", font_size="12")


def render_time_line(axis: TimeAxis, sheet: Sheet = SCREEN) -> SafeString:
    parts = [render_upright(sheet.percent(border), "0", "100%") for border in (0.0, 1.0)]
    parts.append(render_upright(sheet.percent(axis.elapsed), "0", "100%", is_time=True))
    return render_svg("", sheet, parts, width="100%", height="100%")


def render_target_bar(
    reached: Decimal | None,
    rating: str,
    axis: TimeAxis,
    title: str,
    *,
    due: Decimal | None = None,
    sheet: Sheet = SCREEN,
) -> SafeString:
    """Render a row of the plan table: the share of the target that is reached, with time.

    `reached` is a share from 0 to 1; None, without data, draws dashes and more than 1 fills the
    bar. `due` is the share expected by now where that is not the time gone: a mark replaces the
    line of time.
    """
    parts = _render_year_lines(sheet, axis)
    if reached is None:
        dashes = 'x1="0" x2="100%" y1="50%" y2="50%" stroke-dasharray="3 4" class="c-edge"'
        parts.append(format_html('<line {} stroke="{}"/>', SafeString(dashes), EDGE))
    else:
        share = min(max(float(reached), 0.0), 1.0)
        parts.append(render_bar(sheet, 0, 1, 10, TRACK, "c-track"))
        parts.append(render_bar(sheet, 0, share, 10, rating_colour(rating), f"f-{rating}"))
    if due is not None:
        mark = '<line x1="{0}" x2="{0}" y1="12%" y2="88%" stroke="{1}" stroke-width="2.5" {2}/>'
        parts.append(format_html(mark, sheet.percent(float(due)), INK, SafeString('class="c-ink"')))
    else:
        parts.append(render_upright(sheet.percent(axis.elapsed), "0", "100%", is_time=True))
    return render_svg(title, sheet, parts, width="100%", height="100%")


def render_step_strip(
    found: Sequence[tuple[float, int]],
    steps: int,
    rating: str,
    axis: TimeAxis,
    title: str,
    *,
    minimum: int | None = None,
    height: str = "100%",
    sheet: Sheet = SCREEN,
) -> SafeString:
    """Render the steps of a rubric over time as stairs: each as high as its place in the rubric.

    `found` has each step from the share of the plan's time on; the dashes are at the minimum.
    """
    parts = _render_year_lines(sheet, axis)
    ends = [*(start for start, _step in found[1:]), max(axis.elapsed, 0.0)]
    for place, ((start, step), end) in enumerate(zip(found, ends, strict=True)):
        is_last = place == len(found) - 1
        colour, name = (rating_colour(rating), f"f-{rating}") if is_last else (TRACK, "c-track")
        # A step found today has no time yet: it is as narrow as a line.
        width, rise = 100 * max(end - start, 0.012), 84 * step / steps
        left = 100 * min(sheet.share(start), sheet.share(start + width / 100))
        box = '<rect x="{}%" y="{}%" width="{}%" height="{}%" fill="{}" stroke="{}" class="{}"/>'
        numbers = (left, 92 - rise, width, rise)
        shape = map(format_coordinate, numbers)
        parts.append(format_html(box, *shape, colour, EDGE, name))
    if minimum is not None:
        y = f"{format_coordinate(92 - 84 * minimum / steps)}%"
        dashes = (
            '<line x1="0" x2="100%" y1="{0}" y2="{0}" stroke="{1}" stroke-dasharray="3 3" {2}/>'
        )
        parts.append(format_html(dashes, y, INK, SafeString('class="c-ink"')))
    parts.append(render_upright(sheet.percent(axis.elapsed), "0", "100%", is_time=True))
    return render_svg(title, sheet, parts, width="100%", height=height)


def render_share_bar(
    share: Decimal | None,
    rating: str = "on_track",
    *,
    scale: Decimal = Decimal(1),
    line: Decimal | None = None,
    title: str = "",
    sheet: Sheet = SCREEN,
) -> SafeString:
    """Render the bar of a share or number; `scale` fills the width, `line` is a minimum."""
    full = float(scale) or 1.0
    parts = [
        format_html(
            '<line x1="{0}" x2="{0}" y1="0" y2="100%" stroke="{1}" class="c-edge"/>',
            sheet.percent(0),
            EDGE,
        )
    ]
    if share is not None:
        end = min(max(float(share) / full, 0.0), 1.0)
        parts.append(render_bar(sheet, 0, end, 12, rating_colour(rating), f"f-{rating}"))
    if line is not None:
        x = sheet.percent(min(float(line) / full, 1.0))
        parts.append(render_upright(x, "0", "100%", is_time=True))
    return render_svg(title, sheet, parts, width="100%", height="100%")


CELLS = {
    "met": ("#1a5a8c", "#1a5a8c", "#fff", ""),
    "not_met": ("#fbeae8", "#bf3526", "#a3271b", ""),
    "no_data": ("#fff", "#74828e", "#596671", "3 2"),
    "no_target": ("#fff", "#74828e", "#596671", ""),
    "due": ("#fff", "#1a5a8c", "#1a5a8c", "3 2"),
    "open": ("#fff", "#1a5a8c", "#1a5a8c", ""),
    "later": ("#fff", "#d5dce2", "#485763", ""),
}
"""Fill, edge, text colour and dashes of a cell by the state of its year."""
MAX_CELL_LETTERS = 7
SIGNS = {"met": "m-9 .4 2.8 2.9L0-3.6", "not_met": "m-8.6-3.6 7.2 7.2m0-7.2-7.2 7.2"}
"""A tick and a cross as paths, because the fonts have none."""


def _wrap_cell(text: str) -> list[str]:
    # A quarter of the plan table's axis is too narrow for a text in one line.
    words = text.split(" ")
    if len(text) <= MAX_CELL_LETTERS or len(words) == 1:
        return [text]
    halves = ([" ".join(words[:at]), " ".join(words[at:])] for at in range(1, len(words)))
    return min(halves, key=lambda lines: max(map(len, lines)))


def _render_cell_text(sheet: Sheet, text: str, state: str, ink: str) -> SafeString:
    is_rtl = sheet.direction == "rtl"
    lines = _wrap_cell(text)
    half = max(map(len, lines)) * 3.0
    sign, shift = SafeString(""), 0
    if state in SIGNS:
        shift = -5 if is_rtl else 5
        sign = format_html(
            '<path d="{}" transform="translate({} 0)" fill="none" stroke="{}" stroke-width="1.8"'
            ' class="t-{}"/>',
            SIGNS[state],
            format_coordinate(half + 7 if is_rtl else 2 - half),
            ink,
            state,
        )
    word = (
        '<text x="{}" y="{}" text-anchor="middle" font-size="12" fill="{}" class="t-{}">{}</text>'
    )
    first = 4 - 6 * (len(lines) - 1)
    words = (
        (shift, first + 12 * index, ink, state, sheet.shape_text(line))
        for index, line in enumerate(lines)
    )
    return format_html("{}{}", sign, format_html_join("", word, words))


def _render_cell(sheet: Sheet, cell: YearCell, state: str, start: float, end: float) -> SafeString:
    fill, edge, ink, dashes = CELLS[state]
    height = 5 + 12 * len(_wrap_cell(cell.text))
    return format_html(
        '<rect x="{}%" y="50%" width="{}%" height="{}" transform="translate(0 -{})" fill="{}"'
        ' stroke="{}" stroke-width=".8" class="y-{}"{}/><svg x="{}" y="50%" overflow="visible">'
        "{}</svg>",
        format_coordinate(100 * min(sheet.share(start), sheet.share(end)) + 0.4),
        format_coordinate(100 * (end - start) - 0.8),
        height,
        format_coordinate(height / 2),
        fill,
        edge,
        state,
        format_html(' stroke-dasharray="{}"', dashes) if dashes else "",
        sheet.percent((start + end) / 2),
        _render_cell_text(sheet, cell.text, state, ink),
    )


def render_year_strip(
    cells: Sequence[YearCell],
    axis: TimeAxis,
    title: str,
    sheet: Sheet = SCREEN,
) -> SafeString:
    """Render one cell per year; on a page the tag year_cells adds links."""
    parts = [render_upright(sheet.percent(axis.elapsed), "0", "100%", is_time=True)]
    for cell in cells:
        start = axis.period.elapsed_days(cell.year.starts_on) - 1
        state = "later" if cell.year.starts_on > axis.as_of else cell.state
        first = max(start, 0) / axis.period.days
        parts.append(_render_cell(sheet, cell, state, first, axis.at(cell.year.ends_on)))
    return render_svg(title, sheet, parts, width="100%", height="100%")
