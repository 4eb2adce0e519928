"""The ledger of counts: how many features a layer has, and how many points lie in each cell.

Each layer has a table `dieuhanh.ledger_<layer>` that is only ever appended to: statement triggers
add the difference that a statement made, so writers never wait for one another. A reader sums.
`dieuhanh.compact_ledger` joins the rows of a cell from time to time. The sums of grid units are
whole numbers below 2^53 (up to 8 million points in a cell), so what goes out cancels what came in
exactly; they are float8 because summing bigint makes a numeric, which is ten times as slow.

Level -1 counts all rows of the layer; levels 8, 12 and 16 count the points of each cell of the
WebMercatorQuad quadtree. A point outside WebMercatorQuad, or a row without a geometry, is in the
count of rows alone.
"""

from __future__ import annotations

import hashlib

from layers.layer import Audience, Layer, sql_type
from layers.roles import READERS
from layers.rows import filter_columns, object_name, table_name
from spatial.mvt import LEDGER_LEVELS
from spatial.sql import Sql, literal, quote, raw
from spatial.zorder import GRID_BITS

TILE_COLUMNS = ("tile_x", "tile_y", "tile_key")
_INDEX_ROW_BYTES = 2000
_NARROW = ("int8", "float8", "bool", "date", "timestamptz")

_GRID = 1 << GRID_BITS
_FINEST = LEDGER_LEVELS[-1]
_FINEST_SHIFT = 2 * (GRID_BITS - _FINEST)

_MASKS = (
    0x0000FFFF0000FFFF,
    0x00FF00FF00FF00FF,
    0x0F0F0F0F0F0F0F0F,
    0x3333333333333333,
    0x5555555555555555,
)


def _spread(name: str) -> str:
    """PL/pgSQL that moves each bit of a number to twice its place."""
    return " ".join(
        f"{name} := ({name} | ({name} << {16 >> step})) & {mask};"
        for step, mask in enumerate(_MASKS)
    )


# Written so that PostgreSQL puts the expression in place of the call. ST_X and ST_Y are NULL for
# an empty point, and NaN is greater than any number here: for both the answer is NULL.
_TILE_X = f"""CASE WHEN public.ST_X(place) >= -180 AND public.ST_X(place) <= 180
  THEN least(floor((public.ST_X(place) + 180) / 360 * {_GRID}), {_GRID - 1})::int END"""
_TILE_Y = f"""CASE WHEN abs(public.ST_Y(place)) <= 86 THEN greatest(-1, least({_GRID},
    floor((0.5 - asinh(tand(public.ST_Y(place))) / (2 * pi())) * {_GRID})))::int
  WHEN abs(public.ST_Y(place)) <= 90
  THEN CASE WHEN public.ST_Y(place) > 0 THEN -1 ELSE {_GRID} END END"""

BASE = (
    f"""
CREATE OR REPLACE FUNCTION dieuhanh.tile_x(place public.geometry) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT {_TILE_X} $$""",
    f"""
CREATE OR REPLACE FUNCTION dieuhanh.tile_y(place public.geometry) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT {_TILE_Y} $$""",
    f"""
CREATE OR REPLACE FUNCTION dieuhanh.tile_key(place public.geometry) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  x bigint := {_TILE_X};
  y bigint := {_TILE_Y};
BEGIN
  IF y < 0 OR y >= {_GRID} THEN
    RETURN NULL;
  END IF;
  {_spread("x")}
  {_spread("y")}
  RETURN x | (y << 1);
END $$""",
    """
CREATE OR REPLACE FUNCTION dieuhanh.compact_ledger(ledger regclass) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  removed bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(7233005, ledger::oid::int) THEN
    RETURN 0;
  END IF;
  EXECUTE format(
    'WITH crowded AS (SELECT level, key FROM %1$s GROUP BY level, key HAVING count(*) > 1),'
    ' gone AS (DELETE FROM %1$s AS l USING crowded AS c'
    ' WHERE l.level = c.level AND l.key = c.key RETURNING l.*),'
    ' kept AS (INSERT INTO %1$s (level, key, n, sum_x, sum_y)'
    ' SELECT level, key, sum(n), sum(sum_x), sum(sum_y) FROM gone'
    ' GROUP BY level, key HAVING sum(n) <> 0 OR level < 0 RETURNING 1)'
    ' SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM kept)', ledger)
  INTO removed;
  RETURN removed;
END $$""",
)


