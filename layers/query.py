"""A read of one layer as a frozen value, and the SQL it becomes.

The functions here are pure: the same query gives the same SQL, and every value that a client
sent is bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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
from spatial.zorder import is_on_grid

PLACE_KEY = "tile_key"
"""The space-filling key of a point, kept by the database."""


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
        f"SELECT {feature_output(query)} AS feature FROM {table_name(layer)} AS t"
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
        f"SELECT {output or feature_output(query)} AS feature FROM {table_name(query.layer)} AS t"
        f" WHERE {{}} ORDER BY {order_sql(query, 't.')}",
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
        f" WHERE {{}} AND {{}} ORDER BY {order_sql(query, 't.')}{{}}",
        conditions(query),
        after_sql(query, "t."),
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
    """SQL of a feature's GeoJSON text over the table `t`; the stored one where that is it."""
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


def order_sql(query: Query, row: str) -> str:
    """What follows ORDER BY, over the columns of `row` (a name and a dot)."""
    return ", ".join(
        f"{row}{quote(key.column)}{' DESC' if key.descending else ''}" for key in query.keys
    )


def after_sql(query: Query, row: str) -> Sql:
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
