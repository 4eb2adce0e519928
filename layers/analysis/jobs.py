"""The jobs of processes as the database keeps them, over psycopg connections of the server's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from layers.analysis.keeping import UNFINISHED
from layers.analysis.results import Result
from layers.roles import Caller


@dataclass(frozen=True)
class Job:
    """A job, without its result.

    Attributes:
        status: accepted, running, successful, failed or dismissed (OGC API Processes 1, 7.12).
        progress: in percent.
        message: for people; of a failure, why.
        expires: when the job and its result are removed.
    """

    id: UUID
    process: str
    version: str
    inputs: dict[str, Any]
    account_id: int | None
    caller: dict[str, Any]
    status: str
    progress: int
    message: str
    attempts: int
    created: datetime
    started: datetime | None
    updated: datetime
    finished: datetime | None
    expires: datetime
    media_type: str | None
    summary: dict[str, Any] | None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status not in UNFINISHED


_COLUMNS = ", ".join(Job.__dataclass_fields__)


class QuotaExceeded(Exception):
    """A caller has as many unfinished jobs as one may have."""


async def add(
    connection: AsyncConnection[Any],
    job: UUID,
    process: str,
    version: str,
    inputs: Mapping[str, Any],
    caller: Caller,
    *,
    keep: timedelta,
    quota: int,
) -> None:
    """Write down a job that has been asked for.

    Args:
        keep: how long it and its result are there.
        quota: unfinished jobs that the account, or the public as a whole, may have.

    Raises:
        QuotaExceeded: there are that many already.
    """
    async with connection.transaction():
        # One at a time for a caller, so that two do not both find the last free place.
        await connection.execute(
            "SELECT pg_advisory_xact_lock(7233010, %s)", (caller.account or 0,)
        )
        cursor = await connection.execute(
            "SELECT count(*) FROM private.analysis_job"
            " WHERE account_id IS NOT DISTINCT FROM %s AND status = ANY(%s)",
            (caller.account, list(UNFINISHED)),
        )
        row = await cursor.fetchone()
        if row is not None and row[0] >= quota:
            raise QuotaExceeded(str(quota))
        await connection.execute(
            "INSERT INTO private.analysis_job"
            " (id, process, version, inputs, account_id, caller, expires)"
            " VALUES (%s, %s, %s, %s, %s, %s, now() + %s)",
            (
                job,
                process,
                version,
                Jsonb(dict(inputs)),
                caller.account,
                Jsonb(caller.to_json()),
                keep,
            ),
        )


async def find(connection: AsyncConnection[Any], job: UUID) -> Job | None:
    """The job of that id that has not expired."""
    async with connection.cursor(row_factory=class_row(Job)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM private.analysis_job WHERE id = %s AND expires > now()", (job,)
        )
        return await cursor.fetchone()


async def listed(
    connection: AsyncConnection[Any], account: int | None, limit: int, offset: int
) -> tuple[list[Job], int]:
    """A page of an account's jobs, the newest first, and how many it has. The public has none."""
    if account is None:
        return [], 0
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS}, count(*) OVER () AS matched FROM private.analysis_job"
            " WHERE account_id = %s AND expires > now()"
            " ORDER BY created DESC, id LIMIT %s OFFSET %s",
            (account, limit, offset),
        )
        rows = await cursor.fetchall()
    matched = rows[0]["matched"] if rows else 0
    jobs = [Job(**{name: row[name] for name in Job.__dataclass_fields__}) for row in rows]
    return jobs, matched


async def begin(connection: AsyncConnection[Any], job: UUID) -> Job | None:
    """Mark a job as running and count the attempt; None if it is no longer wanted."""
    async with connection.cursor(row_factory=class_row(Job)) as cursor:
        await cursor.execute(
            "UPDATE private.analysis_job SET status = 'running', attempts = attempts + 1,"
            " started = coalesce(started, now()), updated = now(), progress = 0, message = ''"
            f" WHERE id = %s AND status = ANY(%s) RETURNING {_COLUMNS}",
            (job, list(UNFINISHED)),
        )
        return await cursor.fetchone()


async def advance(connection: AsyncConnection[Any], job: UUID, progress: int) -> None:
    """Say how far a running job is, in percent."""
    await connection.execute(
        "UPDATE private.analysis_job SET progress = %s, updated = now()"
        " WHERE id = %s AND status = 'running'",
        (progress, job),
    )


async def succeed(connection: AsyncConnection[Any], job: UUID, result: Result) -> None:
    """Keep the result of a running job."""
    await connection.execute(
        "UPDATE private.analysis_job SET status = 'successful', progress = 100, message = '',"
        " finished = now(), updated = now(), media_type = %s, summary = %s, result = %s"
        " WHERE id = %s AND status = 'running'",
        (result.media_type, Jsonb(dict(result.summary)), result.body, job),
    )


async def fail(connection: AsyncConnection[Any], job: UUID, why: str) -> None:
    """Say why an unfinished job comes to nothing."""
    await connection.execute(
        "UPDATE private.analysis_job SET status = 'failed', message = %s, finished = now(),"
        " updated = now() WHERE id = %s AND status = ANY(%s)",
        (why, job, list(UNFINISHED)),
    )


async def wait_again(connection: AsyncConnection[Any], job: UUID) -> None:
    """Put a job that was interrupted back among those that wait."""
    await connection.execute(
        "UPDATE private.analysis_job SET status = 'accepted', progress = 0, updated = now()"
        " WHERE id = %s AND status = 'running'",
        (job,),
    )


async def dismiss(connection: AsyncConnection[Any], job: UUID) -> None:
    """Remove a job's result, and what is left to do of it."""
    await connection.execute(
        "UPDATE private.analysis_job SET status = 'dismissed', result = NULL, summary = NULL,"
        " finished = coalesce(finished, now()), updated = now() WHERE id = %s",
        (job,),
    )


async def result_of(connection: AsyncConnection[Any], job: UUID) -> bytes | None:
    """The body of a successful job's result."""
    cursor = await connection.execute(
        "SELECT result FROM private.analysis_job WHERE id = %s AND status = 'successful'", (job,)
    )
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else bytes(row[0])


async def left_behind(connection: AsyncConnection[Any]) -> list[tuple[UUID, int]]:
    """Unfinished jobs that no queue has any more, with the attempts that were made."""
    cursor = await connection.execute(
        "SELECT j.id, j.attempts FROM private.analysis_job AS j"
        " WHERE j.status = ANY(%s) AND j.created < now() - interval '2 seconds' AND NOT EXISTS ("
        "  SELECT FROM procrastinate.procrastinate_jobs AS q WHERE q.queueing_lock = j.id::text"
        "  AND q.status IN ('todo', 'doing'))",
        (list(UNFINISHED),),
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def forget_queue(connection: AsyncConnection[Any]) -> None:
    """Remove the queue's own record of what has ended."""
    await connection.execute(
        "DELETE FROM procrastinate.procrastinate_jobs WHERE status NOT IN ('todo', 'doing')"
    )
