"""Schemas of a layer: what is returned, what can be filtered by, what can be sorted by.

OGC API Features part 5 / Common part 3 (23-058r2): one logical schema, format-independent; and
part 3 (19-079r2) for the queryables.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import HTML, SCHEMA, Media, language, negotiate
from api.ogc import parameters
from api.ogc.answers import respond
from api.ogc.operations import Operation, Parameter, read
from api.ogc.queries import collection
from api.services import depends_on, origin
from layers.layer import Audience, Column, Layer, json_type

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FEATURE_SCHEMA = Media("geojson", "application/schema+json", "JSON Schema of a GeoJSON feature")
"""The same layer as it is encoded in GeoJSON: what GDAL reads from the `describedby` link."""

Members = dict[str, Any]


def property_schema(layer: Layer, column: Column, lang: str) -> Members:
    """The JSON Schema of one column (23-058r2, 7.1), its texts in `vi` or `en`."""
    kind, form = json_type(layer, column.name)
    members: Members = {"title": column.title.in_language(lang), "type": kind}
    if column.description is not None:
        members["description"] = column.description.in_language(lang)
    if form is not None:
        members["format"] = form
    if column.codes is not None:
        members["oneOf"] = [
            {"const": code.value, "title": code.title.in_language(lang)}
            for code in column.codes.codes
        ]
    if column.max_length is not None:
        members["maxLength"] = column.max_length
    for keyword, bound in (("minimum", column.minimum), ("maximum", column.maximum)):
        if bound is not None:
            members[keyword] = int(bound) if kind == "integer" else bound
    if column.unit is not None and kind in ("integer", "number"):
        members["x-ogc-unit"] = column.unit
        if _is_currency(column.unit):
            members["x-ogc-unitLang"] = "ISO4217"
    role = _role(layer, column.name)
    if role is not None:
        members["x-ogc-role"] = role
    return members


def _is_currency(unit: str) -> bool:
    """Whether a unit is a currency's code, which UCUM does not have."""
    return len(unit) == 3 and unit.isalpha() and unit.isupper()


def _role(layer: Layer, name: str) -> str | None:
    if name == layer.id_column:
        return "id"
    if name not in layer.time_columns:
        return None
    if len(layer.time_columns) == 1:
        return "primary-instant"
    end = name == layer.time_columns[1]
    return "primary-interval-end" if end else "primary-interval-start"


def _geometry_format(layer: Layer) -> str:
    kind = layer.geometry_type
    return "geometry-any" if kind == "Geometry" else f"geometry-{kind.lower()}"


def _required(layer: Layer, column: Column) -> bool:
    held = layer.table.c[column.name]
    return not held.nullable and held.server_default is None and held.identity is None


def returnables(
    layer: Layer, lang: str, address: str, audience: Audience = Audience.PUBLIC
) -> Members:
    """The schema of what is returned and received (23-058r2, 10), at `{address}/schema`."""
    columns = layer.readable(audience)
    properties: dict[str, Members] = {}
    for column in columns:
        properties[column.name] = property_schema(layer, column, lang)
        if not column.editable:
            properties[column.name]["readOnly"] = True
    properties[layer.geometry_column] = _geometry(layer, lang)
    required = [c.name for c in columns if _required(layer, c) and c.editable]
    return {
        **_head(layer, lang, f"{address}/schema"),
        "properties": _in_order(properties),
        "required": [*required, layer.geometry_column],
        "additionalProperties": False,
    }


def queryables(
    layer: Layer, lang: str, address: str, audience: Audience = Audience.PUBLIC
) -> Members:
    """What filters may name (19-079r2, 6.2), at `{address}/queryables`."""
    properties = {
        column.name: property_schema(layer, column, lang) for column in layer.readable(audience)
    }
    # QGIS takes a queryable for a geometry, and sends spatial filters, only where it finds this
    # $ref. Features part 3 allows it beside `format`; 23-058r2 does not, so that the conformance
    # class `queryables` of the latter is not declared.
    reference = {"$ref": f"https://geojson.org/schema/{layer.geometry_type}.json"}
    properties[layer.geometry_column] = {**reference, **_geometry(layer, lang)}
    return {
        **_head(layer, lang, f"{address}/queryables"),
        "properties": _in_order(properties),
        "additionalProperties": False,
    }


