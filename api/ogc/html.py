"""The HTML pages of OGC API: what a person sees at the addresses that programs read.

Templates, by their names in `page`: landing, conformance, api, collections, collection,
queryables, schema, sortables, items, feature, tilesets, tileset, tile_matrix_sets,
tile_matrix_set, styles, style, style_metadata, processes, process, jobs, job; and problem.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.negotiation import HTML, JSON, negotiate
from api.ogc import datasets, forms
from api.ogc.examples import examples
from api.ogc.view import View, view
from api.problems import Problem
from api.services import depends_on, origin, services
from layers.layer import Layer
from layers.pages import COUNT_LIMIT
from layers.places import UNITS
from layers.query import Query
from layers.rows import property_columns
from spatial.crs import CRS84

if TYPE_CHECKING:  # items calls the pages of this module
    from api.ogc.items import Page


async def page(request: Request, template: str, *, data: Any, **context: Any) -> Response:
    """An HTML page made from the object that the same address gives as JSON.

    Args:
        request: its path parameter `layer` or `style` gives the template the record `layer`.
        template: a file of `api/templates`.
        data: the JSON object.
        context: further values for the template.
    """
    shown = view(request)
    named = request.path_params.get("layer") or request.path_params.get("style")
    layer = services(request).layer(str(named))
    add = _ADDED.get(template)
    if add is not None:
        context |= await add(request, data, layer)
    return shown.render(template, **{"data": data, "layer": layer, **context})


async def _landing(request: Request, data: Any, layer: Layer | None) -> dict[str, Any]:
    found = await datasets.datasets(services(request))
    depends_on(request, *services(request).catalogue)
    return {"themes": services(request).catalogue.themes(), "datasets": found}


async def _collections(request: Request, data: Any, layer: Layer | None) -> dict[str, Any]:
    return {"catalogue": services(request).catalogue}


async def _collection(request: Request, data: Any, layer: Layer | None) -> dict[str, Any]:
    assert layer is not None
    served = services(request)
    return {
        "steward": served.province.department(layer.steward),
        "examples": examples(layer, served.province, origin(request)),
        "listed_crs": served.crs,
        "columns": layer.readable(),
    }


async def _conformance(request: Request, data: Any, layer: Layer | None) -> dict[str, Any]:
    standards: dict[str, list[tuple[str, str]]] = {}
    for uri in data["conformsTo"]:
        standard, _, name = uri.partition("/conf/")
        standards.setdefault(standard.rpartition("/spec/")[2], []).append((name, uri))
    return {"standards": standards}


_ADDED: Mapping[str, Callable[[Request, Any, Layer | None], Awaitable[dict[str, Any]]]] = {
    "landing.html": _landing,
    "collections.html": _collections,
    "collection.html": _collection,
    "conformance.html": _conformance,
}


async def items_page(request: Request, query: Query, page: Page) -> Response:
    """A page of features: a map, a form to narrow them, a table to sort and page through."""
    layer = query.layer
    depends_on(request, *dict.fromkeys((layer.id, UNITS)))
    units = await datasets.units(services(request))
    shown = view(request, units)
    features = [orjson.loads(text) for text in page.features]
    written = property_columns(layer, query.audience, query.properties)
    return shown.render(
        "items.html",
        layer=layer,
        columns=forms.headings(request, layer, written),
        rows=[_row(shown, layer, written, feature) for feature in features],
        form=forms.filter_form(request, layer, shown.presenter),
        conditions=forms.other_conditions(request, layer, shown),
        matched=page.matched,
        over=COUNT_LIMIT if query.is_filtered and query.after is None else None,
        following=forms.address(request, ("cursor", "offset"), cursor=page.next_cursor)
        if page.next_cursor
        else None,
        beginning=forms.address(request, ("cursor", "offset"))
        if query.after is not None or query.offset
        else None,
        map_address=forms.map_address(request),
        formats=forms.formats(request),
        sorted_by=query.sort,
    )


def _row(
    shown: View, layer: Layer, written: tuple[Any, ...], feature: Mapping[str, Any]
) -> dict[str, Any]:
    properties = feature["properties"] or {}
    cells = {
        column.name: shown.presenter.cell(layer, column, properties.get(column.name))
        for column in written
    }
    return {"href": shown.feature_href(layer, feature["id"]), "id": feature["id"], "cells": cells}


async def feature_page(request: Request, query: Query, feature_text: str) -> Response:
    """One feature: where it is, and every field by its title."""
    layer = query.layer
    depends_on(request, *dict.fromkeys((layer.id, UNITS)))
    shown = view(request, await datasets.units(services(request)))
    feature = orjson.loads(feature_text)
    properties = feature["properties"] or {}
    written = property_columns(layer, query.audience, query.properties)
    title = properties.get(layer.title_column) or feature["id"]
    shown = replace(shown, last_crumb=str(title))
    return shown.render(
        "feature.html",
        layer=layer,
        feature=feature,
        feature_title=title,
        fields=[
            (column, shown.presenter.cell(layer, column, properties.get(column.name)))
            for column in written
        ],
        crs=query.crs,
        in_degrees=query.crs == CRS84,
        map_address=forms.map_address(request),
    )


def problem_page(request: Request, problem: Problem) -> Response:
    """A problem as a page for a person; needs no database."""
    shown = view(request)
    broken = problems.broken_rule(problem)
    if broken is not None:
        detail = problem.detail.replace(broken.en, broken.in_language(shown.language))
        detail_language = shown.language
    else:
        detail, detail_language = problem.detail, "en"
    return shown.render(
        "problem.html",
        status_code=problem.status,
        headers={"Cache-Control": "no-store", **problem.headers},
        status=problem.status,
        detail=detail,
        detail_language=detail_language,
    )


async def answer(request: Request, error: Exception) -> Response:
    """Exception handler: problem details for programs, a page for a browser."""
    problem = problems.as_problem(error)
    return problem_page(request, problem) if _wants_html(request) else problems.response(problem)


def _wants_html(request: Request) -> bool:
    if "f" in request.query_params:
        return request.query_params["f"] == HTML.f
    try:
        return negotiate(request, (JSON, HTML)) is HTML
    except Problem:
        return False