def base_ddl() -> list[str]:
    """Statements that create the functions all ledgers share; safe to run again."""
    return list(BASE)


def ledger_name(layer: Layer) -> str:
    """The quoted name of a layer's ledger."""
    return object_name("ledger", layer)


def total_sql(layer: Layer) -> str:
    """A statement that gives the exact number of a layer's features."""
    return f"SELECT coalesce(sum(n), 0)::int8 FROM {ledger_name(layer)} WHERE level = -1"


def cells_sql(layer: Layer, level: int) -> Sql:
    """The cells of a level that hold points of a layer: their number `n`, and their middle.

    `x` and `y` are the mean of the points, in units of the grid from the north-west.
    """
    return raw(
        "SELECT sum(n)::int8 AS n, sum(sum_x) / sum(n) AS x, sum(sum_y) / sum(n) AS y"
        f" FROM {ledger_name(layer)} WHERE level = {int(level)} GROUP BY key HAVING sum(n) > 0"
        " ORDER BY key"
    )


def compact_sql(layer: Layer) -> str:
    """A statement that joins the ledger's rows of a cell; blocks no writer. Run it as the owner."""
    return f"SELECT dieuhanh.compact_ledger({literal(ledger_name(layer))})"


def ddl(layer: Layer) -> list[str]:
    """Statements that (re)create a layer's ledger, its triggers and, for points, the tile key.

    Safe to run again. A new ledger is empty: run `rebuild_sql` in the same transaction.
    """
    table, ledger = table_name(layer), ledger_name(layer)
    statements = [
        f"CREATE TABLE IF NOT EXISTS {ledger} (level smallint NOT NULL, key bigint NOT NULL,"
        " n int NOT NULL, sum_x float8 NOT NULL, sum_y float8 NOT NULL)",
        # One small table that many statements append to: keep it short of dead rows.
        f"ALTER TABLE {ledger} SET (autovacuum_vacuum_scale_factor = 0.05)",
        f"CREATE INDEX IF NOT EXISTS {quote(_index_name(layer, 'cell'))} ON {ledger} (level, key)",
        f"GRANT SELECT ON {ledger} TO {READERS}",
    ]
    if layer.is_point:
        statements += _tile_columns(layer)
    for operation, tables in (
        ("insert", "NEW TABLE AS new_rows"),
        ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("delete", "OLD TABLE AS old_rows"),
        ("truncate", ""),
    ):
        trigger = f"dieuhanh_ledger_{operation}"
        statements.append(f"DROP TRIGGER IF EXISTS {trigger} ON {table}")
        if operation == "update" and not layer.is_point:
            continue
        function = object_name(f"ledger_{operation}", layer)
        referencing = f"REFERENCING {tables}" if tables else ""
        statements += [
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql"
            " SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $derived$\n"
            f"BEGIN\n  {_body(layer, operation)}\n  RETURN NULL;\nEND $derived$",
            f"CREATE TRIGGER {trigger} AFTER {operation.upper()} ON {table} {referencing}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
        ]
    return statements


