"""Lines and areas simplified and cut into tiles ahead of time, kept true by triggers.

A shape is simplified for each zoom in the units of its tiles (4096 to a side, rows downwards),
rounded to whole units, and cut into one piece for each tile, counted from the tile's top left
corner. What differs by less than half a pixel of a 512-pixel tile is left out; an area that is
smaller than a unit is left out of that zoom. Where a shape lies in more than `MOST_PIECES` tiles of
a zoom it is kept whole, without a tile, counted from the corner of the first tile.
"""

from __future__ import annotations

import hashlib

from layers.layer import Layer
from layers.roles import READERS
from layers.rows import object_name, table_name
from spatial.mvt_parts import BUFFER, EXTENT, OVERVIEW_MAX_ZOOM
from spatial.sql import quote
from spatial.tiles import MERCATOR_EXTENT

TOLERANCE = EXTENT / 512 / 2
"""How far a simplified line may lie from the true one, in tile units: half a pixel."""

REACH = 2048
"""Units beyond a tile's edge within which a shape is not cut, so that its label stays in place."""

MOST_PIECES = 512
"""Tiles of a zoom into which one shape is cut at most."""

SIMPLIFY = f"""
CREATE OR REPLACE FUNCTION dieuhanh.overview(shape public.geometry, zoom int)
RETURNS public.geometry
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = public, pg_temp AS $$
DECLARE
  scale float8 := {EXTENT} * 2.0 ^ zoom / {2 * MERCATOR_EXTENT!r};
  placed geometry := ST_SetSRID(ST_Affine(ST_CollectionExtract(ST_Force2D(shape)),
    scale, 0, 0, -scale, scale * {MERCATOR_EXTENT!r}, scale * {MERCATOR_EXTENT!r}), 0);
BEGIN
  IF ST_Dimension(placed) = 2 THEN
    placed := ST_SimplifyPreserveTopology(placed, {TOLERANCE});
    BEGIN
      placed := ST_ReducePrecision(placed, 1);
    EXCEPTION WHEN OTHERS THEN
      -- An area that is not valid: it is repaired for display, as it is when tiles cut it.
      placed := ST_ReducePrecision(ST_MakeValid(placed), 1);
    END;
    -- Rows run downwards, so this is the clockwise exterior that MVT 2.1 (4.3.4.4) wants.
    placed := ST_ForcePolygonCCW(ST_CollectionExtract(placed, 3));
  ELSE
    placed := ST_SnapToGrid(ST_Simplify(placed, {TOLERANCE}), 1);
  END IF;
  RETURN CASE WHEN NOT ST_IsEmpty(placed) THEN placed END;
EXCEPTION WHEN internal_error OR data_exception THEN
  RETURN NULL;
END $$"""

# Exterior rings run clockwise on the screen (MVT 2.1, 4.3.4.4); the cut turns them over.
CUT = f"""
CREATE OR REPLACE FUNCTION dieuhanh.overview_pieces(
  shape public.geometry, zoom int, OUT tile_col int, OUT tile_row int, OUT piece public.geometry)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = public, pg_temp AS $$
  WITH span AS (
    SELECT greatest(floor((ST_XMin(shape) - {BUFFER}) / {EXTENT}), 0)::int AS west,
      least(floor((ST_XMax(shape) + {BUFFER}) / {EXTENT}), 2 ^ zoom - 1)::int AS east,
      greatest(floor((ST_YMin(shape) - {BUFFER}) / {EXTENT}), 0)::int AS north,
      least(floor((ST_YMax(shape) + {BUFFER}) / {EXTENT}), 2 ^ zoom - 1)::int AS south
  ), counted AS (SELECT *, (east - west + 1)::bigint * (south - north + 1) AS tiles FROM span)
  SELECT NULL, NULL, shape FROM counted WHERE tiles > {MOST_PIECES}
  UNION ALL
  SELECT col, row, cut FROM counted, generate_series(west, east) AS col,
    generate_series(north, south) AS row,
    LATERAL (SELECT {EXTENT} * col AS x, {EXTENT} * row AS y) AS corner,
    LATERAL (SELECT
      ST_MakeEnvelope(x - {BUFFER}, y - {BUFFER}, x + {EXTENT + BUFFER}, y + {EXTENT + BUFFER})
        AS held,
      ST_MakeEnvelope(x - {REACH}, y - {REACH}, x + {EXTENT + REACH}, y + {EXTENT + REACH})
        AS near) AS box,
    LATERAL (SELECT ST_Translate(CASE WHEN shape @ near THEN shape
      ELSE ST_ForcePolygonCCW(ST_ClipByBox2D(shape, held)) END, -x, -y) AS cut) AS made
  WHERE tiles <= {MOST_PIECES} AND ST_Intersects(shape, held) AND NOT ST_IsEmpty(cut)
$$"""


