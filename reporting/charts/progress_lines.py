"""A target's way through the plan's time: recorded steps, the straight line, and where it leads."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from reporting.charts.svg import (
    EDGE,
    INK,
    PAPER,
    Direction,
    Sheet,
    Side,
    TimeAxis,
    format_coordinate,
    rating_colour,
    render_label,
    render_svg,
    render_upright,
)


@dataclass(frozen=True)
class Point:
    """A value that held at the end of a day."""

    on: date
    value: Decimal


@dataclass(frozen=True)
class ProgressLine:
    """A target's way through the plan: what was recorded, what was to be reached, what is ahead.

    `points` go from the oldest to the newest, and are empty when nothing is known. `forecast` is
    the value at the plan's end at the pace so far, None when there is none. `is_level` is true for
    a share that must hold whenever it is read: its line is flat.
    """

    points: tuple[Point, ...]
    minimum: Decimal
    rating: str
    minimum_label: str
    forecast: Decimal | None = None
    forecast_label: str = ""
    is_level: bool = False

    @property
    def top(self) -> float:
        """The value at the upper edge: a forecast may raise it by half, then it is cut off."""
        known = [1e-9, float(self.minimum), *(float(point.value) for point in self.points)]
        highest = max(known)
        return max(highest, min(float(self.forecast or 0), 1.5 * highest))


@dataclass(frozen=True)
class ProgressLineLabels:
    """The texts of the large chart; an empty one is not drawn. `expected` is the value due now."""

    as_of: str
    reached: str
    expected: Decimal | None = None
    expected_label: str = ""
    straight_line: str = ""
    at_this_pace: str = ""


@dataclass(frozen=True)
class _Plot:
    """The field that values are drawn in, in units of the picture's own width and height."""

    sheet: Sheet
    axis: TimeAxis
    track: ProgressLine
    width: float
    floor: float
    ceiling: float
    edge: float
    """What is kept free beyond the end of time, for the labels of the last values."""

    def x(self, share: float) -> float:
        """The place of a share of the plan's time."""
        room = self.width - self.edge - 6
        across = 6 + share * room
        return self.width - across if self.sheet.direction == "rtl" else across

    def y(self, value: float | Decimal) -> float:
        return self.floor - float(value) / self.track.top * (self.floor - self.ceiling)

    def beyond(self, distance: float) -> float:
        """The place so far after the end of time, in the direction of reading."""
        return self.x(1) + (-distance if self.sheet.direction == "rtl" else distance)

    def text(
        self, words: str, x: float, y: float, side: Side = "start", *, strong: bool = False
    ) -> SafeString:
        return render_label(
            self.sheet, words, format_coordinate(x), format_coordinate(y), side, strong=strong
        )


@dataclass(frozen=True)
class _Pen:
    """How a line is drawn."""

    colour: str
    name: str
    width: str = "1"
    dashes: str = ""

    def line(self, x1: float, y1: float, x2: float, y2: float) -> SafeString:
        return format_html(
            '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" class="{}" stroke-width="{}"{}/>',
            *map(format_coordinate, (x1, y1, x2, y2)),
            self.colour,
            self.name,
            self.width,
            format_html(' stroke-dasharray="{}"', self.dashes) if self.dashes else "",
        )


