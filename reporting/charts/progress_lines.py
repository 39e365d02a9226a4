"""Charts of a target's progress: recorded steps, the planned pace and the projection."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from django.utils.html import format_html
from django.utils.safestring import SafeString

from reporting.charts.svg import (
    EDGE,
    INK,
    PAPER,
    SCREEN,
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
    """A value at the end of a day."""

    on: date
    value: Decimal


@dataclass(frozen=True)
class ProgressLine:
    """The recorded values of a target, its range and its projection.

    `points` are in order of time, `expected` the corners of the line of expected values, empty
    without a minimum. `forecast` is the value at the plan's end at the current pace, None without
    any. `is_level` is true for a share that must hold on any day: its line has flat steps.
    """

    points: tuple[Point, ...]
    expected: tuple[Point, ...]
    rating: str
    bounds_label: str
    forecast: Decimal | None = None
    forecast_label: str = ""
    is_level: bool = False
    maximum: Decimal | None = None

    @property
    def bound(self) -> Decimal:
        """The value to reach, or else the value not to exceed."""
        return self.expected[-1].value if self.expected else self.maximum or Decimal(0)

    @property
    def top(self) -> float:
        """The value at the upper edge: a forecast raises it by half at most."""
        highest = max(
            1e-9,
            float(self.maximum or 0),
            float(self.bound),
            *(float(point.value) for point in self.points),
        )
        return max(highest, min(float(self.forecast or 0), 1.5 * highest))


@dataclass(frozen=True)
class ProgressLineLabels:
    """The texts of the large chart, none drawn if empty. `expected` is the value due now."""

    as_of: str
    reached: str
    expected: Decimal | None = None
    expected_label: str = ""
    straight_line: str = ""
    at_this_pace: str = ""


@dataclass(frozen=True)
class _Plot:
    """The area of the values; `edge` is the space for labels after the end of time."""

    sheet: Sheet
    axis: TimeAxis
    track: ProgressLine
    width: float
    floor: float
    ceiling: float
    edge: float

    def x(self, share: float) -> float:
        room = self.width - self.edge - 6
        across = 6 + share * room
        return self.width - across if self.sheet.direction == "rtl" else across

    def y(self, value: float | Decimal) -> float:
        return self.floor - float(value) / self.track.top * (self.floor - self.ceiling)

    def beyond(self, distance: float) -> float:
        return self.x(1) + (-distance if self.sheet.direction == "rtl" else distance)

    def render_text(
        self, text: str, x: float, y: float, side: Side = "start", *, strong: bool = False
    ) -> SafeString:
        return render_label(self.sheet, text, x, y, side, strong=strong)


@dataclass(frozen=True)
class _Pen:
    """The colour, width and dashes of a line."""

    colour: str
    name: str
    width: str = "1"
    dashes: str = ""

    def line(self, x1: float, y1: float, x2: float, y2: float) -> SafeString:
        left, top, right, foot = map(format_coordinate, (x1, y1, x2, y2))
        dashes = f' stroke-dasharray="{self.dashes}"' if self.dashes else ""
        return SafeString(
            f'<line x1="{left}" y1="{top}" x2="{right}" y2="{foot}" stroke="{self.colour}"'
            f' class="{self.name}" stroke-width="{self.width}"{dashes}/>'
        )


def _render_frame(plot: _Plot) -> list[SafeString]:
    axis, track = plot.axis, plot.track
    top, foot = plot.ceiling - 5, plot.floor + 5
    parts = [render_upright(plot.x(border), top, foot) for border in axis.borders]
    every = -(-len(axis.years) // 6)
    for index, (year, middle) in enumerate(zip(axis.years, axis.middles, strict=True)):
        if index % every == 0:
            parts.append(plot.render_text(year.label, plot.x(middle), plot.floor + 16, "middle"))
    parts.append(_Pen(EDGE, "c-edge").line(plot.x(0), plot.floor, plot.x(1), plot.floor))
    pen = _Pen(EDGE, "c-edge", "1.25")
    for start, end in pairwise(track.expected):
        left, right = plot.x(axis.at(start.on)), plot.x(axis.at(end.on))
        below, above = plot.y(start.value), plot.y(end.value)
        if track.is_level:
            parts.append(pen.line(left, below, right, below))
            left = right
        if left != right or below != above:
            parts.append(pen.line(left, below, right, above))
    if track.maximum is not None:
        most = plot.y(track.maximum)
        parts.append(pen.line(plot.x(0), most, plot.x(1), most))
    return parts


def _render_end_labels(plot: _Plot) -> list[SafeString]:
    track = plot.track
    wanted = plot.y(track.bound)
    if track.forecast is None or track.forecast_label in ("", track.bounds_label):
        return [plot.render_text(track.bounds_label, plot.beyond(6), wanted + 4)]
    ahead = plot.y(min(float(track.forecast), track.top))
    overlap = max(0.0, 13 - abs(wanted - ahead)) / 2
    shift = overlap if ahead < wanted else -overlap
    return [
        plot.render_text(track.bounds_label, plot.beyond(6), wanted + 4 + shift),
        plot.render_text(track.forecast_label, plot.beyond(6), ahead + 4 - shift, strong=True),
    ]


def _render_steps(plot: _Plot, stroke: float) -> list[SafeString]:
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
    parts += _render_ahead(plot, last, _Pen(colour, name, "1.75", "3 3"))
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


def _render_ahead(plot: _Plot, last: Point, pen: _Pen) -> list[SafeString]:
    now, top, here = plot.axis.at(last.on), plot.track.top, float(last.value)
    if plot.track.forecast is None or now >= 1:
        return []
    goal = float(plot.track.forecast)
    reach = 1.0 if goal <= top else (top - here) / (goal - here)
    end = plot.x(now + (1 - now) * reach), plot.y(min(goal, top))
    return [pen.line(plot.x(now), plot.y(here), *end)]


def _label_width(track: ProgressLine, letter: float) -> float:
    return 12 + letter * max(2, len(track.bounds_label), len(track.forecast_label))


def render_pace_chart(
    track: ProgressLine,
    axis: TimeAxis,
    title: str,
    sheet: Sheet = SCREEN,
) -> SafeString:
    """Render a small chart, one of several on one scale of time; larger for a PDF."""
    width, height = (380, 148) if sheet.for_pdf else (280, 104)
    edge = max(34, _label_width(track, 7))
    plot = _Plot(sheet, axis, track, width, height - 20, 17, edge=edge)
    parts = [*_render_frame(plot), *_render_steps(plot, 2), *_render_end_labels(plot)]
    size = {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"}
    return render_svg(title, sheet, parts, class_="chart", font_size="12", **size)


def _render_today(plot: _Plot, labels: ProgressLineLabels) -> list[SafeString]:
    # The text of the higher value is above it, that of the lower value below, so that they never
    # touch; near the names of the years, or the steps, both are above.
    now, track = plot.axis.elapsed, plot.track
    x = plot.x(now)
    parts = [
        render_upright(
            x,
            plot.ceiling - 8,
            plot.floor,
            is_time=True,
        )
    ]
    parts.append(
        plot.render_text(labels.as_of, x, plot.ceiling - 14, _choose_side(now), strong=True)
    )
    (before, before_side), (after, after_side) = _place_labels(plot, now)
    reached = plot.y(track.points[-1].value) if track.points else plot.floor
    due = plot.y(labels.expected) if labels.expected is not None else plot.ceiling
    # Rising steps come from below: a text before the line of time would cover them.
    is_crossed = after_side == "end" and not track.is_level
    below = reached - 8 if is_crossed or reached + 16 > plot.floor else reached + 16
    reached_at, due_at = (below, due - 8) if due <= reached else (reached - 8, due + 16)
    if labels.expected is not None:
        if track.points and before == after and due <= reached:
            due_at = min(due_at, reached_at - 14)
        ring = '<circle cx="{}" cy="{}" r="4" fill="{}" stroke="{}" stroke-width="1.5" class="{}"/>'
        parts.append(
            format_html(
                ring, format_coordinate(x), format_coordinate(due), PAPER, INK, "c-paper c-ink"
            )
        )
        parts.append(
            plot.render_text(labels.expected_label, before, due_at, before_side, strong=True)
        )
    if track.points:
        parts.append(plot.render_text(labels.reached, after, reached_at, after_side, strong=True))
    return parts


def _choose_side(share: float) -> Side:
    return "start" if share < 0.12 else "end" if share > 0.88 else "middle"


def _place_labels(plot: _Plot, now: float) -> tuple[tuple[float, Side], tuple[float, Side]]:
    gap = -10 if plot.sheet.direction == "rtl" else 10
    before: tuple[float, Side] = (plot.x(now) - gap, "end")
    after: tuple[float, Side] = (plot.x(now) + gap, "start")
    if now < 0.25:
        return after, after
    return (before, before) if now > 0.75 else (before, after)


def _expected_at(plot: _Plot, share: float) -> float:
    """Return the height of the line of expected values at a share of the time."""
    for start, end in pairwise(plot.track.expected):
        left, right = plot.axis.at(start.on), plot.axis.at(end.on)
        if left <= share < right:
            rise = float(end.value - start.value)
            return float(start.value) + rise * (share - left) / (right - left)
    return float(plot.track.bound)


def _render_line_names(plot: _Plot, labels: ProgressLineLabels) -> list[SafeString]:
    track, now = plot.track, plot.axis.elapsed
    if track.is_level or now > 0.8:
        return []
    names = []
    if labels.straight_line and track.expected:
        due = plot.y(_expected_at(plot, 0.9))
        names.append(plot.render_text(labels.straight_line, plot.x(0.9), due - 10, "end"))
    if labels.at_this_pace and track.points and track.forecast is not None:
        last, share = float(track.points[-1].value), 0.55
        value = last + (min(float(track.forecast), track.top) - last) * share
        below = track.forecast < track.bound
        position = plot.x(now + (1 - now) * share), plot.y(value) + (22 if below else -12)
        names.append(plot.render_text(labels.at_this_pace, *position, "start" if below else "end"))
    return [format_html('<g class="opt">{}</g>', name) for name in names]


def render_target_chart(
    track: ProgressLine,
    axis: TimeAxis,
    title: str,
    labels: ProgressLineLabels,
    sheet: Sheet = SCREEN,
) -> SafeString:
    plot = _Plot(sheet, axis, track, 560, 282, 33, edge=max(64, _label_width(track, 9)))
    parts = [
        *_render_frame(plot),
        *_render_steps(plot, 2.5),
        *_render_end_labels(plot),
        *_render_today(plot, labels),
    ]
    parts += _render_line_names(plot, labels)
    box = {"class_": "chart large", "viewBox": "0 0 560 310", "width": "560", "height": "310"}
    return render_svg(title, sheet, parts, **box, font_size="12")
