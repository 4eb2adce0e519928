"""Styles, and the symbols and letters they draw with (OGC API Styles, draft 20-009).

The files are those of `styles/`. Addresses in them that begin with a slash are this server's,
and are completed with its address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import GEOJSON, HTML, JSON, STYLE, Media, language, negotiate
from api.ogc import parameters
from api.ogc.answers import own_links, respond
from api.ogc.links import link
from api.ogc.operations import Operation, Parameter, read, shorten
from api.problems import Problem
from api.services import depends_on, origin, services
from api.settings import ROOT
from layers.layer import Layer

STYLES = ROOT / "styles"
GLYPHS = Media("pbf", "application/x-protobuf", "Glyphs")
PNG = Media("png", "image/png", "PNG")
SPRITES: Mapping[str, Media] = {
    "sprite.json": JSON,
    "sprite.png": PNG,
    "sprite@2x.json": JSON,
    "sprite@2x.png": PNG,
}
SPECIFICATION = "https://maplibre.org/maplibre-style-spec/"

_LIST_MEDIA = (JSON, HTML)
_STYLE_MEDIA = (STYLE, HTML)
_A_WEEK = "public, max-age=604800"
_GEOMETRIES = {
    "Point": "point",
    "MultiPoint": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
}


def _parameters(media: tuple[Media, ...]) -> tuple[Parameter, ...]:
    return (parameters.f(media), parameters.lang())


@lru_cache(maxsize=128)
def style_file(layer_id: str) -> dict[str, Any] | None:
    """The style of a layer as its file has it, or None; read once."""
    path = STYLES / f"{layer_id}.json"
    if not path.is_file():
        return None
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found


def complete(style: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The style with every address of this server complete.

    Args:
        style: a MapLibre style.
        address: of the server, without a slash at its end.
    """

    def absolute(value: Any) -> Any:
        return f"{address}{value}" if isinstance(value, str) and value[:1] == "/" else value

    sources = {}
    for name, source in style["sources"].items():
        sources[name] = {
            key: [absolute(each) for each in value] if key == "tiles" else absolute(value)
            for key, value in source.items()
        }
    found = {**style, "sources": sources}
    for key in ("sprite", "glyphs"):
        if key in style:
            found[key] = absolute(style[key])
    return found


def _styled(request: Request) -> tuple[Layer, dict[str, Any]]:
    name = request.path_params["style"]
    layer = services(request).layer(name)
    style = style_file(layer.id) if layer is not None else None
    if layer is None or style is None:
        raise Problem(404, f"There is no style {shorten(name)!r}.")
    return layer, style


async def styles(request: Request) -> Response:
    """`/ogc/styles`: the styles, one for each layer (20-009, 7.2)."""
    read(request, parameters.indexed(*_parameters(_LIST_MEDIA)))
    media = negotiate(request, _LIST_MEDIA)
    depends_on(request)
    lang = language(request)
    base = f"{origin(request)}/ogc"
    listed = [
        {
            "id": layer.id,
            "title": layer.title.in_language(lang),
            "links": _style_links(base, layer, lang),
        }
        for layer in services(request).catalogue.values()
        if style_file(layer.id) is not None
    ]
    data = {"styles": listed, "links": own_links(request, media, _LIST_MEDIA)}
    return await respond(request, media, "styles.html", data)


def _style_links(base: str, layer: Layer, lang: str) -> list[dict[str, str]]:
    title = layer.title.in_language(lang)
    here = f"{base}/styles/{layer.id}"
    about = "Thông tin về kiểu hiển thị" if lang == "vi" else "About the style"
    return [
        link(here, "stylesheet", STYLE, title),
        link(f"{here}/metadata", "describedby", JSON, f"{title}: {about}"),
    ]


async def style(request: Request) -> Response:
    """`/ogc/styles/{style}`: the MapLibre style (20-009, 7.3)."""
    _, found = _styled(request)
    read(request, parameters.indexed(*_parameters(_STYLE_MEDIA)))
    media = negotiate(request, _STYLE_MEDIA)
    depends_on(request)
    return await respond(request, media, "style.html", complete(found, origin(request)))


