"""What became of a feature, from the change feed; and taking it back to an earlier state.

A restored state is a new change: nothing in the feed is rewritten. It is made under the caller's
policy, and only of columns that the caller may write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from layers.layer import Audience, Layer, sql_type
from layers.policy import may_edit, writable_columns
from layers.roles import Role
from layers.rows import DERIVED_COLUMNS, property_columns, table_name
from spatial.sql import Sql, bind, literal, quote, sql

MOST = 1_000
"""Changes of one feature that are looked at."""

KEPT_BY_DATABASE = frozenset({"updated_at", "commune_code", "district_code"})
"""Columns that follow from others, and are no news by themselves."""

Image = Mapping[str, Any]
Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deletion:
    """A feature that is gone.

    Attributes:
        identifier: the feature's, as text.
        version: of the layer, that the deletion made.
        actor: the account that deleted it, or the database's login.
        before: the row as it was, as the reader may see it.
    """

    identifier: str
    version: int
    at: datetime
    actor: str
    before: Image


class UnknownState(Exception):
    """What the feature was at that version is not known, or it was not there."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a feature, or of the whole layer where `op` is `load` or `truncate`.

    Attributes:
        version: of the layer; all changes of one transaction share it.
        actor: the account that made it, or the database's login.
        before, after: the row as the reader may see it; None where there was none.
    """

    version: int
    at: datetime
    actor: str
    op: str
    before: Image | None
    after: Image | None

    @property
    def is_whole_layer(self) -> bool:
        """Whether rows changed without a record of each."""
        return self.op in ("load", "truncate")


def history_sql(layer: Layer, identifier: Any, newest: int = MOST) -> Sql:
    """Rows of changes, the newest first, with the columns that the acting role may read.

    PostgreSQL refuses it to the public.
    """
    return sql(
        "SELECT version, at, actor, op, before::text, after::text"
        f" FROM dieuhanh.feature_history({literal(layer.id)}, {{}}, {{}})",
        bind(str(identifier), "text"),
        bind(newest, "int4"),
    )


def read_changes(rows: Iterable[Any]) -> list[Change]:
    """The changes of the rows of `history_sql`."""

    def image(text: str | None) -> Image | None:
        return None if text is None else orjson.loads(text)

    return [
        Change(row["version"], row["at"], row["actor"], row["op"], image(row["before"]),
               image(row["after"]))
        for row in rows
    ]  # fmt: skip


def deleted_sql(layer: Layer, newest: int) -> Sql:
    """Rows of the features that were deleted last and are not there again, the last first.

    Only those where the acting account may edit; of the whole feed, the last `MOST` deletions are
    looked at. PostgreSQL refuses it to the public.
    """
    kind = sql_type(layer, layer.id_column)
    allowed = may_edit(layer, "d.before->>'district_code'")
    return sql(
        "SELECT feature_id, version, at, actor, before::text FROM ("
        "SELECT DISTINCT ON (d.feature_id) d.*"
        f" FROM dieuhanh.deleted_features({literal(layer.id)}, {MOST}) AS d"
        f" WHERE {allowed} AND d.before IS NOT NULL AND NOT EXISTS (SELECT"
        f" FROM {table_name(layer)} AS t WHERE t.{quote(layer.id_column)} = d.feature_id::{kind})"
        " ORDER BY d.feature_id, d.version DESC) AS gone ORDER BY version DESC LIMIT {}",
        bind(newest, "int4"),
    )


def read_deletions(rows: Iterable[Any]) -> list[Deletion]:
    """The deletions of the rows of `deleted_sql`."""
    return [
        Deletion(
            row["feature_id"], row["version"], row["at"], row["actor"], orjson.loads(row["before"])
        )
        for row in rows
    ]


def state_at(changes: list[Change], version: int) -> Image | None:
    """The feature's row at a version of the layer; None: it was not there.

    Args:
        changes: of the feature and the whole layer, the newest first.

    Raises:
        UnknownState: a load between the changes that are known leaves it open.
    """
    earlier = [change for change in changes if change.version <= version]
    later = [change for change in reversed(changes) if change.version > version]
    if earlier and not earlier[0].is_whole_layer:
        return earlier[0].after
    if later and not later[0].is_whole_layer:
        return later[0].before
    raise UnknownState


def own_changes(changes: list[Change]) -> list[Change]:
    """The changes without those of the whole layer before the feature was created."""
    own = [n for n, change in enumerate(changes) if not change.is_whole_layer]
    if own and changes[own[-1]].op == "insert":
        return changes[: own[-1] + 1]
    return changes


def changed_columns(layer: Layer, change: Change) -> list[str]:
    """The columns that a change gave other values, in the record's order; the geometry last."""
    before, after = change.before or {}, change.after or {}
    names = [column.name for column in layer.columns if column.name not in KEPT_BY_DATABASE]
    geometries = [n for n in (layer.geometry_column, "geom_exact") if n in (*before, *after)]
    return [name for name in (*names, *geometries[-1:]) if before.get(name) != after.get(name)]


