"""`dieuhanh analyse`: the processes of the API, from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from layers.layer import Audience, Text
from layers.province import load_province
from layers.rasters.registry import GEOTIFF, SUMMARY
from layers.roles import READER, Caller
from spatial.errors import BadInput

if TYPE_CHECKING:
    from uuid import UUID

    from layers.analysis.archive import Archive
    from layers.analysis.results import Result

ABOUT = (SUMMARY, "provenance")
"""What the file of a raster itself says."""
console = Console(highlight=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="analyse")(analyse)


def analyse(
    process_name: Annotated[str, typer.Argument(metavar="PROCESS", help="For example hotspots.")],
    file: Annotated[
        Path | None, typer.Argument(help="Where the result goes: .geojson, .json or .tif.")
    ] = None,
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
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="TITLE|ID",
            help="Keep the result as a layer of this title, or a raster under this id.",
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(help="The Vietnamese title of a raster.")] = None,
    title_en: Annotated[str | None, typer.Option(help="The English title of a raster.")] = None,
    days: Annotated[
        float | None,
        typer.Option(help="Days that it is kept; DIEUHANH_RESULT_DAYS if not given.", min=0.001),
    ] = None,
    public: Annotated[
        bool | None,
        typer.Option(
            "--public/--internal",
            help="Read what the public may read, as for a layer that is kept, or what staff may.",
        ),
    ] = None,
    login: Annotated[
        str | None,
        typer.Option("--as", help="The account whose rights count, for what asks who asks: flows."),
    ] = None,
) -> None:
    """Run a process on the layers; write its result, with how it was made, to a file or keep it."""
    if file is None and keep is None:
        raise UserError("cần FILE hoặc --keep / give FILE or --keep")
    if file is not None and not file.parent.is_dir():
        raise UserError(f"không có thư mục {file.parent} / there is no folder {file.parent}")
    if keep is not None and archive is not None:
        raise UserError("--keep: không dùng với --archive / not with --archive")
    if login is not None and public is not None:
        raise UserError("--as: không dùng với --public, --internal / not with --public, --internal")
    with _told():
        is_raster = process_of(process_name).media_type == GEOTIFF
        if keep is not None and not is_raster:
            keep = kept.title_of(keep)
            kept.collection_of(process_of(process_name))
    if keep is not None and is_raster and title is None:
        raise UserError("--keep: hãy thêm --title / add --title")
    as_public = (keep is not None and not is_raster) if public is None else public
    audience = Audience.PUBLIC if as_public else Audience.STAFF
    # What an account may read is looked at once more as it is read.
    caller = Caller(role=READER[audience if login is None else Audience.COORDINATION])
    process, asked = asked_of(process_name, inputs or [], caller)
    if archive is not None:
        archive_of(archive)
    with use_database() as settings:
        require_migrated(settings)
        if login is not None:
            caller = _account(settings, login)
        most = settings.result_days_most
        if days is not None and days > most:
            raise UserError(f"--days {days:g}: nhiều nhất {most:g} / at most {most:g}")
        result = computed(settings, process, asked, caller, archive)
        if file is not None:
            try:
                file.write_bytes(result.body)
            except OSError as error:
                raise UserError(f"{file}: {error.strerror}") from None
        if keep is not None and is_raster:
            _keep_raster(settings, keep, Text(title or "", title_en or title or ""), result)
        elif keep is not None:
            number = _keep(settings, process, result, caller, keep, days)
            console.print(f"{number}  {keep}")
    summary = {name: value for name, value in result.summary.items() if name not in ABOUT}
    console.print_json(orjson.dumps(summary).decode())


def _account(settings: Settings, login: str) -> Caller:
    """The caller that an account is."""
    from api.cli.raster import run
    from layers import accounts

    async def work(connection: Any) -> Caller:
        return (await accounts.find(connection, login)).caller()

    with _told():
        return run(settings, work)


def asked_of(process_name: str, inputs: list[str], caller: Caller) -> tuple[Process, Inputs]:
    """A process and what it is asked, checked before any work.

    Args:
        inputs: each `NAME=VALUE`.

    Raises:
        UserError: there is no such process, or an input breaks its rule.
    """
    # psycopg2 and the statistics are large, and the server is started from this command line.
    from layers.analysis.selecting import layer_of, query_of

    with _told():
        process = process_of(process_name)
        asked = process.read(_values(inputs))
        query_of(layer_of(asked), asked, caller)
    return process, asked


def archive_of(path: Path, scheduler: str | None = None) -> Archive:
    """The archive in a file or folder, once its files are seen to be of one kind.

    Raises:
        UserError: they are not.
    """
    from layers.analysis.archive import Archive

    archive = Archive(path, scheduler)
    with _told():
        _ = archive.schema
    return archive


def computed(
    settings: Settings,
    process: Process,
    asked: Inputs,
    caller: Caller,
    archive: Path | None = None,
) -> Result:
    """Run a process with a bar of its progress, over an archive where one is given.

    Raises:
        UserError: the inputs cannot be met, or the database refuses.
    """
    from layers.analysis.perform import perform

    with progress_bar() as bar, _told():
        task = bar.add_task(process.title.vi, total=100)
        return perform(
            process,
            asked,
            database_url=settings.database_url,
            province=load_province(settings.province_folder),
            caller=caller,
            rasters=settings.rasters,
            step=lambda done: bar.update(task, completed=int(done * 100)),
            archive=None if archive is None else archive_of(archive, settings.dask_scheduler),
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


def _keep_raster(settings: Settings, name: str, title: Text, result: Result) -> None:
    """Serve a result as a raster."""
    from api.cli.raster import run
    from layers.rasters import registry, rows
    from layers.rasters.raster import Entry, check_id

    with _told():
        entry = Entry(check_id(name), title)
        store = registry.Store(settings.rasters, settings.rasters_mb)

        async def work(connection: Any) -> None:
            await connection.execute(rows.ANNOUNCE, registry.hash_of_result(result.body))
            async with connection.transaction():
                await registry.keep(connection, store, entry, result.body, result.summary)

        run(settings, work)


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
