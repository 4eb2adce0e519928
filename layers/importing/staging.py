"""The checks that only the database can make, on a table of its own, and the final write."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from layers.importing.columns import unique_columns
from layers.importing.problems import Problem
from layers.layer import Layer, Text
from layers.rows import table_name
from spatial.sql import literal, quote

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
PIECES = "dieuhanh.admin_piece"


class Staging:
    """A temporary table that holds the rows of one import until it is known which are good.

    Args:
        cursor: of psycopg2, in the transaction that will write.
        names: the layer's columns that the file brings, in the order rows are given.
        key: the column that tells existing rows apart, None when all rows are new.
    """

    def __init__(self, cursor: Any, layer: Layer, names: Sequence[str], key: str | None) -> None:
        self._cursor = cursor
        self._layer = layer
        self._names = (*names, layer.geometry_column)
        self._key = key
        columns = ", ".join(f"{quote(name)} {_type(layer, name)}" for name in self._names)
        cursor.execute(
            f"CREATE TEMPORARY TABLE staging (line bigint PRIMARY KEY, {columns}) ON COMMIT DROP"
        )

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows: the line, the values, and the geometry as hexadecimal EWKB."""
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        text.seek(0)
        self._cursor.copy_expert("COPY staging FROM STDIN (FORMAT csv)", text)

    def problems(self, *, update: bool) -> Iterator[Problem]:
        """Rows that break a rule among themselves or with the rows that are there.

        Args:
            update: a row that is there already is replaced, and not a problem.
        """
        self._cursor.execute("ANALYZE staging")
        for name in unique_columns(self._layer):
            if name in self._names:
                yield from self._repeated(name)
                yield from self._taken(name, update=update)
        yield from self._broken_uniqueness()
        yield from self._broken_checks()
        yield from self._broken_references()
        yield from self._unknown_units()
        yield from self._outside()

    def drop(self, lines: Iterable[int]) -> None:
        """Forget rows."""
        self._cursor.execute("DELETE FROM staging WHERE line = ANY(%s)", (list(lines),))

    def write(self) -> tuple[int, int]:
        """Insert or update the rows; how many were new and how many were changed."""
        layer = self._layer
        names = ", ".join(quote(name) for name in self._names)
        values = ", ".join(self._value(name) for name in self._names)
        conflict = ""
        if self._key is not None:
            sets = ", ".join(
                f"{quote(name)} = {self._new(name)}" for name in self._names if name != self._key
            )
            mine = ", ".join(f"t.{quote(name)}" for name in self._names)
            new_ones = ", ".join(self._new(name) for name in self._names)
            # A row that says the same is left alone: no change in the feed, no work for triggers.
            conflict = (
                f"ON CONFLICT ({quote(self._key)}) DO UPDATE SET {sets}"
                f" WHERE ({mine}) IS DISTINCT FROM ({new_ones})"
            )
        self._cursor.execute(
            f"WITH written AS (INSERT INTO {table_name(layer)} AS t ({names})"
            f" SELECT {values} FROM staging AS s ORDER BY line {conflict}"
            " RETURNING xmax = 0 AS is_new)"
            " SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new)"
            " FROM written"
        )
        new, changed = self._cursor.fetchone()
        return int(new), int(changed)

    def _new(self, name: str) -> str:
        """SQL of what a row becomes that is there already."""
        mark = self._layer.commune_mark
        if mark in self._names and name in (mark, self._layer.geometry_column):
            # A row that tells no place of its own does not move what has one.
            told = f"excluded.{quote(mark or '')} = 'commune'"
            return f"CASE WHEN {told} THEN t.{quote(name)} ELSE excluded.{quote(name)} END"
        return f"excluded.{quote(name)}"

    def _value(self, name: str) -> str:
        """SQL of a value; an empty cell of a column that has a default gets the default."""
        column = self._layer.table.c[name]
        if column.nullable:
            return f"s.{quote(name)}"
        if column.identity is not None:
            table = literal(table_name(self._layer))
            default = f"nextval(pg_get_serial_sequence({table}, {literal(name)}))"
        elif column.server_default is not None:
            default = _default(column)
        else:
            return f"s.{quote(name)}"
        return f"coalesce(s.{quote(name)}, {default})"

    def _lines(self, query: str, column: str | None, reason: Text) -> Iterator[Problem]:
        value = f"s.{quote(column)}::text" if column else "NULL"
        self._cursor.execute(
            f"SELECT s.line, {value} FROM staging AS s WHERE {query} ORDER BY s.line"
        )
        for line, given in self._cursor.fetchall():
            yield Problem(line, column, given or "", reason)

    def _repeated(self, name: str) -> Iterator[Problem]:
        column = quote(name)
        return self._lines(
            f"EXISTS (SELECT FROM staging AS o WHERE o.{column} = s.{column} AND o.line < s.line)",
            name,
            Text("đã có ở một dòng trước trong tệp", "is in an earlier row of the file too"),
        )

    def _taken(self, name: str, *, update: bool) -> Iterator[Problem]:
        column, table = quote(name), table_name(self._layer)
        same = f"t.{column} = s.{column}"
        if update and name == self._key:
            return iter(())
        if update and self._key is not None:
            same += f" AND t.{quote(self._key)} IS DISTINCT FROM s.{quote(self._key)}"
        return self._lines(
            f"EXISTS (SELECT FROM {table} AS t WHERE {same})",
            name,
            Text("đã có trong lớp", "is in the layer already"),
        )

    def _broken_uniqueness(self) -> Iterator[Problem]:
        """Rows that share with another what no two rows may share together."""
        for constraint in self._layer.table.constraints:
            names = [column.name for column in getattr(constraint, "columns", ())]
            together = isinstance(constraint, sa.UniqueConstraint) and len(names) > 1
            if not together or not set(names) <= set(self._names):
                continue
            same = " AND ".join(f"o.{quote(name)} = s.{quote(name)}" for name in names)
            others = table_name(self._layer)
            if self._key is not None:
                same_row = f"o.{quote(self._key)} IS NOT DISTINCT FROM s.{quote(self._key)}"
                others = f"(SELECT * FROM {others}) AS o WHERE NOT {same_row} AND {same}"
            else:
                others = f"{others} AS o WHERE {same}"
            said = ", ".join(names)
            yield from self._lines(
                f"EXISTS (SELECT FROM {others}) OR"
                f" EXISTS (SELECT FROM staging AS o WHERE {same} AND o.line < s.line)",
                names[0],
                Text(f"đã có dòng khác cùng {said}", f"another row has the same {said}"),
            )

    def _unknown_units(self) -> Iterator[Problem]:
        """Rows whose area is to be made of units that there are not."""
        name = self._layer.area_column
        if name is None or name not in self._names:
            return
        yield from self._lines(
            f"EXISTS (SELECT FROM regexp_split_to_table(s.{quote(name)}, '[\\s,;]+') AS c(code)"
            " WHERE c.code <> '' AND NOT EXISTS"
            " (SELECT FROM layer.admin_units AS u WHERE u.code = c.code))",
            name,
            Text("không có đơn vị hành chính mang mã này", "no administrative unit has this code"),
        )

    def _broken_checks(self) -> Iterator[Problem]:
        for constraint in sorted(
            (one for one in self._layer.table.constraints if isinstance(one, sa.CheckConstraint)),
            key=lambda one: str(one.name),
        ):
            rule = str(constraint.sqltext)
            if all(part in self._names for part in _named(self._layer, rule)):
                yield from self._lines(
                    f"NOT ({rule})", None, Text(f"trái quy tắc: {rule}", f"breaks the rule: {rule}")
                )

    def _broken_references(self) -> Iterator[Problem]:
        for key in sorted(self._layer.table.foreign_keys, key=lambda one: one.target_fullname):
            name, target = key.parent.name, key.column
            if name not in self._names:
                continue
            column, other = quote(name), quote(target.name)
            table = f"{quote(target.table.schema or 'public')}.{quote(target.table.name)}"
            missing = (
                f"s.{column} IS NOT NULL"
                f" AND NOT EXISTS (SELECT FROM {table} AS t WHERE t.{other} = s.{column})"
            )
            if target.table is self._layer.table:
                missing += (
                    f" AND NOT EXISTS (SELECT FROM staging AS o WHERE o.{other} = s.{column})"
                )
            yield from self._lines(
                missing, name, Text(f"không có trong {table}", f"is not in {table}")
            )

    def _outside(self) -> Iterator[Problem]:
        """Rows that touch no commune; unknown while the communes are not loaded."""
        self._cursor.execute(f"SELECT EXISTS (SELECT FROM {PIECES})")
        if (
            self._layer.allows_outside
            or self._layer.id == "admin_units"
            or not self._cursor.fetchone()[0]
        ):
            return
        geometry = quote(self._layer.geometry_column)
        yield from self._lines(
            f"s.{geometry} IS NOT NULL AND NOT EXISTS"
            f" (SELECT FROM {PIECES} AS p WHERE ST_Intersects(p.geom, s.{geometry}))",
            None,
            Text("nằm ngoài tỉnh", "lies outside of the province"),
        )


def _type(layer: Layer, name: str) -> str:
    kind = layer.table.c[name].type
    if isinstance(kind, Geometry):
        return "geometry(Geometry, 4326)"
    return str(kind.compile(dialect=_DIALECT))


def _named(layer: Layer, rule: str) -> list[str]:
    """The columns that a rule of ours names, quoted or not."""
    words = set(rule.replace('"', " ").replace("(", " ").replace(")", " ").split())
    return [column.name for column in layer.table.columns if column.name in words]


def _default(column: sa.Column[Any]) -> str:
    default: Any = column.server_default
    argument = default.arg
    if isinstance(argument, str):
        return literal(argument)
    return str(argument.compile(dialect=_DIALECT))
