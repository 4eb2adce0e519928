"""Briefings of jobs, in the analysis process: whose job it is may have them, drawn by a child."""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from api.analysis.runner import Runner
from api.briefing.order import Form, Order
from api.drawing import NotDrawn, drawn
from api.problems import Problem
from api.settings import Settings
from layers.analysis.jobs import Job
from layers.province import Province
from layers.roles import Caller

_log = structlog.get_logger(__name__)


@dataclass
class Briefings:
    """Makes briefings, one at a time; some may wait."""

    settings: Settings
    province: Province
    runner: Runner
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: int = 0

    async def of_job(self, job_id: str, caller: Caller, form: Form, language: str) -> bytes:
        """The briefing of a job's result.

        Raises:
            Problem: 404 where the caller has no such job or it is not done, 400 where it failed,
                410 where it was dismissed, 503 where too many ask or it cannot be drawn.
        """
        job = await self._job(job_id, caller)
        result = await self.runner.result(job.id)
        if result is None:
            raise Problem(404, "The job has no result yet.", code="ResultNotReady")
        order = Order(
            form,
            language,
            self.settings.database_url,
            self.province,
            result,
            datetime.now(UTC),
            job.finished,
            self.settings.briefing_features,
            job.summary or {},
        )
        if self._waiting >= self.settings.briefing_waiting:
            raise Problem(
                503,
                "Too many briefings are being made; try again soon.",
                headers={"Retry-After": "10"},
            )
        self._waiting += 1
        try:
            async with self._turn:
                return await self._drawn(order)
        finally:
            self._waiting -= 1

    async def _job(self, job_id: str, caller: Caller) -> Job:
        try:
            job = await self.runner.find(UUID(job_id))
        except ValueError:
            job = None
        if job is None or job.account_id not in (None, caller.account):
            raise Problem(404, "There is no such job.")
        without = why_without(job)
        if without is not None:
            raise without
        return job

    async def _drawn(self, order: Order) -> bytes:
        settings = self.settings
        try:
            content = await drawn(
                "api.briefing", (settings.analysis_mb, order), settings.briefing_seconds
            )
        except NotDrawn as error:
            _log.error("briefing not drawn", reason=str(error))
            raise Problem(
                503, "The briefing could not be drawn.", headers={"Retry-After": "60"}
            ) from None
        answer: Any = pickle.loads(content)
        if isinstance(answer, bytes):
            return answer
        raise Problem(400, f"The result of this job cannot be shown: {answer[0]}.")


def why_without(job: Job) -> Problem | None:
    """Why a job will never have a result; None: it has one, or may have."""
    if job.status == "failed":
        return Problem(400, job.message, code="JobFailed")
    if job.status == "dismissed":
        return Problem(410, "The job was dismissed; its result is gone.")
    return None
