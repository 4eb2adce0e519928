"""The map, the list of areas and the chart of the brief, drawn as shapes, not pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fpdf.drawing import PaintedPath
from fpdf.drawing_primitives import color_from_hex_string

from api.brief.page import Map, Top, Trend
from api.paths import rings

if TYPE_CHECKING:
    from api.brief.sheet import Sheet

Box = tuple[float, float, float, float]
"""Left, top, width and height in millimetres."""

OUTLINE = "#4a5560"
COLOURS = ((37, 52, 148), (194, 65, 12))
"""Of the chart's lines, told apart on a grey print by their dashes."""
TITLE = 4.6
"""Height of a picture's title."""
HEADS = 7.5
"""Height of the heads of the list's columns."""


def draw_map(sheet: Sheet, told: Map, box: Box) -> None:
    """The coloured areas with the ranks of those in the list, and the legend below on the left."""
    x, y, width, height = box
    sheet.letters(10, "B")
    sheet.line_at(x, y + 2, width, told.title)
    y, height = y + TITLE, height - TITLE
    west, north, east, south = told.bounds
    scale = min(width / (east - west), height / (south - north))
    left = x + width - (east - west) * scale
    for area in told.areas:
        path = PaintedPath()
        for ring in rings(area.path):
            for at, (east_m, south_m) in enumerate(ring):
                go = path.line_to if at else path.move_to
                go(left + (east_m - west) * scale, y + (south_m - north) * scale)
            path.close()
        path.style.fill_color = color_from_hex_string(area.colour)
        path.style.stroke_color = color_from_hex_string(OUTLINE)
        path.style.stroke_width = 0.15
        path.style.intersection_rule = "evenodd"
        with sheet.drawing_context() as drawing:
            drawing.add_item(path)
    for area in told.areas:
        if area.rank:
            middle = (left + (area.place[0] - west) * scale, y + (area.place[1] - north) * scale)
            _rank(sheet, area.rank, *middle)
    _legend(sheet, told, x, y + height)


def _rank(sheet: Sheet, rank: int, x: float, y: float) -> None:
    sheet.set_fill_color(255)
    sheet.set_draw_color(0)
    sheet.set_line_width(0.2)
    sheet.circle(x, y, 1.8, "DF")
    sheet.letters(8, "B")
    sheet.line_at(x - 1.8, y, 3.6, str(rank), "C")


def _legend(sheet: Sheet, told: Map, x: float, below: float) -> None:
    step = 4.0
    sheet.letters(9)
    sheet.set_draw_color(90)
    sheet.set_line_width(0.15)
    for at, (colour, text) in enumerate(told.legend):
        y = below - (len(told.legend) - at) * step
        sheet.set_fill_color(*(int(colour[n : n + 2], 16) for n in (1, 3, 5)))
        sheet.rect(x, y + 0.5, 5, step - 1, "DF")
        sheet.line_at(x + 6.5, y + step / 2, 28, text)


def draw_top(sheet: Sheet, told: Top, box: Box) -> None:
    """The areas that have most, numbered as on the map."""
    x, y, width, height = box
    sheet.letters(10, "B")
    sheet.line_at(x, y + 2, width, told.title)
    y += TITLE
    others = 21.0
    name = width - 5 - others * (len(told.heads) - 1)
    sheet.letters(8.5, "B")
    sheet.line_at(x + 5, y + HEADS / 2, name - 1, told.heads[0])
    for n, text in enumerate(told.heads[1:]):
        start = y + (HEADS - sheet.height(others - 1, text)) / 2
        sheet.lines(x + 6 + name + n * others, start, others - 1, text, "R")
    y += HEADS
    step = (height - TITLE - HEADS) / max(1, len(told.rows))
    sheet.letters(9)
    for at, row in enumerate(told.rows):
        middle = y + step * (at + 0.5)
        sheet.line_at(x, middle, 4, f"{at + 1}", "C")
        sheet.line_at(x + 5, middle, name - 1, row[0])
        for n, text in enumerate(row[1:]):
            sheet.line_at(x + 6 + name + n * others, middle, others - 1, text, "R")
        sheet.set_draw_color(170)
        sheet.set_line_width(0.1)
        sheet.line(x, middle - step / 2, x + width, middle - step / 2)


def draw_trend(sheet: Sheet, told: Trend, box: Box) -> None:
    """Lines over days, with what they are above and the days below."""
    x, y, width, height = box
    sheet.letters(10, "B")
    sheet.line_at(x, y + 2, width, told.title)
    left, right = x + 8, x + width - 1
    top, bottom = y + TITLE + 5, y + height - 4.5
    most = told.steps[-1][0]
    sheet.letters(8)
    sheet.set_line_width(0.1)
    for value, text in told.steps:
        at = bottom - (bottom - top) * value / most
        sheet.set_draw_color(200)
        sheet.line(left, at, right, at)
        sheet.line_at(x, at, 7, text, "R")
    sheet.line_at(left, bottom + 2.2, 30, told.days[0])
    sheet.line_at(right - 30, bottom + 2.2, 30, told.days[1], "R")
    for n, (title, values) in enumerate(told.lines):
        sheet.set_draw_color(*COLOURS[n % len(COLOURS)])
        sheet.set_line_width(0.5)
        if n:
            sheet.set_dash_pattern(1.4, 0.8)
        step = (right - left) / max(1, len(values) - 1)
        points = [
            (left + day * step, bottom - (bottom - top) * value / most)
            for day, value in enumerate(values)
        ]
        sheet.polyline(points)
        key = x + n * width / len(told.lines)
        sheet.line(key, y + TITLE + 1.6, key + 6, y + TITLE + 1.6)
        sheet.set_dash_pattern()
        sheet.line_at(key + 7, y + TITLE + 1.6, width / len(told.lines) - 8, title)
