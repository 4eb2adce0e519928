"""What the service is and what it holds: landing page, conformance, collections.

OGC API Features part 1 (17-069r4), 7.2 to 7.13, with what part 2, Tiles and Styles add.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.directives.records import catalogue
from api.negotiation import (
    GEOJSON,
    HTML,
    JSON,
    OPENAPI,
    SCHEMA,
    STYLE,
    Media,
    language,
    negotiate,
)
from api.ogc import datasets, parameters
from api.ogc.answers import own_links, respond
from api.ogc.conformance import CLASSES
from api.ogc.links import licence_link, link
from api.ogc.operations import Operation, Parameter, read
from api.ogc.queries import EXPORT_MEDIA, ITEMS_MEDIA, collection
from api.ogc.schemas import FEATURE_SCHEMA
from api.rasters import records as rasters
from api.rasters.resource import collection as raster_collection
from api.services import Services, depends_on, origin, services
from layers.extent import Extent, extent, extents_sql
from layers.layer import Layer, Text
from layers.rasters.raster import FEED
from spatial.crs import CRS84

MEDIA = (JSON, HTML)
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
"""OGC's own link relations begin so."""

GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"

_TITLE = Text("Dữ liệu không gian {}", "Spatial data of {}")
_DESCRIPTION = Text(
    "Các lớp dữ liệu phục vụ điều hành phòng chống dịch bệnh và thiên tai của {}, theo chuẩn"
    " OGC API.",
    "The layers with which {} runs its response to epidemics and disasters, through OGC API.",
)


def common_parameters(_: Layer | None = None) -> tuple[Parameter, ...]:
    """The parameters of the metadata resources."""
    return (parameters.f(MEDIA), parameters.lang())


_PARAMETERS = parameters.indexed(*common_parameters())


async def landing(request: Request) -> Response:
    """`/ogc`: where everything else is (part 1, 7.2)."""
    read(request, _PARAMETERS)
    media = negotiate(request, MEDIA)
    depends_on(request)
    served = services(request)
    lang = language(request)
    name = served.province.full_name.in_language(lang)
    data = {
        "title": _TITLE.in_language(lang).format(name),
        "description": _DESCRIPTION.in_language(lang).format(name),
        "links": [*own_links(request, media, MEDIA), *_landing_links(request, lang)],
    }
    return await respond(request, media, "landing.html", data)


def _landing_links(request: Request, lang: str) -> list[dict[str, str]]:
    base = f"{origin(request)}/ogc"

    def say(vi: str, en: str) -> str:
        return vi if lang == "vi" else en

    definition = say("Định nghĩa API", "The definition of the API")
    documents = say("Tài liệu API, thử ngay trên trang", "Documentation to try out")
    declared = say("Các lớp tuân thủ", "The conformance classes")
    collections_ = say("Các lớp dữ liệu", "The collections")
    styles = say("Các kiểu hiển thị", "The styles")
    processes = say("Các quy trình phân tích", "The processes")
    jobs = say("Các tác vụ", "The jobs")
    grids = say("Các lưới ô", "The tile matrix sets")
    return [
        link(f"{base}/api", "service-desc", OPENAPI, definition),
        link(f"{base}/api?f=html", "service-doc", HTML, documents),
        link(f"{base}/conformance", "conformance", JSON, declared),
        link(f"{base}/conformance", f"{REL}conformance", JSON, declared),
        link(f"{base}/collections", "data", JSON, collections_),
        link(f"{base}/collections", f"{REL}data", JSON, collections_),
        link(f"{base}/styles", f"{REL}styles", JSON, styles),
        link(f"{base}/tileMatrixSets", f"{REL}tiling-schemes", JSON, grids),
        link(f"{base}/processes", f"{REL}processes", JSON, processes),
        link(f"{base}/jobs", f"{REL}job-list", JSON, jobs),
        *licence_link(services(request).province.licence, lang),
    ]


async def conformance(request: Request) -> Response:
    """`/ogc/conformance`: the conformance classes that are implemented (part 1, 7.4)."""
    read(request, _PARAMETERS)
    media = negotiate(request, MEDIA)
    depends_on(request)
    data = {"links": own_links(request, media, MEDIA), "conformsTo": list(CLASSES)}
    return await respond(request, media, "conformance.html", data)


async def collections(request: Request) -> Response:
    """`/ogc/collections`: all collections with their metadata (part 1, 7.13)."""
    read(request, _PARAMETERS)
    media = negotiate(request, MEDIA)
    served = services(request)
    layers = tuple(served.catalogue.values())
    depends_on(request, *served.catalogue, FEED)
    described = await describe(request, served, layers)
    described += [await catalogue(request), *await rasters.described(request)]
    data = {
        "links": own_links(request, media, MEDIA),
        "crs": [crs.uri for crs in served.crs],
        "numberMatched": len(described),
        "numberReturned": len(described),
        "collections": described,
    }
    return await respond(request, media, "collections.html", data)


