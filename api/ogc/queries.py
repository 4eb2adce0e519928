"""What an address asks of a collection: its parameters, and the `Query` that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from starlette.requests import Request

from api.negotiation import CSV, FLATGEOBUF, GEOJSON, GEOJSONL, HTML
from api.ogc import formats, parameters
from api.ogc.operations import Parameter, read_text, shorten
from api.problems import Problem
from api.services import services
from layers.layer import Audience, Layer, sql_type
from layers.query import Query, key_type
from layers.queryables import queryables
from spatial.bbox import parse_bbox
from spatial.cql2 import BadFilter, Expression, compile_filter, parse_filter
from spatial.crs import CRS84, Crs
from spatial.sql import Sql

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
    searchable = (p.q(),) if is_searched(layer) else ()
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


def is_searched(layer: Layer) -> bool:
    """Whether `q` seeks words in the layer's texts; else it may be a column, as any other name."""
    return any(column.in_search for column in layer.columns)


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
        if name in layer.by_name and name != "datetime" and not (name == "q" and is_searched(layer))
    )
    query = Query(
        layer,
        audience,
        bbox=box,
        interval=values.get("datetime"),
        filter=_filter(layer, values, audience),
        equals=equals,
        words=values.get("q", ()) if is_searched(layer) else (),
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
    except BadFilter as error:
        raise Problem(400, f"filter: {error}") from None
    return compiled_filter(expression, layer, values, audience)


def compiled_filter(
    expression: Expression, layer: Layer, values: Mapping[str, Any], audience: Audience
) -> Sql:
    """The condition of a parsed filter, its coordinates in the system that `filter-crs` names.

    Raises:
        Problem: 400, it names what the audience does not read, or operands do not fit.
    """
    try:
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
def read_query(
    make: Any, layer: Layer, listed: tuple[Crs, ...], audience: Audience, text: bytes
) -> tuple[Mapping[str, Any], Query]:
    """What a query string asks of a layer; equal texts are read once."""
    values = read_text(text, _parameters(make, layer, listed, audience))
    return values, build_query(layer, values, audience)
