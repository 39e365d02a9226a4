"""The world map with the countries reached, filled or ringed; never mirrored.

Outlines are in ``map_paths.json`` (see tools/build_map.py), in halves of the view's unit: land
without borders, the borders of marked countries, and a point for every small country.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from reporting.charts.svg import COLOURS, PAPER, SCREEN, Sheet, render_svg

_WORLD = json.loads((Path(__file__).parent / "map_paths.json").read_text())
_HALVES = SafeString('transform="scale(.5)"')
VIEW: tuple[int, int, int, int] = tuple(_WORLD["view"])
"""The left and upper edge, the width and the height of the map."""
_BLUE = COLOURS["on_track"]
_FILLED = f'fill="{_BLUE}" stroke="{PAPER}" class="f-on_track c-gap"'
_RINGED = f'fill="{PAPER}" stroke="{_BLUE}" class="c-paper s-on_track"'


@dataclass(frozen=True)
class CountryMark:
    """A country on the map: its ISO 3166-1 code, and its tooltip."""

    code: str
    label: str
    is_filled: bool = True
    url: str = ""

    @property
    def has_outline(self) -> bool:
        """Whether the whole country is filled; a small country or a ring has a point."""
        return self.is_filled and self.code in _WORLD["paths"]


def _render_land(url: str) -> SafeString:
    if not url:
        land = '<path {} d="{}" fill="#d3dbe1" class="c-land"/>'
        return format_html(land, _HALVES, _WORLD["land"])
    image = '<image href="{}" x="{}" y="{}" width="{}" height="{}"/>'
    return format_html(image, url, *VIEW)


def _render_marks(marks: Iterable[CountryMark], style: str, sheet: Sheet) -> SafeString:
    """Render marks of one style, in a group that has their attributes once."""
    shapes = "".join(_render_mark(mark, sheet) for mark in marks)
    return SafeString(f"<g {style}>{shapes}</g>" if shapes else "")


def _render_mark(mark: CountryMark, sheet: Sheet) -> str:
    tooltip = f"<title>{escape(mark.label)}</title>" if mark.label and not sheet.for_pdf else ""
    if mark.has_outline:
        shape = f'<path d="{_WORLD["paths"][mark.code]}">{tooltip}</path>'
    else:
        x, y = _WORLD["points"][mark.code]
        shape = f'<circle cx="{x}" cy="{y}" r="{3.4 if mark.is_filled else 3.6}">{tooltip}</circle>'
    if not mark.url:
        return shape
    return f'<a href="{escape(mark.url)}" aria-label="{escape(mark.label)}">{shape}</a>'


def render_world_map(
    marks: Iterable[CountryMark],
    title: str,
    sheet: Sheet = SCREEN,
    land_url: str = "",
) -> SafeString:
    """Render the map without unknown codes, which are in the table next to it only.

    ``land_url`` is the address of ``world-land.svg``, which a browser loads once; without it, as in
    a PDF, the land is part of the map.
    """
    known = [mark for mark in marks if mark.code in _WORLD["points"]]
    parts = [_render_land(land_url)]
    outlines = [mark for mark in known if mark.has_outline]
    dots = [mark for mark in known if mark.is_filled and not mark.has_outline]
    rings = [mark for mark in known if not mark.is_filled]
    parts.append(_render_marks(outlines, f'{_HALVES} stroke-width="1.2" {_FILLED}', sheet))
    parts.append(_render_marks(dots, f'stroke-width=".8" {_FILLED}', sheet))
    parts.append(_render_marks(rings, f'stroke-width="1.6" {_RINGED}', sheet))
    view = " ".join(map(str, VIEW))
    role = "group" if any(mark.url for mark in known) else "img"
    return render_svg(title, sheet, parts, role=role, class_="map", viewBox=view)
