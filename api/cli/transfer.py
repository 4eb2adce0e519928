"""`dieuhanh export` and `dieuhanh import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.cli.progress import progress_bar
from api.ogc.items import queryables
from layers.catalogue import CATALOGUE
from layers.exporting import ExportError, export_query, writer_of
from layers.layer import Layer
from layers.province import load_province
from layers.query import Query
from spatial.bbox import parse_bbox
from spatial.cql2 import compile_filter, parse_filter
from spatial.crs import CRS84, crs_from_uri
from spatial.errors import BadInput
from spatial.temporal import parse_datetime

console = Console(highlight=False)

LayerName = Annotated[str, typer.Argument(metavar="LAYER", help="The layer's id.")]
CrsName = Annotated[str | None, typer.Option(help="For example EPSG:5899.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(name="export")(export_command)


def layer_of(name: str) -> Layer:
    """The layer of that id.

    Raises:
        UserError: there is none.
    """
    layer = CATALOGUE.get(name)
    if layer is None:
        raise UserError(
            f"Không có lớp {name!r}; các lớp: {', '.join(CATALOGUE)}"
            f" / there is no layer {name!r}; the layers are {', '.join(CATALOGUE)}"
        )
    return layer


def export_command(
    name: LayerName,
    file: Annotated[Path, typer.Argument(help=".gpkg .fgb .parquet .csv .geojson .xlsx")],
    filter_: Annotated[str | None, typer.Option("--filter", help="CQL2 text.")] = None,
    bbox: Annotated[str | None, typer.Option(help="west,south,east,north in degrees.")] = None,
    datetime_: Annotated[
        str | None, typer.Option("--datetime", help="An RFC 3339 time, or an interval a/b.")
    ] = None,
    columns: Annotated[str | None, typer.Option(help="Names, separated by commas.")] = None,
    crs: CrsName = None,
) -> None:
    """Write a layer's public columns to a file, streaming, at any size."""
    layer = layer_of(name)
    try:
        writer_of(file)
        query = _query(layer, filter_, bbox, datetime_, columns, crs)
    except BadInput as error:
        raise UserError(f"{error.vi} / {error.en}") from None
    except ExportError as error:
        raise UserError(str(error)) from None
    with use_database() as settings, progress_bar() as bar:
        require_migrated(settings)
        task = bar.add_task(layer.title.vi)
        try:
            count = export_query(
                settings.database_url,
                query,
                file,
                time_zone=load_province(settings.province_folder).time_zone,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        except ExportError as error:
            raise UserError(str(error)) from None
        except OSError as error:
            raise UserError(f"{file}: {error.strerror}") from None
    console.print(f"Đã ghi {count:,} đối tượng vào {file} · {count:,} features written")


def _query(
    layer: Layer,
    filter_: str | None,
    bbox: str | None,
    datetime_: str | None,
    columns: str | None,
    crs: str | None,
) -> Query:
    if datetime_ is not None and not layer.time_columns:
        raise BadInput(
            f"the layer {layer.id} has no time", f"lớp {layer.id} không có cột thời gian"
        )
    compiled = None
    if filter_ is not None:
        compiled = compile_filter(parse_filter(filter_, "cql2-text"), queryables(layer), CRS84)
    return Query(
        layer,
        filter=compiled,
        bbox=None if bbox is None else parse_bbox(bbox),
        interval=None if datetime_ is None else parse_datetime(datetime_),
        properties=None if columns is None else _names(layer, columns),
        crs=CRS84 if crs is None else crs_from_uri(crs),
    )


def _names(layer: Layer, columns: str) -> tuple[str, ...]:
    readable = [column.name for column in layer.readable()]
    names = tuple(name.strip() for name in columns.split(",") if name.strip())
    for name in names:
        if name not in readable:
            raise BadInput(
                f"the layer {layer.id} has no column {name!r}; it has {', '.join(readable)}",
                f"lớp {layer.id} không có cột {name!r}; các cột: {', '.join(readable)}",
            )
    return names
