"""The addresses of the feeds."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from api.feeds import alerts, requests, targets

ROUTES: list[BaseRoute] = [
    Route("/api/alerts.atom", alerts.alerts_feed, methods=["GET"]),
    Route("/api/sos.atom", requests.requests_feed, methods=["GET"]),
    Route("/api/sos.cot", targets.requests_cot, methods=["GET"]),
    Route("/api/alerts/{alert}.cap", alerts.alert_message, methods=["GET"]),
]
