"""`dieuhanh analyse`: the processes of the API, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.cli.progress import progress_bar
from api.settings import Settings
from layers.analysis.inputs import Inputs
from layers.analysis.processes import Process, process_of
from layers.analysis.results import Result
from layers.layer import Text
from layers.province import load_province
from layers.rasters.registry import SUMMARY
from layers.roles import ANYONE, Caller, Role
from spatial.errors import BadInput

ABOUT = (SUMMARY, "provenance")
"""What the file itself says."""
console = Console(highlight=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="analyse")(analyse)


def analyse(
    process_name: Annotated[str, typer.Argument(metavar="PROCESS", help="For example hotspots.")],
    file: Annotated[Path, typer.Argument(help="Where the result goes: .geojson, .json or .tif.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="NAME=VALUE", help="An input; may be repeated."),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Read only what the public may read.")
    ] = False,
    keep: Annotated[
        str | None, typer.Option(metavar="ID", help="Serve the raster as a collection too.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Its Vietnamese title.")] = None,
    title_en: Annotated[str | None, typer.Option(help="Its English title.")] = None,
) -> None:
    """Run a process on the layers and write its result, with how it was made, to a file."""
    if keep is not None and title is None:
        raise UserError("--keep: hãy thêm --title / add --title")
    caller = ANYONE if public else Caller(role=Role.ANALYST)
    if not file.parent.is_dir():
        raise UserError(f"không có thư mục {file.parent} / there is no folder {file.parent}")
    process, asked = asked_of(process_name, inputs or [], caller)
    with use_database() as settings:
        require_migrated(settings)
        result = performed(settings, process, asked, caller)
        try:
            file.write_bytes(result.body)
            if keep is not None:
                _keep(settings, keep, Text(title or "", title_en or title or ""), result)
        except BadInput as error:
            raise UserError(f"{error.vi} / {error.en}") from None
        except OSError as error:
            raise UserError(f"{file}: {error.strerror}") from None
    summary = {name: value for name, value in result.summary.items() if name not in ABOUT}
    console.print_json(orjson.dumps(summary).decode())


def asked_of(process_name: str, inputs: list[str], caller: Caller) -> tuple[Process, Inputs]:
    """A process and what it is asked, checked before any work.

    Args:
        inputs: each `NAME=VALUE`.

    Raises:
        UserError: there is no such process, or an input breaks its rule.
    """
    from layers.analysis.reading import layer_of, query_of

    try:
        process = process_of(process_name)
        asked = process.read(_values(inputs))
        query_of(layer_of(asked), asked, caller)
    except BadInput as error:
        raise UserError(f"{error.vi} / {error.en}") from None
    return process, asked


def performed(settings: Settings, process: Process, asked: Inputs, caller: Caller) -> Result:
    """The result of a process, with a bar that shows how far it is.

    Raises:
        UserError: the inputs cannot be met, or the database does not answer.
    """
    # psycopg2 and the statistics are large, and the server is started from this command line.
    import psycopg2

    from layers.analysis.perform import perform

    with progress_bar() as bar:
        task = bar.add_task(process.title.vi, total=100)
        try:
            return perform(
                process,
                asked,
                database_url=settings.database_url,
                province=load_province(settings.province_folder),
                caller=caller,
                rasters=settings.rasters,
                step=lambda done: bar.update(task, completed=int(done * 100)),
            )
        except BadInput as error:
            raise UserError(f"{error.vi} / {error.en}") from None
        except psycopg2.Error as error:
            raise UserError(f"PostgreSQL: {str(error).strip().splitlines()[0]}") from None


def _keep(settings: Settings, name: str, title: Text, result: Result) -> None:
    """Serve a result as a raster."""
    from api.cli.raster import run
    from layers.rasters import registry, rows
    from layers.rasters.raster import Entry, check_id

    entry = Entry(check_id(name), title)
    store = registry.Store(settings.rasters, settings.rasters_mb)

    async def work(connection: Any) -> None:
        await connection.execute(rows.ANNOUNCE, registry.hash_of_result(result.body))
        async with connection.transaction():
            await registry.keep(connection, store, entry, result.body, result.summary)

    run(settings, work)


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
