"""`/api/hotspots`: where it is hot now and where it is getting worse, from the newest results."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.negotiation import JSON
from api.ogc.operations import read
from api.services import Services, depends_on, services
from layers.layer import Layer
from layers.roles import ANYONE
from layers.rows import table_name
from spatial.sql import bind, sql

LISTED = 8
"""Places of a list, the hottest first."""
WORSE = ("hot_new", "hot_consecutive", "hot_intensifying")
"""The classes of places that have become hot or hotter."""
HOT = ("hot_99", "hot_95", "hot_90")
SHOWN = {"hotspots": HOT, "emerging_hotspots": WORSE}


async def hotspots(request: Request) -> Response:
    """`/api/hotspots`: for each of the layers its newest result, if there is one, with places."""
    read(request, {})
    served = services(request)
    depends_on(request, *SHOWN)
    found = [
        await _newest(served, served.catalogue[name], classes)
        for name, classes in SHOWN.items()
        if name in served.catalogue
    ]
    body = {"results": [one for one in found if one is not None]}
    return Response(orjson.dumps(body), media_type=JSON.type)


async def _newest(
    served: Services, layer: Layer, classes: tuple[str, ...]
) -> dict[str, Any] | None:
    """The newest result of a layer and its places of these classes; cells of a place as one."""
    rows = await served.database.fetch(
        sql(
            "SELECT id, title, layer, computed_at, expires FROM dieuhanh.analysis_result"
            " WHERE collection = {} AND audience = 'public' ORDER BY number DESC LIMIT 1",
            bind(layer.id, "text"),
        ),
        ANYONE,
    )
    if not rows:
        return None
    places = await served.database.fetch(
        sql(
            "SELECT name, max(z) AS z, sum(n)::int8 AS n, count(*) AS cells,"
            " (array_agg(id ORDER BY z DESC))[1] AS id, (array_agg(class ORDER BY z DESC))[1]"
            f" AS class, count(*) OVER () AS places FROM {table_name(layer)}"
            f" WHERE current AND class = ANY ({{}}) GROUP BY name ORDER BY z DESC LIMIT {LISTED}",
            bind(list(classes), "text[]"),
        ),
        ANYONE,
    )
    codes = layer.column("class").codes
    source = served.catalogue.get(rows[0]["layer"])
    return {
        "collection": layer.id,
        "id": str(rows[0]["id"]),
        "title": rows[0]["title"],
        "layer": None if source is None else {"vi": source.title.vi, "en": source.title.en},
        "computed_at": rows[0]["computed_at"],
        "places": places[0]["places"] if places else 0,
        "listed": [
            {
                "name": one["name"],
                "feature": f"{layer.id}/{one['id']}",
                "class": one["class"],
                "class_title": None
                if codes is None
                else {name: codes.title_of(one["class"], name) for name in ("vi", "en")},
                "z": one["z"],
                "n": one["n"],
                "cells": one["cells"],
            }
            for one in places
        ],
    }


ROUTES = [Route("/api/hotspots", hotspots)]
