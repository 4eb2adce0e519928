"""All operations of the API: its routes and its definition are made from this list."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.analysis import operations as analysis
from api.directives import catalogue
from api.negotiation import HTML, OPENAPI, language, negotiate
from api.ogc import (
    counts,
    editing,
    history,
    items,
    metadata,
    parameters,
    queries,
    schemas,
    styles,
    tiles,
)
from api.ogc.answers import respond
from api.ogc.definition import Definition
from api.ogc.operations import Operation, read
from api.rasters import operations as rasters
from api.services import depends_on, origin, services

FEATURES = (
    Operation(
        path="/collections/{layer}/items",
        name="items",
        summary="The features, page by page",
        tag="features",
        handler=items.items,
        media=queries.ITEMS_MEDIA,
        schema="features",
        crs_parameters=queries.items_parameters,
    ),
    Operation(
        path="/collections/{layer}/items/{feature}",
        name="feature",
        summary="One feature",
        tag="features",
        handler=items.feature,
        media=queries.FEATURE_MEDIA,
        schema="feature",
        crs_parameters=queries.feature_parameters,
    ),
    Operation(
        path="/collections/{layer}/export",
        name="export",
        summary="All features that match, in one file",
        tag="features",
        handler=items.export,
        media=queries.EXPORT_MEDIA,
        schema="features",
        crs_parameters=queries.export_parameters,
    ),
)

_DEFINITION_MEDIA = (OPENAPI, HTML)
_DEFINITION_PARAMETERS = (parameters.f(_DEFINITION_MEDIA), parameters.lang())


async def definition(request: Request) -> Response:
    """`/ogc/api`: the definition (part 1, 7.3), or the page to read and try it on."""
    read(request, parameters.indexed(*_DEFINITION_PARAMETERS))
    media = negotiate(request, _DEFINITION_MEDIA)
    depends_on(request)
    served = services(request)
    made = Definition(
        operations=OPERATIONS,
        layers=tuple(served.catalogue.values()),
        listed=served.crs,
        province=served.province,
        origin=origin(request),
        lang=language(request),
    )
    return await respond(request, media, "api.html", made.document)


OPERATIONS: tuple[Operation, ...] = (
    *catalogue.OPERATIONS,
    *metadata.OPERATIONS,
    Operation(
        path="/api",
        name="definition",
        summary="The definition of the API",
        tag="capabilities",
        handler=definition,
        media=_DEFINITION_MEDIA,
        schema="openapi",
        parameters=lambda _: _DEFINITION_PARAMETERS,
    ),
    *schemas.OPERATIONS,
    *FEATURES,
    *counts.OPERATIONS,
    *editing.OPERATIONS,
    *history.OPERATIONS,
    *tiles.OPERATIONS,
    *styles.OPERATIONS,
    *analysis.OPERATIONS,
    *rasters.OPERATIONS,
)
"""Every operation below `/ogc`."""
