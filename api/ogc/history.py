"""What became of features, and taking them back: for staff, as far as their role reads and writes.

These are the server's own, beside the standard: links and the definition describe them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import GEOJSON, JSON
from api.ogc import bodies, parameters
from api.ogc.editing import CHANGING, MATCH, Edit
from api.ogc.links import COLLECTION, feature_address, link
from api.ogc.operations import Operation, Parameter, read
from api.ogc.queries import no_feature
from api.ogc.refused import answered
from api.problems import Problem
from api.services import origin
from layers.history import MOST, describe, describe_deletion, own_changes

_LIMIT = Parameter(
    "limit",
    "Changes at most, the newest first.",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": 100},
    lambda text: parameters.whole(text, 1, MOST),
    shared=False,
)
_PARAMETERS = parameters.indexed(_LIMIT)
_DELETED_LIMIT = replace(_LIMIT, description="Features at most, those deleted last first.")
_DELETED_PARAMETERS = parameters.indexed(_DELETED_LIMIT)


async def history(request: Request) -> Response:
    """`/collections/{layer}/items/{id}/history`: who changed what, when; the newest first."""
    edit = Edit(request, _PARAMETERS)
    limit = read(request, _PARAMETERS).get("limit", 100)
    work = edit.editor.history(edit.identifier, MOST)
    changes = own_changes(await answered(work, edit.layer, edit.caller, edit.name))
    if all(change.is_whole_layer for change in changes) and not await edit.editor.exists(
        edit.identifier
    ):
        raise no_feature(edit.layer, edit.name)
    here = origin(request)
    address = feature_address(here, edit.layer.id, edit.name)
    audience = edit.caller.audience
    body: dict[str, Any] = {
        "layer": edit.layer.id,
        "id": edit.name,
        "changes": [describe(edit.layer, change, audience) for change in changes[:limit]],
        "links": [
            link(f"{address}/history", "self", JSON),
            link(address, "item", GEOJSON),
            link(f"{here}/ogc/collections/{edit.layer.id}", "collection", COLLECTION),
        ],
    }
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(body), headers=headers, media_type=JSON.type)


async def deleted(request: Request) -> Response:
    """`/collections/{layer}/deleted`: features that are gone and that the caller may bring back."""
    edit = Edit(request, _DELETED_PARAMETERS)
    limit = read(request, _DELETED_PARAMETERS).get("limit", 100)
    gone = await answered(edit.editor.deleted(limit), edit.layer, edit.caller, edit.name)
    collection = f"{origin(request)}/ogc/collections/{edit.layer.id}"
    body = {
        "layer": edit.layer.id,
        "deleted": [describe_deletion(edit.layer, one, edit.caller.audience) for one in gone],
        "links": [
            link(f"{collection}/deleted", "self", JSON),
            link(collection, "collection", COLLECTION),
        ],
    }
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(body), headers=headers, media_type=JSON.type)


async def restore(request: Request) -> Response:
    """`POST /collections/{layer}/items/{id}/restore`: as it was at a version, as a new change."""
    edit = Edit(request)
    match = bodies.if_match(request, edit.layer)
    _, body = await bodies.read_body(request, (JSON,))
    version = bodies.read_object(body).get("version")
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**63:
        raise Problem(400, 'The body must name a version of the layer, as {"version": 123}.')
    work = edit.editor.restore(edit.identifier, version, match)
    return await edit.answer(await answered(work, edit.layer, edit.caller, edit.name))


_RESTORING = {**CHANGING, "path": "/collections/{layer}/items/{feature}/restore"}

OPERATIONS = (
    Operation(
        path="/collections/{layer}/items/{feature}/history",
        name="history",
        summary="Who changed the feature, when, and what",
        tag="editing",
        handler=history,
        media=(JSON,),
        schema="history",
        parameters=lambda _: (_LIMIT,),
        refusals=("401", "403"),
    ),
    Operation(
        path="/collections/{layer}/deleted",
        name="deleted",
        summary="Which features were deleted, when, and by whom",
        tag="editing",
        handler=deleted,
        media=(JSON,),
        schema="deletions",
        parameters=lambda _: (_DELETED_LIMIT,),
        refusals=("401", "403"),
    ),
    Operation(
        name="restore",
        summary="Take the feature back to an earlier state",
        handler=restore,
        method="POST",
        accepts=(JSON,),
        body="restoring",
        headers=MATCH,
        refusals=("401", "403", "404", "409", "412", "413", "415", "422", "428"),
        **_RESTORING,
    ),
)
