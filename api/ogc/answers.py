"""Answers that are one JSON object, or the page made from it; and the links they carry."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import HTML, Media
from api.ogc.html import page
from api.ogc.links import link
from api.services import origin


async def respond(
    request: Request, media: Media, template: str, data: Any, **context: Any
) -> Response:
    """The object as JSON of the media type, or as the template's HTML page."""
    if media is HTML:
        return await page(request, template, data=data, **context)
    return Response(orjson.dumps(data), media_type=media.type)


def own_links(request: Request, media: Media, offered: tuple[Media, ...]) -> list[dict[str, str]]:
    """`self`, and `alternate` for each other representation (Common part 1)."""
    base = f"{origin(request)}{request.url.path}"
    kept = [(k, v) for k, v in request.query_params.multi_items() if k != "f"]
    query = request.url.query
    links = [link(f"{base}?{query}" if query else base, "self", media)]
    for other in offered:
        if other is not media:
            target = f"{base}?{urlencode([*kept, ('f', other.f)])}"
            links.append(link(target, "alternate", other))
    return links
