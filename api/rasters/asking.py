"""What a request asks of a raster, as the grid of pixels that its answer has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from api.ogc.operations import shorten
from api.problems import Problem
from api.rasters.parameters import DEGREES, LARGEST_SIDE, METRES, Size
from layers.rasters.raster import Raster
from spatial.bbox import parse_bbox
from spatial.crs import CRS84, Crs
from spatial.errors import BadInput
from spatial.rasters.grids import Grid, moved_box, projected
from spatial.shapes import Box

PATH = "/picture"
"""Where the process of analysis makes pictures and files of rasters."""
USUAL_WIDTH = 1024
"""Pixels of a map's width where nothing is asked."""
_WAYS = ("scale-factor", "scale-axes", "scale-size", "scaleSize")

Values = Mapping[str, Any]


def coverage_crs(raster: Raster, values: Values) -> Crs:
    """The system that a coverage is in."""
    exact: Size | None = values.get("scaleSize")
    usual = CRS84 if exact is not None and exact.in_degrees else raster.facts.crs
    found: Crs = values.get("crs", usual)
    return found


def coverage_grid(raster: Raster, values: Values, most: int) -> Grid | None:
    """The pixels of a coverage; None where the raster has none.

    Args:
        values: parsed parameters.
        most: pixels.

    Raises:
        Problem: 400, parameters contradict each other, or ask for too much.
    """
    facts = raster.facts
    target = coverage_crs(raster, values)
    try:
        area, system = _area(raster, values)
        if area is not None and (area[0] >= area[2] or area[1] >= area[3]):
            return None  # an open end beyond the raster
        box = None if area is None else moved_box(area, system, target)
        grid = projected(facts, target, box)
        if grid is not None and box is not None and "scaleSize" in values:
            grid = replace(grid, box=box)
    except BadInput as error:
        raise Problem(400, f"crs: {error}") from error
    if grid is None:
        return None
    grid = _scaled(grid, values)
    _check(grid, most, "scale-factor, scale-size or a smaller bbox")
    return grid


def map_grid(raster: Raster, values: Values, most: int) -> Grid:
    """The pixels of a map; raises as `coverage_grid` does."""
    target: Crs = values.get("crs", CRS84)
    area, system = _box(values) or (raster.facts.bounds, raster.facts.crs)
    try:
        box = moved_box(area, system, target)
    except BadInput as error:
        raise Problem(400, f"bbox: {error}") from error
    across, up = box[2] - box[0], box[3] - box[1]
    width, height = _sides(values, across / up, USUAL_WIDTH)
    grid = Grid(target.srid, box, width, height)
    _check(grid, most, "a smaller width and height")
    return grid


def box_in(grid: Grid, crs: Crs) -> str:
    """The grid's box as the header `Content-Bbox` has it, in the order of the CRS's axes."""
    west, south, east, north = grid.box
    low, high = crs.east_north(west, south), crs.east_north(east, north)
    return ",".join(f"{number:.{crs.decimals + 2}f}" for number in (*low, *high))


def _area(raster: Raster, values: Values) -> tuple[Box | None, Crs]:
    ranges = values.get("subset")
    boxed = _box(values)
    if ranges is None:
        return boxed or (None, raster.facts.crs)
    if boxed is not None:
        raise Problem(400, "bbox and subset cannot be combined.")
    degrees = any(name in DEGREES for name in ranges)
    system: Crs = values.get("subset-crs", CRS84 if degrees else raster.facts.crs)
    if system.geographic is not degrees:
        axes = ", ".join(DEGREES if system.geographic else METRES)
        raise Problem(400, f"subset: the axes in {system.uri} are {axes}.")
    sides = list(moved_box(raster.facts.bounds, raster.facts.crs, system))
    for axis, name in enumerate(DEGREES if degrees else METRES):
        low, high = ranges.get(name, (None, None))
        sides[axis] = sides[axis] if low is None else low
        sides[axis + 2] = sides[axis + 2] if high is None else high
    west, south, east, north = sides
    return (west, south, east, north), system


def _box(values: Values) -> tuple[Box, Crs] | None:
    if "bbox" not in values:
        return None
    system: Crs = values.get("bbox-crs", CRS84)
    text = values["bbox"]
    try:
        found = parse_bbox(text, system)
    except BadInput as error:
        raise Problem(400, f"bbox={shorten(text)!r}: {error}") from error
    if found.min_x >= found.max_x or found.min_y >= found.max_y:
        raise Problem(
            400, f"bbox={shorten(text)!r}: must have an area, and not cross the antimeridian."
        )
    return (found.min_x, found.min_y, found.max_x, found.max_y), system


def _scaled(grid: Grid, values: Values) -> Grid:
    ways = [one for one in _WAYS if one in values]
    sides = "width" in values or "height" in values
    if len(ways) + sides > 1:
        raise Problem(400, f"{', '.join(_WAYS)} and width or height exclude each other.")
    size: Size | None = values.get("scale-size", values.get("scaleSize"))
    if size is not None:
        return grid.resized(size.width, size.height)
    if ways:
        factor = values.get("scale-factor")
        across, down = values.get("scale-axes", (factor, factor))
        return grid.resized(_side(grid.width / across), _side(grid.height / down))
    if sides:
        return grid.resized(*_sides(values, grid.width / grid.height, grid.width))
    return grid


def _sides(values: Values, shape: float, usual: int) -> tuple[int, int]:
    """Width and height; where one is missing it follows from the shape, width by height."""
    width: int | None = values.get("width")
    height: int | None = values.get("height")
    if width is None:
        width = usual if height is None else _side(height * shape)
    if height is None:
        height = _side(width / shape)
    return width, height


def _side(length: float) -> int:
    return min(max(round(length), 1), 50 * LARGEST_SIDE)


def _check(grid: Grid, most: int, way: str) -> None:
    if grid.width * grid.height > most or max(grid.width, grid.height) > LARGEST_SIDE:
        raise Problem(
            400,
            f"The answer would have {grid.width} × {grid.height} pixels; {most} are possible, and"
            f" {LARGEST_SIDE} a side: ask for {way}.",
        )


def wanted(
    raster: Raster, grid: Grid, form: str, background: tuple[int, int, int] | None = None
) -> dict[str, Any]:
    """What the process of analysis is sent at `PATH`.

    Args:
        form: the name of a representation in `f`.
        background: of a picture, which then has no transparency.
    """
    return {
        "sha256": raster.sha256,
        "facts": raster.facts.to_json(),
        "style": raster.style.to_json(),
        "grid": asdict(grid),
        "form": form,
        "background": background,
        "unit": raster.unit,
        "title": {"vi": raster.title.vi, "en": raster.title.en},
    }
