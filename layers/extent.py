"""Where and when a layer's features are: exact, and found by index at any size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from layers.layer import Layer, sql_type
from layers.rows import table_name
from spatial.sql import Sql, literal, quote, raw

_SIDES = (
    ("ST_XMin", "-181 -1000, -181 1000"),
    ("ST_YMin", "-1000 -91, 1000 -91"),
    ("ST_XMax", "181 -1000, 181 1000"),
    ("ST_YMax", "-1000 91, 1000 91"),
)
"""For each side of the box, a line beyond the world: the nearest feature reaches furthest."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The extent of a layer.

    Attributes:
        bbox: west, south, east, north in degrees (CRS84); None without features.
        interval: the first and the last instant or day, None for an open end; None for a layer
            without time or without features.
    """

    bbox: tuple[float, float, float, float] | None
    interval: tuple[str | None, str | None] | None


def extents_sql(layers: Iterable[Layer]) -> Sql:
    """Rows `layer, west, south, east, north, first, last, is_open`, one for each layer.

    ST_Extent and min/max over a table read every row. The nearest neighbour of a line outside
    the world and the end of a column's index are found in a few pages instead.
    """
    return raw(" UNION ALL ".join(_row(layer) for layer in layers))


def _row(layer: Layer) -> str:
    table = table_name(layer)
    geometry = quote(layer.geometry_column)
    outputs = [
        f"(SELECT {function}({geometry}) FROM {table} ORDER BY {geometry}"
        f" <-> 'SRID=4326;LINESTRING({line})'::geometry LIMIT 1)"
        for function, line in _SIDES
    ]
    if layer.time_columns:
        start, end = layer.time_columns[0], layer.time_columns[-1]
        outputs.append(_time(layer, start, f"(SELECT min({quote(start)}) FROM {table})"))
        outputs.append(_time(layer, end, f"(SELECT max({quote(end)}) FROM {table})"))
    else:
        outputs += ["NULL::text", "NULL::text"]
    if len(layer.time_columns) == 2:
        outputs.append(f"EXISTS (SELECT FROM {table} WHERE {quote(end)} IS NULL)")
    else:
        outputs.append("false")
    return f"SELECT {literal(layer.id)}::text, {', '.join(outputs)}"


def _time(layer: Layer, name: str, expression: str) -> str:
    """A time as RFC 3339 text."""
    if sql_type(layer, name) == "timestamptz":
        return f"""to_char({expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
    return f"({expression})::text"


def extent(row: Any) -> Extent:
    """The extent that a row of `extents_sql` says."""
    _, west, south, east, north, first, last, is_open = row
    sides = (west, south, east, north)
    bbox = None if None in sides else sides
    if first is None and last is None:
        return Extent(bbox, None)
    return Extent(bbox, (first, None if is_open else last))
