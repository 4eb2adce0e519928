"""pygeoapi's plug-ins: its process manager keeps jobs through our queue, its processors describe.

pygeoapi calls them from threads; the queue lives on the event loop.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

import orjson
from pygeoapi.process.base import (
    BaseProcessor,
    JobNotFoundError,
    JobResultNotFoundError,
    ProcessorExecuteError,
)
from pygeoapi.process.manager.base import BaseManager
from pygeoapi.util import JobStatus, RequestedProcessExecutionMode

from api.analysis.runner import Runner
from layers.analysis.inputs import describe
from layers.analysis.jobs import Job, QuotaExceeded
from layers.analysis.processes import PROCESSES
from layers.analysis.selecting import layer_of, query_of
from layers.rasters.registry import GEOTIFF
from layers.roles import ANYONE, Caller
from spatial.errors import BadInput

T = TypeVar("T")
JSON = "application/json"

CALLER: ContextVar[Caller] = ContextVar("caller", default=ANYONE)
"""Who makes the request that pygeoapi handles at the moment."""


@dataclass(frozen=True)
class Place:
    """Where the queue is, for the plug-ins, which pygeoapi makes itself."""

    runner: Runner
    loop: asyncio.AbstractEventLoop
    wait: float

    def call(self, wanted: Awaitable[T]) -> T:
        """Do something on the loop from a thread."""

        async def run() -> T:
            return await wanted

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result()


PLACE: ContextVar[Place] = ContextVar("place")


class Refused(ProcessorExecuteError):  # type: ignore[misc]
    """A request that is not taken; the message is for its sender."""

    ogc_exception_code = "InvalidParameterValue"
    http_status_code = HTTPStatus.BAD_REQUEST


class Busy(Refused):
    """The caller has too many unfinished jobs."""

    ogc_exception_code = "TooManyJobs"
    http_status_code = HTTPStatus.TOO_MANY_REQUESTS


class Processor(BaseProcessor):  # type: ignore[misc]
    """Describes a process; `Manager` runs it."""

    def __init__(self, processor_def: dict[str, Any]) -> None:
        process = PROCESSES[processor_def["process"]]
        described = {
            "version": process.version,
            "id": process.id,
            "title": {"vi": process.title.vi, "en": process.title.en},
            "description": {"vi": process.description.vi, "en": process.description.en},
            "jobControlOptions": ["sync-execute", "async-execute"],
            "keywords": [process.id],
            "links": [],
            "inputs": describe(process.inputs),
            "outputs": {
                "result": {
                    "title": {"vi": "Kết quả", "en": "Result"},
                    "schema": _schema(process.media_type),
                }
            },
            "example": {"inputs": {"layer": "sos_requests"}},
        }
        super().__init__(processor_def, described)


def _schema(media_type: str) -> dict[str, str]:
    if media_type == GEOTIFF:
        return {"type": "string", "contentEncoding": "binary", "contentMediaType": media_type}
    return {"type": "object", "contentMediaType": media_type}


class Manager(BaseManager):  # type: ignore[misc]
    """Keeps jobs in the queue of `Runner`."""

    def __init__(self, manager_def: dict[str, Any]) -> None:
        super().__init__(manager_def)
        self.is_async = True
        self.supports_subscribing = False

    def execute_process(
        self,
        process_id: str,
        data_dict: dict[str, Any],
        execution_mode: RequestedProcessExecutionMode | None = None,
        requested_outputs: dict[str, Any] | None = None,
        subscriber: object = None,
        requested_response: str | None = "raw",
    ) -> tuple[str, str, Any, JobStatus, dict[str, str] | None]:
        """Put a job into the queue; wait for its end unless the client does not want to."""
        place, process, caller = PLACE.get(), PROCESSES[process_id], CALLER.get()
        if not isinstance(data_dict, dict):
            raise Refused(user_msg="inputs must be an object")
        try:
            inputs = process.read(data_dict)
            query_of(layer_of(inputs), inputs, caller)
        except BadInput as error:
            raise Refused(user_msg=f"{error.vi} / {error.en}") from None
        values = inputs.model_dump(mode="json", exclude_none=True)
        try:
            job = place.call(place.runner.submit(process, values, caller))
        except QuotaExceeded as error:
            raise Busy(
                user_msg=f"Đang có {error} tác vụ chưa xong; hãy đợi hoặc hủy bớt."
                f" / There are {error} unfinished jobs already; wait, or dismiss one."
            ) from None
        headers = None
        if execution_mode == RequestedProcessExecutionMode.respond_async:
            headers = {"Preference-Applied": "respond-async"}
            return str(job), JSON, self._status(job), JobStatus.accepted, headers
        place.call(place.runner.wait(job, place.wait))
        found = self._job(str(job))
        if not found.is_finished:
            return str(job), JSON, self._status(job), JobStatus.accepted, headers
        if found.status != "successful":
            raise Refused(user_msg=found.message or found.status)
        media_type, result = self.get_job_result(str(job))
        if requested_response == "document":
            document = {"result": _inline(media_type, result)}
            return str(job), JSON, document, JobStatus.successful, headers
        return str(job), media_type, result, JobStatus.successful, headers

    def _status(self, job: UUID) -> dict[str, Any]:
        found = self._job(str(job))
        return {
            "type": "process",
            "processID": found.process,
            "jobID": str(job),
            "status": found.status,
            "progress": found.progress,
            "created": _time(found.created),
        }

    def _job(self, job_id: str) -> Job:
        """The job, for whoever may see it.

        Raises:
            JobNotFoundError: there is none, or it is of another account.
        """
        place = PLACE.get()
        try:
            number = UUID(job_id)
        except ValueError:
            raise JobNotFoundError from None
        found = place.call(place.runner.find(number))
        if found is None or found.account_id not in (None, CALLER.get().account):
            raise JobNotFoundError
        return found

    def get_job(self, job_id: str) -> dict[str, Any]:
        """A job as pygeoapi wants it."""
        return _described(self._job(job_id))

    def get_jobs(
        self, status: JobStatus | None = None, limit: int | None = None, offset: int | None = None
    ) -> dict[str, Any]:
        """The caller's own jobs."""
        place = PLACE.get()
        found, matched = place.call(
            place.runner.listed(CALLER.get().account, limit or 10, offset or 0)
        )
        return {"jobs": [_described(job) for job in found], "numberMatched": matched}

    def get_job_result(self, job_id: str) -> tuple[str, Any]:
        """The media type and the body of a successful job's result."""
        place = PLACE.get()
        found = self._job(job_id)
        body = place.call(place.runner.result(found.id))
        if body is None:
            raise JobResultNotFoundError
        media_type = found.media_type or JSON
        return media_type, orjson.loads(body) if media_type == JSON else body

    def delete_job(self, job_id: str) -> bool:
        """Dismiss a job, running or not, and remove its result."""
        place = PLACE.get()
        place.call(place.runner.dismiss(self._job(job_id).id))
        return True


def _inline(media_type: str, result: Any) -> Any:
    """A result as a member of a JSON document (7.13, qualified values)."""
    if media_type == JSON:
        return result
    if media_type == GEOTIFF:
        value = base64.b64encode(result).decode()
        return {"mediaType": media_type, "encoding": "base64", "value": value}
    return orjson.loads(result)


def _described(job: Job) -> dict[str, Any]:
    return {
        "identifier": str(job.id),
        "process_id": job.process,
        "status": job.status,
        "message": job.message,
        "progress": job.progress,
        "parameters": {"inputs": job.inputs, "version": job.version, "summary": job.summary},
        "created": _time(job.created),
        "started": _time(job.started or job.created),
        "finished": _time(job.finished),
        "updated": _time(job.updated),
        "mimetype": job.media_type or JSON,
    }


def _time(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")
