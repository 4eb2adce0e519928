"""The addresses of check-ins and of the posters of their sites."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from api.checkins import poster
from api.checkins.operations import OPERATIONS

ROUTES: list[BaseRoute] = [
    *(Route(one.path, one.handler, methods=[one.method]) for one in OPERATIONS),
    Route("/api/control/{layer}/{feature}/poster.pdf", poster.poster, methods=["GET"]),
]
