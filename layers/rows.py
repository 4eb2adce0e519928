"""What the database keeps true on each row of a layer: place, ready-made GeoJSON, search text.

A `BEFORE` trigger derived from the record fills `commune_code`, `district_code`, `updated_at`,
`feature` (the public GeoJSON Feature, read as it stands by the items pages) and `search` (the
accent-folded text that `q` looks in).
"""

from __future__ import annotations

from layers.layer import EXACT_GEOMETRY, LAYER_SCHEMA, Audience, Column, Layer, sql_type
from spatial.geojson import feature_text, geometry_value, json_value
from spatial.sql import quote

DEGREE_DECIMALS = 7
DERIVED_COLUMNS = ("feature", "search", "geom_3857", "tile_x", "tile_y", "tile_key")
"""The columns that only repeat others, left out where rows are compared or kept."""
DERIVED = f"'{{{','.join(DERIVED_COLUMNS)}}}'::text[]"
"""The same in SQL."""

BULK = """(coalesce(current_setting('dieuhanh.bulk', true), '') = 'on' AND pg_has_role(
      CASE current_setting('role') WHEN 'none' THEN session_user
        ELSE current_setting('role')::name END, current_user, 'MEMBER'))"""
"""SQL for a SECURITY DEFINER trigger: this is a bulk load, by one who may act as the owner.

There `current_user` is the owner; who fired it is the role that was set, else the session's.
Anybody can set `dieuhanh.bulk`; for others it means nothing.
"""


def table_name(layer: Layer) -> str:
    """The quoted, schema-qualified name of a layer's table."""
    return f"{quote(layer.table.schema or LAYER_SCHEMA)}.{quote(layer.table.name)}"


def object_name(prefix: str, layer: Layer) -> str:
    """The quoted name of a derived object in the schema `dieuhanh`."""
    return f"dieuhanh.{quote(f'{prefix}_{layer.id}')}"


def property_columns(
    layer: Layer, audience: Audience = Audience.PUBLIC, names: tuple[str, ...] | None = None
) -> tuple[Column, ...]:
    """The columns written as a feature's properties; an id named `id` is the feature's own."""
    return tuple(
        column
        for column in layer.readable(audience)
        if (column.name != layer.id_column or column.name != "id")
        and (names is None or column.name in names)
    )


def feature_expression(
    layer: Layer, columns: tuple[Column, ...], geometry: str, decimals: int, row: str = ""
) -> str:
    """SQL for one feature's GeoJSON text.

    Args:
        layer: whose feature.
        columns: the properties to write.
        geometry: SQL of the geometry in the axis order to write, or `NULL`.
        decimals: digits of its coordinates.
        row: a prefix for column references, e.g. `NEW.` or `t.`.
    """
    identifier = json_value(row + quote(layer.id_column), sql_type(layer, layer.id_column))
    properties = (
        (column.name, json_value(row + quote(column.name), sql_type(layer, column.name)))
        for column in columns
    )
    shape = "'null'" if geometry == "NULL" else geometry_value(geometry, decimals)
    return feature_text(identifier, shape, properties)


def published(layer: Layer, geometry: str) -> str:
    """SQL of the geometry that everybody may see, from SQL of the exact one."""
    if layer.public_decimals is None:
        return geometry
    axes = ", ".join(
        f"round({axis}({geometry})::numeric, {layer.public_decimals:d})::float8"
        for axis in ("ST_X", "ST_Y")
    )
    return f"ST_SetSRID(ST_MakePoint({axes}), 4326)"


def search_expression(layer: Layer, row: str = "") -> str | None:
    """SQL for one feature's search text; None for a layer that is not searched.

    Args:
        row: a prefix for column references, e.g. `NEW.` or `t.`.
    """
    names = [
        f"{row}{quote(column.name)}"
        for column in layer.readable(Audience.PUBLIC)
        if column.in_search
    ]
    return f"dieuhanh.fold(concat_ws(' ', {', '.join(names)}))" if names else None


