"""The rows of an export, read as their reader's role, some thousands at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extras import register_uuid

from layers.writing.plan import ExportError, Plan, Statement

Progress = Callable[[int, int], None]
"""Told the features written and the features in all."""


@dataclass(frozen=True, slots=True)
class Job:
    """A plan at work: the rows it gives come from a server-side cursor, in one snapshot."""

    plan: Plan
    total: int
    progress: Progress
    cursor: Any

    def batches(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, some thousands at a time."""
        done = 0
        self.cursor.execute(*self.plan.rows)
        while rows := self.cursor.fetchmany(self.plan.batch):
            yield rows
            done += len(rows)
            self.progress(done, self.total)

    def one(self, statement: Statement) -> tuple[Any, ...]:
        """The one row of another statement, from the same snapshot."""
        with self.cursor.connection.cursor() as cursor:
            cursor.execute(*statement)
            row: tuple[Any, ...] = cursor.fetchone()
        return row


@contextmanager
def reading(plan: Plan, progress: Progress) -> Iterator[Job]:
    """The job of a plan, connected for the length of a block.

    Raises:
        ExportError: there are more features than the format holds.
        psycopg2.Error: the database refused.
    """
    connection = psycopg2.connect(plan.database_url, application_name="dieuhanh export")
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        register_uuid(conn_or_curs=connection)
        with connection.cursor() as cursor:
            # A writer that is ended must not leave its query running.
            cursor.execute("SET LOCAL client_connection_check_interval = '1s'")
            cursor.execute(f'SET LOCAL ROLE "{plan.role}"')
            if plan.account is not None:
                cursor.execute(
                    "SELECT set_config('dieuhanh.account', %s, true)", (str(plan.account),)
                )
            cursor.execute("SET LOCAL search_path = public")
            cursor.execute("SET LOCAL timezone = 'UTC'")
            cursor.execute(*plan.count)
            total = int(cursor.fetchone()[0])
        if plan.most is not None and total > plan.most:
            raise ExportError(
                f"XLSX chứa được nhiều nhất {plan.most:,} dòng, lớp này có {total:,};"
                " hãy lọc bớt hoặc dùng .gpkg, .csv"
                f" / XLSX holds {plan.most:,} rows at most and there are {total:,};"
                " filter them, or write .gpkg or .csv"
            )
        progress(0, total)
        with connection.cursor("export") as cursor:
            yield Job(plan, total, progress, cursor)
    finally:
        connection.close()
