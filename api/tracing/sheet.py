"""The tracers' list as a workbook or CSV, in Vietnamese, the language in which they call."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from api.declarations.importing import SEX
from layers.tracing.codes import CONTACT_STATE

CONTACT_HEADS = {
    "STT": 6, "Đối tượng": 10, "Họ và tên": 28, "Năm sinh": 10, "Giới tính": 10,
    "Điện thoại": 15, "Địa chỉ": 36, "Xã, phường": 22, "Quận, huyện": 22, "Số phút": 10,
    "Số lần gặp": 11, "Gặp lần đầu": 18, "Gặp lần cuối": 18, "Giờ ước lượng": 14,
    "Kết quả liên hệ": 20, "Ghi chú": 36,
}  # fmt: skip
"""The heads of the list, and how wide each column is."""
MEETING_HEADS = {
    "STT": 6, "Đối tượng": 10, "Họ và tên": 28, "Nơi gặp": 36, "Từ": 18, "Đến": 18,
    "Gặp ai": 16, "Giờ ước lượng": 14,
}  # fmt: skip
"""The heads of the sheet of meetings."""
DEVICES = "Thiết bị ở gần nhau"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_workbook(found: Mapping[str, Any], zone: ZoneInfo) -> bytes:
    """The contacts of a request, and on a sheet of their own where each met whom."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = f"Tiếp xúc {found['code']}"[:31]
    _fill(sheet, CONTACT_HEADS, _contacts(found, zone))
    _fill(book.create_sheet("Lần gặp"), MEETING_HEADS, _meetings(found, zone))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def write_csv(found: Mapping[str, Any], zone: ZoneInfo) -> bytes:
    """The contacts of a request, as Excel opens it; no text becomes a formula there."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(CONTACT_HEADS)
    for row in _contacts(found, zone):
        writer.writerow(
            f"'{one}" if isinstance(one, str) and one.startswith(_FORMULA) else one for one in row
        )
    return made.getvalue().encode("utf-8-sig")


def _fill(sheet: Any, heads: Mapping[str, int], rows: Iterator[list[Any]]) -> None:
    sheet.append(list(heads))
    for number, (cell, width) in enumerate(zip(sheet[1], heads.values(), strict=True), 1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "D2"
    for row in rows:
        sheet.append([_clean(one) for one in row])
        for cell in sheet[sheet.max_row]:
            if cell.data_type == "f":
                cell.data_type = "s"


def _clean(value: Any) -> Any:
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value


def _contacts(found: Mapping[str, Any], zone: ZoneInfo) -> Iterator[list[Any]]:
    sexes = {code.value: code.title.vi for code in SEX.codes}
    states = {code.value: code.title.vi for code in CONTACT_STATE.codes}
    for number, one in enumerate(found["contacts"], 1):
        yield [
            number, _degree(one), one["name"], one["birth_year"], sexes.get(one["sex"]),
            one["phone"], one["address"], one["commune"], one["district"], one["minutes"],
            one["meetings"], _time(one["first_at"], zone), _time(one["last_at"], zone),
            _estimated(one), states[one["state"]], one["note"],
        ]  # fmt: skip


def _meetings(found: Mapping[str, Any], zone: ZoneInfo) -> Iterator[list[Any]]:
    for number, one in enumerate(found["contacts"], 1):
        for met in one["evidence"]:
            yield [
                number, _degree(one), one["name"],
                DEVICES if met["kind"] == "proximity" else met["name"],
                _time(met["from"], zone), _time(met["to"], zone),
                "F0" if met["with"] is None else f"F1 số {met['with']}", _estimated(met),
            ]  # fmt: skip


def _degree(one: Mapping[str, Any]) -> str:
    return f"F{one['degree']}"


def _estimated(one: Mapping[str, Any]) -> str:
    return "có" if one["estimated"] else ""


def _time(text: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(text).astimezone(zone).strftime("%d/%m/%Y %H:%M")
