"""Features of a collection: pages, single features and whole downloads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote as encode

from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import CSV, FLATGEOBUF, GEOJSON, GEOJSONL, HTML, negotiate
from api.ogc import formats, parameters
from api.ogc.html import feature_page, items_page
from api.ogc.links import COLLECTION, NEXT, link_text
from api.ogc.operations import Parameter, read, shorten
from api.problems import Problem
from api.services import Services, depends_on, origin, services
from layers.layer import Audience, Layer, sql_type
from layers.query import Query, collection_statement, feature_sql, hits_sql, page_sql
from spatial.bbox import parse_bbox
from spatial.cql2 import BadFilter, Queryable, compile_filter, parse_filter
from spatial.crs import CRS84, Crs
from spatial.sql import Sql, quote, raw

ITEMS_MEDIA = (GEOJSON, HTML, CSV, GEOJSONL, FLATGEOBUF)
FEATURE_MEDIA = (GEOJSON, HTML)
EXPORT_MEDIA = (GEOJSON, CSV, GEOJSONL, *formats.FILE_MEDIA)


def collection(request: Request) -> Layer:
    """The layer of the address.

    Raises:
        Problem: 404, there is no such collection.
    """
    name = request.path_params["layer"]
    layer = services(request).layer(name)
    if layer is None:
        raise Problem(404, f"There is no collection {shorten(name)!r}.")
    return layer


def query_parameters(layer: Layer, listed: tuple[Crs, ...]) -> tuple[Parameter, ...]:
    """What selects, shapes and orders features; the same for pages and downloads."""
    p = parameters
    searchable = (p.q(),) if any(column.in_search for column in layer.columns) else ()
    fixed = (
        p.bbox(),
        p.crs("bbox-crs", listed, "The coordinate reference system of bbox."),
        p.datetime_(),
        p.crs("crs", listed, "The coordinate reference system of the answer's coordinates."),
        p.filter_(),
        p.filter_lang(),
        p.crs("filter-crs", listed, "The coordinate reference system of the filter's geometries."),
        *searchable,
        p.properties(layer),
        p.skip_geometry(),
        p.sortby(layer),
    )
    taken = {parameter.name for parameter in fixed} | {"f", "lang", "limit", "offset", "cursor"}
    columns = (
        p.queryable(layer, column)
        for column in layer.readable(Audience.PUBLIC)
        if column.name not in taken
    )
    return (*fixed, *columns)


def items_parameters(layer: Layer, listed: tuple[Crs, ...]) -> tuple[Parameter, ...]:
    """The parameters of `/items`."""
    p = parameters
    return (
        p.f(ITEMS_MEDIA),
        p.lang(),
        p.limit(),
        p.offset(),
        p.cursor(),
        p.result_type(),
        *query_parameters(layer, listed),
    )


def feature_parameters(layer: Layer, listed: tuple[Crs, ...]) -> tuple[Parameter, ...]:
    """The parameters of `/items/{id}`."""
    p = parameters
    return (
        p.f(FEATURE_MEDIA),
        p.lang(),
        p.crs("crs", listed, "The coordinate reference system of the answer's coordinates."),
        p.properties(layer),
    )


def export_parameters(layer: Layer, listed: tuple[Crs, ...]) -> tuple[Parameter, ...]:
    """The parameters of `/export`."""
    return (parameters.f(EXPORT_MEDIA), *query_parameters(layer, listed))


@lru_cache(maxsize=512)
def _parameters(make: Any, layer: Layer, listed: tuple[Crs, ...]) -> Mapping[str, Parameter]:
    return parameters.indexed(*make(layer, listed))


@lru_cache(maxsize=256)
def queryables(layer: Layer) -> Mapping[str, Queryable]:
    """What CQL2 filters may name: the public columns and the geometry."""
    kinds: dict[str, Any] = {
        "int8": "integer",
        "float8": "number",
        "bool": "boolean",
        "timestamptz": "timestamp",
        "date": "date",
        "uuid": "uuid",
    }
    found = {
        column.name: Queryable(
            column.name,
            raw(quote(column.name)),
            kinds.get(sql_type(layer, column.name), "string"),
        )
        for column in layer.readable(Audience.PUBLIC)
    }
    name = layer.geometry_column
    found[name] = Queryable(name, raw(quote(name)), "geometry", geometry_type=layer.geometry_type)
    return found


def build_query(layer: Layer, values: Mapping[str, Any]) -> Query:
    """The query that parsed parameters ask for.

    Raises:
        Problem: 400 for a bbox, filter or cursor that breaks a rule.
    """
    box = None
    if "bbox" in values:
        try:
            box = parse_bbox(values["bbox"], values.get("bbox-crs", CRS84))
        except ValueError as error:
            raise Problem(400, f"bbox={shorten(values['bbox'])!r}: {error}") from None
    equals = tuple(
        (name, value)
        for name, value in values.items()
        if name in layer.by_name and name not in ("datetime", "q")
    )
    query = Query(
        layer,
        bbox=box,
        interval=values.get("datetime"),
        filter=_filter(layer, values),
        equals=equals,
        words=values.get("q", ()),
        properties=values.get("properties"),
        geometry=not values.get("skipGeometry", False),
        crs=values.get("crs", CRS84),
        sort=values.get("sortby", ()),
        limit=values.get("limit", parameters.DEFAULT_LIMIT),
        offset=values.get("offset", 0),
    )
    if "cursor" not in values:
        return query
    if query.offset:
        raise Problem(400, "cursor and offset cannot be combined.")
    return _at_cursor(query, values["cursor"])


def _at_cursor(query: Query, keys: list[str | None]) -> Query:
    wanted = query.keys
    try:
        if len(keys) != len(wanted):
            raise ValueError
        after = tuple(
            None if text is None else parameters.typed(text, sql_type(query.layer, key.column))
            for key, text in zip(wanted, keys, strict=True)
        )
    except ValueError:
        raise Problem(
            400, "cursor does not fit this query's sortby; follow the links named `next`."
        ) from None
    return replace(query, after=after)


def _filter(layer: Layer, values: Mapping[str, Any]) -> Sql | None:
    if "filter" not in values:
        return None
    try:
        expression = parse_filter(values["filter"], values.get("filter-lang", "cql2-text"))
        return compile_filter(expression, queryables(layer), values.get("filter-crs", CRS84))
    except BadFilter as error:
        raise Problem(400, f"filter: {error}") from None


def identifier(layer: Layer, text: str) -> Any:
    """A feature's id from the address, as its column's type.

    Raises:
        Problem: 404; a text that cannot be an id names no feature.
    """
    try:
        return parameters.typed(text, sql_type(layer, layer.id_column))
    except ValueError:
        raise no_feature(layer, text) from None


def no_feature(layer: Layer, text: str) -> Problem:
    """The answer where there is no such feature."""
    return Problem(404, f"The collection {layer.id!r} has no feature {shorten(text)!r}.")


async def items(request: Request) -> Response:
    """`/collections/{layer}/items`: a page of features (Features part 1, 7.14 to 7.16)."""
    served = services(request)
    layer = collection(request)
    values = read(request, _parameters(items_parameters, layer, served.crs))
    media = negotiate(request, ITEMS_MEDIA)
    query = build_query(layer, values)
    depends_on(request, layer.id)
    if values.get("resultType") == "hits":
        return await _hits(request, served, query)
    if media in (CSV, FLATGEOBUF, GEOJSONL):
        return await formats.page(request, served, query, media)
    if media is HTML:
        rows = await served.database.fetch(page_sql(query), query.audience)
        return await items_page(request, query, Page(rows, query))
    text, bound = collection_statement(query)
    (row,) = await served.database.fetch_text(text, bound, query.audience)
    features, returned, more, matched, *keys = row
    if not returned and query.after is None and not query.offset:
        matched = 0
    cursor = parameters.make_cursor(keys) if more else None
    body = _collection(_links(request, query, cursor), features or b"", returned, matched)
    return Response(body, media_type=media.type, headers=_headers(request, query))


def _collection(links: str, features: bytes, returned: int, matched: int | None) -> bytes:
    """The feature collection (RFC 7946) with the members of Features part 1, 7.16."""
    known = "" if matched is None else f'"numberMatched":{matched},'
    head = (
        f'{{"type":"FeatureCollection","timeStamp":"{now()}",{known}'
        f'"numberReturned":{returned},"links":[{links}],"features":['
    )
    return b"".join((head.encode(), features, b"]}"))


class Page:
    """The rows of one page, and what follows from them."""

    def __init__(self, rows: list[Any], query: Query) -> None:
        self.query = query
        self.has_next = len(rows) > query.limit
        self.rows = rows[: query.limit]
        self.matched: int | None = rows[0][1] if rows else None
        if not rows and query.after is None and not query.offset:
            self.matched = 0
        self.next_cursor: str | None = None
        if self.has_next:
            self.next_cursor = parameters.make_cursor(list(self.rows[-1])[2:])

    @property
    def features(self) -> list[str]:
        """The features' GeoJSON texts."""
        return [row[0] for row in self.rows]


