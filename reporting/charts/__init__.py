"""Figures as pictures: SVG from plain values, the same on a page and in the PDF.

Every function takes texts and numbers that are ready to be shown, and knows nothing of models.
`direction` is that of the language; pictures are drawn for it, not mirrored by CSS. `for_pdf`
joins Arabic letters beforehand, because WeasyPrint does not do it inside an SVG.
"""

from reporting.charts.bars import YearCell, share_bar, target_bar, time_head, time_line, year_strip
from reporting.charts.progress_lines import (
    Point,
    ProgressLine,
    ProgressLineLabels,
    pace_chart,
    target_chart,
)
from reporting.charts.svg import COLOURS, Direction, TimeAxis
from reporting.charts.world_map import CountryMark, world_map

__all__ = [
    "COLOURS",
    "CountryMark",
    "Direction",
    "Point",
    "ProgressLine",
    "ProgressLineLabels",
    "TimeAxis",
    "YearCell",
    "pace_chart",
    "share_bar",
    "target_bar",
    "target_chart",
    "time_head",
    "time_line",
    "world_map",
    "year_strip",
]
