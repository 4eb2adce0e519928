"""Roads from a file of lines: geometry, speed and direction, checked row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from layers.importing.problems import Fault, ImportFailed, Problem
from layers.importing.source import Row, Source, open_source
from spatial.errors import shown

SPEEDS = ("speed_kmh", "maxspeed", "speed")
ONEWAYS = ("oneway", "one_way")
SLOWEST_KMH, FASTEST_KMH = 1.0, 130.0
MOST_PROBLEMS = 1000

# As OpenStreetMap and its exporters write it: with the line, against it, both ways.
_DIRECTIONS = {
    **dict.fromkeys(("yes", "true", "1", "f", "ft"), 1),
    **dict.fromkeys(("-1", "reverse", "t", "tf"), -1),
    **dict.fromkeys(("", "no", "false", "0", "b"), 0),
}


@dataclass(frozen=True, slots=True)
class Road:
    """A road: a line in EPSG:4326, its speed, and 1, -1 or 0 for its direction."""

    shape: shapely.LineString
    kmh: float
    direction: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of the file say what; None: those with a usual name, if there are any."""

    speed: str | None = None
    oneway: str | None = None


class BadRoads(ImportFailed):
    """Rows of the file break rules; `problems` says which."""

    def __init__(self, problems: list[Problem]) -> None:
        first = problems[0]
        where = f"feature {first.line}" + (f", {first.column}" if first.column else "")
        value = f" {first.value!r}" if first.value else ""
        super().__init__(
            f"{len(problems)} faults; the first: {where}{value}: {first.reason.en}",
            f"{len(problems)} lỗi; lỗi đầu: {where}{value}: {first.reason.vi}",
        )
        self.problems = problems


def read_roads(
    path: Path, columns: Columns, kmh: float, crs: str | None, part: str | None, most: int
) -> list[Road]:
    """All roads of a file, or none.

    Args:
        kmh: the speed where the file says none.
        crs: the CRS of the file, any text that PROJ knows; None: the one that it names.
        part: the layer of the file, where it has several.
        most: lines at most.

    Raises:
        BadRoads: rows break rules.
        ImportFailed: the file as a whole cannot be read.
    """
    with open_source(path, part, lambda _: 0) as source:
        if not source.has_shapes:
            raise ImportFailed(f"{path.name} has no geometries", f"{path.name} không có hình học")
        if source.total is not None and source.total > most:
            raise ImportFailed(
                f"{path.name} has {source.total} lines, of {most} at most (DIEUHANH_ROAD_LINES)",
                f"{path.name} có {source.total} đường, nhiều nhất {most} (DIEUHANH_ROAD_LINES)",
            )
        reader = _Reader(source, columns, kmh, crs)
        problems: list[Problem] = []
        roads: list[Road] = []
        for row in source.rows:
            try:
                roads += reader.roads(row)
            except _Wrong as error:
                if len(problems) < MOST_PROBLEMS:
                    value = "" if error.value is None else str(error.value)[:60]
                    problems.append(Problem(row.line, error.column, value, error.reason))
    if problems:
        raise BadRoads(problems)
    if not roads:
        raise ImportFailed(f"{path.name} holds no road", f"{path.name} không có đường nào")
    return roads


class _Wrong(Fault):
    """A value of a row breaks a rule."""

    def __init__(self, column: str | None, value: Any, vi: str, en: str) -> None:
        super().__init__(vi, en)
        self.column, self.value = column, value


class _Reader:
    def __init__(self, source: Source, columns: Columns, kmh: float, crs: str | None) -> None:
        self._kmh = kmh
        self._speed = _column(source, columns.speed, SPEEDS)
        self._oneway = _column(source, columns.oneway, ONEWAYS)
        name = crs or source.crs
        if name is None:
            raise ImportFailed(
                "the file names no coordinate reference system: give --crs",
                "tệp không ghi hệ tọa độ: hãy thêm --crs",
            )
        try:
            self._transformer = pyproj.Transformer.from_crs(name, "EPSG:4326", always_xy=True)
        except CRSError:
            raise ImportFailed(
                f"PROJ does not know the system {shown(name)!r}",
                f"PROJ không biết hệ tọa độ {shown(name)!r}",
            ) from None

    def roads(self, row: Row) -> Iterator[Road]:
        kmh, direction = self._kmh_of(row), self._direction_of(row)
        for line in self._lines(row):
            yield Road(line, kmh, direction)

    def _lines(self, row: Row) -> list[shapely.LineString]:
        shape = row.shape
        if not isinstance(shape, shapely.LineString | shapely.MultiLineString) or shape.is_empty:
            kind = None if shape is None else shape.geom_type
            raise _Wrong(None, kind, "phải là đường có tọa độ", "must be a line with positions")
        flat = shapely.force_2d(shape)
        moved = shapely.transform(flat, self._project)
        west, south, east, north = shapely.bounds(moved)
        # What is not a number, or off the map, is no smaller than anything.
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise _Wrong(None, None, "nằm ngoài hệ tọa độ", "lies outside of the system")
        return [line for line in shapely.get_parts(moved).tolist() if line.length > 0]

    def _project(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(self._transformer.transform(positions[:, 0], positions[:, 1]))

    def _kmh_of(self, row: Row) -> float:
        value = None if self._speed is None else row.values.get(self._speed)
        if value is None or str(value).strip() == "":
            return self._kmh
        try:
            kmh = float(str(value).strip().lower().removesuffix("km/h"))
        except ValueError:
            kmh = 0.0
        if not SLOWEST_KMH <= kmh <= FASTEST_KMH:
            raise _Wrong(
                self._speed,
                value,
                f"phải là số km/h từ {SLOWEST_KMH:g} đến {FASTEST_KMH:g}",
                f"must be a number of km/h from {SLOWEST_KMH:g} to {FASTEST_KMH:g}",
            )
        return kmh

    def _direction_of(self, row: Row) -> int:
        value = None if self._oneway is None else row.values.get(self._oneway)
        text = "" if value is None else str(value).strip().lower()
        if text not in _DIRECTIONS:
            raise _Wrong(
                self._oneway,
                value,
                "phải là yes, no hoặc -1",
                "must be yes, no or -1 (against the line)",
            )
        return _DIRECTIONS[text]


def _column(source: Source, given: str | None, usual: tuple[str, ...]) -> str | None:
    if given is None:
        return next((name for name in usual if name in source.fields), None)
    if given not in source.fields:
        listed = ", ".join(source.fields)
        raise ImportFailed(
            f"the file has no column {shown(given)!r}; it has {listed}",
            f"tệp không có cột {shown(given)!r}; các cột: {listed}",
        )
    return given
