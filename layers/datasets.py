"""What a load leaves behind beside its rows: their origin, the next number, statistics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from layers.clusters import ledger_name
from layers.layer import Layer
from layers.overviews import has_overview, overview_name
from layers.rows import table_name
from spatial.sql import literal


def note_dataset(cursor: Any, layer: str, *, synthetic: bool, source: str) -> None:
    """Write down where the rows of a layer came from, in `dieuhanh.dataset`.

    Args:
        cursor: of psycopg2.
        synthetic: the rows are made up; whoever shows them says so.
    """
    cursor.execute(
        "INSERT INTO dieuhanh.dataset (layer, synthetic, source, loaded_at)"
        " VALUES (%s, %s, %s, clock_timestamp()) ON CONFLICT (layer) DO UPDATE SET"
        " synthetic = excluded.synthetic, source = excluded.source, loaded_at = excluded.loaded_at",
        (layer, synthetic, source),
    )


def advance_numbers(cursor: Any, layer: Layer) -> None:
    """Let numbers that the database gives out follow those that the rows brought along."""
    table = table_name(layer)
    for column in layer.table.columns:
        if column.identity is not None:
            sequence = f"pg_get_serial_sequence({literal(table)}, {literal(column.name)})"
            highest = f'max("{column.name}")'
            _advance(cursor, table, sequence, highest)
    if layer.id == "sos_requests":
        highest = "max(substr(code, 2)::bigint) FILTER (WHERE code ~ '^S[0-9]{1,15}$')"
        _advance(cursor, table, "'layer.sos_requests_number'", highest)


def _advance(cursor: Any, table: str, sequence: str, highest: str) -> None:
    # Numbers are never reused, so a sequence only goes up.
    cursor.execute(
        f"SELECT setval({sequence}::regclass, greatest(top, nextval({sequence}::regclass)))"
        f" FROM (SELECT {highest} AS top FROM {table}) AS t WHERE top IS NOT NULL"
    )


def vacuum(connection: Any, layers: Iterable[Layer]) -> None:
    """Give the planner statistics, and index-only scans the pages that all may see.

    Rows whose commit is not on disk yet are left out: load them with `synchronous_commit` on.

    Args:
        connection: of psycopg2, with no transaction open, as the owner; it stays in autocommit.
    """
    connection.autocommit = True
    with connection.cursor() as cursor:
        for layer in layers:
            tables = [table_name(layer), ledger_name(layer)]
            if has_overview(layer):
                tables.append(overview_name(layer))
            cursor.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")
