"""Rasters on a grid that a worker has worked out: as GeoTIFF, CoverageJSON or a picture."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
from rasterio.errors import RasterioError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.rasters.asking import PATH
from layers.rasters.raster import path_of
from spatial.rasters import encoding
from spatial.rasters.colours import Style
from spatial.rasters.facts import Facts
from spatial.rasters.grids import Grid
from spatial.rasters.reading import read

AT_ONCE = 2
"""Pictures that are made at a time; each may take a few hundred megabytes."""


def pictures(folder: Path) -> Route:
    """The route that reads rasters out of a folder."""
    free = asyncio.Semaphore(AT_ONCE)

    async def picture(request: Request) -> Response:
        asked = orjson.loads(await request.body())
        async with free:
            try:
                body = await run_in_threadpool(_made, folder, asked)
            except (RasterioError, OSError, MemoryError):
                return Response(status_code=503)
        return Response(body, 200 if body else 204)

    return Route(PATH, picture, methods=["POST"])


def _made(folder: Path, asked: dict[str, Any]) -> bytes:
    """The representation; empty for a tile on which nothing shows."""
    facts, style = Facts.from_json(asked["facts"]), Style.from_json(asked["style"])
    grid = Grid(**{**asked["grid"], "box": tuple(asked["grid"]["box"])})
    path = path_of(folder, asked["sha256"])
    values = read(path, facts, grid, style.is_categorical)
    form, unit, title = asked["form"], asked["unit"], asked["title"]
    if form == "geotiff":
        return encoding.geotiff(values, facts, grid, unit=unit, title=title["vi"])
    if form == "covjson":
        return encoding.coverage_json(values, facts, grid, unit=unit, title=title)
    rgba = style.rgba(*values)
    if form == "tile" and not rgba[..., 3].any():
        return b""
    background = asked["background"]
    return encoding.png(rgba, None if background is None else tuple(background))