def now() -> str:
    """The time of an answer, RFC 3339."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _headers(request: Request, query: Query) -> dict[str, str]:
    address = f"{origin(request)}/ogc/collections/{query.layer.id}/queryables"
    # Part 3, requirement queryables-link: what can be filtered says where its queryables are.
    return {
        "Content-Crs": f"<{query.crs.uri}>",
        "Link": f'<{address}>; rel="http://www.opengis.net/def/rel/ogc/1.0/queryables"'
        '; type="application/schema+json"',
    }


async def _hits(request: Request, served: Services, query: Query) -> Response:
    matched = await served.database.value(hits_sql(query), query.audience)
    body = _collection(_links(request, query, None), b"", 0, matched)
    return Response(body, media_type=GEOJSON.type, headers=_headers(request, query))


def _links(request: Request, query: Query, cursor: str | None) -> str:
    """The JSON of a page's links; written by hand because every page needs them."""
    base = f"{origin(request)}/ogc/collections/{query.layer.id}"
    text = request.scope["query_string"].decode("latin-1")
    pairs = [pair for pair in text.split("&") if pair]
    kept = "".join(f"{pair}&" for pair in pairs if not pair.startswith(("f=", "cursor=")))
    links = [link_text(f"{base}/items?{text}" if text else f"{base}/items", "self", GEOJSON)]
    links += [
        link_text(f"{base}/items?{kept}f={other.f}", "alternate", other)
        for other in ITEMS_MEDIA
        if other is not GEOJSON
    ]
    links.append(link_text(base, "collection", COLLECTION))
    if cursor is not None:
        links.append(link_text(_next_address(request, query.layer, cursor), "next", NEXT))
    return ",".join(links)


