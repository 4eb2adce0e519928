"""`/briefing/{job}.html` and `.pdf`: the briefing of a job's result, for whose job it is."""

from __future__ import annotations

import re
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.analysis.front import forward
from api.negotiation import language
from api.ogc import parameters
from api.ogc.operations import read
from api.problems import Problem
from api.services import services

_PARAMETERS = parameters.indexed(parameters.lang())
_TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
_POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')


async def briefing(request: Request) -> Response:
    """The briefing of a job.

    Raises:
        Problem: 404 where there is no such job for the caller, or it is not done; 503 where it
            cannot be drawn at the moment.
    """
    read(request, _PARAMETERS)
    job, form = request.path_params["job"], request.path_params["form"]
    if form not in _TYPES or not _is_id(job):
        raise Problem(404, "There is no such job, or no such form of its briefing.")
    answer = await forward(request, seconds=services(request).settings.briefing_seconds)
    if answer.status_code != 200:
        return answer
    chosen = language(request)
    name = f"{'briefing' if chosen == 'en' else 'bao-cao-phan-tich'}-{job[:8]}.{form}"
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'inline; filename="{name}"',
        "Content-Language": chosen,
    }
    body = bytes(answer.body)
    if form == "html":
        headers["Content-Security-Policy"] = served_policy(body)
    return Response(body, media_type=_TYPES[form], headers=headers)


def served_policy(body: bytes) -> str:
    """The policy that the file itself carries, and that it is a stranger to the site it came from.

    Its script is the file's own by digest; in a sandbox it could not even read the site's cookies.
    """
    found = _POLICY.search(body[:10_000])
    own = found[1].decode().replace("&#39;", "'") if found else "default-src 'none'"
    return f"{own}; frame-ancestors 'none'; sandbox allow-scripts allow-downloads allow-popups"


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


ROUTES = [Route("/briefing/{job}.{form}", briefing)]
