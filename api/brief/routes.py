"""`/api/brief.pdf`: the one-page brief."""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import overview
from api.brief.making import Busy, printer
from api.callers import caller_of
from api.drawing import NotDrawn
from api.negotiation import language
from api.ogc import parameters
from api.ogc.operations import read
from api.problems import Problem
from api.services import services
from layers.places import UNITS

_log = structlog.get_logger(__name__)
_PARAMETERS = parameters.indexed(parameters.lang())


async def brief(request: Request) -> Response:
    """`/api/brief.pdf`: the figures of this minute on one page of A4.

    Raises:
        Problem: 400 for a parameter that breaks its rule; 503 where too many ask, or the page
            cannot be drawn.
    """
    read(request, _PARAMETERS)
    served, caller = services(request), caller_of(request)
    chosen = language(request)
    overview.depend(request, served, caller, UNITS)
    try:
        content = await printer(served).brief(served, caller, chosen)
    except Busy:
        raise Problem(
            503, "Too many briefs are being made; try again soon.", headers={"Retry-After": "5"}
        ) from None
    except NotDrawn as error:
        _log.error("brief not drawn", reason=str(error))
        raise Problem(503, "The brief could not be drawn.", headers={"Retry-After": "60"}) from None
    day = overview.current_moment(served).day
    name = f"{'brief' if chosen == 'en' else 'bao-cao'}-{served.province.id}-{day}.pdf"
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Content-Language": chosen,
    }
    return Response(content, media_type="application/pdf", headers=headers)


ROUTES = [Route("/api/brief.pdf", brief)]
