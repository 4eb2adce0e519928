"""A raster's own resource, and the list that the web map reads: `/api/rasters`."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.callers import caller_of
from api.negotiation import HTML, JSON, language, negotiate
from api.ogc import parameters
from api.ogc.answers import respond
from api.ogc.operations import read
from api.rasters import legends
from api.rasters.records import description, raster_of
from api.services import depends_on, services
from layers.rasters import rows
from layers.rasters.raster import FEED, Raster

_RECORD = parameters.indexed(parameters.f((JSON, HTML)), parameters.lang())
_LIST = parameters.indexed(parameters.lang())


async def collection(request: Request) -> Response:
    """`/collections/{id}` of a raster: its metadata (Common part 2, 8)."""
    raster = await raster_of(request, "layer")
    read(request, _RECORD)
    media = negotiate(request, (JSON, HTML))
    depends_on(request, FEED)
    data = description(request, raster)
    lang = language(request)
    west, south, east, north = raster.facts.degrees
    return await respond(
        request,
        media,
        "raster.html",
        data,
        raster=raster,
        legend=legends.entries(raster, lang),
        legend_number=lambda value: legends.label_of(value, lang),
        height=max(round(640 * (north - south) / (east - west)), 1),
    )


async def listed(request: Request) -> Response:
    """`/api/rasters`: the rasters that the caller may see, with tiles and legends."""
    read(request, _LIST)
    served = services(request)
    depends_on(request, FEED)
    found = await rows.listed(served.database, caller_of(request))
    lang = language(request)
    version = served.feed.version(FEED)
    return Response(
        orjson.dumps([_entry(raster, lang, version) for raster in found]), media_type=JSON.type
    )


def _entry(raster: Raster, lang: str, version: int) -> dict[str, Any]:
    tiles = f"/ogc/collections/{raster.id}/map/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"
    return {
        "id": raster.id,
        "title": {"vi": raster.title.vi, "en": raster.title.en},
        "description": {"vi": raster.description.vi, "en": raster.description.en},
        "bbox": list(raster.facts.degrees),
        "unit": raster.unit,
        # The version makes a new address of each state: nothing stale is drawn.
        "tiles": f"{tiles}?v={version}",
        "minzoom": 0,
        "maxzoom": raster.facts.max_zoom,
        "categorical": raster.style.is_categorical,
        "public": raster.is_public,
        "source": raster.source,
        "legend": legends.entries(raster, lang),
    }


ROUTES = [Route("/api/rasters", listed)]
