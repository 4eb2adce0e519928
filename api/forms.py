"""What a form for editing features is made from, and what its caller may do: `/api/forms`.

Like OPTIONS of the API, but for one feature as well, and with the layer's columns as its editor
has them. PostgreSQL decides: the answers are what the policy of the table says to the caller.
"""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.callers import caller_of
from api.mapdata import column_members
from api.negotiation import JSON
from api.ogc.operations import read
from api.ogc.queries import collection, identifier, no_feature
from api.ogc.refused import sign_in
from api.services import services
from layers.layer import Column, Record, json_type
from layers.policy import writable_columns
from layers.refusals import NoFeature
from layers.roles import Caller
from layers.transactions import Editor, editable_layers
from layers.validation import LONGEST_TEXT, largest

_TEXTS = {"true": True, "false": False}


async def layers(request: Request) -> Response:
    """`/api/forms`: what the caller may do in each layer, somewhere at least."""
    read(request, {})
    served, caller = services(request), caller_of(request)
    found: dict[str, list[str]] = {}
    if _may_write(caller):
        catalogue = list(served.catalogue.values())
        found = await editable_layers(served.database, catalogue, caller)
    return _answer({"layers": found})


async def form(request: Request) -> Response:
    """`/api/forms/{layer}`: the columns of the layer as the caller edits them."""
    read(request, {})
    layer, caller = collection(request), caller_of(request)
    if caller.account is None:
        raise sign_in(layer)
    columns = layer.readable(caller.audience)
    written = writable_columns(layer, caller.role)
    return _answer(
        {
            "id": layer.id,
            "geometryType": layer.geometry_type,
            "clientIds": json_type(layer, layer.id_column)[1] == "uuid",
            "vertices": services(request).settings.edit_vertices,
            "columns": [
                form_column(layer, column, writable=column.name in written) for column in columns
            ],
        }
    )


async def feature(request: Request) -> Response:
    """`/api/forms/{layer}/{feature}`: what the caller may do with this feature."""
    read(request, {})
    layer, caller = collection(request), caller_of(request)
    name = request.path_params["feature"]
    if not _may_write(caller):
        return _answer({"may": []})
    editor = Editor(services(request).database, layer, caller)
    try:
        return _answer({"may": await editor.may(identifier(layer, name))})
    except NoFeature:
        raise no_feature(layer, name) from None


def _may_write(caller: Caller) -> bool:
    return caller.account is not None and not caller.read_only


def form_column(
    record: Record, column: Column, *, writable: bool, once: bool = False
) -> dict[str, Any]:
    """A column as a form edits it.

    Args:
        writable: whether the caller may write it.
        once: whether only who makes the row may.
    """
    held = record.held(column.name)
    kind, form = json_type(record, column.name)
    low, high = column.minimum, column.maximum
    if kind == "integer":
        most = largest(held.type)
        low, high = (-most if low is None else low), (most if high is None else high)
    is_text = (kind, form) == ("string", None) and column.codes is None
    # An id that nobody counts and nothing makes is given once, by who creates the feature.
    is_own_id = column.name == record.id_column and _default(held, kind) is None
    description = column.description
    return {
        **column_members(record, column),
        "description": None
        if description is None
        else {"vi": description.vi, "en": description.en},
        "minimum": _whole(low, kind),
        "maximum": _whole(high, kind),
        "maxLength": (column.max_length or LONGEST_TEXT) if is_text else None,
        "nullable": bool(held.nullable),
        "hasDefault": held.server_default is not None or held.identity is not None,
        "default": _default(held, kind),
        "write": "never"
        if not writable or (column.name == record.id_column and not is_own_id)
        else "once"
        if is_own_id or once
        else "always",
    }


def _whole(bound: float | None, kind: str) -> float | None:
    return int(bound) if bound is not None and kind == "integer" else bound


def _default(held: sa.Column[Any], kind: str) -> Any:
    """What the database writes where nothing is given, if that is a plain value."""
    given = held.server_default
    argument = getattr(given, "arg", None)
    if isinstance(argument, str):
        text = argument
    elif isinstance(argument, sa.sql.elements.TextClause | sa.sql.elements.ColumnElement):
        text = str(argument.compile())
    else:
        return None
    if kind == "boolean":
        return _TEXTS.get(text)
    if kind in ("integer", "number"):
        try:
            return int(text) if kind == "integer" else float(text)
        except ValueError:
            return None
    return text if isinstance(argument, str) else None


def _answer(body: dict[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(body), headers=headers, media_type=JSON.type)


ROUTES = [
    Route("/api/forms", layers),
    Route("/api/forms/{layer}", form),
    Route("/api/forms/{layer}/{feature}", feature),
]
