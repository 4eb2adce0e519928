"""Draws a `Paper` as PDF in the form of official documents (Decree 30/2020/NĐ-CP)."""

from __future__ import annotations

from api.brief.sheet import (
    BOTTOM,
    END,
    LEFT,
    SIGNATURE,
    TOP,
    Sheet,
    draw_ending,
    draw_heading,
    draw_mark,
)
from api.reports.page import Grid, Paper
from api.reports.table import LETTERS, Align, Row, draw_table

TITLE_ROOM = 30.0
"""Millimetres that a table's title, head and first row need below it."""


class ReportSheet(Sheet):
    """Sheets whose pages are numbered in the upper margin, from the second on."""

    def header(self) -> None:
        """Write the page's number."""
        if self.page_no() > 1:
            self.letters(13)
            self.line_at(LEFT, 12, self.across, str(self.page_no()), "C")
            self.set_y(TOP)


def draw(paper: Paper) -> bytes:
    """The report as PDF."""
    sheet = ReportSheet(paper.language, "landscape" if paper.is_wide else "portrait")
    sheet.set_title(f"{paper.heading.kind}: {paper.heading.subject}")
    sheet.set_author(paper.heading.issuer)
    sheet.set_creation_date(paper.made)
    sheet.set_auto_page_break(True, BOTTOM)
    y = draw_heading(sheet, paper.heading)
    if paper.marked:
        draw_mark(sheet, paper.marked)
    sheet.letters(12)
    sheet.set_y(sheet.lines(LEFT, y + 3, sheet.across, " ".join(paper.facts), "L"))
    for number, grid in enumerate(paper.grids, 1):
        _grid(sheet, paper, f"{number}. {grid.title}", grid)
    _ending(sheet, paper)
    sheet.add_page()
    for number, grid in enumerate(paper.appendix, 1):
        title = f"{paper.words['appendix']} {number}. {grid.title}"
        _grid(sheet, paper, title, grid)
    return bytes(sheet.output())


def _room(sheet: Sheet) -> float:
    return float(sheet.h) - BOTTOM - float(sheet.get_y())


def _grid(sheet: Sheet, paper: Paper, title: str, grid: Grid) -> None:
    if _room(sheet) < TITLE_ROOM:
        sheet.add_page()
    sheet.letters(12, "B")
    sheet.set_y(sheet.lines(LEFT, sheet.get_y() + 3, sheet.across, title, "L") + 1)
    if not grid.rows:
        sheet.letters(12, "I")
        sheet.set_y(sheet.lines(LEFT, sheet.get_y(), sheet.across, paper.words["nothing"], "L"))
        return
    rows = [(str(number), *row) for number, row in enumerate(grid.said, 1)]
    heads = (paper.words["number"], *grid.heads)
    draw_table(sheet, heads, rows, _alignments(grid), _last(paper, grid))
    if grid.note:
        sheet.letters(LETTERS, "I")
        sheet.set_y(sheet.lines(LEFT, sheet.get_y() + 1, sheet.across, grid.note, "L"))


def _alignments(grid: Grid) -> tuple[Align, ...]:
    kinds: list[Align] = ["R" if grid.is_number(at) else "L" for at in range(len(grid.heads))]
    return ("C", *kinds)


def _last(paper: Paper, grid: Grid) -> Row | None:
    """The row of sums."""
    if grid.said_totals is None:
        return None
    first, *others = grid.said_totals
    return ("", first or paper.words["total"], *others)


def _ending(sheet: Sheet, paper: Paper) -> None:
    if _room(sheet) < SIGNATURE + 4:
        sheet.add_page()
    y = sheet.get_y() + 4
    # What is placed by hand must not begin a page of its own.
    sheet.set_auto_page_break(False)
    draw_ending(sheet, paper.recipients_title, paper.recipients, paper.signer, y)
    sheet.letters(11, "I")
    middle = y + 2.5 + len(paper.signer) * 5
    wide = sheet.across
    sheet.line_at(LEFT + wide * 0.6, middle, wide * 0.4, paper.words["sign_here"], "C")
    sheet.set_auto_page_break(True, BOTTOM)
    sheet.set_y(min(y + SIGNATURE, END))
