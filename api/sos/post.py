"""`/api/sos`: posting a request for help, from anybody, over any network; following it."""

from __future__ import annotations

import re
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import client_address
from api.callers import caller_of
from api.keyed import hashed, load_key
from api.problems import Problem
from api.services import Services, origin, services
from api.sos import fields, photos, proof
from api.sos.bodies import read_fields
from layers.rescue.requests import CATEGORY
from layers.roles import Caller
from layers.sos import posting

FOLLOW_HEADER = "x-follow-token"
FORM_HEADER = "x-form-token"
_TOKEN = re.compile(r"[\w-]{24}")
_OPEN = {"Cache-Control": "no-store"}


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer that nobody keeps."""
    data = body.encode() if isinstance(body, str) else orjson.dumps(body)
    return Response(data, status, {**_OPEN, **(headers or {})}, "application/json")


async def form(request: Request) -> Response:
    """`GET /api/sos/form`: what the form of a post needs, and a proof of delay to come."""
    served = services(request)
    key = await load_key(served.database)
    codes = [
        {"value": code.value, "vi": code.title.vi, "en": code.title.en} for code in CATEGORY.codes
    ]
    return answer(
        {
            "token": proof.form_token(key),
            "header": "X-Form-Token",
            "valid_after_s": proof.SOONEST_S,
            "valid_for_s": proof.LATEST_S,
            "categories": codes,
            "photos": {"most": served.settings.sos_photos, "mb": served.settings.sos_photo_mb},
            "hotline": served.province.hotline,
        }
    )


async def post(request: Request) -> Response:
    """`POST /api/sos`: 201 once it is on disk; 200 for the same post again."""
    served = services(request)
    given, pictures = await read_fields(request)
    posted = fields.read_post(given, served.province)
    key = await load_key(served.database)
    token = proof.follow_token(key, posted.id, posted.content)
    caller = caller_of(request)
    row = await _write(request, served, caller, posted, key, token)
    outcome = row["outcome"]
    if outcome == "conflict":
        raise Problem(
            409,
            "Yêu cầu với mã id này đã được gửi với nội dung khác. / A request with this id was"
            " posted before with other content; a new request needs a new id.",
        )
    if outcome == "no_commune":
        text = fields.no_commune()
        raise fields.unprocessable([{"field": "commune_code", "vi": text.vi, "en": text.en}])
    if outcome == "limited":
        raise _limited(served, row["wait_s"])
    body = {
        "id": str(posted.id),
        "code": row["code"],
        "state": row["state"],
        "received_at": row["received_at"].isoformat(timespec="seconds"),
        "flags": [flag for flag in row["flags"] if flag == "outside"],
        "hotline": served.province.hotline,
    }
    if outcome != "repeated_silent":
        body["follow"] = {
            "token": token,
            "header": "X-Follow-Token",
            # In the fragment, which browsers send to nobody.
            "url": f"{origin(request)}/sos/follow#{token}",
        }
        body |= await photos.keep(served, posted.id, pictures)
    if posted.ignored:
        body["ignored"] = posted.ignored
    status = {"created": 201, "waiting": 202}.get(outcome, 200)
    return answer(body, status, {"Location": "/api/sos/follow"})


async def _write(
    request: Request, served: Services, caller: Caller, posted: fields.Post, key: bytes, token: str
) -> Any:
    posted.row["channel"] = posting.CHANNELS.get(caller.role, "officer")
    address = client_address(request.scope, served.settings.trusted_proxies)
    shown = request.headers.get(FORM_HEADER, "")
    return await posting.post(
        served.database,
        caller,
        orjson.dumps(posted.row).decode(),
        content=posted.content,
        follow=proof.follow_hash(token),
        sender=hashed(key, "address", address),
        phone=hashed(key, "phone", posted.phone) if posted.phone else None,
        proof=proof.proof(key, shown) if shown else None,
        limits=served.settings.sos_limits.text(),
    )


def _limited(served: Services, wait: int) -> Problem:
    hotline = served.province.hotline
    return Problem(
        429,
        f"Có quá nhiều yêu cầu từ đây; hãy thử lại sau ít phút hoặc gọi {hotline}."
        f" / There are too many posts from here; try again shortly or call {hotline}. A token of"
        " GET /api/sos/form, some seconds old, in X-Form-Token lets this post be taken now.",
        headers={"Retry-After": str(wait)},
        hotline=hotline,
    )


def _follow_token(request: Request, given: dict[str, Any] | None = None) -> str:
    token = request.headers.get(FOLLOW_HEADER) or (given or {}).get("token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise Problem(
            401, "Show the follow token of the post in the header X-Follow-Token, or as `token`."
        )
    return token


def _unknown() -> Problem:
    return Problem(
        404, "Không có yêu cầu nào với mã theo dõi này. / No request has this follow token."
    )


async def follow(request: Request) -> Response:
    """`GET /api/sos/follow`: how the request of a follow token stands."""
    found = await posting.followed(
        services(request).database, proof.follow_hash(_follow_token(request))
    )
    if found is None:
        raise _unknown()
    return answer(found)


async def add(request: Request) -> Response:
    """`POST /api/sos/follow`: how it stands, after adding fields, a note, photos, or cancelling."""
    served = services(request)
    given, pictures = await read_fields(request)
    token = proof.follow_hash(_follow_token(request, dict(given)))
    addition = fields.read_addition(given)
    key = await load_key(served.database)
    found = await posting.add(
        served.database,
        token,
        addition.note,
        cancel=addition.cancel,
        addition=addition.id,
        content=addition.content,
        details=orjson.dumps(addition.details).decode(),
        phone=hashed(key, "phone", addition.phone) if addition.phone else None,
    )
    if found is None:
        raise _unknown()
    body = orjson.loads(found)
    if pictures:
        body |= await photos.keep(served, body["id"], pictures)
    if addition.ignored:
        body["ignored"] = addition.ignored
    return answer(body)
