"""`dieuhanh raster`: rasters that are served beside the layers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import uuid4

import typer
from rich.console import Console
from rich.table import Table

from api.cli.connected import connected
from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.cli.progress import progress_bar
from api.settings import Settings
from layers.layer import Text
from layers.rasters import files, registry, rows
from layers.rasters.intake import Bounds, take_in
from layers.rasters.raster import Entry, check_id
from spatial.crs import crs_from_uri
from spatial.errors import BadInput
from spatial.rasters.colours import RAMPS, Class, parse_class, parse_style
from spatial.rasters.facts import Facts

T = TypeVar("T")
console = Console(highlight=False, soft_wrap=True)
_commands = typer.Typer(help="Dữ liệu raster. Rasters.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="raster")


@_commands.command()
def add(
    file: Annotated[Path, typer.Argument(help="A GeoTIFF.")],
    name: Annotated[str, typer.Option("--id", help="a-z 0-9 _; in addresses.")],
    title: Annotated[str, typer.Option(help="Tên tiếng Việt.")],
    title_en: Annotated[str | None, typer.Option(help="The English title.")] = None,
    description: Annotated[str, typer.Option(help="Mô tả tiếng Việt.")] = "",
    description_en: Annotated[str, typer.Option(help="The English description.")] = "",
    unit: Annotated[str, typer.Option(help="Of the values, such as m.")] = "",
    ramp: Annotated[str, typer.Option(help=", ".join(RAMPS))] = "viridis",
    low: Annotated[float | None, typer.Option(help="Value of the first colour.")] = None,
    high: Annotated[float | None, typer.Option(help="Value of the last colour.")] = None,
    classes: Annotated[
        list[str] | None,
        typer.Option("--class", metavar="VALUE=COLOUR=LABEL", help="1=#2171b5=Ngập; repeatable."),
    ] = None,
    band: Annotated[int | None, typer.Option(help="Of a file with several.", min=1)] = None,
    crs: Annotated[str | None, typer.Option(help="If the file says none: EPSG:5899.")] = None,
    nodata: Annotated[float | None, typer.Option(help="If the file says none.")] = None,
    source: Annotated[str, typer.Option(help="Where it comes from.")] = "",
    licence: Annotated[str, typer.Option(help="Its terms.")] = "",
    for_staff: Annotated[bool, typer.Option("--staff", help="Not for the public.")] = False,
) -> None:
    """Check a GeoTIFF, keep it as a cloud-optimised one, and serve it as a collection."""
    from spatial.rasters.intake import Wish  # its library is large

    with use_database() as settings:
        require_migrated(settings)
        try:
            coloured = tuple(parse_class(each) for each in classes or ())
            parse_style(ramp, 0, 0, coloured)
            entry = Entry(
                check_id(name),
                Text(title, title_en or title),
                Text(description, description_en or description),
                unit,
                source,
                licence,
                not for_staff,
            )
            wish = Wish(
                settings.raster_pixels,
                settings.raster_mb * registry.MEGABYTE,
                band,
                None if crs is None else crs_from_uri(crs).srid,
                nodata,
                bool(coloured),
                unit,
                title,
            )
            facts = _taken(settings, file, wish, entry, (ramp, low, high, coloured))
        except BadInput as error:
            raise UserError(f"{file.name}: {error.vi} / {error.en}") from None
        except OSError as error:
            raise UserError(f"{error.filename}: {error.strerror}") from None
    console.print(
        f"Đã thêm {name}: {facts.width} × {facts.height} điểm ảnh, {facts.crs.name}"
        f" · added; values {facts.minimum:g} … {facts.maximum:g} {unit}".rstrip()
    )


def _taken(
    settings: Settings,
    file: Path,
    wish: Any,
    entry: Entry,
    colours: tuple[str, float | None, float | None, tuple[Class, ...]],
) -> Facts:
    bounds = Bounds(settings.raster_seconds, settings.analysis_mb, settings.raster_mb)
    made = files.workshop(settings.rasters) / f"{uuid4()}.part"
    ramp, low, high, classes = colours
    try:
        with progress_bar() as bar:
            task = bar.add_task(entry.title.vi, total=100)
            facts = take_in(
                file, made, wish, bounds, lambda done: bar.update(task, completed=int(done * 100))
            )
        style = parse_style(
            ramp,
            facts.low if low is None else low,
            facts.high if high is None else high,
            classes,
        )
        store = registry.Store(settings.rasters, settings.rasters_mb)
        run(
            settings,
            lambda connection: registry.register(connection, store, made, entry, facts, style),
        )
    finally:
        made.unlink(missing_ok=True)
    return facts


@_commands.command(name="list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout.")] = False,
) -> None:
    """List the rasters."""
    with use_database() as settings:
        require_migrated(settings)
        found = run(settings, rows.everything)
    if as_json:
        typer.echo(
            json.dumps(
                [
                    {
                        "id": one.id,
                        "title": {"vi": one.title.vi, "en": one.title.en},
                        "unit": one.unit,
                        "bytes": one.bytes,
                        "public": one.is_public,
                        "source": one.source,
                        **one.facts.to_json(),
                    }
                    for one in found
                ],
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    shown = Table("Raster", "Tên · title", "Hệ toạ độ · CRS", "Nguồn · source")
    shown.add_column("Điểm ảnh · pixels", justify="right")
    shown.add_column("MB", justify="right")
    for one in found:
        shown.add_row(
            one.id,
            f"{one.title.vi}\n[dim]{one.title.en}[/]",
            f"EPSG:{one.facts.srid}",
            one.source or "–",
            f"{one.facts.width} × {one.facts.height}",
            f"{one.bytes / registry.MEGABYTE:.1f}",
        )
    console.print(shown)


@_commands.command()
def remove(name: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Remove a raster and its file."""
    with use_database() as settings:
        require_migrated(settings)

        async def work(connection: Any) -> bool:
            async with connection.transaction():
                found = await rows.remove(connection, name)
                await files.sweep(connection, settings.rasters)
                return found

        if not run(settings, work):
            raise UserError(f"không có raster {name!r} / there is no raster {name!r}")
    console.print(f"Đã xóa · removed: {name}")


def run(settings: Settings, work: Callable[[Any], Awaitable[T]]) -> T:
    """Do something over a connection as the server itself.

    Raises:
        UserError: the database does not answer.
    """

    async def done() -> T:
        async with connected(settings) as connection:
            return await work(connection)

    return asyncio.run(done())
