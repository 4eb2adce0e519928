"""`/api/directives`: finding directives, one with its files, and which apply at a place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.directives import files
from api.negotiation import JSON
from api.ogc import datasets, parameters
from api.ogc.operations import Parameter, read, shorten
from api.problems import Problem
from api.services import services
from layers.documents import files as stored
from layers.documents.directives import DIRECTIVES, FIELD, KIND, SCOPE, STATE
from layers.documents.finding import MARKS, Wanted, choices_sql, found_sql
from layers.layer import CodeList
from spatial.bbox import parse_bbox
from spatial.temporal import Interval, parse_datetime

DEFAULT = 20
MOST = 100
MOST_OFFSET = 100_000
LONGEST_QUERY = 200


def words(text: str) -> str:
    """The words of a search.

    Raises:
        ValueError: there is none, or they are too long.
    """
    found = " ".join(text.split())
    if not any(letter.isalnum() for letter in found):
        raise ValueError("must hold at least one letter or digit")
    if len(found) > LONGEST_QUERY:
        raise ValueError(f"must hold at most {LONGEST_QUERY} characters")
    return found


def codes(name: str, known: CodeList, description: str) -> Parameter:
    """A parameter of one or several codes, by commas."""

    def parse(text: str) -> tuple[str, ...]:
        values = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
        if not set(values) <= set(known.values):
            raise ValueError(f"must be of: {', '.join(known.values)}, separated by commas")
        return values

    schema = {"type": "array", "items": {"type": "string", "enum": list(known.values)}}
    return Parameter(name, description, schema, parse, shared=False)


def _number(name: str, description: str, lowest: int, highest: int) -> Parameter:
    return Parameter(
        name,
        description,
        {"type": "integer", "minimum": lowest, "maximum": highest},
        lambda text: parameters.whole(text, lowest, highest),
        shared=False,
    )


def _degree(name: str, most: int) -> Parameter:
    def parse(text: str) -> float:
        value = float(text)
        if not -most <= value <= most:
            raise ValueError(f"must be degrees between -{most} and {most}")
        return value

    return Parameter(name, "Degrees of WGS 84.", {"type": "number"}, parse, shared=False)


def _instant(text: str) -> datetime:
    found: Interval = parse_datetime(text)
    if found.start is None or found.start != found.end:
        raise ValueError("must be one moment, e.g. 2021-08-15T14:00:00+07:00")
    return found.start


_WHEN = Parameter(
    "datetime", "The moment that states are of; now if not given.", {"type": "string"}, _instant
)
_LIST = parameters.indexed(
    Parameter("q", "Words to find.", {"type": "string"}, parameters.no_nul(words), shared=False),
    codes("kind", KIND, "Only documents of these kinds."),
    codes("field", FIELD, "Only documents of these fields."),
    codes("state", STATE, "Only documents in one of these states."),
    Parameter("issuer", "Only of this issuer.", {"type": "string"}, parameters.no_nul(str)),
    _number("year", "Only issued in this year.", 1, 9999),
    Parameter("bbox", "Only where the area touches the box.", {"type": "string"}, parse_bbox),
    _WHEN,
    _number("limit", "Documents at most.", 1, MOST),
    _number("offset", "Documents to skip.", 0, MOST_OFFSET),
)
_AT = parameters.indexed(_degree("lon", 180), _degree("lat", 90), _WHEN)
_ONE = parameters.indexed(_WHEN)
_NO_STORE = {"Cache-Control": "no-cache"}


def _now(values: Mapping[str, Any]) -> datetime:
    found: datetime = values.get("datetime") or datetime.now(UTC)
    return found


def _answer(body: Any) -> Response:
    # Time alone changes what is in force, so nobody keeps these.
    return Response(orjson.dumps(body), headers=_NO_STORE, media_type=JSON.type)


async def listed(request: Request) -> Response:
    """`GET /api/directives`: those that match, the best or the newest first."""
    values = read(request, _LIST)
    wanted = Wanted(
        _now(values),
        words=values.get("q", ""),
        kinds=values.get("kind", ()),
        fields=values.get("field", ()),
        states=values.get("state", ()),
        issuer=values.get("issuer", ""),
        year=values.get("year"),
        bbox=values.get("bbox"),
        limit=values.get("limit", DEFAULT),
        offset=values.get("offset", 0),
    )
    found = await _found(request, wanted)
    return _answer(found)


async def at(request: Request) -> Response:
    """`GET /api/directives/at`: those in force at a place, the smallest area first."""
    values = read(request, _AT)
    if not {"lon", "lat"} <= values.keys():
        raise Problem(400, "Both lon and lat are needed.")
    wanted = Wanted(
        _now(values),
        states=("in_force",),
        point=(values["lon"], values["lat"]),
        limit=MOST,
    )
    return _answer(await _found(request, wanted))


async def one(request: Request) -> Response:
    """`GET /api/directives/{id}`: a directive with its units, files, and what replaces it."""
    values = read(request, _ONE)
    named = request.path_params["directive"]
    caller, database = caller_of(request), services(request).database
    row = None
    if named <= files.MOST_BIGINT:
        wanted = Wanted(_now(values), ids=(named,), limit=1)
        rows = await database.fetch(found_sql(wanted, caller.role), caller)
        row = rows[0] if rows else None
    if row is None:
        raise Problem(404, f"There is no directive {shorten(str(named))}.")
    own = await stored.listed(database, [named], caller)
    relations = await database.fetch_text(
        "SELECT relation, id, number, title FROM dieuhanh.directive_relations($1)",
        [[named]],
        caller,
    )
    units = await datasets.units(services(request))
    return _answer(
        {
            **members(row),
            "summary": row["summary"],
            "units": [
                {"code": code, "name": units[code].name}
                for code in (row["unit_codes"] or "").split(",")
                if code in units
            ],
            "picture": f"/api/directives/{named}/area.svg",
            "files": [files.told(file) for file in own.get(named, [])],
            "relations": [dict(relation) for relation in relations],
            "item": f"/ogc/collections/{DIRECTIVES.id}/items/{named}",
        }
    )


async def choices(request: Request) -> Response:
    """`GET /api/directives/choices`: kinds, fields, states, scopes, issuers and years there are."""
    read(request, {})
    served = services(request)
    rows = await served.database.fetch(choices_sql())
    issuers: dict[str, int] = {}
    years: dict[int, int] = {}
    for issuer, year, number in rows:
        issuers[issuer] = issuers.get(issuer, 0) + number
        years[year] = years.get(year, 0) + number
    units = await datasets.units(served)
    return _answer(
        {
            **{
                name: [
                    {"value": code.value, "vi": code.title.vi, "en": code.title.en}
                    for code in known.codes
                ]
                for name, known in
                (("kinds", KIND), ("fields", FIELD), ("states", STATE), ("scopes", SCOPE))
            },
            "issuers": [{"name": name, "number": n} for name, n in sorted(issuers.items())],
            "years": [{"year": y, "number": n} for y, n in sorted(years.items(), reverse=True)],
            "units": [
                {"code": unit.code, "name": unit.name, "level": unit.level}
                for unit in units.values()
                if unit.level != "province"
            ],
            "timeZone": str(served.province.time_zone),
            "file": {
                "mb": served.settings.directive_mb,
                "pages": served.settings.directive_pages,
                "most": served.settings.directive_files,
            },
        }
    )  # fmt: skip


async def _found(request: Request, wanted: Wanted) -> dict[str, Any]:
    caller, database = caller_of(request), services(request).database
    rows = await database.fetch(found_sql(wanted, caller.role), caller)
    return {
        "at": wanted.at.isoformat(timespec="seconds"),
        "matched": rows[0]["matched"] if rows else 0,
        "directives": [members(row) for row in rows],
    }


def members(row: Any) -> dict[str, Any]:
    """A directive as the lists tell it."""
    found = {
        "id": row["id"],
        "number": row["number"],
        "kind": row["kind"],
        "title": row["title"],
        "issuedOn": row["issued_on"],
        "issuer": row["issuer"],
        "field": row["field"],
        "validFrom": row["valid_from"],
        "validUntil": row["valid_until"],
        "endsAt": row["ends_at"],
        "state": row["state"],
        "replacedBy": row["replaced_by"],
        "scope": row["scope"],
        "audience": row["audience"],
        "fileCount": row["files"],
        "updatedAt": row["updated_at"],
    }
    if row["excerpt"]:
        found["excerpt"] = {
            "page": row["page"] or None,
            "file": None if row["file_id"] is None else str(row["file_id"]),
            "parts": parts(row["excerpt"]),
        }
    return found


def parts(excerpt: str) -> list[list[Any]]:
    """An excerpt as texts, each with whether it is what was looked for."""
    found: list[list[Any]] = []
    first, *rest = excerpt.split(MARKS[0])
    if first:
        found.append([first, False])
    for part in rest:
        hit, _, after = part.partition(MARKS[1])
        found.append([hit, True])
        if after:
            found.append([after, False])
    return found
