"""`/api/declarations`: declaring one's health, from anybody, over any network; giving a card back.

Nothing in an answer, a log or an address names anybody: a card's token names the card alone.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api import cards
from api.addresses import client_address
from api.callers import caller_of
from api.declarations import given
from api.keyed import hashed, load_key
from api.problems import Problem
from api.services import Services, services
from api.sos.fields import no_commune, unprocessable
from api.sos.given import read
from layers.declarations import posting
from layers.declarations.codes import DECLARED_BY, KIND, SYMPTOM, next_steps
from layers.layer import CodeList, Text
from layers.roles import Caller, Role

TRUSTED = (Role.OFFICER, Role.OPERATOR, Role.COORDINATOR, Role.ADMIN)
"""The roles whose word on a person counts for more than what anybody says."""
_OPEN = {"Cache-Control": "no-store"}
_WAIT_S = 60


def _answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, _OPEN, "application/json")


def codes_of(codes: CodeList) -> list[dict[str, str]]:
    """The codes of a list as forms read them."""
    return [{"value": code.value, "vi": code.title.vi, "en": code.title.en} for code in codes.codes]


async def form(request: Request) -> Response:
    """`GET /api/declarations/form`: what the form needs, and how long things hold."""
    served = services(request)
    settings = served.settings
    offered = await served.database.call("SELECT private.outside_offered()")
    return _answer(
        {
            "outside": offered[0],
            "symptoms": codes_of(SYMPTOM),
            "kinds": codes_of(KIND),
            "declared_by": codes_of(DECLARED_BY),
            "places": given.MOST_PLACES,
            "elsewhere": given.MOST_ELSEWHERE,
            "days_back": given.DAYS_BACK,
            "card_days": settings.card_days,
            "valid_hours": settings.declaration_hours,
            "keep_days": settings.declaration_keep_days,
            "hotline": served.province.hotline,
        }
    )


async def post(request: Request) -> Response:
    """`POST /api/declarations`: 201 once it is on disk; 200 for the same one again."""
    served = services(request)
    declaration = await read(request, given.Declaration)
    caller = caller_of(request)
    if declaration.phone is None and caller.role not in TRUSTED:
        raise unprocessable(
            [_fault("phone", Text("Cần số điện thoại để gọi lại.", "A number to call is needed."))]
        )
    row = await _write(request, served, caller, declaration)
    outcome = row["outcome"]
    if outcome == "limited":
        raise _limited(served)
    if outcome == "conflict":
        raise Problem(
            409,
            "Tờ khai với mã id này đã được gửi với nội dung khác. / A declaration of this id was"
            " sent before with other content; a new one needs a new id.",
        )
    refuse_places(outcome, row["unknown"])
    body = {
        "id": str(declaration.id),
        "received_at": row["received_at"].isoformat(timespec="seconds"),
        "valid_until": row["valid_until"].isoformat(timespec="seconds"),
        "card": await card_of(served, row),
        "next": [
            {"code": code.value, "vi": code.title.vi, "en": code.title.en}
            for code in next_steps(declaration.symptoms, row["kinds"])
        ],
        "hotline": served.province.hotline,
    }
    return _answer(body, 201 if outcome == "created" else 200)


async def _write(
    request: Request, served: Services, caller: Caller, declaration: given.Declaration
) -> Any:
    settings, database = served.settings, served.database
    key = await load_key(database)
    trusted = caller.role in TRUSTED
    address = client_address(request.scope, settings.trusted_proxies)
    shown = await kept_card(served, declaration.card)
    sender = posting.Sender(
        hashed(key, "declare", address), trusted, caller.account if trusted else None, shown
    )
    return await database.call(
        posting.POST,
        *statement(
            declaration,
            key,
            sender,
            settings.declaration_limits,
            posting.Terms(
                settings.card_days, settings.declaration_hours, str(served.province.time_zone)
            ),
        ),
    )


def statement(
    declaration: given.Declaration,
    key: bytes,
    sender: posting.Sender,
    limits: posting.Limits,
    terms: posting.Terms,
) -> tuple[Any, ...]:
    """The values of `posting.POST` for a declaration that was read.

    Args:
        key: of digests (`api.keyed`).
    """
    return posting.arguments(
        declaration.declared(by_staff=sender.trusted),
        declaration.person(),
        identity=hashed(key, "identity", declaration.identity) if declaration.identity else None,
        phone=hashed(key, "phone", declaration.phone) if declaration.phone else None,
        content=declaration.content(),
        sender=sender,
        limits=limits,
        terms=terms,
    )


def refuse_places(outcome: str, unknown: list[str] | None) -> None:
    """Refuse communes that there are not.

    Raises:
        Problem: 422 by field.
    """
    if outcome == "no_commune":
        raise unprocessable([_fault("commune_code", no_commune())])
    if outcome == "no_place":
        codes = ", ".join(unknown or ())
        raise unprocessable(
            [
                _fault(
                    "places",
                    Text(
                        f"Không có xã, phường nào mang mã: {codes}.",
                        f"There is no commune of the province of the code: {codes}.",
                    ),
                )
            ]
        )


def _fault(field: str, text: Text) -> dict[str, str]:
    return {"field": field, "vi": text.vi, "en": text.en}


async def kept_card(served: Services, token: str | None) -> UUID | None:
    """The card that a device keeps. One that is over is no fault of its: it gets a new one."""
    if not token:
        return None
    try:
        return cards.read_token(await cards.load_keys(served.database), token)
    except cards.BadCard:
        return None


async def card_of(served: Services, row: Any) -> dict[str, str] | None:
    """The card as its bearer keeps it; None if it counts no more."""
    if row["card"] is None:
        return None
    keys = await cards.load_keys(served.database)
    return {
        "token": cards.write_token(keys, row["card"], row["card_expires"]),
        "expires_at": row["card_expires"].isoformat(timespec="seconds"),
    }


def _limited(served: Services) -> Problem:
    hotline = served.province.hotline
    return Problem(
        429,
        f"Có quá nhiều tờ khai từ đây; hãy thử lại sau ít phút hoặc gọi {hotline}."
        f" / There are too many declarations from here; try again shortly or call {hotline}.",
        headers={"Retry-After": str(_WAIT_S)},
        hotline=hotline,
    )


async def revoke(request: Request) -> Response:
    """`POST /api/declarations/card/revoke`: who holds a card gives it back; it counts no more."""
    shown = await read(request, given.Shown)
    database = services(request).database
    try:
        card = cards.read_token(await cards.load_keys(database), shown.token)
    except cards.BadCard as bad:
        text = (
            Text("Mã QR này đã hết hạn.", "This card has expired.")
            if bad.is_over
            else Text("Đây không phải mã QR của máy chủ này.", "This is no card of this server's.")
        )
        raise unprocessable([_fault("token", text)]) from None
    await database.call(
        "UPDATE private.card SET revoked_at = coalesce(revoked_at, clock_timestamp())"
        " WHERE id = $1",
        card,
    )
    return _answer({"revoked": True})