def feature_of(layer: Layer, image: Image | None, audience: Audience) -> Members | None:
    """The GeoJSON feature of a row's image; None where there is none."""
    if image is None:
        return None
    columns = property_columns(layer, audience)
    return {
        "type": "Feature",
        "id": image.get(layer.id_column),
        "geometry": _shape(image.get(layer.geometry_for(audience))),
        "properties": {
            column.name: _written(layer, column.name, image.get(column.name)) for column in columns
        },
    }


def _shape(geometry: Any) -> Any:
    """A geometry without the name of its system, which GeoJSON no longer has."""
    if not isinstance(geometry, Mapping):
        return None
    return {name: value for name, value in geometry.items() if name != "crs"}


def _written(layer: Layer, name: str, value: Any) -> Any:
    """A value of an image as features write it: times in UTC with a `Z`."""
    if value is None or sql_type(layer, name) != "timestamptz":
        return value
    return f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def describe(layer: Layer, change: Change, audience: Audience) -> Members:
    """A change as readers get it: who, when, what."""
    columns = changed_columns(layer, change)
    named = {column.name for column in layer.readable(audience)}
    return {
        "version": change.version,
        "at": f"{change.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "actor": change.actor,
        "operation": change.op,
        "changes": [
            {
                "column": name if name in named else "geometry",
                "before": _written_or_shape(layer, name, change.before),
                "after": _written_or_shape(layer, name, change.after),
            }
            for name in columns
            if change.op == "update"
        ],
        "before": feature_of(layer, change.before, audience),
        "after": feature_of(layer, change.after, audience),
    }


def describe_deletion(layer: Layer, gone: Deletion, audience: Audience) -> Members:
    """A deletion as readers get it; `lastVersion` is the last at which the feature was there."""
    return {
        "id": gone.identifier,
        "lastVersion": gone.version - 1,
        "at": f"{gone.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "actor": gone.actor,
        "feature": feature_of(layer, gone.before, audience),
    }


def _written_or_shape(layer: Layer, name: str, image: Image | None) -> Any:
    value = None if image is None else image.get(name)
    return _written(layer, name, value) if name in layer.by_name else _shape(value)


def restore_sql(layer: Layer, role: Role | None, image: Image, *, present: bool) -> Sql:
    """Write a row's image back; rows `id`, none where the caller may not.

    Args:
        role: the caller's; None: the owner of the tables.
        image: the state to take it back to.
        present: whether the feature is there now.
    """
    names = [name for name in _restored(layer, role) if name in image]
    identifier = quote(layer.id_column)
    row = sql(
        f"jsonb_populate_record(NULL::{table_name(layer)}, {{}}::jsonb)",
        bind(orjson.dumps(dict(image)).decode(), "text"),
    )
    columns = ", ".join(quote(name) for name in names)
    values = ", ".join(f"r.{quote(name)}" for name in names)
    if present:
        return sql(
            f"UPDATE {table_name(layer)} AS t SET ({columns}) = ROW({values})"
            f" FROM {{}} AS r WHERE t.{identifier} = r.{identifier}"
            f" RETURNING t.{identifier} AS id",
            row,
        )
    return sql(
        f"INSERT INTO {table_name(layer)} ({identifier}, {columns})"
        f" SELECT r.{identifier}, {values} FROM {{}} AS r RETURNING {identifier} AS id",
        row,
    )


def _restored(layer: Layer, role: Role | None) -> list[str]:
    """The columns to write back: the caller's own; the owner's are all that nothing derives."""
    if role is not None:
        written = writable_columns(layer, role)
        names = [name for name in written if name in layer.by_name]
        return [n for n in (*names, layer.geometry_for(role.audience)) if n != layer.id_column]
    coarse = () if layer.public_decimals is None else (layer.geometry_column,)
    left_out = {layer.id_column, *DERIVED_COLUMNS, *KEPT_BY_DATABASE, *coarse}
    return [held.name for held in layer.table.c if held.name not in left_out]


async def restore(
    connection: Any, layer: Layer, role: Role | None, identifier: Any, version: int
) -> bool:
    """Take a feature back to a version, in the caller's transaction.

    Args:
        connection: acting as the caller, or as the owner of the tables.
        role: the caller's; None: the owner.

    Returns:
        Whether a row was written; policy hides those that the caller may not change.

    Raises:
        UnknownState: the feature was not there at that version, or it is not known.
    """
    text, values = history_sql(layer, identifier).render()
    image = state_at(read_changes(await connection.fetch(text, *values)), version)
    if image is None:
        raise UnknownState
    name = quote(layer.id_column)
    present = await connection.fetchval(
        f"SELECT EXISTS (SELECT FROM {table_name(layer)} WHERE {name}::text = $1)",
        str(identifier),
    )
    text, values = restore_sql(layer, role, image, present=present).render()
    return bool(await connection.fetch(text, *values))
