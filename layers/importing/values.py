"""Texts, numbers and dates of a file as values of a column, or the reason why they are none."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, tzinfo
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from layers.importing.columns import fold, required
from layers.importing.problems import Fault
from layers.layer import Column, Record, sql_type
from spatial.errors import BadInput
from spatial.temporal import parse_timestamp

_YES = {"true", "t", "yes", "y", "1", "x", "co", "dung"}
_NO = {"false", "f", "no", "n", "0", "khong", "sai"}
_TIMES = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%H:%M %d/%m/%Y",
)  # fmt: skip
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d-%m-%Y")
_WHOLE = re.compile(r"[+-]?\d{1,19}(\.0+)?", re.ASCII)
_FRACTION = re.compile(r"(\d{2}:\d{2}:\d{2})\.\d+")


class Reader:
    """Reads the values of one column.

    Args:
        time_zone: of times that tell none.
    """

    def __init__(self, record: Record, column: Column, time_zone: tzinfo) -> None:
        self.column = column
        self._kind = sql_type(record, column.name)
        self._required = required(record, column)
        self._zone = time_zone
        wide = isinstance(record.held(column.name).type, sa.BigInteger)
        self._limit = 2**63 - 1 if wide else 2**31 - 1
        self._codes: dict[str, str] = {}
        if column.codes is not None:
            for code in reversed(column.codes.codes):
                self._codes[fold(code.title.en)] = code.value
                self._codes[fold(code.title.vi)] = code.value
                self._codes[fold(code.value)] = code.value

    def read(self, given: Any) -> Any:
        """The value to store, None for an empty cell.

        Raises:
            Fault: the value breaks the column's rule.
        """
        if isinstance(given, str):
            given = unicodedata.normalize("NFC", given).strip()
        if given is None or given == "" or (isinstance(given, float) and math.isnan(given)):
            if self._required:
                raise Fault("bắt buộc phải có giá trị", "a value is required")
            return None
        value = self._typed(given)
        self._check_range(value)
        return value

    def _typed(self, given: Any) -> Any:
        match self._kind:
            case "int8":
                return self._whole(given)
            case "float8":
                return number(given)
            case "bool":
                return truth(given)
            case "timestamptz":
                return moment(given, self._zone)
            case "date":
                return _day(given)
            case "uuid":
                return _uuid(given)
        return self._text(given)

    def _whole(self, given: Any) -> int:
        text = str(given).strip()
        if isinstance(given, bool) or not _WHOLE.fullmatch(text):
            raise Fault("phải là số nguyên", "must be a whole number")
        value = int(text.partition(".")[0])
        if abs(value) > self._limit:
            raise Fault("số quá lớn", "the number is too large")
        return value

    def _text(self, given: Any) -> str:
        text = as_text(given)
        if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
            raise Fault("có ký tự không lưu được", "holds a character that cannot be stored")
        if self.column.codes is not None:
            value = self._codes.get(fold(text))
            if value is None:
                known = ", ".join(self.column.codes.values)
                raise Fault(f"phải là một trong: {known}", f"must be one of: {known}")
            return value
        longest = self.column.max_length
        if longest is not None and len(text) > longest:
            raise Fault(f"dài quá {longest} ký tự", f"is longer than {longest} characters")
        return text

    def _check_range(self, value: Any) -> None:
        low, high = self.column.minimum, self.column.maximum
        if low is not None and value < low:
            raise Fault(f"phải từ {low:,.15g} trở lên", f"must be {low:,.15g} or more")
        if high is not None and value > high:
            raise Fault(f"phải từ {high:,.15g} trở xuống", f"must be {high:,.15g} or less")


def number(given: Any) -> float:
    """A finite number; a text may have a decimal comma.

    Raises:
        Fault: it is none.
    """
    text = str(given).strip()
    if "," in text and "." not in text:
        text = text.replace(",", ".", 1)
    try:
        value = math.nan if isinstance(given, bool) else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Fault("phải là một số", "must be a number")
    return value


def moment(given: Any, zone: tzinfo) -> datetime:
    """An instant; a text or a cell that tells no zone is in the given one.

    Raises:
        Fault: it is none.
    """
    if isinstance(given, str):
        given = _parsed_moment(given)
    elif isinstance(given, date) and not isinstance(given, datetime):
        given = datetime(given.year, given.month, given.day)
    if not isinstance(given, datetime):
        raise _no_time()
    return given if given.tzinfo else given.replace(tzinfo=zone)


def truth(given: Any) -> bool:
    """Yes or no, in either language or by a cross.

    Raises:
        Fault: it is neither.
    """
    text = fold(as_text(given))
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Fault("phải là có hoặc không", "must be yes or no")


def _parsed_moment(text: str) -> datetime:
    try:
        return parse_timestamp(text)
    except BadInput:
        pass
    plain = _FRACTION.sub(r"\1", text)
    for form in (*_TIMES, *_DATES):
        try:
            return datetime.strptime(plain, form)
        except ValueError:
            continue
    raise _no_time()


def _no_time() -> Fault:
    return Fault(
        "phải là thời điểm, ví dụ 2021-08-15T14:00:00+07:00 hoặc 15/08/2021 14:00",
        "must be a time, e.g. 2021-08-15T14:00:00+07:00 or 15/08/2021 14:00",
    )


def _day(given: Any) -> date:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    for form in (*_DATES, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(str(given), form).date()
        except ValueError:
            continue
    raise Fault(
        "phải là ngày, ví dụ 2021-08-15 hoặc 15/08/2021",
        "must be a date, e.g. 2021-08-15 or 15/08/2021",
    )


def _uuid(given: Any) -> UUID:
    try:
        return UUID(str(given))
    except ValueError:
        raise Fault("phải là mã UUID", "must be a UUID") from None


def as_text(given: Any) -> str:
    """The text of a cell; Excel keeps a code of digits as a number."""
    if isinstance(given, float) and given.is_integer():
        return str(int(given))
    if isinstance(given, bool):
        return "true" if given else "false"
    return unicodedata.normalize("NFC", str(given)).strip()
