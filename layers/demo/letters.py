"""The demo's PDF files, in the form of official documents (Decree 30/2020/NĐ-CP, annex I)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from fpdf import FPDF

FONTS = Path(__file__).resolve().parents[2] / "styles" / "print"
STYLES: dict[Literal["", "B", "I"], str] = {"": "Regular", "B": "Bold", "I": "Italic"}
LEFT, TOP, RIGHT = 30.0, 20.0, 15.0
"""Margins in millimetres, as the decree has them."""
MARK = "DỮ LIỆU MÔ PHỎNG · KHÔNG CÓ GIÁ TRỊ THI HÀNH"
BASIS = (
    "Căn cứ Luật Tổ chức chính quyền địa phương;",
    "Căn cứ Luật Phòng, chống bệnh truyền nhiễm; Luật Phòng, chống thiên tai;",
    "Xét tình hình thực tế trên địa bàn,",
)
RESPONSIBLE = (
    "Thủ trưởng các sở, ban, ngành, Chủ tịch Ủy ban nhân dân các địa phương và các cơ quan, đơn"
    " vị liên quan chịu trách nhiệm thi hành văn bản này."
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a document says."""

    issuer: str
    number: str
    place: str
    on: date
    kind: str
    title: str
    points: tuple[str, ...]


class _Sheet(FPDF):
    """A4 with the letters of official documents and the mark of the demo on each page."""

    def __init__(self) -> None:
        super().__init__("portrait", "mm", "A4")
        self.set_margins(LEFT, TOP, RIGHT)
        self.set_auto_page_break(True, TOP)
        for style, name in STYLES.items():
            self.add_font("Tinos", style, FONTS / f"Tinos-{name}.ttf")
        self.set_lang("vi")

    def header(self) -> None:
        """The mark of the demo."""
        self.set_font("Tinos", "B", 9)
        self.set_text_color(178, 34, 34)
        self.set_y(10)
        self.cell(0, 5, MARK, align="C", new_x="LMARGIN", new_y="NEXT")
        self.set_text_color(0)
        self.set_y(TOP)

    def said(
        self, text: str, size: float, style: Literal["", "B", "I"] = "", align: str = "J"
    ) -> None:
        """A paragraph."""
        self.set_font("Tinos", style, size)
        self.multi_cell(0, size * 0.52, text, align=align, new_x="LMARGIN", new_y="NEXT")
        self.ln(2)


def written(letter: Letter) -> bytes:
    """The document as PDF, always the same bytes."""
    sheet = _Sheet()
    sheet.set_title(f"{letter.number}: {letter.title}")
    sheet.set_author(letter.issuer)
    sheet.set_creation_date(datetime(letter.on.year, letter.on.month, letter.on.day, tzinfo=UTC))
    sheet.add_page()
    _head(sheet, letter)
    sheet.said(letter.kind.upper(), 14, "B", "C")
    sheet.said(letter.title, 14, "B", "C")
    for line in BASIS:
        sheet.said(line, 13, "I")
    for place, point in enumerate(letter.points, 1):
        sheet.said(f"{place}. {point}", 13)
    sheet.said(f"{len(letter.points) + 1}. {RESPONSIBLE}", 13)
    _foot(sheet, letter)
    return bytes(sheet.output())


def _head(sheet: _Sheet, letter: Letter) -> None:
    half = sheet.epw / 2
    rows: tuple[tuple[str, str, Literal["", "B", "I"], Literal["", "B", "I"], float], ...] = (
        (letter.issuer.upper(), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "B", "B", 10.5),
        (f"Số: {letter.number}", "Độc lập - Tự do - Hạnh phúc", "", "B", 12),
        ("", _place_and_date(letter), "", "I", 12),
    )
    for left, right, left_style, right_style, size in rows:
        sheet.set_font("Tinos", left_style, size)
        sheet.cell(half - 8, 6.5, left, align="C")
        sheet.set_font("Tinos", right_style, size)
        sheet.cell(half + 8, 6.5, right, align="C", new_x="LMARGIN", new_y="NEXT")
    sheet.ln(6)


def _place_and_date(letter: Letter) -> str:
    on = letter.on
    # The decree: days under 10 and the months 1 and 2 are written with a 0.
    month = f"{on.month:02}" if on.month < 3 else str(on.month)
    return f"{letter.place}, ngày {on.day:02} tháng {month} năm {on.year}"


def _foot(sheet: _Sheet, letter: Letter) -> None:
    sheet.ln(4)
    half = sheet.epw / 2
    top = sheet.get_y()
    sheet.set_font("Tinos", "I", 11)
    sheet.multi_cell(half, 5, "Nơi nhận:\n- Như trên;\n- Lưu: VT.", align="L")
    sheet.set_xy(LEFT + half, top)
    sheet.set_font("Tinos", "B", 12)
    sheet.multi_cell(half, 6, "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH", align="C")
    sheet.set_x(LEFT + half)
    sheet.set_font("Tinos", "I", 11)
    sheet.multi_cell(half, 6, "(bản mô phỏng, không ký)", align="C")
