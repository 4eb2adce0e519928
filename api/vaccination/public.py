"""What anybody may do: register for vaccination, see one's own registration, ask to correct it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import client_address
from api.declarations.post import card_of, codes_of, kept_card
from api.keyed import hashed, load_key
from api.problems import Problem
from api.services import Services, services
from api.sos.fields import no_commune, unprocessable
from api.sos.given import read
from api.vaccination import given
from layers.layer import Text
from layers.vaccinating.codes import (
    CORRECTED,
    REGISTRATION_STATE,
    SCREENING,
    SEVERITY,
    SITE,
    SYMPTOMS,
)

OPEN = {"Cache-Control": "no-store"}
WAIT_S = 60
POST = (
    "SELECT outcome, card, card_expires FROM private.post_vaccination("
    "$1::jsonb, $2::jsonb, $3, $4, $5, $6, $7, $8::jsonb, $9)"
)
NOTHING = Text(
    "Không đăng ký được: người này đã có trong danh sách hoặc đã tiêm đủ; hãy hỏi trạm y tế.",
    "Not registered: on the list already, or has had all doses; ask a health station.",
)


def answer(body: Any, status: int = 200) -> Response:
    """An answer that nothing keeps."""
    return Response(orjson.dumps(body), status, OPEN, "application/json")


async def form(request: Request) -> Response:
    """`GET /api/vaccination/form`: what the form needs."""
    served = services(request)
    vaccines, groups = served.province.vaccination.code_lists
    return answer(
        {
            "groups": codes_of(groups),
            "vaccines": codes_of(vaccines),
            "states": codes_of(REGISTRATION_STATE),
            "corrections": codes_of(CORRECTED),
            "screenings": codes_of(SCREENING),
            "sites": codes_of(SITE),
            "severities": codes_of(SEVERITY),
            "symptoms": codes_of(SYMPTOMS),
            "observe_minutes": served.province.vaccination.observe_minutes,
            "keep_days": served.settings.registration_keep_days,
            "hotline": served.province.hotline,
        }
    )


async def register(request: Request) -> Response:
    """`POST /api/vaccination/registrations`: 201 once it is on disk; 200 for the same again."""
    served = services(request)
    one = await read(request, given.Registration)
    key = await load_key(served.database)
    address = client_address(request.scope, served.settings.trusted_proxies)
    shown = await kept_card(served, one.card)
    row = await served.database.call(
        POST,
        *statement(one, key, served, sender=hashed(key, "vaccinate", address), shown=shown),
    )
    outcome = row["outcome"]
    if outcome == "limited":
        raise limited(served)
    if outcome == "conflict":
        raise Problem(
            409,
            "Mã id này đã được gửi với nội dung khác."
            " / This id was sent before with other content.",
        )
    if outcome == "known":
        raise Problem(409, f"{NOTHING.vi} / {NOTHING.en}")
    refuse(outcome)
    body = {"id": str(one.id), "card": await card_of(served, row)}
    return answer(body, 201 if outcome == "created" else 200)


def statement(
    one: given.Registration,
    key: bytes,
    served: Services,
    *,
    sender: bytes,
    shown: UUID | None = None,
) -> tuple[Any, ...]:
    """The values of `POST`. Of a member of a list no limits count: the list's were looked at."""
    facts: dict[str, Any] = {"id": str(one.id), "priority_group": one.priority_group}
    limits = None
    if isinstance(one, given.Member):
        facts |= {"organisation": one.organisation, "contact": one.contact}
    else:
        limits = orjson.dumps(served.settings.declaration_limits).decode()
    return (
        orjson.dumps(facts).decode(),
        one.person().to_json(),
        hashed(key, "identity", one.identity) if one.identity else None,
        hashed(key, "phone", one.phone or ""),
        sender,
        one.content(),
        shown,
        limits,
        served.settings.card_days,
    )


def fault_of(outcome: str) -> tuple[str, Text] | None:
    """The field that an outcome finds fault with, and why; None: none."""
    if outcome == "no_commune":
        return "commune_code", no_commune()
    if outcome == "no_group":
        text = Text("Không có nhóm ưu tiên này.", "There is no such priority group.")
        return "priority_group", text
    return None


def refuse(outcome: str) -> None:
    """Refuse what there is not.

    Raises:
        Problem: 422 by field.
    """
    fault = fault_of(outcome)
    if fault is not None:
        field, text = fault
        raise unprocessable([{"field": field, "vi": text.vi, "en": text.en}])


def limited(served: Services) -> Problem:
    """Too many from here."""
    hotline = served.province.hotline
    return Problem(
        429,
        f"Có quá nhiều đăng ký từ đây; hãy thử lại sau ít phút hoặc gọi {hotline}."
        f" / There are too many registrations from here; try again shortly or call {hotline}.",
        headers={"Retry-After": str(WAIT_S)},
        hotline=hotline,
    )


async def own(request: Request) -> Response:
    """`POST /api/vaccination/own`: how a registration of one's own stands, and its doses."""
    one = await read(request, given.Own)
    row = await services(request).database.call("SELECT private.own_vaccination($1)::text", one.id)
    if row[0] is None:
        raise Problem(404, "Không còn đăng ký này. / There is no such registration any more.")
    return Response(row[0], headers=OPEN, media_type="application/json")


async def cancel(request: Request) -> Response:
    """`POST /api/vaccination/own/cancel`: who registered does not want to any more."""
    one = await read(request, given.Own)
    await services(request).database.call("SELECT private.cancel_vaccination($1)", one.id)
    return answer({"cancelled": True})


async def correct(request: Request) -> Response:
    """`POST /api/vaccination/own/correction`: something that is recorded of oneself is wrong."""
    served = services(request)
    one = await read(request, given.Correction)
    facts = orjson.dumps(one.model_dump(mode="json", exclude={"id"}, exclude_none=True)).decode()
    row = await served.database.call(
        "SELECT private.ask_correction($1, $2::jsonb) AS asked", one.id, facts
    )
    if not row["asked"]:
        raise Problem(404, "Không còn đăng ký này. / There is no such registration any more.")
    return answer({"asked": True}, 201)
