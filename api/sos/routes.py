"""The addresses of requests for help and of teams, their definition, the page to follow one."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from api.sos import page
from api.sos.definition import definition
from api.sos.operations import OPERATIONS

ROUTES: list[BaseRoute] = [
    *(Route(one.path, one.handler, methods=[one.method]) for one in OPERATIONS),
    Route("/api/definition", definition, methods=["GET"]),
    Route("/sos/follow", page.page, methods=["GET"], name="follow_page"),
    Route("/sos/follow", page.shown, methods=["POST"], name="followed"),
]
