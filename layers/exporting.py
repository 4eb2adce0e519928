"""Whole layers, or what a filter leaves of them, as files: streamed, at any size.

PostgreSQL reads as the role of the query's audience through a server-side cursor, so a file never
holds a column that its reader may not see, and memory stays flat.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import psycopg2
import pyarrow as pa
import pyarrow.parquet
import pyogrio
import pyproj
from psycopg2.extras import register_uuid

from layers.database import ROLES
from layers.layer import Column, Layer, sql_type
from layers.query import Query, geometry_sql, hits_sql, select_sql, stream_sql
from layers.workbook import MAX_ROWS, write_workbook
from spatial.crs import CRS84, Crs
from spatial.sql import Bound, Sql, quote

BATCH = 5_000
GEOMETRY = "geometry"

Progress = Callable[[int, int], None]
"""Told the features written and the features in all."""

_ARROW = {
    "int8": pa.int64(),
    "float8": pa.float64(),
    "bool": pa.bool_(),
    "timestamptz": pa.timestamp("ms", tz="UTC"),
    "date": pa.date32(),
}


class ExportError(ValueError):
    """The export cannot be written; the message says why."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What a writer needs: the query, with x before y, and the rows it gives."""

    cursor: Any
    query: Query
    path: Path
    total: int
    time_zone: tzinfo
    progress: Progress

    @property
    def layer(self) -> Layer:
        return self.query.layer

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns to write, the id among them."""
        wanted = self.query.properties
        return tuple(
            column
            for column in self.layer.readable(self.query.audience)
            if wanted is None or column.name in wanted or column.name == self.layer.id_column
        )

    def batches(self, sql: Sql) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a statement, some thousands at a time."""
        done = 0
        self.cursor.execute(*psycopg2_text(sql))
        while rows := self.cursor.fetchmany(BATCH):
            yield rows
            done += len(rows)
            self.progress(done, self.total)


def export_query(
    database_url: str,
    query: Query,
    path: Path,
    *,
    time_zone: tzinfo = UTC,
    progress: Progress = lambda done, total: None,
) -> int:
    """Write all features that a query matches to a file of the format its ending names.

    Coordinates are written x (east) before y (north), as GIS files have them, whatever the
    axis order of the query's CRS. The file appears under its name when it is complete.

    Args:
        database_url: a `postgresql://` address of a role that may become the reader's role.
        query: its page (limit, offset) is not applied.
        path: ends in .gpkg, .fgb, .parquet, .csv, .geojson or .xlsx; replaced if it is there.
        time_zone: the zone of times in XLSX, which knows none.
        progress: told how far the writing is.

    Returns how many features were written.

    Raises:
        ExportError: the ending names no format, the folder is not there, or XLSX cannot hold so
            many rows.
        psycopg2.Error: the database refused.
    """
    writer = writer_of(path)
    if not path.parent.is_dir():
        raise ExportError(f"Không có thư mục {path.parent} / there is no folder {path.parent}")
    query = replace(query, crs=replace(query.crs, axis="xy"))
    # A name of its own with the same ending: drivers go by the ending.
    part = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        with _reading(database_url, query) as (cursor, total):
            progress(0, total)
            writer(_Job(cursor, query, part, total, time_zone, progress))
        part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return total


