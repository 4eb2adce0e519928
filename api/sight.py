"""`/api/sight.svg`: the province at first sight, which the map page shows while its library loads.

Some ten kilobytes: the ground in the colours of its style, and where the features of the layers
of points are, gathered by the ledgers' cells. The picture has exactly the province's box in the
map's projection, so it lies where the map will draw.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.ogc.operations import read
from api.ogc.styles import style_file
from api.outlines import Outlines, outlines
from api.paths import rings
from api.services import depends_on, services
from layers.clusters import cells_sql
from layers.layer import Layer
from layers.places import UNITS
from spatial.mvt import LEDGER_LEVELS
from spatial.zorder import GRID_BITS

WORLD_M = 20037508.342789244
"""Half of the side of EPSG:3857."""
UNIT_M = 100.0
"""Metres of the projection that the picture's unit stands for: a fifth of a pixel on a desk."""
TOLERANCE_M = 250.0
LEVEL = LEDGER_LEVELS[1]
"""Cells of 10 km."""
LARGEST = 18.0
"""Pixels across of the largest dot, of a picture 1,000 pixels wide."""

Place = tuple[float, float]


async def sight(request: Request) -> Response:
    """`/api/sight.svg`."""
    read(request, {})
    served = services(request)
    depends_on(request, *served.catalogue)
    west, south, east, north = served.province.bbox
    corner = mercator(west, north)
    far = mercator(east, south)
    size = (far[0] - corner[0], far[1] - corner[1])
    units = await outlines(served, "district", 3857, TOLERANCE_M)
    parts = [ground(units, corner)]
    points = [layer for layer in served.catalogue.values() if layer.is_point]
    # The first of the list is on top, as on the map.
    for layer in reversed(points):
        rows = await served.database.fetch(cells_sql(layer, LEVEL))
        parts.append(_dots(layer, rows, corner, size[0]))
    width, height = round(size[0]), round(size[1])
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}">{"".join(parts)}</svg>'
    )
    return Response(text, media_type="image/svg+xml")


def mercator(longitude: float, latitude: float) -> Place:
    """A place in units of the picture, to the east and to the south."""
    x = longitude / 180 * WORLD_M
    y = math.asinh(math.tan(math.radians(latitude))) / math.pi * WORLD_M
    return x / UNIT_M, -y / UNIT_M


def ground(units: Outlines, corner: Place) -> str:
    """Land and borders, in the colours that the style of the units has for them."""
    colours = _paints(UNITS)
    land = colours.get("province_land", {}).get("fill-color", "#fff")
    border = colours.get("district_line", {}).get("line-color", "#999")
    path = "".join(path_of(ring, corner) for unit in units for ring in rings(unit["path"]))
    return (
        f'<path d="{path}" fill="{land}" fill-rule="evenodd" stroke="{border}"'
        ' vector-effect="non-scaling-stroke"/>'
    )


def path_of(ring: Iterable[Place], corner: Place) -> str:
    """A ring in whole units, each step from the place before."""
    steps: list[str] = []
    here = (0, 0)
    for x, y in ring:
        there = (round(x / UNIT_M - corner[0]), round(y / UNIT_M - corner[1]))
        if not steps:
            steps.append(f"M{there[0]} {there[1]}l")
        elif there != here:
            steps.append(f"{there[0] - here[0]} {there[1] - here[1]} ")
        here = there
    return f"{''.join(steps).rstrip()}z"


def _paints(layer_id: str) -> Mapping[str, Mapping[str, Any]]:
    style = style_file(layer_id) or {"layers": []}
    return {part["id"]: part.get("paint", {}) for part in style["layers"]}


def _dots(layer: Layer, cells: Iterable[Mapping[str, Any]], corner: Place, width: float) -> str:
    """A dot for each cell that holds features of a layer, in the colour of its clusters."""
    colours = (paint.get("circle-color") for paint in _paints(layer.id).values())
    colour = next((one for one in colours if isinstance(one, str)), None)
    if colour is None:
        return ""
    scale = width / 1000
    dots = []
    for cell in cells:
        x, y = (
            (part / (1 << GRID_BITS) * 2 - 1) * WORLD_M / UNIT_M for part in (cell["x"], cell["y"])
        )
        radius = min(LARGEST, 7 + 3 * math.log10(cell["n"])) / 2 * scale
        dots.append(
            f'<circle cx="{round(x - corner[0])}" cy="{round(y - corner[1])}" r="{radius:.0f}"/>'
        )
    return f'<g fill="{colour}" stroke="#fff" stroke-width="{scale:.1f}">{"".join(dots)}</g>'


ROUTES = [Route("/api/sight.svg", sight)]