def _next_address(request: Request, layer: Layer, cursor: str) -> str:
    """The address of the page that begins after a cursor."""
    text = request.scope["query_string"].decode("latin-1")
    dropped = ("cursor=", "offset=", "resultType=")
    kept = "".join(f"{p}&" for p in text.split("&") if p and not p.startswith(dropped))
    return f"{origin(request)}/ogc/collections/{layer.id}/items?{kept}cursor={cursor}"


async def feature(request: Request) -> Response:
    """`/collections/{layer}/items/{id}`: one feature (part 1, 7.18)."""
    served = services(request)
    layer = collection(request)
    values = read(request, _parameters(feature_parameters, layer, served.crs))
    media = negotiate(request, FEATURE_MEDIA)
    text = request.path_params["feature"]
    query = build_query(layer, values)
    rows = await served.database.fetch(feature_sql(query, identifier(layer, text)), query.audience)
    if not rows:
        raise no_feature(layer, text)
    depends_on(request, layer.id)
    if media is HTML:
        return await feature_page(request, query, rows[0][0])
    base = f"{origin(request)}/ogc/collections/{layer.id}"
    here = f"{base}/items/{encode(text, safe='')}"
    links = ",".join(
        (
            link_text(here, "self", GEOJSON),
            link_text(f"{here}?f=html", "alternate", HTML),
            link_text(base, "collection", COLLECTION),
        )
    )
    body = f'{rows[0][0][:-1]},"links":[{links}]}}'.encode()
    return Response(body, media_type=media.type, headers=_headers(request, query))


async def export(request: Request) -> Response:
    """`/collections/{layer}/export`: all matching features in one file, streamed."""
    served = services(request)
    layer = collection(request)
    values = read(request, _parameters(export_parameters, layer, served.crs))
    media = negotiate(request, EXPORT_MEDIA)
    return await formats.whole(request, served, build_query(layer, values), media)
