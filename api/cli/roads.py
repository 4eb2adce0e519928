"""`dieuhanh roads`: the road graph by which the nearest teams are found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.cli.database import connection, require_migrated, use_database
from api.cli.errors import UserError
from layers.province import load_province

WIDEST_M = 100.0
_commands = typer.Typer(help="The road graph.", no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="roads")


@_commands.callback()
def _group() -> None:
    """Keeps `import` a command of its own while it is the only one."""


@_commands.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help=".gpkg .geojson .fgb .shp .zip: lines")],
    speed_column: Annotated[str | None, typer.Option(help="Column of km/h.")] = None,
    oneway_column: Annotated[str | None, typer.Option(help="Column of yes, no, -1.")] = None,
    default_speed: Annotated[
        float, typer.Option(help="km/h where the file says none.", min=1, max=130)
    ] = 30.0,
    tolerance: Annotated[
        float, typer.Option(help="Metres within which ends meet.", min=0, max=WIDEST_M)
    ] = 1.0,
    crs: Annotated[str | None, typer.Option(help="For example EPSG:5899.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The layer, where there are several.")] = None,
) -> None:
    """Put the roads of a file in the place of the graph before: all of them, or none."""
    # Here, so that a worker does not load what only this command needs.
    from layers.importing.problems import ImportFailed
    from layers.roads.loading import load
    from layers.roads.reading import BadRoads, Columns, read_roads

    with use_database() as settings:
        require_migrated(settings)
        try:
            roads = read_roads(
                file,
                Columns(speed_column, oneway_column),
                default_speed,
                crs,
                sheet,
                settings.road_lines,
            )
        except BadRoads as error:
            raise UserError(f"{file.name}: {error.vi} / {error.en}") from None
        except ImportFailed as error:
            raise UserError(f"{error.vi} / {error.en}") from None
        srid = load_province(settings.province_folder).metric_srid
        with connection(settings.database_url) as opened:
            made = load(opened, roads, srid, tolerance)
            opened.commit()
    console.print(f"Đã nạp {made.edges:,} đoạn, {made.nodes:,} nút · edges and nodes loaded")
    if not made.has_routing:
        console.print(
            "Máy chủ chưa có pgRouting: đội gần nhất vẫn tính theo đường thẳng"
            " · the server has no pgRouting: the nearest teams are by straight line still"
        )
