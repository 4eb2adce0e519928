"""`dieuhanh analyse`: the processes of the API, from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.console import Console

from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.cli.progress import progress_bar
from api.settings import Settings
from layers.analysis import kept
from layers.analysis.inputs import Inputs
from layers.analysis.processes import Process, process_of
from layers.layer import Audience
from layers.province import load_province
from layers.roles import READER, Caller
from spatial.errors import BadInput

if TYPE_CHECKING:
    from uuid import UUID

    from layers.analysis.results import Result

console = Console(highlight=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="analyse")(analyse)


def analyse(
    process_name: Annotated[str, typer.Argument(metavar="PROCESS", help="For example hotspots.")],
    file: Annotated[
        Path | None, typer.Argument(help="Where the result goes: .geojson or .json.")
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="NAME=VALUE", help="An input; may be repeated."),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option("--keep", metavar="TITLE", help="Keep the result under this title."),
    ] = None,
    days: Annotated[
        float | None,
        typer.Option(help="Days that it is kept; DIEUHANH_RESULT_DAYS if not given.", min=0.001),
    ] = None,
    public: Annotated[
        bool | None,
        typer.Option(
            "--public/--internal",
            help="Read what the public may read, as with --keep, or what staff may.",
        ),
    ] = None,
) -> None:
    """Run a process on the layers; write its result, with how it was made, to a file or keep it."""
    if file is None and title is None:
        raise UserError("cần FILE hoặc --keep TITLE / give FILE or --keep TITLE")
    if file is not None and not file.parent.is_dir():
        raise UserError(f"không có thư mục {file.parent} / there is no folder {file.parent}")
    as_public = title is not None if public is None else public
    caller = Caller(role=READER[Audience.PUBLIC if as_public else Audience.STAFF])
    try:
        process = process_of(process_name)
        asked = process.read(_values(inputs or []))
        if title is not None:
            title = kept.title_of(title)
            kept.collection_of(process)
    except BadInput as error:
        raise UserError(f"{error.vi} / {error.en}") from None
    with use_database() as settings:
        require_migrated(settings)
        most = settings.result_days_most
        if days is not None and days > most:
            raise UserError(f"--days {days:g}: nhiều nhất {most:g} / at most {most:g}")
        result = computed(settings, process, asked, caller)
        if file is not None:
            try:
                file.write_bytes(result.body)
            except OSError as error:
                raise UserError(f"{file}: {error.strerror}") from None
        if title is not None:
            number = _keep(settings, process, result, caller, title, days)
            console.print(f"{number}  {title}")
    console.print_json(orjson.dumps(dict(result.summary)).decode())


def computed(settings: Settings, process: Process, asked: Inputs, caller: Caller) -> Result:
    """Run a process with a bar of its progress.

    Raises:
        UserError: the inputs cannot be met, or the database refuses.
    """
    # psycopg2 and the statistics are large, and the server is started from this command line.
    from layers.analysis.perform import perform
    from layers.analysis.reading import layer_of, query_of

    with progress_bar() as bar, _told():
        query_of(layer_of(asked), asked, caller)
        task = bar.add_task(process.title.vi, total=100)
        return perform(
            process,
            asked,
            database_url=settings.database_url,
            province=load_province(settings.province_folder),
            caller=caller,
            step=lambda done: bar.update(task, completed=int(done * 100)),
        )


def _keep(
    settings: Settings,
    process: Process,
    result: Result,
    caller: Caller,
    title: str,
    days: float | None,
) -> UUID:
    import psycopg2

    expires = datetime.now(UTC) + timedelta(days=settings.result_days if days is None else days)
    with _told():
        connection = psycopg2.connect(settings.database_url, application_name="dieuhanh analyse")
        try:
            with connection, connection.cursor() as cursor:
                return kept.keep(
                    cursor,
                    process,
                    result,
                    caller,
                    title=title,
                    expires=expires,
                    limits=kept.Limits(settings.results, settings.result_features),
                )
        finally:
            connection.close()


@contextmanager
def _told() -> Iterator[None]:
    """Say what was refused in one line."""
    import psycopg2

    try:
        yield
    except BadInput as error:
        raise UserError(f"{error.vi} / {error.en}") from None
    except psycopg2.Error as error:
        said = str(error).strip().splitlines()[0]
        ours = (error.pgcode or "").startswith("DH")
        raise UserError(said if ours else f"PostgreSQL: {said}") from None


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
