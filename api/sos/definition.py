"""`/api/definition`: OpenAPI 3.1 of help, declarations and vaccination, for the API's page."""

from __future__ import annotations

import re
from typing import Any

import orjson
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from api.checkins.operations import OPERATIONS as CHECK_INS
from api.consultations.operations import OPERATIONS as CONSULTATIONS
from api.declarations.operations import OPERATIONS as DECLARATIONS
from api.ogc.view import view
from api.services import depends_on, origin
from api.sos import fields, given
from api.sos.operations import OPERATIONS, Operation
from api.sos.post import FOLLOW_HEADER, FORM_HEADER
from api.tracing.operations import OPERATIONS as TRACING
from api.vaccination.operations import OPERATIONS as VACCINATION
from api.volunteers.operations import OPERATIONS as VOLUNTEERS
from layers.layer import Text
from layers.rescue.requests import CATEGORY

Document = dict[str, Any]
EVERY = (
    *OPERATIONS,
    *DECLARATIONS,
    *CHECK_INS,
    *VACCINATION,
    *CONSULTATIONS,
    *VOLUNTEERS,
    *TRACING,
)
"""All that the document describes."""

_JSON = "application/json"
_STRING: Document = {"type": "string"}
_PATH: dict[str, tuple[Document, Text]] = {
    "request": (_STRING, Text("Mã định danh hoặc mã ngắn", "The request's id, or its code")),
    "team": ({"type": "integer", "minimum": 1}, Text("Số của đội", "The team's number")),
    "flag": ({"type": "integer", "minimum": 1}, Text("Số của cảnh báo", "The flag's number")),
    "trace": ({"type": "string", "format": "uuid"}, Text("Mã yêu cầu", "The request's id")),
    "contact": ({"type": "integer", "minimum": 1}, Text("Số người tiếp xúc", "The contact's id")),
    "code": (_STRING, Text("Mã QR của điểm", "The code of the site's poster")),
    "row": ({"type": "string", "format": "uuid"}, Text("Mã dòng", "The row's id")),
    "photo": ({"type": "string", "format": "uuid"}, Text("Mã ảnh", "The photo's id")),
}
_LIMITED = ("/api/sos", "/api/declarations", "/api/check-ins/self")
"""What one address, or one card, may do so many times."""
_STATUSES = {
    200: "Done.",
    201: "Taken, and on disk.",
    202: "Taken; it waits for a moderator.",
    400: "The body is no JSON or form, or a parameter is wrong.",
    401: "Nobody is signed in, or there is no follow token.",
    403: "Not for this role, these districts or this team.",
    404: "There is no such thing.",
    409: "Its state does not allow it, or somebody was quicker; `detail` says which.",
    413: "The body is too large.",
    415: "The body is of a type that is not read here.",
    422: "Values break rules; every fault is listed by its field.",
    429: "There are too many posts from here.",
    503: "The database cannot answer, or others change the same; try again.",
}


async def definition(request: Request) -> Response:
    """`GET /api/definition`: what `EVERY` lists."""
    language = view(request).language
    depends_on(request)
    body = orjson.dumps(document(origin(request), language))
    return Response(body, media_type="application/vnd.oai.openapi+json;version=3.1")


def document(address: str, language: str) -> Document:
    """The OpenAPI document.

    Args:
        address: of the server, without a slash at its end.
        language: `vi` or `en`, of titles.
    """
    title = Text(
        "Điều hành: yêu cầu cứu trợ, khai báo y tế, truy vết",
        "Dieuhanh: requests for help, health declarations, contact tracing",
    )
    models = [(model, "validation") for model in {o.body: None for o in EVERY if o.body}]
    _, schemas = models_json_schema(
        models,  # type: ignore[arg-type]
        ref_template="#/components/schemas/{model}",
    )
    paths: Document = {}
    for operation in EVERY:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _one(operation, language)
    return {
        "openapi": "3.1.0",
        "info": {"title": title.in_language(language), "version": "1.0.0"},
        "servers": [{"url": address}],
        "paths": paths,
        "components": {
            "schemas": {**schemas["$defs"], "Post": _post(), "Addition": _addition()},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic"},
            },
        },
    }


