"""The answers of a collection: pages of features, single features and whole downloads."""

from __future__ import annotations

import time
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
from api.ogc.queries import (
    EXPORT_MEDIA,
    FEATURE_MEDIA,
    ITEMS_MEDIA,
    collection,
    export_parameters,
    feature_parameters,
    identifier,
    items_parameters,
    no_feature,
    read_query,
)
from api.services import Services, depends_on, origin, services
from layers.layer import Layer
from layers.pages import Counting, page_statement
from layers.query import Query, feature_sql, hits_sql
from layers.roles import Caller
from spatial.crs import Crs


async def items(request: Request) -> Response:
    """`/collections/{layer}/items`: a page of features (Features part 1, 7.14 to 7.16)."""
    served = services(request)
    layer = collection(request)
    query_string = request.scope["query_string"]
    caller = caller_of(request)
    values, query = read_query(items_parameters, layer, served.crs, caller.audience, query_string)
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
    links = _links(here, layer, query_string)
    if page.next_cursor is not None:
        address = _next_address(here, layer, query_string, page.next_cursor)
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
    query_string = request.scope["query_string"]
    _, query = read_query(feature_parameters, layer, served.crs, caller.audience, query_string)
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
    query_string = request.scope["query_string"]
    _, query = read_query(export_parameters, layer, served.crs, caller.audience, query_string)
    media = negotiate(request, EXPORT_MEDIA)
    return await formats.whole(request, served, query, media, caller)
