"""`/api/layers/{layer}/timeline`: how many features there are on each day, for the time slider."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.negotiation import JSON
from api.ogc import parameters
from api.ogc.operations import Parameter, read
from api.ogc.queries import build_query, collection
from api.problems import Problem
from api.services import depends_on, services
from layers.layer import Audience, Layer
from layers.timeline import STEPS, Step, TooLong, timeline, timeline_sql
from spatial.crs import Crs


def _step() -> Parameter:
    return Parameter(
        "step",
        "What one number stands for, in the province's zone; a week begins on Monday.",
        {"type": "string", "enum": list(STEPS), "default": "day"},
        parameters.one_of(list(STEPS)),
    )


@lru_cache(maxsize=512)
def _parameters(layer: Layer, listed: tuple[Crs, ...]) -> Mapping[str, Parameter]:
    p = parameters
    fixed = (
        _step(),
        p.datetime_(),
        p.filter_(),
        p.filter_lang(),
        p.crs("filter-crs", listed, "The coordinate reference system of the filter's geometries."),
    )
    taken = {parameter.name for parameter in fixed}
    columns = (
        p.queryable(layer, column)
        for column in layer.readable(Audience.PUBLIC)
        if column.name not in taken
    )
    return parameters.indexed(*fixed, *columns)


async def layer_timeline(request: Request) -> Response:
    """The days of a layer's times and the features of each, under the conditions of its tiles.

    It counts what the public may read, as tiles show it, so it is one answer for everybody.

    Raises:
        Problem: 404 for an unknown layer or one without times; 400 for a parameter that breaks
            its rule, or for more days than are told.
    """
    served = services(request)
    layer = collection(request)
    if not layer.time_columns:
        raise Problem(404, f"The layer {layer.id!r} has no times, so it has no timeline.")
    values = read(request, _parameters(layer, served.crs))
    step: Step = values.pop("step", "day")
    query = build_query(layer, values)
    depends_on(request, layer.id)
    zone = served.province.time_zone
    rows = await served.database.fetch(timeline_sql(query, step, zone))
    most = served.settings.timeline_bins
    try:
        found = timeline(rows, query, step, zone, most)
    except TooLong as error:
        raise Problem(
            400,
            f"step={step!r}: the layer's times span {error.bins} of them, at most {most} are told;"
            " ask for a longer step, or for less time by datetime.",
        ) from None
    data = {
        "layer": layer.id,
        "step": step,
        "timeZone": str(zone),
        "days": [day.isoformat() for day in found.days],
        "values": list(found.values),
    }
    return Response(orjson.dumps(data), media_type=JSON.type)


ROUTES = [Route("/api/layers/{layer}/timeline", layer_timeline)]
