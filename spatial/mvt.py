"""SQL that makes one vector tile: a row with one column, the MVT bytes (or NULL when empty).

Mapbox Vector Tile 2.1, extent 4096. Points are found by a space-filling key: the columns `tile_x`,
`tile_y` hold a point's place on a grid of 2^30 by 2^30 cells over WebMercatorQuad (3.7 cm at the
equator), and `tile_key` interleaves their bits (Morton order). A tile of that set is one range of
keys, so its edges are half-open and exact: every point lies in one tile of a zoom, never in two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from spatial.sql import Sql, bind, literal, quote, raw, sql
from spatial.tiles import WEB_MERCATOR_QUAD, WORLD_CRS84_QUAD, Tile, TileMatrixSet

EXTENT = 4096
"""Units along a tile's side."""

BUFFER = 64
"""Units beyond a tile's edge to which lines and areas are cut."""

OVERVIEW_REACH = 2048
"""Units beyond a tile's edge within which a simplified shape is not worth cutting."""

CLUSTER_LIMIT = 2000
"""A tile with more points than this carries clusters instead."""

GRID_BITS = 30
CELL_BITS = 4
"""A tile has 2^4 by 2^4 cluster cells."""

LEDGER_LEVELS = (8, 12, 16)
"""The levels of the quadtree at which counts are kept ready."""

OVERVIEW_MAX_ZOOM = 12
"""The last zoom that has geometry simplified ahead of time."""

SHAPE_LIMIT = 5000
"""A tile carries no more lines or areas than this."""

_FINEST = LEDGER_LEVELS[-1]
_FINEST_SHIFT = GRID_BITS - _FINEST


@dataclass(frozen=True, slots=True)
class TileSource:
    """What the tiles of one layer are made from.

    Attributes:
        name: the name of the layer inside the tile.
        table: the table, quoted.
        properties: names and trusted SQL expressions over the table's columns.
        points: the table has `tile_key`, `tile_x` and `tile_y`.
        geometry: the geometry column in EPSG:4326; `geom_3857` stands beside it.
        id_column: the key that joins the table and its overview.
        ledger: the table of counts by cell, quoted.
        overview: the table of simplified geometry, quoted.
    """

    name: str
    table: str
    properties: tuple[tuple[str, str], ...]
    points: bool
    geometry: str = "geom"
    id_column: str = "id"
    ledger: str | None = None
    overview: str | None = None


def tile_sql(
    source: TileSource,
    tile_matrix_set: TileMatrixSet,
    tile: Tile,
    *,
    limit: int = CLUSTER_LIMIT,
    where: Sql | None = None,
) -> Sql:
    """The statement that renders a tile in one round trip.

    Args:
        limit: more points than this become clusters with the property `n`.
        where: a condition on the table's columns; clusters are then counted on the fly.

    Raises:
        ValueError: the set has no such tile.
    """
    if not tile_matrix_set.holds(tile):
        raise ValueError(f"{tile_matrix_set.id} has no tile {tile.z}/{tile.row}/{tile.col}")
    mercator = tile_matrix_set is WEB_MERCATOR_QUAD
    if source.points:
        return (_mercator_points if mercator else _degree_points)(source, tile, limit, where)
    if mercator and source.overview is not None and tile.z <= OVERVIEW_MAX_ZOOM:
        return _overview(source, tile, where)
    return _shapes(source, tile_matrix_set, tile, where)


def morton(col: int, row: int) -> int:
    """The bits of a column and a row interleaved, the column's first."""
    key = 0
    for bit in range(GRID_BITS):
        key |= (col >> bit & 1) << (2 * bit) | (row >> bit & 1) << (2 * bit + 1)
    return key


def _properties(source: TileSource) -> str:
    return "".join(f", {text} AS {quote(name)}" for name, text in source.properties)


def _as_mvt(source: TileSource) -> str:
    return f"ST_AsMVT(t, {literal(source.name)}, {EXTENT}, 'geom')"


def _int(value: int) -> Sql:
    return bind(value, "int4")


def _long(value: int) -> Sql:
    return bind(value, "int8")


def _key_range(tile: Tile, level: int) -> tuple[Sql, Sql]:
    """The first key of a tile at a level of the quadtree, and the first after it."""
    key, shift = morton(tile.col, tile.row), 2 * (level - tile.z)
    return _long(key << shift), _long((key + 1) << shift)


