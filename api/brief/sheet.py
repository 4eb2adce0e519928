"""Draws a `Page` on one sheet of A4. All lengths are millimetres, letters are points."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from fpdf import FPDF
from fpdf.enums import MethodReturnValue

from api.brief.page import Block, Heading, Page, Row
from api.brief.pictures import draw_map, draw_top, draw_trend

FONTS = Path(__file__).resolve().parents[2] / "styles" / "print"
FAMILY = "Tinos"
STYLES: dict[Literal["", "B", "I", "BI"], str] = {
    "": "Regular",
    "B": "Bold",
    "I": "Italic",
    "BI": "BoldItalic",
}

# Margins as the decree has them: 20-25 above and below, 30-35 left, 15-20 right.
TOP, BOTTOM, LEFT, RIGHT = 20.0, 20.0, 30.0, 15.0
WIDTH = 210.0 - LEFT - RIGHT
END = 297.0 - BOTTOM
HEAD_LEFT = 72.0
"""Width of the issuer's half of the head."""
PICTURES = 64.0
"""Height of the map, and of list and chart together."""
SIGNATURE = 30.0
"""Height of recipients and signature."""
GAP = 2.0
ROW = 5.1
"""Height of a row of the table; less where there are many."""
SMALLEST = 5.5
MARK = (178, 34, 34)
PT = 25.4 / 72


class Sheet(FPDF):
    """The sheet, with its letters."""

    def __init__(
        self, language: str, orientation: Literal["portrait", "landscape"] = "portrait"
    ) -> None:
        super().__init__(orientation, "mm", "A4")
        self.set_margins(LEFT, TOP, RIGHT)
        self.set_auto_page_break(False)
        self.c_margin = 0
        for style, name in STYLES.items():
            self.add_font(FAMILY, style, FONTS / f"Tinos-{name}.ttf")
        self.set_lang(language)
        self.add_page()

    @property
    def across(self) -> float:
        """The width between the margins."""
        return float(self.w) - LEFT - RIGHT

    def letters(self, size: float, style: Literal["", "B", "I", "BI"] = "") -> float:
        """Choose letters; the height of a line of them."""
        self.set_font(FAMILY, style, size)
        return size * PT * 1.15

    def fitted(self, text: str, width: float) -> str:
        """The text, with letters made smaller until it fits; cut off where they would be tiny."""
        while self.get_string_width(text) > width:
            if self.font_size_pt > SMALLEST:
                self.set_font_size(self.font_size_pt - 0.25)
            else:
                text = f"{text[:-2]}…"
        return text

    def line_at(self, x: float, y: float, width: float, text: str, align: str = "L") -> None:
        """One line in a given width, its middle at `y`."""
        size = self.font_size_pt
        told = self.fitted(text, width)
        self.set_xy(x, y - self.font_size / 2)
        self.cell(width, self.font_size, told, align=align)
        self.set_font_size(size)

    def lines(self, x: float, y: float, width: float, text: str, align: str = "J") -> float:
        """Lines that are broken to a width; where they end."""
        self.set_xy(x, y)
        self.multi_cell(width, self.font_size * 1.15, text, align=align)
        return float(self.get_y())

    def height(self, width: float, text: str) -> float:
        """The height that `lines` needs."""
        return float(
            self.multi_cell(  # type: ignore[arg-type]
                width,
                self.font_size * 1.15,
                text,
                dry_run=True,
                output=MethodReturnValue.HEIGHT,
            )
        )

    def rule(self, middle: float, y: float, width: float) -> None:
        """A thin line under a heading."""
        self.set_draw_color(0)
        self.set_line_width(0.2)
        self.line(middle - width / 2, y, middle + width / 2, y)


def draw(page: Page) -> bytes:
    """The page as PDF, of one sheet."""
    sheet = Sheet(page.language)
    sheet.set_title(f"{page.heading.kind}: {page.heading.subject}")
    sheet.set_author(page.heading.issuer)
    sheet.set_creation_date(page.made)
    y = draw_heading(sheet, page.heading)
    if page.marked:
        draw_mark(sheet, page.marked)
    sheet.letters(12)
    y = sheet.lines(LEFT, y + GAP, WIDTH, f"        {page.summary}") + GAP
    sheet.letters(9, "I")
    notes = "\n".join(page.notes)
    below = END - SIGNATURE - sheet.height(WIDTH, notes) - PICTURES
    y = _section(sheet, y, page.sections[0])
    _tables(sheet, page, y, below - 8 - y)
    y = _section(sheet, below - 6, page.sections[1])
    _pictures(sheet, page, y + 0.5)
    sheet.letters(9, "I")
    sheet.lines(LEFT, below + PICTURES, WIDTH, notes)
    draw_ending(sheet, page.recipients_title, page.recipients, page.signer, END - SIGNATURE + 2)
    return bytes(sheet.output())


