"""Writes a `Paper` as a workbook: a sheet for each table, made to be printed on A4."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from api.reports.page import Grid, Paper, Value

FONT = "Times New Roman"
FORMATS = {
    "count": "#,##0",
    "number": "#,##0.0",
    "percent": "0.0%",
    "day": "dd/mm/yyyy",
    "instant": "hh:mm dd/mm/yyyy",
}
WIDTHS = {"count": 11, "number": 12, "percent": 11, "day": 12, "instant": 17}
NARROWEST, WIDEST = 9, 46
"""Letters that a column of texts is wide, at least and at most."""
_LINE = Side(style="thin", color="8A8A8A")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_FILL = PatternFill("solid", fgColor="E8EEF0")
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_FORBIDDEN = str.maketrans("", "", "[]:*?/\\")


def write(paper: Paper) -> bytes:
    """The report as XLSX."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title = f"{paper.heading.kind}: {paper.heading.subject}"
    book.properties.creator = paper.heading.issuer
    grids = (*paper.grids, *paper.appendix)
    for number, grid in enumerate(grids, 1):
        name = f"{number}. {grid.title}".translate(_FORBIDDEN)[:31].strip()
        sheet = book.create_sheet(name)
        _sheet(sheet, paper, grid, signed=number == len(paper.grids))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(sheet: Any, paper: Paper, grid: Grid, *, signed: bool) -> None:
    columns = len(grid.heads) + 1
    row = _heading(sheet, paper, grid, columns)
    _row(sheet, row, (paper.words["number"], *grid.heads), head=True)
    sheet.print_title_rows = f"{row}:{row}"
    sheet.freeze_panes = sheet.cell(row + 1, min(3, columns))
    for number, values in enumerate(grid.rows, 1):
        row += 1
        _row(sheet, row, (number, *values), grid=grid)
    if not grid.rows:
        row += 1
        _merged(sheet, row, 1, columns, paper.words["nothing"], italic=True)
    elif grid.totals is not None:
        row += 1
        _totals(sheet, row, paper, grid)
    if grid.note:
        row += 1
        _merged(sheet, row, 1, columns, grid.note, italic=True)
    if signed:
        row = _ending(sheet, paper, row + 2, columns)
    _widths(sheet, grid)
    _print(sheet, paper, grid, columns, row)


def _heading(sheet: Any, paper: Paper, grid: Grid, columns: int) -> int:
    """The head of the document, merged over the columns; the row of the table's head."""
    head = paper.heading
    # A table of few columns gives its halves room in the columns beside it.
    left = max(columns // 2, 2)
    last = max(columns, left + 2)
    _merged(sheet, 1, 1, left, head.parent.upper())
    _merged(sheet, 2, 1, left, head.issuer.upper(), bold=True)
    _merged(sheet, 3, 1, left, head.number)
    _merged(sheet, 1, left + 1, last, head.motto[0], bold=True)
    _merged(sheet, 2, left + 1, last, head.motto[1], bold=True)
    _merged(sheet, 3, left + 1, last, head.place_and_date, italic=True)
    _merged(sheet, 5, 1, last, head.kind, bold=True, size=14)
    _merged(sheet, 6, 1, last, head.subject, bold=True)
    _merged(sheet, 7, 1, last, " ".join(paper.facts), italic=True)
    _merged(sheet, 8, 1, last, grid.title, bold=True)
    for row, height in ((1, 32), (2, 32), (6, 32), (7, 32)):
        sheet.row_dimensions[row].height = height
    row = 10
    if paper.marked:
        _merged(sheet, 9, 1, last, paper.marked, bold=True, color="B22222")
    return row


def _merged(
    sheet: Any,
    row: int,
    first: int,
    last: int,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    size: int = 12,
    color: str = "000000",
) -> None:
    cell = sheet.cell(row, first, _plain(text))
    cell.font = Font(name=FONT, size=size, bold=bold, italic=italic, color=color)
    cell.alignment = _CENTRE
    if last > first:
        sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)


def _plain(value: Value) -> Value:
    """A text is never a formula, whoever wrote it."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
        return f"'{value}"
    return value


def _row(
    sheet: Any, row: int, values: tuple[Value, ...], *, grid: Grid | None = None, head: bool = False
) -> None:
    for at, value in enumerate(values, 1):
        kind = grid.kinds[at - 2] if grid is not None and at > 1 else "text"
        if kind == "percent" and isinstance(value, int | float):
            told: Value = value / 100
        else:
            told = _plain(value)
        cell = sheet.cell(row, at, told)
        cell.font = Font(name=FONT, size=11, bold=head)
        cell.border = _BOX
        if head:
            cell.fill, cell.alignment = _FILL, _CENTRE
            continue
        if kind in FORMATS:
            cell.number_format = FORMATS[kind]
        across = "center" if at == 1 or isinstance(value, datetime | date) else None
        cell.alignment = Alignment(horizontal=across, vertical="top", wrap_text=kind == "text")


def _totals(sheet: Any, row: int, paper: Paper, grid: Grid) -> None:
    assert grid.totals is not None
    first, *others = grid.totals
    _row(sheet, row, ("", first if first is not None else paper.words["total"], *others), grid=grid)
    for at in range(len(grid.kinds) + 1):
        sheet.cell(row, at + 1).font = Font(name=FONT, size=11, bold=True)


def _ending(sheet: Any, paper: Paper, row: int, columns: int) -> int:
    left = max(columns // 2, 2)
    last = max(columns, left + 2)
    _merged(sheet, row, 1, left, paper.words["prepared"], bold=True)
    for number, line in enumerate(paper.signer):
        _merged(sheet, row + number, left + 1, last, line, bold=True)
    row += len(paper.signer)
    _merged(sheet, row, left + 1, last, paper.words["sign_here"], italic=True)
    row += 5
    for line in (paper.recipients_title, *(f"- {one}" for one in paper.recipients)):
        cell = sheet.cell(row, 1, line)
        cell.font = Font(name=FONT, size=11, italic=True, bold=line == paper.recipients_title)
        row += 1
    return row - 1


def _widths(sheet: Any, grid: Grid) -> None:
    sheet.column_dimensions["A"].width = 6
    for at, kind in enumerate(grid.kinds):
        wide = WIDTHS.get(kind)
        if wide is None:
            longest = max((len(str(row[at] or "")) for row in grid.rows), default=0)
            wide = min(max(longest + 2, len(grid.heads[at]) // 2 + 4, NARROWEST), WIDEST)
        sheet.column_dimensions[get_column_letter(at + 2)].width = wide


def _print(sheet: Any, paper: Paper, grid: Grid, columns: int, last: int) -> None:
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    is_wide = sum(sheet.column_dimensions[get_column_letter(n + 1)].width for n in range(columns))
    sheet.page_setup.orientation = "landscape" if is_wide > 95 else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    # The decree's margins, in inches.
    sheet.page_margins.left, sheet.page_margins.right = 1.18, 0.59
    sheet.page_margins.top = sheet.page_margins.bottom = 0.79
    sheet.oddFooter.center.text = paper.words["page_of"]
    edge = get_column_letter(max(columns, max(columns // 2, 2) + 2))
    sheet.print_area = f"A1:{edge}{last}"
