"""What CQL2 filters may name in a layer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from layers.layer import Audience, Layer, sql_type
from spatial.cql2 import Queryable
from spatial.sql import quote, raw

_KINDS: dict[str, Any] = {
    "int8": "integer",
    "float8": "number",
    "bool": "boolean",
    "timestamptz": "timestamp",
    "date": "date",
    "uuid": "uuid",
}


@lru_cache(maxsize=256)
def queryables(layer: Layer, audience: Audience = Audience.PUBLIC) -> Mapping[str, Queryable]:
    """What CQL2 filters may name: the columns that the audience reads, and the geometry."""
    found = {
        column.name: Queryable(
            column.name,
            raw(quote(column.name)),
            _KINDS.get(sql_type(layer, column.name), "string"),
        )
        for column in layer.readable(audience)
    }
    name, held = layer.geometry_column, raw(quote(layer.geometry_for(audience)))
    found[name] = Queryable(name, held, "geometry", geometry_type=layer.geometry_type)
    return found
