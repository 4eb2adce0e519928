"""The addresses of volunteers."""

from __future__ import annotations

from starlette.routing import Route

from api.volunteers import coordination, page
from api.volunteers.operations import OPERATIONS

ROUTES = [
    *(Route(one.path, one.handler, methods=[one.method]) for one in OPERATIONS),
    Route("/volunteer", page.page, methods=["GET"], name="volunteer"),
    Route("/volunteer", page.sent, methods=["POST"], name="volunteer_sent"),
    Route("/volunteer/mine", page.mine, methods=["GET"], name="volunteer_mine"),
    Route("/volunteer/mine", page.shown, methods=["POST"], name="volunteer_shown"),
    Route("/volunteers", coordination.page, methods=["GET"], name="volunteers"),
    Route("/volunteers", coordination.done, methods=["POST"], name="volunteers_done"),
]
