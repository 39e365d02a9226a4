"""The world map with the countries reached, filled or ringed; never mirrored.

Outlines are in ``map_paths.json`` (see tools/build_map.py), in halves of the view's unit: land
without borders, the borders of marked countries, and a point for every small country.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString

from reporting.charts.svg import COLOURS, PAPER, SCREEN, Sheet, render_svg

_WORLD = json.loads((Path(__file__).parent / "map_paths.json").read_text())
_HALVES = SafeString('transform="scale(.5)"')
_BLUE = COLOURS["on_track"]


@dataclass(frozen=True)
class CountryMark:
    """A country on the map: its ISO 3166-1 code, and its tooltip."""

    code: str
    label: str
    is_filled: bool = True


def _render_filled(mark: CountryMark) -> SafeString:
    if outline := _WORLD["paths"].get(mark.code):
        shape = format_html('path {} d="{}" stroke-width="1.2"', _HALVES, outline)
    else:
        x, y = _WORLD["points"][mark.code]
        shape = format_html('circle cx="{}" cy="{}" r="3.4" stroke-width=".8"', x, y)
    return format_html('<{} fill="{}" stroke="{}" class="f-on_track c-gap"/>', shape, _BLUE, PAPER)


def _render_ringed(mark: CountryMark) -> SafeString:
    x, y = _WORLD["points"][mark.code]
    ring = '<circle cx="{}" cy="{}" r="3.6" fill="{}" stroke="{}" stroke-width="1.6" class="{}"/>'
    return format_html(ring, x, y, PAPER, _BLUE, "c-paper s-on_track")


def render_world_map(
    marks: Iterable[CountryMark],
    title: str,
    sheet: Sheet = SCREEN,
) -> SafeString:
    """Render the map without unknown codes, which are in the table next to it only."""
    known = [mark for mark in marks if mark.code in _WORLD["points"]]
    land = format_html('<path {} d="{}" fill="#d3dbe1" class="c-land"/>', _HALVES, _WORLD["land"])
    parts = [land]
    by_size = sorted(known, key=lambda mark: (not mark.is_filled, mark.code not in _WORLD["paths"]))
    for mark in by_size:
        shape = _render_filled(mark) if mark.is_filled else _render_ringed(mark)
        if mark.label and not sheet.for_pdf:
            shape = format_html("<g><title>{}</title>{}</g>", mark.label, shape)
        parts.append(shape)
    view = " ".join(map(str, _WORLD["view"]))
    return render_svg(title, sheet, parts, class_="map", viewBox=view)
