"""The administrative units that an analysis counts in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.admin import ADMIN_UNITS
from layers.analysis.snapshot import Floats, Snapshot
from layers.rows import table_name
from spatial.sql import bind, sql


@dataclass(frozen=True)
class Units:
    """Administrative units of one level.

    Attributes:
        codes, names: of the units, in the order of the codes.
        shapes: their areas in the province's metric system, an object array of shapely's.
        outlines: the same as GeoJSON geometries in CRS84, as text.
        population: people, NaN where unknown.
    """

    codes: list[str]
    names: list[str]
    shapes: NDArray[np.object_]
    outlines: list[str]
    population: Floats


def units_of(snapshot: Snapshot, srid: int, level: str) -> Units:
    """The present communes or the districts, with their areas in a metric system."""
    rows = snapshot.rows(
        sql(
            "SELECT code, name, ST_AsBinary(ST_Transform(geom, {})), ST_AsGeoJSON(geom, 5),"
            f" population FROM {table_name(ADMIN_UNITS)} WHERE level = {{}} ORDER BY code",
            bind(srid, "int4"),
            bind(level, "text"),
        )
    )
    return Units(
        [row[0] for row in rows],
        [row[1] for row in rows],
        shapely.from_wkb([bytes(row[2]) for row in rows]),
        [row[3] for row in rows],
        np.array([np.nan if row[4] is None else row[4] for row in rows], dtype=float),
    )
