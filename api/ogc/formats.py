"""Representations of features other than a GeoJSON page, and downloads of any size."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from api.negotiation import CSV, FLATGEOBUF, GEOJSONL, Media
from api.problems import Problem
from api.services import Services
from layers.exporting import Export, ExportError
from layers.layer import sql_type
from layers.pages import page_sql
from layers.query import Query, geometry_sql, select_sql, stream_sql, written_columns
from layers.roles import Caller
from spatial.sql import Sql, quote, sql

GEOPACKAGE = Media("gpkg", "application/geopackage+sqlite3", "GeoPackage")
PARQUET = Media("parquet", "application/vnd.apache.parquet", "GeoParquet")
XLSX = Media("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX")
FILE_MEDIA = (FLATGEOBUF, GEOPACKAGE, PARQUET, XLSX)
"""Written by GDAL or Arrow to a file before they are sent."""

RECORD_SEPARATOR = "\x1e"

_WRITING = asyncio.Semaphore(2)
"""A worker lets so many files be written at a time; each takes a process of some 130 MB."""


def attachment(query: Query, media: Media) -> dict[str, str]:
    """Headers of a download."""
    return {
        "Content-Crs": f"<{query.crs.uri}>",
        "Content-Disposition": f'attachment; filename="{query.layer.id}.{media.f}"',
    }


async def page(served: Services, query: Query, media: Media, caller: Caller) -> Response:
    """One page of features as CSV, GeoJSON text sequence or FlatGeobuf."""
    headers = {"Content-Crs": f"<{query.crs.uri}>"}
    if media is FLATGEOBUF:
        body = await served.database.value(flatgeobuf_sql(query), caller)
        return Response(body or b"", media_type=media.type, headers=headers)
    if media is GEOJSONL:
        rows = await served.database.fetch(page_sql(query), caller)
        text = "".join(f"{RECORD_SEPARATOR}{row[0]}\n" for row in rows[: query.limit])
        return Response(text, media_type=media.type, headers=headers)
    names, outputs = csv_columns(query)
    rows = await served.database.fetch(select_sql(query, outputs, paged=True), caller)
    return Response(_csv([names, *rows]), media_type=media.type, headers=headers)


async def whole(
    request: Request, served: Services, query: Query, media: Media, caller: Caller
) -> Response:
    """All features that match, streamed from a server-side cursor with flat memory."""
    headers = attachment(query, media)
    if media in FILE_MEDIA:
        # The server would open the file itself, some time after the task that removes it has run.
        request.scope.get("extensions", {}).pop("http.response.pathsend", None)
        return await _file(served, query, media, headers)
    if media is CSV:
        names, outputs = csv_columns(query)
        select = select_sql(query, outputs, paged=False)
        parts = _csv_stream(served, caller, names, select)
    elif media is GEOJSONL:
        parts = _sequence_stream(served, query, caller)
    else:
        parts = _geojson_stream(served, query, caller)
    # The first piece is made before the status is sent, so that an error is still a problem.
    first = await anext(parts)
    return StreamingResponse(_after(first, parts), media_type=media.type, headers=headers)


async def _after(first: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in parts:
        yield part


async def _geojson_stream(served: Services, query: Query, caller: Caller) -> AsyncIterator[bytes]:
    comma = b'{"type":"FeatureCollection","features":['
    async for rows in served.database.stream(stream_sql(query), caller):
        yield comma + ",".join([row[0] for row in rows]).encode()
        comma = b","
    yield b"]}" if comma == b"," else comma + b"]}"


async def _sequence_stream(served: Services, query: Query, caller: Caller) -> AsyncIterator[bytes]:
    async for rows in served.database.stream(stream_sql(query), caller):
        yield "".join(f"{RECORD_SEPARATOR}{row[0]}\n" for row in rows).encode()
    yield b""


async def _csv_stream(
    served: Services, caller: Caller, names: list[str], select: Sql
) -> AsyncIterator[bytes]:
    header: list[Any] = [names]
    async for rows in served.database.stream(select, caller):
        yield _csv(header + rows)
        header = []
    yield _csv(header)


def _csv(rows: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def csv_columns(query: Query) -> tuple[list[str], tuple[str, ...]]:
    """Header names and SQL of a CSV's columns.

    A point is two columns named for its axes (`lon`, `lat`, or `x`, `y`); any other geometry
    is WKT in `geometry`.
    """
    layer = query.layer
    names = list(dict.fromkeys((layer.id_column, *written_columns(query))))
    outputs = []
    for name in names:
        column = f"t.{quote(name)}"
        if sql_type(layer, name) == "timestamptz":
            column = f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        outputs.append(f"({column})::text")
    if query.geometry:
        geometry = geometry_sql(query)
        if layer.is_point:
            degrees = query.crs.decimals >= 6
            axes = ("lon", "lat") if degrees else ("x", "y")
            names += axes if query.crs.axis == "xy" else reversed(axes)
            for function in ("ST_X", "ST_Y"):
                value = f"{function}({geometry})::numeric"
                outputs.append(f"round({value}, {query.crs.decimals:d})::text")
        else:
            names.append("geometry")
            outputs.append(f"ST_AsText({geometry}, {query.crs.decimals:d})")
    return names, tuple(outputs)


def flatgeobuf_sql(query: Query) -> Sql:
    """One row: the page as FlatGeobuf with a spatial index, made by PostGIS.

    FlatGeobuf readers expect x before y whatever the authority says.
    """
    layer = query.layer
    names = list(dict.fromkeys((layer.id_column, *written_columns(query))))
    geometry = f"t.{quote(query.geometry_column)}"
    if query.crs.srid != 4326:
        geometry = f"ST_Transform({geometry}, {query.crs.srid:d})"
    outputs = [f"{geometry} AS geom"]
    for name in names:
        cast = "::text" if sql_type(layer, name) in ("uuid", "date") else ""
        outputs.append(f"t.{quote(name)}{cast} AS {quote(name)}")
    return sql(
        "SELECT ST_AsFlatGeobuf(r, true, 'geom') FROM ({}) AS r",
        select_sql(query, tuple(outputs), paged=True),
    )


async def _file(served: Services, query: Query, media: Media, headers: dict[str, str]) -> Response:
    """A download that another process writes to disk first; the file goes once it is sent."""
    url, zone = served.database.url, served.province.time_zone
    name = f"{query.layer.id}.{media.f}"
    return await sent(name, lambda path: Export(url, query, path, time_zone=zone), media, headers)


async def sent(
    name: str, made: Callable[[Path], Export], media: Media, headers: dict[str, str]
) -> Response:
    """A file of that name, written by an export; it goes once it is sent.

    Raises:
        Problem: 400, the format cannot hold it.
    """
    folder = tempfile.TemporaryDirectory(prefix="dieuhanh-export-")
    path = Path(folder.name) / name
    export = made(path)
    try:
        async with _WRITING:
            await _run(export)
    except BaseException as error:
        folder.cleanup()
        if isinstance(error, ExportError):
            raise Problem(400, str(error).rpartition(" / ")[2]) from error
        raise
    return FileResponse(
        path, media_type=media.type, headers=headers, background=BackgroundTask(folder.cleanup)
    )


async def _run(export: Export) -> None:
    """Wait for an export; where the client leaves, end its process first."""
    running = asyncio.ensure_future(asyncio.to_thread(export.run))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        export.cancel()
        await asyncio.wait([running])
        running.exception()
        raise
