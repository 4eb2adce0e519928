"""`/api/sos.atom`: the requests for help as everybody may see them, as Atom with GeoRSS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.feeds import atom
from api.ogc import datasets, parameters
from api.ogc.operations import Parameter, read, shorten
from api.present import Unit
from api.problems import Problem
from api.services import depends_on, origin, services
from layers.layer import CodeList
from layers.places import UNITS
from layers.rescue.requests import CATEGORY, PRIORITY, SOS_REQUESTS, STATE

DEFAULT_REQUESTS = 100
MAXIMUM_REQUESTS = 1000

# Asked as the public, whoever reads the feed: it is made to be passed on.
_SELECT = """
SELECT id::text, code, category, priority, state, people, commune_code, district_code,
  reported_at, updated_at, ST_Y(geom) AS lat, ST_X(geom) AS lon
FROM layer.sos_requests
WHERE ($1::text[] IS NULL OR state = ANY ($1)) AND ($2::text[] IS NULL OR category = ANY ($2))
  AND ($3::text IS NULL OR district_code = $3)
ORDER BY reported_at DESC, id DESC LIMIT $4
"""


def _codes(codes: CodeList, text: str) -> list[str]:
    values = list(dict.fromkeys(part.strip() for part in text.split(",")))
    if not set(values) <= set(codes.values):
        raise ValueError(f"must be of: {', '.join(codes.values)}, separated by commas")
    return values


def _of(name: str, codes: CodeList, description: str) -> Parameter:
    return Parameter(
        name,
        description,
        {"type": "array", "items": {"type": "string", "enum": list(codes.values)}},
        lambda text: _codes(codes, text),
    )


_FEED: Mapping[str, Parameter] = parameters.indexed(
    _of("state", STATE, "Only requests in one of these states."),
    _of("category", CATEGORY, "Only requests of one of these kinds."),
    Parameter(
        "district",
        "Only requests in the district of this code.",
        {"type": "string"},
        parameters.no_nul(str),
    ),
    Parameter(
        "limit",
        "Requests at most, the newest first.",
        {
            "type": "integer",
            "minimum": 1,
            "maximum": MAXIMUM_REQUESTS,
            "default": DEFAULT_REQUESTS,
        },
        lambda text: min(parameters.whole(text, 1, None), MAXIMUM_REQUESTS),
    ),
)


async def requests_feed(request: Request) -> Response:
    """`GET /api/sos.atom`: the newest requests, with their public columns and coarse positions.

    Raises:
        Problem: 400 for a parameter that breaks its rule.
    """
    values = read(request, _FEED)
    served = services(request)
    depends_on(request, SOS_REQUESTS.id, UNITS)
    names = await datasets.units(served)
    district = values.get("district")
    if district is not None and (district not in names or names[district].level != "district"):
        raise Problem(400, f"district={shorten(district)!r}: there is no district of this code.")
    limit = values.get("limit", DEFAULT_REQUESTS)
    rows = await served.database.fetch_text(
        _SELECT, [values.get("state"), values.get("category"), district, limit]
    )
    here = origin(request)
    return atom.feed(
        request, "Yêu cầu cứu trợ SOS / SOS requests", (_entry(here, row, names) for row in rows)
    )


def _entry(here: str, row: Any, names: Mapping[str, Unit]) -> atom.Entry:
    kind, priority, state = (
        codes.title_of(row[name], "vi")
        for name, codes in (("category", CATEGORY), ("priority", PRIORITY), ("state", STATE))
    )
    places = [names[code].name for code in (row["commune_code"], row["district_code"])
              if code in names]  # fmt: skip
    people = [] if row["people"] is None else [f"{row['people']} người"]
    address = f"{here}/ogc/collections/{SOS_REQUESTS.id}/items/{row['id']}"
    return atom.Entry(
        id=f"urn:uuid:{row['id']}",
        title=f"{row['code']} · {kind} · {priority} · {state}",
        updated=row["updated_at"],
        published=row["reported_at"],
        summary=" · ".join([*people, *places]) or kind,
        links=(
            atom.Link("alternate", f"{address}?f=html", "text/html"),
            atom.Link("related", f"{address}?f=json", "application/geo+json"),
        ),
        categories=tuple(
            (f"{here}/ogc/collections/{SOS_REQUESTS.id}/schema#{name}", row[name])
            for name in ("category", "priority", "state")
        ),
        shapes=(("point", f"{row['lat']:.{_DECIMALS}f} {row['lon']:.{_DECIMALS}f}"),),
    )


_DECIMALS = SOS_REQUESTS.public_decimals or 7
