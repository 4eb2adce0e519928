"""An import from the file to the commit: all of it, or with `valid_only` the good rows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import shapely
from psycopg2.extras import register_uuid

from layers.datasets import advance_numbers, note_dataset, vacuum
from layers.importing.columns import Matching, fold, key_column, match, score
from layers.importing.problems import Fault, ImportFailed, Problem
from layers.importing.shapes import ShapeReader
from layers.importing.source import Row, Source, open_source
from layers.importing.staging import Staging
from layers.importing.values import Reader
from layers.layer import Layer
from layers.province import Province
from layers.rows import table_name
from spatial.errors import shown

BATCH = 2_000
BULK = 50_000
"""Rows from which the change feed says that a load happened, instead of each row."""
KEPT = 1_000
"""Problems kept in memory; all of them are counted and reported."""

Progress = Callable[[int, int | None], None]
"""Told the rows read and, where it is known, the rows in all."""


@dataclass(slots=True)
class ImportResult:
    """What came of an import.

    Attributes:
        read: rows of the file.
        inserted, updated: rows written, or that would be; both 0 when the import is refused.
            A row that says what is there already is neither.
        bad: rows with a problem.
        problems: the first of the problems; a row may have several.
        ignored: the file's columns that the layer does not have.
        written: whether the database was changed.
    """

    read: int = 0
    inserted: int = 0
    updated: int = 0
    bad: int = 0
    problems: list[Problem] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    written: bool = False


def import_file(
    database_url: str,
    province: Province,
    layer: Layer,
    path: Path,
    *,
    crs: str | None = None,
    part: str | None = None,
    valid_only: bool = False,
    update: bool = True,
    dry_run: bool = False,
    actor: str = "",
    report: Callable[[Problem], None] = lambda problem: None,
    progress: Progress = lambda done, total: None,
) -> ImportResult:
    """Write the rows of a file to a layer, in one transaction.

    A row that is there already, by its id or else by its unique code, is updated. When any row
    has a problem, nothing is written, unless `valid_only` leaves the bad rows out.

    Args:
        database_url: a migrated database, as its owner.
        province: its communes stand for places told by a commune's code, its time zone for times
            that tell none.
        path: see `layers.importing.source`.
        crs: any text that PROJ knows; else the file's own, else longitude and latitude.
        part: the sheet or layer, where the file has several.
        update: False makes a row that is there already a problem.
        dry_run: check everything and write nothing.
        actor: who does it, as the change feed tells; else the database's user.
        report: told every problem.
        progress: told how far the reading is.

    Raises:
        ImportFailed: the file cannot be read, or does not fit the layer.
        psycopg2.Error: the database is not there, or refused for another reason.
    """
    connection = psycopg2.connect(database_url, application_name="dieuhanh import")
    register_uuid(conn_or_curs=connection)
    try:
        with (
            connection.cursor() as cursor,
            open_source(path, part, lambda names: score(layer, names)) as source,
        ):
            cursor.execute("SET LOCAL timezone = 'UTC'")
            cursor.execute("SELECT set_config('dieuhanh.actor', %s, true)", (actor,))
            cursor.execute("SET LOCAL synchronous_commit = on")  # as `vacuum` wants
            matching = match(layer, source.fields, has_shapes=source.has_shapes)
            task = _Import(cursor, layer, province, source, matching, report)
            task.read(crs, progress)
            task.check(update=update)
            result = task.result
            if result.bad == 0 or valid_only:
                task.write(path.name)
                result.written = not dry_run
        if result.written:
            connection.commit()
            # Else tiles read each row's page until the database gets round to it by itself.
            vacuum(connection, [layer])
        return result
    finally:
        connection.close()  # rolls back what is not committed


class _Import:
    """The state of one import between reading, checking and writing."""

    def __init__(
        self,
        cursor: Any,
        layer: Layer,
        province: Province,
        source: Source,
        matching: Matching,
        report: Callable[[Problem], None],
    ) -> None:
        self._cursor = cursor
        self._layer = layer
        self._province = province
        self._source = source
        self._matching = matching
        self._report = report
        self._key = key_column(layer, matching)
        mark = layer.commune_mark
        # A file that says itself how a point was placed is believed.
        self._marks = mark is not None and mark not in matching.columns
        marked = (mark,) if mark is not None and self._marks else ()
        self._staging = Staging(cursor, layer, (*matching.columns, *marked), self._key)
        self.result = ImportResult(ignored=matching.ignored)

    def read(self, crs: str | None, progress: Progress) -> None:
        """Read the rows and stage those whose values and geometry are good."""
        layer, columns = self._layer, self._matching.columns
        readers = [
            (field_, Reader(layer, layer.column(name), self._province.time_zone))
            for name, field_ in columns.items()
        ]
        communes = self._communes() if self._matching.commune else {}
        shapes = ShapeReader(layer, self._source, self._matching, crs, communes)
        for rows in _batched(self._source.rows):
            self._stage(rows, readers, shapes)
            self.result.read += len(rows)
            progress(self.result.read, self._source.total)
        if self.result.read == 0:
            raise ImportFailed("the file has no rows", "tệp không có dòng dữ liệu nào")

    def _stage(
        self, rows: Sequence[Row], readers: list[tuple[str, Reader]], shapes: ShapeReader
    ) -> None:
        read: list[Any] = []
        own: list[bool] = []
        faults: list[list[Problem]] = [[] for _ in rows]
        for row, found in zip(rows, faults, strict=True):
            try:
                shape, in_file_crs = shapes.read(row)
            except Fault as fault:
                found.append(Problem(row.line, None, "", fault.reason))
                shape, in_file_crs = None, False
            read.append(shape)
            own.append(in_file_crs)
        good = []
        staged = zip(rows, shapes.placed(read, own), own, faults, strict=True)
        for row, placed, is_exact, found in staged:
            values, problems = _values(row, readers)
            shape = None
            if not found:
                try:
                    shape = shapes.fit(placed)
                except Fault as fault:
                    found.append(Problem(row.line, None, "", fault.reason))
            found.extend(problems)
            if found:
                self._refuse(found)
            else:
                octets = None
                if shape is not None:
                    placed_at = shapely.set_srid(shape, 4326)
                    octets = shapely.to_wkb(placed_at, hex=True, include_srid=True)
                marks = ("exact" if is_exact else "commune",) if self._marks else ()
                good.append((row.line, *values, *marks, octets))
        self._staging.add(good)

    def check(self, *, update: bool) -> None:
        """Let the database check what is staged, and take out what it finds at fault."""
        names = self._matching.columns
        found: dict[int, list[Problem]] = {}
        for one in self._staging.problems(update=update):
            column = names.get(one.column, one.column) if one.column else None
            problem = Problem(one.line, column, shown(one.value), one.reason)
            found.setdefault(one.line, []).append(problem)
        for line in sorted(found):
            self._refuse(found[line])
        self._staging.drop(found)

    def write(self, name: str) -> None:
        """Write the staged rows and note where they came from."""
        cursor, layer = self._cursor, self._layer
        if self.result.read - self.result.bad >= BULK:
            cursor.execute("SET LOCAL dieuhanh.bulk = 'on'")
        cursor.execute(f"SELECT EXISTS (SELECT FROM {table_name(layer)})")
        was_empty = not cursor.fetchone()[0]
        self.result.inserted, self.result.updated = self._staging.write()
        advance_numbers(cursor, layer)
        cursor.execute(
            "SELECT synthetic, source FROM dieuhanh.dataset WHERE layer = %s", (layer.id,)
        )
        row = cursor.fetchone()
        if row is None or was_empty:
            note_dataset(cursor, layer.id, synthetic=False, source=name)
            return
        synthetic, source = row
        sources = dict.fromkeys([*source.split("; "), name])
        note_dataset(cursor, layer.id, synthetic=synthetic, source="; ".join(sources)[-1000:])

    def _refuse(self, problems: list[Problem]) -> None:
        self.result.bad += 1
        for problem in problems:
            self._report(problem)
            if len(self.result.problems) < KEPT:
                self.result.problems.append(problem)

    def _communes(self) -> dict[str, tuple[float, float]]:
        """A point in each commune: of the present ones from the layer, then the former ones."""
        places: dict[str, tuple[float, float]] = {}
        names: dict[str, list[tuple[float, float]]] = {}
        self._cursor.execute(
            "SELECT code, name, ST_X(p), ST_Y(p) FROM (SELECT code, name,"
            " ST_PointOnSurface(geom) AS p FROM layer.admin_units WHERE level = 'commune') AS c"
        )
        for code, name, lon, lat in self._cursor.fetchall():
            places[code] = (lon, lat)
            names.setdefault(fold(name), []).append((lon, lat))
        former: dict[str, list[tuple[float, float]]] = {}
        with self._province.communes_file.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                point = (float(row["lon"]), float(row["lat"]))
                places.setdefault(row["code"], point)
                former.setdefault(fold(row["name"]), []).append(point)
        # A name that several communes have tells no place.
        for name, points in (former | names).items():
            if len(points) == 1:
                places.setdefault(name, points[0])
        return places


def _values(row: Row, readers: list[tuple[str, Reader]]) -> tuple[list[Any], list[Problem]]:
    values: list[Any] = []
    problems: list[Problem] = []
    for name, reader in readers:
        given = row.values.get(name)
        try:
            values.append(reader.read(given))
        except Fault as fault:
            shown_value = "" if given is None else shown(given)
            problems.append(Problem(row.line, name, shown_value, fault.reason))
    if row.extra:
        reason = Fault("có nhiều ô hơn số cột", "has more cells than there are columns").reason
        problems.append(Problem(row.line, None, "", reason))
    return values, problems


def _batched(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
