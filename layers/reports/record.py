"""The record of a report: who must send it, when, and the tables that it is made of.

Pages, files, submissions and permissions are derived from the record. The SQL of a table or a
gap is of trusted text with these names in it, which are bound:

    :since, :until      the instants at which the period begins, and the first after it
    :first, :last       its days in the province's zone, both included
    :district           the code of a district, or null for the whole province
    :due                the instant by which the report is due
    :zone               the name of the province's time zone
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from layers.layer import CodeList, Text, Theme
from spatial.sql import Sql, bind, join, raw

Kind = Literal["text", "count", "number", "percent", "day", "instant"]
Every = Literal["day", "week", "month"]

_NAMES = re.compile(r"(?<!:):(since|until|first|last|district|due|zone)\b")
_TYPES = {
    "since": "timestamptz",
    "until": "timestamptz",
    "first": "date",
    "last": "date",
    "district": "text",
    "due": "timestamptz",
    "zone": "text",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table of a report.

    Attributes:
        name: of the column that the SQL gives.
        kind: `count` is a whole number that is summed below the table.
        codes: where the value is a code.
    """

    name: str
    title: Text
    kind: Kind = "text"
    codes: CodeList | None = None


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of a report.

    Attributes:
        sql: gives rows with a column for each of `columns`, by name.
    """

    id: str
    title: Text
    columns: tuple[Field, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What should have been entered and was not.

    Attributes:
        sql: gives rows `district_code`, `place` (its name to people), `since` (the last time that
            it was entered, or null).
    """

    title: Text
    sql: str


@dataclass(frozen=True, slots=True)
class Entries:
    """Who entered things that are neither a layer's nor a register's.

    Attributes:
        sql: gives rows `district_code`, `actor` (a login), `entries`, `first_at`, `last_at`,
            `late` (how many were made after `:due`).
    """

    title: Text
    sql: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report.

    Attributes:
        id: in addresses.
        sender: the id of the department that must send it; `DISTRICT`: each district must.
        readers: ids of departments that gather it, beside leadership.
        every: how long a period is; weeks begin on Monday.
        due: after the end of the period's last day; negative: before it.
        sources: ids of the layers and registers whose changes are its entries; of a register
            with a kind of place behind a slash, those at places of that kind alone.
    """

    id: str
    theme: Theme
    title: Text
    sender: str
    tables: tuple[ReportTable, ...]
    readers: tuple[str, ...] = ()
    every: Every = "day"
    due: timedelta = timedelta(hours=-7)
    sources: tuple[str, ...] = ()
    entries: tuple[Entries, ...] = ()
    gaps: tuple[Gap, ...] = field(default=())

    def period(self, day: date, zone: ZoneInfo) -> Period:
        """The report's own period that a day lies in."""
        first, last = span(self.every, day)
        return Period(first, last, zone, self.due)


@dataclass(frozen=True, slots=True)
class Period:
    """Days that are reported on, both included.

    Attributes:
        zone: the province's, in which days begin.
        grace: how long after the end of the last day the report is due; negative: before.
    """

    first: date
    last: date
    zone: ZoneInfo
    grace: timedelta = timedelta()

    @property
    def since(self) -> datetime:
        """The first instant."""
        return datetime.combine(self.first, time.min, self.zone).astimezone(UTC)

    @property
    def until(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last + timedelta(1), time.min, self.zone).astimezone(UTC)

    @property
    def due(self) -> datetime:
        """When the report is due."""
        return self.until + self.grace


def span(every: Every, day: date) -> tuple[date, date]:
    """The first and the last day of the day, week or month that a day lies in."""
    if every == "day":
        return day, day
    if every == "week":
        monday = day - timedelta(day.weekday())
        return monday, monday + timedelta(6)
    first = day.replace(day=1)
    return first, (first + timedelta(31)).replace(day=1) - timedelta(1)


def bound(text: str, period: Period, district: str | None, most: int) -> Sql:
    """The SQL of a record for a period and a district, of `most` rows at most."""
    values: dict[str, Any] = {
        "since": period.since,
        "until": period.until,
        "first": period.first,
        "last": period.last,
        "district": district,
        "due": period.due,
        "zone": str(period.zone),
    }
    pieces = _NAMES.split(text)
    parts = [
        bind(values[piece], _TYPES[piece]) if at % 2 else raw(piece)
        for at, piece in enumerate(pieces)
    ]
    whole = join("", parts)
    return raw("SELECT * FROM (") + whole + raw(") AS told LIMIT ") + bind(most, "int4")
