"""Build the world map of the countries reached.

    npm pack world-atlas   (unpack it)
    python tools/build_map.py PACKAGE fixtures/countries.json reporting/charts/map_paths.json \
        ibcr_rbm/static/world-land.svg

Run once: both outputs are committed; the picture is the land alone, which a browser loads once.
Equal Earth projection, a view of 624 by 288. Land is one outline without borders (110m). Countries
large enough to see in the 110m file have a path. Every country has a point from the 10m file, so
that small countries (Cabo Verde, Seychelles) can be marked. The source is public domain (Natural
Earth). Boundaries imply no endorsement.
"""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Point = tuple[float, float]
WIDTH, CUT_SOUTH = 640, 292
STEP = 0.5
"""The precision of places; outlines are in this unit, which needs less space than decimals."""
VISIBLE = 18.0
"""The smallest area of a visible path, in square units of the view."""
JOINED = {"Somaliland": "SO", "N. Cyprus": "CY"}
"""Areas without an ISO 3166-1 code, and the country code under which the source draws them."""
SPECK = 0.8
"""Smaller islands have no outline; their country has its point."""
UNSEEN = 0.25
"""A corner of an outline is dropped if its triangle has less than this area."""
PARTS = {
    "BQ": (-68.3, 12.2), "BV": (3.4, -54.4), "CC": (96.9, -12.2), "CX": (105.6, -10.5),
    "GF": (-53.1, 3.9), "GP": (-61.5, 16.2), "MQ": (-61.0, 14.6), "RE": (55.5, -21.1),
    "SJ": (18.0, 78.6), "TK": (-171.8, -9.2), "VA": (12.5, 41.9), "YT": (45.2, -12.8),
}  # fmt: skip
"""Longitude and latitude of countries that the source draws as part of another, or too small."""
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
M = math.sqrt(3) / 2
SCALE = WIDTH / (2 * 2.7066)


def project(longitude: float, latitude: float) -> Point:
    """Return the place of a point in the view (Equal Earth: Savric, Patterson, Jenny 2018)."""
    theta = math.asin(M * math.sin(math.radians(latitude)))
    t2 = theta * theta
    t6 = t2**3
    x = math.radians(longitude) * math.cos(theta)
    x /= M * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2))
    y = theta * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))
    return WIDTH / 2 + x * SCALE, 1.3173 * SCALE - y * SCALE


def read_rings(topology: dict[str, Any], geometry: dict[str, Any]) -> Iterator[list[Point]]:
    """Yield the rings of a geometry as longitudes and latitudes, decoded from TopoJSON."""
    (scale_x, scale_y), (move_x, move_y) = topology["transform"].values()
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in polygons:
        for ring in polygon:
            places: list[Point] = []
            for index in ring:
                x = y = 0
                arc = []
                for dx, dy in topology["arcs"][index if index >= 0 else ~index]:
                    x, y = x + dx, y + dy
                    arc.append((x * scale_x + move_x, y * scale_y + move_y))
                arc = arc if index >= 0 else arc[::-1]
                places += arc if not places else arc[1:]
            yield from cut_at_the_edge(places)


def cut_at_the_edge(ring: list[Point]) -> Iterator[list[Point]]:
    """Yield a ring, or its two parts when it crosses the 180th meridian (Russia, Fiji)."""
    whole = ring[:1]
    for longitude, latitude in ring[1:]:
        turns = round((whole[-1][0] - longitude) / 360)
        whole.append((longitude + 360 * turns, latitude))
    for shift in (-360, 0, 360):
        part = [(min(180.0, max(-180.0, x + shift)), y) for x, y in whole]
        part = [
            place
            for before, place, after in zip(
                part[-1:] + part, part, part[1:] + part[:1], strict=False
            )
            if not (before[0] == place[0] == after[0] and abs(place[0]) == 180)
        ]
        if len({x for x, _ in part}) > 1:
            yield part