def writer_of(path: Path) -> Callable[[_Job], None]:
    """The writer of the format that a file's ending names.

    Raises:
        ExportError: none does.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ExportError(
            f"Không rõ định dạng của {path.name}; các đuôi tệp dùng được: {', '.join(WRITERS)}"
            f" / the ending of {path.name} names no format; these do: {', '.join(WRITERS)}"
        )
    return writer


@contextmanager
def _reading(database_url: str, query: Query) -> Iterator[tuple[Any, int]]:
    """A server-side cursor that reads as the audience's role, and the number of matches.

    One snapshot serves the count and the rows.
    """
    connection = psycopg2.connect(database_url, application_name="dieuhanh export")
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        register_uuid(conn_or_curs=connection)
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {quote(ROLES[query.audience])}")
            cursor.execute("SET LOCAL search_path = public")
            cursor.execute("SET LOCAL timezone = 'UTC'")
            cursor.execute(*psycopg2_text(hits_sql(query)))
            total = int(cursor.fetchone()[0])
        with connection.cursor("export") as cursor:
            yield cursor, total
    finally:
        connection.close()


def psycopg2_text(sql: Sql) -> tuple[str, list[Any]]:
    """The statement with psycopg2's placeholders, and its values."""
    text: list[str] = []
    values: list[Any] = []
    for part in sql.parts:
        if isinstance(part, Bound):
            text.append(f"%s::{part.type}")
            values.append(part.value)
        else:
            text.append(part.replace("%", "%%"))
    return "".join(text), values


def _outputs(job: _Job) -> tuple[str, ...]:
    """SQL of the columns, as Arrow takes them."""
    return tuple(
        f"t.{quote(column.name)}{'::text' if _arrow(job.layer, column) == pa.string() else ''}"
        for column in job.columns
    )


def _arrow(layer: Layer, column: Column) -> pa.DataType:
    return _ARROW.get(sql_type(layer, column.name), pa.string())


