"""The SQL of one page of features, with the number of matches where that is cheap.

Which of three forms is quick depends on the query: along the index of its order, by place in a
box, or gathered, counted and sorted (docs/decisions/0006).
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from layers.clusters import total_sql
from layers.query import (
    PLACE_KEY,
    Query,
    after_sql,
    conditions,
    feature_output,
    hits_sql,
    key_type,
    order_sql,
)
from layers.rows import table_name
from spatial.sql import Sql, bind, quote, raw, sql
from spatial.zorder import cover

COUNT_LIMIT = 10_000
"""Matches of a filter are counted exactly up to here on a page; beyond, `resultType=hits` does."""


class Counting(Enum):
    """What a page's statement needs to find out about the number of matches."""

    COUNT = "count"
    """It is not known."""
    FEW = "few"
    """It is known and at most COUNT_LIMIT."""
    MANY = "many"
    """It is known, or known to be over COUNT_LIMIT; or nobody asked."""


def page_sql(query: Query, counting: Counting = Counting.COUNT) -> Sql:
    """Rows `feature, matched, key_1 … key_n` of one page, one more than the limit.

    `feature` is GeoJSON text. `matched` is the number of features that match, NULL where it
    is not known cheaply: beyond `COUNT_LIMIT`, in a box of a larger layer, and on pages after
    the first. The keys are the values of `query.keys`.
    """
    if query.is_by_place:
        return _page_by_place(query, counting)
    gathered = query.after is None and counting is not Counting.MANY
    if query.is_filtered and gathered and not query.is_along_index:
        return _counted_page(query, counting)
    return _direct_page(query, counting)


@lru_cache(maxsize=2048)
def page_statement(query: Query, counting: Counting) -> tuple[str, list[object]]:
    """The text and values of `page_sql`, composed once for equal queries."""
    return page_sql(query, counting).render()


def _outputs(query: Query, matched: str) -> str:
    """The select list of a page over the table `t`."""
    keys = []
    for number, key in enumerate(query.keys, 1):
        # Types that the driver reads exactly and Python writes as PostgreSQL does, stay.
        plain = key_type(query, key) in ("uuid", "int8", "text")
        keys.append(f"t.{quote(key.column)}{'' if plain else '::text'} AS key_{number}")
    return f"{feature_output(query)} AS feature, {matched} AS matched, {', '.join(keys)}"


def _limit(query: Query) -> str:
    # A constant, not a value: with it PostgreSQL settles on one plan and stops planning.
    return f"{query.limit + 1:d}"


def _direct_page(query: Query, counting: Counting) -> Sql:
    """A page along the order's index, which soon has enough where matches are dense."""
    layer = query.layer
    table = table_name(layer)
    order = order_sql(query, "t.")
    where = sql("{} AND {}", conditions(query), after_sql(query, "t."))
    outputs = sql(_outputs(query, "{}"), _matched(query, counting))
    if query.offset:
        identifier = quote(layer.id_column)
        # The index alone is walked over the skipped rows; only the page's rows are read.
        return sql(
            f"SELECT {{}} FROM (SELECT {identifier} AS id FROM {table} AS t WHERE {{}}"
            f" ORDER BY {order} LIMIT {_limit(query)} OFFSET {{}}) AS p"
            f" JOIN {table} AS t ON t.{identifier} = p.id ORDER BY {order}",
            outputs,
            where,
            bind(query.offset, "int8"),
        )
    return sql(
        f"SELECT {{}} FROM {table} AS t WHERE {{}} ORDER BY {order} LIMIT {_limit(query)}",
        outputs,
        where,
    )


def _matched(query: Query, counting: Counting) -> Sql:
    """The count on a page along an index: the ledger's total, or matches up to COUNT_LIMIT."""
    if counting is Counting.COUNT and not query.is_filtered:
        return raw(f"({total_sql(query.layer)})")
    if counting is not Counting.COUNT or query.after is not None:
        return raw("NULL::int8")
    return sql(
        f"(SELECT CASE WHEN count(*) <= {COUNT_LIMIT:d} THEN count(*) END FROM (SELECT FROM"
        f" {table_name(query.layer)} WHERE {{}} LIMIT {COUNT_LIMIT + 1:d}) AS m)",
        conditions(query),
    )


