"""What the tiles of a layer are made from, derived from its record."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from layers.clusters import covered, ledger_name
from layers.layer import Audience, Layer, sql_type
from layers.overviews import has_overview, overview_name
from layers.rows import table_name
from spatial.mvt import TileSource
from spatial.sql import quote


@cache
def tile_source(layer: Layer) -> TileSource:
    """The source of a layer's tiles: the id and the columns marked `in_tiles`, as the public sees.

    `Layer` records compare by value and live as long as the program, so a source is made once.
    """
    names = [layer.id_column]
    names += [c.name for c in layer.readable(Audience.PUBLIC) if c.in_tiles and c.name not in names]
    return TileSource(
        name=layer.id,
        table=table_name(layer),
        properties=tuple(
            ("id" if name == layer.id_column else name, _expression(layer, name)) for name in names
        ),
        points=layer.is_point,
        geometry=layer.geometry_column,
        id_column=layer.id_column,
        ledger=ledger_name(layer) if layer.is_point else None,
        overview=overview_name(layer) if has_overview(layer) else None,
        covered=frozenset(covered(layer)) if layer.is_point else frozenset(),
    )


def tile_properties(layer: Layer) -> tuple[str, ...]:
    """The names of the properties a tile's features carry."""
    return tuple(name for name, _ in tile_source(layer).properties)


def _expression(layer: Layer, name: str) -> str:
    """SQL of a column as MVT can carry it: text, number or boolean."""
    column, kind = quote(name), sql_type(layer, name)
    if kind == "timestamptz":
        return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
    if kind in ("uuid", "date"):
        return f"{column}::text"
    if kind == "float8" and not isinstance(layer.table.c[name].type, sa.Float):
        return f"{column}::float8"
    if kind == "text" and not isinstance(layer.table.c[name].type, sa.String):
        return f"{column}::text"
    return column
