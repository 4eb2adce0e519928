"""A read of one layer as a frozen value, and the SQL it becomes.

The functions here are pure: the same query gives the same SQL, and every value that a client
sent is bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

from layers.clusters import total_sql
from layers.layer import Audience, Layer, sql_type
from layers.rows import (
    DEGREE_DECIMALS,
    feature_expression,
    property_columns,
    table_name,
)
from spatial.bbox import Bbox
from spatial.crs import CRS84, Crs
from spatial.sql import Sql, bind, join, quote, raw, sql
from spatial.temporal import Interval

COUNT_LIMIT = 10_000
"""Matches of a filter are counted exactly up to here on a page; beyond, `resultType=hits` does."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column to sort by, and whether from the largest down."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What a caller asks of one layer.

    Attributes:
        layer: the layer's record.
        audience: decides which columns exist for this caller.
        bbox, interval, filter, equals, words: the conditions; all must hold. `filter` is
            compiled CQL2; `equals` pairs columns with typed values; `words` are sought in the
            folded search text, each of them.
        ids: only these features.
        properties: the columns to write, None for all readable ones.
        geometry: whether geometries are written.
        crs: the system that coordinates are written in.
        sort: sort keys; the id always breaks ties.
        limit: rows of a page at most.
        after: the key values of the last row before the page (keyset paging).
        offset: rows to skip.
    """

    layer: Layer
    audience: Audience = Audience.PUBLIC
    bbox: Bbox | None = None
    interval: Interval | None = None
    filter: Sql | None = None
    equals: tuple[tuple[str, object], ...] = ()
    words: tuple[str, ...] = ()
    ids: tuple[object, ...] = ()
    properties: tuple[str, ...] | None = None
    geometry: bool = True
    crs: Crs = field(default=CRS84)
    sort: tuple[SortKey, ...] = ()
    limit: int = 10
    after: tuple[object, ...] | None = None
    offset: int = 0

    @property
    def is_filtered(self) -> bool:
        """Whether fewer features than the layer's own may match."""
        return bool(
            self.bbox or self.interval or self.filter or self.equals or self.words or self.ids
        )

    @property
    def keys(self) -> tuple[SortKey, ...]:
        """The full sort order: the keys asked for, then the id."""
        if any(key.column == self.layer.id_column for key in self.sort):
            return self.sort
        return (*self.sort, SortKey(self.layer.id_column))


def conditions(query: Query) -> Sql:
    """The conjunction of a query's conditions; `true` when there is none."""
    layer = query.layer
    pieces: list[Sql] = []
    if query.ids:
        kind = sql_type(layer, layer.id_column)
        pieces.append(
            sql(f"{quote(layer.id_column)} = ANY({{}})", bind(list(query.ids), f"{kind}[]"))
        )
    if query.bbox is not None:
        geometry = raw(quote(layer.geometry_column))
        pieces.append(query.bbox.sql(geometry, points=layer.is_point))
    if query.interval is not None and layer.time_columns:
        start, *end = (raw(quote(name)) for name in layer.time_columns)
        pieces.append(query.interval.sql(start, end[0] if end else None))
    for name, value in query.equals:
        pieces.append(sql(f"{quote(name)} = {{}}", bind(value, sql_type(layer, name))))
    for word in query.words:
        pieces.append(
            sql(
                "search LIKE '%' || {} || '%'", sql("dieuhanh.like_pattern({})", bind(word, "text"))
            )
        )
    if query.filter is not None:
        pieces.append(sql("({})", query.filter))
    return join(" AND ", pieces) if pieces else raw("true")


def page_sql(query: Query) -> Sql:
    """Rows `feature, matched, key_1 … key_n` of one page, one more than the limit.

    `feature` is GeoJSON text. `matched` is the number of features that match, NULL where it
    is not known cheaply: beyond `COUNT_LIMIT`, and on pages after the first.
    """
    return _page(query, _feature(query))


def collection_sql(query: Query) -> Sql:
    """One row: a page's features as one piece of GeoJSON, ready to be sent.

    `features` is UTF-8 text as bytes, the features separated by commas, NULL for none;
    `returned` their number; `more` whether others follow; `matched` as in `page_sql`; then the
    last feature's key values. Gathered here, a thousand features cost the server a third of
    what a thousand rows do.
    """
    limit = bind(query.limit, "int8")
    keys = "".join(
        f", max(p.{name}) FILTER (WHERE p.i = {{}}) AS {name}"
        for name in (f"key_{number}" for number, _ in enumerate(query.keys, 1))
    )
    return sql(
        "SELECT convert_to(string_agg(p.feature, ',') FILTER (WHERE p.i <= {}), 'UTF8')"
        " AS features, least(count(*), {}) AS returned, count(*) > {} AS more,"
        f" max(p.matched) AS matched{keys}"
        " FROM (SELECT q.*, row_number() OVER () AS i FROM ({}) AS q) AS p",
        *[limit] * (3 + len(query.keys)),
        page_sql(query),
    )


