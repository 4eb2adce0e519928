"""A read of one layer as a frozen value, and the SQL it becomes.

The functions here are pure: the same query gives the same SQL, and every value that a client
sent is bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache

from layers.clusters import total_sql
from layers.layer import Audience, Layer, sql_type
from layers.rows import (
    DEGREE_DECIMALS,
    feature_expression,
    filter_columns,
    property_columns,
    table_name,
)
from spatial.bbox import Bbox
from spatial.crs import CRS84, Crs
from spatial.sql import Sql, bind, join, quote, raw, sql
from spatial.temporal import Interval
from spatial.zorder import cover, is_on_grid

PLACE_KEY = "tile_key"
"""The space-filling key of a point, kept by the database."""

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
    def geometry_column(self) -> str:
        """The column with the geometries that the audience sees."""
        return self.layer.geometry_for(self.audience)

    @property
    def matching(self) -> tuple[object, ...]:
        """What decides which features match, whatever is then done with them."""
        conditions = (self.bbox, self.interval, self.filter, self.equals, self.words, self.ids)
        return (self.layer, self.audience, *conditions)

    @property
    def is_by_place(self) -> bool:
        """Whether neighbours come together: points in a box, in no order that the caller chose.

        Then a page is read from the index of the space-filling key, however much the box holds.
        """
        box = self.bbox
        return (
            box is not None
            and self.layer.is_point
            # The key is of the public's positions.
            and self.geometry_column == self.layer.geometry_column
            and not (self.sort or self.filter or self.interval or self.equals)
            and not (self.words or self.ids)
            and box.crs.srid == 4326
            and all(is_on_grid(part) for part in box.boxes)
        )

    @property
    def is_along_index(self) -> bool:
        """Whether the matches stand in an index in the order asked for."""
        others = self.bbox or self.interval or self.filter or self.words or self.ids or self.sort
        names = [name for name, _ in self.equals]
        return not others and (not names or names in [[n] for n in filter_columns(self.layer)])

    @property
    def keys(self) -> tuple[SortKey, ...]:
        """The full sort order: the keys asked for, or the place; then the id."""
        if any(key.column == self.layer.id_column for key in self.sort):
            return self.sort
        first = (SortKey(PLACE_KEY),) if self.is_by_place else self.sort
        return (*first, SortKey(self.layer.id_column))


class Counting(Enum):
    """What a page's statement needs to find out about the number of matches."""

    COUNT = "count"
    """It is not known."""
    FEW = "few"
    """It is known and at most COUNT_LIMIT."""
    MANY = "many"
    """It is known, or known to be over COUNT_LIMIT; or nobody asked."""


def key_type(query: Query, key: SortKey) -> str:
    """The PostgreSQL type of a sort key's values."""
    return "int8" if key.column == PLACE_KEY else sql_type(query.layer, key.column)


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
        geometry = raw(quote(query.geometry_column))
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
    return f"{_feature(query)} AS feature, {matched} AS matched, {', '.join(keys)}"


def _limit(query: Query) -> str:
    # A constant, not a value: with it PostgreSQL settles on one plan and stops planning.
    return f"{query.limit + 1:d}"


def _direct_page(query: Query, counting: Counting) -> Sql:
    """A page along the order's index, which soon has enough where matches are dense."""
    layer = query.layer
    table = table_name(layer)
    order = _order(query, "t.")
    where = sql("{} AND {}", conditions(query), _after(query, "t."))
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
    order = _order(query, "t.")
    names = ", ".join(f"t.{quote(key.column)}" for key in query.keys)
    rows = sql(
        f"SELECT {_outputs(query, 'NULL::int8')}, {names} FROM {table_name(layer)} AS t"
        f" WHERE t.{PLACE_KEY} >= r.first AND t.{PLACE_KEY} < r.beyond AND {{}} AND {{}}",
        query.bbox.sql(raw(f"t.{quote(query.geometry_column)}"), points=True, indexed=False),
        _after(query, "t."),
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
    order, found_order = _order(query, "t."), _order(query, "m.")
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
    geometry = f"t.{quote(query.geometry_column)}"
    if not query.geometry:
        return "NULL"
    if query.crs.srid != 4326:
        geometry = f"ST_Transform({geometry}, {query.crs.srid:d})"
    return f"ST_FlipCoordinates({geometry})" if query.crs.axis == "yx" else geometry


def feature_output(query: Query) -> str:
    """SQL of a feature's GeoJSON text over the table `t`."""
    return _feature(query)


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
        None if value is None else bind(value, key_type(query, key))
        for key, value in zip(keys, query.after, strict=True)
    ]
    simple = len({key.descending for key in keys}) == 1 and all(
        key.column == PLACE_KEY or not layer.table.c[key.column].nullable for key in keys
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
