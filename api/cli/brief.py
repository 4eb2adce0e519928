"""`dieuhanh brief`: the one-page brief as a file."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.brief.making import printer
from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.drawing import NotDrawn
from api.services import Services
from api.settings import Settings
from layers import accounts
from layers.accounts import AccountError
from layers.catalogue import CATALOGUE
from layers.counts import Counts
from layers.database import Database, DatabaseUnavailable, QueryTooSlow
from layers.feed import Feed
from layers.province import load_province
from layers.roles import ANYONE
from spatial.crs import listed_crs


class Language(StrEnum):
    """The languages of the brief."""

    VI = "vi"
    EN = "en"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(brief)


def brief(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="For example bao-cao.pdf.")],
    lang: Annotated[Language, typer.Option(help="The language.")] = Language.VI,
    login: Annotated[
        str | None, typer.Option("--as", help="The account whose rights count; else the public's.")
    ] = None,
) -> None:
    """Write the figures of this minute as a one-page PDF."""
    if file.suffix.lower() != ".pdf":
        raise UserError(f"{file}: the name of a brief ends in .pdf")
    if not file.parent.is_dir():
        raise UserError(f"{file}: there is no folder {file.parent}")
    with use_database() as settings:
        require_migrated(settings)
        content = asyncio.run(_made(settings, lang, login))
    try:
        file.write_bytes(content)
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from None
    typer.echo(f"{file}: {len(content):,} B")


async def _made(settings: Settings, lang: str, login: str | None) -> bytes:
    province = load_province(settings.province_folder)
    database = Database(
        settings.database_url,
        pool_size=1,
        statement_timeout=settings.statement_timeout,
        acquire_timeout=settings.statement_timeout,
    )
    feed = Feed(settings.database_url)
    crs = listed_crs(province.crs_srids)
    served = Services(settings, province, CATALOGUE, database, feed, Counts(feed), crs)
    try:
        await database.open()
        caller = ANYONE
        if login is not None:
            async with database.serving() as connection:
                caller = (await accounts.find(connection, login)).caller()
        return await printer(served).brief(served, caller, lang)
    except AccountError as error:
        raise UserError(f"{error.vi} / {error.en}") from None
    except (DatabaseUnavailable, QueryTooSlow) as error:
        raise UserError(f"the database does not answer: {type(error).__name__}") from None
    except NotDrawn as error:
        raise UserError(str(error)) from None
    finally:
        await database.close()
