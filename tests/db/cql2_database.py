"""A small table with every type that a filter can name, and hostile rows in it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import shapely
from shapely.geometry.base import BaseGeometry

from api.cli.database import create_database
from api.cluster import Cluster
from spatial.cql2 import Queryable, compile_filter
from spatial.cql2.types import Expression, QueryableType
from spatial.crs import CRS84, Crs
from spatial.sql import Sql, quote, raw, sql

_TYPES: dict[str, tuple[str, QueryableType]] = {
    "id": ("int8", "integer"),
    "name": ("text", "string"),
    "note": ("text", "string"),
    "people": ("int4", "integer"),
    "rooms": ("int8", "integer"),
    "depth": ("float8", "number"),
    "open": ("bool", "boolean"),
    "opened_on": ("date", "date"),
    "seen_at": ("timestamptz", "timestamp"),
    "left_at": ("timestamptz", "timestamp"),
    "code": ("uuid", "uuid"),
    "spot": ("geometry(Point,4326)", "geometry"),
    "area": ("geometry(Geometry,4326)", "geometry"),
}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Row:
    """A row as Python holds it; None is null."""

    id: int
    name: str | None
    note: str | None
    people: int | None
    rooms: int | None
    depth: float | None
    open: bool | None
    opened_on: date | None
    seen_at: datetime | None
    left_at: datetime | None
    code: UUID | None
    spot: BaseGeometry | None
    area: BaseGeometry | None


QUERYABLES = {
    name: Queryable(
        name,
        raw(quote(name)),
        kind,
        geometry_type="Point" if name == "spot" else "Geometry",
    )
    for name, (_, kind) in _TYPES.items()
}

NAMES = (
    "Tam Kỳ",
    "tam kỳ",
    "TAM KY",
    "Hội An",
    "Điện Bàn",
    "Đại Lộc",
    "100%",
    "a_b",
    "a\\b",
    "",
    None,
)
NUMBERS = (0, 1, 2, 3, 7, -3, 100, None)
DEPTHS = (0.0, 0.5, 2.5, -0.1, 3.0, 1e300, 5e-324, None)
START = datetime(2021, 8, 1, tzinfo=UTC)
AREAS = (
    "POLYGON((0 0,4 0,4 4,0 4,0 0))",
    "POLYGON((2 2,6 2,6 6,2 6,2 2))",
    "POLYGON((0 0,8 0,8 8,0 8,0 0),(3 3,3 5,5 5,5 3,3 3))",
    "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((6 6,7 6,7 7,6 6)))",
    "LINESTRING(0 0,4 4,8 0)",
    "MULTILINESTRING((0 4,8 4),(4 0,4 8))",
    "POINT(4 4)",
    "MULTIPOINT((0 0),(2 2))",
    None,
)


def rows() -> list[Row]:
    """Rows whose columns run through their values at different paces."""

    def pick(values: tuple[Any, ...], number: int) -> Any:
        return values[number % len(values)]

    found = []
    for number in range(60):
        area = pick(AREAS, number * 2)
        found.append(
            Row(
                id=number,
                name=pick(NAMES, number),
                note=pick(NAMES, number * 3 + 1),
                people=pick(NUMBERS, number * 3),
                rooms=pick(NUMBERS, number * 5 + 2),
                depth=pick(DEPTHS, number * 3 + 1),
                open=pick((True, False, None), number),
                opened_on=None if number % 7 == 3 else START.date() + timedelta(number % 5),
                seen_at=None if number % 9 == 4 else START + timedelta(hours=6 * (number % 20)),
                left_at=None if number % 8 == 5 else START + timedelta(hours=12 * (number % 11)),
                code=None if number % 6 == 1 else UUID(int=number % 4),
                spot=None if number % 10 == 9 else shapely.Point(number % 9, number * 5 % 9),
                area=None if area is None else shapely.from_wkt(area),
            )
        )
    return found


HOSTILE_AREAS = (
    "POLYGON((0 0,2 2,2 0,0 2,0 0))",
    "MULTIPOLYGON(((0 0,2 0,2 2,0 2,0 0)),((1 1,3 1,3 3,1 3,1 1)))",
    "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,1 3,3 3,3 1,1 1),(2 2,2 5,5 5,5 2,2 2))",
    "POLYGON((0 0,1 1,0 0,0 0))",
    "POLYGON((0 0,0 0,0 0,0 0))",
    "LINESTRING(1 1,1 1)",
    "GEOMETRYCOLLECTION(POINT(1 1),POLYGON((0 0,2 0,2 2,0 2,0 0)))",
    "GEOMETRYCOLLECTION EMPTY",
    "POINT EMPTY",
    "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))",
    "LINESTRING(0 0,180 0)",
    "POINT(500 500)",
)
"""Geometries that make GEOS or geography fail if nothing guards against them."""


class FilterDatabase:
    """A database with the table `feature`, read through asyncpg as the server does."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._url = url
        self._connection: Any = None

    def connect(self) -> None:
        """Connect."""
        self._connection = self.run(asyncpg.connect(self._url))

    def make_tables(self) -> None:
        """Make the table, one with hostile values in it, and their rows."""
        columns = ", ".join(f"{quote(name)} {kind}" for name, (kind, _) in _TYPES.items())
        self.execute(f"CREATE TABLE feature ({columns})")
        self.execute(f"CREATE TABLE hostile ({columns})")
        for row in rows():
            self.insert("feature", row)
        self.execute(
            "INSERT INTO hostile SELECT * FROM feature;"
            " UPDATE hostile SET depth = 'NaN' WHERE id % 3 = 0;"
            " UPDATE hostile SET depth = '-Infinity' WHERE id % 3 = 1;"
            " UPDATE hostile SET rooms = 9223372036854775807, people = -2147483648;"
            " UPDATE hostile SET spot = 'SRID=4326;POINT EMPTY' WHERE id % 4 = 0;"
            " UPDATE hostile SET seen_at = 'infinity', opened_on = '-infinity' WHERE id % 5 = 0"
        )
        count = len(HOSTILE_AREAS)
        for number, area in enumerate(HOSTILE_AREAS):
            self.execute(
                f"UPDATE hostile SET area = 'SRID=4326;{area}' WHERE id % {count} = {number}"
            )
        self.execute("ANALYZE feature; ANALYZE hostile; SET statement_timeout = '20s'")

    def insert(self, table: str, row: Row) -> None:
        """Write one row."""
        values = [getattr(row, field.name) for field in fields(Row)]
        values = [
            shapely.to_wkb(shapely.set_srid(value, 4326), hex=True, include_srid=True)
            if isinstance(value, BaseGeometry)
            else value
            for value in values
        ]
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        self.run(self._connection.execute(f"INSERT INTO {table} VALUES ({places})", *values))

    def matching(
        self, expression: Expression, table: str = "feature", filter_crs: Crs = CRS84
    ) -> set[int]:
        """The ids of the rows that a filter matches."""
        return self.ids(compile_filter(expression, QUERYABLES, filter_crs), table)

    def ids(self, condition: Sql, table: str = "feature") -> set[int]:
        """The ids of the rows for which a condition holds."""
        found = self.fetch(sql(f"SELECT id FROM {table} WHERE {{}}", condition))
        return {record["id"] for record in found}

    def fetch(self, statement: Sql) -> list[Any]:
        """The records of a statement."""
        text, values = statement.render()
        return list(self.run(self._connection.fetch(text, *values)))

    def execute(self, text: str) -> None:
        """Run trusted statements."""
        self.run(self._connection.execute(text))

    def run(self, awaited: Any) -> Any:
        """The result of a coroutine."""

        async def finished() -> Any:
            return await awaited

        return self._runner.run(finished())

    def close(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            self.run(self._connection.close())
        self._runner.close()


@contextmanager
def filter_database(cluster: Cluster, template: str) -> Iterator[FilterDatabase]:
    """A migrated database of its own, with the table."""
    database = FilterDatabase(create_database(cluster, f"filters_{next(_numbers)}", template))
    try:
        database.connect()
        database.make_tables()
        yield database
    finally:
        database.close()
