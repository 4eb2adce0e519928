"""The SQL of edits: pure functions over the record, every value bound.

Nothing here asks whether the caller may: the statements run as the caller's database role, and
grants and row-level security decide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from layers.layer import Layer, sql_type
from layers.policy import may_edit, writable_columns
from layers.query import Query, geometry_sql
from layers.roles import Caller
from layers.rows import DEGREE_DECIMALS, feature_expression, property_columns, table_name
from layers.validation import Draft, readonly_columns
from spatial.sql import Sql, bind, join, literal, quote, raw, sql


def capability_sql(layer: Layer, caller: Caller) -> Sql:
    """One row `creates, changes, removes`: what the caller may do somewhere in the layer.

    A part of the province is enough: which rows these are, row-level security says.
    """
    table = literal(table_name(layer))
    somewhere = may_edit(layer, "d.code")
    return sql(
        f"SELECT s.ok AND has_any_column_privilege({table}, 'INSERT') AS creates,"
        f" s.ok AND has_any_column_privilege({table}, 'UPDATE') AS changes,"
        f" s.ok AND has_table_privilege({table}, 'DELETE') AS removes"
        f" FROM (SELECT coalesce(bool_or({somewhere}), false) AS ok"
        " FROM unnest({} || NULL::text) AS d(code)) AS s",
        bind(list(caller.districts), "text[]"),
    )


def may_sql(layer: Layer, identifier: Any) -> Sql:
    """Rows (none or one) `changes, removes`: what the caller may do with one feature."""
    table = literal(table_name(layer))
    return sql(
        f"SELECT s.ok AND has_any_column_privilege({table}, 'UPDATE') AS changes,"
        f" s.ok AND has_table_privilege({table}, 'DELETE') AS removes"
        f" FROM (SELECT {may_edit(layer)} AS ok FROM {table_name(layer)} WHERE {{}}) AS s",
        _is(layer, identifier),
    )


def lock_sql(layer: Layer, caller: Caller, identifier: Any) -> Sql:
    """Rows (none or one) with the read-only values of the feature, locked until the commit.

    A row that the caller may read and not change does not come: the policy for UPDATE hides it.
    """
    names = dict.fromkeys((layer.id_column, *readonly_columns(layer, caller.role)))
    columns = ", ".join(quote(name) for name in names)
    return sql(
        f"SELECT {columns} FROM {table_name(layer)} WHERE {{}} FOR UPDATE", _is(layer, identifier)
    )


def exists_sql(layer: Layer, identifier: Any) -> Sql:
    """One row: whether the caller can read such a feature."""
    return sql(
        f"SELECT EXISTS (SELECT FROM {table_name(layer)} WHERE {{}})", _is(layer, identifier)
    )


def changed_since_sql(layer: Layer, identifier: Any, version: int) -> Sql:
    """One row: whether the feature is another than it was at a version of the layer."""
    return sql(
        f"SELECT dieuhanh.changed_since({literal(layer.id)}, {{}}, {{}})",
        bind(str(identifier), "text"),
        bind(version, "int8"),
    )


def insert_sql(layer: Layer, caller: Caller, drafts: Sequence[Draft]) -> Sql:
    """Insert features that give the same columns; rows `id`, in their order."""
    first = drafts[0]
    columns: list[tuple[str, str]] = []
    arrays: list[Sql] = []
    if first.identifier is not None:
        kind = sql_type(layer, layer.id_column)
        columns.append((layer.id_column, kind))
        arrays.append(bind([draft.identifier for draft in drafts], f"{kind}[]"))
    for name in sorted(first.values):
        kind = sql_type(layer, name)
        columns.append((name, kind))
        arrays.append(bind([draft.values[name] for draft in drafts], f"{kind}[]"))
    columns.append((layer.geometry_for(caller.audience), "geometry"))
    arrays.append(bind([draft.shape for draft in drafts], "text[]"))
    targets = ", ".join(quote(name) for name, _ in columns)
    sources = ", ".join(
        f"g.c{number}::geometry" if kind == "geometry" else f"g.c{number}"
        for number, (_, kind) in enumerate(columns)
    )
    aliases = ", ".join(f"c{number}" for number, _ in enumerate(columns))
    return sql(
        f"INSERT INTO {table_name(layer)} ({targets}) SELECT {sources} FROM unnest({{}})"
        f" WITH ORDINALITY AS g({aliases}, ord) ORDER BY g.ord"
        f" RETURNING {quote(layer.id_column)} AS id",
        join(", ", arrays),
    )


def update_sql(layer: Layer, caller: Caller, identifier: Any, draft: Draft, *, whole: bool) -> Sql:
    """Change a feature; rows `id`, none where the caller may not.

    Args:
        whole: whether columns that the draft does not give get their defaults.
    """
    steps = [
        sql(f"{quote(name)} = {{}}", bind(value, sql_type(layer, name)))
        for name, value in draft.values.items()
    ]
    if whole:
        kept = {layer.id_column, *layer.table.c.keys()} - set(layer.by_name)
        steps += [
            raw(f"{quote(name)} = DEFAULT")
            for name in writable_columns(layer, caller.role)
            if name not in draft.values and name not in kept and name != layer.id_column
        ]
    if draft.shape is not None:
        place = quote(layer.geometry_for(caller.audience))
        steps.append(sql(f"{place} = {{}}::geometry", bind(draft.shape, "text")))
    if not steps:
        return exists_and_id_sql(layer, identifier)
    return sql(
        f"UPDATE {table_name(layer)} SET {{}} WHERE {{}} RETURNING {quote(layer.id_column)} AS id",
        join(", ", steps),
        _is(layer, identifier),
    )


def exists_and_id_sql(layer: Layer, identifier: Any) -> Sql:
    """Rows `id` of the feature, for an edit that changes nothing."""
    name = quote(layer.id_column)
    return sql(f"SELECT {name} AS id FROM {table_name(layer)} WHERE {{}}", _is(layer, identifier))


def delete_sql(layer: Layer, identifier: Any) -> Sql:
    """Delete a feature; rows `id`, none where the caller may not."""
    name = quote(layer.id_column)
    return sql(
        f"DELETE FROM {table_name(layer)} WHERE {{}} RETURNING {name} AS id",
        _is(layer, identifier),
    )


def written_sql(query: Query, identifiers: Sequence[Any]) -> Sql:
    """Rows `id, feature` as the caller reads what was written, in the order of the ids."""
    layer = query.layer
    kind = sql_type(layer, layer.id_column)
    columns = property_columns(layer, query.audience)
    decimals = DEGREE_DECIMALS if query.crs.srid == 4326 else query.crs.decimals
    feature = feature_expression(layer, columns, geometry_sql(query), decimals, "t.")
    name = quote(layer.id_column)
    return sql(
        f"SELECT t.{name}::text AS id, {feature} AS feature FROM unnest({{}})"
        f" WITH ORDINALITY AS g(id, ord) JOIN {table_name(layer)} AS t ON t.{name} = g.id"
        " ORDER BY g.ord",
        bind(list(identifiers), f"{kind}[]"),
    )


def version_sql(layer: Layer) -> Sql:
    """One row `commit_id, version`: the entry of this transaction, and the layer's last version.

    The entry is numbered by the commit (`layers/changes.py`); it is null if nothing changed.
    """
    setting = f"dieuhanh.commit_{hashlib.md5(layer.id.encode(), usedforsecurity=False).hexdigest()}"
    return raw(
        f"SELECT nullif(current_setting({literal(setting)}, true), '')::int8 AS commit_id,"
        " (SELECT coalesce(max(version), 0) FROM dieuhanh.commit_log"
        f" WHERE layer = {literal(layer.id)}) AS version"
    )


def numbered_sql(commit: int) -> Sql:
    """One row: the version that a commit got."""
    return sql("SELECT version FROM dieuhanh.commit_log WHERE id = {}", bind(commit, "int8"))


def _is(layer: Layer, identifier: Any) -> Sql:
    kind = sql_type(layer, layer.id_column)
    return sql(f"{quote(layer.id_column)} = {{}}", bind(identifier, kind))
