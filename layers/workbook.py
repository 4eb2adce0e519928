"""Layers as Excel workbooks: the sheet of features, and one that explains its columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from layers.layer import Column, Layer

MAX_ROWS = 1_048_575
"""Features that a sheet holds at most, beside its row of names (ECMA-376)."""

EXPLANATION = "Cột · columns"
_LONGEST = 32_767


def write_workbook(
    path: Path,
    layer: Layer,
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    columns: Sequence[Column],
    time_zone: tzinfo,
) -> None:
    """Write rows to an XLSX file, one at a time.

    Times are written in the zone given, since Excel knows no zones. No text becomes a formula.

    Args:
        names: the heads of the columns.
        columns: the records to explain, in the second sheet.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(layer.id[:31])
    sheet.freeze_panes = "A2"
    sheet.append(list(names))
    for row in rows:
        sheet.append([_cell(sheet, value, time_zone) for value in row])
    notes = book.create_sheet(EXPLANATION)
    notes.append(["name", "Tên", "Title", "Đơn vị · unit", "Giá trị · values"])
    for column in columns:
        codes = column.codes.codes if column.codes else ()
        values = "; ".join(f"{code.value} = {code.title.vi} · {code.title.en}" for code in codes)
        notes.append([column.name, column.title.vi, column.title.en, column.unit or "", values])
    book.save(path)


def _cell(sheet: Any, value: Any, time_zone: tzinfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(time_zone).replace(tzinfo=None)
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
    if not text.startswith("="):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell
