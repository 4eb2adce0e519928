"""Vector tiles: tile matrix sets, tilesets with their metadata and TileJSON, and the tiles.

OGC API Tiles part 1 (20-057), with the JSON of Tile Matrix Set 2.0 (17-083r4); TileJSON 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.encoded import Encoded, encode_headers
from api.negotiation import HTML, JSON, MVT, SCHEMA, TILEJSON, Media, language, negotiate
from api.ogc import parameters
from api.ogc.answers import own_links, respond
from api.ogc.links import link
from api.ogc.operations import Operation, Parameter, Schema, read, read_text, shorten
from api.ogc.queries import build_query, collection
from api.ogc.schemas import property_schema
from api.problems import Problem
from api.services import depends_on, origin, services
from layers.extent import extent, extents_sql
from layers.layer import Audience, Layer, Text, json_type
from layers.query import conditions
from layers.tiles import tile_properties, tile_source
from spatial.crs import Crs
from spatial.mvt import tile_sql, tile_statement
from spatial.tiles import (
    MAX_ZOOM,
    MERCATOR_LATITUDE,
    TILE_MATRIX_SETS,
    WEB_MERCATOR_QUAD,
    Bounds,
    Tile,
    TileMatrixSet,
)

MEDIA = (JSON, HTML)
TILESET_MEDIA = (JSON, HTML, TILEJSON)
TILE_MEDIA = (MVT,)
TILING_SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_DIMENSIONS = {
    "Point": 0,
    "MultiPoint": 0,
    "LineString": 1,
    "MultiLineString": 1,
    "Polygon": 2,
    "MultiPolygon": 2,
}
_TILE_HEADERS = encode_headers({"Content-Type": MVT.type})
_CLUSTER = Text(
    "Số đối tượng gộp trong cụm, ở ô có quá nhiều điểm",
    "How many features a cluster stands for, where a tile has too many points",
)


def _metadata_parameters(media: tuple[Media, ...]) -> tuple[Parameter, ...]:
    return (parameters.f(media), parameters.lang())


_PARAMETERS = parameters.indexed(*_metadata_parameters(MEDIA))
_TILESET_PARAMETERS = parameters.indexed(*_metadata_parameters(TILESET_MEDIA))


def tile_parameters(layer: Layer, listed: tuple[Crs, ...]) -> tuple[Parameter, ...]:
    """The parameters of a tile: a version for caches, and conditions on the features."""
    p = parameters
    version = Parameter(
        "v",
        "The version of the layer, so that an address names one content; it selects nothing.",
        {"type": "string", "maxLength": 64},
        str,
    )
    fixed = (
        p.f(TILE_MEDIA),
        version,
        p.datetime_(),
        p.filter_(),
        p.filter_lang(),
        p.crs("filter-crs", listed, "The coordinate reference system of the filter's geometries."),
    )
    taken = {parameter.name for parameter in fixed}
    columns = (
        p.queryable(layer, column)
        for column in layer.readable(Audience.PUBLIC)
        if column.name not in taken
    )
    return (*fixed, *columns)


@lru_cache(maxsize=512)
def _tile_parameters(layer: Layer, listed: tuple[Crs, ...]) -> Mapping[str, Parameter]:
    return parameters.indexed(*tile_parameters(layer, listed))


def tile_matrix_set_of(request: Request) -> TileMatrixSet:
    name = request.path_params["tms"]
    found = TILE_MATRIX_SETS.get(name)
    if found is None:
        known = ", ".join(TILE_MATRIX_SETS)
        raise Problem(404, f"There is no tile matrix set {shorten(name)!r}; there are: {known}.")
    return found


def number_of(request: Request, name: str) -> int:
    text = request.path_params[name]
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Problem(400, f"{name}={shorten(text)!r}: must be a whole number from 0.")
    return int(text)


def _tile(request: Request, layer: Layer, tile_matrix_set: TileMatrixSet) -> Tile:
    tile = Tile(number_of(request, "z"), number_of(request, "row"), number_of(request, "col"))
    if not layer.min_zoom <= tile.z <= min(layer.max_zoom, MAX_ZOOM):
        raise Problem(
            404,
            f"The layer {layer.id!r} has tiles at zoom {layer.min_zoom} to"
            f" {min(layer.max_zoom, MAX_ZOOM)}, not at {tile.z}.",
        )
    if not tile_matrix_set.holds(tile):
        columns, rows = tile_matrix_set.size(tile.z)
        raise Problem(
            404,
            f"{tile_matrix_set.id} has rows 0 to {rows - 1} and columns 0 to {columns - 1} at zoom"
            f" {tile.z}; there is no row {tile.row}, column {tile.col}.",
        )
    return tile


async def tile(request: Request) -> Response:
    """`…/tiles/{tms}/{z}/{row}/{col}`: one tile, or 204 where nothing is (20-057, 7.1)."""
    served = services(request)
    layer = collection(request)
    tile_matrix_set = tile_matrix_set_of(request)
    wanted = _tile(request, layer, tile_matrix_set)
    asked = request.scope["query_string"]
    values = read_text(asked, _tile_parameters(layer, served.crs)) if asked else {}
    negotiate(request, TILE_MEDIA)
    depends_on(request, layer.id)
    where = None
    if values.keys() - {"f", "v"}:
        query = build_query(layer, values)
        where = conditions(query) if query.is_filtered else None
    source = tile_source(layer)
    if where is None:
        text, bound = tile_statement(source, tile_matrix_set, wanted)
    else:
        text, bound = tile_sql(source, tile_matrix_set, wanted, where=where).render()
    body = (await served.database.fetch_text(text, bound))[0][0]
    if not body:
        return Response(status_code=204)
    return Encoded(body, _TILE_HEADERS)


async def tilesets(request: Request) -> Response:
    """`/collections/{layer}/tiles`: the tilesets of a layer (20-057, 10)."""
    layer = collection(request)
    read(request, _PARAMETERS)
    media = negotiate(request, MEDIA)
    depends_on(request, layer.id)
    data = {
        "links": own_links(request, media, MEDIA),
        "tilesets": [_summary(request, layer, each) for each in TILE_MATRIX_SETS.values()],
    }
    return await respond(request, media, "tilesets.html", data)


def _address(request: Request, layer: Layer, tile_matrix_set: TileMatrixSet) -> str:
    return f"{origin(request)}/ogc/collections/{layer.id}/tiles/{tile_matrix_set.id}"


def _summary(request: Request, layer: Layer, tile_matrix_set: TileMatrixSet) -> dict[str, Any]:
    here = _address(request, layer, tile_matrix_set)
    return tileset_summary(request, here, layer.title, tile_matrix_set, ("vector", "mvt", MVT))


def tileset_summary(
    request: Request,
    here: str,
    title: Text,
    tile_matrix_set: TileMatrixSet,
    tiles: tuple[str, str, Media],
) -> dict[str, Any]:
    """A tileset in a list of tilesets (20-057, 10).

    Args:
        here: the address of its metadata.
        title: of the collection.
        tiles: their data type, `vector` or `map`; the value of `f` for one; its media type.
    """
    data_type, f, media = tiles
    named = f"{title.in_language(language(request))} ({tile_matrix_set.id})"
    scheme = f"{origin(request)}/ogc/tileMatrixSets/{tile_matrix_set.id}"
    template = link(f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f={f}", "item", media)
    return {
        "title": named,
        "dataType": data_type,
        "crs": tile_matrix_set.crs,
        "tileMatrixSetURI": tile_matrix_set.uri,
        "links": [
            link(here, "self", JSON, named),
            link(f"{here}?f=tilejson", "describedby", TILEJSON),
            link(scheme, TILING_SCHEME, JSON, tile_matrix_set.title),
            {**template, "templated": True},
        ],
    }


async def tileset(request: Request) -> Response:
    """`/collections/{layer}/tiles/{tms}`: metadata of a tileset (20-057, 9), or its TileJSON."""
    layer = collection(request)
    tile_matrix_set = tile_matrix_set_of(request)
    read(request, _TILESET_PARAMETERS)
    media = negotiate(request, TILESET_MEDIA)
    depends_on(request, layer.id)
    rows = await services(request).database.fetch(extents_sql((layer,)))
    bbox = extent(rows[0]).bbox
    if media is TILEJSON:
        return await respond(
            request, media, "tileset.html", _tilejson(request, layer, tile_matrix_set, bbox)
        )
    data = _summary(request, layer, tile_matrix_set)
    others = [each for each in data["links"] if each["rel"] != "self"]
    data["description"] = layer.description.in_language(language(request))
    data["layers"] = [_vector_layer(request, layer)]
    data["links"] = [*own_links(request, media, MEDIA), *others]
    if bbox is not None:
        west, south, east, north = bbox
        data["boundingBox"] = {
            "lowerLeft": [west, south],
            "upperRight": [east, north],
            "crs": _CRS84,
        }
        data["tileMatrixSetLimits"] = [
            tile_matrix_set.limits(bbox, z).document()
            for z in range(layer.min_zoom, min(layer.max_zoom, MAX_ZOOM) + 1)
        ]
    return await respond(request, media, "tileset.html", data)


def _vector_layer(request: Request, layer: Layer) -> dict[str, Any]:
    lang = language(request)
    properties: dict[str, Any] = {}
    for name in tile_properties(layer):
        column = layer.column(layer.id_column if name == "id" else name)
        properties[name] = property_schema(layer, column, lang)
    if layer.is_point:
        properties["n"] = {"type": "integer", "title": _CLUSTER.in_language(lang)}
    here = f"{origin(request)}/ogc/collections/{layer.id}"
    found: dict[str, Any] = {
        "id": layer.id,
        "title": layer.title.in_language(lang),
        "dataType": "vector",
        "minTileMatrix": str(layer.min_zoom),
        "maxTileMatrix": str(min(layer.max_zoom, MAX_ZOOM)),
        "propertiesSchema": {"type": "object", "properties": properties},
        "links": [link(f"{here}/schema", "describedby", SCHEMA)],
    }
    if layer.geometry_type in _DIMENSIONS:
        found["geometryDimension"] = _DIMENSIONS[layer.geometry_type]
    return found


def _tilejson(
    request: Request, layer: Layer, tile_matrix_set: TileMatrixSet, bbox: Bounds | None
) -> dict[str, Any]:
    lang = language(request)
    zooms = {"minzoom": layer.min_zoom, "maxzoom": min(layer.max_zoom, MAX_ZOOM)}
    types = {"string": "String", "integer": "Number", "number": "Number", "boolean": "Boolean"}
    fields = {
        name: types[json_type(layer, layer.id_column if name == "id" else name)[0]]
        for name in tile_properties(layer)
    }
    if layer.is_point:
        fields["n"] = "Number"
    description = layer.description.in_language(lang)
    data: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": layer.title.in_language(lang),
        "description": description,
        "scheme": "xyz",
        "tiles": [f"{_address(request, layer, tile_matrix_set)}/{{z}}/{{y}}/{{x}}?f=mvt"],
        "vector_layers": [{"id": layer.id, "description": description, **zooms, "fields": fields}],
        **zooms,
    }
    if tile_matrix_set is not WEB_MERCATOR_QUAD:
        # TileJSON means Web Mercator unless told otherwise.
        data["crs"] = tile_matrix_set.crs
    if bbox is not None:
        west, south, east, north = bbox
        if tile_matrix_set is WEB_MERCATOR_QUAD:
            south, north = (
                min(max(y, -MERCATOR_LATITUDE), MERCATOR_LATITUDE) for y in (south, north)
            )
        data["bounds"] = [west, south, east, north]
        middle = min(max(9, layer.min_zoom), layer.max_zoom)
        data["center"] = [(west + east) / 2, (south + north) / 2, middle]
    return data


async def tile_matrix_sets(request: Request) -> Response:
    """`/tileMatrixSets`: the tile matrix sets (20-057, 8)."""
    read(request, _PARAMETERS)
    media = negotiate(request, MEDIA)
    depends_on(request)
    base = f"{origin(request)}/ogc/tileMatrixSets"
    data = {
        "links": own_links(request, media, MEDIA),
        "tileMatrixSets": [
            {
                "id": each.id,
                "title": each.title,
                "uri": each.uri,
                "crs": each.crs,
                "links": [link(f"{base}/{each.id}", "self", JSON, each.title)],
            }
            for each in TILE_MATRIX_SETS.values()
        ],
    }
    return await respond(request, media, "tile_matrix_sets.html", data)


async def tile_matrix_set(request: Request) -> Response:
    """`/tileMatrixSets/{tms}`: the definition of one (17-083r4)."""
    found = tile_matrix_set_of(request)
    read(request, _PARAMETERS)
    media = negotiate(request, MEDIA)
    depends_on(request)
    data = {**found.document(), "links": own_links(request, media, MEDIA)}
    return await respond(request, media, "tile_matrix_set.html", data)


_NAME: Schema = {"type": "string", "enum": list(TILE_MATRIX_SETS)}
_WHOLE: Schema = {"type": "integer", "minimum": 0}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        path="/collections/{layer}/tiles",
        name="tilesets",
        summary="The tilesets of the layer",
        tag="tiles",
        handler=tilesets,
        media=MEDIA,
        schema="tilesets",
        parameters=lambda _: _metadata_parameters(MEDIA),
    ),
    Operation(
        path="/collections/{layer}/tiles/{tms}",
        name="tileset",
        summary="Metadata of a tileset, or its TileJSON",
        tag="tiles",
        handler=tileset,
        media=TILESET_MEDIA,
        schema="tileset",
        parameters=lambda _: _metadata_parameters(TILESET_MEDIA),
        path_parameters={"tms": _NAME},
    ),
    Operation(
        path="/collections/{layer}/tiles/{tms}/{z}/{row}/{col}",
        name="tile",
        summary="One vector tile",
        tag="tiles",
        handler=tile,
        media=TILE_MEDIA,
        crs_parameters=tile_parameters,
        path_parameters={
            "tms": _NAME,
            "z": {**_WHOLE, "maximum": MAX_ZOOM},
            "row": _WHOLE,
            "col": _WHOLE,
        },
    ),
    Operation(
        path="/tileMatrixSets",
        name="tile_matrix_sets",
        summary="The tile matrix sets",
        tag="tiles",
        handler=tile_matrix_sets,
        media=MEDIA,
        schema="tileMatrixSets",
        parameters=lambda _: _metadata_parameters(MEDIA),
    ),
    Operation(
        path="/tileMatrixSets/{tms}",
        name="tile_matrix_set",
        summary="The definition of a tile matrix set",
        tag="tiles",
        handler=tile_matrix_set,
        media=MEDIA,
        schema="tileMatrixSet",
        parameters=lambda _: _metadata_parameters(MEDIA),
        path_parameters={"tms": _NAME},
    ),
)
"""The operations of OGC API Tiles."""
