"""Times: RFC 3339 dates and date-times, and the OGC `datetime` parameter.

OGC API Features part 1, 7.15.4 (/req/core/fc-time-definition). A date without a time is the whole
day in UTC. PostgreSQL keeps microseconds, so the last instant of a day is 23:59:59.999999.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal

from spatial.errors import BadInput, shown
from spatial.sql import Sql, bind, sql

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,18}))?"
    r"(?:([Zz])|([+-])(\d{2}):(\d{2}))",
    re.ASCII,
)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


class BadDatetime(BadInput):
    """The text is not an RFC 3339 time or interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval of time; `None` is an open end. An instant has equal ends."""

    start: datetime | None
    end: datetime | None

    def sql(
        self,
        start_column: Sql,
        end_column: Sql | None = None,
        column_type: Literal["timestamptz", "date"] = "timestamptz",
    ) -> Sql:
        """The condition that a feature's time shares an instant with this interval.

        Args:
            start_column: the feature's instant, or the start of its interval.
            end_column: the end of its interval. A feature with one end null is open at that end;
                with both null it has no time and never matches.
            column_type: the type of the columns; a date is compared with the UTC days of the ends.
        """
        first = self._ends(column_type)[0]
        last = self._ends(column_type)[1]
        if end_column is None:
            tests = [sql("{} >= {}", start_column, first)] if first else []
            tests += [sql("{} <= {}", start_column, last)] if last else []
            if not tests:
                return sql("{} IS NOT NULL", start_column)
            return tests[0] if len(tests) == 1 else sql("({} AND {})", *tests)
        some = sql("({} IS NOT NULL OR {} IS NOT NULL)", start_column, end_column)
        tests = []
        if last:
            tests.append(sql("({} <= {} OR {} IS NULL)", start_column, last, start_column))
        if first:
            tests.append(sql("({} >= {} OR {} IS NULL)", end_column, first, end_column))
        for test in tests:
            some = sql("{} AND {}", some, test)
        return sql("({})", some)

    def _ends(self, column_type: str) -> tuple[Sql | None, Sql | None]:
        ends = (self.start, self.end)
        if column_type == "date":
            days = tuple(bind(end.astimezone(UTC).date(), "date") if end else None for end in ends)
            return days[0], days[1]
        instants = tuple(bind(end, "timestamptz") if end else None for end in ends)
        return instants[0], instants[1]


def parse_datetime(text: str) -> Interval:
    """The interval of a `datetime` parameter: a time, `a/b`, `../b`, `/b`, `a/..` or `a/`.

    A start in the year 0000 and an end in the year 9999 are open ends, as QGIS writes them.

    Raises:
        BadDatetime: not RFC 3339, no such day, or the start is after the end.
    """
    parts = text.split("/")
    if len(parts) > 2:
        raise _bad(text, "an interval has two ends", "một khoảng thời gian chỉ có hai đầu")
    if len(parts) == 1:
        return _instant(text, text)
    opens = [part in ("", "..") for part in parts]
    if all(opens):
        raise _bad(text, "at least one end must be a time", "ít nhất một đầu phải là thời điểm")
    start = None if opens[0] or parts[0].startswith("0000-") else _instant(parts[0], text).start
    end = None if opens[1] or parts[1].startswith("9999-") else _instant(parts[1], text).end
    for part in parts:
        if part.startswith(("0000-", "9999-")) and not _grammatical(part):
            raise _bad(text, *_GRAMMAR)
    if start is not None and end is not None and start > end:
        raise _bad(text, "its start is after its end", "điểm đầu ở sau điểm cuối")
    return Interval(start, end)


def parse_date(text: str) -> date:
    """A full-date of RFC 3339.

    Raises:
        BadDatetime: not of the form `2021-08-15`, or no such day.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise _bad(text, "a date is written 2021-08-15", "ngày được viết như 2021-08-15")
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        raise _bad(text, "there is no such day", "không có ngày này") from None


def parse_timestamp(text: str) -> datetime:
    """A date-time of RFC 3339, in UTC, to the microsecond.

    A leap second is the first instant of the next minute. A time whose offset leads out of
    the years 1 to 9999 is the first or the last instant that can be kept.

    Raises:
        BadDatetime: not of the form `2021-08-15T07:00:00Z` or `2021-08-15T14:00:00+07:00`.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise _bad(text, *_GRAMMAR)
    year, month, day, hour, minute, second = (int(match[group]) for group in range(1, 7))
    leap = second == 60 and minute == 59
    micros = int((match[7] or "0")[:6].ljust(6, "0"))
    try:
        zone = _zone(match[9], match[10], match[11])
        moment = datetime(
            year, month, day, hour, minute, 59 if leap else second, 0 if leap else micros, zone
        )
    except ValueError:
        raise _bad(text, "there is no such time", "không có thời điểm này") from None
    try:
        moment = moment.astimezone(UTC)
        return moment + timedelta(seconds=1) if leap else moment
    except OverflowError:
        return _EARLIEST if year < 5000 else _LATEST


def day_end(day: date) -> datetime:
    """The last microsecond of a day in UTC."""
    return datetime.combine(day, time.max, UTC)


def day_start(day: date) -> datetime:
    """The first instant of a day in UTC."""
    return datetime.combine(day, time.min, UTC)


_GRAMMAR = (
    "a time is written 2021-08-15, 2021-08-15T07:00:00Z or 2021-08-15T14:00:00+07:00",
    "thời gian được viết như 2021-08-15, 2021-08-15T07:00:00Z hoặc 2021-08-15T14:00:00+07:00",
)


def _instant(part: str, text: str) -> Interval:
    if "T" not in part.upper():
        if not _DATE.fullmatch(part):
            raise _bad(text, *_GRAMMAR)
        day = parse_date(part)
        return Interval(day_start(day), day_end(day))
    moment = parse_timestamp(part)
    return Interval(moment, moment)


def _grammatical(part: str) -> bool:
    """Whether a time of the years 0000 and 9999 follows the grammar and names a real day."""
    possible = f"{'2000' if part.startswith('0000') else '1999'}{part[4:]}"
    try:
        _instant(possible, possible)
    except BadDatetime:
        return False
    return True


def _zone(sign: str | None, hours: str | None, minutes: str | None) -> timezone:
    if sign is None or hours is None or minutes is None:
        return UTC
    if int(minutes) > 59 or int(hours) > 23:
        raise ValueError("no such offset")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def _bad(text: str, en: str, vi: str) -> BadDatetime:
    return BadDatetime(
        f"'{shown(text)}' is not a time: {en}.", f"'{shown(text)}' không phải là thời gian: {vi}."
    )
