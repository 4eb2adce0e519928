"""One snapshot of the database, read as a caller: rows, and numbers as arrays.

Everything is read in one transaction, as the caller's database role, with the versions that the
layers have in it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import psycopg2
from numpy.typing import NDArray

from layers.exporting import psycopg2_text
from layers.roles import Caller
from spatial.sql import Sql

Floats = NDArray[np.float64]

_SIGNATURE = 11 + 4 + 4
"""Octets before the first row of PostgreSQL's binary COPY."""


class Snapshot:
    """A connection in its transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, statement: Sql) -> list[tuple[Any, ...]]:
        """What a statement finds, as the caller."""
        with self._connection.cursor() as cursor:
            cursor.execute(*psycopg2_text(statement))
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def arrays(self, statement: Sql, width: int, *, in_parallel: bool = False) -> Floats:
        """Rows of `width` float8 columns, none of them NULL, as an array.

        Args:
            in_parallel: whether several processes of PostgreSQL may read, in no certain order.
        """
        text, values = psycopg2_text(statement)
        buffer = io.BytesIO()
        with self._connection.cursor() as cursor:
            bound = cursor.mogrify(text, values).decode()
            # PostgreSQL reckons that handing on so many rows costs too much; measured, it pays.
            cost = "0" if in_parallel else "DEFAULT"
            cursor.execute(f"SET LOCAL parallel_tuple_cost TO {cost}")
            cursor.copy_expert(f"COPY ({bound}) TO STDOUT (FORMAT binary)", buffer)
        row = np.dtype(
            {
                "names": [f"c{i}" for i in range(width)],
                "formats": [">f8"] * width,
                "offsets": [2 + 12 * i + 4 for i in range(width)],
                "itemsize": 2 + 12 * width,
            }
        )
        octets = buffer.getbuffer()
        count = (len(octets) - _SIGNATURE - 2) // row.itemsize
        rows = np.frombuffer(octets, row, count, _SIGNATURE)
        found = np.empty((count, width))
        for i in range(width):
            found[:, i] = rows[f"c{i}"]
        return found


@contextmanager
def snapshot(
    database_url: str, caller: Caller, layers: Sequence[str]
) -> Iterator[tuple[Any, Mapping[str, int]]]:
    """A connection on a snapshot, as a caller's role, and the layers' versions in it.

    Args:
        database_url: of a role that may become the callers' roles.

    Raises:
        psycopg2.Error: the database does not answer.
    """
    connection = psycopg2.connect(database_url, application_name="dieuhanh analysis")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(
                "SELECT r.layer, coalesce(max(c.version), 0) FROM unnest(%s) AS r(layer)"
                " LEFT JOIN dieuhanh.commit_log AS c USING (layer) GROUP BY r.layer ORDER BY 1",
                (list(layers),),
            )
            versions = dict(cursor.fetchall())
            cursor.execute("SET LOCAL jit = off")
            cursor.execute(
                "SELECT set_config('role', %s, true), set_config('dieuhanh.account', %s, true)",
                (
                    caller.role.database_role,
                    "" if caller.account is None else str(caller.account),
                ),
            )
            yield connection, versions
    finally:
        connection.close()
