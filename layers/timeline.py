"""How many features of a layer fall on each day, week or month, in the province's zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from layers.layer import sql_type
from layers.query import Query, conditions
from layers.rows import table_name
from spatial.sql import Sql, bind, quote, sql

Step = Literal["day", "week", "month"]
STEPS: tuple[Step, ...] = get_args(Step)


class TooLong(ValueError):
    """The times span more bins than may be told.

    Attributes:
        bins: how many they span.
    """

    def __init__(self, bins: int) -> None:
        super().__init__(f"the times span {bins} bins")
        self.bins = bins


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bins without a gap, each by its first day, and the features in each.

    A feature with an instant is in one bin; one that lasts is in every bin that it touches.
    """

    days: Sequence[date]
    values: Sequence[int]


def timeline_sql(query: Query, step: Step, zone: ZoneInfo) -> Sql:
    """Rows `bin, begun, ended` in order: features that begin in a bin, and that end in it.

    Args:
        query: its conditions decide which features count; its layer has a time.

    A feature whose beginning is open has a row whose bin is NULL, which comes first. Of a layer
    of instants nothing ends.
    """
    source = sql(f"FROM {table_name(query.layer)} AS t WHERE {{}}", conditions(query))
    start, *ends = query.layer.time_columns
    events = sql(
        "SELECT {} AS bin, 1 AS begun, 0 AS ended {}", _bin(query, start, step, zone), source
    )
    for end in ends:
        last = _bin(query, end, step, zone)
        events += sql(
            f" UNION ALL SELECT {{}}, 0, 1 {{}} AND {quote(end)} IS NOT NULL", last, source
        )
    return sql(
        "SELECT bin, sum(begun)::int8 AS begun, sum(ended)::int8 AS ended FROM ({}) AS e"
        " GROUP BY bin ORDER BY bin NULLS FIRST",
        events,
    )


def _bin(query: Query, name: str, step: Step, zone: ZoneInfo) -> Sql:
    column = quote(name)
    if sql_type(query.layer, name) == "date":
        return sql(f"date_trunc({{}}, {column}::timestamp)::date", bind(step, "text"))
    local = sql(f"{column} AT TIME ZONE {{}}", bind(str(zone), "text"))
    return sql("date_trunc({}, {})::date", bind(step, "text"), local)


def timeline(
    rows: Iterable[Mapping[str, Any]],
    query: Query,
    step: Step,
    zone: ZoneInfo,
    most: int,
) -> Timeline:
    """The timeline that the rows of `timeline_sql` make.

    Args:
        most: bins at most.

    Raises:
        TooLong: it would have more.
    """
    lasting = len(query.layer.time_columns) == 2
    going, begun, ended = 0, dict[date, int](), dict[date, int]()
    for row in rows:
        if row["bin"] is None:
            going = row["begun"] if lasting else 0
            continue
        begun[row["bin"]] = row["begun"]
        ended[row["bin"]] = row["ended"]
    if not begun:
        return Timeline((), ())
    told: dict[date, int] = {}
    for day in _bins(begun, step, most):
        going += begun.get(day, 0)
        told[day] = going
        going -= ended.get(day, 0) if lasting else begun.get(day, 0)
    days = _asked(told, query, step, zone)
    return Timeline(days, [told[day] for day in days])


def _bins(found: Mapping[date, int], step: Step, most: int) -> list[date]:
    """All bins from the first to the last that was found."""
    first, last = min(found), max(found)
    bins = _distance(first, last, step) + 1
    if bins > most:
        raise TooLong(bins)
    days = [first]
    while days[-1] < last:
        days.append(_next(days[-1], step))
    return days


def _asked(days: Iterable[date], query: Query, step: Step, zone: ZoneInfo) -> list[date]:
    """The bins that the query's own interval touches: what lasts may reach out of it."""
    interval = query.interval
    first = last = None
    if interval is not None and interval.start is not None:
        first = interval.start.astimezone(zone).date()
    if interval is not None and interval.end is not None:
        last = interval.end.astimezone(zone).date()
    return [
        day
        for day in days
        if (last is None or day <= last) and (first is None or _next(day, step) > first)
    ]


def _next(day: date, step: Step) -> date:
    if step == "month":
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day + timedelta(7 if step == "week" else 1)


def _distance(first: date, last: date, step: Step) -> int:
    if step == "month":
        return (last.year - first.year) * 12 + last.month - first.month
    return (last - first).days // (7 if step == "week" else 1)
