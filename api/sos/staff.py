"""What the endpoints of staff have in common: who asks, and answers that nothing keeps."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.identify import challenge
from api.services import services
from layers.sos.desk import Desk

PRIVATE = {"Cache-Control": "private, no-store"}


def desk(request: Request) -> Desk:
    """The desk of a signed-in caller; what the caller may do there, PostgreSQL decides.

    Raises:
        Problem: 401, nobody is signed in.
    """
    caller = caller_of(request)
    if caller.account is None:
        # A browser would ask for a password in a window of its own if it were offered Basic.
        raise challenge("Cần đăng nhập. / Sign in to work on requests for help.", basic=False)
    return Desk(services(request).database, caller)


def told(body: str) -> Response:
    """An answer of JSON."""
    return Response(body, headers=PRIVATE, media_type="application/json")


def listed(name: str, body: str) -> Response:
    """An answer of a list, under a name, so that more may come beside it."""
    return told(f"{{{orjson.dumps(name).decode()}:{body}}}")