def measure_area(places: list[Point]) -> float:
    pairs = zip(places, places[1:] + places[:1], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def find_middle(places: list[Point]) -> Point:
    """Return the centroid of a ring, or the mean of its corners when it has no area."""
    twice = sx = sy = 0.0
    for (x1, y1), (x2, y2) in zip(places, places[1:] + places[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        twice, sx, sy = twice + cross, sx + (x1 + x2) * cross, sy + (y1 + y2) * cross
    if abs(twice) < 1e-9:
        return sum(x for x, _ in places) / len(places), sum(y for _, y in places) / len(places)
    return sx / (3 * twice), sy / (3 * twice)


def simplify(corners: list[Point]) -> list[Point]:
    corners = list(corners)
    while len(corners) > 4:
        sizes = [
            abs(measure_area([corners[i - 1], corners[i], corners[(i + 1) % len(corners)]]))
            for i in range(1, len(corners))
        ]
        least = min(sizes)
        if least * STEP**2 > UNSEEN:
            break
        del corners[sizes.index(least) + 1]
    return corners


def draw_outline(all_rings: list[list[Point]]) -> str:
    """Return the SVG path of rings of view places, in relative moves of STEP units."""
    path = ""
    for ring in all_rings:
        corners: list[Point] = []
        for x, y in ring:
            corner = (round(x / STEP), round(y / STEP))
            if not corners or corners[-1] != corner:
                corners.append(corner)
        if len(corners) < 4 or measure_area(corners) * STEP**2 < SPECK:
            continue
        (x0, y0), *rest = simplify(corners)
        path += f"M{x0} {y0}l"
        moves = []
        for x, y in rest:
            moves.append(f"{x - x0} {y - y0}")
            x0, y0 = x, y
        path += " ".join(moves) + "z"
    return path.replace(" -", "-")


def round_point(place: Point) -> Point:
    return round(place[0], 1), round(place[1], 1)


def project_rings(topology: dict[str, Any], geometry: dict[str, Any]) -> list[list[Point]]:
    return [[project(*place) for place in ring] for ring in read_rings(topology, geometry)]


def draw_land(view: list[int], outline: str) -> str:
    """Return the land as a picture of its own, in the colours of app.css."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{" ".join(map(str, view))}">'
        "<style>path{fill:#d3dbe1}@media screen and (prefers-color-scheme:dark)"
        "{path{fill:#2f3f4a}}</style>"
        f'<path transform="scale(.5)" d="{outline}"/></svg>\n'
    )


def main(atlas: Path, countries: Path, target: Path, picture: Path) -> None:
    rows = json.loads(countries.read_text())
    codes = {row["fields"]["numeric"]: row["fields"]["code"] for row in rows}
    coarse, fine, land = (
        json.loads((atlas / name).read_text())
        for name in ("countries-110m.json", "countries-10m.json", "land-110m.json")
    )
    paths = {}
    points = {code: round_point(project(*place)) for code, place in PARTS.items()}
    drawn: dict[str, list[list[Point]]] = {}
    for shape in coarse["objects"]["countries"]["geometries"]:
        if code := codes.get(shape.get("id")) or JOINED.get(shape["properties"]["name"]):
            drawn.setdefault(code, []).extend(project_rings(coarse, shape))
    for code, shapes in drawn.items():
        if sum(map(measure_area, shapes)) >= VISIBLE:
            paths[code] = draw_outline(shapes)
    for shape in fine["objects"]["countries"]["geometries"]:
        if (code := codes.get(shape.get("id"))) and (shapes := project_rings(fine, shape)):
            points[code] = round_point(find_middle(max(shapes, key=measure_area)))
    (continents,) = land["objects"]["land"]["geometries"]
    seen = [ring for ring in project_rings(land, continents) if max(y for _, y in ring) < CUT_SOUTH]
    view, outline = [8, 2, 624, CUT_SOUTH - 4], draw_outline(seen)
    world = {
        "view": view,
        "land": outline,
        "paths": dict(sorted(paths.items())),
        "points": dict(sorted(points.items())),
    }
    target.write_text(json.dumps(world, indent=0) + "\n")
    picture.write_text(draw_land(view, outline))
    missing = sorted(set(codes.values()) - set(points))
    print(len(paths), "paths,", len(points), "points; without a place:", missing)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:5]))
