"""The addresses below `/api/sos` and `/api/teams`, and their definition."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from api.sos.definition import definition
from api.sos.operations import OPERATIONS

ROUTES: list[BaseRoute] = [
    *(Route(one.path, one.handler, methods=[one.method]) for one in OPERATIONS),
    Route("/api/definition", definition, methods=["GET"]),
]
