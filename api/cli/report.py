"""`dieuhanh report …`: reports listed, made as files, and what is missing in one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from api.cli.brief import Language
from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.drawing import NotDrawn, drawn
from api.reports import texts
from api.reports.asking import day as read_day
from api.reports.page import Paper
from api.reports.writing import write_paper
from api.settings import Settings
from layers.database import Database, DatabaseUnavailable, QueryTooSlow
from layers.province import Province, load_province
from layers.reports.catalogue import REPORTS
from layers.reports.desk import now
from layers.reports.record import Period, Report
from layers.roles import DISTRICT
from spatial.errors import shown

T = TypeVar("T")
console = Console(highlight=False, soft_wrap=True)
_commands = typer.Typer(help="Báo cáo. Reports.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="REPORT", help="The report's id.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="The first day; today if not given.")
]
To = Annotated[
    str | None, typer.Option("--to", metavar="DAY", help="The last day; --from if not given.")
]
District = Annotated[
    str | None, typer.Option(metavar="CODE", help="One district; else the whole province.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="report")


@_commands.command("list")
def list_reports() -> None:
    """List the reports: who sends each, how often, and by when."""
    table = Table(Column("id", no_wrap=True), "báo cáo", "report", "sender", "every", "due")
    for one in REPORTS.values():
        sender = texts.EACH_DISTRICT.vi if one.sender == DISTRICT else one.sender
        every = texts.EVERY[one.every].vi
        table.add_row(one.id, Text(one.title.vi), Text(one.title.en), sender, every, _due(one.due))
    console.print(table)


def _due(after: timedelta) -> str:
    days, rest = divmod(after, timedelta(1))
    hour = f"{rest // timedelta(hours=1):02}:{rest % timedelta(hours=1) // timedelta(minutes=1):02}"
    return hour if days < 0 else f"{hour} (+{days + 1})"


@_commands.command("make")
def make(
    name: Name,
    out: Annotated[Path, typer.Option("--out", "-o", help="A file .xlsx or .pdf.")],
    first: From = None,
    last: To = None,
    district: District = None,
    lang: Annotated[Language, typer.Option(help="The language.")] = Language.VI,
) -> None:
    """Write a report as a workbook or a document."""
    form = out.suffix.lower().lstrip(".")
    if form not in ("xlsx", "pdf"):
        raise UserError(
            f"{out}: tên tệp phải kết thúc bằng .xlsx hoặc .pdf / must be .xlsx or .pdf"
        )
    if not out.parent.is_dir():
        raise UserError(f"{out}: không có thư mục này / there is no folder {out.parent}")

    async def made(settings: Settings, paper: Paper) -> bytes:
        return await drawn("api.reports", (form, paper), settings.report_seconds)

    content = _run(name, first, last, district, lang, made)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise UserError(f"{out}: {error.strerror}") from None
    typer.echo(f"{out}: {len(content):,} B")


@_commands.command("missing")
def missing(name: Name, first: From = None, last: To = None, district: District = None) -> None:
    """Tell what should have been entered and was not."""

    async def told(_: Settings, paper: Paper) -> Paper:
        return paper

    paper = _run(name, first, last, district, Language.VI, told)
    grid = paper.appendix[-1]
    table = Table(*grid.heads, title=f"{paper.heading.subject}: {grid.title}")
    for row in grid.said:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
    console.print(f"Còn thiếu · missing: {len(grid.rows):,}")


def _run(
    name: str,
    first: str | None,
    last: str | None,
    district: str | None,
    lang: Language,
    work: Callable[[Settings, Paper], Awaitable[T]],
) -> T:
    """Do something with a report as the operator, who may see all of it."""
    report = REPORTS.get(name)
    if report is None:
        known = ", ".join(REPORTS)
        raise UserError(
            f"không có báo cáo {shown(name)!r}; các báo cáo: {known}"
            f" / there is no report {shown(name)!r}; the reports are {known}"
        )
    with use_database() as settings:
        require_migrated(settings)
        province = load_province(settings.province_folder)
        period = _period(report, province, first, last)
        try:
            return asyncio.run(_with(settings, province, report, period, district, lang, work))
        except (DatabaseUnavailable, QueryTooSlow) as error:
            raise UserError(f"PostgreSQL: {type(error).__name__}") from None
        except NotDrawn as error:
            raise UserError(str(error)) from None


def _period(report: Report, province: Province, first: str | None, last: str | None) -> Period:
    try:
        begins = read_day(first) if first else datetime.now(province.time_zone).date()
        if last is None:
            return report.period(begins, province.time_zone)
        ends = read_day(last)
    except ValueError as error:
        raise UserError(f"--from, --to: {error}") from None
    if ends < begins:
        raise UserError(f"--to {ends}: phải từ {begins} trở đi / must not be before {begins}")
    return Period(begins, ends, province.time_zone, report.due)


async def _with(
    settings: Settings,
    province: Province,
    report: Report,
    period: Period,
    district: str | None,
    lang: Language,
    work: Callable[[Settings, Paper], Awaitable[T]],
) -> T:
    database = Database(
        settings.database_url, pool_size=1, statement_timeout=60, acquire_timeout=10
    )
    await database.open()
    try:
        await _require_district(database, district)
        content: dict[str, Any] = await now(
            database, report, period, district, settings.report_rows
        )
    finally:
        await database.close()
    return await work(settings, write_paper(province, report, content, period, None, lang.value))


async def _require_district(database: Database, district: str | None) -> None:
    if district is None:
        return
    found = await database.call(
        "SELECT 1 FROM layer.admin_units WHERE code = $1 AND level = 'district'", district
    )
    if found is None:
        raise UserError(
            f"--district: không có huyện mang mã {shown(district)!r}"
            f" / there is no district of the code {shown(district)!r}"
        )
