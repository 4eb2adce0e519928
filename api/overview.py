"""The day's figures for leadership: `/api/figures`, `/api/figures/areas` and their outlines.

The first two are a function of the layers' data and the minute, so an answer is kept, and its ETag
holds, as long as neither moves on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.callers import caller_of
from api.negotiation import JSON
from api.ogc import datasets, parameters
from api.ogc.operations import Parameter, read
from api.outlines import outlines
from api.paths import rings
from api.services import Services, depends_on, services
from api.sight import TOLERANCE_M, mercator, path_of
from layers import figures, overview
from layers.feed import MINUTE
from layers.figures import Breakdown, Figure, Moment, Series
from layers.layer import Audience, Layer, Text
from layers.places import UNITS
from layers.roles import Caller

DEFAULT_DAYS = 30
CLASSES = 5
"""Classes of a map at most; more shades cannot be told apart."""
RATE_KM2 = 100
"""Square kilometres that a rate is for: the units come without their population."""

_FIGURES = parameters.indexed(
    Parameter(
        "days",
        "Days of the daily series, today among them.",
        {"type": "integer", "minimum": 1, "maximum": figures.MAXIMUM_DAYS},
        lambda text: parameters.whole(text, 1, figures.MAXIMUM_DAYS),
    )
)
_AREAS = parameters.indexed(
    Parameter(
        "level",
        "`district` (2021) or `commune` (2025).",
        {"type": "string", "enum": list(figures.LEVELS)},
        parameters.one_of(list(figures.LEVELS)),
    )
)


def current_moment(served: Services) -> Moment:
    """The minute that figures are made for now."""
    minute = served.feed.version(MINUTE)
    return Moment(datetime.fromtimestamp(minute * 60, UTC), served.province.time_zone)


def _served(served: Services, caller: Caller, mapped: bool = False) -> list[Figure]:
    """The figures of layers that are served, which the caller may have."""
    return [
        figure
        for figure in overview.FIGURES
        if served.catalogue.get(figure.layer.id) is figure.layer
        and figure.audience <= caller.audience
        and (figure.mapped or not mapped)
    ]


def layers_of(served: Services, caller: Caller) -> tuple[Layer, ...]:
    """The layers that a caller's figures are made from, in order."""
    return tuple(figures.by_layer(_served(served, caller)))


def depend(request: Request, served: Services, caller: Caller, *others: str) -> None:
    """Say that an answer holds as long as neither the caller's figures nor the minute move on."""
    names = (layer.id for layer in layers_of(served, caller))
    depends_on(request, *dict.fromkeys((*names, *others)), MINUTE)


async def day_figures(request: Request) -> Response:
    """`/api/figures`: the day's numbers, what they were before, breakdowns and daily series.

    Raises:
        Problem: 400 for a parameter that breaks its rule.
    """
    days = read(request, _FIGURES).get("days", DEFAULT_DAYS)
    served, caller = services(request), caller_of(request)
    depend(request, served, caller)
    data = await day_data(served, caller, current_moment(served), days)
    return Response(orjson.dumps(data), media_type=JSON.type)


async def day_data(served: Services, caller: Caller, moment: Moment, days: int) -> dict[str, Any]:
    """What `/api/figures` answers to a caller."""
    groups = figures.by_layer(_served(served, caller))
    values: dict[str, Any] = {}
    for group in groups.values():
        (row,) = await served.database.fetch(figures.today_sql(group, moment), caller)
        values.update(row)
        values.update(await _yesterday(served, group, moment))
    found = await datasets.datasets(served)
    return {
        **_head(served, caller, moment, any(found[layer.id].synthetic for layer in groups)),
        "themes": [
            {"id": theme.id, "title": _text(theme.title)}
            for theme in dict.fromkeys(one.theme for group in groups.values() for one in group)
        ],
        "figures": [
            _figure(figure, values, caller.audience)
            for group in groups.values()
            for figure in group
        ],
        "breakdowns": [
            await _breakdown(served, caller, one)
            for one in overview.BREAKDOWNS
            if one.layer in groups and _may(caller, one.layer, one.column)
        ],
        "series": [
            await _series(served, caller, one, moment, days)
            for one in overview.SERIES
            if one.layer in groups and _may(caller, one.layer, one.column)
        ],
    }


async def _yesterday(
    served: Services, group: Sequence[Figure], moment: Moment
) -> Mapping[str, Any]:
    """What the figures of a layer were at the end of yesterday; nothing where it is not known.

    The group has only figures that the caller may have, so the server itself may read them.
    """
    recalled = [figure for figure in group if figure.recalled]
    if not recalled:
        return {}
    text, values = figures.yesterday_sql(recalled, moment).render()
    return await served.database.call(text, *values) or {}


def _may(caller: Caller, layer: Layer, column: str) -> bool:
    return figures.audience_of(layer, (column,)) <= caller.audience


def _head(served: Services, caller: Caller, moment: Moment, synthetic: bool) -> dict[str, Any]:
    return {
        "asOf": moment.at.isoformat().replace("+00:00", "Z"),
        "day": moment.day.isoformat(),
        "timeZone": str(moment.zone),
        "province": {"name": _text(served.province.name), "bbox": list(served.province.bbox)},
        "synthetic": synthetic,
        "audience": caller.audience.name.lower(),
        "fewest": figures.FEWEST,
    }


def _figure(figure: Figure, values: Mapping[str, Any], audience: Audience) -> dict[str, Any]:
    value, before = values[figure.id], values.get(f"{figure.id}:before")
    return {
        "id": figure.id,
        "theme": figure.theme.id,
        "layer": figure.layer.id,
        "title": _text(figure.title),
        "unit": figure.unit,
        "value": figure.shown(value, audience),
        "suppressed": figure.is_small(value, audience),
        "before": figure.shown(before, audience),
        "compared": None if figure.compared is None else _text(figure.compared),
        "better": figure.better,
        "whole": figure.whole,
        "mapped": figure.mapped,
    }


