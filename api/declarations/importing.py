"""Declarations from the form that officers fill in: a workbook or a CSV, all of it or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from pydantic import ValidationError

from api.declarations.given import Declaration
from api.sos.given import faults_of
from layers.declarations.codes import SYMPTOM
from layers.importing.columns import fold
from layers.importing.forms import Form, ReadForm, read_rows
from layers.importing.problems import Fault, Problem
from layers.importing.source import Row
from layers.importing.values import as_text, moment, truth
from layers.layer import Code, CodeList, Text
from spatial.errors import shown

SEX = CodeList(
    "sex",
    Text("Giới tính", "Sex"),
    (
        Code("female", Text("Nữ", "Female")),
        Code("male", Text("Nam", "Male")),
        Code("other", Text("Khác", "Other")),
    ),
)
COLUMNS = {
    "name": (Text("Họ và tên", "Full name"), Text("Bắt buộc", "Required")),
    "birth_year": (Text("Năm sinh", "Year of birth"), Text("Bốn chữ số", "Four digits")),
    "sex": (SEX.title, Text("Nam, Nữ hoặc Khác", "Male, Female or Other")),
    "phone": (Text("Số điện thoại", "Telephone"), Text("Để gọi lại", "To call back")),
    "identity": (
        Text("Số căn cước, CMND, hộ chiếu", "Identity number"),
        Text("12 hoặc 9 chữ số, hoặc số hộ chiếu", "12 or 9 digits, or a passport's number"),
    ),
    "commune_code": (
        Text("Xã, phường nơi ở", "Commune"),
        Text("Bắt buộc: tên hoặc mã", "Required: its name or code"),
    ),
    "address": (Text("Địa chỉ", "Address"), Text("Thôn, tổ, số nhà", "Hamlet, group, house")),
    "symptoms": (
        Text("Triệu chứng", "Symptoms"),
        Text("Cách nhau bằng dấu chấm phẩy; để trống nếu không", "By semicolons; empty: none"),
    ),
    "contact": (
        Text("Tiếp xúc ca bệnh", "Contact with a case"),
        Text("Có hoặc không", "Yes or no"),
    ),
    "places": (
        Text("Xã, phường đã đến", "Communes been to"),
        Text("Trong 14 ngày; tên hoặc mã, cách nhau bằng ;", "In 14 days; names or codes, by ;"),
    ),
    "elsewhere": (
        Text("Nơi khác đã đến", "Other places been to"),
        Text("Tỉnh, nước khác; cách nhau bằng ;", "Provinces, countries; by semicolons"),
    ),
    "made_at": (
        Text("Thời điểm khai", "Declared at"),
        Text("Bắt buộc: 15/08/2021 14:00", "Required: 15/08/2021 14:00"),
    ),
}
"""The columns of the form: their titles, and what is written in them."""
FORM = "Khai báo y tế"
"""The sheet of the form."""
REQUIRED = ("name", "commune_code", "made_at")
_DIGITS = {"phone": 10, "identity": 12}
_PREFIX = re.compile(r"^(xa|phuong|thi tran) ")


def write_template(path: Path, communes: Iterable[tuple[str, str]]) -> None:
    """Write an empty form, with sheets that say what is written where.

    Args:
        communes: codes and names.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(FORM)
    sheet.append([title.vi for title, _ in COLUMNS.values()])
    notes = book.create_sheet("Hướng dẫn · notes")
    notes.append(["Cột", "Column", "Cách ghi", "What to write"])
    for title, rule in COLUMNS.values():
        notes.append([title.vi, title.en, rule.vi, rule.en])
    codes = book.create_sheet("Danh mục · lists")
    codes.append(["Triệu chứng", "Symptoms", "", "Xã, phường · communes", "Mã · code"])
    listed = list(communes)
    for index in range(max(len(listed), len(SYMPTOM.codes))):
        symptom = SYMPTOM.codes[index].title if index < len(SYMPTOM.codes) else Text("", "")
        code, name = listed[index] if index < len(listed) else ("", "")
        codes.append([symptom.vi, symptom.en, "", name, code])
    for one in book.worksheets:
        one.freeze_panes = "A2"
        for number, cell in enumerate(one[1], 1):
            cell.font = Font(bold=True)
            one.column_dimensions[get_column_letter(number)].width = 26
    book.save(path)


