"""Figures as pictures: SVG from plain values, the same on a page and in the PDF.

Every function takes texts and numbers that are ready to be shown, and knows nothing of models.
`direction` is that of the language; pictures are drawn for it, not mirrored by CSS. `for_pdf`
joins Arabic letters beforehand, because WeasyPrint does not do it inside an SVG.
"""

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
from reporting.charts.svg import COLOURS, Direction, TimeAxis
from reporting.charts.world_map import CountryMark, render_world_map

__all__ = [
    "COLOURS",
    "CountryMark",
    "Direction",
    "Point",
    "ProgressLine",
    "ProgressLineLabels",
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
