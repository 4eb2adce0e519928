"""Rasters as collections: which one an address names, and what is told of it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from api.callers import caller_of
from api.negotiation import HTML, JSON, language
from api.ogc.links import link
from api.ogc.operations import shorten
from api.problems import Problem
from api.rasters.domain import domain
from api.rasters.parameters import COVERAGE_MEDIA, GEOTIFF, LEGEND_MEDIA, MAP_MEDIA
from api.services import origin, services
from layers.rasters import rows
from layers.rasters.raster import Raster
from spatial.crs import CRS84, Crs

REL = "http://www.opengis.net/def/rel/ogc/1.0/"


async def raster_of(request: Request, variable: str = "raster") -> Raster:
    """The raster of the address, if the caller may see it.

    Raises:
        Problem: 404, there is none.
    """
    name = request.path_params[variable]
    found = await rows.find(services(request).database, name, caller_of(request))
    if found is None:
        raise Problem(404, f"There is no collection {shorten(name)!r} of rasters.")
    return found


def systems(request: Request, raster: Raster) -> tuple[Crs, ...]:
    """The systems that a raster is offered in: all of the server's, and its own."""
    return tuple(dict.fromkeys((*services(request).crs, raster.facts.crs)))


async def described(request: Request) -> list[dict[str, Any]]:
    """The metadata of all rasters that the caller may see, as in `description`."""
    found = await rows.listed(services(request).database, caller_of(request))
    return [description(request, one) for one in found]


def description(request: Request, raster: Raster) -> dict[str, Any]:
    """The metadata of a raster's collection: the same in the list as alone."""
    lang = language(request)
    facts = raster.facts
    across, down = facts.pixel
    grid = [
        {"cellsCount": facts.width, "resolution": across},
        {"cellsCount": facts.height, "resolution": down},
    ]
    data: dict[str, Any] = {
        "id": raster.id,
        "title": raster.title.in_language(lang),
        "description": raster.description.in_language(lang),
        "itemType": "coverage",
        "dataType": "coverage",
        # What GDAL knows by that there are no features here.
        "layerDataType": "Coverage",
        "extent": {
            "spatial": {
                "bbox": [list(facts.degrees)],
                "crs": CRS84.uri,
                "storageCrsBbox": [list(facts.bounds)],
                "grid": grid,
            }
        },
        "crs": [crs.uri for crs in systems(request, raster)],
        "storageCrs": facts.crs.uri,
        **domain(raster),
        "unit": raster.unit,
        "values": {
            "type": facts.dtype,
            "minimum": facts.minimum,
            "maximum": facts.maximum,
            "mean": facts.mean,
            "standardDeviation": facts.std,
            "count": facts.valid,
        },
        "links": _links(request, raster, lang),
    }
    for name, text in (("source", raster.source), ("licence", raster.licence)):
        if text:
            data[name] = text
    if raster.provenance is not None:
        data["provenance"] = raster.provenance
    return data


def _links(request: Request, raster: Raster, lang: str) -> list[dict[str, Any]]:
    here = f"{origin(request)}/ogc/collections/{raster.id}"
    title = raster.title.in_language(lang)

    def say(vi: str, en: str) -> str:
        return f"{title}: {vi if lang == 'vi' else en}"

    return [
        link(here, "self", JSON, title),
        link(f"{here}?f=html", "alternate", HTML, title),
        *(
            link(f"{here}/coverage?f={media.f}", f"{REL}coverage", media, f"{title} ({media.f})")
            for media in COVERAGE_MEDIA
        ),
        *(
            link(f"{here}/map?f={media.f}", f"{REL}map", media, say("bản đồ", "map"))
            for media in MAP_MEDIA
        ),
        link(f"{here}/map/tiles", f"{REL}tilesets-map", JSON, say("ô bản đồ", "map tiles")),
        *(
            link(f"{here}/legend?f={media.f}", f"{REL}legend", media, say("chú giải", "legend"))
            for media in LEGEND_MEDIA
        ),
        {
            **link(f"{here}/cog", "enclosure", GEOTIFF, say("tệp gốc, COG", "the file, COG")),
            "length": raster.bytes,
        },
    ]
