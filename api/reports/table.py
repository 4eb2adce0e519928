"""Draws a table over pages; the library's own tables take five times as long for 1,000 rows."""

from __future__ import annotations

from typing import Literal

from api.brief.sheet import BOTTOM, LEFT, Sheet

Align = Literal["L", "C", "R"]
Row = tuple[str, ...]

LETTERS = 10.0
"""Points of the letters in tables; the text around them has 12."""
NARROWEST, WIDEST = 7.0, 60.0
"""Millimetres that a column asks for at least and at most."""
SIDE, ABOVE = 1.0, 0.6
"""Millimetres between a cell's border and its letters."""
HEAD = (232, 238, 240)


class Letters:
    """Widths of texts in letters of one style, each measured once."""

    def __init__(self, sheet: Sheet, style: Literal["", "B"]) -> None:
        self._sheet, self._style = sheet, style
        self._known: dict[str, float] = {}

    def choose(self) -> float:
        """Write with these letters; the height of a line."""
        return self._sheet.letters(LETTERS, self._style)

    def width(self, text: str) -> float:
        """Millimetres of a text."""
        found = self._known.get(text)
        if found is None:
            self.choose()
            found = self._known[text] = float(self._sheet.get_string_width(text))
        return found

    def lines(self, text: str, width: float) -> list[str]:
        """The text broken between words, and inside of one that is wider than the column."""
        if self.width(text) <= width:
            return [text]
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if self.width(longer) <= width:
                lines[-1] = longer
                continue
            if lines[-1]:
                lines.append("")
            for letter in word:
                if lines[-1] and self.width(lines[-1] + letter) > width:
                    lines.append("")
                lines[-1] += letter
        return lines


def draw_table(
    sheet: Sheet, heads: Row, rows: list[Row], aligned: tuple[Align, ...], last: Row | None
) -> None:
    """A table as wide as the page, from where the sheet is at; its head on each page again.

    Args:
        aligned: the cells of each column; heads are centred.
        last: the sums, in bold letters.
    """
    bold, plain = Letters(sheet, "B"), Letters(sheet, "")
    widths = _widths(sheet, bold, plain, heads, rows)
    sheet.set_draw_color(120)
    sheet.set_line_width(0.15)
    sheet.set_fill_color(*HEAD)
    head = _Band(sheet, bold, heads, widths, tuple("C" for _ in heads), filled=True)
    head.draw()
    for row in rows:
        _paged(_Band(sheet, plain, row, widths, aligned), head)
    if last is not None:
        _paged(_Band(sheet, bold, last, widths, aligned), head)


class _Band:
    """A row, broken into lines."""

    def __init__(
        self,
        sheet: Sheet,
        letters: Letters,
        row: Row,
        widths: tuple[float, ...],
        aligned: tuple[Align, ...],
        *,
        filled: bool = False,
    ) -> None:
        self.sheet, self._letters, self._filled = sheet, letters, filled
        self._widths, self._aligned = widths, aligned
        self._cells = [
            letters.lines(cell, width - 2 * SIDE) for cell, width in zip(row, widths, strict=True)
        ]
        self._line = letters.choose()
        self.height = max(map(len, self._cells)) * self._line + 2 * ABOVE

    def draw(self) -> None:
        """Draw it where the sheet is at, and go below."""
        sheet, x, y = self.sheet, LEFT, float(self.sheet.get_y())
        self._letters.choose()
        for lines, width, align in zip(self._cells, self._widths, self._aligned, strict=True):
            sheet.rect(x, y, width, self.height, "DF" if self._filled else "D")
            for number, line in enumerate(lines):
                free = width - 2 * SIDE - self._letters.width(line)
                shift = {"L": 0.0, "C": free / 2, "R": free}[align]
                self._letters.choose()
                # Letters stand on a line at four fifths of their height.
                sheet.text(x + SIDE + shift, y + ABOVE + (number + 0.8) * self._line, line)
            x += width
        sheet.set_y(y + self.height)


def _paged(band: _Band, head: _Band) -> None:
    sheet = band.sheet
    if float(sheet.get_y()) + band.height > float(sheet.h) - BOTTOM:
        sheet.add_page()
        sheet.set_draw_color(120)
        sheet.set_line_width(0.15)
        head.draw()
    band.draw()


def _widths(
    sheet: Sheet, bold: Letters, plain: Letters, heads: Row, rows: list[Row]
) -> tuple[float, ...]:
    """What each column asks for, its longest cell or word of its head, stretched to the page."""
    wanted = []
    for at, head in enumerate(heads):
        words = (bold.width(word) for word in head.split())
        cells = (plain.width(row[at]) for row in rows)
        wanted.append(min(max(*words, *cells, NARROWEST) + 2 * SIDE + 1, WIDEST))
    scale = sheet.across / sum(wanted)
    return tuple(width * scale for width in wanted)
