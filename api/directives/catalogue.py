"""The operations of OGC API Records on the catalogue of directives (20-004r1, searchable)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.directives.listing import LONGEST_QUERY, MOST_OFFSET
from api.directives.records import CATALOG, ID, MEDIA, RECORD_MEDIA, catalogue, here, record
from api.negotiation import GEOJSON, HTML, SCHEMA, language, negotiate
from api.ogc import parameters
from api.ogc.answers import own_links, respond
from api.ogc.components import array_of, object_of, ref
from api.ogc.items import now
from api.ogc.links import link
from api.ogc.operations import Operation, Parameter, read, shorten
from api.problems import Problem
from api.services import depends_on, origin, services
from layers.documents import files
from layers.documents.directives import DIRECTIVES
from layers.documents.finding import SORTS, Sort, Wanted, found_sql
from spatial.bbox import parse_bbox

LONGEST_TYPE = 64
MOST_TERMS = 20
SCHEMA_MEDIA = (SCHEMA, HTML)
_SORTABLE = {
    "issued": ("Ngày ban hành", "Date of issue", {"type": "string", "format": "date"}),
    "title": ("Trích yếu", "Title", {"type": "string"}),
    "number": ("Số, ký hiệu", "Number", {"type": "string"}),
    "updated": ("Cập nhật lúc", "Updated", {"type": "string", "format": "date-time"}),
    "type": ("Loại văn bản", "Type", {"type": "string"}),
}
assert _SORTABLE.keys() == SORTS.keys()


def _texts(name: str, description: str, longest: int) -> Parameter:
    """A parameter of texts, by commas."""

    def parse(text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(" ".join(part.split()) for part in text.split(",")))
        if not all(found):
            raise ValueError("must be texts separated by commas, none of them empty")
        if len(found) > MOST_TERMS or any(len(part) > longest for part in found):
            raise ValueError(f"must be at most {MOST_TERMS} texts of {longest} characters")
        return found

    items = {"type": "string", "maxLength": longest}
    return Parameter(
        name,
        description,
        {"type": "array", "items": items},
        parameters.no_nul(parse),
        shared=False,
    )


def _sort(text: str) -> tuple[Sort, ...]:
    keys: list[Sort] = []
    for part in text.split(","):
        # A literal + in a query string arrives as a space.
        down, name = part[:1] == "-", part[1:] if part[:1] in ("+", "-", " ") else part
        if name not in SORTS:
            raise ValueError(f"{name!r} is not sortable; sortable are: {', '.join(SORTS)}")
        keys.append((name, "desc" if down else "asc"))
    return tuple(dict.fromkeys(keys))


def items_parameters() -> tuple[Parameter, ...]:
    """The parameters of `/items` (20-004r1, table of core query parameters)."""
    signed = [f"{sign}{name}" for name in SORTS for sign in ("", "+", "-")]
    box = parameters.bbox()
    return (
        _texts("q", "Any of these; the words of each one after the other.", LONGEST_QUERY),
        _texts("type", "Only records of these types.", LONGEST_TYPE),
        _texts("ids", "Only the records of these ids.", LONGEST_TYPE),
        _texts("externalIds", "Only the documents of these numbers.", LONGEST_TYPE),
        Parameter(box.name, box.description, box.schema, parse_bbox, shared=False),
        parameters.datetime_(),
        parameters.limit(),
        parameters.offset(),
        Parameter(
            "sortby",
            "What to sort by, each with a minus for downwards; the newest first without it.",
            {"type": "array", "items": {"type": "string", "enum": signed}},
            _sort,
            shared=False,
        ),
        parameters.f(RECORD_MEDIA),
        parameters.lang(),
    )


_ITEMS = parameters.indexed(*items_parameters())
_RECORD_PARAMETERS = (parameters.f(RECORD_MEDIA), parameters.lang())
_CATALOGUE_PARAMETERS = (parameters.f(MEDIA), parameters.lang())
_SCHEMA_PARAMETERS = (parameters.f(SCHEMA_MEDIA), parameters.lang())
_RECORD = parameters.indexed(*_RECORD_PARAMETERS)
_CATALOGUE = parameters.indexed(*_CATALOGUE_PARAMETERS)
_SORTABLES = parameters.indexed(*_SCHEMA_PARAMETERS)


async def collection(request: Request) -> Response:
    """`/collections/records`: the catalogue."""
    read(request, _CATALOGUE)
    media = negotiate(request, MEDIA)
    depends_on(request, DIRECTIVES.id)
    return await respond(request, media, "catalogue.html", await catalogue(request))


async def sortables(request: Request) -> Response:
    """`/collections/records/sortables`: what records can be sorted by."""
    read(request, _SORTABLES)
    media = negotiate(request, SCHEMA_MEDIA)
    depends_on(request)
    lang = language(request)
    data = {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$id": f"{here(request)}/sortables",
        "title": ID,
        "type": "object",
        "properties": {
            name: {"title": vi if lang == "vi" else en, **schema}
            for name, (vi, en, schema) in _SORTABLE.items()
        },
        "additionalProperties": False,
    }
    return await respond(request, media, "record_sortables.html", data)


async def items(request: Request) -> Response:
    """`/collections/records/items`: a page of records, those that match."""
    values = read(request, _ITEMS)
    media = negotiate(request, RECORD_MEDIA)
    depends_on(request, DIRECTIVES.id)
    caller, database = caller_of(request), services(request).database
    limit, offset = values.get("limit", parameters.DEFAULT_LIMIT), values.get("offset", 0)
    wanted = _wanted(values, limit + 1, min(offset, MOST_OFFSET))
    rows = await database.fetch(found_sql(wanted, caller.role), caller)
    shown = rows[:limit]
    own = await files.listed(database, [row["id"] for row in shown], caller)
    more = len(rows) > limit
    data: dict[str, Any] = {
        "type": "FeatureCollection",
        "timeStamp": now(),
        "numberReturned": len(shown),
        "links": [
            *own_links(request, media, RECORD_MEDIA),
            link(here(request), "collection", CATALOG),
            *([link(_page(request, offset + limit), "next", GEOJSON)] if more else []),
            *([link(_page(request, max(offset - limit, 0)), "prev", GEOJSON)] if offset else []),
        ],
        "features": [record(request, row, own.get(row["id"], [])) for row in shown],
    }
    if rows or not offset:
        data["numberMatched"] = rows[0]["matched"] if rows else 0
    if media is HTML:
        return await respond(
            request, media, "records.html", data, words=request.query_params.get("q", ""),
            following=_page(request, offset + limit) if more else None,
            beginning=_page(request, 0) if offset else None,
        )  # fmt: skip
    return Response(orjson.dumps(data), media_type=GEOJSON.type)


def _wanted(values: Mapping[str, Any], limit: int, offset: int) -> Wanted:
    ids = values.get("ids")
    return Wanted(
        datetime.now(UTC),
        phrases=values.get("q", ()),
        kinds=values.get("type", ()),
        ids=None
        if ids is None
        else tuple(int(one) for one in ids if one.isascii() and one.isdigit() and len(one) < 19),
        numbers=values.get("externalIds"),
        bbox=values.get("bbox"),
        during=values.get("datetime"),
        sort=values.get("sortby", ()),
        shapes=True,
        limit=limit,
        offset=offset,
    )


def _page(request: Request, offset: int) -> str:
    """The address of this list from another record on."""
    kept = [(k, v) for k, v in request.query_params.multi_items() if k != "offset"]
    if offset:
        kept.append(("offset", str(offset)))
    query = urlencode(kept)
    base = f"{origin(request)}{request.url.path}"
    return f"{base}?{query}" if query else base


async def one(request: Request) -> Response:
    """`/collections/records/items/{id}`: one record.

    Raises:
        Problem: 404, there is none.
    """
    read(request, _RECORD)
    media = negotiate(request, RECORD_MEDIA)
    caller, database = caller_of(request), services(request).database
    name = request.path_params["record"]
    wanted = _wanted({"ids": (name,)}, 1, 0)
    rows = await database.fetch(found_sql(wanted, caller.role), caller)
    if not rows or str(rows[0]["id"]) != name:
        raise Problem(404, f"There is no record {shorten(name)!r}.")
    depends_on(request, DIRECTIVES.id)
    own = await files.listed(database, [rows[0]["id"]], caller)
    data = record(request, rows[0], own.get(rows[0]["id"], []))
    return await respond(
        request, media, "record.html", data, row=rows[0], files=own.get(rows[0]["id"], [])
    )


_INTERVAL = array_of({"type": "string"}, minItems=2, maxItems=2)
RECORD_SCHEMAS: dict[str, Any] = {
    "record": object_of(
        {
            "id": {"type": "string"},
            "type": {"type": "string", "enum": ["Feature"]},
            "conformsTo": array_of({"type": "string", "format": "uri"}),
            "time": object_of({"interval": _INTERVAL}, "interval"),
            "geometry": {"type": "object"},
            "properties": object_of(
                {
                    "type": {"type": "string", "maxLength": LONGEST_TYPE},
                    "title": {"type": "string"},
                    "description": {"type": "string"},
                    "updated": {"type": "string", "format": "date-time"},
                    "issued": {"type": "string", "format": "date"},
                    "number": {"type": "string"},
                    "keywords": array_of({"type": "string"}),
                    "externalIds": array_of(object_of({"value": {"type": "string"}}, "value")),
                },
                "type",
                "title",
            ),
            "links": array_of(ref("link")),
        },
        "id",
        "type",
        "time",
        "geometry",
        "properties",
        "links",
    ),
    "records": object_of(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
            "links": array_of(ref("link")),
            "features": array_of(ref("record")),
        },
        "type",
        "features",
        "links",
    ),
}


def _operation(
    path: str, name: str, summary: str, handler: Any, schema: str, media: Any, known: Any
) -> Operation:
    return Operation(
        path=f"/collections/{ID}{path}",
        name=name,
        summary=summary,
        tag="records",
        handler=handler,
        media=media,
        schema=schema,
        parameters=lambda _: known,
        path_parameters={"record": {"type": "string", "pattern": "^[0-9]{1,18}$"}},
    )


OPERATIONS = (
    _operation(
        "", "catalogue", "The catalogue of directives", collection, "collection", MEDIA,
        _CATALOGUE_PARAMETERS,
    ),
    _operation(
        "/sortables", "record_sortables", "What records can be sorted by", sortables, "schema",
        SCHEMA_MEDIA, _SCHEMA_PARAMETERS,
    ),
    _operation(
        "/items", "records", "The records, those that match", items, "records", RECORD_MEDIA,
        items_parameters(),
    ),
    _operation(
        "/items/{record}", "record", "One record", one, "record", RECORD_MEDIA,
        _RECORD_PARAMETERS,
    ),
)  # fmt: skip
"""The operations on records; before those of collections, whose addresses would hold theirs."""
