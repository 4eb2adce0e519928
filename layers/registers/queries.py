"""The SQL of registers: pure functions over the record, every value bound.

All of it runs as the caller's database role; row policies and the view decide what comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from layers.layer import sql_type
from layers.registers.policy import table_name, view_name
from layers.registers.record import PLACE, Register
from spatial.sql import Sql, bind, join, quote, raw, sql


@dataclass(frozen=True, slots=True)
class Listing:
    """Which rows of a register are asked for, and in which order.

    Attributes:
        equal: values by column, any of which will do.
        kind: of the place: a layer, or a code of elsewhere.
        words: of a search; all must be there.
        sort: the column; `descending`: the last first, without a value last.
        after: the sort value, as text, and the id of the last row before the page.
    """

    register: Register
    equal: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    kind: str | None = None
    words: tuple[str, ...] = ()
    sort: str = ""
    descending: bool = True
    after: tuple[str | None, str] | None = None
    limit: int = 50


def filter_columns(register: Register) -> tuple[str, ...]:
    """The columns that rows are filtered by: codes, yes and no, places."""
    coded = (
        column.name
        for column in register.told
        if column.codes is not None
        or column.name in register.province_lists
        or sql_type(register, column.name) == "bool"
    )
    first = () if register.state is None else (register.state,)
    return tuple(dict.fromkeys((*first, PLACE, *coded, "commune_code", "district_code")))


ROW = "(to_jsonb(t) - 'search')::text"
"""SQL of a row `t` of the view as JSON, with its version."""


def list_sql(listing: Listing) -> Sql:
    """Rows `row, key`: a page and one more, which tells whether there are more."""
    register = listing.register
    key = f"t.{quote(listing.sort)}"
    direction = "DESC" if listing.descending else "ASC"
    conditions = _conditions(listing)
    if listing.after is not None:
        conditions.append(_after(listing, key))
    return sql(
        f"SELECT {ROW} AS row, {key}::text AS key, t.id::text AS id"
        f" FROM {view_name(register)} AS t WHERE {{}}"
        f" ORDER BY {key} {direction} NULLS LAST, t.id {direction} LIMIT {{}}",
        join(" AND ", conditions),
        bind(listing.limit + 1, "int4"),
    )


def count_sql(listing: Listing, most: int) -> Sql:
    """One row: how many rows match, counted up to `most`."""
    return sql(
        f"SELECT count(*) FROM (SELECT FROM {view_name(listing.register)} AS t WHERE {{}}"
        " LIMIT {}) AS counted",
        join(" AND ", _conditions(listing)),
        bind(most, "int4"),
    )


def export_sql(listing: Listing, casts: Sequence[tuple[str, str]]) -> Sql:
    """Rows of all that match, with the columns named, each with the cast that goes after it."""
    columns = ", ".join(f"t.{quote(name)}{cast}" for name, cast in casts)
    direction = "DESC" if listing.descending else "ASC"
    return sql(
        f"SELECT {columns} FROM {view_name(listing.register)} AS t WHERE {{}}"
        f" ORDER BY t.{quote(listing.sort)} {direction} NULLS LAST, t.id {direction}",
        join(" AND ", _conditions(listing)),
    )


def _conditions(listing: Listing) -> list[Sql]:
    register = listing.register
    found = [raw("true")]
    for name, values in listing.equal.items():
        kind = sql_type(register, name)
        found.append(sql(f"t.{quote(name)} = ANY ({{}})", bind(list(values), f"{kind}[]")))
    if listing.kind is not None:
        found.append(
            sql(f"split_part(t.{quote(PLACE)}, '/', 1) = {{}}", bind(listing.kind, "text"))
        )
    for word in listing.words:
        found.append(
            sql("t.search LIKE '%' || dieuhanh.like_pattern({}) || '%'", bind(word, "text"))
        )
    return found


def _after(listing: Listing, key: str) -> Sql:
    assert listing.after is not None
    value, identifier = listing.after
    sign = "<" if listing.descending else ">"
    last = bind(identifier, "uuid")
    if value is None:
        return sql(f"({key} IS NULL AND t.id {sign} {{}})", last)
    kind = sql_type(listing.register, listing.sort)
    return sql(
        f"(({key}, t.id) {sign} ({{}}::text::{kind}, {{}}) OR {key} IS NULL)",
        bind(value, "text"),
        last,
    )


def one_sql(register: Register, identifier: Any) -> Sql:
    """Rows (none or one) `row, version` of a row that the caller reads."""
    return sql(
        f"SELECT {ROW} AS row, t.version FROM {view_name(register)} AS t WHERE t.id = {{}}",
        bind(identifier, "uuid"),
    )


def lock_sql(register: Register, identifier: Any) -> Sql:
    """Rows (none or one) `version`, locked until the commit."""
    return sql(
        f"SELECT version FROM {table_name(register)} WHERE id = {{}} FOR UPDATE",
        bind(identifier, "uuid"),
    )


def person_sql(register: Register, identifier: Any) -> Sql:
    """Rows (none or one) `person_id`, null where a row names nobody."""
    return sql(
        f"SELECT person_id FROM {table_name(register)} WHERE id = {{}}", bind(identifier, "uuid")
    )


def insert_sql(register: Register, values: Mapping[str, Any]) -> Sql:
    """Insert a row; one row `id`."""
    names = ", ".join(quote(name) for name in values)
    bound = [bind(value, _kind(register, name)) for name, value in values.items()]
    return sql(
        f"INSERT INTO {table_name(register)} ({names}) VALUES ({{}}) RETURNING id",
        join(", ", bound),
    )


def insert_many_sql(
    register: Register, names: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> Sql:
    """Insert rows that give the same columns, as one statement: row policies are asked once."""
    listed = ", ".join(quote(name) for name in names)
    typed = ", ".join(f"{quote(name)} {_kind(register, name)}" for name in names)
    return sql(
        f"INSERT INTO {table_name(register)} ({listed})"
        f" SELECT {listed} FROM jsonb_to_recordset({{}}::jsonb) AS r ({typed})",
        bind(orjson.dumps(rows, default=str).decode(), "text"),
    )


def update_sql(register: Register, identifier: Any, values: Mapping[str, Any]) -> Sql:
    """Change a row; rows `id`, none where the caller may not."""
    steps = [
        sql(f"{quote(name)} = {{}}", bind(value, _kind(register, name)))
        for name, value in values.items()
    ]
    return sql(
        f"UPDATE {table_name(register)} SET {{}} WHERE id = {{}} RETURNING id",
        join(", ", steps),
        bind(identifier, "uuid"),
    )


def delete_sql(register: Register, identifier: Any) -> Sql:
    """Delete a row; rows `id`, none where the caller may not."""
    return sql(
        f"DELETE FROM {table_name(register)} WHERE id = {{}} RETURNING id",
        bind(identifier, "uuid"),
    )


def act_sql(register: Register, action: str, identifier: Any, facts: str) -> Sql:
    """Call the function of an action."""
    function = f"dieuhanh.{quote(f'{register.id}_{action}')}"
    return sql(
        f"SELECT {function}({{}}, {{}}::jsonb)", bind(identifier, "uuid"), bind(facts, "text")
    )


def _kind(register: Register, name: str) -> str:
    return "uuid" if name == "person_id" else sql_type(register, name)
