"""The operations of OGC API Coverages (19-087, draft), Maps (20-058) and map tiles on rasters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api.analysis.front import ask
from api.negotiation import JSON, PNG, SVG, Media, language, negotiate
from api.ogc import parameters
from api.ogc.operations import Operation, Parameter, read
from api.problems import Problem
from api.rasters import legends, tiles
from api.rasters.asking import PATH, box_in, coverage_crs, coverage_grid, map_grid, wanted
from api.rasters.parameters import (
    COVERAGE_MEDIA,
    GEOTIFF,
    LEGEND_MEDIA,
    MAP_MEDIA,
    TILESET_MEDIA,
    coverage_parameters,
    map_parameters,
    tile_parameters,
)
from api.rasters.records import raster_of, systems
from api.rasters.tiles import PATH as TILE_PATH
from api.services import depends_on, services
from layers.rasters.raster import FEED, path_of
from layers.rasters.registry import GEOTIFF as COG
from spatial.crs import CRS84, Crs
from spatial.rasters.grids import Grid

_TILE = parameters.indexed(*tile_parameters())
_LEGEND = parameters.indexed(parameters.f(LEGEND_MEDIA), parameters.lang())


async def coverage(request: Request) -> Response:
    """`/collections/{id}/coverage`: values on a grid (19-087, 7 to 10)."""
    raster = await raster_of(request)
    offered = systems(request, raster)
    values = read(request, parameters.indexed(*coverage_parameters(offered)))
    media = negotiate(request, COVERAGE_MEDIA)
    settings = services(request).settings
    most = settings.raster_answer_pixels
    # A number in text is many times as long as one in a file.
    grid = coverage_grid(raster, values, most if media.f != "covjson" else most // 16)
    depends_on(request, FEED)
    if grid is None:
        return Response(status_code=204)
    headers = _placed(grid, coverage_crs(raster, values))
    if media is GEOTIFF:
        headers["Content-Disposition"] = f'attachment; filename="{raster.id}.tif"'
    return await _made(request, wanted(raster, grid, media.f), media, headers)


async def map_(request: Request) -> Response:
    """`/collections/{id}/map`: a picture (20-058, 7 to 13)."""
    raster = await raster_of(request)
    offered = systems(request, raster)
    values = read(request, parameters.indexed(*map_parameters(offered)))
    media = negotiate(request, MAP_MEDIA)
    grid = map_grid(raster, values, services(request).settings.raster_answer_pixels)
    depends_on(request, FEED)
    colour = values.get("bgcolor")
    background = colour or (255, 255, 255)
    clear = values.get("transparent", colour is None)
    asked = wanted(raster, grid, media.f, None if clear else background)
    return await _made(request, asked, media, _placed(grid, values.get("crs", CRS84)))


def _placed(grid: Grid, crs: Crs) -> dict[str, str]:
    return {"Content-Crs": f"<{crs.uri}>", "Content-Bbox": box_in(grid, crs)}


async def _made(
    request: Request, asked: Mapping[str, Any], media: Media, headers: Mapping[str, str]
) -> Response:
    status, body = await ask(request, PATH, asked)
    if status == 204:
        return Response(status_code=204)
    if status != 200:
        raise Problem(503, "The raster's file cannot be read at the moment.")
    return Response(body, media_type=media.type, headers=dict(headers))


async def map_tile(request: Request) -> Response:
    """`…/map/tiles/{tms}/{z}/{row}/{col}`: one tile as PNG, or 204 where nothing is."""
    raster = await raster_of(request)
    grid = tiles.grid_of(request, raster)
    read(request, _TILE)
    negotiate(request, MAP_MEDIA)
    depends_on(request, FEED)
    if grid is None:
        return Response(status_code=204)
    return await _made(request, wanted(raster, grid, "tile"), PNG, {})


async def legend(request: Request) -> Response:
    """`/collections/{id}/legend`: values and their colours."""
    raster = await raster_of(request)
    read(request, _LEGEND)
    media = negotiate(request, LEGEND_MEDIA)
    depends_on(request, FEED)
    lang = language(request)
    if media is SVG:
        return Response(legends.svg(raster, lang), media_type=SVG.type)
    data = {
        "id": raster.id,
        "title": raster.title.in_language(lang),
        "unit": raster.unit,
        "categorical": raster.style.is_categorical,
        "entries": legends.entries(raster, lang),
    }
    return Response(orjson.dumps(data), media_type=JSON.type)


async def cog(request: Request) -> Response:
    """`/collections/{id}/cog`: the file itself, of which GDAL reads the parts that it needs."""
    raster = await raster_of(request)
    read(request, {})
    path = path_of(services(request).settings.rasters, raster.sha256)
    if not path.is_file():
        raise Problem(503, "The raster's file cannot be read at the moment.")
    # The outermost layer counts what is sent, so the file is sent in pieces.
    request.scope.get("extensions", {}).pop("http.response.pathsend", None)
    private = {} if raster.is_public else {"Cache-Control": "private, no-cache"}
    return FileResponse(
        path,
        media_type=COG,
        filename=f"{raster.id}.tif",
        headers={"Cache-Control": "no-cache", **private},
    )


def _operation(
    path: str,
    name: str,
    summary: str,
    handler: Callable[[Request], Awaitable[Response]],
    media: tuple[Media, ...],
    known: Callable[[], tuple[Parameter, ...]],
    *,
    empty: str = "",
) -> Operation:
    """An operation on a raster.

    Args:
        empty: when the answer is 204.
    """
    return Operation(
        path=f"/collections/{{raster}}/{path}",
        name=name,
        summary=summary,
        tag="rasters",
        handler=handler,
        media=media,
        parameters=lambda _: known(),
        path_parameters={
            "raster": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"},
            **(TILE_PATH if "{tms}" in path else {}),
        },
        statuses={"200": "Success.", **({"204": empty} if empty else {})},
    )


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "coverage",
        "coverage",
        "Values of the raster on a grid",
        coverage,
        COVERAGE_MEDIA,
        coverage_parameters,
        empty="The raster is not there.",
    ),
    _operation("map", "map", "A picture of the raster", map_, MAP_MEDIA, map_parameters),
    _operation(
        "map/tiles", "map_tilesets", "The map tilesets of the raster", tiles.tilesets,
        (JSON,), tiles.metadata_parameters,
    ),
    _operation(
        "map/tiles/{tms}", "map_tileset", "Metadata of a map tileset, or its TileJSON",
        tiles.tileset, TILESET_MEDIA, tiles.tileset_parameters,
    ),
    _operation(
        "map/tiles/{tms}/{z}/{row}/{col}", "map_tile", "One map tile", map_tile, MAP_MEDIA,
        tile_parameters, empty="Nothing is in this tile.",
    ),
    _operation(
        "legend", "legend", "Values of the raster and their colours", legend, LEGEND_MEDIA,
        lambda: (parameters.f(LEGEND_MEDIA), parameters.lang()),
    ),
    _operation(
        "cog", "cog", "The raster's file, a cloud-optimised GeoTIFF", cog, (GEOTIFF,), lambda: ()
    ),
)  # fmt: skip
"""The operations on rasters."""
