"""Errors as problem details (RFC 9457): one sentence that names the value and the rule."""

from __future__ import annotations

import http
from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from layers.database import DatabaseUnavailable, QueryTooSlow, RuleRefused
from layers.refusals import CONTENTION, Contended
from spatial.errors import BadInput

_log = structlog.get_logger(__name__)
_REFUSED = {"forbidden": 403, "missing": 404, "conflict": 409, "invalid": 422}
"""The statuses of what rules in the database refuse."""


class Problem(Exception):
    """An answer other than success, for `application/problem+json`.

    Args:
        status: the HTTP status.
        detail: a sentence for the person who sent the request.
        headers: headers to send with it.
        members: further members of the problem object.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members


def broken_rule(problem: Problem) -> BadInput | None:
    """What a parser said is wrong, in both languages, where that became this problem."""
    source = problem.__cause__ or problem.__context__
    return source if isinstance(source, BadInput) else None


def response(problem: Problem) -> Response:
    """The HTTP answer of a problem."""
    broken = broken_rule(problem)
    body = {
        "type": "about:blank",
        "title": http.HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        **({} if broken is None else {"rule": {"vi": broken.vi, "en": broken.en}}),
        **problem.members,
    }
    return Response(
        orjson.dumps(body),
        status_code=problem.status,
        media_type="application/problem+json",
        headers={"Cache-Control": "no-store", **problem.headers},
    )


async def answer(request: Request, error: Exception) -> Response:
    """Exception handler: every error as a problem; nothing of the database's text leaks."""
    return response(as_problem(error))


def as_problem(error: Exception) -> Problem:
    """The problem that an exception is to its caller."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, QueryTooSlow):
        return Problem(
            503,
            "The query took longer than this server allows; narrow it with bbox, datetime,"
            " filter or a smaller limit.",
            headers={"Retry-After": "5"},
        )
    if isinstance(error, DatabaseUnavailable):
        return Problem(
            503,
            "The database cannot answer at the moment; try again shortly.",
            headers={"Retry-After": "2"},
        )
    if isinstance(error, RuleRefused):
        return Problem(_REFUSED[error.kind], error.said, **error.about)
    if isinstance(error, (Contended, *CONTENTION)):
        return Problem(
            503, "Others change the same at this moment; try again.", headers={"Retry-After": "1"}
        )
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status < 500:
        return Problem(
            status,
            "There is nothing at this address."
            if status == 404
            else str(getattr(error, "detail", "")) or http.HTTPStatus(status).phrase,
            headers=getattr(error, "headers", None),
        )
    _log.error("unexpected error", exc_info=error)
    return Problem(500, "The server made an error; it has been recorded.")


async def left(request: Request, error: Exception) -> Response:
    """Exception handler: the client went away while it sent its body; nobody reads this.

    499 after nginx, as the figures say it.
    """
    return Response(status_code=499)
