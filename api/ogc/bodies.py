"""What a request to edit brings: its body, and the headers that say how to read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request

from api.cache import versions_of
from api.negotiation import GEOJSON, GEOJSONL, JSON, MERGE_PATCH, Media
from api.ogc.operations import shorten
from api.problems import Problem
from api.services import services
from layers.layer import Layer
from layers.transactions import Match
from spatial.crs import CRS84, Crs, crs_from_uri
from spatial.errors import BadInput

CREATING = (GEOJSON, JSON, GEOJSONL)
REPLACING = (GEOJSON, JSON)
PATCHING = (MERGE_PATCH, GEOJSON, JSON)

_TAG = re.compile(r'\s*(?:W/)?"([^"]*)"\s*(?:,|$)')
_LARGEST_VERSION = 2**63 - 1
_RECORD_SEPARATOR = b"\x1e"

Members = Mapping[str, Any]


async def read_body(request: Request, accepted: tuple[Media, ...]) -> tuple[str, bytes]:
    """The media type and the bytes of the body.

    Raises:
        Problem: 400 without Content-Type (part 4, requirement post-content-type), 415 for a
            type or an encoding that is not read here, 413 for too many bytes.
    """
    given = request.headers.get("content-type", "")
    essence = given.partition(";")[0].strip().lower()
    names = ", ".join(media.essence for media in accepted)
    if not essence:
        raise Problem(400, f"Content-Type is missing; it can be one of: {names}.")
    if essence not in {media.essence for media in accepted}:
        header = "Accept-Patch" if request.method == "PATCH" else "Accept-Post"
        raise Problem(
            415,
            f"Content-Type {shorten(essence)!r} is not read here; it can be one of: {names}.",
            headers={header: names},
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "Content-Encoding must be identity: bodies are read uncompressed.")
    limit = services(request).settings.edit_mb * 1024 * 1024
    body = bytearray()
    if int(request.headers.get("content-length") or 0) > limit:
        raise _too_large(limit)
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return essence, bytes(body)


def _too_large(limit: int) -> Problem:
    return Problem(
        413,
        f"The body is larger than {limit // 1024 // 1024} MB; send the features in parts.",
        headers={"Connection": "close"},
    )


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body.

    Raises:
        Problem: 400, it is none.
    """
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(400, f"The body is not JSON: {error}.") from None
    if not isinstance(read, dict):
        raise Problem(400, "The body must be a JSON object.")
    return read


def read_features(essence: str, body: bytes, limit: int) -> tuple[list[Members], bool]:
    """The features to create, and whether they came as a batch.

    Raises:
        Problem: 400 for what is no feature, 413 for more than `limit`.
    """
    if essence == GEOJSONL.essence:
        texts = [t for t in re.split(rb"[\x1e\n]+", body) if t.strip()]
        if _RECORD_SEPARATOR in body:
            # RFC 8142: what stands between separators is one text, on however many lines.
            texts = [t for t in body.split(_RECORD_SEPARATOR) if t.strip()]
        _count(len(texts), limit)
        return [_feature(read_object(text), n) for n, text in enumerate(texts)], True
    read = read_object(body)
    if read.get("type") != "FeatureCollection":
        return [_feature(read, None)], False
    features = read.get("features")
    if not isinstance(features, list):
        raise Problem(400, "A FeatureCollection must have an array `features`.")
    _count(len(features), limit)
    return [_feature(one, n) for n, one in enumerate(features)], True


def _count(number: int, limit: int) -> None:
    if number > limit:
        raise Problem(413, f"The body has {number} features; one request may have {limit}.")
    if not number:
        raise Problem(400, "The body has no feature.")


def _feature(read: Any, index: int | None) -> Members:
    if not isinstance(read, dict) or read.get("type") != "Feature":
        where = "The body" if index is None else f"Number {index} of the features (from 0)"
        also = " or a FeatureCollection" if index is None else ""
        raise Problem(400, f"{where} must be a GeoJSON Feature{also}.")
    return read


def content_crs(request: Request, listed: tuple[Crs, ...]) -> Crs:
    """The system of the body's coordinates (part 4, requirement content-crs-header).

    Raises:
        Problem: 400, it is not one that the collection lists.
    """
    text = request.headers.get("content-crs", "").strip()
    if not text:
        return CRS84
    try:
        crs = crs_from_uri(text.removeprefix("<").removesuffix(">"))
    except BadInput as error:
        raise Problem(400, f"Content-Crs: {error}") from None
    if crs not in listed:
        names = ", ".join(one.uri for one in listed)
        raise Problem(400, f"Content-Crs {crs.uri} is not offered here; it can be: {names}.")
    return crs


def if_match(request: Request, layer: Layer) -> Match | None:
    """The precondition of an edit (RFC 9110, 13.1.1); None where there is none.

    A weak tag counts as well: web servers that compress on the way weaken them, and here the
    version counts, not the bytes.

    Raises:
        Problem: 400 for what is no list of entity tags.
    """
    text = ",".join(request.headers.getlist("if-match")).strip()
    if not text:
        return None
    if text == "*":
        return Match(anything=True)
    versions: list[int] = []
    position = 0
    while position < len(text):
        found = _TAG.match(text, position)
        if found is None:
            raise Problem(400, f"If-Match {shorten(text)!r} is no list of entity tags.")
        position = found.end()
        named = versions_of(found[1].encode("utf-8", "replace")) or ()
        versions += [
            version
            for name, version in named
            if name == layer.id and 0 <= version <= _LARGEST_VERSION
        ]
    return Match(versions=tuple(versions))


def wants_minimal(request: Request) -> bool:
    """Whether the client would rather not get the feature back (RFC 7240)."""
    wishes = ",".join(request.headers.getlist("prefer")).split(",")
    return any(wish.partition(";")[0].strip() == "return=minimal" for wish in wishes)
