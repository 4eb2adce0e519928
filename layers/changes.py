"""The change feed in the database: who changed what, numbered in the order of commits.

Statement triggers write each changed row to `dieuhanh.change` and one row per transaction and
layer to `dieuhanh.commit_log`. A deferred trigger numbers that row while the transaction
commits, under an advisory lock held for the commit alone; version numbers are therefore in
commit order, so whoever has read up to a version never misses a later commit with a lower one.
"""

from __future__ import annotations

from layers.layer import Layer
from layers.rows import BULK, DERIVED, object_name, table_name
from spatial.sql import literal, quote

CHANNEL = "dieuhanh_change"
"""The channel of NOTIFY; its payload is `<version> <layer>`."""


def ddl(layer: Layer) -> list[str]:
    """Statements that (re)create the change triggers of a layer."""
    table = table_name(layer)
    statements = []
    for operation, tables in (
        ("insert", "NEW TABLE AS new_rows"),
        ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("delete", "OLD TABLE AS old_rows"),
        ("truncate", ""),
    ):
        function = object_name(f"changed_{operation}", layer)
        trigger = f"dieuhanh_change_{operation}"
        referencing = f"REFERENCING {tables}" if tables else ""
        statements += [
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql"
            " SECURITY DEFINER SET search_path = public, pg_temp AS $derived$\n"
            f"{_body(layer, operation)}\n$derived$",
            f"DROP TRIGGER IF EXISTS {trigger} ON {table}",
            f"CREATE TRIGGER {trigger} AFTER {operation.upper()} ON {table} {referencing}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
        ]
    return statements


def _body(layer: Layer, operation: str) -> str:
    name = literal(layer.id)
    key = quote(layer.id_column)
    rows = {"insert": "new_rows", "update": "new_rows", "delete": "old_rows"}.get(operation)
    if rows is None:
        return f"""
DECLARE
  who text := dieuhanh.actor();
BEGIN
  INSERT INTO dieuhanh.change (commit_id, layer, op, actor)
  VALUES (dieuhanh.commit_id({name}), {name}, 'truncate', who);
  RETURN NULL;
END"""
    return f"""
DECLARE
  who text := dieuhanh.actor();
  touched bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM {rows}) THEN
    RETURN NULL;
  END IF;
  IF {BULK} THEN
    SELECT count(*) INTO touched FROM {rows};
    INSERT INTO dieuhanh.change (commit_id, layer, op, actor, after)
    VALUES (dieuhanh.commit_id({name}), {name}, 'load', who,
            jsonb_build_object('operation', {literal(operation)}, 'rows', touched));
    RETURN NULL;
  END IF;
  {_insert(layer, operation, name, key)}
  RETURN NULL;
END"""


def _insert(layer: Layer, operation: str, name: str, key: str) -> str:
    geometry = quote(layer.geometry_column)

    def image(row: str) -> str:
        return f"to_jsonb({row}) - {DERIVED}"

    head = (
        "INSERT INTO dieuhanh.change"
        " (commit_id, layer, feature_id, op, actor, bbox, before, after)\n  "
    )
    common = f"dieuhanh.commit_id({name}), {name}"
    if operation == "insert":
        return (
            f"{head}SELECT {common}, new_row.{key}::text, 'insert', who,"
            f" ST_Envelope(new_row.{geometry}), NULL, {image('new_row')} FROM new_rows new_row;"
        )
    if operation == "delete":
        return (
            f"{head}SELECT {common}, old_row.{key}::text, 'delete', who,"
            f" ST_Envelope(old_row.{geometry}), {image('old_row')}, NULL FROM old_rows old_row;"
        )
    # A changed id is a feature gone and a new one come: the outer join tells them apart.
    return f"""IF NOT EXISTS (
    SELECT FROM new_rows new_row FULL JOIN old_rows old_row ON new_row.{key} = old_row.{key}
    WHERE {image("new_row")} IS DISTINCT FROM {image("old_row")}
  ) THEN
    RETURN NULL;
  END IF;
  {head}SELECT {common}, coalesce(new_row.{key}, old_row.{key})::text,
    CASE WHEN old_row.{key} IS NULL THEN 'insert' WHEN new_row.{key} IS NULL THEN 'delete'
         ELSE 'update' END,
    who, ST_Envelope(ST_Collect(new_row.{geometry}, old_row.{geometry})),
    CASE WHEN old_row.{key} IS NOT NULL THEN {image("old_row")} END,
    CASE WHEN new_row.{key} IS NOT NULL THEN {image("new_row")} END
  FROM new_rows new_row FULL JOIN old_rows old_row ON new_row.{key} = old_row.{key}
  WHERE {image("new_row")} IS DISTINCT FROM {image("old_row")};"""
