"""`dieuhanh register …`: registers listed, their forms, exports and imports, for an account."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.registers.numbers import load_numbers
from layers import accounts
from layers.accounts import AccountError
from layers.database import Database, DatabaseUnavailable, RuleRefused
from layers.exporting import TABLES, Export, ExportError
from layers.province import Province, load_province
from layers.refusals import Refused
from layers.registers.catalogue import REGISTERS, registers_of
from layers.registers.files import export_plan, template_plan
from layers.registers.keeping import Keeper, reached
from layers.registers.queries import Listing
from layers.registers.record import Register
from layers.roles import Caller
from spatial.errors import shown

T = TypeVar("T")
console = Console(highlight=False, soft_wrap=True)
registers = typer.Typer(
    name="register", help="Sổ nghiệp vụ. Private registers.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(metavar="REGISTER", help="The register's id.")]
For = Annotated[str, typer.Option("--for", metavar="LOGIN", help="The account that keeps it.")]
SHOWN = 50
"""Problems that are shown."""


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(registers)


def _named(name: str, province: Province) -> Register:
    found = registers_of(province).get(name)
    if found is None:
        known = ", ".join(REGISTERS)
        raise UserError(
            f"không có sổ {shown(name)!r}; các sổ: {known}"
            f" / there is no register {shown(name)!r}; the registers are {known}"
        )
    return found


def _run(login: str, work: Callable[[Database, Caller], Awaitable[T]]) -> T:
    """Do something for an account, by its rights and in its name."""

    async def connected(url: str) -> T:
        database = Database(url, pool_size=1, statement_timeout=600, acquire_timeout=10)
        await database.open()
        try:
            async with database.serving() as connection:
                account = await accounts.find(connection, login)
            if account.disabled_at is not None:
                raise UserError(f"tài khoản {login} đã khóa / the account {login} is disabled")
            return await work(database, account.caller())
        finally:
            await database.close()

    with use_database() as settings:
        require_migrated(settings)
        try:
            return asyncio.run(connected(settings.database_url))
        except AccountError as error:
            raise UserError(f"{error.vi} / {error.en}") from None
        except RuleRefused as error:
            raise UserError(error.said) from None
        except Refused as error:
            raise UserError(f"không làm được / refused: {error}") from None
        except DatabaseUnavailable as error:
            raise UserError(f"PostgreSQL: {str(error).splitlines()[0]}") from None


@registers.command("list")
def list_registers() -> None:
    """List the registers."""
    table = Table("id", "sổ", "register", "steward")
    for one in REGISTERS.values():
        table.add_row(one.id, Text(one.title.vi), Text(one.title.en), one.steward)
    console.print(table)


@registers.command("template")
def template(name: Name, file: Annotated[Path, typer.Argument(help=".xlsx")]) -> None:
    """Write the form that is filled in for a register."""
    with use_database() as settings:
        require_migrated(settings)
        province = load_province(settings.province_folder)
        found = _named(name, province)
        if found.adding is None or file.suffix.lower() != ".xlsx":
            raise UserError(
                f"{file.name}: cần tệp .xlsx của một sổ nhập bằng tay"
                f" / {file.name}: must be .xlsx, of a register whose rows people make"
            )
        _write(Export.planned(template_plan(settings.database_url, province, found, file)), file)


@registers.command("export")
def export(
    name: Name, file: Annotated[Path, typer.Argument(help=".xlsx .csv")], login: For
) -> None:
    """Write the rows of a register that an account keeps."""
    if file.suffix.lower() not in TABLES:
        raise UserError(f"{file.name}: cần .xlsx hoặc .csv / must be .xlsx or .csv")
    with use_database() as settings:
        province, url = load_province(settings.province_folder), settings.database_url
    found = _named(name, province)

    async def planned(database: Database, caller: Caller) -> Export:
        if not await reached(database, {found.id: found}, caller):
            raise UserError(f"{login} không phụ trách sổ này / {login} does not keep this register")
        listing = Listing(found, sort=found.sort)
        return Export.planned(export_plan(database.url or url, province, caller, listing, file))

    _write(_run(login, planned), file)


def _write(made: Export, file: Path) -> None:
    try:
        count = made.run()
    except ExportError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from None
    console.print(f"Đã ghi {count:,} dòng vào {file} · {count:,} rows written")


@registers.command("import")
def import_rows(
    name: Name,
    file: Annotated[Path, typer.Argument(help=".xlsx .csv")],
    login: For,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and write nothing.")
    ] = False,
) -> None:
    """Take the rows of a sheet in an account's name: all of them, or none and why."""
    # The libraries of imports are large, and the server is started from this command line.
    from layers.importing.problems import ImportFailed
    from layers.registers.sheets import Taken, take_sheet

    with use_database() as settings:
        province, most = load_province(settings.province_folder), settings.register_rows
    found = _named(name, province)

    async def taken(database: Database, caller: Caller) -> Taken:
        keeper = Keeper(database, found, caller, await load_numbers(database))
        return await take_sheet(keeper, found, province, file, most=most, dry_run=dry_run)

    try:
        result = _run(login, taken)
    except ImportFailed as error:
        raise UserError(f"{error.vi} / {error.en}") from None
    if result.problems:
        table = Table("Dòng · line", "Cột · column", "Giá trị · value", "Lý do · reason")
        for problem in result.problems[:SHOWN]:
            reason = Text(f"{problem.reason.vi}\n{problem.reason.en}")
            table.add_row(str(problem.line), problem.column or "", Text(problem.value), reason)
        console.print(table)
        raise UserError(
            f"{result.bad:,} / {result.read:,} dòng có lỗi, không ghi dòng nào"
            f" / {result.bad:,} of {result.read:,} rows have problems and none was written"
        )
    done = "Đã ghi · written" if result.written else "Không ghi (thử) · dry run, not written"
    console.print(f"{done}: {result.read:,}")