async def collection_resource(request: Request) -> Response:
    """`/ogc/collections/{layer}`: one collection (part 1, 7.14)."""
    if request.path_params["layer"] not in services(request).catalogue:
        return await raster_collection(request)
    layer = collection(request)
    read(request, _PARAMETERS)
    media = negotiate(request, MEDIA)
    depends_on(request, layer.id)
    (data,) = await describe(request, services(request), (layer,))
    return await respond(request, media, "collection.html", data)


async def describe(
    request: Request, served: Services, layers: tuple[Layer, ...]
) -> list[dict[str, Any]]:
    """The metadata of collections: the same in the list as alone."""
    rows = await served.database.fetch(extents_sql(layers)) if layers else []
    extents = {row[0]: extent(row) for row in rows}
    data = await datasets.datasets(served)
    lang = language(request)
    base = f"{origin(request)}/ogc"
    return [
        {
            "id": layer.id,
            "title": layer.title.in_language(lang),
            "description": layer.description.in_language(lang),
            "keywords": list(layer.keywords),
            "itemType": "feature",
            "itemCount": data[layer.id].count,
            "synthetic": data[layer.id].synthetic,
            "extent": _extent(served, layer, extents[layer.id]),
            "crs": [crs.uri for crs in served.crs],
            "storageCrs": CRS84.uri,
            "links": [
                *collection_links(layer, base, lang),
                *licence_link(served.province.licence_of(layer.id), lang),
            ],
        }
        for layer in layers
    ]


def _extent(served: Services, layer: Layer, found: Extent) -> dict[str, Any]:
    bbox = found.bbox or served.province.bbox
    members: dict[str, Any] = {"spatial": {"bbox": [list(bbox)], "crs": CRS84.uri}}
    if layer.time_columns:
        interval = list(found.interval or (None, None))
        members["temporal"] = {"interval": [interval], "trs": GREGORIAN}
    return members


def collection_links(layer: Layer, base: str, lang: str) -> list[dict[str, str]]:
    """The links of a collection.

    Args:
        layer: its record.
        base: the address of the landing page.
        lang: `vi` or `en`, of the titles.
    """
    here = f"{base}/collections/{layer.id}"
    title = layer.title.in_language(lang)

    def say(vi: str, en: str) -> str:
        return f"{title}: {vi if lang == 'vi' else en}"

    def titled(media: Media) -> str:
        return f"{title} ({media.title})"

    schema = say("lược đồ", "schema")
    queryables = say("thuộc tính lọc được", "queryables")
    sortables = say("thuộc tính sắp xếp được", "sortables")
    feature_schema = f"{here}/schema?f={FEATURE_SCHEMA.f}"
    return [
        link(here, "self", JSON, title),
        link(f"{here}?f=html", "alternate", HTML, title),
        # Without f, since GDAL appends a feature's id to this address.
        link(f"{here}/items", "items", GEOJSON, titled(GEOJSON)),
        *(
            link(f"{here}/items?f={media.f}", "items", media, titled(media))
            for media in ITEMS_MEDIA
            if media is not GEOJSON
        ),
        link(f"{here}/queryables", f"{REL}queryables", SCHEMA, queryables),
        link(f"{here}/sortables", f"{REL}sortables", SCHEMA, sortables),
        link(f"{here}/schema", f"{REL}schema", SCHEMA, schema),
        link(feature_schema, "describedby", FEATURE_SCHEMA, schema),
        # GDAL up to 3.6 compares the relation with this spelling only.
        link(feature_schema, "describedBy", FEATURE_SCHEMA, schema),
        link(f"{here}/tiles", f"{REL}tilesets-vector", JSON, say("ô vector", "vector tiles")),
        link(f"{base}/styles", f"{REL}styles", JSON, say("kiểu hiển thị", "styles")),
        link(f"{base}/styles/{layer.id}", "stylesheet", STYLE, say("kiểu hiển thị", "style")),
        *(
            link(f"{here}/export?f={media.f}", "enclosure", media, titled(media))
            for media in EXPORT_MEDIA
        ),
    ]


def _operation(path: str, name: str, summary: str, handler: Any, schema: str) -> Operation:
    return Operation(
        path=path,
        name=name,
        summary=summary,
        tag="capabilities",
        handler=handler,
        media=MEDIA,
        schema=schema,
        parameters=common_parameters,
    )


OPERATIONS = (
    _operation("", "landing", "The landing page", landing, "landingPage"),
    _operation("/", "landing_page", "The landing page", landing, "landingPage"),
    _operation(
        "/conformance", "conformance", "The conformance classes", conformance, "confClasses"
    ),
    _operation("/collections", "collections", "The collections", collections, "collections"),
    _operation(
        "/collections/{layer}",
        "collection",
        "The metadata of the collection",
        collection_resource,
        "collection",
    ),
)
