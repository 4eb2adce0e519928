"""`dieuhanh analyse`: the processes of the API, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.cli.progress import progress_bar
from layers.analysis.processes import process_of
from layers.province import load_province
from layers.roles import Caller, Role
from spatial.errors import BadInput

console = Console(highlight=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="analyse")(analyse)


def analyse(
    process_name: Annotated[str, typer.Argument(metavar="PROCESS", help="For example hotspots.")],
    file: Annotated[Path, typer.Argument(help="Where the result goes: .geojson or .json.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="NAME=VALUE", help="An input; may be repeated."),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(
            help="GeoParquet file or folder whose events are counted, in place of the layer's;"
            " by the workers of DIEUHANH_DASK_SCHEDULER where it is set."
        ),
    ] = None,
) -> None:
    """Run a process on the layers and write its result, with how it was made, to a file."""
    # psycopg2 and the statistics are large, and the server is started from this command line.
    import psycopg2

    from layers.analysis.archive import Archive
    from layers.analysis.perform import perform
    from layers.analysis.reading import layer_of, query_of

    caller = Caller(role=Role.ANALYST)
    if not file.parent.is_dir():
        raise UserError(f"không có thư mục {file.parent} / there is no folder {file.parent}")
    try:
        process = process_of(process_name)
        asked = process.read(_values(inputs or []))
        query_of(layer_of(asked), asked, caller)
        if archive is not None:
            # What it lacks is said before anything begins.
            _ = Archive(archive).schema
    except BadInput as error:
        raise UserError(f"{error.vi} / {error.en}") from None
    with use_database() as settings, progress_bar() as bar:
        require_migrated(settings)
        task = bar.add_task(process.title.vi, total=100)
        try:
            result = perform(
                process,
                asked,
                database_url=settings.database_url,
                province=load_province(settings.province_folder),
                caller=caller,
                step=lambda done: bar.update(task, completed=int(done * 100)),
                archive=None if archive is None else Archive(archive, settings.dask_scheduler),
            )
            file.write_bytes(result.body)
        except BadInput as error:
            raise UserError(f"{error.vi} / {error.en}") from None
        except psycopg2.Error as error:
            raise UserError(f"PostgreSQL: {str(error).strip().splitlines()[0]}") from None
        except OSError as error:
            raise UserError(f"{file}: {error.strerror}") from None
    console.print_json(orjson.dumps(dict(result.summary)).decode())


def _values(inputs: list[str]) -> dict[str, object]:
    """Inputs by their names: a value is JSON if it is one, else text."""
    values: dict[str, object] = {}
    for given in inputs:
        name, separator, text = given.partition("=")
        if not separator:
            raise UserError(f"--input {given!r}: phải là NAME=VALUE / must be NAME=VALUE")
        try:
            values[name] = orjson.loads(text)
        except orjson.JSONDecodeError:
            values[name] = text
    return values
