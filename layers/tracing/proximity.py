"""Contacts of devices from a CSV file: read with every problem, then taken all, once each.

The file has one row for two devices that were near each other. A device is told by a telephone
number or by the pseudonym that its application gave it; of neither more is kept to find it by than
a keyed digest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from layers.importing.forms import Form, ReadForm, read_rows
from layers.importing.problems import Fault, Problem
from layers.importing.source import Row
from layers.importing.values import as_text, moment
from layers.layer import Text
from spatial.errors import shown

COLUMNS = {
    "first": Text("Thiết bị 1", "Device 1"),
    "second": Text("Thiết bị 2", "Device 2"),
    "start": Text("Bắt đầu", "Start"),
    "minutes": Text("Số phút", "Minutes"),
    "rssi": Text("RSSI", "RSSI"),
    "metres": Text("Khoảng cách (m)", "Metres"),
}
"""The columns of the file: their titles."""
REQUIRED = ("first", "second", "start", "minutes")
LONGEST_MIN = 1440
_PHONE = re.compile(r"(?:\+?84|0)\d{9}")
_PSEUDONYM = re.compile(r"[\w:.-]{6,64}", re.ASCII)
_LIMITS = {"rssi": (-150.0, 20.0), "metres": (0.0, 1000.0), "minutes": (0.0, float(LONGEST_MIN))}

Device = tuple[str, str]
"""What tells a device: `phone` with digits as people dial them, or `device` with a pseudonym."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two devices that were near each other."""

    first: Device
    second: Device
    start: datetime
    end: datetime
    rssi: int | None
    metres: float | None


FORM = Form(COLUMNS, REQUIRED, "DIEUHANH_TRACE_IMPORT")


def read_file(path: Path, zone: ZoneInfo, *, most: int, keep_days: float) -> ReadForm[Meeting]:
    """Read a CSV or XLSX file.

    Args:
        zone: of times that tell none.
        most: rows at most.
        keep_days: older meetings are a problem: they would be purged at once.

    Raises:
        ImportFailed: it cannot be read, lacks a column, is empty or has too many rows.
    """
    oldest = datetime.now(UTC) - timedelta(days=keep_days)
    return read_rows(path, FORM, lambda row, columns: _read_row(row, columns, zone, oldest), most)


def to_json(meetings: Iterable[Meeting], digest: Callable[[str, str], bytes]) -> str:
    """What the database takes; a device that comes again is digested once.

    Args:
        digest: the keyed digest of a value of a kind, `device` or `phone`.
    """
    known: dict[Device, str] = {}
    rows = []
    for one in meetings:
        row: dict[str, Any] = {"start": one.start, "until": one.end}
        for name, device in (("first", one.first), ("second", one.second)):
            kind, value = device
            if device not in known:
                known[device] = digest(kind, value).hex()
            row[name] = known[device]
            row[f"{name}_phone"] = value if kind == "phone" else None
        rows.append({**row, "rssi": one.rssi, "metres": one.metres})
    return orjson.dumps(rows).decode()


def _read_row(
    row: Row, columns: dict[str, str], zone: ZoneInfo, oldest: datetime
) -> tuple[Meeting | None, list[Problem]]:
    given: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, column in columns.items():
        cell = row.values.get(column)
        try:
            given[name] = _value(name, cell, zone, oldest)
        except Fault as fault:
            # Numbers of telephones are not repeated.
            said = "" if cell is None or name in ("first", "second") else shown(cell)
            problems.append(Problem(row.line, column, said, fault.reason))
    if not problems and given["first"] == given["second"]:
        rule = Text("hai thiết bị phải khác nhau", "the two devices must differ")
        problems.append(Problem(row.line, columns["second"], "", rule))
    if problems:
        return None, problems
    end = given["start"] + timedelta(minutes=given["minutes"])
    rssi = given.get("rssi")
    return (
        Meeting(
            given["first"],
            given["second"],
            given["start"],
            end,
            None if rssi is None else round(rssi),
            given.get("metres"),
        ),
        [],
    )


def _value(name: str, cell: Any, zone: ZoneInfo, oldest: datetime) -> Any:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        if name in REQUIRED:
            raise Fault("bắt buộc phải có giá trị", "a value is required")
        return None
    if name in ("first", "second"):
        return _device(as_text(cell))
    if name == "start":
        at = moment(cell, zone)
        if not oldest <= at <= datetime.now(UTC) + timedelta(minutes=5):
            raise Fault("phải trong thời hạn lưu", "must be within the days that are kept")
        return at
    return _number(name, as_text(cell))


def _device(text: str) -> Device:
    digits = re.sub(r"[\s.\-()]", "", text)
    if digits.isdecimal() and len(digits) == 9:
        # A sheet that keeps it as a number has lost the zero in front.
        digits = f"0{digits}"
    if _PHONE.fullmatch(digits):
        return "phone", f"0{digits[-9:]}"
    if _PSEUDONYM.fullmatch(text.strip()):
        return "device", text.strip().lower()
    raise Fault(
        "phải là số điện thoại hoặc mã thiết bị 6 đến 64 ký tự",
        "must be a telephone number, or a device's id of 6 to 64 characters",
    )


def _number(name: str, text: str) -> float:
    low, high = _LIMITS[name]
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise Fault(f"phải là số từ {low:g} đến {high:g}", f"must be a number, {low:g} to {high:g}")
    return value
