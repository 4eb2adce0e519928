"""Who makes a request, as the sign-in has found out before any handler runs."""

from __future__ import annotations

from starlette.requests import Request

from layers.roles import ANYONE, Caller

SCOPE_KEY = "dieuhanh.caller"


def caller_of(request: Request) -> Caller:
    """The caller; the public where nobody signed in."""
    found: Caller = request.scope.get(SCOPE_KEY, ANYONE)
    return found
