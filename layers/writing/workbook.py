"""Layers as Excel workbooks: the sheet of features, and one that explains its columns."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from layers.writing.reading import Job

EXPLANATION = "Cột · columns"
_LONGEST = 32_767


def write_workbook(job: Job) -> None:
    """Write an XLSX file, a row at a time.

    Times are written in the plan's zone, since Excel knows no zones. No text becomes a formula.
    """
    plan = job.plan
    book = Workbook(write_only=True)
    sheet = book.create_sheet(plan.layer[:31])
    sheet.freeze_panes = "A2"
    sheet.append(list(plan.heads))
    for rows in job.batches():
        for row in rows:
            sheet.append([_cell(sheet, value, plan.time_zone) for value in row])
    notes = book.create_sheet(EXPLANATION)
    for note in plan.notes:
        notes.append(note)
    book.save(plan.path)


def _cell(sheet: Any, value: Any, time_zone: tzinfo | None) -> Any:
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
