"""Whole layers, or what a filter leaves of them, as files: streamed, at any size.

A process of its own writes the file (`layers.writing`), since the libraries for it take more
memory than all else here and would keep it. It reads as the role of the query's audience, so a
file never holds a column that its reader may not see.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from layers.database import DatabaseUnavailable
from layers.layer import Column, sql_type
from layers.query import Query, geometry_sql, hits_sql, select_sql, stream_sql
from layers.roles import READER
from layers.writing.plan import BATCH, MAX_ROWS, NATIVE, Field, Plan, Statement
from layers.writing.plan import ExportError as ExportError
from spatial.crs import CRS84
from spatial.sql import Bound, Sql, quote

ROOT = Path(__file__).resolve().parent.parent

TABLES = (".csv", ".xlsx")
ENDINGS = (".gpkg", ".fgb", ".parquet", ".csv", ".geojson", ".xlsx")

ROW_GROUP = 10_000
"""Rows that GeoParquet keeps together, and therefore in memory at a time."""

# Allocators that keep what was freed, for each thread or for later, serve no one here.
_FRUGAL = {"MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}

Progress = Callable[[int, int], None]
"""Told the features written and the features in all."""


def export_query(
    database_url: str,
    query: Query,
    path: Path,
    *,
    time_zone: tzinfo = UTC,
    progress: Progress = lambda done, total: None,
) -> int:
    """Write all features that a query matches to a file; see `Export`. Returns how many."""
    return Export(database_url, query, path, time_zone=time_zone).run(progress)


class Export:
    """The writing of all features that a query matches to a file of the format its ending names.

    `planned` makes one of a plan that says all by itself.

    Coordinates are written x (east) before y (north), as GIS files have them, whatever the
    axis order of the query's CRS. The file appears under its name when it is complete.

    Args:
        database_url: a `postgresql://` address of a role that may become the reader's role.
        query: its page (limit, offset) is not applied.
        path: ends in .gpkg, .fgb, .parquet, .csv, .geojson or .xlsx; replaced if it is there.
        time_zone: the zone of times in XLSX, which knows none.

    Raises:
        ExportError: the ending names no format, or the folder is not there.
    """

    def __init__(
        self, database_url: str, query: Query, path: Path, *, time_zone: tzinfo = UTC
    ) -> None:
        require_format(path)
        if not path.parent.is_dir():
            raise ExportError(f"Không có thư mục {path.parent} / there is no folder {path.parent}")
        self._begin(plan(database_url, query, path.absolute(), time_zone))

    @classmethod
    def planned(cls, plan: Plan) -> Export:
        """The writing of the file of a plan."""
        made = cls.__new__(cls)
        made._begin(plan)
        return made

    def _begin(self, plan: Plan) -> None:
        self._path = plan.path.absolute()
        self._plan = plan
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = False

    def run(self, progress: Progress = lambda done, total: None) -> int:
        """Write the file and return how many features it holds.

        Args:
            progress: told how far the writing is.

        Raises:
            ExportError: XLSX cannot hold so many rows, or the export was cancelled.
            OSError: the file cannot be written.
            DatabaseUnavailable: the database does not answer.
            RuntimeError: the writer failed.
        """
        # In the folder of the file, so that it can be moved there whole.
        with tempfile.TemporaryDirectory(prefix=".export-", dir=self._path.parent) as folder:
            part = Path(folder) / self._path.name
            try:
                total = self._write(replace(self._plan, path=part), progress)
            finally:
                self.cancel()
            part.replace(self._path)
        return total

    def cancel(self) -> None:
        """End the writing at once; from any thread, also before `run`."""
        with self._lock:
            self._cancelled = True
            if self._process is not None:
                self._process.kill()
                self._process.wait()

    def _write(self, work: Plan, progress: Progress) -> int:
        with self._lock:
            if self._cancelled:
                raise ExportError("the export was cancelled")
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "layers.writing"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
                env={**os.environ, **_FRUGAL},
            )
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdin, process.stdout:
            process.stdin.write(pickle.dumps(work))
            process.stdin.close()
            while True:
                try:
                    kind, what = pickle.load(process.stdout)
                except (EOFError, pickle.UnpicklingError):
                    status = process.wait()
                    raise RuntimeError(f"the writer ended with status {status}") from None
                if kind == "progress":
                    progress(*what)
                else:
                    return _outcome(kind, what)


def _outcome(kind: str, what: Any) -> int:
    if kind == "written":
        return int(what)
    if kind == "unavailable":
        raise DatabaseUnavailable(what)
    if kind == "refused":
        raise what
    raise RuntimeError(what)


def require_format(path: Path) -> None:
    """Check that a file's ending names a format.

    Raises:
        ExportError: it does not.
    """
    if path.suffix.lower() not in ENDINGS:
        raise ExportError(
            f"Không rõ định dạng của {path.name}; các đuôi tệp dùng được: {', '.join(ENDINGS)}"
            f" / the ending of {path.name} names no format; these do: {', '.join(ENDINGS)}"
        )


def plan(database_url: str, query: Query, path: Path, time_zone: tzinfo) -> Plan:
    """What to write, without the records: SQL with its values, names and types."""
    query = replace(query, crs=replace(query.crs, axis="xy"))
    layer, ending = query.layer, path.suffix.lower()
    common = Plan(
        database_url=database_url,
        role=READER[query.audience].database_role,
        count=psycopg2_text(hits_sql(query)),
        rows=psycopg2_text(stream_sql(query)),
        path=path,
        layer=layer.id,
        geometry_type=layer.geometry_type,
        crs=query.crs.srid,
        named_crs=query.crs.srid != CRS84.srid,
        time_zone=time_zone,
        batch=BATCH,
    )
    if ending == ".geojson":
        return common
    columns = _columns(query)
    fields = tuple(Field(one.name, sql_type(layer, one.name)) for one in columns)
    outputs = tuple(
        f"t.{quote(one.name)}{'' if one.kind in NATIVE else '::text'}" for one in fields
    )
    if ending in TABLES:
        heads, places = _places(query, wkt=ending == ".csv")
        sheet = ending == ".xlsx"
        return replace(
            common,
            heads=(*(one.name for one in fields), *heads),
            rows=psycopg2_text(select_sql(query, (*outputs, *places), paged=False)),
            notes=notes(columns) if sheet else (),
            most=MAX_ROWS if sheet else None,
        )
    octets = f"ST_AsBinary({geometry_sql(query)}, 'NDR')"
    return replace(
        common,
        fields=fields,
        rows=psycopg2_text(select_sql(query, (*outputs, octets), paged=False)),
        bounds=_bounds(query) if ending == ".parquet" else None,
        batch=ROW_GROUP if ending == ".parquet" else BATCH,
    )


def psycopg2_text(sql: Sql) -> Statement:
    """The statement with psycopg2's marks for parameters, and its values."""
    text: list[str] = []
    values: list[Any] = []
    for part in sql.parts:
        if isinstance(part, Bound):
            text.append(f"%s::{part.type}")
            # It would write a tuple as a row.
            values.append(list(part.value) if isinstance(part.value, tuple) else part.value)
        else:
            text.append(part.replace("%", "%%"))
    return "".join(text), values


