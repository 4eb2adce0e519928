"""What a place is called: its commune, and the nearest places that people know by name."""

from __future__ import annotations

from collections.abc import Iterable

from layers.layer import Layer
from layers.places import UNITS
from layers.rows import table_name
from spatial.sql import Sql, bind, join, quote, sql

_DEVICES = frozenset({"network_assets"})
"""Layers of things that hang at places which other layers name."""
_SPARE = 2
"""Candidates of a layer for each that is wanted: the index orders by degrees, not by metres."""


def commune_sql(lon: float, lat: float) -> Sql:
    """The commune of a place (degrees, EPSG:4326): `code`, `name`, `district`; no row outside."""
    return sql(
        "SELECT c.code, c.name, d.name AS district"
        f" FROM layer.{quote(UNITS)} AS c LEFT JOIN layer.{quote(UNITS)} AS d"
        " ON d.code = c.parent_code"
        " WHERE c.level = 'commune' AND ST_Covers(c.geom, {}) ORDER BY c.code LIMIT 1",
        _point(lon, lat),
    )


def nearest_sql(layers: Iterable[Layer], lon: float, lat: float, most: int) -> Sql:
    """The known places nearest to one, the nearest first.

    The columns: `title`; `distance_m`, metres on the ellipsoid; `bearing`, in degrees from north
    over east, of the place as seen from the known one (NULL where they are the same).

    Args:
        layers: those whose features stay where they are and have a name are taken.
        lon, lat: degrees, EPSG:4326.
        most: rows at most.
    """
    spot = _point(lon, lat)
    found = [_candidates(layer, spot, most * _SPARE) for layer in layers if _is_known(layer)]
    if not found:
        return sql("SELECT NULL WHERE false")
    return sql(
        "SELECT title, round(ST_Distance(geom::geography, spot::geography))::int8 AS distance_m,"
        " round(degrees(ST_Azimuth(geom::geography, spot::geography)))::int8 % 360 AS bearing"
        " FROM ({}) AS found, LATERAL (SELECT {} AS spot) AS s"
        " ORDER BY distance_m, title LIMIT {}",
        join(" UNION ALL ", found),
        spot,
        bind(most, "int8"),
    )


def _point(lon: float, lat: float) -> Sql:
    return sql("ST_SetSRID(ST_MakePoint({}, {}), 4326)", bind(lon, "float8"), bind(lat, "float8"))


def _is_known(layer: Layer) -> bool:
    """Whether its features are landmarks: teams move, and a request is known by a number."""
    return layer.is_point and layer.public_decimals is None and layer.id not in _DEVICES


def _candidates(layer: Layer, spot: Sql, most: int) -> Sql:
    geometry = f"t.{quote(layer.geometry_column)}"
    # Where an import knew only the commune, the point is somewhere in it.
    mark = layer.commune_mark
    exact = f" WHERE t.{quote(mark)} = 'exact'" if mark else ""
    return sql(
        f"(SELECT t.{quote(layer.title_column)}::text AS title, {geometry} AS geom"
        f" FROM {table_name(layer)} AS t{exact} ORDER BY {geometry} <-> {{}} LIMIT {{}})",
        spot,
        bind(most, "int8"),
    )
