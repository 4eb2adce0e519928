"""The schemas of the API's answers, in OpenAPI 3.0: what `components/schemas` holds."""

from __future__ import annotations

from typing import Any

from api.ogc.schemas import property_schema
from layers.layer import Audience, Layer, json_type
from layers.rows import property_columns

Schema = dict[str, Any]

_STRING: Schema = {"type": "string"}
_URI: Schema = {"type": "string", "format": "uri"}
_NUMBERS: Schema = {"type": "array", "items": {"type": "number"}}


def ref(name: str) -> Schema:
    """A reference to a schema of `components/schemas`."""
    return {"$ref": f"#/components/schemas/{name}"}


def _array(items: Schema, **rules: Any) -> Schema:
    return {"type": "array", "items": items, **rules}


def _object(properties: dict[str, Schema], *required: str) -> Schema:
    found: Schema = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


_COUNT: Schema = {"type": "integer", "minimum": 0}
_LINKS = _array(ref("link"))

_POSITION = _array({"type": "number"}, minItems=2, maxItems=3)
_LINE = _array(_POSITION, minItems=2)
_RING = _array(_POSITION, minItems=4)
_COORDINATES: dict[str, Schema] = {
    "Point": _POSITION,
    "MultiPoint": _array(_POSITION),
    "LineString": _LINE,
    "MultiLineString": _array(_LINE),
    "Polygon": _array(_RING),
    "MultiPolygon": _array(_array(_RING)),
}


def geometry_schema(kind: str) -> Schema:
    """The schema of a GeoJSON geometry of one type (RFC 7946, 3.1)."""
    return _object(
        {"type": {"type": "string", "enum": [kind]}, "coordinates": _COORDINATES[kind]},
        "type",
        "coordinates",
    )