def _page_by_place(query: Query, counting: Counting) -> Sql:
    """A page of the points in a box, range by range of the space-filling key.

    Its matches are counted where the whole layer has at most COUNT_LIMIT features. The ranges
    come from an array: their bounds are unknown to any plan, so PostgreSQL keeps one.
    """
    assert query.bbox is not None
    starts, ends = cover(query.bbox.boxes)
    layer = query.layer
    order = order_sql(query, "t.")
    names = ", ".join(f"t.{quote(key.column)}" for key in query.keys)
    rows = sql(
        f"SELECT {_outputs(query, 'NULL::int8')}, {names} FROM {table_name(layer)} AS t"
        f" WHERE t.{PLACE_KEY} >= r.first AND t.{PLACE_KEY} < r.beyond AND {{}} AND {{}}",
        query.bbox.sql(raw(f"t.{quote(query.geometry_column)}"), points=True, indexed=False),
        after_sql(query, "t."),
    )
    matched = raw("NULL::int8")
    if counting is Counting.COUNT and query.after is None:
        matched = sql(
            f"(SELECT CASE WHEN ({total_sql(layer)}) <= {COUNT_LIMIT:d} THEN ({{}}) END)",
            hits_sql(query),
        )
    keys = ", ".join(f"key_{number}" for number, _ in enumerate(query.keys, 1))
    return sql(
        f"SELECT feature, {{}} AS matched, {keys}"
        " FROM unnest({}, {}) WITH ORDINALITY AS r(first, beyond, i)"
        f" CROSS JOIN LATERAL ({{}} ORDER BY {order} LIMIT {query.limit + 1 + query.offset:d}) AS t"
        f" ORDER BY r.i, {order} LIMIT {_limit(query)} OFFSET {query.offset:d}",
        matched,
        bind(starts, "int8[]"),
        bind(ends, "int8[]"),
        rows,
    )


def _counted_page(query: Query, counting: Counting) -> Sql:
    """A first page of a filtered read, with its count in the same round trip.

    Up to COUNT_LIMIT matches are gathered by whatever index the condition has, counted and
    sorted. Where there are more, the second branch walks the sort order's index instead, which
    finds a page soon because matches are dense. Only one of the branches is executed.
    """
    layer = query.layer
    table = table_name(layer)
    identifier = quote(layer.id_column)
    columns = ", ".join(dict.fromkeys((identifier, *(quote(key.column) for key in query.keys))))
    order, found_order = order_sql(query, "t."), order_sql(query, "m.")
    page = f"LIMIT {_limit(query)} OFFSET {{}}"
    offset = bind(query.offset, "int8")
    where = conditions(query)
    gathered = sql(
        f"m AS MATERIALIZED (SELECT {columns} FROM {table} AS t WHERE {{}}"
        f" LIMIT {COUNT_LIMIT + 1:d})",
        where,
    )
    found = sql(
        f"SELECT m.{identifier} AS id FROM m WHERE {{}} ORDER BY {found_order} {page}",
        raw("true" if counting is Counting.FEW else f"(SELECT n FROM c) <= {COUNT_LIMIT:d}"),
        offset,
    )
    rows = f" FROM p JOIN {table} AS t ON t.{identifier} = p.id ORDER BY {order}"
    if counting is Counting.FEW:
        outputs = _outputs(query, "NULL::int8")
        return sql(f"WITH {{}}, p AS ({{}}) SELECT {outputs}{rows}", gathered, found)
    walked = sql(
        f"SELECT t.{identifier} FROM {table} AS t WHERE (SELECT n FROM c) > {COUNT_LIMIT:d}"
        f" AND {{}} ORDER BY {order} {page}",
        where,
        offset,
    )
    outputs = _outputs(query, f"(SELECT CASE WHEN n <= {COUNT_LIMIT:d} THEN n END FROM c)")
    return sql(
        "WITH {}, c AS MATERIALIZED (SELECT count(*) AS n FROM m), p AS (({}) UNION ALL ({}))"
        f" SELECT {outputs}{rows}",
        gathered,
        found,
        walked,
    )
