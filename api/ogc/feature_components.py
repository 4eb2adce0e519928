"""The schemas of a layer's features, in OpenAPI 3.0: as they are read, and as they are sent."""

from __future__ import annotations

from api.ogc.components import COUNT, LINKS, Schema, array_of, object_of, ref
from api.ogc.schemas import property_schema
from layers.layer import Audience, Layer, json_type
from layers.rows import property_columns

_POSITION = array_of({"type": "number"}, minItems=2, maxItems=3)
_LINE = array_of(_POSITION, minItems=2)
_RING = array_of(_POSITION, minItems=4)
_COORDINATES: dict[str, Schema] = {
    "Point": _POSITION,
    "MultiPoint": array_of(_POSITION),
    "LineString": _LINE,
    "MultiLineString": array_of(_LINE),
    "Polygon": array_of(_RING),
    "MultiPolygon": array_of(array_of(_RING)),
}


def geometry_schema(kind: str) -> Schema:
    """The schema of a GeoJSON geometry of one type (RFC 7946, 3.1)."""
    return object_of(
        {"type": {"type": "string", "enum": [kind]}, "coordinates": _COORDINATES[kind]},
        "type",
        "coordinates",
    )


def layer_schemas(layer: Layer, lang: str) -> dict[str, Schema]:
    """The schemas of a layer's feature and of a page of them.

    Args:
        layer: its record.
        lang: `vi` or `en`, of the titles.
    """
    properties: dict[str, Schema] = {}
    for column in property_columns(layer, Audience.PUBLIC):
        properties[column.name] = _as_openapi(property_schema(layer, column, lang))
        if layer.table.c[column.name].nullable:
            properties[column.name]["nullable"] = True
            if "enum" in properties[column.name]:
                properties[column.name]["enum"] += [None]
    feature = object_of(
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": json_type(layer, layer.id_column)[0]},
            "geometry": {"nullable": True, "allOf": [_geometry(layer)]},
            "properties": {
                "type": "object",
                "properties": properties,
                "additionalProperties": False,
            },
            "links": LINKS,
        },
        "type",
        "id",
        "geometry",
        "properties",
    )
    page = object_of(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": ref("numberMatched"),
            "numberReturned": COUNT,
            "links": LINKS,
            "features": array_of(ref(feature_name(layer))),
        },
        "type",
        "features",
    )
    edit = edit_schema(layer, lang)
    return {feature_name(layer): feature, page_name(layer): page, edit_name(layer): edit}


def feature_name(layer: Layer) -> str:
    """The name of the schema of a layer's feature."""
    return f"feature_{layer.id}"


def edit_name(layer: Layer) -> str:
    """The name of the schema of what is sent to create or change a layer's feature."""
    return f"edit_{layer.id}"


def edit_schema(layer: Layer, lang: str) -> Schema:
    """What is sent; columns of other audiences than the public's are in the layer's schema."""
    columns = {
        column.name: {**_as_openapi(property_schema(layer, column, lang)), "nullable": True}
        for column in layer.readable(Audience.PUBLIC)
        if column.editable
    }
    for members in columns.values():
        if "enum" in members:
            members["enum"] = [*members["enum"], None]
    return {
        "type": "object",
        "description": "A GeoJSON feature, or the part of one that a merge patch changes.",
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "geometry": _geometry(layer),
            "properties": {"type": "object", "properties": columns},
        },
    }


def page_name(layer: Layer) -> str:
    """The name of the schema of a page of a layer's features."""
    return f"features_{layer.id}"


def _geometry(layer: Layer) -> Schema:
    if layer.geometry_type == "Geometry":
        return {"oneOf": [geometry_schema(kind) for kind in _COORDINATES]}
    return geometry_schema(layer.geometry_type)


def _as_openapi(members: Schema) -> Schema:
    """A JSON Schema of ours as OpenAPI 3.0 has it: without `const`."""
    found = {name: value for name, value in members.items() if name != "oneOf"}
    if "oneOf" in members:
        found["enum"] = [option["const"] for option in members["oneOf"]]
        found["x-enum-descriptions"] = [option["title"] for option in members["oneOf"]]
    return found
