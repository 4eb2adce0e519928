"""What a writer needs to know, as a value that can be sent to another process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

GEOMETRY = "geometry"
MAX_ROWS = 1_048_575
"""Features that a sheet of XLSX holds at most, beside its row of names (ECMA-376)."""
BATCH = 1_000
"""Rows that are in memory at a time."""

NATIVE = frozenset({"int8", "float8", "bool", "timestamptz", "date"})
"""SQL types whose values are written as they are; of all others, their text."""

Statement = tuple[str, list[Any]]
"""Text with psycopg2's marks for parameters, and the values."""


class ExportError(ValueError):
    """The export cannot be written; the message says why."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column to write: its name and the SQL type its values come in."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One file to write.

    Attributes:
        role: the PostgreSQL role to read as.
        count, rows: the statements that count and give the features; in a GeoJSON file a row is
            one text, else the fields and then the geometry: in WKB, or as columns of a table.
        bounds: a statement that gives the four sides of the features' box, for GeoParquet.
        path: its ending names the format.
        heads: the names of a table's columns.
        crs: the EPSG code of the coordinates.
        named_crs: the system is not the one that the format takes for granted.
        notes: the rows of the workbook's sheet that explains its columns.
        time_zone: the zone of times in XLSX, which knows none.
        most: features that the format holds at most.
        account: for whom the role acts, where row policies ask; None: for nobody.
    """

    database_url: str
    role: str
    count: Statement
    rows: Statement
    path: Path
    layer: str
    geometry_type: str
    crs: int
    named_crs: bool
    fields: tuple[Field, ...] = ()
    heads: tuple[str, ...] = ()
    bounds: Statement | None = None
    notes: tuple[tuple[str, ...], ...] = ()
    time_zone: tzinfo | None = None
    most: int | None = None
    account: int | None = None
    batch: int = BATCH
