"""`/api/session`: sign in, who is signed in, sign out."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.addresses import client_address
from api.auth import bodies
from api.callers import COOKIE, caller_of, credentials, session_of
from api.identify import challenge, too_many
from api.problems import Problem
from api.services import services
from layers import attempts
from layers import credentials as proofs
from layers.accounts import Account
from layers.credentials import Session


async def check(request: Request, login: str, password: str) -> Account:
    """The account that a login and password open.

    Raises:
        Problem: 400, one is missing; 401, they are wrong; 429, there were too many failures.
    """
    if not login or not password:
        raise Problem(400, "login and password are both needed.")
    served = services(request)
    settings = served.settings
    address = client_address(request.scope, settings.trusted_proxies)
    try:
        found = await attempts.check_password(
            served.database, login, password, address, settings.sign_in_limits
        )
    except attempts.TooManyAttempts as error:
        raise too_many(error) from None
    if found is None:
        raise challenge(
            "The login or the password is wrong, or the account is disabled.", basic=False
        )
    return found[0]


async def begin(request: Request, account: Account, response: Response) -> Session:
    """Begin a session, in place of the one before, and set its cookie on a response."""
    served = services(request)
    hours = served.settings.session_hours
    async with served.database.serving() as connection:
        _, before = credentials(request.scope["headers"])
        if before is not None:
            await proofs.close_session(connection, before)
        session, token = await proofs.open_session(connection, account, hours)
    set_cookie(response, COOKIE, token, int(hours * 3600))
    return session


def set_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie that no script reads and that other sites' pages do not send along."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
    )


async def end(request: Request, response: Response) -> None:
    """End the session of a request and remove its cookie."""
    _, token = credentials(request.scope["headers"])
    if token is not None:
        async with services(request).database.serving() as connection:
            await proofs.close_session(connection, token)
    set_cookie(response, COOKIE, "", 0)
    # What the browser has kept of this person's answers, to ask whether they are still true.
    response.headers["Clear-Site-Data"] = '"cache"'


async def sign_in(request: Request) -> Response:
    """POST: `login` and `password` as JSON or a form; the session is in a cookie."""
    bodies.require_own_origin(request)
    found = await bodies.fields(request)
    account = await check(request, bodies.one(found, "login"), bodies.one(found, "password"))
    response = Response(status_code=200, media_type="application/json", headers=_NOT_KEPT)
    session = await begin(request, account, response)
    response.body = _told(session)
    response.headers["content-length"] = str(len(response.body))
    return response


async def who(request: Request) -> Response:
    """GET: who is asking, and the token that changes need."""
    session = session_of(request)
    if session is not None:
        body = _told(session)
    else:
        caller = caller_of(request)
        body = orjson.dumps(
            {"signedIn": caller.account is not None, "role": caller.role, "login": caller.login}
        )
    return Response(body, media_type="application/json", headers=_NOT_KEPT)


async def sign_out(request: Request) -> Response:
    """DELETE: end the session."""
    response = Response(status_code=204, headers=_NOT_KEPT)
    await end(request, response)
    return response


_NOT_KEPT = {"Cache-Control": "no-store"}


def _told(session: Session) -> bytes:
    caller = session.caller
    return orjson.dumps(
        {
            "signedIn": True,
            "login": caller.login,
            "role": caller.role,
            "roleTitle": {"vi": caller.role.label.vi, "en": caller.role.label.en},
            "departments": caller.departments,
            "districts": caller.districts,
            "layers": caller.layers,
            "csrf": session.csrf,
            "expires": session.expires_at.isoformat(timespec="seconds"),
        }
    )


ROUTES = [
    Route("/api/session", sign_in, methods=["POST"], name="sign_in"),
    Route("/api/session", who, methods=["GET"], name="session"),
    Route("/api/session", sign_out, methods=["DELETE"], name="sign_out"),
]
