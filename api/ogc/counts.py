"""How many features match, and how many of them have each value: for lists of choices.

This is the server's own, beside the standard: the definition describes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.negotiation import JSON, negotiate
from api.ogc import parameters
from api.ogc.links import COLLECTION, link
from api.ogc.operations import Operation, Parameter
from api.ogc.queries import collection, compiled_filter, query_parameters, read_query
from api.services import depends_on, origin, services
from layers.layer import Audience, Layer, sql_type
from layers.query import Query
from layers.value_counts import value_counts_sql
from spatial.cql2 import parse_filter, without
from spatial.crs import Crs
from spatial.errors import BadInput

MAXIMUM_COLUMNS = 12
MAXIMUM_VALUES = 1000
DEFAULT_VALUES = 100


def _by(layer: Layer, audience: Audience) -> Parameter:
    names = [column.name for column in layer.readable(audience)]

    def parse(text: str) -> tuple[str, ...]:
        wished = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        for name in wished:
            if name not in names:
                raise BadInput(
                    f"{name!r} is no property; they are: {', '.join(names)}",
                    f"không có thuộc tính {name!r}; các thuộc tính là: {', '.join(names)}",
                )
        if not 0 < len(wished) <= MAXIMUM_COLUMNS:
            raise BadInput(
                f"must name one to {MAXIMUM_COLUMNS} properties",
                f"phải nêu từ một đến {MAXIMUM_COLUMNS} thuộc tính",
            )
        return wished

    return Parameter(
        "by",
        "The properties whose values are counted, separated by commas; without it only the"
        " features that match are.",
        {
            "type": "array",
            "items": {"type": "string", "enum": names},
            "minItems": 1,
            "maxItems": MAXIMUM_COLUMNS,
        },
        parse,
        shared=False,
        style={"style": "form", "explode": False},
    )


_LIMIT = Parameter(
    "limit",
    "Values of a property at most, the most frequent first.",
    {"type": "integer", "minimum": 1, "maximum": MAXIMUM_VALUES, "default": DEFAULT_VALUES},
    lambda text: parameters.whole(text, 1, MAXIMUM_VALUES),
    shared=False,
)
_OWN = Parameter(
    "own",
    "With `false`, each property's values are counted without the filter's conditions on that"
    " property alone, as a list of choices wants it: how many there would be of the others.",
    {"type": "boolean", "default": True},
    parameters.boolean,
    shared=False,
)
_SHAPING = frozenset({"crs", "properties", "skipGeometry", "sortby"})
"""Parameters of a read that decide how features are written, of which there are none here."""


def counts_parameters(
    layer: Layer, listed: tuple[Crs, ...], audience: Audience = Audience.PUBLIC
) -> tuple[Parameter, ...]:
    """The parameters of `/counts`: what selects features, and what is counted."""
    selecting = query_parameters(layer, listed, audience)
    return (
        parameters.f((JSON,)),
        _by(layer, audience),
        _LIMIT,
        _OWN,
        *(parameter for parameter in selecting if parameter.name not in _SHAPING),
    )


def _apart(query: Query, values: Mapping[str, Any], name: str) -> Query:
    """The query without its conditions on one column alone."""
    equals = tuple(pair for pair in query.equals if pair[0] != name)
    if "filter" not in values:
        return replace(query, equals=equals)
    expression = parse_filter(values["filter"], values.get("filter-lang", "cql2-text"))
    left = without(expression, name)
    condition = None if left is None else compiled_filter(left, query.layer, values, query.audience)
    return replace(query, equals=equals, filter=condition)


async def counts(request: Request) -> Response:
    """`/collections/{layer}/counts`: the number of matches, and of each value of columns."""
    served = services(request)
    layer = collection(request)
    caller = caller_of(request)
    values, query = read_query(
        counts_parameters, layer, served.crs, caller.audience, request.scope["query_string"]
    )
    negotiate(request, (JSON,))
    depends_on(request, layer.id)
    own = values.get("own", True)
    by = {name: query if own else _apart(query, values, name) for name in values.get("by", ())}
    statement = value_counts_sql(query, by, values.get("limit", DEFAULT_VALUES))
    rows = await served.database.fetch(statement, caller)
    here, text = f"{origin(request)}/ogc/collections/{layer.id}", request.url.query
    body = {
        "numberMatched": rows[0]["matched"],
        "counts": [
            _counted(layer, name, [row for row in rows if row["place"] == place])
            for place, name in enumerate(by, 1)
        ],
        "links": [
            link(f"{here}/counts?{text}" if text else f"{here}/counts", "self", JSON),
            link(here, "collection", COLLECTION),
        ],
    }
    return Response(orjson.dumps(body), media_type=JSON.type)


def _counted(layer: Layer, name: str, rows: list[Any]) -> dict[str, Any]:
    """A column's values, and how many features have none of those listed."""
    matched = rows[0]["matched"] if rows else 0
    return {
        "property": name,
        "numberMatched": matched,
        "values": [{"value": _value(layer, name, row["value"]), "count": row["n"]} for row in rows],
        "others": matched - sum(row["n"] for row in rows),
    }


def _value(layer: Layer, name: str, text: str | None) -> Any:
    value = None if text is None else orjson.loads(text)
    if isinstance(value, str) and sql_type(layer, name) == "timestamptz":
        # As features write instants.
        return value.replace("+00:00", "Z")
    return value


OPERATIONS = (
    Operation(
        path="/collections/{layer}/counts",
        name="counts",
        summary="How many features match, and how many have each value of chosen properties",
        tag="features",
        handler=counts,
        media=(JSON,),
        schema="counts",
        crs_parameters=counts_parameters,
    ),
)
