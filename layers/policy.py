"""The one policy: grants by column and row-level security, derived from the layer records.

Every reader and writer, also QGIS on PostgreSQL itself, acts as one of the roles of
`layers/roles.py`. Columns are granted by audience. Rows may be changed by a layer's editors:
`dieuhanh.may_edit` compares the layer's steward and the row's district with the account.
"""

from __future__ import annotations

from collections.abc import Iterable

from layers.clusters import TILE_COLUMNS
from layers.layer import LAYER_SCHEMA, Audience, Layer
from layers.roles import READERS, Role
from layers.rows import table_name
from spatial.sql import literal, quote

EDITORS = (Role.OFFICER, Role.ADMIN)
"""The roles that may change features of any layer, as far as rows allow."""


def readable_columns(layer: Layer, audience: Audience) -> tuple[str, ...]:
    """The table's columns that an audience may read, those that the database keeps among them."""
    kept = [name for name in ("geom_3857", "feature", "search") if name in layer.table.c]
    tiles = TILE_COLUMNS if layer.is_point else ()
    columns = (column.name for column in layer.readable(audience))
    geometries = (layer.geometry_column, layer.geometry_for(audience))
    return tuple(dict.fromkeys((*geometries, *kept, *tiles, *columns)))


def writable_columns(layer: Layer, role: Role) -> tuple[str, ...]:
    """The columns that a role may write; none if it does not edit the layer."""
    if role not in editors(layer):
        return ()
    readable = layer.readable(role.audience)
    names = [column.name for column in readable if column.editable]
    # Where positions are kept twice, the editor's own is written, and the other follows from it.
    geometries = (layer.geometry_column, layer.geometry_for(role.audience))
    return tuple(dict.fromkeys((*names, *geometries)))


def editors(layer: Layer) -> tuple[Role, ...]:
    """The roles that may change features of a layer; none where the server computes them."""
    if layer.computed:
        return ()
    return tuple(dict.fromkeys((*EDITORS, *(Role(name) for name in layer.editors))))


def ddl(layer: Layer) -> list[str]:
    """Statements that (re)create the grants and the row policies of a layer."""
    table = table_name(layer)
    statements = [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"]
    for role in Role:
        name = role.database_role
        columns = _list(readable_columns(layer, role.audience))
        statements += [
            f"REVOKE ALL ON {table} FROM {name}",
            f"GRANT SELECT ({columns}) ON {table} TO {name}",
        ]
        written = writable_columns(layer, role)
        if written:
            # Whole rows are created: QGIS offers it only where the table as a whole allows it.
            # What the database keeps, its triggers then write over.
            statements += [f"GRANT INSERT, UPDATE ({_list(written)}), DELETE ON {table} TO {name}"]
    for name, policy in _policies(layer).items():
        statements.append(f"DROP POLICY IF EXISTS dieuhanh_{name} ON {table}")
        if policy:
            statements.append(f"CREATE POLICY dieuhanh_{name} ON {table} {policy}")
    writers = _writers(layer)
    if writers:
        statements.append(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {LAYER_SCHEMA} TO {writers}")
    title = literal(f"{layer.title.vi} / {layer.title.en}")
    statements.append(f"COMMENT ON TABLE {table} IS {title}")
    return statements


def _writers(layer: Layer) -> str:
    return ", ".join(role.database_role for role in editors(layer))


def _policies(layer: Layer) -> dict[str, str]:
    """The row policies by their names; empty where nobody edits the layer."""
    writers, allowed = _writers(layer), may_edit(layer)
    writing = {
        "create": f"FOR INSERT TO {writers} WITH CHECK ({allowed})",
        "change": f"FOR UPDATE TO {writers} USING ({allowed}) WITH CHECK ({allowed})",
        "remove": f"FOR DELETE TO {writers} USING ({allowed})",
    }
    if not writers:
        writing = dict.fromkeys(writing, "")
    return {"read": f"FOR SELECT TO {READERS} USING (true)", **writing}


def may_edit(layer: Layer, district: str | None = None) -> str:
    """SQL that decides whether the account may change a row of the layer.

    Args:
        layer: the record.
        district: SQL of a district, to ask of any row there; the row at hand by default, which
            for an account that is limited to places must be one of these.
    """
    at_place = ""
    if district is None:
        at_place = f" AND dieuhanh.at_place({literal(layer.id)}, {quote(layer.id_column)}::text)"
        district = quote("district_code")
    if "district_code" not in layer.table.c:
        district = "NULL"
    shared = "true" if layer.edited_by_districts else "false"
    steward = literal(layer.steward)
    return f"dieuhanh.may_edit({literal(layer.id)}, {steward}, {shared}, {district}){at_place}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(quote(name) for name in names)