@lru_cache(maxsize=2048)
def collection_statement(query: Query) -> tuple[str, list[object]]:
    """The text and values of `collection_sql`, composed once for equal queries."""
    return collection_sql(query).render()


def _page(query: Query, output: str) -> Sql:
    layer = query.layer
    table = table_name(layer)
    order = _order(query, "t.")
    keys = "".join(
        f", t.{quote(key.column)}::text AS key_{number}" for number, key in enumerate(query.keys, 1)
    )
    limit = bind(query.limit + 1, "int8")
    if not query.is_filtered:
        # The layer's exact total is a sum over a few ledger rows, not a count of the table.
        matched = raw(total_sql(layer))
        if query.offset:
            picked = sql(
                f"SELECT {quote(layer.id_column)} AS id FROM {table} AS t ORDER BY {order}"
                " LIMIT {} OFFSET {}",
                limit,
                bind(query.offset, "int8"),
            )
            return sql(
                f"SELECT {output} AS feature, {{}} AS matched{keys} FROM ({{}}) AS p"
                f" JOIN {table} AS t ON t.{quote(layer.id_column)} = p.id ORDER BY {order}",
                sql("({})", matched),
                picked,
            )
        where = _after(query, "t.")
        return sql(
            f"SELECT {output} AS feature, {{}} AS matched{keys} FROM {table} AS t"
            f" WHERE {{}} ORDER BY {order} LIMIT {{}}",
            sql("({})", matched),
            where,
            limit,
        )
    if query.after is not None:
        return sql(
            f"SELECT {output} AS feature, NULL::int8 AS matched{keys} FROM {table} AS t"
            f" WHERE {{}} AND {{}} ORDER BY {order} LIMIT {{}}",
            conditions(query),
            _after(query, "t."),
            limit,
        )
    return _counted_page(query, output, order, keys, limit)


def _counted_page(query: Query, output: str, order: str, keys: str, limit: Sql) -> Sql:
    """A first page of a filtered read, with its count in the same round trip.

    Up to COUNT_LIMIT matches are gathered by whatever index the condition has, counted and
    sorted. Where there are more, the second branch walks the sort order's index instead, which
    finds a page soon because matches are dense. Only one of the branches is executed.
    """
    layer = query.layer
    table = table_name(layer)
    identifier = quote(layer.id_column)
    columns = ", ".join(dict.fromkeys((identifier, *(quote(key.column) for key in query.keys))))
    found_order = _order(query, "m.")
    offset = bind(query.offset, "int8")
    where = conditions(query)
    return sql(
        f"WITH m AS MATERIALIZED (SELECT {columns} FROM {table} AS t WHERE {{}} LIMIT {{}}),"
        " c AS MATERIALIZED (SELECT count(*) AS n FROM m),"
        " p AS ("
        f"(SELECT m.{identifier} AS id FROM m WHERE (SELECT n FROM c) <= {{}}"
        f" ORDER BY {found_order} LIMIT {{}} OFFSET {{}})"
        " UNION ALL "
        f"(SELECT t.{identifier} FROM {table} AS t WHERE (SELECT n FROM c) > {{}} AND {{}}"
        f" ORDER BY {order} LIMIT {{}} OFFSET {{}}))"
        f" SELECT {output} AS feature,"
        f" (SELECT CASE WHEN n <= {{}} THEN n END FROM c) AS matched{keys}"
        f" FROM p JOIN {table} AS t ON t.{identifier} = p.id ORDER BY {order}",
        where,
        bind(COUNT_LIMIT + 1, "int8"),
        bind(COUNT_LIMIT, "int8"),
        limit,
        offset,
        bind(COUNT_LIMIT, "int8"),
        where,
        limit,
        offset,
        bind(COUNT_LIMIT, "int8"),
    )


def hits_sql(query: Query) -> Sql:
    """One row `matched`: the exact number of features that match."""
    if not query.is_filtered:
        return raw(f"SELECT ({total_sql(query.layer)}) AS matched")
    return sql(
        f"SELECT count(*) AS matched FROM {table_name(query.layer)} AS t WHERE {{}}",
        conditions(query),
    )


def feature_sql(query: Query, identifier: object) -> Sql:
    """Rows `feature` (none or one): the feature of that id as GeoJSON text."""
    layer = query.layer
    return sql(
        f"SELECT {_feature(query)} AS feature FROM {table_name(layer)} AS t"
        f" WHERE t.{quote(layer.id_column)} = {{}}",
        bind(identifier, sql_type(layer, layer.id_column)),
    )


