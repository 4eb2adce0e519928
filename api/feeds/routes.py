"""The addresses of the feeds."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from api.feeds import alerts

ROUTES: list[BaseRoute] = [
    Route("/api/alerts.atom", alerts.alerts_feed, methods=["GET"]),
    Route("/api/alerts/{alert}.cap", alerts.alert_message, methods=["GET"]),
]
