"""Draws a site's poster: Vietnamese large, English below it, and the code in the middle."""

from __future__ import annotations

import io
from typing import cast

import segno
from fpdf import FPDF
from fpdf.enums import MethodReturnValue

from api.brief.sheet import FAMILY, FONTS, STYLES
from api.checkins import texts
from api.checkins.poster import Poster

# Millimetres, and points of letters.
MARGIN = 18.0
WIDTH = 210.0 - 2 * MARGIN
CODE_TOP, CODE_SIDE = 92.0, 104.0
PT = 25.4 / 72
BRAND = (11, 79, 92)
SOFT = (70, 84, 94)


def draw(page: Poster) -> bytes:
    """The poster as PDF, of one sheet: Vietnamese large, English below it."""
    sheet = FPDF("portrait", "mm", "A4")
    sheet.set_auto_page_break(False)
    sheet.set_margins(MARGIN, MARGIN, MARGIN)
    sheet.c_margin = 0
    for style, name in STYLES.items():
        sheet.add_font(FAMILY, style, FONTS / f"Tinos-{name}.ttf")
    sheet.set_lang("vi")
    sheet.set_title(f"{texts.POSTER_TITLE.vi}: {page.name}")
    sheet.add_page()
    sheet.set_fill_color(*BRAND)
    sheet.rect(0, 0, 210, 52, "F")
    sheet.set_text_color(255)
    _line(sheet, 14, page.head.vi.upper(), 14, "B")
    _line(sheet, 30, texts.POSTER_TITLE.vi, 34, "B")
    _line(sheet, 43, texts.POSTER_TITLE.en, 16)
    sheet.set_text_color(0)
    _name(sheet, page.name)
    _line(sheet, 85, texts.POSTER_CODE.vi.format(code=page.code), 13, colour=SOFT)
    sheet.image(_picture(page.address), (210 - CODE_SIDE) / 2, CODE_TOP, CODE_SIDE, CODE_SIDE)
    _steps(sheet)
    sheet.set_draw_color(*BRAND)
    sheet.set_line_width(0.6)
    sheet.line(MARGIN, 264, 210 - MARGIN, 264)
    _line(sheet, 270, texts.POSTER_HELP.vi, 12, "B")
    _line(sheet, 276, texts.POSTER_HELP.en, 10.5, colour=SOFT)
    hotline = f"{texts.POSTER_HOTLINE.vi} / {texts.POSTER_HOTLINE.en}"
    _line(sheet, 284, hotline.format(hotline=page.hotline), 12, "B")
    return bytes(sheet.output())


def _picture(address: str) -> io.BytesIO:
    # Level Q: a quarter of a poster may be dirty or torn.
    picture = io.BytesIO()
    segno.make_qr(address, error="q").save(picture, kind="png", scale=12, border=4)
    picture.seek(0)
    return picture


def _line(
    sheet: FPDF,
    middle: float,
    text: str,
    size: float,
    style: str = "",
    colour: tuple[int, int, int] | None = None,
) -> None:
    """One line across the sheet, smaller where it would not fit."""
    sheet.set_font(FAMILY, style, size)
    while sheet.get_string_width(text) > WIDTH and size > 6:
        size -= 0.5
        sheet.set_font_size(size)
    before = sheet.text_color
    if colour:
        sheet.set_text_color(*colour)
    sheet.set_xy(MARGIN, middle - size * PT / 2)
    sheet.cell(WIDTH, size * PT, text, align="C")
    sheet.text_color = before


def _name(sheet: FPDF, name: str) -> None:
    """The site's name in one line or two, as large as fits."""
    size = 30.0
    sheet.set_font(FAMILY, "B", size)
    while len(lines := _broken(sheet, name)) > (1 if size > 22 else 2):
        size -= 1
        sheet.set_font_size(size)
    height = size * PT * 1.2
    sheet.set_xy(MARGIN, 67 - height * len(lines) / 2)
    sheet.multi_cell(WIDTH, height, name, align="C")


def _broken(sheet: FPDF, text: str) -> list[str]:
    lines = sheet.multi_cell(WIDTH, text=text, dry_run=True, output=MethodReturnValue.LINES)
    return cast(list[str], lines)


def _steps(sheet: FPDF) -> None:
    for number, step in enumerate(texts.POSTER_STEPS, 1):
        y = 206 + (number - 1) * 19
        sheet.set_fill_color(*BRAND)
        sheet.ellipse(MARGIN, y, 12, 12, "F")
        sheet.set_text_color(255)
        sheet.set_font(FAMILY, "B", 20)
        sheet.set_xy(MARGIN, y)
        sheet.cell(12, 12, str(number), align="C")
        sheet.set_text_color(0)
        for text, size, style, down in ((step.vi, 16, "B", 0.5), (step.en, 12, "", 7)):
            sheet.set_font(FAMILY, style, size)
            sheet.set_xy(MARGIN + 17, y + down)
            sheet.cell(WIDTH - 17, size * PT, text)