def rebuild_sql(layer: Layer) -> str:
    """Statements, in one text, that count a layer afresh; writers wait until it commits."""
    table, ledger = table_name(layer), ledger_name(layer)
    parts = [f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE", f"TRUNCATE {ledger}"]
    parts += _append(layer, ((1, table),), total=True)
    return ";\n".join(parts)


def _body(layer: Layer, operation: str) -> str:
    if operation == "truncate":
        return f"TRUNCATE {ledger_name(layer)};"
    sources = {
        "insert": ((1, "new_rows"),),
        "update": ((-1, "old_rows"), (1, "new_rows")),
        "delete": ((-1, "old_rows"),),
    }[operation]
    return "; ".join(_append(layer, sources, total=operation != "update")) + ";"


def _append(layer: Layer, sources: tuple[tuple[int, str], ...], *, total: bool) -> list[str]:
    """Statements that append the difference between rows that came (1) and rows that went (-1)."""
    head = f"INSERT INTO {ledger_name(layer)} (level, key, n, sum_x, sum_y)"
    statements = []
    if total:
        ((sign, rows),) = sources
        statements.append(f"{head} SELECT -1, 0, {sign} * count(*), 0, 0 FROM {rows}")
    if not layer.is_point:
        return statements
    members = " UNION ALL ".join(
        f"SELECT {sign} AS n, {sign} * tile_x AS x, {sign} * tile_y AS y,"
        f" tile_key >> {_FINEST_SHIFT} AS key FROM {rows} WHERE tile_key IS NOT NULL"
        for sign, rows in sources
    )
    levels = [
        f"SELECT {level}::int2, key >> {2 * (_FINEST - level)}, sum(n), sum(x), sum(y)"
        " FROM cell GROUP BY 2"
        for level in LEDGER_LEVELS[:-1]
    ]
    # The finest cells are counted first; the coarser ones are sums of those few.
    statements.append(
        f"WITH cell AS MATERIALIZED (SELECT key, sum(n) AS n, sum(x) AS x,"
        f" sum(y) AS y FROM ({members}) AS m GROUP BY key"
        " HAVING sum(n) <> 0 OR sum(x) <> 0 OR sum(y) <> 0)"
        f" {head} {' UNION ALL '.join(levels)}"
        f" UNION ALL SELECT {_FINEST}::int2, key, n, x, y FROM cell"
    )
    return statements


def _tile_columns(layer: Layer) -> list[str]:
    table, geometry = table_name(layer), quote(layer.geometry_column)
    types = {"tile_x": "int", "tile_y": "int", "tile_key": "bigint"}
    added = ", ".join(
        f"ADD COLUMN IF NOT EXISTS {name} {type_}"
        f" GENERATED ALWAYS AS (dieuhanh.{name}({geometry})) STORED"
        for name, type_ in types.items()
    )
    columns = "".join(f", {quote(name)}" for name in covered(layer))
    mark = hashlib.sha256(columns.encode()).hexdigest()[:8]
    prefix = _index_name(layer, "tile_")
    name, schema = prefix + mark, layer.table.schema or "public"
    return [
        f"ALTER TABLE {table} {added}",
        # An index of other columns than these is of an earlier record.
        f"""DO $derived$ DECLARE name text; BEGIN
  FOR name IN SELECT indexname FROM pg_indexes WHERE schemaname = {literal(schema)}
    AND starts_with(indexname, {literal(prefix)}) AND indexname <> {literal(name)}
  LOOP EXECUTE format('DROP INDEX %I.%I', {literal(schema)}, name); END LOOP;
END $derived$""",
        f"CREATE INDEX IF NOT EXISTS {quote(name)} ON {table}"
        f" (tile_key) INCLUDE (tile_x, tile_y{columns})",
    ]


def covered(layer: Layer) -> tuple[str, ...]:
    """The columns that the index on the key holds, so that it answers alone.

    Those that tiles carry, or none if they could be too long; then, as far as there is room, what
    people filter by: codes, times, places, numbers. Not `updated_at`, for every update changes it
    and would then write to all indexes.
    """
    public = [column.name for column in layer.readable(Audience.PUBLIC)]
    names = [layer.id_column]
    names += [name for name in public if layer.column(name).in_tiles and name not in names]
    room = _INDEX_ROW_BYTES - sum(_bytes(layer, name) for name in names)
    if room < 0:
        return ()
    narrow = [name for name in public if sql_type(layer, name) in _NARROW and name != "updated_at"]
    for name in (*filter_columns(layer), *narrow):
        if name in public and name not in names and _bytes(layer, name) <= room:
            names.append(name)
            room -= _bytes(layer, name)
    return tuple(names)


def _bytes(layer: Layer, name: str) -> int:
    """The most bytes a value takes in an index row, as far as the record tells."""
    column, stored = layer.column(name), layer.table.c[name]
    if sql_type(layer, name) != "text":
        return 16
    if column.codes is not None:
        return 4 * max(len(value) for value in column.codes.values)
    if column.max_length is not None:
        return 4 * column.max_length
    if stored.primary_key or stored.unique or name in filter_columns(layer):
        # Such a column has an index of its own, so its values are short already.
        return 400
    return _INDEX_ROW_BYTES + 1


def _index_name(layer: Layer, what: str) -> str:
    table = layer.table.name
    if len(table.encode()) > 40:
        table = hashlib.sha256(table.encode()).hexdigest()[:16]
    return f"ix_{table}_{what}"
