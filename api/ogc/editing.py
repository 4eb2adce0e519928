"""Create, replace, update and delete features (OGC API Features part 4, 20-002).

OPTIONS answers what the caller may do somewhere in the layer, also at the address of one
feature: QGIS asks at the first feature of a layer and takes the answer for all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.negotiation import GEOJSON
from api.ogc import bodies
from api.ogc.links import feature_address, feature_body
from api.ogc.operations import Operation, Parameter, read
from api.ogc.queries import collection, identifier
from api.ogc.refused import answered, sign_in, tag
from api.services import Services, origin, services
from layers.feed import Feed
from layers.layer import Layer
from layers.roles import Caller
from layers.transactions import Editor, Written
from layers.validation import Draft, Receiver
from spatial.crs import Crs

HEARING = 0.5
"""Seconds that an answer waits at most until this worker has heard of its own change."""
_BESIDE = 50
"""Features of a batch from which on they are read beside the event loop."""


class Edit:
    """What the handlers of edits have in common.

    Args:
        parameters: the query parameters that there are here.

    Raises:
        Problem: 400, 401 or 404, before anything of the body is read.
    """

    def __init__(
        self, request: Request, parameters: Mapping[str, Parameter] = MappingProxyType({})
    ) -> None:
        self.request = request
        self.served: Services = services(request)
        self.layer: Layer = collection(request)
        self.caller: Caller = caller_of(request)
        read(request, parameters)
        if self.caller.account is None:
            raise sign_in(self.layer)
        self.crs: Crs = bodies.content_crs(request, self.served.crs)
        self.name: str = request.path_params.get("feature", "")
        self.editor = Editor(self.served.database, self.layer, self.caller, self.crs)

    @property
    def identifier(self) -> Any:
        """The id of the address."""
        return identifier(self.layer, self.name)

    def receiver(self) -> Receiver:
        """Reads what the caller sends."""
        return Receiver(
            self.layer,
            self.caller.role,
            self.crs,
            self.served.province.time_zone,
            self.served.settings.edit_vertices,
        )

    async def hear(self, version: int) -> None:
        """Wait until this worker knows of the version, so that the caller then reads it."""
        await hear(self.served.feed, self.layer.id, version)

    async def answer(self, written: Written, *, created: bool = False) -> Response:
        """The answer to an edit of one feature."""
        await self.hear(written.version)
        name, here = written.identifiers[0], origin(self.request)
        body = feature_body(here, self.layer.id, name, written.features[0])
        headers = {"ETag": tag(self.layer, written.version, body), "Cache-Control": "no-store"}
        if created:
            headers["Location"] = feature_address(here, self.layer.id, name)
        if bodies.wants_minimal(self.request):
            headers["Preference-Applied"] = "return=minimal"
            return Response(status_code=201 if created else 204, headers=headers)
        headers["Content-Crs"] = f"<{self.crs.uri}>"
        status = 201 if created else 200
        return Response(body, status, headers, media_type=GEOJSON.type)


async def hear(feed: Feed, layer: str, version: int) -> None:
    """Wait, not for long, until this worker knows of a version of a layer."""
    deadline = asyncio.get_running_loop().time() + HEARING
    while feed.live and feed.version(layer) < version:
        if asyncio.get_running_loop().time() > deadline:
            return
        await asyncio.sleep(0.002)


async def create(request: Request) -> Response:
    """`POST /collections/{layer}/items`: one feature, or a batch that is all or nothing."""
    edit = Edit(request)
    essence, body = await bodies.read_body(request, bodies.CREATING)
    limit = edit.served.settings.edit_batch
    receiver = edit.receiver()

    def read_all() -> tuple[list[Draft], bool]:
        features, is_batch = bodies.read_features(essence, body, limit)
        return [receiver.created(feature) for feature in features], is_batch

    # About what so many points take; a batch must not hold up the others' requests.
    beside = len(body) > _BESIDE * 1024
    drafts, is_batch = await asyncio.to_thread(read_all) if beside else read_all()
    written = await answered(edit.editor.create(drafts), edit.layer, edit.caller, edit.name)
    if not is_batch:
        return await edit.answer(written, created=True)
    await edit.hear(written.version)
    return _batch(edit, written)


def _batch(edit: Edit, written: Written) -> Response:
    here = origin(edit.request)
    headers = {
        "Location": f"{here}/ogc/collections/{edit.layer.id}/items",
        "Cache-Control": "no-store",
    }
    if bodies.wants_minimal(edit.request):
        headers["Preference-Applied"] = "return=minimal"
        body = orjson.dumps({"ids": written.identifiers})
        media = "application/json"
    else:
        headers["Content-Crs"] = f"<{edit.crs.uri}>"
        features = ",".join(written.features)
        body = (
            f'{{"type":"FeatureCollection","numberReturned":{len(written.features)},'
            f'"features":[{features}]}}'
        ).encode()
        media = GEOJSON.type
    headers["ETag"] = tag(edit.layer, written.version, body)
    return Response(body, 201, headers, media_type=media)


async def replace(request: Request) -> Response:
    """`PUT /collections/{layer}/items/{id}`: the whole of an existing feature."""
    return await _change(request, bodies.REPLACING, Receiver.replaced, whole=True)


async def update(request: Request) -> Response:
    """`PATCH /collections/{layer}/items/{id}`: a JSON merge patch (RFC 7396)."""
    return await _change(request, bodies.PATCHING, Receiver.merged, whole=False)


async def _change(
    request: Request,
    accepted: Any,
    read_draft: Callable[[Receiver, bodies.Members], Draft],
    *,
    whole: bool,
) -> Response:
    edit = Edit(request)
    match = bodies.if_match(request, edit.layer)
    _, body = await bodies.read_body(request, accepted)
    draft = read_draft(edit.receiver(), bodies.read_object(body))
    work = edit.editor.change(edit.identifier, draft, match, whole=whole)
    return await edit.answer(await answered(work, edit.layer, edit.caller, edit.name))


async def delete(request: Request) -> Response:
    """`DELETE /collections/{layer}/items/{id}`."""
    edit = Edit(request)
    match = bodies.if_match(request, edit.layer)
    work = edit.editor.remove(edit.identifier, match)
    written = await answered(work, edit.layer, edit.caller, edit.name)
    await edit.hear(written.version)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


async def options_items(request: Request) -> Response:
    """`OPTIONS /collections/{layer}/items`."""
    creates, _, _ = await _capability(request)
    return _options(["POST"] * creates)


async def options_feature(request: Request) -> Response:
    """`OPTIONS /collections/{layer}/items/{id}`, whether there is such a feature or not."""
    _, changes, removes = await _capability(request)
    return _options(["PUT", "PATCH"] * changes + ["DELETE"] * removes)


async def _capability(request: Request) -> tuple[bool, bool, bool]:
    layer, caller = collection(request), caller_of(request)
    if caller.account is None or caller.read_only:
        return False, False, False
    return await Editor(services(request).database, layer, caller).capability()


def _options(methods: list[str]) -> Response:
    headers = {
        "Allow": ", ".join(("GET", "HEAD", "OPTIONS", *methods)),
        "Cache-Control": "no-store",
    }
    if "POST" in methods:
        headers["Accept-Post"] = ", ".join(media.essence for media in bodies.CREATING)
    if "PATCH" in methods:
        headers["Accept-Patch"] = ", ".join(media.essence for media in bodies.PATCHING)
    return Response(status_code=200, headers=headers)


_CRS = {"Content-Crs": "The system of the body's coordinates, in angle brackets; CRS84 if absent."}
_PREFER = {"Prefer": "`return=minimal` to get no feature back."}
MATCH = {"If-Match": "The ETag of what the edit was made from; `*`: whatever is there."}
_REFUSALS = ("401", "403", "404", "413", "415", "422")
_ITEMS, _FEATURE = "/collections/{layer}/items", "/collections/{layer}/items/{feature}"
CHANGING: dict[str, Any] = {
    "path": _FEATURE,
    "tag": "editing",
    "media": (GEOJSON,),
    "schema": "feature",
    "statuses": {"200": "The feature as it is now.", "204": "Done; it was not asked for."},
}

OPERATIONS = (
    Operation(
        path=_ITEMS,
        name="create",
        summary="Create one feature, or many at once",
        tag="editing",
        handler=create,
        media=(GEOJSON,),
        schema="feature",
        method="POST",
        accepts=bodies.CREATING,
        body="edits",
        headers={**_CRS, **_PREFER},
        statuses={"201": "Created; of a batch, all of it."},
        refusals=(*_REFUSALS, "409"),
    ),
    Operation(
        name="replace",
        summary="Replace a feature",
        handler=replace,
        method="PUT",
        accepts=bodies.REPLACING,
        body="edit",
        headers={**_CRS, **MATCH, **_PREFER},
        refusals=(*_REFUSALS, "409", "412", "428"),
        **CHANGING,
    ),
    Operation(
        name="update",
        summary="Change a part of a feature",
        handler=update,
        method="PATCH",
        accepts=bodies.PATCHING,
        body="edit",
        headers={**_CRS, **MATCH, **_PREFER},
        refusals=(*_REFUSALS, "409", "412", "428"),
        **CHANGING,
    ),
    Operation(
        path=_FEATURE,
        name="delete",
        summary="Delete a feature",
        tag="editing",
        handler=delete,
        media=(),
        method="DELETE",
        headers=MATCH,
        statuses={"204": "Deleted."},
        refusals=("401", "403", "404", "409", "412", "428"),
    ),
    Operation(
        path=_ITEMS,
        name="items_options",
        summary="What this caller may do with the layer",
        tag="editing",
        handler=options_items,
        media=(),
        method="OPTIONS",
        statuses={"200": "The methods are in `Allow`."},
    ),
    Operation(
        path=_FEATURE,
        name="feature_options",
        summary="What this caller may do with features of the layer",
        tag="editing",
        handler=options_feature,
        media=(),
        method="OPTIONS",
        statuses={"200": "The methods are in `Allow`."},
    ),
)