SCHEMAS: dict[str, Schema] = {
    "link": _object(
        {
            "href": _STRING,
            "rel": _STRING,
            "type": _STRING,
            "title": _STRING,
            "hreflang": _STRING,
        },
        "href",
        "rel",
    ),
    "landingPage": _object(
        {"title": _STRING, "description": _STRING, "links": _LINKS}, "links", "title"
    ),
    "confClasses": _object({"conformsTo": _array(_URI), "links": _LINKS}, "conformsTo"),
    "extent": _object(
        {
            "spatial": _object(
                {
                    "bbox": _array(_array({"type": "number"}, minItems=4, maxItems=6), minItems=1),
                    "crs": _URI,
                },
                "bbox",
            ),
            "temporal": _object(
                {
                    "interval": _array(
                        _array({**_STRING, "nullable": True}, minItems=2, maxItems=2), minItems=1
                    ),
                    "trs": _URI,
                },
                "interval",
            ),
        }
    ),
    "collection": _object(
        {
            "id": _STRING,
            "title": _STRING,
            "description": _STRING,
            "keywords": _array(_STRING),
            "itemType": {"type": "string", "enum": ["feature"]},
            "itemCount": _COUNT,
            "synthetic": {
                "type": "boolean",
                "description": "Whether the data were made up to show the system.",
            },
            "extent": ref("extent"),
            "crs": _array(_URI),
            "storageCrs": _URI,
            "links": _LINKS,
        },
        "id",
        "links",
    ),
    "collections": _object(
        {
            "links": _LINKS,
            "crs": _array(_URI),
            "numberMatched": _COUNT,
            "numberReturned": _COUNT,
            "collections": _array(ref("collection")),
        },
        "links",
        "collections",
    ),
    "counts": _object(
        {
            "numberMatched": _COUNT,
            "counts": _array(
                _object(
                    {
                        "property": _STRING,
                        "numberMatched": _COUNT,
                        "values": _array(
                            _object(
                                {
                                    "value": {"description": "Of any type, as features have it."},
                                    "count": _COUNT,
                                },
                                "value",
                                "count",
                            )
                        ),
                        "others": {
                            **_COUNT,
                            "description": "Features whose value is not listed.",
                        },
                    },
                    "property",
                    "numberMatched",
                    "values",
                    "others",
                )
            ),
            "links": _LINKS,
        },
        "numberMatched",
        "counts",
        "links",
    ),
    "jsonSchema": {
        **_object({"$schema": _URI, "$id": _URI, "type": _STRING, "title": _STRING}, "$schema"),
        "additionalProperties": True,
    },
    "problem": {
        **_object(
            {
                "type": _STRING,
                "title": _STRING,
                "status": {"type": "integer"},
                "detail": {**_STRING, "description": "What was wrong, in a sentence."},
                "rule": _object({"vi": _STRING, "en": _STRING}),
            },
            "title",
            "status",
            "detail",
        ),
        "description": "A problem (RFC 9457).",
    },
    "numberMatched": {
        "type": "integer",
        "minimum": 0,
        "description": "Features that match; absent where only `resultType=hits` counts them.",
    },
    "processes": _object(
        {"processes": _array(ref("process")), "links": _LINKS}, "processes", "links"
    ),
    "process": _object(
        {
            "id": _STRING,
            "version": _STRING,
            "title": _STRING,
            "description": _STRING,
            "jobControlOptions": _array(_STRING),
            "outputTransmission": _array(_STRING),
            "inputs": {"type": "object"},
            "outputs": {"type": "object"},
            "links": _LINKS,
        },
        "id",
        "version",
    ),
    "execute": _object(
        {
            "inputs": {"type": "object"},
            "response": {"type": "string", "enum": ["raw", "document"]},
        },
        "inputs",
    ),
    "jobs": _object({"jobs": _array(ref("statusInfo")), "links": _LINKS}, "jobs", "links"),
    "statusInfo": _object(
        {
            "type": {"type": "string", "enum": ["process"]},
            "processID": _STRING,
            "jobID": _STRING,
            "status": {
                "type": "string",
                "enum": ["accepted", "running", "successful", "failed", "dismissed"],
            },
            "message": _STRING,
            "progress": {"type": "integer", "minimum": 0, "maximum": 100},
            "links": _LINKS,
        },
        "jobID",
        "status",
    ),
    "result": {"type": "object", "description": "What a process gave, with how it was made."},
    "openapi": {"type": "object", "description": "This definition."},
    "edits": _object(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": _array({"type": "object"}, minItems=1),
        },
        "type",
        "features",
    ),
    "history": _object(
        {"layer": _STRING, "id": _STRING, "changes": _array(ref("change")), "links": _LINKS},
        "changes",
    ),
    "change": _object(
        {
            "version": {"type": "integer"},
            "at": {"type": "string", "format": "date-time"},
            "actor": _STRING,
            "operation": {
                "type": "string",
                "enum": ["insert", "update", "delete", "load", "truncate"],
            },
            "changes": _array(_object({"column": _STRING}, "column")),
            "before": {"type": "object", "nullable": True},
            "after": {"type": "object", "nullable": True},
        },
        "version",
        "at",
        "actor",
        "operation",
    ),
    "restoring": _object({"version": _COUNT}, "version"),
    "styles": _object(
        {"default": _STRING, "styles": _array(ref("styleEntry")), "links": _LINKS}, "styles"
    ),
    "styleEntry": _object({"id": _STRING, "title": _STRING, "links": _LINKS}, "id", "links"),
    "mapboxStyle": {
        **_object(
            {
                "version": {"type": "integer", "enum": [8]},
                "name": _STRING,
                "sources": {"type": "object"},
                "layers": _array({"type": "object"}),
            },
            "version",
            "sources",
            "layers",
        ),
        "description": "A MapLibre style, version 8.",
    },
    "styleMetadata": _object(
        {
            "id": _STRING,
            "title": _STRING,
            "description": _STRING,
            "keywords": _array(_STRING),
            "scope": _STRING,
            "stylesheets": _array({"type": "object"}),
            "layers": _array({"type": "object"}),
            "links": _LINKS,
        },
        "id",
    ),
    "tilesets": _object({"tilesets": _array(ref("tilesetMetadata")), "links": _LINKS}, "tilesets"),
    "tileset": {"anyOf": [ref("tilesetMetadata"), ref("tileJSON")]},
    "tilesetMetadata": _object(
        {
            "title": _STRING,
            "description": _STRING,
            "dataType": {"type": "string", "enum": ["vector"]},
            "crs": _URI,
            "tileMatrixSetURI": _URI,
            "boundingBox": _object({"lowerLeft": _NUMBERS, "upperRight": _NUMBERS, "crs": _URI}),
            "tileMatrixSetLimits": _array({"type": "object"}),
            "layers": _array({"type": "object"}),
            "links": _LINKS,
        },
        "dataType",
        "crs",
        "links",
    ),
    "tileJSON": _object(
        {
            "tilejson": {"type": "string", "enum": ["3.0.0"]},
            "name": _STRING,
            "description": _STRING,
            "tiles": _array(_STRING, minItems=1),
            "vector_layers": _array({"type": "object"}),
            "minzoom": {"type": "integer"},
            "maxzoom": {"type": "integer"},
            "bounds": _array({"type": "number"}, minItems=4, maxItems=4),
            "center": _array({"type": "number"}, minItems=3, maxItems=3),
        },
        "tilejson",
        "tiles",
        "vector_layers",
    ),
    "tileMatrixSets": _object(
        {"tileMatrixSets": _array({"type": "object"}), "links": _LINKS}, "tileMatrixSets"
    ),
    "tileMatrixSet": _object(
        {"id": _STRING, "crs": _STRING, "tileMatrices": _array({"type": "object"}, minItems=1)},
        "crs",
        "tileMatrices",
    ),
    "sprite": {
        "type": "object",
        "additionalProperties": _object(
            {name: {"type": "number"} for name in ("x", "y", "width", "height", "pixelRatio")},
            "x",
            "y",
            "width",
            "height",
        ),
    },
}
"""Schemas that do not depend on a layer, by name."""


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
    feature = _object(
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": json_type(layer, layer.id_column)[0]},
            "geometry": {"nullable": True, "allOf": [_geometry(layer)]},
            "properties": {
                "type": "object",
                "properties": properties,
                "additionalProperties": False,
            },
            "links": _LINKS,
        },
        "type",
        "id",
        "geometry",
        "properties",
    )
    page = _object(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": ref("numberMatched"),
            "numberReturned": _COUNT,
            "links": _LINKS,
            "features": _array(ref(feature_name(layer))),
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