def _frame(plot: _Plot) -> list[SafeString]:
    """Return the years, the ground line and the line that the target asks for."""
    axis, track = plot.axis, plot.track
    top, foot = format_coordinate(plot.ceiling - 5), format_coordinate(plot.floor + 5)
    parts = [
        render_upright(format_coordinate(plot.x(border)), top, foot) for border in axis.borders
    ]
    every = -(-len(axis.years) // 6)
    for index, (year, middle) in enumerate(zip(axis.years, axis.middles, strict=True)):
        if index % every == 0:
            parts.append(plot.text(year.label, plot.x(middle), plot.floor + 16, "middle"))
    parts.append(_Pen(EDGE, "c-edge").line(plot.x(0), plot.floor, plot.x(1), plot.floor))
    begin = plot.y(track.minimum) if track.is_level else plot.floor
    wanted = _Pen(EDGE, "c-edge", "1.25")
    parts.append(wanted.line(plot.x(0), begin, plot.x(1), plot.y(track.minimum)))
    return parts


def _end_labels(plot: _Plot) -> list[SafeString]:
    """Return the target and the forecast in the margin, moved apart where they would touch."""
    track = plot.track
    wanted = plot.y(track.minimum)
    if track.forecast is None or track.forecast_label in ("", track.minimum_label):
        return [plot.text(track.minimum_label, plot.beyond(6), wanted + 4)]
    ahead = plot.y(min(float(track.forecast), track.top))
    overlap = max(0.0, 13 - abs(wanted - ahead)) / 2
    shift = overlap if ahead < wanted else -overlap
    return [
        plot.text(track.minimum_label, plot.beyond(6), wanted + 4 + shift),
        plot.text(track.forecast_label, plot.beyond(6), ahead + 4 - shift, strong=True),
    ]


def _steps(plot: _Plot, stroke: float) -> list[SafeString]:
    """Return the recorded values as steps, the last one as a disc, and the dashes ahead of it."""
    track, axis = plot.track, plot.axis
    if not track.points:
        return []
    colour, name = rating_colour(track.rating), f"s-{track.rating}"
    first, last = track.points[0], track.points[-1]
    start = (plot.x(0), plot.floor)
    if track.is_level:
        start = (plot.x(axis.at(first.on)), plot.y(first.value))
    path = "M{} {}".format(*map(format_coordinate, start))
    for point in track.points:
        corner = (plot.x(axis.at(point.on)), plot.y(point.value))
        path += "H{}V{}".format(*map(format_coordinate, corner))
    parts = [
        format_html(
            '<path d="{}" fill="none" stroke="{}" stroke-width="{}" class="{}"/>',
            path,
            colour,
            format_coordinate(stroke),
            name,
        )
    ]
    x, y = plot.x(axis.at(last.on)), plot.y(last.value)
    parts += _ahead(plot, last, _Pen(colour, name, "1.75", "3 3"))
    disc = '<circle cx="{}" cy="{}" r="{}" fill="{}" class="f-{}"/>'
    parts.append(
        format_html(
            disc,
            format_coordinate(x),
            format_coordinate(y),
            format_coordinate(stroke * 1.75),
            colour,
            track.rating,
        )
    )
    return parts


def _ahead(plot: _Plot, last: Point, pen: _Pen) -> list[SafeString]:
    """Return the dashes to the forecast, cut where they leave the picture."""
    now, top, here = plot.axis.at(last.on), plot.track.top, float(last.value)
    if plot.track.forecast is None or now >= 1:
        return []
    goal = float(plot.track.forecast)
    reach = 1.0 if goal <= top else (top - here) / (goal - here)
    end = plot.x(now + (1 - now) * reach), plot.y(min(goal, top))
    return [pen.line(plot.x(now), plot.y(here), *end)]


def _margin(track: ProgressLine, letter: float) -> float:
    """Return the room for the longest label of the last values."""
    return 12 + letter * max(2, len(track.minimum_label), len(track.forecast_label))


def render_pace_chart(
    track: ProgressLine,
    axis: TimeAxis,
    title: str,
    *,
    direction: Direction = "ltr",
    for_pdf: bool = False,
) -> SafeString:
    """Return one of several small charts on one scale of time; on paper there is more room."""
    sheet = Sheet(direction, for_pdf)
    width, height = (380, 148) if for_pdf else (280, 104)
    edge = max(34, _margin(track, 7))
    plot = _Plot(sheet, axis, track, width, height - 20, 17, edge=edge)
    parts = [*_frame(plot), *_steps(plot, 2), *_end_labels(plot)]
    size = {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"}
    return render_svg(title, sheet, parts, class_="chart", font_size="12", **size)


def _today(plot: _Plot, words: ProgressLineLabels) -> list[SafeString]:
    """Return the line of time with what was expected by then and what was reached.

    The higher value has its text above it, the lower one below, so that they never touch; close to
    the names of the years below the picture, or to the steps, the lower one has it above too.
    """
    now, track = plot.axis.elapsed, plot.track
    x = plot.x(now)
    parts = [
        render_upright(
            format_coordinate(x),
            format_coordinate(plot.ceiling - 8),
            format_coordinate(plot.floor),
            is_time=True,
        )
    ]
    parts.append(plot.text(words.as_of, x, plot.ceiling - 14, _side(now), strong=True))
    (before, before_side), (after, after_side) = _beside(plot, now)
    reached = plot.y(track.points[-1].value) if track.points else plot.floor
    due = plot.y(words.expected) if words.expected is not None else plot.ceiling
    # Steps that only rise come from below: a text before the line of time would lie on them.
    is_crossed = after_side == "end" and not track.is_level
    below = reached - 8 if is_crossed or reached + 16 > plot.floor else reached + 16
    reached_at, due_at = (below, due - 8) if due <= reached else (reached - 8, due + 16)
    if words.expected is not None:
        if track.points and before == after and due <= reached:
            due_at = min(due_at, reached_at - 14)
        ring = '<circle cx="{}" cy="{}" r="4" fill="{}" stroke="{}" stroke-width="1.5" class="{}"/>'
        parts.append(
            format_html(
                ring, format_coordinate(x), format_coordinate(due), PAPER, INK, "c-paper c-ink"
            )
        )
        parts.append(plot.text(words.expected_label, before, due_at, before_side, strong=True))
    if track.points:
        parts.append(plot.text(words.reached, after, reached_at, after_side, strong=True))
    return parts


def _side(share: float) -> Side:
    return "start" if share < 0.12 else "end" if share > 0.88 else "middle"


def _beside(plot: _Plot, now: float) -> tuple[tuple[float, Side], tuple[float, Side]]:
    """Return where a text before and one after the line of time stand; both inside the picture."""
    gap = -10 if plot.sheet.direction == "rtl" else 10
    before: tuple[float, Side] = (plot.x(now) - gap, "end")
    after: tuple[float, Side] = (plot.x(now) + gap, "start")
    if now < 0.25:
        return after, after
    return (before, before) if now > 0.75 else (before, after)


def _beside_lines(plot: _Plot, words: ProgressLineLabels) -> list[SafeString]:
    """Return the names of the straight line and of the dashes, where there is room beside them."""
    track, now = plot.track, plot.axis.elapsed
    if track.is_level or now > 0.8:
        return []
    names = []
    if words.straight_line:
        due = plot.y(float(track.minimum) * 0.9)
        names.append(plot.text(words.straight_line, plot.x(0.9), due - 10, "end"))
    if words.at_this_pace and track.points and track.forecast is not None:
        last, share = float(track.points[-1].value), 0.55
        value = last + (min(float(track.forecast), track.top) - last) * share
        below = track.forecast < track.minimum
        place = plot.x(now + (1 - now) * share), plot.y(value) + (22 if below else -12)
        names.append(plot.text(words.at_this_pace, *place, "start" if below else "end"))
    return [format_html('<g class="opt">{}</g>', name) for name in names]


def render_target_chart(
    track: ProgressLine,
    axis: TimeAxis,
    title: str,
    words: ProgressLineLabels,
    *,
    direction: Direction = "ltr",
    for_pdf: bool = False,
) -> SafeString:
    """Return the large chart of a target's page: its way, what was expected, what is ahead."""
    sheet = Sheet(direction, for_pdf)
    plot = _Plot(sheet, axis, track, 560, 282, 33, edge=max(64, _margin(track, 9)))
    parts = [*_frame(plot), *_steps(plot, 2.5), *_end_labels(plot), *_today(plot, words)]
    parts += _beside_lines(plot, words)
    box = {"class_": "chart large", "viewBox": "0 0 560 310", "width": "560", "height": "310"}
    return render_svg(title, sheet, parts, **box, font_size="12")
