"""What an analysis reads: events as arrays in metres, the units with their counts, one snapshot.

Everything is read in one transaction, as the caller's database role, with the version that the
layer has in it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import shapely
from numpy.typing import NDArray

from layers.admin import ADMIN_UNITS
from layers.analysis.inputs import Inputs
from layers.analysis.selecting import layer_of, query_of
from layers.exporting import psycopg2_text
from layers.layer import sql_type
from layers.places import UNITS
from layers.province import Province
from layers.query import conditions
from layers.rasters.raster import Raster, is_id
from layers.rasters.rows import FIND, raster_of
from layers.roles import Caller
from layers.rows import table_name
from spatial.crs import Crs
from spatial.errors import BadInput, shown
from spatial.projecting import DEGREES, projected
from spatial.sql import Sql, bind, literal, quote, sql
from spatial.stats.grid import Grid

Floats = NDArray[np.float64]

EPOCH_DAY = date(1970, 1, 1).toordinal()

_SIGNATURE = 11 + 4 + 4
"""Octets before the first row of PostgreSQL's binary COPY."""


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


class Reader:
    """Reads one layer for one caller, in one snapshot.

    Attributes:
        versions: by the id of a layer, which version it has in this snapshot: this one, those that
            are read beside it, and the units.
    """

    def __init__(
        self,
        connection: Any,
        province: Province,
        caller: Caller,
        inputs: Inputs,
        versions: Mapping[str, int],
        rasters: Path | None = None,
    ) -> None:
        self._rasters = rasters
        self._connection = connection
        self._caller = caller
        self.province = province
        self.layer = layer_of(inputs)
        self.query = query_of(self.layer, inputs, caller)
        self.versions = versions

    def points(self, *columns: str, in_any_order: bool = False) -> tuple[Floats, Floats]:
        """Where the events are, and values of numeric columns or of the time.

        Args:
            columns: names of numeric columns; or `time`, seconds since 1970, UTC; or `day`, days
                since 1970 in the province's zone.
            in_any_order: whether the order, which may be another each time, does not matter.

        Returns:
            An array (n, 2) of east and north in metres, in the province's metric system, and an
            array (n, len(columns)); rows without a value are left out.

        Raises:
            BadInput: a column is not there or is no number, or the layer has no time.
        """
        geometry = quote(self.query.geometry_column)
        place = geometry if self.layer.is_point else f"ST_PointOnSurface({geometry})"
        values = [self._numeric(name) for name in columns]
        wanted = ", ".join((f"ST_X({place})", f"ST_Y({place})", *values))
        known = "".join(f" AND {value} IS NOT NULL" for value in values)
        rows = self.arrays(
            sql(
                f"SELECT {wanted} FROM {table_name(self.layer)} AS t WHERE {{}}{known}"
                f" ORDER BY {quote(self.layer.id_column)}"
                if columns
                else f"SELECT {wanted} FROM {table_name(self.layer)} AS t WHERE {{}}",
                conditions(self.query),
            ),
            2 + len(values),
            in_parallel=in_any_order,
        )
        return self._metres(rows[:, :2]), rows[:, 2:]

    def binned(self, grid: Grid, value: str | None = None) -> tuple[NDArray[np.int64], Floats, int]:
        """How many events each cell of a grid holds.

        Returns:
            Counts and the sums of a numeric column, one for each cell; and how many events lie in
            no cell. Events without the value do not count. Sums are NaN where no column is given.

        Raises:
            BadInput: the column is not there or is no number.
        """
        # Counts are the same in any order; sums are not, to the last digit.
        columns = () if value is None else (value,)
        where, found = self.points(*columns, in_any_order=value is None)
        cell = grid.locate(where)
        inside = cell >= 0
        counts = np.bincount(cell[inside], minlength=len(grid)).astype(np.int64)
        sums = np.full(len(grid), np.nan)
        if value is not None:
            sums = np.bincount(cell[inside], found[inside, 0], minlength=len(grid))
        return counts, sums, int(np.count_nonzero(~inside))

    def daily(self, grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Events by cell of a grid and day of the province's zone.

        Returns:
            Indices of cells, proleptic ordinals of days, and counts.

        Raises:
            BadInput: the layer has no time.
        """
        where, found = self.points("day")
        cell = grid.locate(where)
        inside = cell >= 0
        days = found[inside, 0].astype(np.int64) + EPOCH_DAY
        return cell[inside], days, np.ones(len(days), dtype=np.int64)

    def _numeric(self, name: str) -> str:
        """SQL of a number: a numeric column that the caller reads, `time` or `day`."""
        if name in ("time", "day"):
            if not self.layer.time_columns:
                raise BadInput(
                    f"the layer {self.layer.id} has no time",
                    f"lớp {self.layer.id} không có cột thời gian",
                )
            moment = quote(self.layer.time_columns[0])
            if name == "time":
                return f"extract(epoch FROM {moment})::float8"
            return f"({self._local(moment)}::date - '1970-01-01'::date)::float8"
        self.check_numeric(name)
        return f"{quote(name)}::float8"

    def check_numeric(self, name: str) -> None:
        """See that the caller reads a numeric column of that name.

        Raises:
            BadInput: it is not so.
        """
        numeric = [
            column.name
            for column in self.layer.readable(self._caller.audience)
            if sql_type(self.layer, column.name) in ("int8", "float8")
        ]
        if name not in numeric:
            listed = ", ".join(numeric) or "-"
            raise BadInput(
                f"value {name!r} must be count, rate or a numeric column: {listed}",
                f"value {name!r} phải là count, rate hoặc một cột số: {listed}",
            )

    def _local(self, moment: str) -> str:
        """SQL of an instant as the province's clocks show it."""
        return f"({moment} AT TIME ZONE {literal(self.province.time_zone.key)})"

    def arrays(self, statement: Sql, width: int, *, in_parallel: bool = False) -> Floats:
        """Rows of `width` float8 columns, none of them NULL, as an array.

        Args:
            in_parallel: whether several processes of PostgreSQL may read, in no certain order.
        """
        text, values = psycopg2_text(statement)
        buffer = io.BytesIO()
        with self._connection.cursor() as cursor:
            bound = cursor.mogrify(text, values).decode()
            # PostgreSQL reckons that handing on so many rows costs too much; measured, it pays.
            cost = "0" if in_parallel else "DEFAULT"
            cursor.execute(f"SET LOCAL parallel_tuple_cost TO {cost}")
            cursor.copy_expert(f"COPY ({bound}) TO STDOUT (FORMAT binary)", buffer)
        row = np.dtype(
            {
                "names": [f"c{i}" for i in range(width)],
                "formats": [">f8"] * width,
                "offsets": [2 + 12 * i + 4 for i in range(width)],
                "itemsize": 2 + 12 * width,
            }
        )
        octets = buffer.getbuffer()
        count = (len(octets) - _SIGNATURE - 2) // row.itemsize
        rows = np.frombuffer(octets, row, count, _SIGNATURE)
        found = np.empty((count, width))
        for i in range(width):
            found[:, i] = rows[f"c{i}"]
        return found

    def _metres(self, degrees: Floats) -> Floats:
        return projected(degrees, DEGREES, self.province.metric_srid)

    def other(self, layer_id: str, filter_: str | None) -> Reader:
        """A reader of another layer for the same caller in the same snapshot.

        Raises:
            BadInput: there is no such layer, or the filter breaks a rule.
        """
        inputs = Inputs(layer=layer_id, filter=filter_)
        return Reader(self._connection, self.province, self._caller, inputs, self.versions)

    def raster(self, name: str) -> tuple[Raster, Path]:
        """A raster that the caller may see, and the folder of the rasters' files.

        Raises:
            BadInput: there is none of that id.
        """
        row = None
        if is_id(name):
            with self._connection.cursor() as cursor:
                cursor.execute(FIND.format("%s"), (name,))
                row = cursor.fetchone()
        if row is None or self._rasters is None:
            raise BadInput(
                f"there is no raster '{shown(name)}'", f"không có raster '{shown(name)}'"
            )
        return raster_of(row), self._rasters

    def areas(self, crs: Crs) -> tuple[list[str], list[str], NDArray[np.object_], list[str]]:
        """Ids, titles, shapes in a CRS, and GeoJSON outlines in CRS84 of the features."""
        geometry = quote(self.query.geometry_column)
        identifier = quote(self.layer.id_column)
        title = quote(self.layer.title_column)
        rows = self.rows(
            sql(
                f"SELECT {identifier}::text, {title}::text, ST_AsBinary({geometry}),"
                f" ST_AsGeoJSON({geometry}, 6) FROM {table_name(self.layer)} AS t WHERE {{}}"
                f" AND {geometry} IS NOT NULL ORDER BY {identifier}",
                conditions(self.query),
            )
        )
        shapes = shapely.from_wkb([bytes(row[2]) for row in rows])

        def moved(xy: Floats) -> Floats:
            return projected(xy, DEGREES, crs.srid)

        return (
            [row[0] for row in rows],
            [row[1] for row in rows],
            shapely.transform(shapes, moved),
            [row[3] for row in rows],
        )

    def named(self) -> tuple[list[str], Floats, list[str]]:
        """The ids, the places (n, 2) in metres and the GeoJSON points of the features."""
        geometry = quote(self.query.geometry_column)
        place = geometry if self.layer.is_point else f"ST_PointOnSurface({geometry})"
        identifier = quote(self.layer.id_column)
        rows = self.rows(
            sql(
                f"SELECT {identifier}::text, ST_X({place}), ST_Y({place})"
                f" FROM {table_name(self.layer)} AS t WHERE {{}} ORDER BY {identifier}",
                conditions(self.query),
            )
        )
        xy = np.array([row[1:] for row in rows], dtype=float).reshape(-1, 2)
        points = [f'{{"type":"Point","coordinates":[{x!r},{y!r}]}}' for _, x, y in rows]
        return [row[0] for row in rows], self._metres(xy), points

    def units(self, level: str) -> Units:
        """The present communes or the districts, with their areas."""
        rows = self.rows(
            sql(
                "SELECT code, name, ST_AsBinary(ST_Transform(geom, {})), ST_AsGeoJSON(geom, 5),"
                f" population FROM {table_name(ADMIN_UNITS)} WHERE level = {{}} ORDER BY code",
                bind(self.province.metric_srid, "int4"),
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

    def counted(
        self, level: str, value: str | None = None, period: str | None = None
    ) -> list[tuple[Any, ...]]:
        """Rows of unit code, events, sum of a numeric column (or NULL), start of the period.

        Periods are of the province's zone; the last column is NULL where none is asked for.

        Raises:
            BadInput: the layer does not know its units, or the column or time is not there.
        """
        column = self.unit_column(level)
        total = "NULL::float8" if value is None else f"sum({self._numeric(value)})"
        start = "NULL::date"
        if period is not None:
            self._numeric("time")
            local = self._local(quote(self.layer.time_columns[0]))
            start = f"date_trunc({literal(period)}, {local})::date"
        return self.rows(
            sql(
                f"SELECT {quote(column)}, count(*), {total}, {start}"
                f" FROM {table_name(self.layer)} AS t WHERE {quote(column)} IS NOT NULL AND {{}}"
                " GROUP BY 1, 4 ORDER BY 1, 4",
                conditions(self.query),
            )
        )

    def unit_column(self, level: str) -> str:
        """The column with the code of the unit that a feature lies in.

        Raises:
            BadInput: the layer does not know its units.
        """
        column = f"{level}_code"
        if column not in self.layer.table.c:
            raise BadInput(
                f"the features of {self.layer.id} do not know their {level}; use a grid",
                f"các đối tượng của {self.layer.id} không gắn với đơn vị {level}; hãy dùng lưới ô",
            )
        return column

    def rows(self, statement: Sql) -> list[tuple[Any, ...]]:
        """What a statement finds, as the caller."""
        with self._connection.cursor() as cursor:
            cursor.execute(*psycopg2_text(statement))
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


@contextmanager
def reading(
    database_url: str,
    province: Province,
    caller: Caller,
    inputs: Inputs,
    rasters: Path | None = None,
    kind: Callable[..., Reader] = Reader,
) -> Iterator[Reader]:
    """A reader on a snapshot of the database.

    Args:
        database_url: of a role that may become the callers' roles.
        rasters: the folder of the rasters' files, for a process that reads one.
        kind: what makes the reader.

    Raises:
        BadInput: the inputs name what is not there.
        psycopg2.Error: the database does not answer.
    """
    layer_of(inputs)
    connection = psycopg2.connect(database_url, application_name="dieuhanh analysis")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(
                "SELECT r.layer, coalesce(max(c.version), 0) FROM unnest(%s) AS r(layer)"
                " LEFT JOIN dieuhanh.commit_log AS c USING (layer) GROUP BY r.layer ORDER BY 1",
                (list(dict.fromkeys((inputs.layer, getattr(inputs, "to", inputs.layer), UNITS))),),
            )
            versions = dict(cursor.fetchall())
            cursor.execute("SET LOCAL jit = off")
            cursor.execute(
                "SELECT set_config('role', %s, true), set_config('dieuhanh.account', %s, true)",
                (
                    caller.role.database_role,
                    "" if caller.account is None else str(caller.account),
                ),
            )
            yield kind(connection, province, caller, inputs, versions, rasters)
    finally:
        connection.close()
