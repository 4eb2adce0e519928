"""The day's figures: records of what leadership watches, and the SQL that counts them.

A figure is one record, like a layer: what it is called, from which columns it is made, and the
aggregate that gives it. All figures of a layer are read in one statement, so they are of one
moment. Who may not read a column that a figure needs does not get the figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from layers.layer import Audience, Layer, Text, Theme, sql_type
from layers.rows import table_name
from spatial.sql import Sql, bind, join, literal, quote, raw, sql

FEWEST = 5
"""People of a cell below which the public is not told how many (0 is told)."""
MAXIMUM_DAYS = 366
MOST_CHANGES = 100_000
"""Changes of a layer since midnight from which its state at the end of yesterday is worked out."""
Level = Literal["district", "commune"]
LEVELS: tuple[Level, ...] = ("district", "commune")


@dataclass(frozen=True, slots=True)
class Moment:
    """The minute that figures are made for, in the province's zone.

    Attributes:
        at: an instant with its zone.
        zone: the province's, in which days begin.
    """

    at: datetime
    zone: ZoneInfo

    @property
    def day(self) -> date:
        """Today in the province."""
        return self.at.astimezone(self.zone).date()

    def midnight(self, days: int = 0) -> Sql:
        """The first instant of the day that many days before today."""
        first = datetime.combine(self.day - timedelta(days), time.min, self.zone)
        return bind(first.astimezone(UTC), "timestamptz")

    def ago(self, hours: int) -> Sql:
        """The instant that many hours before."""
        return bind(self.at.astimezone(UTC) - timedelta(hours=hours), "timestamptz")


Aggregate = Callable[[Moment], Sql]


@dataclass(frozen=True)
class Figure:
    """One number of the day.

    Attributes:
        columns: of the layer, that the aggregates read; they decide who gets the figure.
        unit: UCUM, as columns have it; `%`, `min`.
        value: the aggregate over the layer's rows that is the number.
        before: the same for the time it is compared with; None where the data has no past.
        compared: what that time is.
        recalled: it is compared with what it was at the end of yesterday, as the change feed tells.
        better: which way is good news; None: neither.
        persons: people are counted, so small cells are kept from the public. Where no layer has
            them, the database itself keeps them, as NULL.
        mapped: it adds up, so it is also told for each district and commune.
        whole: of what it is a part, the id of another figure.
        own_theme: the theme it stands in, if that is not its layer's.
    """

    id: str
    layer: Layer
    title: Text
    columns: tuple[str, ...]
    value: Aggregate
    unit: str
    before: Aggregate | None = None
    compared: Text | None = None
    recalled: bool = False
    better: Literal["less", "more"] | None = None
    persons: bool = False
    mapped: bool = False
    whole: str | None = None
    own_theme: Theme | None = None

    @property
    def theme(self) -> Theme:
        """The theme it stands in."""
        return self.own_theme or self.layer.theme

    @cached_property
    def audience(self) -> Audience:
        """Who gets the figure: who may read every column it is made from."""
        return audience_of(self.layer, self.columns)

    def shown(self, value: Any, audience: Audience) -> float | int | None:
        """The number as an audience gets it; None if there is none or the cell is too small."""
        if value is None or self.is_small(value, audience):
            return None
        return int(value) if value == int(value) else round(float(value), 1)

    def is_small(self, value: Any, audience: Audience) -> bool:
        """Whether a number is kept from an audience because it stands for a few people."""
        return (
            self.persons and audience is Audience.PUBLIC and (value is None or 0 < value < FEWEST)
        )


@dataclass(frozen=True)
class Breakdown:
    """How many features there are of each code of a column.

    Attributes:
        column: with a code list.
        codes: those that are told, in order.
    """

    id: str
    layer: Layer
    title: Text
    column: str
    codes: tuple[str, ...]
    where: Sql

    def query(self) -> Sql:
        """Rows of a code and its number; codes of no feature have no row."""
        column = quote(self.column)
        return sql(
            f"SELECT {column}, count(*) FROM {table_name(self.layer)}"
            f" WHERE {{}} AND {column} = ANY({{}}) GROUP BY {column}",
            self.where,
            bind(self.codes, "text[]"),
        )


@dataclass(frozen=True)
class Series:
    """How many features fall on each day, by a column with an instant."""

    id: str
    layer: Layer
    title: Text
    column: str

    def query(self, moment: Moment, days: int) -> Sql:
        """Rows of a day and a number, every day of the last `days` up to today, in order."""
        column = quote(self.column)
        return sql(
            "SELECT d.day::date AS day, count(n.moment) AS value"
            " FROM generate_series({}, {}, interval '1 day') AS d (day)"
            f" LEFT JOIN (SELECT {column} AS moment FROM {table_name(self.layer)}"
            f" WHERE {column} >= {{}}) AS n ON (n.moment AT TIME ZONE {{}})::date = d.day"
            " GROUP BY d.day ORDER BY d.day",
            bind(datetime.combine(moment.day - timedelta(days - 1), time.min), "timestamp"),
            bind(datetime.combine(moment.day, time.min), "timestamp"),
            moment.midnight(days - 1),
            bind(str(moment.zone), "text"),
        )


def audience_of(layer: Layer, columns: Iterable[str]) -> Audience:
    """The widest audience that may read all of these columns."""
    return max((layer.column(name).audience for name in columns), default=Audience.PUBLIC)


def by_layer(figures: Iterable[Figure]) -> Mapping[Layer, Sequence[Figure]]:
    """The figures of each layer, both in their order."""
    found: dict[Layer, list[Figure]] = {}
    for figure in figures:
        found.setdefault(figure.layer, []).append(figure)
    return found


def _named(figures: Sequence[Figure], moment: Moment) -> list[Sql]:
    return [sql(f"{{}} AS {quote(figure.id)}", figure.value(moment)) for figure in figures]


def today_sql(figures: Sequence[Figure], moment: Moment) -> Sql:
    """One row: each figure by its id, and what it is compared with as `id:before`.

    Args:
        figures: of one layer.
    """
    columns = _named(figures, moment)
    for figure in figures:
        if figure.before is not None:
            columns.append(
                sql(f"{{}} AS {quote(f'{figure.id}:before')}", figure.before(moment)),
            )
    return sql(f"SELECT {{}} FROM {table_name(figures[0].layer)}", join(", ", columns))


def yesterday_sql(figures: Sequence[Figure], moment: Moment) -> Sql:
    """One row: each figure at the end of yesterday as `id:before`; no row where that is not known.

    Rows that have not changed since midnight are as they were; of the others the feed keeps what
    they were before their first change. It is not known if the layer was loaded or emptied as a
    whole since then, if the feed begins later, or if the layer had no rows at all. The feed holds
    columns of every audience, so only the server itself may run this.

    Args:
        figures: of one layer.
    """
    layer = figures[0].layer
    table, key = table_name(layer), quote(layer.id_column)
    names = sorted({name for figure in figures for name in figure.columns})
    columns = ", ".join(quote(name) for name in names)
    typed = ", ".join(f"{quote(name)} {sql_type(layer, name)}" for name in names)
    return sql(
        "WITH since AS MATERIALIZED ("
        "SELECT c.id, c.feature_id FROM dieuhanh.commit_log AS l"
        " JOIN dieuhanh.change AS c ON c.commit_id = l.id"
        f" WHERE l.layer = {literal(layer.id)} AND l.at >= {{}} LIMIT {MOST_CHANGES + 1}"
        "), first AS ("
        "SELECT min(id) AS id, feature_id FROM since GROUP BY feature_id"
        "), past AS ("
        f"SELECT {columns} FROM {table} AS t"
        f" WHERE NOT EXISTS (SELECT FROM first AS f WHERE f.feature_id = t.{key}::text)"
        f" UNION ALL SELECT r.* FROM first AS f JOIN dieuhanh.change AS c ON c.id = f.id"
        f" CROSS JOIN LATERAL jsonb_to_record(c.before) AS r ({typed})"
        " WHERE c.before IS NOT NULL"
        ") SELECT {} FROM past HAVING count(*) > 0"
        " AND NOT EXISTS (SELECT FROM first WHERE feature_id IS NULL)"
        f" AND (SELECT count(*) FROM since) <= {MOST_CHANGES}"
        " AND NOT EXISTS (SELECT FROM dieuhanh.audit AS a JOIN dieuhanh.feed_floor AS f"
        " ON a.version = f.version WHERE a.at >= {})",
        moment.midnight(),
        join(
            ", ",
            [sql(f"{{}} AS {quote(f'{one.id}:before')}", one.value(moment)) for one in figures],
        ),
        moment.midnight(),
    )


def areas_sql(figures: Sequence[Figure], moment: Moment, level: Level) -> Sql:
    """A row for each unit in which the layer has features: `code`, and each figure by its id.

    Args:
        figures: of one layer of points.
    """
    code = quote(f"{level}_code")
    return sql(
        f"SELECT {code} AS code, {{}} FROM {table_name(figures[0].layer)}"
        f" WHERE {code} IS NOT NULL GROUP BY {code}",
        join(", ", _named(figures, moment)),
    )


def units_sql(units: Layer, level: Level) -> Sql:
    """Rows of `code`, `name` and `area_km2` of the units of a level, in alphabetical order.

    The area is the official one; of a unit without one, that of its boundary on the ellipsoid.
    """
    return sql(
        "SELECT code, name, coalesce(area_km2, ST_Area(geom::geography) / 1e6) AS area_km2"
        f" FROM {table_name(units)} WHERE level = {{}}"
        " ORDER BY dieuhanh.fold(name), code",
        bind(level, "text"),
    )


def outlines_sql(units: Layer, level: Level, srid: int, tolerance: float) -> Sql:
    """Rows of the units of a level to be drawn: `code`, and the area as an SVG `path`.

    `west`, `south`, `east` and `north` are those of all units together, `x` and `y` a point inside
    the unit. All are metres of a projected system; in paths y runs south, as SVG has it.

    Args:
        srid: the system.
        tolerance: metres by which an outline may be off.
    """
    return sql(
        "WITH drawn AS (SELECT code, ST_SimplifyPreserveTopology(ST_Transform(geom, {}), {}) AS g"
        f" FROM {table_name(units)} WHERE level = {{}})"
        " SELECT code, ST_AsSVG(g, 0, 0) AS path,"
        " ST_X(ST_PointOnSurface(g)) AS x, ST_Y(ST_PointOnSurface(g)) AS y,"
        " min(ST_XMin(g)) OVER () AS west, min(ST_YMin(g)) OVER () AS south,"
        " max(ST_XMax(g)) OVER () AS east, max(ST_YMax(g)) OVER () AS north"
        " FROM drawn ORDER BY code",
        bind(srid, "int4"),
        bind(tolerance, "float8"),
        bind(level, "text"),
    )


def between(column: str, first: Sql, last: Sql | None = None) -> Sql:
    """A condition: from an instant on, and before another if one is given."""
    name = quote(column)
    if last is None:
        return sql(f"{name} >= {{}}", first)
    return sql(f"{name} >= {{}} AND {name} < {{}}", first, last)


def count(where: Sql) -> Sql:
    """An aggregate: how many rows a condition holds for."""
    return sql("count(*) FILTER (WHERE {})", where)


def total(column: str, where: Sql) -> Sql:
    """An aggregate: the sum of a column where a condition holds; 0 if it holds nowhere."""
    return sql(f"coalesce(sum({quote(column)}) FILTER (WHERE {{}}), 0)", where)


def percentage(part: str, whole: str, where: Sql) -> Sql:
    """An aggregate: one sum in hundredths of another; NULL if the other is 0."""
    return sql(
        f"round(100.0 * sum({quote(part)}) FILTER (WHERE {{}})"
        f" / nullif(sum({quote(whole)}) FILTER (WHERE {{}}), 0), 1)",
        where,
        where,
    )


def median_minutes(first: str, last: str, where: Sql) -> Sql:
    """An aggregate: the median of the minutes from one instant to another; NULL without rows."""
    return sql(
        f"percentile_cont(0.5) WITHIN GROUP (ORDER BY"
        f" extract(epoch FROM {quote(last)} - {quote(first)}) / 60) FILTER (WHERE {{}})",
        where,
    )


def one_of(column: str, codes: Iterable[str]) -> Sql:
    """A condition: a column holds one of these codes."""
    return sql(f"{quote(column)} = ANY({{}})", bind(tuple(codes), "text[]"))


def other_than(column: str, code: str) -> Sql:
    """A condition: a column does not hold a code."""
    return sql(f"{quote(column)} <> {{}}", bind(code, "text"))


ALWAYS = raw("true")