def sortables(
    layer: Layer, lang: str, address: str, audience: Audience = Audience.PUBLIC
) -> Members:
    """What `sortby` may name (23-058r2, 12), at `{address}/sortables`."""
    properties = {
        column.name: property_schema(layer, column, lang) for column in layer.readable(audience)
    }
    return {
        **_head(layer, lang, f"{address}/sortables"),
        "properties": _in_order(properties),
        "additionalProperties": False,
    }


def geojson_schema(
    layer: Layer, lang: str, address: str, audience: Audience = Audience.PUBLIC
) -> Members:
    """The schema of a GeoJSON feature; `type` is one word each, as GDAL reads it."""
    columns = layer.readable(audience)
    properties = {
        column.name: property_schema(layer, column, lang)
        for column in columns
        if column.name != "id" or column.name != layer.id_column
    }
    return {
        **_head(layer, lang, f"{address}/schema?f={FEATURE_SCHEMA.f}"),
        "$comment": "A property without a value is null, which counts as absent here.",
        "properties": {
            "type": {"type": "string", "const": "Feature"},
            "id": {"type": json_type(layer, layer.id_column)[0]},
            "geometry": {
                "type": "object",
                "properties": {
                    "type": {"type": "string"}
                    if layer.geometry_type == "Geometry"
                    else {"type": "string", "const": layer.geometry_type},
                    "coordinates": {"type": "array"},
                },
            },
            "properties": {"type": "object", "properties": properties},
        },
        "required": ["type", "id", "geometry", "properties"],
    }


def _head(layer: Layer, lang: str, address: str) -> Members:
    return {
        "$schema": DIALECT,
        "$id": address,
        "type": "object",
        "title": layer.title.in_language(lang),
        "description": layer.description.in_language(lang),
    }


def _geometry(layer: Layer, lang: str) -> Members:
    return {
        "title": "Vị trí, hình dạng" if lang == "vi" else "Geometry",
        "format": _geometry_format(layer),
        "x-ogc-role": "primary-geometry",
    }


def _in_order(properties: dict[str, Members]) -> dict[str, Members]:
    """The properties with `x-ogc-propertySeq`, which says the order people see them in."""
    return {
        name: {**members, "x-ogc-propertySeq": number}
        for number, (name, members) in enumerate(properties.items(), start=1)
    }


_PLAIN = (SCHEMA, HTML)
_WITH_FEATURE = (SCHEMA, HTML, FEATURE_SCHEMA)


def _media_parameters(media: tuple[Media, ...]) -> tuple[Parameter, ...]:
    return (parameters.f(media), parameters.lang())


async def _answer(
    request: Request, template: str, media: tuple[Media, ...], *makers: Any
) -> Response:
    layer = collection(request)
    read(request, parameters.indexed(*_media_parameters(media)))
    chosen = negotiate(request, media)
    make = makers[-1] if chosen is FEATURE_SCHEMA else makers[0]
    depends_on(request)
    address = f"{origin(request)}/ogc/collections/{layer.id}"
    return await respond(request, chosen, template, make(layer, language(request), address))


async def queryables_resource(request: Request) -> Response:
    """`/collections/{layer}/queryables`."""
    return await _answer(request, "queryables.html", _PLAIN, queryables)


async def sortables_resource(request: Request) -> Response:
    """`/collections/{layer}/sortables`."""
    return await _answer(request, "sortables.html", _PLAIN, sortables)


async def schema_resource(request: Request) -> Response:
    """`/collections/{layer}/schema`."""
    return await _answer(request, "schema.html", _WITH_FEATURE, returnables, geojson_schema)


OPERATIONS = (
    Operation(
        path="/collections/{layer}/schema",
        name="schema",
        summary="The schema of the features",
        tag="schemas",
        handler=schema_resource,
        media=_WITH_FEATURE,
        schema="jsonSchema",
        parameters=lambda _: _media_parameters(_WITH_FEATURE),
    ),
    Operation(
        path="/collections/{layer}/queryables",
        name="queryables",
        summary="The properties that filters can name",
        tag="schemas",
        handler=queryables_resource,
        media=_PLAIN,
        schema="jsonSchema",
        parameters=lambda _: _media_parameters(_PLAIN),
    ),
    Operation(
        path="/collections/{layer}/sortables",
        name="sortables",
        summary="The properties that features can be sorted by",
        tag="schemas",
        handler=sortables_resource,
        media=_PLAIN,
        schema="jsonSchema",
        parameters=lambda _: _media_parameters(_PLAIN),
    ),
)