def _grid_point(tile: Tile, x: str, y: str) -> Sql:
    """A point in the tile's units from expressions that give a place on the grid."""
    shift = GRID_BITS - tile.z
    return sql(
        f"ST_Point((({x} - {{}})::int8 << 12) >> {{}}, (({y} - {{}})::int8 << 12) >> {{}})",
        _int(tile.col << shift),
        _int(shift),
        _int(tile.row << shift),
        _int(shift),
    )


def _and(where: Sql | None) -> Sql:
    return raw("") if where is None else sql(" AND ({})", where)


def _mercator_points(source: TileSource, tile: Tile, limit: int, where: Sql | None) -> Sql:
    held = sql("tile_key >= {} AND tile_key < {}", *_key_range(tile, GRID_BITS)) + _and(where)
    rows = sql(
        f"SELECT {{}} AS geom{_properties(source)} FROM {source.table} WHERE {{}}",
        _grid_point(tile, "tile_x", "tile_y"),
        held,
    )
    level = next((level for level in LEDGER_LEVELS if level >= tile.z + CELL_BITS), None)
    if source.ledger is not None and where is None and level is not None:
        return _from_ledger(source, tile, limit, rows, level)
    cells = sql(
        "SELECT count(*) AS n, avg(tile_x)::int4 AS x, avg(tile_y)::int4 AS y"
        f" FROM {source.table} WHERE {{}} GROUP BY tile_key >> {{}}",
        held,
        _int(2 * (GRID_BITS - tile.z - CELL_BITS)),
    )
    return _rows_or_cells(source, limit, rows, cells, _grid_point(tile, "x", "y"))


def _rows_or_cells(source: TileSource, limit: int, rows: Sql, cells: Sql, point: Sql) -> Sql:
    """The rows if they are few enough; their clusters, counted only then, if not.

    PostgreSQL runs the subquery of a CASE branch only when it takes that branch.
    """
    mvt = _as_mvt(source)
    return sql(
        f"SELECT CASE WHEN n <= {{}} THEN mvt ELSE (SELECT {mvt} FROM"
        " (SELECT {} AS geom, n FROM ({}) c) t) END"
        f" FROM (SELECT count(*) AS n, {mvt} AS mvt FROM ({{}} LIMIT {{}}) t) s",
        _int(limit),
        point,
        cells,
        rows,
        _long(limit + 1),
    )


def _from_ledger(source: TileSource, tile: Tile, limit: int, rows: Sql, level: int) -> Sql:
    """Clusters from the counts kept ready; the rows where they are few enough."""
    mvt = _as_mvt(source)
    return sql(
        "WITH c AS MATERIALIZED (SELECT sum(n) AS n,"
        " (sum(sum_x) / sum(n))::int4 AS x, (sum(sum_y) / sum(n))::int4 AS y"
        f" FROM {source.ledger} WHERE level = {{}} AND key >= {{}} AND key < {{}}"
        " GROUP BY key >> {} HAVING sum(n) > 0)"
        f" SELECT CASE WHEN (SELECT sum(n) FROM c) <= {{}} THEN (SELECT {mvt} FROM ({{}}) t)"
        f" ELSE (SELECT {mvt} FROM (SELECT {{}} AS geom, n FROM c) t) END",
        bind(level, "int2"),
        *_key_range(tile, level),
        _int(2 * (level - tile.z - CELL_BITS)),
        _int(limit),
        rows,
        _grid_point(tile, "x", "y"),
    )


def _float(value: float) -> Sql:
    return bind(float(value), "float8")


def _degree_box(west: float, south: float, east: float, north: float) -> Sql:
    corners = (_float(value) for value in (west, south, east, north))
    return sql("ST_MakeEnvelope({}, {}, {}, {}, 4326)", *corners)


def _degree_place(tile: Tile, x: str, latitude: str) -> Sql:
    """A point in a WorldCRS84Quad tile's units from a place on the grid and a latitude."""
    _, south, _, north = WORLD_CRS84_QUAD.bounds(tile)
    shift = GRID_BITS - tile.z - 1
    return sql(
        f"ST_Point((({x} - {{}})::int8 << 12) >> {{}},"
        f" least(floor(({{}} - {latitude}) * {{}}), {EXTENT - 1}))",
        _int(tile.col << shift),
        _int(shift),
        _float(north),
        _float(EXTENT / (north - south)),
    )


