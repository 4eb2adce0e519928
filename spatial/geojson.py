"""GeoJSON text made by PostgreSQL: expressions for features and their properties.

A GeoJSON Feature (RFC 7946, clause 3.2) is assembled by text concatenation: measured on 1,000
features it is several times faster than `json_build_object`, and it keeps the order of columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from spatial.sql import literal

_PLAIN = frozenset({"int8", "bool"})


def json_value(expression: str, kind: str) -> str:
    """The SQL expression of a column's JSON text.

    Args:
        expression: trusted SQL that yields the column's value.
        kind: its PostgreSQL type: `int8`, `bool`, `float8`, `timestamptz`, `date`, `uuid`
            or `text`. Timestamps are written in UTC (RFC 3339, `Z`), whatever the session's
            time zone.
    """
    if kind in _PLAIN:
        text = f"({expression})::text"
    elif kind == "timestamptz":
        instant = f"({expression}) AT TIME ZONE 'UTC'"
        text = f"""'"' || to_char({instant}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '"'"""
    elif kind == "uuid":
        text = f"""'"' || ({expression})::text || '"'"""
    else:
        text = f"to_json({expression})::text"
    return f"coalesce({text}, 'null')"


def geometry_value(expression: str, decimals: int) -> str:
    """The SQL expression of a geometry's GeoJSON text, `null` for a null geometry.

    Args:
        expression: trusted SQL that yields the geometry, in the axis order to write.
        decimals: digits after the point; 7 in degrees is about a centimetre.
    """
    return f"coalesce(ST_AsGeoJSON({expression}, {decimals:d}, 0), 'null')"


def feature_text(identifier: str, geometry: str, properties: Iterable[tuple[str, str]]) -> str:
    """The SQL expression of one Feature's text.

    Args:
        identifier: SQL of the id's JSON text.
        geometry: SQL of the geometry's JSON text.
        properties: names, and SQL of their JSON texts, in order.
    """
    pieces = [
        literal('{"type":"Feature","id":'),
        identifier,
        literal(',"geometry":'),
        geometry,
        literal(',"properties":{'),
    ]
    for index, (name, value) in enumerate(properties):
        comma = "," if index else ""
        pieces.append(literal(f"{comma}{json.dumps(name, ensure_ascii=False)}:"))
        pieces.append(value)
    pieces.append(literal("}}"))
    return " || ".join(pieces)
