"""The SQL objects of every layer, derived from its record and brought up to date in place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from layers import changes, clusters, overviews, places, policy, rows
from layers.layer import Layer
from layers.registers import policy as register_policy
from layers.registers.record import Register
from spatial.sql import literal


def derive(
    connection: sa.Connection, layers: Iterable[Layer], progress: Callable[[str], None]
) -> None:
    """Create or replace what the records imply: triggers, indexes, grants, clusters.

    A layer whose record says the same as last time is left alone. Where what its rows hold
    would change, they are filled again, in the same transaction.

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
            *changes.ddl(layer),
            *clusters.ddl(layer),
            *overviews.ddl(layer),
            # The columns of the others must be there to be granted.
            *policy.ddl(layer),
        ]
        derived = _fingerprint(statements)
        rebuilt = [clusters.rebuild_sql(layer), *overviews.rebuild_sql(layer)]
        content = _fingerprint([*rows.content(layer), *rebuilt])
        known = _known(connection, layer.id)
        if known == (derived, content):
            continue
        progress(layer.id)
        for statement in statements:
            _execute(connection, statement)
        if known is None or known[1] != content:
            _fill(connection, layer)
        _know(connection, layer.id, derived, content)
    _execute(connection, _totals(catalogue))
    _derive_places(connection, catalogue)


def derive_registers(
    connection: sa.Connection, registers: Iterable[Register], progress: Callable[[str], None]
) -> None:
    """Create or replace what the records of registers imply: grants, row policies, views, triggers.

    Args as of `derive`.
    """
    for register in registers:
        _renew(connection, f"register {register.id}", register_policy.ddl(register), progress)


def derive_reports(
    connection: sa.Connection, statements: list[str], progress: Callable[[str], None]
) -> None:
    """Tell PostgreSQL what the records of reports say of who sends and gathers them."""
    _renew(connection, "reports", statements, progress)


def _renew(
    connection: sa.Connection, name: str, statements: list[str], progress: Callable[[str], None]
) -> None:
    """Run statements unless they are the same as last time."""
    derived = _fingerprint(statements)
    if _known(connection, name) == (derived, ""):
        return
    progress(name)
    for statement in statements:
        _execute(connection, statement)
    _know(connection, name, derived, "")


def _totals(catalogue: tuple[Layer, ...]) -> str:
    """A function that gives any layer's exact number of features, by its id."""
    cases = " ".join(
        f"WHEN {literal(layer.id)} THEN ({clusters.total_sql(layer)})" for layer in catalogue
    )
    return (
        "CREATE OR REPLACE FUNCTION dieuhanh.layer_total(layer_id text) RETURNS bigint"
        " LANGUAGE sql STABLE PARALLEL SAFE AS"
        f" $derived$ SELECT CASE layer_id {cases} END $derived$"
    )


def _derive_places(connection: sa.Connection, catalogue: tuple[Layer, ...]) -> None:
    units = next((layer for layer in catalogue if layer.id == places.UNITS), None)
    if units is None:
        return
    located = [layer for layer in catalogue if "commune_code" in layer.table.c]
    for statement in places.ddl(units, located):
        _execute(connection, statement)


def _execute(connection: sa.Connection, statement: str) -> None:
    # Straight to the driver, so that a colon stays what it is; it reads `%%` as a per cent sign.
    connection.exec_driver_sql(statement.replace("%", "%%"))


def _fill(connection: sa.Connection, layer: Layer) -> None:
    """Write again what rows and ledgers hold, as one change of the layer."""
    _execute(connection, "SET LOCAL dieuhanh.bulk = 'on'")
    _execute(connection, rows.refresh(layer))
    _execute(connection, clusters.rebuild_sql(layer))
    for statement in overviews.rebuild_sql(layer):
        _execute(connection, statement)
    _execute(connection, "SET LOCAL dieuhanh.bulk = 'off'")


def _known(connection: sa.Connection, name: str) -> tuple[str, str] | None:
    found = connection.execute(
        sa.text("SELECT derived, content FROM dieuhanh.layer_state WHERE layer = :layer"),
        {"layer": name},
    ).first()
    return None if found is None else (str(found[0]), str(found[1]))


def _know(connection: sa.Connection, name: str, derived: str, content: str) -> None:
    connection.execute(
        sa.text(
            "INSERT INTO dieuhanh.layer_state (layer, derived, content)"
            " VALUES (:layer, :derived, :content) ON CONFLICT (layer)"
            " DO UPDATE SET derived = excluded.derived, content = excluded.content"
        ),
        {"layer": name, "derived": derived, "content": content},
    )


def _fingerprint(statements: list[str]) -> str:
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()