def draw_heading(sheet: Sheet, head: Heading) -> float:
    """The head of an official document; where it ends."""
    right, middle = LEFT + HEAD_LEFT, LEFT + HEAD_LEFT / 2
    wide = sheet.across - HEAD_LEFT
    sheet.letters(12)
    y = TOP - 2
    if head.parent:
        y = sheet.lines(LEFT, y, HEAD_LEFT, head.parent.upper(), "C")
    sheet.letters(12, "B")
    y = sheet.lines(LEFT, y, HEAD_LEFT, head.issuer.upper(), "C") + 1
    sheet.rule(middle, y, HEAD_LEFT / 3)
    sheet.letters(13)
    left = y + 1.5
    if head.number:
        left = sheet.lines(LEFT, left, HEAD_LEFT, head.number, "C")
    country, motto = head.motto
    sheet.letters(12, "B")
    sheet.line_at(right, TOP, wide, country, "C")
    sheet.letters(13, "B")
    sheet.line_at(right, TOP + 5.4, wide, motto, "C")
    sheet.rule(right + wide / 2, TOP + 8.4, sheet.get_string_width(motto))
    sheet.letters(13, "I")
    sheet.line_at(right, y + 3.8, wide, head.place_and_date, "C")
    sheet.letters(14, "B")
    y = sheet.lines(LEFT, max(left, y + 7) + 2, sheet.across, head.kind, "C")
    y = sheet.lines(LEFT, y, sheet.across, head.subject, "C") + 1
    sheet.rule(LEFT + sheet.across / 2, y, sheet.across / 3)
    return y


def draw_mark(sheet: Sheet, text: str) -> None:
    """A frame in the upper margin, that nobody overlooks."""
    sheet.letters(10, "B")
    width = sheet.get_string_width(text) + 8
    sheet.set_draw_color(*MARK)
    sheet.set_text_color(*MARK)
    sheet.set_line_width(0.5)
    left = LEFT + sheet.across - width
    sheet.rect(left, 7, width, 6)
    sheet.line_at(left, 10, width, text, "C")
    sheet.set_text_color(0)


def _section(sheet: Sheet, y: float, title: str) -> float:
    sheet.letters(12, "B")
    return sheet.lines(LEFT, y, WIDTH, title, "L") + 0.5


def _tables(sheet: Sheet, page: Page, y: float, room: float) -> None:
    rows = max(sum(len(block.rows) + 1 for block in column) for column in page.columns) + 1
    height = min(ROW, room / max(rows, 1))
    width = (WIDTH - 3) / 2
    for at, column in enumerate(page.columns):
        _table(sheet, page.heads, column, LEFT + at * (width + 3), y, (width, height))


def _table(
    sheet: Sheet,
    heads: tuple[str, str, str],
    blocks: tuple[Block, ...],
    x: float,
    y: float,
    size: tuple[float, float],
) -> None:
    width, height = size
    letters = min(10.0, height / PT / 1.25)
    sheet.letters(letters, "B")
    y = _row(sheet, Row(*heads), x, y, size)
    for block in blocks:
        sheet.letters(letters, "BI")
        sheet.set_fill_color(232)
        sheet.rect(x, y, width, height, "F")
        sheet.line_at(x + 1, y + height / 2, width - 2, block.title)
        y += height
        for row in block.rows:
            sheet.letters(letters)
            y = _row(sheet, row, x, y, size)


def _row(sheet: Sheet, row: Row, x: float, y: float, size: tuple[float, float]) -> float:
    """A row with a line below; where it ends."""
    width, height = size
    middle = y + height / 2
    title, value = width * 0.49, width * 0.19
    sheet.line_at(x + 1, middle, title - 2, row.title)
    sheet.line_at(x + title, middle, value - 1, row.value, "R")
    sheet.line_at(x + title + value + 1, middle, width - title - value - 2, row.change, "R")
    sheet.set_draw_color(170)
    sheet.set_line_width(0.1)
    sheet.line(x, y + height, x + width, y + height)
    return y + height


def _pictures(sheet: Sheet, page: Page, y: float) -> None:
    height = PICTURES - 3
    width = WIDTH * 0.52
    x, beside = LEFT + width + 4, WIDTH - width - 4
    if page.map is None and page.top is None and page.trend is None:
        sheet.letters(12)
        sheet.lines(LEFT, y, WIDTH, page.unknown)
        return
    if page.map is not None:
        draw_map(sheet, page.map, (LEFT, y, width, height))
    if page.top is not None:
        draw_top(sheet, page.top, (x, y, beside, height * 0.54))
    if page.trend is not None:
        draw_trend(sheet, page.trend, (x, y + height * 0.57, beside, height * 0.43))


def draw_ending(
    sheet: Sheet, title: str, recipients: tuple[str, ...], signer: tuple[str, ...], y: float
) -> None:
    """To whom a document goes, and above the signature in whose name it is signed."""
    wide = sheet.across
    sheet.letters(11, "BI")
    below = sheet.lines(LEFT, y, wide / 2, title, "L") if recipients else y
    sheet.letters(10)
    last = len(recipients) - 1
    for at, one in enumerate(recipients):
        text = f"- {one}{'.' if at == last else ';'}"
        sheet.line_at(LEFT, below + 2 + at * 4.2, wide * 0.55, text)
    sheet.letters(12, "B")
    for at, line in enumerate(signer):
        sheet.line_at(LEFT + wide * 0.6, y + 2.5 + at * 5, wide * 0.4, line, "C")
