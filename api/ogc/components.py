"""The schemas of the API's answers, in OpenAPI 3.0: what `components/schemas` holds."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
_URI: Schema = {"type": "string", "format": "uri"}
_NUMBERS: Schema = {"type": "array", "items": {"type": "number"}}


def ref(name: str) -> Schema:
    """A reference to a schema of `components/schemas`."""
    return {"$ref": f"#/components/schemas/{name}"}


def array_of(items: Schema, **rules: Any) -> Schema:
    """The schema of an array, with further rules."""
    return {"type": "array", "items": items, **rules}


def object_of(properties: dict[str, Schema], *required: str) -> Schema:
    """The schema of an object, with the names of the members that must be there."""
    found: Schema = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


COUNT: Schema = {"type": "integer", "minimum": 0}
LINKS = array_of(ref("link"))

SCHEMAS: dict[str, Schema] = {
    "link": object_of(
        {
            "href": STRING,
            "rel": STRING,
            "type": STRING,
            "title": STRING,
            "hreflang": STRING,
        },
        "href",
        "rel",
    ),
    "landingPage": object_of(
        {"title": STRING, "description": STRING, "links": LINKS}, "links", "title"
    ),
    "confClasses": object_of({"conformsTo": array_of(_URI), "links": LINKS}, "conformsTo"),
    "extent": object_of(
        {
            "spatial": object_of(
                {
                    "bbox": array_of(
                        array_of({"type": "number"}, minItems=4, maxItems=6), minItems=1
                    ),
                    "crs": _URI,
                },
                "bbox",
            ),
            "temporal": object_of(
                {
                    "interval": array_of(
                        array_of({**STRING, "nullable": True}, minItems=2, maxItems=2), minItems=1
                    ),
                    "trs": _URI,
                },
                "interval",
            ),
        }
    ),
    "collection": object_of(
        {
            "id": STRING,
            "title": STRING,
            "description": STRING,
            "keywords": array_of(STRING),
            "itemType": {"type": "string", "enum": ["feature", "coverage", "record"]},
            "itemCount": COUNT,
            "synthetic": {
                "type": "boolean",
                "description": "Whether the data were made up to show the system.",
            },
            "extent": ref("extent"),
            "crs": array_of(_URI),
            "storageCrs": _URI,
            "links": LINKS,
        },
        "id",
        "links",
    ),
    "collections": object_of(
        {
            "links": LINKS,
            "crs": array_of(_URI),
            "numberMatched": COUNT,
            "numberReturned": COUNT,
            "collections": array_of(ref("collection")),
        },
        "links",
        "collections",
    ),
    "counts": object_of(
        {
            "numberMatched": COUNT,
            "counts": array_of(
                object_of(
                    {
                        "property": STRING,
                        "numberMatched": COUNT,
                        "values": array_of(
                            object_of(
                                {
                                    "value": {"description": "Of any type, as features have it."},
                                    "count": COUNT,
                                },
                                "value",
                                "count",
                            )
                        ),
                        "others": {
                            **COUNT,
                            "description": "Features whose value is not listed.",
                        },
                    },
                    "property",
                    "numberMatched",
                    "values",
                    "others",
                )
            ),
            "links": LINKS,
        },
        "numberMatched",
        "counts",
        "links",
    ),
    "jsonSchema": {
        **object_of({"$schema": _URI, "$id": _URI, "type": STRING, "title": STRING}, "$schema"),
        "additionalProperties": True,
    },
    "problem": {
        **object_of(
            {
                "type": STRING,
                "title": STRING,
                "status": {"type": "integer"},
                "detail": {**STRING, "description": "What was wrong, in a sentence."},
                "rule": object_of({"vi": STRING, "en": STRING}),
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
    "openapi": {"type": "object", "description": "This definition."},
    "edits": object_of(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": array_of({"type": "object"}, minItems=1),
        },
        "type",
        "features",
    ),
    "history": object_of(
        {"layer": STRING, "id": STRING, "changes": array_of(ref("change")), "links": LINKS},
        "changes",
    ),
    "change": object_of(
        {
            "version": {"type": "integer"},
            "at": {"type": "string", "format": "date-time"},
            "actor": STRING,
            "operation": {
                "type": "string",
                "enum": ["insert", "update", "delete", "load", "truncate"],
            },
            "changes": array_of(object_of({"column": STRING}, "column")),
            "before": {"type": "object", "nullable": True},
            "after": {"type": "object", "nullable": True},
        },
        "version",
        "at",
        "actor",
        "operation",
    ),
    "deletions": object_of(
        {
            "layer": STRING,
            "deleted": array_of(
                object_of(
                    {
                        "id": STRING,
                        "lastVersion": {"type": "integer"},
                        "at": {"type": "string", "format": "date-time"},
                        "actor": STRING,
                        "feature": {"type": "object"},
                    },
                    "id",
                    "lastVersion",
                    "at",
                    "actor",
                    "feature",
                )
            ),
            "links": LINKS,
        },
        "deleted",
    ),
    "restoring": object_of({"version": COUNT}, "version"),
    "styles": object_of(
        {"default": STRING, "styles": array_of(ref("styleEntry")), "links": LINKS}, "styles"
    ),
    "styleEntry": object_of({"id": STRING, "title": STRING, "links": LINKS}, "id", "links"),
    "mapboxStyle": {
        **object_of(
            {
                "version": {"type": "integer", "enum": [8]},
                "name": STRING,
                "sources": {"type": "object"},
                "layers": array_of({"type": "object"}),
            },
            "version",
            "sources",
            "layers",
        ),
        "description": "A MapLibre style, version 8.",
    },
    "styleMetadata": object_of(
        {
            "id": STRING,
            "title": STRING,
            "description": STRING,
            "keywords": array_of(STRING),
            "scope": STRING,
            "stylesheets": array_of({"type": "object"}),
            "layers": array_of({"type": "object"}),
            "links": LINKS,
        },
        "id",
    ),
    "tilesets": object_of(
        {"tilesets": array_of(ref("tilesetMetadata")), "links": LINKS}, "tilesets"
    ),
    "tileset": {"anyOf": [ref("tilesetMetadata"), ref("tileJSON")]},
    "tilesetMetadata": object_of(
        {
            "title": STRING,
            "description": STRING,
            "dataType": {"type": "string", "enum": ["vector"]},
            "crs": _URI,
            "tileMatrixSetURI": _URI,
            "boundingBox": object_of({"lowerLeft": _NUMBERS, "upperRight": _NUMBERS, "crs": _URI}),
            "tileMatrixSetLimits": array_of({"type": "object"}),
            "layers": array_of({"type": "object"}),
            "links": LINKS,
        },
        "dataType",
        "crs",
        "links",
    ),
    "tileJSON": object_of(
        {
            "tilejson": {"type": "string", "enum": ["3.0.0"]},
            "name": STRING,
            "description": STRING,
            "tiles": array_of(STRING, minItems=1),
            "vector_layers": array_of({"type": "object"}),
            "minzoom": {"type": "integer"},
            "maxzoom": {"type": "integer"},
            "bounds": array_of({"type": "number"}, minItems=4, maxItems=4),
            "center": array_of({"type": "number"}, minItems=3, maxItems=3),
        },
        "tilejson",
        "tiles",
        "vector_layers",
    ),
    "tileMatrixSets": object_of(
        {"tileMatrixSets": array_of({"type": "object"}), "links": LINKS}, "tileMatrixSets"
    ),
    "tileMatrixSet": object_of(
        {"id": STRING, "crs": STRING, "tileMatrices": array_of({"type": "object"}, minItems=1)},
        "crs",
        "tileMatrices",
    ),
    "sprite": {
        "type": "object",
        "additionalProperties": object_of(
            {name: {"type": "number"} for name in ("x", "y", "width", "height", "pixelRatio")},
            "x",
            "y",
            "width",
            "height",
        ),
    },
}
"""Schemas that do not depend on a layer, by name."""
