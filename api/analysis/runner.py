"""The queue of jobs: who waits, what runs, and what becomes of what was interrupted.

The queue is procrastinate's, in PostgreSQL. Each job runs in a process of its own, made from one
that has the libraries loaded.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from multiprocessing import forkserver
from typing import Any
from uuid import UUID, uuid4

import procrastinate
import psycopg
import structlog
from procrastinate import exceptions
from psycopg_pool import AsyncConnectionPool

from api.analysis import child
from api.settings import Settings
from layers.analysis import jobs
from layers.analysis.processes import Process
from layers.analysis.results import Result
from layers.roles import Caller

ATTEMPTS = 2
"""Times that a job is begun: once more after an interruption."""
SWEEP = 10.0
"""Seconds between two looks for what was left behind."""
ELSEWHERE = 0.5
"""Seconds between two looks for a job's end that another server may have brought about."""
SILENT = 30.0
"""Seconds after which a worker that says nothing counts as gone."""
TASK = "analysis"

_log = structlog.get_logger(__name__)

INTERRUPTED = (
    "Máy chủ dừng giữa chừng hai lần khi đang chạy. / The server stopped twice while it ran."
)
CRASHED = "Quy trình dừng đột ngột. / The process ended without a result."


class Runner:
    """Takes jobs, runs them, and tells who waits for one.

    Args:
        settings: with the limits, and the database's address.
        province: the folder of the province, which jobs read.
    """

    def __init__(self, settings: Settings, province: str) -> None:
        self._settings = settings
        self._province = province
        self._pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
            settings.database_url,
            min_size=1,
            max_size=settings.analysis_jobs + 4,
            open=False,
            kwargs={
                "application_name": "dieuhanh analysis",
                "options": "-c search_path=procrastinate,public",
            },
        )
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        retry = procrastinate.RetryStrategy(max_attempts=ATTEMPTS)
        self._task = self._app.task(name=TASK, queue=TASK, retry=retry)(self._run)
        self._ended: dict[UUID, asyncio.Event] = {}
        self._running: dict[UUID, Any] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._children = multiprocessing.get_context("forkserver")
        self._children.set_forkserver_preload(["api.analysis.preload"])

    async def open(self) -> None:
        """Begin to work.

        Raises:
            psycopg_pool.PoolTimeout: the database does not answer.
        """
        await self._pool.open(wait=True, timeout=10)
        await self._app.open_async(self._pool)
        # It loads the libraries meanwhile, so that the first job's process has them.
        await asyncio.to_thread(forkserver.ensure_running)
        self._tasks = [
            asyncio.create_task(self._work(), name="analysis queue"),
            asyncio.create_task(self._sweep(), name="analysis sweep"),
        ]

    async def warm(self) -> None:
        """Make a first process, once what jobs need is loaded."""
        process = self._children.Process(target=child.nothing, daemon=True)
        await asyncio.to_thread(process.start)
        await asyncio.to_thread(process.join)

    async def close(self) -> None:
        """Stop: what runs is put back into the queue."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._app.close_async()
        await self._pool.close()

    async def submit(self, process: Process, inputs: Mapping[str, Any], caller: Caller) -> UUID:
        """Put a job into the queue and give its id.

        Args:
            inputs: checked by `process.read`.

        Raises:
            QuotaExceeded: the caller has too many unfinished jobs.
        """
        job = uuid4()
        public = caller.account is None
        quota = self._settings.analysis_public if public else self._settings.analysis_own
        async with self._pool.connection() as connection:
            await jobs.add(
                connection,
                job,
                process.id,
                process.version,
                inputs,
                caller,
                keep=timedelta(days=self._settings.analysis_days),
                quota=quota,
            )
        self._ended[job] = asyncio.Event()
        await self._defer(job)
        return job

    async def _defer(self, job: UUID) -> None:
        with contextlib.suppress(exceptions.AlreadyEnqueued):
            await self._task.configure(queueing_lock=str(job)).defer_async(job=str(job))

    async def wait(self, job: UUID, seconds: float) -> bool:
        """Wait for the end of a job that was submitted here; whether it came in time."""
        ended = self._ended.get(job)
        if ended is None:
            return True
        until = asyncio.get_running_loop().time() + seconds
        try:
            while (left := until - asyncio.get_running_loop().time()) > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), min(ELSEWHERE, left))
                    return True
                # Another server of this database may have run it.
                found = await self.find(job)
                if found is None or found.is_finished:
                    return True
            return False
        finally:
            self._ended.pop(job, None)

    async def find(self, job: UUID) -> jobs.Job | None:
        """The job of that id."""
        async with self._pool.connection() as connection:
            return await jobs.find(connection, job)

    async def listed(
        self, account: int | None, limit: int, offset: int
    ) -> tuple[list[jobs.Job], int]:
        """A page of an account's jobs, and how many it has."""
        async with self._pool.connection() as connection:
            return await jobs.listed(connection, account, limit, offset)

    async def result(self, job: UUID) -> bytes | None:
        """The body of a successful job's result."""
        async with self._pool.connection() as connection:
            return await jobs.result_of(connection, job)

    async def dismiss(self, job: UUID) -> None:
        """Take a job out of the queue, or end it, and remove its result."""
        async with self._pool.connection() as connection:
            await jobs.dismiss(connection, job)
        running = self._running.get(job)
        if running is not None:
            running.kill()

    async def _work(self) -> None:
        try:
            await self._app.run_worker_async(
                queues=[TASK],
                concurrency=self._settings.analysis_jobs,
                install_signal_handlers=False,
                listen_notify=True,
                shutdown_graceful_timeout=0,
                stalled_worker_timeout=SILENT,
            )
        except Exception:
            _log.exception("the queue of analysis has stopped")
        # Without its queue this process is of no use: the next knock starts another.
        signal.raise_signal(signal.SIGTERM)

    async def _run(self, job: str) -> None:
        """Run a job that has come to the head of the queue."""
        number = UUID(job)
        try:
            async with self._pool.connection() as connection:
                found = await jobs.begin(connection, number)
            if found is not None:
                await self._supervise(found)
        except asyncio.CancelledError:
            async with self._pool.connection() as connection:
                await jobs.wait_again(connection, number)
            raise
        ended = self._ended.pop(number, None)
        if ended is not None:
            ended.set()

    async def _supervise(self, job: jobs.Job) -> None:
        limit = self._settings.analysis_seconds
        try:
            async with self._child(job) as receive:
                outcome = await asyncio.wait_for(self._follow(job.id, receive), limit)
        except TimeoutError:
            outcome = child.Failed(
                f"Chạy quá {limit:g} giây cho phép. / It ran longer than the {limit:g} s it may."
            )
        async with self._pool.connection() as connection:
            if isinstance(outcome, Result):
                await jobs.succeed(connection, job.id, outcome)
            else:
                await jobs.fail(connection, job.id, outcome.why)

    @asynccontextmanager
    async def _child(self, job: jobs.Job) -> AsyncIterator[Any]:
        """The process of a job while it runs; what it sends comes out of the connection."""
        settings = self._settings
        task = child.Task(
            settings.database_url,
            self._province,
            job.process,
            job.inputs,
            job.caller,
            settings.analysis_mb,
            settings.analysis_result_mb,
            settings.rasters,
        )
        receive, send = self._children.Pipe(duplex=False)
        process = self._children.Process(target=child.run, args=(task, send), daemon=True)
        await asyncio.to_thread(process.start)
        send.close()
        self._running[job.id] = process
        try:
            yield receive
        finally:
            self._running.pop(job.id, None)
            process.kill()
            await asyncio.to_thread(process.join)
            receive.close()

    async def _follow(self, job: UUID, receive: Any) -> Result | child.Failed:
        """What a child sends at last; how far it is goes into the database."""
        told = 0
        while True:
            try:
                sent = await asyncio.to_thread(receive.recv)
            except EOFError:
                return child.Failed(CRASHED)
            if not isinstance(sent, float):
                return sent  # type: ignore[no-any-return]
            if int(sent * 100) > told and sent < 1:
                told = int(sent * 100)
                async with self._pool.connection() as connection:
                    await jobs.advance(connection, job, told)

    async def _sweep(self) -> None:
        """Take care of what was left behind, from time to time."""
        while True:
            try:
                await self._take_care()
            except (psycopg.Error, OSError) as error:
                _log.warning("analysis sweep not done", reason=type(error).__name__)
            await asyncio.sleep(SWEEP)

    async def _take_care(self) -> None:
        manager = self._app.job_manager
        for stalled in await manager.get_stalled_jobs(
            task_name=TASK, seconds_since_heartbeat=SILENT
        ):
            await manager.finish_job(stalled, procrastinate.jobs.Status.FAILED, delete_job=False)
        async with self._pool.connection() as connection:
            for job, attempts in await jobs.left_behind(connection):
                if attempts >= ATTEMPTS:
                    await jobs.fail(connection, job, INTERRUPTED)
                else:
                    await self._defer(job)
            await jobs.forget_queue(connection)
