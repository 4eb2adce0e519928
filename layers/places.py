"""Communes and districts of points, kept true when the units themselves change.

`dieuhanh.locate` finds a point's commune among small pieces of the commune polygons
(`dieuhanh.admin_piece`, made with ST_Subdivide); this module keeps the pieces in step with
`layer.admin_units` and places the points of a changed unit again.
"""

from __future__ import annotations

from collections.abc import Iterable

from layers.layer import Layer
from layers.rows import table_name
from spatial.sql import quote

UNITS = "admin_units"
PIECE_VERTICES = 48
"""Vertices of a piece at most: measured fastest for a lookup between 32 and 128."""


def ddl(units: Layer, located: Iterable[Layer]) -> list[str]:
    """Statements that (re)create the trigger on the administrative units.

    Args:
        units: the layer of administrative units, with `level`, `code` and `parent_code`.
        located: the layers whose rows carry `commune_code` and `district_code`.
    """
    table = table_name(units)
    again = "\n  ".join(
        f"UPDATE {table_name(layer)} SET commune_code = NULL"
        f" WHERE {quote(layer.geometry_column)} && area;"
        for layer in located
    )
    return [
        f"""CREATE OR REPLACE FUNCTION dieuhanh.unit_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $derived$
DECLARE
  area geometry;
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.level = 'commune' THEN
    DELETE FROM dieuhanh.admin_piece WHERE commune_code = OLD.code;
    area := ST_Envelope(OLD.geom);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.level = 'commune' THEN
    DELETE FROM dieuhanh.admin_piece WHERE commune_code = NEW.code;
    INSERT INTO dieuhanh.admin_piece (commune_code, district_code, geom)
    SELECT NEW.code, NEW.parent_code, ST_Subdivide(part.geom, {PIECE_VERTICES})
    FROM ST_Dump(NEW.geom) AS part;
    area := ST_Envelope(ST_Collect(area, NEW.geom));
  END IF;
  IF area IS NOT NULL THEN
  {again}
  END IF;
  RETURN NULL;
END $derived$""",
        """CREATE OR REPLACE FUNCTION dieuhanh.units_emptied() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $derived$
BEGIN
  DELETE FROM dieuhanh.admin_piece;
  RETURN NULL;
END $derived$""",
        f"DROP TRIGGER IF EXISTS dieuhanh_places_truncate ON {table}",
        f"CREATE TRIGGER dieuhanh_places_truncate AFTER TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION dieuhanh.units_emptied()",
        f"DROP TRIGGER IF EXISTS dieuhanh_places ON {table}",
        # Only a change of shape or belonging moves points: a corrected name does not.
        f"CREATE TRIGGER dieuhanh_places AFTER INSERT OR DELETE"
        f" OR UPDATE OF code, level, parent_code, {quote(units.geometry_column)} ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION dieuhanh.unit_changed()",
    ]
