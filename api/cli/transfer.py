"""`dieuhanh export` and `dieuhanh import`."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.cli.progress import progress_bar
from layers.catalogue import CATALOGUE
from layers.database import DatabaseUnavailable
from layers.exporting import ExportError, export_query, require_format
from layers.layer import Layer
from layers.province import load_province
from layers.query import Query
from layers.queryables import queryables
from spatial.bbox import parse_bbox
from spatial.cql2 import compile_filter, parse_filter
from spatial.crs import CRS84, crs_from_uri
from spatial.errors import BadInput
from spatial.temporal import parse_datetime

if TYPE_CHECKING:
    from layers.importing import ImportResult, Problem
    from layers.importing.forms import ReadForm

console = Console(highlight=False, soft_wrap=True)
SHOWN = 50
"""Problems shown on the terminal; `--report` has all."""

LayerName = Annotated[str, typer.Argument(metavar="LAYER", help="The layer's id.")]
CrsName = Annotated[str | None, typer.Option(help="For example EPSG:5899.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(name="export")(export_command)
    app.command(name="import")(import_command)


class OnConflict(StrEnum):
    """What becomes of a row that is there already."""

    UPDATE = "update"
    FAIL = "fail"


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
        require_format(file)
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
        except DatabaseUnavailable as error:
            raise UserError(f"PostgreSQL: {str(error).splitlines()[0]}") from None
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


def import_command(
    name: LayerName,
    file: Annotated[Path, typer.Argument(help=".geojson .gpkg .shp .zip .csv .xlsx")],
    valid_only: Annotated[
        bool, typer.Option("--valid-only", help="Write the good rows, leave out the bad ones.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and write nothing.")
    ] = False,
    crs: Annotated[
        str | None, typer.Option(help="Any CRS that PROJ knows; else the file's own.")
    ] = None,
    on_conflict: Annotated[
        OnConflict, typer.Option(help="A row whose id or code is there already.")
    ] = OnConflict.UPDATE,
    sheet: Annotated[
        str | None, typer.Option(help="The sheet or layer, where the file has several.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write every problem to this CSV file.")
    ] = None,
) -> None:
    """Write the rows of a file to a layer: all or nothing, each bad row with its reason."""
    # GDAL is large, and the server is started from this command line.
    import psycopg2

    from layers.importing import ImportFailed, import_file

    layer = layer_of(name)
    with use_database() as settings, progress_bar() as bar, _reporting(report) as reporter:
        require_migrated(settings)
        task = bar.add_task(layer.title.vi, total=None)
        try:
            result = import_file(
                settings.database_url,
                load_province(settings.province_folder),
                layer,
                file,
                crs=crs,
                part=sheet,
                valid_only=valid_only,
                update=on_conflict is OnConflict.UPDATE,
                dry_run=dry_run,
                report=reporter,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        except ImportFailed as error:
            raise UserError(f"{error.vi} / {error.en}") from None
        except psycopg2.Error as error:
            raise UserError(f"PostgreSQL: {str(error).strip().splitlines()[0]}") from None
    _tell(result, refused=result.bad > 0 and not valid_only)


@contextmanager
def _reporting(path: Path | None) -> Iterator[Callable[[Problem], None]]:
    if path is None:
        yield lambda problem: None
        return
    try:
        file = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    with file:
        writer = csv.writer(file)
        writer.writerow(["line", "column", "value", "lý do", "reason"])

        def write(problem: Problem) -> None:
            reason = problem.reason
            writer.writerow(
                [problem.line, problem.column or "", problem.value, reason.vi, reason.en]
            )

        yield write


def show_problems(problems: Sequence[Problem]) -> None:
    """Show the first of a file's problems, by row and column."""
    if not problems:
        return
    shown = Table("Dòng · line", "Cột · column", "Giá trị · value", "Lý do · reason")
    for problem in problems[:SHOWN]:
        reason = Text(f"{problem.reason.vi}\n{problem.reason.en}")
        shown.add_row(str(problem.line), Text(problem.column or ""), Text(problem.value), reason)
    console.print(shown)


def show_ignored(columns: Sequence[str]) -> None:
    """Say which columns of a file are not read."""
    if columns:
        names = ", ".join(columns)
        console.print(f"Bỏ qua các cột · columns ignored: {names}", markup=False)


def tell_form(read: ReadForm[Any], new: int, *, dry_run: bool) -> None:
    """Say what came of a form, of which so many rows were new.

    Raises:
        UserError: rows have problems.
    """
    show_ignored(read.ignored)
    show_problems(read.problems)
    if read.bad:
        raise UserError(
            f"{read.bad:,} / {read.rows:,} dòng có lỗi, không ghi dòng nào"
            f" / {read.bad:,} of {read.rows:,} rows have problems and none was written"
        )
    done = "Không ghi (thử) · dry run, not written" if dry_run else "Đã ghi · written"
    console.print(f"{done}: {new:,} mới · new, {read.rows - new:,} đã có · known")


def _tell(result: ImportResult, *, refused: bool) -> None:
    show_ignored(result.ignored)
    show_problems(result.problems)
    if refused:
        raise UserError(
            f"{result.bad:,} / {result.read:,} dòng có lỗi, không ghi dòng nào;"
            " sửa tệp hoặc thêm --valid-only"
            f" / {result.bad:,} of {result.read:,} rows have problems and none was written;"
            " mend the file or give --valid-only"
        )
    same = result.read - result.bad - result.inserted - result.updated
    done = "Đã ghi · written" if result.written else "Không ghi (thử) · dry run, not written"
    console.print(
        f"{done}: {result.inserted:,} mới · new, {result.updated:,} cập nhật · updated,"
        f" {same:,} không đổi · unchanged, {result.bad:,} bỏ · left out"
    )
