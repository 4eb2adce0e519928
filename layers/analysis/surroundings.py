"""What a reader of a result wants to know beside it: the units around, and the layer's origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import psycopg2

from layers.admin import ADMIN_UNITS
from layers.catalogue import CATALOGUE
from layers.layer import Text
from layers.province import Licence, Province
from layers.rows import table_name

TOLERANCE_M = 100.0
"""Metres by which outlines may be off."""


@dataclass(frozen=True)
class Unit:
    """An administrative unit, with its simplified outline as GeoJSON in CRS84."""

    code: str
    name: str
    level: str
    outline: Mapping[str, Any]


@dataclass(frozen=True)
class Surroundings:
    """The units, and what is known of the layer that was analysed.

    Attributes:
        units: the districts and the communes.
        titles: of all layers.
        synthetic: whether the layer's rows are made up.
        source: where they came from; empty where nobody wrote it down.
        as_of: when the version that was analysed came to be; None if that is not known any more.
        columns: titles of the layer's columns.
    """

    units: tuple[Unit, ...] = ()
    titles: Mapping[str, Text] = field(default_factory=dict)
    columns: Mapping[str, Text] = field(default_factory=dict)
    synthetic: bool = False
    source: str = ""
    as_of: datetime | None = None
    licence: Licence | None = None


def surroundings(database_url: str, province: Province, layer: str, version: int) -> Surroundings:
    """Read what is around a result of a layer at a version.

    Raises:
        psycopg2.Error: the database does not answer.
    """
    connection = psycopg2.connect(database_url, application_name="dieuhanh briefing")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(
                "SELECT code, name, level, ST_AsGeoJSON(ST_Transform("
                " ST_SimplifyPreserveTopology(ST_Transform(geom, %s), %s), 4326), 5)"
                f" FROM {table_name(ADMIN_UNITS)} WHERE level IN ('district', 'commune')"
                " ORDER BY level, code",
                (province.metric_srid, TOLERANCE_M),
            )
            units = tuple(
                Unit(code, name, level, orjson.loads(outline))
                for code, name, level, outline in cursor.fetchall()
            )
            cursor.execute(
                "SELECT synthetic, source FROM dieuhanh.dataset WHERE layer = %s", (layer,)
            )
            synthetic, source = cursor.fetchone() or (False, "")
            cursor.execute(
                "SELECT at FROM dieuhanh.commit_log WHERE layer = %s AND version = %s",
                (layer, version),
            )
            (as_of,) = cursor.fetchone() or (None,)
    finally:
        connection.close()
    known = CATALOGUE.get(layer)
    return Surroundings(
        units,
        {name: one.title for name, one in CATALOGUE.items()},
        {} if known is None else {column.name: column.title for column in known.columns},
        synthetic,
        source or "",
        as_of,
        province.licence_of(layer),
    )
