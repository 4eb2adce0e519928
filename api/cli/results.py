"""`dieuhanh result`: kept results of analysis: what there is, how it was made, the same again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer
from rich.console import Console
from rich.table import Table

from api.cli.analyse import computed
from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.settings import Settings
from layers.analysis import kept
from layers.analysis.processes import process_of
from layers.layer import Audience
from layers.roles import READER, Caller
from spatial.errors import BadInput

console = Console(highlight=False, soft_wrap=True)
_commands = typer.Typer(
    help="Kết quả phân tích được giữ. Kept results of analysis.", no_args_is_help=True
)
Id = Annotated[str, typer.Argument(metavar="ID", help="Of a result, or how it begins.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="result")


@_commands.command(name="list")
def list_results() -> None:
    """List the results that are kept, the newest first."""
    with _cursor() as (_, cursor):
        cursor.execute(
            "SELECT id, title, process, layer, audience, kept_by, kept_at, expires"
            " FROM dieuhanh.analysis_result WHERE expires > now() ORDER BY number DESC"
        )
        rows = cursor.fetchall()
    shown = Table("id", "Tên · title", "Quy trình · process", "Lớp · layer", "Quyền · rights")
    for heading in ("Người giữ · kept by", "Giữ lúc · kept", "Hết hạn · expires"):
        shown.add_column(heading)
    for number, title, process, layer, audience, who, at, expires in rows:
        times = (f"{moment:%Y-%m-%d %H:%M}" for moment in (at, expires))
        shown.add_row(str(number)[:8], title, process, layer, audience, who, *times)
    console.print(shown)


@_commands.command()
def show(identifier: Id) -> None:
    """Show how a result was made, as JSON."""
    with _cursor() as (_, cursor):
        row = _found(cursor, identifier)
    console.print_json(orjson.dumps({k: v for k, v in row.items() if k != "body"}).decode())


@_commands.command()
def repeat(identifier: Id) -> None:
    """Compute a result again from its provenance, and say whether it is the same bit for bit.

    Leaves with status 1 where it is not.
    """
    with _cursor() as (settings, cursor):
        row = _found(cursor, identifier)
        try:
            process = process_of(row["process"])
            asked = process.read(row["inputs"])
        except BadInput as error:
            raise UserError(f"{error.vi} / {error.en}") from None
        reader = Caller(role=READER[Audience[row["audience"].upper()]])
        again = computed(settings, process, asked, reader)
    found = kept.compared(row["sha256"], row["layer_versions"], process, row["version"], again)
    if found.same:
        console.print(f"giống hệt từng bit · the same bit for bit  sha256 {row['sha256']}")
        return
    for layer, (then, now) in found.moved.items():
        console.print(f"lớp {layer} đã thay đổi · the layer {layer} has moved on: {then} → {now}")
    if found.version is not None:
        console.print(
            f"quy trình đã đổi · the process has changed: {row['version']} → {found.version}"
        )
    if not found.moved and found.version is None:
        console.print("khác, dù dữ liệu và quy trình không đổi · another result of the same data")
    raise typer.Exit(1)


@_commands.command()
def remove(identifier: Id) -> None:
    """Remove a result and its features."""
    with _cursor() as (_, cursor):
        row = _found(cursor, identifier)
        cursor.execute("SET LOCAL dieuhanh.bulk = 'on'")
        cursor.execute("SELECT private.drop_results(%s::uuid[])", ([str(row["id"])],))
    console.print(f"đã xóa · removed  {row['id']}  {row['title']}")


@contextmanager
def _cursor() -> Iterator[tuple[Settings, Any]]:
    """The settings and a psycopg2 cursor in a transaction as the server itself."""
    import psycopg2

    with use_database() as settings:
        require_migrated(settings)
        try:
            connection = psycopg2.connect(settings.database_url, application_name="dieuhanh result")
            try:
                with connection, connection.cursor() as cursor:
                    yield settings, cursor
            finally:
                connection.close()
        except psycopg2.Error as error:
            raise UserError(f"PostgreSQL: {str(error).strip().splitlines()[0]}") from None


def _found(cursor: Any, identifier: str) -> dict[str, Any]:
    """The one result of that id.

    Raises:
        UserError: there is none, or there are several that begin so.
    """
    cursor.execute(
        f"SELECT {kept.READ}, kept_by FROM dieuhanh.analysis_result"
        " WHERE starts_with(id::text, %s) AND expires > now()",
        (identifier.lower(),),
    )
    rows = cursor.fetchall()
    if len(rows) != 1:
        raise UserError(
            f"{identifier!r}: {len(rows)} kết quả có mã bắt đầu như vậy"
            f" / {len(rows)} results have an id that begins so"
        )
    names = [column.name for column in cursor.description]
    return {
        name: str(value) if isinstance(value, UUID) else value
        for name, value in zip(names, rows[0], strict=True)
    }
