"""Draws a `Briefing` on sheets of A4, in the letters of the one-page brief. Lengths are mm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import asinh, radians, tan
from typing import Any

from fpdf.drawing import PaintedPath
from fpdf.drawing_primitives import color_from_hex_string

from api.brief.sheet import MARK, Sheet
from api.briefing.page import Briefing, Chart, Map, Table

MARGIN = 20.0
WIDTH = 210.0 - 2 * MARGIN
TOP, END = 18.0, 297.0 - 18.0
MAP_HEIGHT = 118.0
LEGEND = 4.6
ROW = 5.4
BAR = 5.0
CHART = 36.0
POINT = 1.1
"""Radius of a point on the map."""
LAND, OUTLINE, EDGE = "#fbfbf9", "#30404d", "#62717d"
LETTERS, SMALLEST = 9.5, 7.0
"""Points of a table's letters, and how small they become where it is wide."""
NAMES = 62.0
"""Width of the names in a table, at most; longer ones go over several lines."""

Box = tuple[float, float, float, float]
"""Left, top, width and height."""


@dataclass(frozen=True, slots=True)
class Look:
    """How an area is drawn: its colours, no fill if None, and the width of its edge."""

    fill: str | None
    edge: str
    weight: float


class Sheets(Sheet):
    """Sheets that follow each other, each with its number below."""

    def __init__(self, briefing: Briefing) -> None:
        self._briefing = briefing
        super().__init__(briefing.language)
        self.set_margins(MARGIN, TOP, MARGIN)
        self.y_now = TOP

    def footer(self) -> None:
        """What stands below each sheet."""
        words = self._briefing.words
        self.letters(8, "I")
        self.line_at(MARGIN, 297 - 10, WIDTH - 25, self._briefing.footer)
        page = words["page"].format(n=self.page_no(), all="{nb}")
        self.line_at(210 - MARGIN - 24, 297 - 10, 24, page, "R")

    def room(self, height: float) -> None:
        """Go to the next sheet where there is no room for so much."""
        if self.y_now + height > END:
            self.add_page()
            self.y_now = TOP

    def text(self, size: float, told: str, style: Any = "", *, gap: float = 1.5) -> None:  # type: ignore[override]
        """A paragraph, on the next sheet where it does not fit."""
        self.letters(size, style)
        self.room(self.height(WIDTH, told))
        self.letters(size, style)
        self.y_now = self.lines(MARGIN, self.y_now, WIDTH, told, "L") + gap

    def heading(self, told: str, below: float = 12.0) -> None:
        """A heading that does not stand alone at the end of a sheet."""
        self.room(7 + below)
        self.y_now += 2
        self.text(12.5, told, "B", gap=1)


def draw(briefing: Briefing) -> bytes:
    """The briefing as PDF."""
    sheets = Sheets(briefing)
    sheets.set_title(f"{briefing.title}: {briefing.subject}")
    sheets.set_author(briefing.issuer)
    sheets.set_creation_date(briefing.made)
    _head(sheets, briefing)
    for sentence in briefing.summary:
        sheets.text(11.5, sentence, gap=0.6)
    if briefing.map is None:
        sheets.text(11.5, briefing.words["nothing"])
    else:
        _map(sheets, briefing.map)
    if briefing.table.rows:
        _table(sheets, briefing.table)
    for chart in briefing.charts:
        (_steps if chart.is_time else _bars)(sheets, chart)
    sheets.heading(briefing.words["method"])
    for note in briefing.method:
        sheets.letters(10)
        sheets.room(sheets.height(WIDTH, note.text) + 5)
        sheets.text(10, note.heading, "BI", gap=0.2)
        sheets.text(10, note.text)
    sheets.heading(briefing.words["provenance"])
    _facts(sheets, briefing)
    return bytes(sheets.output())


def _head(sheets: Sheets, briefing: Briefing) -> None:
    sheets.letters(11, "B")
    sheets.line_at(MARGIN, sheets.y_now + 2, WIDTH / 2, briefing.issuer.upper())
    if briefing.marked:
        sheets.letters(10, "B")
        width = sheets.get_string_width(briefing.marked) + 8
        sheets.set_draw_color(*MARK)
        sheets.set_text_color(*MARK)
        sheets.set_line_width(0.5)
        sheets.rect(210 - MARGIN - width, sheets.y_now - 1, width, 6)
        sheets.line_at(210 - MARGIN - width, sheets.y_now + 2, width, briefing.marked, "C")
        sheets.set_text_color(0)
    sheets.y_now += 9
    sheets.text(17, briefing.title, "B", gap=0.5)
    sheets.text(11, briefing.subject, "I", gap=2)
    sheets.rule(MARGIN + WIDTH / 2, sheets.y_now, WIDTH)
    sheets.y_now += 2.5


