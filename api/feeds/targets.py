"""`/api/sos.cot`: Cursor on Target for who has signed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.feeds import cot
from api.identify import challenge
from api.ogc import parameters
from api.ogc.operations import Parameter, read
from api.services import services
from layers.sos.targets import targets

STALE_S = 300.0
"""Seconds for which an event holds, unless a later one takes its place."""
DEFAULT_TARGETS = 1000
MAXIMUM_TARGETS = 5000

_COT: Mapping[str, Parameter] = parameters.indexed(
    Parameter(
        "limit",
        "Requests, and teams, at most.",
        {"type": "integer", "minimum": 1, "maximum": MAXIMUM_TARGETS, "default": DEFAULT_TARGETS},
        lambda text: min(parameters.whole(text, 1, None), MAXIMUM_TARGETS),
    )
)


async def requests_cot(request: Request) -> Response:
    """`GET /api/sos.cot`: the open requests and the teams on duty.

    Raises:
        Problem: 400 for a parameter that breaks its rule; 401 for nobody.
        RuleRefused: the account is no staff of rescue coordination.
    """
    values = read(request, _COT)
    served = services(request)
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Sign in to read this: exact positions are for staff.")
    found = await targets(served.database, caller, values.get("limit", DEFAULT_TARGETS))
    now = datetime.now(UTC)
    events = [
        *cot.request_events(found[0], served.province, now, STALE_S, contacts=True),
        *cot.team_events(found[1], served.province, now, STALE_S),
    ]
    headers = {"Cache-Control": "no-store"}
    return Response(cot.document(events), media_type="application/xml", headers=headers)
