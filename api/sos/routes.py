"""The addresses below `/api/sos`, `/api/teams` and `/api/alerts`."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from api.sos import post

ROUTES: list[BaseRoute] = [
    Route("/api/sos", post.post, methods=["POST"]),
    Route("/api/sos/form", post.form, methods=["GET"]),
    Route("/api/sos/follow", post.follow, methods=["GET"]),
    Route("/api/sos/follow", post.add, methods=["POST"]),
]
