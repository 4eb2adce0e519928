"""The process of flows between units; the database counts them and leaves out those of few."""

from __future__ import annotations

from typing import Any

import orjson
import psycopg2
import psycopg2.errors
import shapely
from pyproj import Transformer

from layers.analysis.inputs import FlowInputs
from layers.analysis.reading import Reader
from layers.analysis.results import Progress, Result, features
from spatial.errors import BadInput
from spatial.sql import bind, sql

_FLOWS = "SELECT dieuhanh.check_in_flows({}, {}, {}, {}, {})"
_DECIMALS = 5


def flows(inputs: FlowInputs, reader: Reader, told: dict[str, Any], step: Progress) -> Result:
    """A line from each unit to each other one, with the steps and the persons who made them.

    A step is made by who checks in at a site of one unit and next at a site of another one, both
    in the window. The function reads the check-ins, so that the analysis never does.

    Raises:
        BadInput: the caller may not, or check-ins of a day of the window have been removed.
    """
    query = sql(
        _FLOWS,
        bind(inputs.first, "date"),
        bind(inputs.last, "date"),
        bind(reader.province.time_zone.key, "text"),
        bind(inputs.by, "text"),
        bind(inputs.fewest, "int4"),
    )
    try:
        ((found,),) = reader.rows(query)
    except psycopg2.errors.InsufficientPrivilege:
        raise BadInput(
            "flows between units are for staff: sign in",
            "luồng đi lại chỉ dành cho cán bộ: hãy đăng nhập",
        ) from None
    except psycopg2.Error as error:
        if not str(error.pgcode).startswith("DH"):
            raise
        vi, _, en = str(error.diag.message_primary).partition(" / ")
        raise BadInput(en or vi, vi) from None
    step(0.6)
    places, names = _places(reader, inputs.by)
    rows = [one for one in found["flows"] if one["from"] in places and one["to"] in places]
    columns = {
        "from": [one["from"] for one in rows],
        "from_name": [names[one["from"]] for one in rows],
        "to": [one["to"] for one in rows],
        "to_name": [names[one["to"]] for one in rows],
        "n": [one["n"] for one in rows],
        "persons": [one["persons"] for one in rows],
    }
    return features(
        [f"{one['from']}-{one['to']}" for one in rows],
        [_line(places[one["from"]], places[one["to"]]) for one in rows],
        columns,
        summary={
            "n": sum(one["n"] for one in rows),
            "flows": len(rows),
            "left_out": found["left_out"],
            "left_out_n": found["left_out_n"],
        },
        provenance=told,
    )


def _places(reader: Reader, level: str) -> tuple[dict[str, list[float]], dict[str, str]]:
    """For each unit a point inside it, in degrees, and its name."""
    units = reader.units(level)
    inside = shapely.get_coordinates(shapely.point_on_surface(units.shapes))
    to_degrees = Transformer.from_crs(reader.province.metric_srid, 4326, always_xy=True)
    longitude, latitude = to_degrees.transform(inside[:, 0], inside[:, 1])
    points = zip(longitude.round(_DECIMALS), latitude.round(_DECIMALS), strict=True)
    return (
        {code: [float(x), float(y)] for code, (x, y) in zip(units.codes, points, strict=True)},
        dict(zip(units.codes, units.names, strict=True)),
    )


def _line(start: list[float], end: list[float]) -> str:
    return orjson.dumps({"type": "LineString", "coordinates": [start, end]}).decode()