def _degree_held(source: TileSource, tile: Tile, north: float, south: float) -> Sql:
    """Points of a column of tiles between two latitudes, the northern one included."""
    west, _, east, _ = WORLD_CRS84_QUAD.bounds(tile)
    shift, y = GRID_BITS - tile.z - 1, f"ST_Y({quote(source.geometry)})"
    return sql(
        f"{quote(source.geometry)} && {{}} AND tile_x >= {{}} AND tile_x < {{}}"
        f" AND {y} > {{}} AND {y} <= {{}}",
        _degree_box(west, south, east, north),
        _int(tile.col << shift),
        _long((tile.col + 1) << shift),
        # The last row holds the pole itself.
        _float(south if south > -90 else math.nextafter(-90.0, -math.inf)),
        _float(north),
    )


def _degree_points(source: TileSource, tile: Tile, limit: int, where: Sql | None) -> Sql:
    _, south, _, north = WORLD_CRS84_QUAD.bounds(tile)
    y = f"ST_Y({quote(source.geometry)})"
    held = _degree_held(source, tile, north, south) + _and(where)
    rows = sql(
        f"SELECT {{}} AS geom{_properties(source)} FROM {source.table} WHERE {{}}",
        _degree_place(tile, "tile_x", y),
        held,
    )
    point = _degree_place(tile, "x", "latitude")
    members = sql(
        f"SELECT 1 AS n, tile_x AS x, {y} AS latitude FROM {source.table} WHERE {{}}", held
    )
    if source.ledger is not None and where is None and tile.z + 1 + CELL_BITS <= _FINEST:
        known = _degree_ledger(source, tile)
        if known is not None:
            mvt = _as_mvt(source)
            return sql(
                "WITH c AS MATERIALIZED ({})"
                " SELECT CASE WHEN (SELECT sum(n) FROM c) <= {}"
                f" THEN (SELECT {mvt} FROM ({{}}) t)"
                f" ELSE (SELECT {mvt} FROM (SELECT {{}} AS geom, n FROM c) t) END",
                _degree_cells(tile, known),
                _int(limit),
                rows,
                point,
            )
    return _rows_or_cells(source, limit, rows, _degree_cells(tile, members), point)


def _degree_cells(tile: Tile, members: Sql) -> Sql:
    """Counts, mean places and mean latitudes of a WorldCRS84Quad tile's cells."""
    _, south, _, north = WORLD_CRS84_QUAD.bounds(tile)
    cells = 1 << CELL_BITS
    return sql(
        "SELECT sum(n) AS n, (sum(x::float8 * n) / sum(n))::int4 AS x,"
        " sum(latitude * n) / sum(n) AS latitude FROM ({} OFFSET 0) m"
        f" GROUP BY x >> {{}}, least(floor(({{}} - latitude) * {{}}), {cells - 1})",
        members,
        _int(GRID_BITS - tile.z - 1 - CELL_BITS),
        _float(north),
        _float(cells / (north - south)),
    )


def _degree_ledger(source: TileSource, tile: Tile) -> Sql | None:
    """Members of a WorldCRS84Quad tile from the counts by Mercator cell; None if it has no cell.

    Cells wholly inside the tile come from the ledger, each at its centroid; points of the cells
    that its northern and southern edges cut are read one by one. So tiles that are clustered and
    tiles that are not agree on where each point belongs, and the counts add up.
    """
    _, south, _, north = WORLD_CRS84_QUAD.bounds(tile)
    rows = 1 << _FINEST
    first = 0 if tile.row == 0 else _mercator_row(north) + 2
    end = rows if tile.row == (1 << tile.z) - 1 else _mercator_row(south) - 1
    if first >= end:
        return None
    shift = _FINEST - tile.z - 1
    keys = [morton(tile.col, row) for row in range(first >> shift, ((end - 1) >> shift) + 1)]
    y = f"ST_Y({quote(source.geometry)})"
    single = f" UNION ALL SELECT 1, tile_x, {y} FROM {source.table} WHERE {{}} AND tile_y"
    return sql(
        "SELECT n, x, atand(sinh(pi() * (1 - y / 536870912.0::float8))) AS latitude"
        " FROM (SELECT sum(n)::int4 AS n, (sum(sum_x) / sum(n))::int4 AS x,"
        " (sum(sum_y) / sum(n))::int4 AS y FROM unnest({}, {}) AS r (low, high)"
        f" JOIN {source.ledger} ON level = {_FINEST} AND key >= low AND key < high"
        " GROUP BY key HAVING sum(n) > 0) k WHERE y >= {} AND y < {}"
        f"{single} < {{}}{single} >= {{}}",
        bind([key << 2 * shift for key in keys], "int8[]"),
        bind([(key + 1) << 2 * shift for key in keys], "int8[]"),
        _int(first << _FINEST_SHIFT),
        _long(end << _FINEST_SHIFT),
        _degree_held(source, tile, north, max(_latitude(first) - 1e-6, south)),
        _int(first << _FINEST_SHIFT),
        _degree_held(source, tile, min(_latitude(end) + 1e-6, north), south),
        _long(end << _FINEST_SHIFT),
    )


