"""Map tiles of rasters: tilesets with their metadata and TileJSON, and the grid of a tile.

OGC API Tiles part 1 (20-057), with the JSON of Tile Matrix Set 2.0 (17-083r4); TileJSON 3.0.
"""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import JSON, PNG, TILEJSON, language, negotiate
from api.ogc import parameters
from api.ogc.answers import own_links
from api.ogc.operations import Parameter, read
from api.ogc.tiles import number_of, tile_matrix_set_of, tileset_summary
from api.problems import Problem
from api.rasters.parameters import TILESET_MEDIA
from api.rasters.records import raster_of
from api.services import depends_on, origin
from layers.rasters.raster import FEED, Raster
from spatial.crs import CRS84, crs_from_srid
from spatial.errors import BadInput
from spatial.rasters.grids import Grid, moved_box, shared
from spatial.tiles import (
    MERCATOR_LATITUDE,
    TILE_MATRIX_SETS,
    WEB_MERCATOR_QUAD,
    Tile,
    TileMatrixSet,
)

SIDE = 256
_MEDIA = (JSON,)
PATH: dict[str, dict[str, Any]] = {
    "tms": {"type": "string", "enum": list(TILE_MATRIX_SETS)},
    "z": {"type": "integer", "minimum": 0},
    "row": {"type": "integer", "minimum": 0},
    "col": {"type": "integer", "minimum": 0},
}
"""Schemas of the variables in addresses of tiles."""


def metadata_parameters() -> tuple[Parameter, ...]:
    """The parameters of the list of tilesets."""
    return (parameters.f(_MEDIA), parameters.lang())


def tileset_parameters() -> tuple[Parameter, ...]:
    """The parameters of a tileset."""
    return (parameters.f(TILESET_MEDIA), parameters.lang())


def grid_of(request: Request, raster: Raster) -> Grid | None:
    """The pixels of the tile that an address names; None where the raster is not.

    Raises:
        Problem: 404, there is no such tile; 400, an address that names none.
    """
    tile_matrix_set = tile_matrix_set_of(request)
    tile = Tile(*(number_of(request, name) for name in ("z", "row", "col")))
    if tile.z > raster.facts.max_zoom:
        raise Problem(
            404,
            f"The raster {raster.id!r} has tiles at zoom 0 to {raster.facts.max_zoom}, not at"
            f" {tile.z}.",
        )
    if not tile_matrix_set.holds(tile):
        columns, rows = tile_matrix_set.size(tile.z)
        raise Problem(
            404,
            f"{tile_matrix_set.id} has rows 0 to {rows - 1} and columns 0 to {columns - 1} at zoom"
            f" {tile.z}; there is no row {tile.row}, column {tile.col}.",
        )
    box = tile_matrix_set.bounds(tile)
    target = CRS84 if tile_matrix_set.srid == CRS84.srid else crs_from_srid(tile_matrix_set.srid)
    try:
        there = moved_box(raster.facts.bounds, raster.facts.crs, target)
    except BadInput:
        return None
    if shared(box, there) is None:
        return None
    return Grid(tile_matrix_set.srid, box, SIDE, SIDE)


async def tilesets(request: Request) -> Response:
    """`/collections/{id}/map/tiles`: the map tilesets of a raster (20-057, 10)."""
    raster = await raster_of(request)
    read(request, parameters.indexed(*metadata_parameters()))
    media = negotiate(request, _MEDIA)
    depends_on(request, FEED)
    data = {
        "links": own_links(request, media, _MEDIA),
        "tilesets": [_summary(request, raster, each) for each in TILE_MATRIX_SETS.values()],
    }
    return _json(data)


async def tileset(request: Request) -> Response:
    """`/collections/{id}/map/tiles/{tms}`: metadata of a tileset (20-057, 9), or its TileJSON."""
    raster = await raster_of(request)
    tile_matrix_set = tile_matrix_set_of(request)
    read(request, parameters.indexed(*tileset_parameters()))
    media = negotiate(request, TILESET_MEDIA)
    depends_on(request, FEED)
    if media is TILEJSON:
        return _json(_tilejson(request, raster, tile_matrix_set))
    data = _summary(request, raster, tile_matrix_set)
    others = [each for each in data["links"] if each["rel"] != "self"]
    west, south, east, north = raster.facts.degrees
    data["description"] = raster.description.in_language(language(request))
    data["links"] = [*own_links(request, media, TILESET_MEDIA), *others]
    data["boundingBox"] = {
        "lowerLeft": [west, south],
        "upperRight": [east, north],
        "crs": CRS84.uri,
    }
    data["tileMatrixSetLimits"] = [
        tile_matrix_set.limits(raster.facts.degrees, z).document()
        for z in range(raster.facts.max_zoom + 1)
    ]
    return _json(data)


def _json(data: dict[str, Any]) -> Response:
    return Response(orjson.dumps(data), media_type=JSON.type)


def _address(request: Request, raster: Raster, tile_matrix_set: TileMatrixSet) -> str:
    return f"{origin(request)}/ogc/collections/{raster.id}/map/tiles/{tile_matrix_set.id}"


def _summary(request: Request, raster: Raster, tile_matrix_set: TileMatrixSet) -> dict[str, Any]:
    here = _address(request, raster, tile_matrix_set)
    return tileset_summary(request, here, raster.title, tile_matrix_set, ("map", "png", PNG))


def _tilejson(request: Request, raster: Raster, tile_matrix_set: TileMatrixSet) -> dict[str, Any]:
    lang = language(request)
    west, south, east, north = raster.facts.degrees
    data: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": raster.title.in_language(lang),
        "description": raster.description.in_language(lang),
        "scheme": "xyz",
        "format": "png",
        "tiles": [f"{_address(request, raster, tile_matrix_set)}/{{z}}/{{y}}/{{x}}?f=png"],
        "minzoom": 0,
        "maxzoom": raster.facts.max_zoom,
    }
    if tile_matrix_set is WEB_MERCATOR_QUAD:
        south, north = (min(max(y, -MERCATOR_LATITUDE), MERCATOR_LATITUDE) for y in (south, north))
    else:
        # TileJSON means Web Mercator unless told otherwise.
        data["crs"] = tile_matrix_set.crs
    data["bounds"] = [west, south, east, north]
    data["center"] = [(west + east) / 2, (south + north) / 2, max(raster.facts.max_zoom - 2, 0)]
    return data
