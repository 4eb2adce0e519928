"""Registering as a volunteer, and what the one with the code may do: JSON and the steps of both.

The code is in a header or a body, never in an address.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import client_address
from api.keyed import hashed, load_key
from api.problems import Problem
from api.services import Services, origin, services
from api.sos import fields, proof
from api.sos.given import read
from api.sos.post import FOLLOW_HEADER, answer
from api.volunteers import given
from layers.volunteers import desk


async def post(request: Request) -> Response:
    """`POST /api/volunteers`: 201 once it is on disk; 200 for the same one again."""
    served = services(request)
    registration = await read(request, given.Registration)
    outcome, token = await register(request, served, registration)
    body = {
        "id": str(registration.id),
        "follow": {
            "token": token,
            "header": "X-Follow-Token",
            # In the fragment, which browsers send to nobody.
            "url": f"{origin(request)}/volunteer/mine#{token}",
        },
        "keep_days": served.settings.volunteer_keep_days,
    }
    return answer(body, 201 if outcome == "created" else 200)


async def register(
    request: Request, served: Services, registration: given.Registration
) -> tuple[str, str]:
    """Take a registration, once; what came of it, and the code.

    Raises:
        Problem: 409, the id came with other content; 422, no such commune; 429, too many.
    """
    key = await load_key(served.database)
    content = registration.content()
    token = proof.follow_token(key, registration.id, content)
    address = client_address(request.scope, served.settings.trusted_proxies)
    row = await served.database.call(
        desk.POST,
        orjson.dumps(registration.row()).decode(),
        orjson.dumps(registration.facts()).decode(),
        hashed(key, "volunteer", address),
        hashed(key, "volunteer-phone", registration.phone),
        content,
        proof.follow_hash(token),
        orjson.dumps(served.settings.declaration_limits).decode(),
    )
    outcome: str = row["outcome"]
    if outcome == "conflict":
        raise Problem(
            409,
            "Đăng ký với mã id này đã được gửi với nội dung khác. / A registration of this id was"
            " sent before with other content; a new one needs a new id.",
        )
    if outcome == "limited":
        hotline = served.province.hotline
        raise Problem(
            429,
            f"Có quá nhiều đăng ký từ đây; hãy thử lại sau ít phút hoặc gọi {hotline}."
            f" / There are too many registrations from here; try again shortly or call {hotline}.",
            headers={"Retry-After": "60"},
        )
    if outcome == "no_commune":
        text = fields.no_commune()
        raise fields.unprocessable([{"field": "commune_code", "vi": text.vi, "en": text.en}])
    return outcome, token


async def mine(request: Request) -> Response:
    """`POST /api/volunteers/mine`: what is kept of the bearer of the code, after `do` if given.

    Raises:
        Problem: 404, a code of nobody.
    """
    wanted = await read(request, given.Doing)
    token = request.headers.get(FOLLOW_HEADER, "")
    found = await do(services(request), token, wanted.do, wanted.assignment)
    if found is None:
        raise Problem(404, "Không có ai mang mã này. / Nobody has this code.")
    return answer(found)


async def do(
    served: Services, token: str, what: str | None, assignment: UUID | None
) -> dict[str, Any] | None:
    """What is kept of the bearer of a code, after something was done; None if there is nobody.

    Raises:
        RuleRefused: it cannot be done.
    """
    follow = proof.follow_hash(token)
    if what is not None:
        row = await served.database.call(desk.DOES, follow, what, assignment)
        if what == "delete" and row["found"]:
            return {"deleted": True}
    return await desk.told(served.database, follow)


async def change(served: Services, token: str, offer: given.Offer) -> bool:
    """Write down what somebody offers now; whether there is such a code.

    Raises:
        RuleRefused: there is no such commune.
    """
    row = await served.database.call(
        desk.CHANGE,
        proof.follow_hash(token),
        orjson.dumps(offer.row()).decode(),
        orjson.dumps(offer.facts()).decode(),
    )
    return bool(row["found"])
