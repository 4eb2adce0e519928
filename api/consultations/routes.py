"""The addresses of consultations."""

from __future__ import annotations

from starlette.routing import Route

from api.consultations import doctors, page
from api.consultations.operations import OPERATIONS

ROUTES = [
    *(Route(one.path, one.handler, methods=[one.method]) for one in OPERATIONS),
    Route("/consult", page.page, methods=["GET"], name="consult"),
    Route("/consult", page.sent, methods=["POST"], name="consult_sent"),
    Route("/consult/mine", page.mine, methods=["GET"], name="consult_mine"),
    Route("/consult/mine", page.shown, methods=["POST"], name="consult_shown"),
    Route("/consultations", doctors.page, methods=["GET"], name="consultations"),
    Route("/consultations", doctors.done, methods=["POST"], name="consultations_done"),
]
