"""The SQL objects of every layer, derived from its record and brought up to date in place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from layers import changes, clusters, overviews, places, rows
from layers.layer import Layer


def derive(
    connection: sa.Connection, layers: Iterable[Layer], progress: Callable[[str], None]
) -> None:
    """Create or replace what the records imply: triggers, indexes, grants, clusters.

    A layer whose record says the same as last time is left alone. One that is new or has
    changed has its rows filled again, in the same transaction.

    Args:
        connection: a connection that owns the tables; the caller commits.
        layers: the records.
        progress: told one line per layer that is worked on.
    """
    catalogue = tuple(layers)
    for statement in clusters.base_ddl():
        _execute(connection, statement)
    for layer in catalogue:
        statements = [
            *rows.ddl(layer),
            *rows.grants(layer),
            *changes.ddl(layer),
            *clusters.ddl(layer),
            *overviews.ddl(layer),
        ]
        fingerprint = _fingerprint(statements)
        if _derived(connection, layer) == fingerprint:
            continue
        progress(layer.id)
        for statement in statements:
            _execute(connection, statement)
        _execute(connection, "SET LOCAL dieuhanh.bulk = 'on'")
        for statement in (rows.refresh(layer), clusters.rebuild_sql(layer)):
            _execute(connection, statement)
        for statement in overviews.rebuild_sql(layer):
            _execute(connection, statement)
        _execute(connection, "SET LOCAL dieuhanh.bulk = 'off'")
        connection.execute(
            sa.text(
                "INSERT INTO dieuhanh.layer_state (layer, derived) VALUES (:layer, :derived)"
                " ON CONFLICT (layer) DO UPDATE SET derived = excluded.derived"
            ),
            {"layer": layer.id, "derived": fingerprint},
        )
    _derive_places(connection, catalogue)


def _derive_places(connection: sa.Connection, catalogue: tuple[Layer, ...]) -> None:
    units = next((layer for layer in catalogue if layer.id == places.UNITS), None)
    if units is None:
        return
    located = [layer for layer in catalogue if "commune_code" in layer.table.c]
    for statement in places.ddl(units, located):
        _execute(connection, statement)


def _execute(connection: sa.Connection, statement: str) -> None:
    # exec_driver_sql without parameters: a colon or a per cent sign stays what it is.
    connection.exec_driver_sql(statement)


def _derived(connection: sa.Connection, layer: Layer) -> str | None:
    found = connection.execute(
        sa.text("SELECT derived FROM dieuhanh.layer_state WHERE layer = :layer"),
        {"layer": layer.id},
    ).scalar()
    return None if found is None else str(found)


def _fingerprint(statements: list[str]) -> str:
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()