def stream_sql(query: Query, output: str | None = None) -> Sql:
    """Rows `feature` of all that match in the query's order, for a server-side cursor.

    Args:
        query: its `limit`, `after` and `offset` are not applied.
        output: SQL of the row's text; the GeoJSON feature by default.
    """
    return sql(
        f"SELECT {output or _feature(query)} AS feature FROM {table_name(query.layer)} AS t"
        f" WHERE {{}} ORDER BY {_order(query, 't.')}",
        conditions(query),
    )


def select_sql(query: Query, outputs: tuple[str, ...], *, paged: bool) -> Sql:
    """Rows of chosen expressions over the table `t`: for formats other than GeoJSON.

    Args:
        query: the conditions, the order and, if `paged`, the limit, offset and position.
        outputs: trusted SQL expressions over `t`.
    """
    tail = sql(" LIMIT {} OFFSET {}", bind(query.limit, "int8"), bind(query.offset, "int8"))
    return sql(
        f"SELECT {', '.join(outputs)} FROM {table_name(query.layer)} AS t"
        f" WHERE {{}} AND {{}} ORDER BY {_order(query, 't.')}{{}}",
        conditions(query),
        _after(query, "t."),
        tail if paged else raw(""),
    )


def written_columns(query: Query) -> tuple[str, ...]:
    """The names of the properties that the query writes, in order."""
    columns = property_columns(query.layer, query.audience, query.properties)
    return tuple(column.name for column in columns)


def geometry_sql(query: Query) -> str:
    """SQL of the geometry in the query's system and its authority's axis order."""
    geometry = f"t.{quote(query.layer.geometry_column)}"
    if not query.geometry:
        return "NULL"
    if query.crs.srid != 4326:
        geometry = f"ST_Transform({geometry}, {query.crs.srid:d})"
    return f"ST_FlipCoordinates({geometry})" if query.crs.axis == "yx" else geometry


def _feature(query: Query) -> str:
    stored = (
        query.audience is Audience.PUBLIC
        and query.properties is None
        and query.geometry
        and query.crs.srid == 4326
        and query.crs.axis == "xy"
    )
    if stored:
        return "t.feature"
    columns = property_columns(query.layer, query.audience, query.properties)
    decimals = DEGREE_DECIMALS if query.crs.srid == 4326 else query.crs.decimals
    return feature_expression(query.layer, columns, geometry_sql(query), decimals, "t.")


def _order(query: Query, row: str) -> str:
    return ", ".join(
        f"{row}{quote(key.column)}{' DESC' if key.descending else ''}" for key in query.keys
    )


def _after(query: Query, row: str) -> Sql:
    """The condition that a row comes after the position, in one comparison where possible.

    PostgreSQL sorts NULL as the largest value; a row-value comparison cannot express that, nor
    mixed directions, so those get the expanded form.
    """
    if query.after is None:
        return raw("true")
    layer = query.layer
    keys = query.keys
    bound = [
        None if value is None else bind(value, sql_type(layer, key.column))
        for key, value in zip(keys, query.after, strict=True)
    ]
    simple = len({key.descending for key in keys}) == 1 and all(
        not layer.table.c[key.column].nullable for key in keys
    )
    if simple and None not in bound:
        sign = "<" if keys[0].descending else ">"
        names = ", ".join(f"{row}{quote(key.column)}" for key in keys)
        return sql(f"({names}) {sign} ({{}})", join(", ", [b for b in bound if b is not None]))
    options: list[Sql] = []
    for index, key in enumerate(keys):
        beyond = _beyond(f"{row}{quote(key.column)}", bound[index], key.descending)
        if beyond is None:
            continue
        same = [
            _same(f"{row}{quote(keys[earlier].column)}", bound[earlier]) for earlier in range(index)
        ]
        options.append(sql("({})", join(" AND ", [*same, beyond])))
    return sql("({})", join(" OR ", options)) if options else raw("false")


def _beyond(column: str, value: Sql | None, descending: bool) -> Sql | None:
    if value is None:  # NULL sorts last ascending, first descending
        return raw(f"{column} IS NOT NULL") if descending else None
    if descending:
        return sql(f"{column} < {{}}", value)
    return sql(f"({column} > {{}} OR {column} IS NULL)", value)


def _same(column: str, value: Sql | None) -> Sql:
    return raw(f"{column} IS NULL") if value is None else sql(f"{column} = {{}}", value)


def without_paging(query: Query) -> Query:
    """The same question without its page: what counts and exports ask."""
    return replace(query, after=None, offset=0)
