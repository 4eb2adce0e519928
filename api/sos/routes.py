"""The addresses below `/api/sos` and `/api/teams`."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from api.sos import coordination, moderation, post, teams

_ONE = "/api/sos/{request}"
_TEAM = "/api/teams/{team}"

ROUTES: list[BaseRoute] = [
    Route("/api/sos", post.post, methods=["POST"]),
    Route("/api/sos/form", post.form, methods=["GET"]),
    Route("/api/sos/follow", post.follow, methods=["GET"]),
    Route("/api/sos/follow", post.add, methods=["POST"]),
    Route("/api/sos/intake", moderation.queue, methods=["GET"]),
    Route("/api/sos/intake/{request}", moderation.decide, methods=["POST"]),
    Route(_ONE, coordination.detail, methods=["GET"]),
    Route(f"{_ONE}/steps", coordination.step, methods=["POST"]),
    Route(f"{_ONE}/priority", coordination.priority, methods=["PUT"]),
    Route(f"{_ONE}/notes", coordination.note, methods=["POST"]),
    Route(f"{_ONE}/teams", coordination.teams, methods=["GET"]),
    Route(f"{_ONE}/assignment", coordination.assign, methods=["POST"]),
    Route(f"{_ONE}/hand-over", coordination.hand_over, methods=["POST"]),
    Route(f"{_ONE}/decline", coordination.decline, methods=["POST"]),
    Route(f"{_ONE}/duplicates", coordination.duplicates, methods=["GET"]),
    Route(f"{_ONE}/merge", coordination.merge, methods=["POST"]),
    Route(f"{_ONE}/unmerge", coordination.unmerge, methods=["POST"]),
    Route(f"{_ONE}/spam", moderation.spam, methods=["POST"]),
    Route(f"{_ONE}/photos/{{photo}}", coordination.photo, methods=["GET"]),
    Route("/api/teams/mine", teams.mine, methods=["GET"]),
    Route(_TEAM, teams.detail, methods=["GET"]),
    Route(_TEAM, teams.people, methods=["PUT"]),
    Route(f"{_TEAM}/position", teams.position, methods=["POST"]),
]