def _one(operation: Operation, language: str) -> Document:
    module = operation.handler.__module__.removeprefix("api.").removeprefix("sos.")
    name = module.replace(".", "_")
    found: Document = {
        "operationId": f"{name}_{operation.handler.__name__}",
        "summary": operation.title.in_language(language),
        "description": (operation.handler.__doc__ or "").partition("\n")[0],
        "tags": ["staff" if operation.staff else "public"],
        "parameters": _parameters(operation, language),
        "responses": _responses(operation),
        "security": [{"key": []}, {"password": []}] if operation.staff else [],
    }
    schema = _body(operation)
    if schema is not None:
        content: Document = {_JSON: {"schema": schema}}
        if operation.body is None:
            content["multipart/form-data"] = {"schema": schema}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _body(operation: Operation) -> Document | None:
    name = operation.body.__name__ if operation.body else None
    if name is None and operation.method == "POST" and not operation.staff:
        name = "Post" if operation.path == "/api/sos" else "Addition"
    return {"$ref": f"#/components/schemas/{name}"} if name else None


def _parameters(operation: Operation, language: str) -> list[Document]:
    found: list[Document] = []
    for name in re.findall(r"{(\w+)}", operation.path):
        schema, title = _PATH[name]
        text = title.in_language(language)
        found.append(
            {"name": name, "in": "path", "required": True, "schema": schema, "description": text}
        )
    if operation.lists:
        schema = {"type": "integer", "minimum": 1, "default": given.DEFAULT_LISTED}
        found.append({"name": "limit", "in": "query", "schema": schema})
    for name, one in operation.query.items():
        found.append({"name": name, "in": "query", "schema": dict(one)})
    if operation.path == "/api/sos/follow":
        found.append({"name": FOLLOW_HEADER, "in": "header", "schema": _STRING})
    if (operation.method, operation.path) == ("POST", "/api/sos"):
        found.append({"name": FORM_HEADER, "in": "header", "schema": _STRING})
    return found


def _responses(operation: Operation) -> Document:
    is_photo = operation.path.endswith("{photo}")
    content = {"image/jpeg": {}} if is_photo else {_JSON: {"schema": {"type": "object"}}}
    found: Document = {
        str(status): {"description": _STATUSES[status], "content": content}
        for status in operation.statuses
    }
    refusals = [503, *([400] if operation.lists or operation.query else [])]
    if operation.staff:
        refusals += [401, 403, 404]
    elif operation.path == "/api/sos/follow":
        refusals += [401, 404]
    elif operation.path.endswith("{code}"):
        refusals.append(404)
    if operation.method != "GET":
        refusals += [400, 409, 413, 415, 422]
    if operation.path in _LIMITED or operation.path.endswith("/position"):
        refusals.append(429)
    for status in sorted(set(refusals)):
        problem = {"application/problem+json": {"schema": {"type": "object"}}}
        found[str(status)] = {"description": _STATUSES[status], "content": problem}
    return found


def _counts() -> Document:
    whole = {"type": "integer", "minimum": 0, "maximum": fields.MOST_PEOPLE}
    return dict.fromkeys(fields.COUNTS, whole)


def _texts(*names: str) -> Document:
    return {name: {**_STRING, "maxLength": fields.TEXTS[name]} for name in names}


_NEEDS: Document = {"type": "array", "items": _STRING, "maxItems": fields.MOST_NEEDS}
_UUID: Document = {"type": "string", "format": "uuid", "description": "Made by the sender."}


def _post() -> Document:
    return {
        "type": "object",
        "required": ["id", "category"],
        "properties": {
            "id": _UUID,
            "category": {"type": "string", "enum": list(CATEGORY.values)},
            "lon": {"type": "number", "minimum": -180, "maximum": 180},
            "lat": {"type": "number", "minimum": -90, "maximum": 90},
            "accuracy_m": {"type": "number", "minimum": 0},
            "position": {**_STRING, "description": "Coordinates, a map's link or a plus code."},
            "commune_code": {**_STRING, "description": "With `address`, where no more is known."},
            **_counts(),
            **_texts(*fields.TEXTS),
            "needs": _NEEDS,
            "phone": _STRING,
        },
    }


def _addition() -> Document:
    return {
        "type": "object",
        "properties": {
            "id": _UUID,
            **_counts(),
            **_texts(*fields.ADDED_TEXTS, "note"),
            "needs": {**_NEEDS, "description": "Added to what was needed before."},
            "phone": _STRING,
            "cancel": {"type": "boolean"},
        },
    }