def read_form(
    path: Path, communes: Iterable[tuple[str, str]], zone: ZoneInfo, most: int
) -> ReadForm[Declaration]:
    """Read a form: every problem by row and column.

    Args:
        communes: codes and names.
        zone: of times that tell none.
        most: rows at most.

    Raises:
        ImportFailed: it cannot be read, lacks a column, is empty or has too many rows.
    """
    by_name = _communes(communes)
    titles = {name: title for name, (title, _) in COLUMNS.items()}
    form = Form(titles, REQUIRED, "DIEUHANH_DECLARATION_IMPORT")
    return read_rows(path, form, lambda row, columns: _read_row(row, columns, by_name, zone), most)


def _communes(communes: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """The code of each commune by its code and its names; None where several have the name."""
    found: dict[str, str | None] = {}
    for code, name in communes:
        for key in {fold(name), _PREFIX.sub("", fold(name))}:
            found[key] = None if key in found else code
        found[fold(code)] = code
    return found


def _read_row(
    row: Row, columns: dict[str, str], communes: dict[str, str | None], zone: ZoneInfo
) -> tuple[Declaration | None, list[Problem]]:
    given: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, column in columns.items():
        cell = row.values.get(column)
        try:
            given[name] = _value(name, cell, communes, zone)
        except Fault as fault:
            said = "" if cell is None else shown(cell)
            problems.append(Problem(row.line, column, said, fault.reason))
    if problems:
        return None, problems
    given = {name: value for name, value in given.items() if value is not None}
    defaults = {"who": "other", "symptoms": [], "contact": False, "consent": True}
    whole = {**defaults, **given}
    try:
        # The same row is the same declaration, however often the file is imported.
        content = Declaration.model_validate({**whole, "id": str(uuid5(NAMESPACE_OID, ""))})
        return content.model_copy(update={"id": uuid5(NAMESPACE_OID, content.content().hex())}), []
    except ValidationError as error:
        for one in faults_of(error):
            place = columns.get(one["field"].partition(".")[0])
            value = "" if place is None else shown(row.values.get(place))
            problems.append(Problem(row.line, place, value, Text(one["vi"], one["en"])))
        return None, problems


def _value(name: str, given: Any, communes: dict[str, str | None], zone: ZoneInfo) -> Any:
    """A cell as the declaration takes it; None for an empty one.

    Raises:
        Fault: it is none of what the column takes.
    """
    if given is None or (isinstance(given, str) and not given.strip()):
        if name in REQUIRED:
            raise Fault("bắt buộc phải có giá trị", "a value is required")
        return None
    if name == "made_at":
        return moment(given, zone).isoformat()
    if name == "contact":
        return truth(given)
    text = as_text(given)
    if name in _DIGITS and isinstance(given, int | float):
        # A sheet that keeps it as a number has lost the zero in front.
        text = text.zfill(_DIGITS[name])
    if name == "birth_year":
        return int(text) if re.fullmatch(r"\d{4}", text, re.ASCII) else _no_year()
    if name == "sex":
        return _code(SEX, text)
    if name == "commune_code":
        return _commune(text, communes)
    parts = [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
    if name == "symptoms":
        return [_code(SYMPTOM, part) for part in parts]
    if name == "places":
        return [_commune(part, communes) for part in parts]
    return parts if name == "elsewhere" else text


def _no_year() -> int:
    raise Fault("phải là năm có bốn chữ số", "must be a year of four digits")


def _code(codes: CodeList, text: str) -> str:
    for code in codes.codes:
        if fold(text) in (fold(code.value), fold(code.title.vi), fold(code.title.en)):
            return code.value
    known = Text(
        ", ".join(code.title.vi for code in codes.codes),
        ", ".join(code.title.en for code in codes.codes),
    )
    raise Fault(f"phải là một trong: {known.vi}", f"must be one of: {known.en}")


def _commune(text: str, communes: dict[str, str | None]) -> str:
    if fold(text) not in communes:
        raise Fault("không có xã, phường này trong tỉnh", "the province has no such commune")
    code = communes[fold(text)]
    if code is None:
        raise Fault(
            "nhiều xã, phường có tên này; hãy ghi mã", "several have this name; write its code"
        )
    return code
