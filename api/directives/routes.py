"""The addresses of directives beside those of their layer and their records."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from api.directives import feed, files, listing, picture

ROUTES: list[BaseRoute] = [
    Route("/api/directives", listing.listed),
    Route("/api/directives/at", listing.at),
    Route("/api/directives/choices", listing.choices),
    Route("/api/directives.atom", feed.directives_feed),
    Route("/api/directives/{directive:int}", listing.one),
    Route("/api/directives/{directive:int}/area.svg", picture.area),
    Route("/api/directives/{directive:int}/files", files.upload, methods=["POST"]),
    Route("/api/directives/{directive:int}/files/{file:uuid}", files.download, methods=["GET"]),
    Route("/api/directives/{directive:int}/files/{file:uuid}", files.remove, methods=["DELETE"]),
]
