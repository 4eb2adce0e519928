"""The addresses of requests for help, and the page of who has asked for it."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from api.sos import page, post

ROUTES: list[BaseRoute] = [
    Route("/api/sos", post.post, methods=["POST"]),
    Route("/api/sos/form", post.form, methods=["GET"]),
    Route("/api/sos/follow", post.follow, methods=["GET"]),
    Route("/api/sos/follow", post.add, methods=["POST"]),
    Route("/sos/follow", page.page, methods=["GET"], name="follow_page"),
    Route("/sos/follow", page.shown, methods=["POST"], name="followed"),
]
