"""`dieuhanh briefing`: the briefing of an analysis as one file, to be mailed or printed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.briefing.order import Form, NotBuilt, Order
from api.cli.analyse import asked_of, computed
from api.cli.brief import Language
from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.settings import Settings
from layers.province import load_province
from layers.roles import ANYONE, Caller, Role
from spatial.errors import BadInput


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(briefing)


def briefing(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The briefing: .html or .pdf.")],
    result: Annotated[
        Path | None, typer.Option("--result", help="A result that `dieuhanh analyse` wrote.")
    ] = None,
    process: Annotated[
        str | None, typer.Option("--process", "-p", help="Or a process to run, such as hotspots.")
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="NAME=VALUE", help="An input; may be repeated."),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Read only what the public may read.")
    ] = False,
    lang: Annotated[Language, typer.Option(help="The language.")] = Language.VI,
) -> None:
    """Write a result with its map, tables and methods as one file that opens without a network."""
    form: Form
    match file.suffix.lower():
        case ".html":
            form = "html"
        case ".pdf":
            form = "pdf"
        case _:
            raise UserError(
                f"{file}: tên phải kết thúc bằng .html, .pdf / must end in .html or .pdf"
            )
    if not file.parent.is_dir():
        raise UserError(f"không có thư mục {file.parent} / there is no folder {file.parent}")
    if (result is None) == (process is None):
        raise UserError("cần --result hoặc --process / give either --result or --process")
    if result is not None and inputs:
        raise UserError("--input đi với --process / --input goes with --process")
    body = None if result is None else _read(result)
    caller = ANYONE if public else Caller(role=Role.ANALYST)
    wanted = None if process is None else asked_of(process, inputs or [], caller)
    with use_database() as settings:
        require_migrated(settings)
        finished, summary = None, {}
        if wanted is not None:
            made = computed(settings, *wanted, caller)
            body, summary, finished = made.body, dict(made.summary), datetime.now(UTC)
        content = _drawn(settings, form, lang, body or b"", summary, finished)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from None
    typer.echo(f"{file}: {len(content):,} B")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from None


def _drawn(
    settings: Settings,
    form: Form,
    language: str,
    body: bytes,
    summary: dict[str, Any],
    computed: datetime | None,
) -> bytes:
    import psycopg2

    from api.briefing.making import make

    order = Order(
        form,
        language,
        settings.database_url,
        load_province(settings.province_folder),
        body,
        datetime.now(UTC),
        computed,
        settings.briefing_features,
        summary,
    )
    try:
        return make(order)
    except BadInput as error:
        raise UserError(f"{error.vi} / {error.en}") from None
    except NotBuilt as error:
        raise UserError(str(error)) from None
    except psycopg2.Error as error:
        raise UserError(f"PostgreSQL: {str(error).strip().splitlines()[0]}") from None