async def metadata(request: Request) -> Response:
    """`/ogc/styles/{style}/metadata`: what the style is for (20-009, 7.4)."""
    layer, _ = _styled(request)
    read(request, parameters.indexed(*_parameters(_LIST_MEDIA)))
    media = negotiate(request, _LIST_MEDIA)
    depends_on(request)
    lang = language(request)
    base = f"{origin(request)}/ogc"
    here = f"{base}/styles/{layer.id}"
    data = {
        "id": layer.id,
        "title": layer.title.in_language(lang),
        "description": layer.description.in_language(lang),
        "keywords": list(layer.keywords),
        "scope": "style",
        "stylesheets": [
            {
                "title": STYLE.title,
                "version": "8",
                "specification": SPECIFICATION,
                "native": True,
                "link": link(here, "stylesheet", STYLE),
            }
        ],
        "layers": [
            {
                "id": layer.id,
                "type": _GEOMETRIES.get(layer.geometry_type, "geometry"),
                "sampleData": link(f"{base}/collections/{layer.id}/items", "items", GEOJSON),
            }
        ],
        "links": own_links(request, media, _LIST_MEDIA),
    }
    return await respond(request, media, "style_metadata.html", data)


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    etag: str


@lru_cache(maxsize=256)
def _read_file(path: Path) -> _File:
    body = path.read_bytes()
    return _File(body, f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"')


@lru_cache(maxsize=1)
def _glyph_files() -> Mapping[tuple[str, str], Path]:
    """The files by font and range: nothing else can be asked for."""
    files = (STYLES / "fonts").glob("*/*.pbf")
    return {(path.parent.name, path.stem): path for path in files}


def file_answer(request: Request, path: Path, media: Media) -> Response:
    """A file of `styles/` that never changes while the server runs."""
    found = _read_file(path)
    headers = {"ETag": found.etag, "Cache-Control": _A_WEEK}
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(found.body, media_type=media.type, headers=headers)


async def glyphs(request: Request) -> Response:
    """`/ogc/fonts/{fontstack}/{range}.pbf`: glyphs of the first font that there is."""
    read(request, {})
    stack, wished = request.path_params["fontstack"], request.path_params["range"]
    for name in stack.split(","):
        path = _glyph_files().get((name.strip(), wished))
        if path is not None:
            return file_answer(request, path, GLYPHS)
    raise Problem(404, f"There are no glyphs {shorten(wished)!r} of {shorten(stack)!r}.")


async def sprite(request: Request) -> Response:
    """`/ogc/sprites/{sprite}`: the symbols and where they are in the picture."""
    read(request, {})
    name = request.path_params["sprite"]
    media = SPRITES.get(name)
    if media is None or not (STYLES / name).is_file():
        raise Problem(404, f"There is no sprite {shorten(name)!r}.")
    return file_answer(request, STYLES / name, media)


_STYLE = {"style": {"type": "string"}}

OPERATIONS = (
    Operation(
        path="/styles",
        name="styles",
        summary="The styles",
        tag="styles",
        handler=styles,
        media=_LIST_MEDIA,
        schema="styles",
        parameters=lambda _: _parameters(_LIST_MEDIA),
    ),
    Operation(
        path="/styles/{style}",
        name="style",
        summary="The MapLibre style of a layer",
        tag="styles",
        handler=style,
        media=_STYLE_MEDIA,
        schema="mapboxStyle",
        parameters=lambda _: _parameters(_STYLE_MEDIA),
        path_parameters=_STYLE,
    ),
    Operation(
        path="/styles/{style}/metadata",
        name="style_metadata",
        summary="The metadata of a style",
        tag="styles",
        handler=metadata,
        media=_LIST_MEDIA,
        schema="styleMetadata",
        parameters=lambda _: _parameters(_LIST_MEDIA),
        path_parameters=_STYLE,
    ),
    Operation(
        path="/sprites/{sprite}",
        name="sprite",
        summary="The symbols of the styles",
        tag="styles",
        handler=sprite,
        media=(JSON, PNG),
        schema="sprite",
        path_parameters={"sprite": {"type": "string", "enum": list(SPRITES)}},
    ),
    Operation(
        path="/fonts/{fontstack}/{range}.pbf",
        name="glyphs",
        summary="The glyphs of a font",
        tag="styles",
        handler=glyphs,
        media=(GLYPHS,),
        path_parameters={
            "fontstack": {"type": "string"},
            "range": {"type": "string", "pattern": r"^\d+-\d+$"},
        },
    ),
)
