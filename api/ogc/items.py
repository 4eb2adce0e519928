"""Features of a collection: pages, single features and whole downloads."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.encoded import Encoded, RawHeaders, encode_headers
from api.negotiation import CSV, FLATGEOBUF, GEOJSON, GEOJSONL, HTML, negotiate
from api.ogc import formats, parameters
from api.ogc.html import feature_page, items_page
from api.ogc.links import COLLECTION, NEXT, feature_body, link_text
from api.ogc.operations import Parameter, read_text, shorten
from api.problems import Problem
from api.services import Services, depends_on, origin, services
from layers.layer import Audience, Layer, sql_type
from layers.query import Counting, Query, feature_sql, hits_sql, key_type, page_statement
from layers.roles import Caller
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


def query_parameters(
    layer: Layer, listed: tuple[Crs, ...], audience: Audience = Audience.PUBLIC
) -> tuple[Parameter, ...]:
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
        p.properties(layer, audience),
        p.skip_geometry(),
        p.sortby(layer, audience),
    )
    taken = {parameter.name for parameter in fixed} | {"f", "lang", "limit", "offset", "cursor"}
    columns = (
        p.queryable(layer, column)
        for column in layer.readable(audience)
        if column.name not in taken
    )
    return (*fixed, *columns)


def items_parameters(
    layer: Layer, listed: tuple[Crs, ...], audience: Audience = Audience.PUBLIC
) -> tuple[Parameter, ...]:
    """The parameters of `/items`."""
    p = parameters
    return (
        p.f(ITEMS_MEDIA),
        p.lang(),
        p.limit(),
        p.offset(),
        p.cursor(),
        p.result_type(),
        *query_parameters(layer, listed, audience),
    )


def feature_parameters(
    layer: Layer, listed: tuple[Crs, ...], audience: Audience = Audience.PUBLIC
) -> tuple[Parameter, ...]:
    """The parameters of `/items/{id}`."""
    p = parameters
    return (
        p.f(FEATURE_MEDIA),
        p.lang(),
        p.crs("crs", listed, "The coordinate reference system of the answer's coordinates."),
        p.properties(layer, audience),
    )


def export_parameters(
    layer: Layer, listed: tuple[Crs, ...], audience: Audience = Audience.PUBLIC
) -> tuple[Parameter, ...]:
    """The parameters of `/export`."""
    return (parameters.f(EXPORT_MEDIA), *query_parameters(layer, listed, audience))


@lru_cache(maxsize=512)
def _parameters(
    make: Any, layer: Layer, listed: tuple[Crs, ...], audience: Audience
) -> Mapping[str, Parameter]:
    return parameters.indexed(*make(layer, listed, audience))


@lru_cache(maxsize=256)
def queryables(layer: Layer, audience: Audience = Audience.PUBLIC) -> Mapping[str, Queryable]:
    """What CQL2 filters may name: the columns that the audience reads, and the geometry."""
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
        for column in layer.readable(audience)
    }
    name, held = layer.geometry_column, raw(quote(layer.geometry_for(audience)))
    found[name] = Queryable(name, held, "geometry", geometry_type=layer.geometry_type)
    return found


def build_query(
    layer: Layer, values: Mapping[str, Any], audience: Audience = Audience.PUBLIC
) -> Query:
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
        audience,
        bbox=box,
        interval=values.get("datetime"),
        filter=_filter(layer, values, audience),
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
            None if text is None else parameters.typed(text, key_type(query, key))
            for key, text in zip(wanted, keys, strict=True)
        )
    except ValueError:
        raise Problem(
            400, "cursor does not fit this query's sortby; follow the links named `next`."
        ) from None
    return replace(query, after=after)


def _filter(layer: Layer, values: Mapping[str, Any], audience: Audience) -> Sql | None:
    if "filter" not in values:
        return None
    try:
        expression = parse_filter(values["filter"], values.get("filter-lang", "cql2-text"))
        return compile_filter(
            expression, queryables(layer, audience), values.get("filter-crs", CRS84)
        )
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


@lru_cache(maxsize=2048)
def _asked(
    make: Any, layer: Layer, listed: tuple[Crs, ...], audience: Audience, text: bytes
) -> tuple[Mapping[str, Any], Query]:
    """What a query string asks of a layer; equal texts are read once."""
    values = read_text(text, _parameters(make, layer, listed, audience))
    return values, build_query(layer, values, audience)


async def items(request: Request) -> Response:
    """`/collections/{layer}/items`: a page of features (Features part 1, 7.14 to 7.16)."""
    served = services(request)
    layer = collection(request)
    asked = request.scope["query_string"]
    caller = caller_of(request)
    values, query = _asked(items_parameters, layer, served.crs, caller.audience, asked)
    media = negotiate(request, ITEMS_MEDIA)
    depends_on(request, layer.id)
    if values.get("resultType") == "hits":
        return await _hits(request, served, query, caller)
    if media in (CSV, FLATGEOBUF, GEOJSONL):
        return await formats.page(served, query, media, caller)
    page = await _page(served, query, caller)
    if media is HTML:
        if page.matched is None and query.is_by_place:
            page.matched = await _count(served, query, caller)
        return await items_page(request, query, page)
    here = origin(request)
    links = _links(here, layer, asked)
    if page.next_cursor is not None:
        address = _next_address(here, layer, asked, page.next_cursor)
        links = f"{links},{link_text(address, 'next', NEXT)}"
    body = _collection(links, ",".join(page.features), len(page.features), page.matched)
    return Encoded(body, _headers(here, query.layer, query.crs))


async def _page(served: Services, query: Query, caller: Caller) -> Page:
    counting, matched = served.counts.look_up(query)
    version = served.counts.version(query)
    text, bound = page_statement(query, counting)
    page = Page(await served.database.fetch_text(text, bound, caller), query)
    if counting is not Counting.COUNT:
        page.matched = matched
    elif page.matched is not None or page.is_over_limit:
        served.counts.keep(query, version, page.matched)
    return page


def _collection(links: str, features: str, returned: int, matched: int | None) -> bytes:
    """The feature collection (RFC 7946) with the members of Features part 1, 7.16."""
    known = "" if matched is None else f'"numberMatched":{matched},'
    return (
        f'{{"type":"FeatureCollection","timeStamp":"{now()}",{known}'
        f'"numberReturned":{returned},"links":[{links}],"features":[{features}]}}'
    ).encode()


class Page:
    """The rows of one page, and what follows from them."""

    def __init__(self, rows: list[Any], query: Query) -> None:
        self.query = query
        self.has_next = len(rows) > query.limit
        self.rows = rows[: query.limit]
        self.matched: int | None = rows[0][1] if rows else None
        if not self.has_next and query.after is None and (rows or not query.offset):
            self.matched = query.offset + len(rows)
        self.next_cursor: str | None = None
        if self.has_next:
            keys = tuple(self.rows[-1])[2:]
            self.next_cursor = parameters.make_cursor(
                [None if key is None else str(key) for key in keys]
            )

    @property
    def is_over_limit(self) -> bool:
        """Whether the statement counted the matches and gave up."""
        query = self.query
        counted = query.is_filtered and not query.is_by_place and query.after is None
        return counted and self.matched is None and bool(self.rows)

    @property
    def features(self) -> list[str]:
        """The features' GeoJSON texts."""
        return [row[0] for row in self.rows]


