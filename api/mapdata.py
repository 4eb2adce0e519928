"""What the operations map is made from, and its search: `/api/map`, `/api/search`."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.callers import caller_of
from api.negotiation import JSON, language
from api.ogc import datasets, parameters
from api.ogc.operations import Parameter, read
from api.ogc.queries import EXPORT_MEDIA
from api.ogc.styles import style_file
from api.services import Services, depends_on, services
from layers.documents.directives import DIRECTIVES
from layers.documents.finding import mentions_sql
from layers.extent import extent, extents_sql
from layers.layer import Audience, Column, Layer, Record, Text, json_type
from layers.search import MAXIMUM_RESULTS, search_sql

DEFAULT_RESULTS = 10
LEAST_MENTIONED = 3
"""Letters of a text that is looked for inside documents too."""


async def map_data(request: Request) -> Response:
    """`/api/map`: the province, themes and layers, with the columns that the caller reads."""
    read(request, {})
    served = services(request)
    depends_on(request, *served.catalogue)
    found = await datasets.datasets(served)
    timed = [layer for layer in served.catalogue.values() if layer.time_columns]
    rows = await served.database.fetch(extents_sql(timed)) if timed else ()
    times = {row[0]: extent(row).interval for row in rows}
    province = served.province
    audience = caller_of(request).audience
    basemap = province.base_map
    data = {
        "province": {
            "id": province.id,
            "name": _text(province.name),
            "bbox": list(province.bbox),
            "timeZone": str(province.time_zone),
        },
        "basemap": None
        if basemap is None
        else {"tiles": basemap.tiles, "attribution": basemap.attribution},
        "synthetic": any(dataset.synthetic for dataset in found.values()),
        "formats": [{"f": media.f, "title": media.title} for media in EXPORT_MEDIA],
        "themes": [
            {
                "id": theme.id,
                "title": _text(theme.title),
                "layers": [layer.id for layer in layers],
            }
            for theme, layers in served.catalogue.themes().items()
        ],
        "layers": [
            {
                **_layer(served, layer, found[layer.id], audience),
                "time": _time(layer, times.get(layer.id)),
            }
            for layer in served.catalogue.values()
        ],
    }
    return Response(orjson.dumps(data), media_type=JSON.type)


def _time(layer: Layer, interval: tuple[str | None, str | None] | None) -> dict[str, Any] | None:
    """The columns of the layer's time, what it tells, and the first and last time there is."""
    if not layer.time_columns:
        return None
    first, last = interval or (None, None)
    return {
        "columns": list(layer.time_columns),
        "of": layer.time_of,
        "first": first,
        "last": last,
    }


def _layer(
    served: Services, layer: Layer, dataset: datasets.Dataset, audience: Audience
) -> dict[str, Any]:
    here = f"/ogc/collections/{layer.id}"
    version = served.feed.version(layer.id)
    return {
        "id": layer.id,
        "title": _text(layer.title),
        "description": _text(layer.description),
        "theme": layer.theme.id,
        "geometryType": layer.geometry_type,
        "geometryColumn": layer.geometry_column,
        "titleColumn": layer.title_column,
        "classColumn": layer.class_column,
        "count": dataset.count,
        "shown": layer.shown,
        "minZoom": layer.min_zoom,
        "maxZoom": layer.max_zoom,
        "synthetic": dataset.synthetic,
        "style": None if style_file(layer.id) is None else f"/ogc/styles/{layer.id}",
        # The same with its addresses as the file has them: one request, not one for each layer.
        "drawing": style_file(layer.id),
        # The version makes a new address of each state of the layer: nothing stale is drawn.
        "tiles": f"{here}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=mvt&v={version}",
        "items": f"{here}/items",
        "counts": f"{here}/counts",
        "export": f"{here}/export",
        "page": layer.page,
        "columns": [column_members(layer, column) for column in layer.readable(audience)],
    }


def column_members(record: Record, column: Column) -> dict[str, Any]:
    """A column as the map shows its values."""
    kind, form = json_type(record, column.name)
    codes = column.codes
    return {
        "name": column.name,
        "title": _text(column.title),
        "type": kind,
        "format": form,
        "unit": column.unit,
        "codes": None if codes is None else {code.value: _text(code.title) for code in codes.codes},
    }


def _text(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}


def _words(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise ValueError("must hold at least one letter or digit")
    if len(words) > 100:
        raise ValueError("must hold at most 100 characters")
    return words


_SEARCH = parameters.indexed(
    Parameter("q", "What to look for.", {"type": "string"}, parameters.no_nul(_words)),
    Parameter(
        "limit",
        "Results at most.",
        {"type": "integer"},
        lambda text: min(parameters.whole(text, 1, None), MAXIMUM_RESULTS),
    ),
    parameters.lang(),
)


async def search(request: Request) -> Response:
    """`/api/search`: features and places by name or code, without regard to accents and case."""
    values = read(request, _SEARCH)
    served = services(request)
    layers = tuple(served.catalogue.values())
    depends_on(request, *served.catalogue)
    if "q" not in values:
        return _results([])
    query = search_sql(layers, values["q"], values.get("limit", DEFAULT_RESULTS))
    rows = await served.database.fetch(query)
    lang = language(request)
    units = await datasets.units(served)
    mentions = await _mentions(served, values, {(row["layer"], row["id"]) for row in rows}, lang)

    def place(row: Any) -> str:
        names = [served.catalogue[row["layer"]].title.in_language(lang)]
        for code in (row["commune_code"], row["district_code"], row["parent_code"]):
            if code in units:
                names.append(units[code].name)
                break
        return " · ".join(names)

    return _results(
        [
            {
                "layer": row["layer"],
                "id": _identifier(served.catalogue[row["layer"]], row["id"]),
                "title": row["title"],
                "subtitle": place(row),
                "center": _degrees(row["x"], row["y"]),
                "bbox": _degrees(row["west"], row["south"], row["east"], row["north"]),
            }
            for row in rows
        ]
        + mentions
    )


async def _mentions(
    served: Services, values: dict[str, Any], found: set[tuple[str, str]], lang: str
) -> list[dict[str, Any]]:
    """Directives that hold the words in their texts, after what bears them in its name."""
    room = values.get("limit", DEFAULT_RESULTS) - len(found)
    if DIRECTIVES.id not in served.catalogue or room <= 0 or len(values["q"]) < LEAST_MENTIONED:
        return []
    rows = await served.database.fetch(mentions_sql(values["q"], room))
    return [
        {
            "layer": DIRECTIVES.id,
            "id": _identifier(DIRECTIVES, row["id"]),
            "title": row["number"],
            "subtitle": f"{DIRECTIVES.title.in_language(lang)} · {row['title']}",
            "center": _degrees(row["x"], row["y"]),
            "bbox": _degrees(row["west"], row["south"], row["east"], row["north"]),
        }
        for row in rows
        if (DIRECTIVES.id, row["id"]) not in found
    ]


def _degrees(*numbers: float) -> list[float]:
    return [round(number, 7) for number in numbers]


def _identifier(layer: Layer, text: str) -> str | int:
    return int(text) if json_type(layer, layer.id_column)[0] == "integer" else text


def _results(results: list[dict[str, Any]]) -> Response:
    return Response(orjson.dumps({"results": results}), media_type=JSON.type)


ROUTES = [Route("/api/map", map_data), Route("/api/search", search)]