def _columns(query: Query) -> tuple[Column, ...]:
    """The columns to write, the id among them."""
    wanted = query.properties
    return tuple(
        column
        for column in query.layer.readable(query.audience)
        if wanted is None or column.name in wanted or column.name == query.layer.id_column
    )


def _bounds(query: Query) -> Statement:
    inner = select_sql(query, (f"{geometry_sql(query)} AS g",), paged=False)
    sides = ", ".join(f"ST_{side}(e)" for side in ("XMin", "YMin", "XMax", "YMax"))
    head = f"SELECT {sides} FROM (SELECT ST_Extent(g) AS e FROM ("
    return psycopg2_text(Sql((head,)) + inner + Sql((") AS shapes) AS bounds",)))


def _places(query: Query, *, wkt: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names and the SQL of a table's last columns: coordinates, or WKT.

    Without `wkt`, a line or an area is told by a point on it: a cell of XLSX is too small.
    """
    geometry = geometry_sql(query)
    if query.layer.is_point or not wkt:
        if not query.layer.is_point:
            geometry = f"ST_PointOnSurface({geometry})"
        axes = ("lon", "lat") if query.crs.geographic else ("x", "y")
        return axes, (f"ST_X({geometry})", f"ST_Y({geometry})")
    return ("wkt",), (f"ST_AsText({geometry}, {query.crs.decimals})",)


def notes(columns: tuple[Column, ...]) -> tuple[tuple[str, ...], ...]:
    """The rows of a workbook's sheet that explains its columns."""
    rows = [("name", "Tên", "Title", "Đơn vị · unit", "Giá trị · values")]
    for column in columns:
        codes = column.codes.codes if column.codes else ()
        values = "; ".join(f"{code.value} = {code.title.vi} · {code.title.en}" for code in codes)
        rows.append((column.name, column.title.vi, column.title.en, column.unit or "", values))
    return tuple(rows)