def _mercator_row(latitude: float) -> int:
    """The row of the finest cells that holds a latitude, clamped to the grid."""
    rows = 1 << _FINEST
    _, down = WEB_MERCATOR_QUAD.position(0, latitude)
    return int(min(max(down, 0.0), 1.0) * rows)


def _latitude(row: int) -> float:
    """The latitude of the northern edge of a row of the finest cells; the pole at the ends."""
    if row <= 0:
        return 90.0
    if row >= 1 << _FINEST:
        return -90.0
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / (1 << _FINEST)))))


def _overview(source: TileSource, tile: Tile, where: Sql | None) -> Sql:
    """Shapes simplified ahead of time: moved into place, and cut where they reach far out.

    Cutting costs more than all the rest, so a shape that stays within `OVERVIEW_REACH` of the
    tile is carried whole; it also keeps its label in one place.
    """
    left, top = overview_origin(tile)

    def box(reach: int) -> Sql:
        corners = (left - reach, top - reach, left + EXTENT + reach, top + EXTENT + reach)
        return sql("ST_MakeEnvelope({}, {}, {}, {})", *(_float(value) for value in corners))

    return sql(
        f"SELECT {_as_mvt(source)} FROM (SELECT ST_Translate(CASE WHEN shape @ {{}} THEN shape"
        # The cut turns rings over; exterior ones run clockwise on the screen (MVT 2.1, 4.3.4.4).
        " ELSE ST_ForcePolygonCCW(ST_ClipByBox2D(shape, {})) END, {}, {})"
        f" AS geom{_properties(source)}"
        f" FROM {source.overview} JOIN {source.table} ON {quote(source.id_column)} = shape_of"
        " WHERE shape_zoom = {} AND shape && {}{} LIMIT {}) t WHERE NOT ST_IsEmpty(geom)",
        box(OVERVIEW_REACH),
        box(BUFFER),
        _float(-left),
        _float(-top),
        bind(tile.z, "int2"),
        box(BUFFER),
        _and(where),
        _int(SHAPE_LIMIT),
    )


def overview_origin(tile: Tile) -> tuple[int, int]:
    """Where a tile's top left corner lies in the overview's units.

    The units are those of the zoom's tiles, rows downwards. Each zoom lies beside the others,
    as far to the east as it is wide, so that one spatial index serves all zooms.
    """
    return EXTENT * ((1 << tile.z) + tile.col), EXTENT * tile.row


def _shapes(
    source: TileSource, tile_matrix_set: TileMatrixSet, tile: Tile, where: Sql | None
) -> Sql:
    west, south, east, north = tile_matrix_set.bounds(tile)
    mercator = tile_matrix_set is WEB_MERCATOR_QUAD
    column = "geom_3857" if mercator else quote(source.geometry)
    margin = (east - west) * BUFFER / EXTENT

    def envelope(by: float) -> Sql:
        corners = (west - by, south - by, east + by, north + by)
        template = f"ST_MakeEnvelope({{}}, {{}}, {{}}, {{}}, {tile_matrix_set.srid})"
        return sql(template, *(_float(value) for value in corners))

    return sql(
        f"SELECT {_as_mvt(source)} FROM (SELECT ST_AsMVTGeom(ST_ClipByBox2D({column}, {{}}),"
        f" {{}}, {EXTENT}, {BUFFER}) AS geom{_properties(source)} FROM {source.table}"
        f" WHERE {column} && {{}}{{}} LIMIT {{}}) t WHERE geom IS NOT NULL",
        # Twice the margin, so that the cut itself stays out of the tile.
        envelope(2 * margin),
        envelope(0),
        envelope(margin),
        _and(where),
        _int(SHAPE_LIMIT),
    )