def now() -> str:
    """The time of an answer, RFC 3339."""
    return _written(int(time.time()))


@lru_cache(maxsize=1)
def _written(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=512)
def _headers(here: str, layer: Layer, crs: Crs) -> RawHeaders:
    address = f"{here}/ogc/collections/{layer.id}/queryables"
    # Part 3, requirement queryables-link: what can be filtered says where its queryables are.
    link = (
        f'<{address}>; rel="http://www.opengis.net/def/rel/ogc/1.0/queryables"'
        '; type="application/schema+json"'
    )
    return encode_headers(
        {"Content-Type": GEOJSON.type, "Content-Crs": f"<{crs.uri}>", "Link": link}
    )


async def _hits(request: Request, served: Services, query: Query, caller: Caller) -> Response:
    matched = await _count(served, query, caller)
    here = origin(request)
    links = _links(here, query.layer, request.scope["query_string"])
    body = _collection(links, "", 0, matched)
    return Encoded(body, _headers(here, query.layer, query.crs))


async def _count(served: Services, query: Query, caller: Caller) -> int:
    version = served.counts.version(query)
    matched: int = await served.database.value(hits_sql(query), caller)
    served.counts.keep(query, version, matched)
    return matched


@lru_cache(maxsize=2048)
def _links(here: str, layer: Layer, query: bytes) -> str:
    """The JSON of a page's links but `next`; written by hand because every page needs them."""
    base = f"{here}/ogc/collections/{layer.id}"
    text = query.decode("latin-1")
    pairs = [pair for pair in text.split("&") if pair]
    kept = "".join(f"{pair}&" for pair in pairs if not pair.startswith(("f=", "cursor=")))
    links = [link_text(f"{base}/items?{text}" if text else f"{base}/items", "self", GEOJSON)]
    links += [
        link_text(f"{base}/items?{kept}f={other.f}", "alternate", other)
        for other in ITEMS_MEDIA
        if other is not GEOJSON
    ]
    links.append(link_text(base, "collection", COLLECTION))
    return ",".join(links)


def _next_address(here: str, layer: Layer, query: bytes, cursor: str) -> str:
    """The address of the page that begins after a cursor."""
    text = query.decode("latin-1")
    dropped = ("cursor=", "offset=", "resultType=")
    kept = "".join(f"{p}&" for p in text.split("&") if p and not p.startswith(dropped))
    return f"{here}/ogc/collections/{layer.id}/items?{kept}cursor={cursor}"


@lru_cache(maxsize=256)
def _feature_statement(query: Query) -> str:
    """The text of `feature_sql`, whose one value is the id."""
    return feature_sql(query, None).render()[0]


async def feature(request: Request) -> Response:
    """`/collections/{layer}/items/{id}`: one feature (part 1, 7.18)."""
    served = services(request)
    layer = collection(request)
    caller = caller_of(request)
    asked = request.scope["query_string"]
    _, query = _asked(feature_parameters, layer, served.crs, caller.audience, asked)
    media = negotiate(request, FEATURE_MEDIA)
    text = request.path_params["feature"]
    rows = await served.database.fetch_text(
        _feature_statement(query), [identifier(layer, text)], caller
    )
    if not rows:
        raise no_feature(layer, text)
    depends_on(request, layer.id)
    if media is HTML:
        return await feature_page(request, query, rows[0][0])
    here = origin(request)
    body = feature_body(here, layer.id, text, rows[0][0])
    return Encoded(body, _headers(here, layer, query.crs))


async def export(request: Request) -> Response:
    """`/collections/{layer}/export`: all matching features in one file, streamed."""
    served = services(request)
    layer = collection(request)
    caller = caller_of(request)
    asked = request.scope["query_string"]
    _, query = _asked(export_parameters, layer, served.crs, caller.audience, asked)
    media = negotiate(request, EXPORT_MEDIA)
    return await formats.whole(request, served, query, media, caller)