def _map(sheets: Sheets, told: Map) -> None:
    legend = [group for group in told.legend if group.count]
    lines = (len(legend) + 1) // 2
    sheets.heading(told.title, MAP_HEIGHT + lines * LEGEND)
    _picture(sheets, told, (MARGIN, sheets.y_now, WIDTH, MAP_HEIGHT))
    sheets.y_now += MAP_HEIGHT + 1.5
    sheets.letters(9)
    sheets.set_line_width(0.15)
    for at, group in enumerate(legend):
        x = MARGIN + (at // lines) * WIDTH / 2
        y = sheets.y_now + (at % lines) * LEGEND
        sheets.set_draw_color(90)
        sheets.set_fill_color(*_rgb(group.colour))
        sheets.rect(x, y + 0.6, 6, LEGEND - 1.2, "DF")
        sheets.line_at(
            x + 7.5, y + LEGEND / 2, WIDTH / 2 - 10, f"{group.title}: {group.told}".rstrip(": ")
        )
    sheets.y_now += lines * LEGEND + 1
    if told.left_out:
        sheets.text(9, told.left_out, "I")


def _picture(sheets: Sheets, told: Map, box: Box) -> None:
    """The map as shapes, in the projection of web maps."""
    x, y, width, height = box
    west, south = mercator(told.bounds[:2])
    east, north = mercator(told.bounds[2:])
    scale = min(width / (east - west), height / (north - south))
    left = x + (width - (east - west) * scale) / 2

    def placed(position: Any) -> tuple[float, float]:
        east_m, north_m = mercator(position)
        return left + (east_m - west) * scale, y + (north - north_m) * scale

    fine = 0.12 if len(told.items) <= 500 else 0.04
    if told.places:
        _area(sheets, told.land, placed, Look(LAND, OUTLINE, 0.1))
    if told.picture is not None:
        left_top = placed((told.picture.bounds[0], told.picture.bounds[3]))
        right_bottom = placed((told.picture.bounds[2], told.picture.bounds[1]))
        size = (right_bottom[0] - left_top[0], right_bottom[1] - left_top[1])
        sheets.image(BytesIO(told.picture.png), *left_top, *size)
    for item in told.items:
        colour = told.legend[item.group].colour
        if item.geometry["type"] == "Point":
            sheets.set_fill_color(*_rgb(colour))
            sheets.set_draw_color(*_rgb(EDGE))
            sheets.set_line_width(fine)
            sheets.circle(*placed(item.geometry["coordinates"]), POINT, "DF")
        else:
            _area(sheets, item.geometry, placed, Look(colour, EDGE, fine))
    for place in told.places:
        _area(sheets, place.outline, placed, Look(None, OUTLINE, 0.2))
    _names(sheets, [(place.name, placed(place.inside)) for place in told.places])


def mercator(position: Any) -> tuple[float, float]:
    """Longitude and latitude in degrees on a sphere of radius 1, as web maps have them."""
    return radians(position[0]), asinh(tan(radians(position[1])))


def _names(sheets: Sheets, names: Sequence[tuple[str, tuple[float, float]]]) -> None:
    """Names with a white rim, those left out that would lie on one that stands."""
    sheets.letters(6.5, "B")
    height = sheets.font_size
    taken: list[tuple[float, float, float]] = []
    for name, (x, y) in names:
        half = sheets.get_string_width(name) / 2 + 0.5
        if any(
            abs(x - other_x) < half + other_half and abs(y - other_y) < height
            for other_x, other_y, other_half in taken
        ):
            continue
        taken.append((x, y, half))
        with sheets.local_context(text_mode="STROKE", draw_color=255, line_width=0.5):
            sheets.line_at(x - half, y, 2 * half, name, "C")
        sheets.line_at(x - half, y, 2 * half, name, "C")


def _area(sheets: Sheets, geometry: Mapping[str, Any], placed: Any, look: Look) -> None:
    """One area or several. Those without holes, which are most, are drawn without a path's cost."""
    sheets.set_draw_color(*_rgb(look.edge))
    sheets.set_line_width(look.weight)
    if look.fill is not None:
        sheets.set_fill_color(*_rgb(look.fill))
    parts = geometry["coordinates"]
    for part in parts if geometry["type"] == "MultiPolygon" else [parts]:
        rings = [[placed(position) for position in ring] for ring in part]
        if look.fill is None or len(rings) == 1:
            for ring in rings:
                sheets.polygon(ring, style="D" if look.fill is None else "DF")
        else:
            _with_holes(sheets, rings, look, look.fill)


def _with_holes(sheets: Sheets, rings: list[list[Any]], look: Look, fill: str) -> None:
    path = PaintedPath()
    for ring in rings:
        for at, position in enumerate(ring):
            (path.line_to if at else path.move_to)(*position)
        path.close()
    path.style.fill_color = color_from_hex_string(fill)
    path.style.stroke_color = color_from_hex_string(look.edge)
    path.style.stroke_width = look.weight
    path.style.intersection_rule = "evenodd"
    with sheets.drawing_context() as drawing:
        drawing.add_item(path)


def _table(sheets: Sheets, told: Table) -> None:
    sheets.heading(told.title, 4 * ROW)
    columns = _columns(sheets, told)
    _row(sheets, told.heads, told, columns, "B")
    for row in told.rows:
        height = _height(sheets, row, columns)
        if sheets.y_now + height > END:
            sheets.room(height)
            _row(sheets, told.heads, told, columns, "B")
        _row(sheets, row, told, columns)
    sheets.y_now += 1
    if told.note:
        sheets.text(9, told.note, "I")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: their widths, and the size of the letters in points."""

    widths: tuple[float, ...]
    size: float


def _columns(sheets: Sheets, told: Table) -> Columns:
    """Columns as wide as what stands in them; what is left over is the names'."""
    sheets.letters(LETTERS, "B")
    wanted = [
        max(sheets.get_string_width(row[at]) for row in (told.heads, *told.rows)) + 3
        for at in range(len(told.heads))
    ]
    names = min(NAMES, wanted[0])
    size = max(SMALLEST, LETTERS * min(1.0, WIDTH / (names + sum(wanted[1:]))))
    others = [width * size / LETTERS for width in wanted[1:]]
    return Columns((max(WIDTH - sum(others), NAMES / 2), *others), size)


def _height(sheets: Sheets, row: tuple[str, ...], columns: Columns) -> float:
    sheets.letters(columns.size)
    return max(ROW, sheets.height(columns.widths[0] - 2, row[0]) + 1.4)


def _row(
    sheets: Sheets, row: tuple[str, ...], told: Table, columns: Columns, style: Any = ""
) -> None:
    height = _height(sheets, row, columns)
    sheets.letters(columns.size, style)
    if style:
        sheets.set_fill_color(232)
        sheets.rect(MARGIN, sheets.y_now, WIDTH, height, "F")
    x, top = MARGIN + columns.widths[0], sheets.y_now
    lines = sheets.height(columns.widths[0] - 2, row[0])
    sheets.lines(MARGIN + 1, top + (height - lines) / 2, columns.widths[0] - 2, row[0], "L")
    for value, width, numeric in zip(row[1:], columns.widths[1:], told.numeric[1:], strict=True):
        sheets.line_at(x + 1, top + height / 2, width - 2, value, "R" if numeric else "L")
        x += width
    sheets.y_now = top + height
    sheets.set_draw_color(170)
    sheets.set_line_width(0.1)
    sheets.line(MARGIN, sheets.y_now, MARGIN + WIDTH, sheets.y_now)


def _bars(sheets: Sheets, told: Chart) -> None:
    sheets.heading(told.title, BAR * len(told.bars))
    most = max(bar.length for bar in told.bars) or 1
    sheets.letters(9)
    for bar in told.bars:
        middle = sheets.y_now + BAR / 2
        sheets.line_at(MARGIN, middle, 55, bar.label)
        sheets.line_at(MARGIN + 56, middle, 14, bar.value, "R")
        sheets.set_fill_color(*_rgb(bar.colour))
        sheets.set_draw_color(90)
        sheets.set_line_width(0.1)
        length = (WIDTH - 74) * bar.length / most
        sheets.rect(MARGIN + 73, sheets.y_now + 0.7, max(length, 0.2), BAR - 1.4, "DF")
        sheets.y_now += BAR


def _steps(sheets: Sheets, told: Chart) -> None:
    sheets.heading(told.title, CHART + 6)
    most = max(bar.length for bar in told.bars) or 1
    step, bottom = WIDTH / len(told.bars), sheets.y_now + CHART
    for at, bar in enumerate(told.bars):
        height = (CHART - 5) * bar.length / most
        sheets.set_fill_color(*_rgb(bar.colour))
        sheets.rect(MARGIN + (at + 0.1) * step, bottom - height, step * 0.8, height, "F")
    highest = max(range(len(told.bars)), key=lambda at: told.bars[at].length)
    sheets.letters(8)
    sheets.line_at(
        MARGIN + (highest + 0.5) * step - 10, sheets.y_now + 2.5, 20, told.bars[highest].value, "C"
    )
    sheets.rule(MARGIN + WIDTH / 2, bottom, WIDTH)
    sheets.line_at(MARGIN, bottom + 2.2, 40, told.bars[0].label)
    sheets.line_at(MARGIN + WIDTH - 40, bottom + 2.2, 40, told.bars[-1].label, "R")
    sheets.y_now = bottom + 5


def _facts(sheets: Sheets, briefing: Briefing) -> None:
    for term, told in briefing.facts:
        sheets.letters(9.5)
        height = sheets.height(WIDTH - 48, told)
        sheets.room(height)
        sheets.letters(9.5, "I")
        sheets.lines(MARGIN, sheets.y_now, 46, term, "L")
        sheets.letters(9.5)
        sheets.y_now = sheets.lines(MARGIN + 48, sheets.y_now, WIDTH - 48, told, "L") + 0.8


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue
