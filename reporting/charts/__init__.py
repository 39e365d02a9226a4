"""Charts as SVG, from formatted texts and numbers, for the direction of their `Sheet`."""

from reporting.charts.bars import (
    YearCell,
    render_share_bar,
    render_target_bar,
    render_time_head,
    render_time_line,
    render_year_strip,
)
from reporting.charts.progress_lines import (
    Point,
    ProgressLine,
    ProgressLineLabels,
    render_pace_chart,
    render_target_chart,
)
from reporting.charts.svg import COLOURS, Direction, Sheet, TimeAxis
from reporting.charts.world_map import CountryMark, render_world_map

__all__ = [
    "COLOURS",
    "CountryMark",
    "Direction",
    "Point",
    "ProgressLine",
    "ProgressLineLabels",
    "Sheet",
    "TimeAxis",
    "YearCell",
    "render_pace_chart",
    "render_share_bar",
    "render_target_bar",
    "render_target_chart",
    "render_time_head",
    "render_time_line",
    "render_world_map",
    "render_year_strip",
]
