"""Which representation a client gets: the `f` parameter first, else the Accept header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import mimeparse
from starlette.requests import Request

from api.problems import Problem


@dataclass(frozen=True, slots=True)
class Media:
    """A representation: its name in `f=`, its media type, and its title in links."""

    f: str
    type: str
    title: str

    @property
    def essence(self) -> str:
        """The media type without parameters."""
        return self.type.partition(";")[0]


JSON = Media("json", "application/json", "JSON")
HTML = Media("html", "text/html; charset=utf-8", "HTML")
GEOJSON = Media("json", "application/geo+json", "GeoJSON")
GEOJSONL = Media("geojsonl", "application/geo+json-seq", "GeoJSON text sequence")
MERGE_PATCH = Media("json", "application/merge-patch+json", "JSON merge patch")
CSV = Media("csv", "text/csv; charset=utf-8; header=present", "CSV")
FLATGEOBUF = Media("fgb", "application/flatgeobuf", "FlatGeobuf")
SCHEMA = Media("json", "application/schema+json", "JSON Schema")
MVT = Media("mvt", "application/vnd.mapbox-vector-tile", "Mapbox vector tile")
TILEJSON = Media("tilejson", "application/json", "TileJSON")
OPENAPI = Media("json", "application/vnd.oai.openapi+json;version=3.0", "OpenAPI 3.0")
PNG = Media("png", "image/png", "PNG")
SVG = Media("svg", "image/svg+xml", "SVG")
STYLE = Media("mapbox", "application/vnd.mapbox.style+json", "MapLibre style")


def negotiate(request: Request, offered: tuple[Media, ...]) -> Media:
    """The representation to answer with; the first one offered if the client has no wish.

    Raises:
        Problem: 400 for an unknown `f`, 406 when Accept admits none of those offered.
    """
    # Most programs send neither; looking costs less than reading either.
    wished = request.query_params.get("f") if b"f=" in request.scope["query_string"] else None
    if wished is not None:
        for media in offered:
            if media.f == wished:
                return media
        names = ", ".join(media.f for media in offered)
        raise Problem(400, f"f={wished!r} is not offered here; it can be one of: {names}.")
    accept = b",".join(value for name, value in request.scope["headers"] if name == b"accept")
    return _by_accept(accept.decode("latin-1"), offered) if accept else offered[0]


@lru_cache(maxsize=1024)
def _by_accept(accept: str, offered: tuple[Media, ...]) -> Media:
    if not accept.strip() or accept.strip() == "*/*":
        return offered[0]
    # best_match prefers the last of equals, and a plain application/json stands for any JSON.
    aliases = {media.essence: media for media in reversed(offered)}
    for media in offered:
        if media.essence.endswith("+json") or media.essence == "application/json":
            aliases.setdefault("application/json", media)
    supported = [*reversed([k for k in aliases if k != offered[0].essence]), offered[0].essence]
    try:
        best = mimeparse.best_match(supported, accept)
    except mimeparse.MimeTypeParseException:
        return offered[0]
    if not best:
        raise Problem(
            406,
            f"None of the media types in Accept can be given; offered are: {', '.join(aliases)}.",
        )
    return aliases[best]


LANGUAGE_COOKIE = "dieuhanh_language"
"""Holds the language that was chosen on this device; the pages' script sets it."""
_CHOSEN = re.compile(rf"(?:^|;)\s*{LANGUAGE_COOKIE}=(vi|en)\s*(?:;|$)".encode())


def chosen_language(cookies: bytes) -> bytes | None:
    """The language that a header `Cookie` names; None if it names none."""
    found = _CHOSEN.search(cookies)
    return found[1] if found else None


def language(request: Request) -> str:
    """`vi` or `en`: by `lang`, else the cookie, else Accept-Language, else Vietnamese."""
    wished = request.query_params.get("lang")
    if not wished:
        for name, value in request.scope["headers"]:
            chosen = chosen_language(value) if name == b"cookie" else None
            if chosen is not None:
                return chosen.decode()
        wished = request.headers.get("accept-language", "")
    return _language(wished)


@lru_cache(maxsize=1024)
def _language(wished: str) -> str:
    for part in wished.split(","):
        tag = part.partition(";")[0].strip().lower()
        if tag[:2] in ("vi", "en"):
            return tag[:2]
    return "vi"
