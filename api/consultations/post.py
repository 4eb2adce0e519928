"""`/api/consultations`: asking to be called by a doctor, from anybody; following one's request.

The code that opens a request is in a header or a body, never in an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import client_address
from api.callers import caller_of
from api.consultations import given
from api.keyed import hashed, load_key
from api.problems import Problem
from api.services import Services, origin, services
from api.sos import fields, proof
from api.sos.given import read
from api.sos.post import answer
from layers.consultations import desk, triage
from layers.consultations.codes import CONDITION, OUTCOME, PRIORITY, STATE, SYMPTOM
from layers.layer import CodeList, Text
from layers.roles import Caller, Role
from layers.sos.posting import CHANNELS

TRUSTED = (Role.OFFICER, Role.OPERATOR, Role.COORDINATOR, Role.ADMIN)
"""The roles that ask for others, with no limit."""
EMERGENCY = "115"
"""The number of the ambulance, all over the country."""
_WAIT_S = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking.

    Attributes:
        token: the secret that opens the request.
        danger: whether the person is to call the ambulance at once.
    """

    outcome: str
    code: str
    state: str
    received_at: datetime
    token: str
    danger: bool
    met: tuple[triage.Rule, ...]


def _codes(codes: CodeList) -> list[dict[str, str]]:
    return [{"value": code.value, "vi": code.title.vi, "en": code.title.en} for code in codes.codes]


async def form(request: Request) -> Response:
    """`GET /api/consultations/form`: what the form needs: codes, rules of the order, limits."""
    served = services(request)
    return answer(
        {
            "symptoms": _codes(SYMPTOM),
            "danger_signs": sorted(triage.danger_signs()),
            "conditions": _codes(CONDITION),
            "priorities": _codes(PRIORITY),
            "states": _codes(STATE),
            "outcomes": _codes(OUTCOME),
            "rules": [
                {
                    "id": rule.id,
                    "level": rule.level,
                    "vi": rule.title.vi,
                    "en": rule.title.en,
                    "source": rule.source,
                }
                for rule in triage.rules()
            ],
            "longest_note": given.LONGEST_NOTE,
            "days_ahead": given.DAYS_AHEAD,
            "keep_days": served.settings.consultation_keep_days,
            "emergency": EMERGENCY,
            "hotline": served.province.hotline,
        }
    )


async def post(request: Request) -> Response:
    """`POST /api/consultations`: 201 once it is on disk; 200 for the same one again."""
    served = services(request)
    asked_for = await read(request, given.Consultation)
    asked = await ask(request, served, asked_for)
    body = {
        "id": str(asked_for.id),
        "code": asked.code,
        "state": asked.state,
        "received_at": asked.received_at.isoformat(timespec="seconds"),
        "danger": asked.danger,
        "rules": [{"id": rule.id, "vi": rule.title.vi, "en": rule.title.en} for rule in asked.met],
        "follow": {
            "token": asked.token,
            "header": "X-Follow-Token",
            # In the fragment, which browsers send to nobody.
            "url": f"{origin(request)}/consult/mine#{asked.token}",
        },
        "emergency": EMERGENCY,
        "hotline": served.province.hotline,
    }
    return answer(body, 201 if asked.outcome == "created" else 200)


async def ask(request: Request, served: Services, asked_for: given.Consultation) -> Asked:
    """Take a request, once.

    Raises:
        Problem: 409, the id came with other content; 422, no such commune; 429, too many.
    """
    key = await load_key(served.database)
    content = asked_for.content()
    token = proof.follow_token(key, asked_for.id, content)
    level, met = triage.triage(asked_for.facts())
    caller = caller_of(request)
    row = await served.database.call(
        desk.POST, *_arguments(request, served, caller, asked_for, key, token, level, met)
    )
    if row["outcome"] == "conflict":
        raise Problem(
            409,
            "Yêu cầu với mã id này đã được gửi với nội dung khác. / A request of this id was sent"
            " before with other content; a new one needs a new id.",
        )
    if row["outcome"] == "limited":
        raise _limited(served)
    if row["outcome"] == "no_commune":
        text = fields.no_commune()
        raise fields.unprocessable([{"field": "commune_code", "vi": text.vi, "en": text.en}])
    return Asked(
        row["outcome"],
        row["code"],
        row["state"],
        row["received_at"],
        token,
        level == triage.DANGER,
        met,
    )


def _arguments(
    request: Request,
    served: Services,
    caller: Caller,
    asked: given.Consultation,
    key: bytes,
    token: str,
    level: int,
    met: tuple[triage.Rule, ...],
) -> tuple[Any, ...]:
    trusted = caller.role in TRUSTED
    # Who is in danger is called at once, whatever the hour.
    due_at = None if level == triage.DANGER else asked.call_from
    row = {
        "id": asked.id,
        "home_commune": asked.commune_code,
        "priority": f"p{level}",
        "channel": CHANNELS.get(caller.role, "officer") if trusted else "web",
        "due_at": due_at,
    }
    facts = asked.model_dump(
        mode="json", exclude={"id", "commune_code", "call_from", "consent"}, exclude_none=True
    )
    facts["rules"] = [rule.id for rule in met]
    return (
        orjson.dumps(row).decode(),
        orjson.dumps(facts).decode(),
        asked.content(),
        proof.follow_hash(token),
        sender_of(request, served, key),
        hashed(key, "phone", asked.phone),
        trusted,
        orjson.dumps(served.settings.declaration_limits).decode(),
        str(caller.account) if trusted else "",
    )


def sender_of(request: Request, served: Services, key: bytes) -> bytes:
    """The keyed digest of the address that a request comes from."""
    return hashed(key, "consult", client_address(request.scope, served.settings.trusted_proxies))


def _limited(served: Services) -> Problem:
    hotline = served.province.hotline
    return Problem(
        429,
        f"Có quá nhiều yêu cầu từ đây; hãy thử lại sau ít phút hoặc gọi {hotline}. Nguy cấp: gọi"
        f" {EMERGENCY}. / There are too many requests from here; try again shortly or call"
        f" {hotline}. In danger call {EMERGENCY}.",
        headers={"Retry-After": str(_WAIT_S)},
        hotline=hotline,
    )


async def follow(request: Request) -> Response:
    """`POST /api/consultations/follow`: how the request of a code stands, after `do` if given.

    Raises:
        Problem: 401, no code; 404, a code of nothing.
    """
    wanted = await read(request, given.Following)
    found = await followed(
        request, services(request), request.headers.get("x-follow-token", ""), wanted.do
    )
    if found is None:
        raise Problem(404, "Không có yêu cầu nào với mã này. / No request has this code.")
    return answer(found)


async def followed(
    request: Request, served: Services, token: str, what: str | None
) -> dict[str, Any] | None:
    """How the request of a code stands, after it was cancelled or handed over to SOS.

    Raises:
        RuleRefused: it is over, or an SOS could not be sent.
    """
    digest = proof.follow_hash(token)
    if what is not None:
        key = await load_key(served.database)
        limits = served.settings.sos_limits.text()
        sender = hashed(
            key, "address", client_address(request.scope, served.settings.trusted_proxies)
        )
        await served.database.call(desk.DOES, digest, what, sender, limits)
    return await desk.followed(served.database, digest)


def met_titles(ids: list[str]) -> list[Text]:
    """The titles of rules that are still there."""
    titles = {rule.id: rule.title for rule in triage.rules()}
    return [titles[one] for one in ids if one in titles]
