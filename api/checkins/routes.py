"""The addresses of check-ins and of the posters of their sites."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from api.checkins import figures, poster, recording

ROUTES: list[BaseRoute] = [
    Route("/api/check-ins", recording.record, methods=["POST"]),
    Route("/api/check-ins/self", recording.record_self, methods=["POST"]),
    Route("/api/check-ins/sites/{code}", recording.site, methods=["GET"]),
    Route("/api/check-ins/figures", figures.figures, methods=["GET"]),
    Route("/api/check-ins/flows", figures.flows, methods=["GET"]),
    Route("/api/control/{layer}/{feature}/poster.pdf", poster.poster, methods=["GET"]),
]