def has_overview(layer: Layer) -> bool:
    """Whether a layer has shapes, and not points, to simplify."""
    return not layer.is_point


def overview_name(layer: Layer) -> str:
    """The quoted name of a layer's table of simplified shapes."""
    return object_name("overview", layer)


def ddl(layer: Layer) -> list[str]:
    """Statements that (re)create a layer's simplified shapes and the triggers that keep them.

    Safe to run again. A new table is empty: run `rebuild_sql` in the same transaction.
    """
    if not has_overview(layer):
        return []
    table, overview = table_name(layer), overview_name(layer)
    index = f"ix_overview_{layer.id}"[:54]
    key = quote(layer.id_column)
    statements = [
        SIMPLIFY,
        CUT,
        f"CREATE TABLE IF NOT EXISTS {overview} AS SELECT {key} AS shape_of,"
        " 0::smallint AS shape_zoom, 0::int AS tile_col, 0::int AS tile_row,"
        f" NULL::public.geometry AS shape FROM {table} WITH NO DATA",
        # Made before shapes were cut.
        f"ALTER TABLE {overview} ADD COLUMN IF NOT EXISTS tile_col int,"
        " ADD COLUMN IF NOT EXISTS tile_row int",
        f"DROP INDEX IF EXISTS dieuhanh.{quote(index)}",
        # Read whole and often: not compressed.
        f"ALTER TABLE {overview} ALTER COLUMN shape SET STORAGE EXTERNAL",
        f"CREATE INDEX IF NOT EXISTS {quote(f'{index}_at')}"
        f" ON {overview} (shape_zoom, tile_col, tile_row)",
        f"CREATE INDEX IF NOT EXISTS {quote(f'{index}_big')}"
        f" ON {overview} USING gist (shape) WHERE tile_col IS NULL",
        f"CREATE INDEX IF NOT EXISTS {quote(f'{index}_of')} ON {overview} (shape_of)",
        f"GRANT SELECT ON {overview} TO {READERS}",
    ]
    for operation, tables in (
        ("insert", "NEW TABLE AS new_rows"),
        ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("delete", "OLD TABLE AS old_rows"),
        ("truncate", ""),
    ):
        function = object_name(f"overview_{operation}", layer)
        trigger = f"dieuhanh_overview_{operation}"
        referencing = f"REFERENCING {tables}" if tables else ""
        statements += [
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql"
            " SECURITY DEFINER SET search_path = public, pg_temp AS $derived$\n"
            f"BEGIN\n  {_body(layer, operation)}\n  RETURN NULL;\nEND $derived$",
            f"DROP TRIGGER IF EXISTS {trigger} ON {table}",
            f"CREATE TRIGGER {trigger} AFTER {operation.upper()} ON {table} {referencing}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
        ]
    return statements


def rebuild_sql(layer: Layer) -> list[str]:
    """Statements that simplify a layer afresh; writers wait until they commit.

    They name the rule's fingerprint, so that a changed rule is a changed text.
    """
    if not has_overview(layer):
        return []
    table, overview = table_name(layer), overview_name(layer)
    return [
        f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE",
        f"TRUNCATE {overview} /* {hashlib.sha256((SIMPLIFY + CUT).encode()).hexdigest()[:16]} */",
        _add(layer, table),
    ]


def _body(layer: Layer, operation: str) -> str:
    overview, key = overview_name(layer), quote(layer.id_column)
    if operation == "truncate":
        return f"TRUNCATE {overview};"
    if operation == "insert":
        return f"{_add(layer, 'new_rows')};"
    if operation == "delete":
        return f"DELETE FROM {overview} WHERE shape_of IN (SELECT {key} FROM old_rows);"
    geometry = quote(layer.geometry_column)
    # What kept its id and its shape is left alone.
    same = f"SELECT {key} FROM old_rows o JOIN new_rows n USING ({key})"
    same += f" WHERE n.{geometry} IS NOT DISTINCT FROM o.{geometry}"
    return (
        f"DELETE FROM {overview} WHERE shape_of IN (SELECT {key} FROM old_rows EXCEPT {same});\n"
        f"  {_add(layer, f'(SELECT * FROM new_rows WHERE {key} NOT IN ({same})) AS changed')};"
    )


def _add(layer: Layer, rows: str) -> str:
    key = quote(layer.id_column)
    return (
        f"INSERT INTO {overview_name(layer)} (shape_of, shape_zoom, tile_col, tile_row, shape)"
        f" SELECT {key}, zoom, tile_col, tile_row, piece FROM (SELECT {key}, zoom,"
        f" dieuhanh.overview(geom_3857, zoom) AS made FROM {rows}"
        f" CROSS JOIN generate_series(0, {OVERVIEW_MAX_ZOOM}) AS zoom OFFSET 0) AS simplified,"
        " dieuhanh.overview_pieces(made, zoom)"
    )