def ddl(layer: Layer) -> list[str]:
    """Statements that (re)create the row trigger and the indexes of a layer."""
    table = table_name(layer)
    geometry = quote(layer.geometry_column)
    steps = []
    exact = geometry
    if layer.public_decimals is not None:
        exact = quote(EXACT_GEOMETRY)
        steps.append(_keep_exact(layer, geometry, exact))
    if "commune_code" in layer.table.c:
        steps.append(_place(exact))
    if "updated_at" in layer.table.c:
        steps.append(
            "IF TG_OP = 'UPDATE' AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at"
            f" AND to_jsonb(NEW) - {DERIVED} IS DISTINCT FROM to_jsonb(OLD) - {DERIVED}"
            " THEN NEW.updated_at := now(); END IF;"
        )
    searched = search_expression(layer, "NEW.")
    if searched:
        steps.append(f"NEW.search := {searched};")
    feature = feature_expression(
        layer, property_columns(layer), f"NEW.{geometry}", DEGREE_DECIMALS, "NEW."
    )
    steps.append(f"NEW.feature := {feature};")
    function = object_name("row", layer)
    body = "\n  ".join(steps)
    statements = [
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql"
        " SECURITY DEFINER SET search_path = public, pg_temp AS $derived$\n"
        f"BEGIN\n  {body}\n  RETURN NEW;\nEND $derived$",
        f"DROP TRIGGER IF EXISTS dieuhanh_row ON {table}",
        f"CREATE TRIGGER dieuhanh_row BEFORE INSERT OR UPDATE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {function}()",
        _index(layer, "geom", f"USING gist ({geometry})"),
        _index(layer, "geom_3857", "USING gist (geom_3857)"),
    ]
    if layer.public_decimals is not None:
        statements.append(_index(layer, EXACT_GEOMETRY, f"USING gist ({exact})"))
    if searched:
        statements.append(_index(layer, "search", "USING gin (search public.gin_trgm_ops)"))
    for name in filter_columns(layer):
        key = ", ".join(quote(part) for part in dict.fromkeys((name, layer.id_column)))
        statements.append(_index(layer, name, f"({key})"))
    return statements


def _keep_exact(layer: Layer, geometry: str, exact: str) -> str:
    """PL/pgSQL that takes the exact position from whichever column was written."""
    return f"""IF TG_OP = 'INSERT' THEN
    NEW.{exact} := coalesce(NEW.{exact}, NEW.{geometry});
  ELSIF NEW.{exact} IS NOT DISTINCT FROM OLD.{exact}
    AND NEW.{geometry} IS DISTINCT FROM OLD.{geometry} THEN
    NEW.{exact} := NEW.{geometry};
  END IF;
  NEW.{geometry} := {published(layer, f"NEW.{exact}")};"""


def _place(geometry: str) -> str:
    """PL/pgSQL that sets the commune and district of `NEW`.

    Looking a point up costs more than all else the trigger does, so an update that leaves the
    point alone skips it, and so does a bulk load that placed its points beforehand, by one
    spatial join. The query is written out: calling dieuhanh.locate for each row costs more.
    """
    unmoved = " AND ".join(
        f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}"
        for name in (geometry, "commune_code", "district_code")
    )
    return f"""IF NOT (CASE
    WHEN TG_OP = 'UPDATE' THEN {unmoved}
    ELSE NEW.commune_code IS NOT NULL AND {BULK}
  END) THEN
    NEW.commune_code := NULL;
    NEW.district_code := NULL;
    SELECT piece.commune_code, piece.district_code INTO NEW.commune_code, NEW.district_code
    FROM dieuhanh.admin_piece AS piece WHERE ST_Covers(piece.geom, NEW.{geometry})
    ORDER BY piece.commune_code LIMIT 1;
  END IF;"""


def filter_columns(layer: Layer) -> tuple[str, ...]:
    """Columns that people filter and sort by: codes, times, places."""
    coded = (column.name for column in layer.columns if column.codes is not None)
    places = (name for name in ("commune_code", "district_code") if name in layer.by_name)
    return tuple(dict.fromkeys((*coded, *layer.time_columns, *places)))


def _index(layer: Layer, what: str, definition: str) -> str:
    name = quote(f"ix_{layer.table.name}_{what}"[:63])
    return f"CREATE INDEX IF NOT EXISTS {name} ON {table_name(layer)} {definition}"


def content(layer: Layer) -> list[str]:
    """The expressions that stored rows depend on; rows are filled again when these change."""
    columns = property_columns(layer)
    searched = [column.name for column in layer.readable(Audience.PUBLIC) if column.in_search]
    return [
        feature_expression(layer, columns, published(layer, "geom"), DEGREE_DECIMALS),
        *searched,
    ]


def refresh(layer: Layer) -> str:
    """A statement that makes the trigger fill every row again, after a record changed."""
    return f"UPDATE {table_name(layer)} SET feature = NULL"
