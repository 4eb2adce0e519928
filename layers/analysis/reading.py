"""What an analysis reads of a layer: events as arrays in metres, the counts of units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.analysis.inputs import Inputs
from layers.analysis.selecting import layer_of, query_of
from layers.analysis.snapshot import Floats, Snapshot, snapshot
from layers.analysis.units import Units, units_of
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
from spatial.sql import literal, quote, sql
from spatial.stats.grid import Grid

EPOCH_DAY = date(1970, 1, 1).toordinal()


class Reader(Snapshot):
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
        super().__init__(connection)
        self._rasters = rasters
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
        return units_of(self, self.province.metric_srid, level)

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
    read = dict.fromkeys((inputs.layer, getattr(inputs, "to", inputs.layer), UNITS))
    with snapshot(database_url, caller, list(read)) as (connection, versions):
        yield kind(connection, province, caller, inputs, versions, rasters)