def _arrow_batches(job: _Job) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The rows as Arrow, the last column the geometry in WKB."""
    fields = [pa.field(column.name, _arrow(job.layer, column)) for column in job.columns]
    marks = {"ARROW:extension:name": "geoarrow.wkb"}
    schema = pa.schema([*fields, pa.field(GEOMETRY, pa.binary(), metadata=marks)])
    geometry = f"ST_AsBinary({geometry_sql(job.query)}, 'NDR')"
    sql = select_sql(job.query, (*_outputs(job), geometry), paged=False)

    def batches() -> Iterator[pa.RecordBatch]:
        for rows in job.batches(sql):
            *values, shapes = zip(*rows, strict=True)
            arrays = [
                pa.array(column, field.type) for column, field in zip(values, fields, strict=True)
            ]
            octets = pa.array([None if one is None else bytes(one) for one in shapes], pa.binary())
            yield pa.record_batch([*arrays, octets], schema=schema)

    return schema, batches()


def _write_gdal(driver: str, **options: str) -> Callable[[_Job], None]:
    def write(job: _Job) -> None:
        schema, batches = _arrow_batches(job)
        failure: list[BaseException] = []

        def watched() -> Iterator[pa.RecordBatch]:
            # GDAL reports an exception of the stream as an error of its own.
            try:
                yield from batches
            except BaseException as error:
                failure.append(error)
                raise

        try:
            pyogrio.write_arrow(
                pa.RecordBatchReader.from_batches(schema, watched()),
                job.path,
                layer=job.layer.id,
                driver=driver,
                geometry_name=GEOMETRY,
                geometry_type=job.layer.geometry_type.replace("Geometry", "Unknown"),
                crs=_crs_name(job.query.crs),
                **options,
            )
        except Exception:
            if failure:
                raise failure[0] from None
            raise

    return write


def _crs_name(crs: Crs) -> str:
    return f"EPSG:{crs.srid}"


def _write_parquet(job: _Job) -> None:
    """GeoParquet 1.1.0 with WKB; the bounds are known, and written, at the end."""
    schema, batches = _arrow_batches(job)
    outputs = tuple(f"ST_{side}(e)" for side in ("XMin", "YMin", "XMax", "YMax"))
    plain = schema.set(len(schema) - 1, pa.field(GEOMETRY, pa.binary()))
    with pyarrow.parquet.ParquetWriter(job.path, plain, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(pa.record_batch(batch.columns, schema=plain))
        description: dict[str, Any] = {
            "encoding": "WKB",
            "geometry_types": _geometry_types(job.layer),
        }
        if job.query.crs.srid != CRS84.srid:  # the default is CRS84
            crs = pyproj.CRS.from_epsg(job.query.crs.srid)
            description["crs"] = crs.to_json_dict()
        box = _bounds(job, outputs)
        if box is not None:
            description["bbox"] = box
        geo = {
            "version": "1.1.0",
            "primary_column": GEOMETRY,
            "columns": {GEOMETRY: description},
        }
        writer.add_key_value_metadata({"geo": json.dumps(geo)})


def _geometry_types(layer: Layer) -> list[str]:
    return [] if layer.geometry_type == "Geometry" else [layer.geometry_type]


def _bounds(job: _Job, outputs: tuple[str, ...]) -> list[float] | None:
    inner = select_sql(job.query, (f"{geometry_sql(job.query)} AS g",), paged=False)
    head = f"SELECT {', '.join(outputs)} FROM (SELECT ST_Extent(g) AS e FROM ("
    text, values = psycopg2_text(Sql((head,)) + inner + Sql((") AS shapes) AS bounds",)))
    with job.cursor.connection.cursor() as cursor:
        cursor.execute(text, values)
        row = cursor.fetchone()
    return None if row[0] is None else list(row)


def _write_csv(job: _Job) -> None:
    """UTF-8 with a byte order mark, so that Excel shows Vietnamese letters."""
    names, outputs = _tabular(job, wkt=True)
    sql = select_sql(job.query, outputs, paged=False)
    with job.path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for rows in job.batches(sql):
            writer.writerows([_csv_value(value) for value in row] for row in rows)


def _csv_value(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def _tabular(job: _Job, *, wkt: bool) -> tuple[list[str], tuple[str, ...]]:
    """The names and the SQL of the columns of a table; coordinates, or WKT, come last.

    Without `wkt`, a line or an area is told by a point on it: a cell of XLSX is too small.
    """
    names = [column.name for column in job.columns]
    geometry = geometry_sql(job.query)
    if job.layer.is_point or not wkt:
        if not job.layer.is_point:
            geometry = f"ST_PointOnSurface({geometry})"
        axes = ["lon", "lat"] if job.query.crs.geographic else ["x", "y"]
        return [*names, *axes], (*_outputs(job), f"ST_X({geometry})", f"ST_Y({geometry})")
    text = f"ST_AsText({geometry}, {job.query.crs.decimals})"
    return [*names, "wkt"], (*_outputs(job), text)


def _write_xlsx(job: _Job) -> None:
    if job.total > MAX_ROWS:
        raise ExportError(
            f"XLSX chứa được nhiều nhất {MAX_ROWS:,} dòng, lớp này có {job.total:,};"
            " hãy lọc bớt hoặc dùng .gpkg, .csv"
            f" / XLSX holds {MAX_ROWS:,} rows at most and there are {job.total:,};"
            " filter them, or write .gpkg or .csv"
        )
    names, outputs = _tabular(job, wkt=False)
    rows = job.batches(select_sql(job.query, outputs, paged=False))
    write_workbook(
        job.path,
        job.layer,
        names,
        (row for batch in rows for row in batch),
        job.columns,
        job.time_zone,
    )


def _write_geojson(job: _Job) -> None:
    """RFC 7946; a CRS other than CRS84 is named by the `crs` member that GDAL and QGIS read."""
    head = '{"type":"FeatureCollection","name":' + json.dumps(job.layer.id)
    if job.query.crs.srid != CRS84.srid:
        name = {"name": f"urn:ogc:def:crs:EPSG::{job.query.crs.srid}"}
        head += ',"crs":' + json.dumps({"type": "name", "properties": name})
    with job.path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{head},"features":[')
        separator = "\n"
        for rows in job.batches(stream_sql(job.query)):
            file.write(separator + ",\n".join(feature for (feature,) in rows))
            separator = ",\n"
        file.write("\n]}\n")


WRITERS: dict[str, Callable[[_Job], None]] = {
    ".gpkg": _write_gdal("GPKG"),
    ".fgb": _write_gdal("FlatGeobuf"),
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".geojson": _write_geojson,
    ".xlsx": _write_xlsx,
}
"""How each format is written, by the file's ending."""