async def _breakdown(served: Services, caller: Caller, one: Breakdown) -> dict[str, Any]:
    counted = dict(await served.database.fetch(one.query(), caller))
    codes = one.layer.column(one.column).codes
    titles = {} if codes is None else {code.value: code.title for code in codes.codes}
    return {
        "id": one.id,
        "theme": one.layer.theme.id,
        "title": _text(one.title),
        "items": [
            {
                "code": code,
                "title": _text(titles.get(code, Text(code, code))),
                "value": counted.get(code, 0),
            }
            for code in one.codes
        ],
    }


async def _series(
    served: Services, caller: Caller, one: Series, moment: Moment, days: int
) -> dict[str, Any]:
    rows = await served.database.fetch(one.query(moment, days), caller)
    return {
        "id": one.id,
        "theme": one.layer.theme.id,
        "title": _text(one.title),
        "days": [row["day"].isoformat() for row in rows],
        "values": [row["value"] for row in rows],
    }


async def area_figures(request: Request) -> Response:
    """`/api/figures/areas`: the figures that add up, for each unit of a level.

    Raises:
        Problem: 400 for a parameter that breaks its rule.
    """
    level: figures.Level = read(request, _AREAS).get("level", "district")
    served, caller = services(request), caller_of(request)
    depend(request, served, caller, UNITS)
    data = await area_data(served, caller, current_moment(served), level)
    return Response(orjson.dumps(data), media_type=JSON.type)


async def area_data(
    served: Services, caller: Caller, moment: Moment, level: figures.Level
) -> dict[str, Any]:
    """What `/api/figures/areas` answers to a caller."""
    layer = served.catalogue.get(UNITS)
    units = () if layer is None else await served.database.fetch(figures.units_sql(layer, level))
    groups = figures.by_layer(_served(served, caller, mapped=True))
    counted: dict[str, dict[str, Any]] = {}
    for group in groups.values():
        for row in await served.database.fetch(figures.areas_sql(group, moment, level), caller):
            counted.setdefault(row["code"], {}).update(row)
    found = await datasets.datasets(served)
    shown = [figure for group in groups.values() for figure in group]
    areas = [_area(unit, counted.get(unit["code"], {}), shown, caller.audience) for unit in units]
    return {
        **_head(served, caller, moment, any(found[layer.id].synthetic for layer in groups)),
        "level": level,
        "rateKm2": RATE_KM2,
        "measures": [
            {
                "id": figure.id,
                "theme": figure.theme.id,
                "title": _text(figure.title),
                "unit": figure.unit,
                "classes": {
                    kind: limits([area[kind].get(figure.id) for area in areas])
                    for kind in ("values", "rates")
                },
            }
            for figure in shown
        ],
        "areas": areas,
    }


def _area(
    unit: Mapping[str, Any], counted: Mapping[str, Any], shown: Sequence[Figure], who: Audience
) -> dict[str, Any]:
    values = {figure.id: figure.shown(counted.get(figure.id, 0), who) for figure in shown}
    area = unit["area_km2"]
    return {
        "code": unit["code"],
        "name": unit["name"],
        "areaKm2": None if area is None else round(area, 2),
        "values": values,
        "rates": {
            name: None if value is None or not area else round(value / area * RATE_KM2, 2)
            for name, value in values.items()
        },
        "suppressed": [
            figure.id for figure in shown if figure.is_small(counted.get(figure.id, 0), who)
        ],
    }


def limits(values: Iterable[float | None]) -> list[float]:
    """The limits of a map's classes: the lower limit of each, and the largest value.

    Classes are quantiles of what is above 0, so that each shade colours about as many units; 0
    and what is not told are classes of their own. Equal limits are one.

    Args:
        values: of all units of a level.

    Returns:
        Nothing where no unit has anything; else two numbers or more, ascending.
    """
    told = sorted(value for value in values if value)
    if not told:
        return []
    if len(told) == 1:
        return [told[0], told[0]]
    inner = quantiles(told, n=CLASSES, method="inclusive")
    if all(isinstance(value, int) for value in told):
        inner = [float(-(-limit // 1)) for limit in inner]
    lower = sorted({told[0], *(round(limit, 2) for limit in inner if limit <= told[-1])})
    return [*(int(limit) if limit == int(limit) else limit for limit in lower), told[-1]]


def _text(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}


async def area_outlines(request: Request) -> Response:
    """`/api/figures/outlines`: the units of a level as paths of SVG, for a picture of few bytes.

    `width` and `height` are of the province's box in the map's projection, in units of 100 m.

    Raises:
        Problem: 400 for a parameter that breaks its rule.
    """
    level: figures.Level = read(request, _AREAS).get("level", "district")
    served = services(request)
    depends_on(request, UNITS)
    west, south, east, north = served.province.bbox
    corner, far = mercator(west, north), mercator(east, south)
    units = await outlines(served, level, 3857, TOLERANCE_M)
    body = {
        "level": level,
        "width": round(far[0] - corner[0]),
        "height": round(far[1] - corner[1]),
        "areas": [
            {
                "code": unit["code"],
                "path": "".join(path_of(ring, corner) for ring in rings(unit["path"])),
            }
            for unit in units
        ],
    }
    return Response(orjson.dumps(body), media_type=JSON.type)


ROUTES = [
    Route("/api/figures", day_figures),
    Route("/api/figures/areas", area_figures),
    Route("/api/figures/outlines", area_outlines),
]
