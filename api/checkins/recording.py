"""`/api/check-ins`: recording who came and went, from officers' devices and people's own."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.cards import load_keys
from api.checkins.events import MOST, Keys, Refusal, SelfEvent, read_event
from api.checkins.texts import REASONS
from api.identify import challenge
from api.keyed import load_key
from api.problems import Problem
from api.services import Services, services
from api.sos.bodies import read_json
from api.sos.post import answer
from api.sos.staff import PRIVATE
from layers.checkins import recording
from layers.checkins.recording import CheckIn, Outcome

BATCH_BYTES = 262_144
AT_ONCE = 20
"""Events from which reading them is a thread's work: a signature costs a fifth of a millisecond."""


async def record(request: Request) -> Response:
    """`POST /api/check-ins`: a batch from an officer's device; what came of each, in its order.

    Raises:
        Problem: 401, nobody is signed in; 400 or 413, the body is no batch; 403 by the database.
    """
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập. / Sign in to record check-ins.", basic=False)
    served = services(request)
    body = await read_json(request, most=BATCH_BYTES)
    events = body.get("events")
    if set(body) != {"events"} or not isinstance(events, list) or not 1 <= len(events) <= MOST:
        raise Problem(
            400,
            f"Cần events: danh sách 1 đến {MOST} lượt."
            f" / The body must be events: a list of 1 to {MOST} check-ins, and nothing else.",
        )
    keys = await _keys(served)
    if len(events) > AT_ONCE:
        read = await run_in_threadpool(lambda: [read_event(one, keys) for one in events])
    else:
        read = [read_event(one, keys) for one in events]
    sound = [one for one in read if isinstance(one, CheckIn)]
    outcomes = iter(
        await recording.record(
            served.database,
            sound,
            caller=caller,
            keep_days=served.settings.check_in_keep_days,
        )
    )
    told = [
        _told(given, refused(one) if isinstance(one, Refusal) else _outcome(next(outcomes)))
        for given, one in zip(events, read, strict=True)
    ]
    return Response(orjson.dumps({"results": told}), headers=PRIVATE, media_type="application/json")


async def record_self(request: Request) -> Response:
    """`POST /api/check-ins/self`: a person scanned the site's poster; what came of it.

    Raises:
        Problem: 422, it is refused; 429, the card did so too often; 400 or 413, it is no object.
    """
    served = services(request)
    given = await read_json(request)
    keys = await _keys(served)
    read = read_event(given, keys, SelfEvent)
    if isinstance(read, Refusal):
        raise _problem(read)
    (outcome,) = await recording.record(
        served.database,
        [read],
        keep_days=served.settings.check_in_keep_days,
        per_hour=served.settings.check_in_self,
    )
    if outcome.outcome in REASONS:
        raise _problem(Refusal(outcome.outcome))
    # Whether they had declared is for the officer to see, and for the bearer of the card to know.
    return answer(_told(given, _outcome(outcome)))


async def site(request: Request) -> Response:
    """`GET /api/check-ins/sites/{code}`: the name of the site whose poster was scanned.

    Raises:
        Problem: 404, no site has the code.
    """
    code = request.path_params["code"]
    found = None
    if len(code) <= 64 and "\x00" not in code:
        found = await recording.site(services(request).database, code)
    if found is None:
        raise Problem(404, _both("no_site"))
    return answer(
        {
            "layer": found["layer"],
            "id": found["id"],
            "name": found["name"],
            "code": found["short"],
            "open": found["is_open"],
        }
    )


async def _keys(served: Services) -> Keys:
    return Keys(await load_keys(served.database), await load_key(served.database))


def _told(given: Any, said: dict[str, Any]) -> dict[str, Any]:
    known = given.get("id") if isinstance(given, dict) else None
    return {"id": known if isinstance(known, str) else None, **said}


def _outcome(found: Outcome) -> dict[str, Any]:
    if found.outcome in REASONS:
        return refused(Refusal(found.outcome))
    return {"outcome": found.outcome, "declared": found.declared}


def refused(refusal: Refusal) -> dict[str, Any]:
    """A refusal as an answer tells it, in both languages."""
    if refusal.fault is not None:
        fault = refusal.fault
        told = {name: f"{fault['field']}: {fault[name]}" for name in ("vi", "en")}
    else:
        text = REASONS[refusal.reason]
        told = {"vi": text.vi, "en": text.en}
    return {"outcome": "refused", "reason": {"code": refusal.reason, **told}}


def _problem(refusal: Refusal) -> Problem:
    reason = refused(refusal)["reason"]
    limited = refusal.reason == "too_many"
    return Problem(
        429 if limited else 422,
        f"{reason['vi']} / {reason['en']}",
        headers={"Retry-After": "600"} if limited else None,
        reason=reason,
    )


def _both(reason: str) -> str:
    text = REASONS[reason]
    return f"{text.vi} / {text.en}"
