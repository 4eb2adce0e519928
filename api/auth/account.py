"""`/account`: what an account is, its password, its sessions and its keys, for its own person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.auth import bodies, sessions
from api.auth.names import names_of, ways
from api.auth.pages import NOT_KEPT, REFUSALS, to_sign_in
from api.callers import caller_of, credentials, session_of
from api.ogc.view import view
from api.problems import Problem
from api.services import services
from layers import accounts, passwords
from layers import credentials as proofs
from layers.accounts import Account, AccountError
from layers.layer import Text

Fields = dict[str, list[str]]

_DONE = {
    "password": Text(
        "Đã đổi mật khẩu. Các phiên khác đã kết thúc.",
        "The password is changed. Other sessions have ended.",
    ),
    "session": Text("Đã kết thúc phiên.", "The session has ended."),
    "sessions": Text("Đã kết thúc các phiên khác.", "The other sessions have ended."),
    "key": Text("Đã thu hồi khóa.", "The key is revoked."),
}


def _token(request: Request) -> str:
    """The token of the request's session; nothing for who came with a key."""
    _, token = credentials(request.scope["headers"])
    return token or ""


async def _render(
    request: Request, *, status: int = 200, error: str = "", headers: dict[str, str] | None = None
) -> Response:
    served, caller = services(request), caller_of(request)
    assert caller.account is not None
    token = _token(request)
    async with served.database.serving() as connection:
        account = await accounts.find(connection, caller.login)
        held = await proofs.sessions(connection, caller.account, token)
        keys = await proofs.keys(connection, caller.login)
    shown, session = view(request), session_of(request)
    done = _DONE.get(request.query_params.get("done", ""))
    return shown.render(
        "account.html",
        status_code=status,
        headers={**NOT_KEPT, **(headers or {})},
        account=account,
        ways=ways(shown, account),
        names=names_of(shown, served),
        sessions=held,
        keys=keys,
        csrf=session.csrf if session else "",
        minimum=passwords.MINIMUM,
        error=error,
        done=shown.say(done) if not error else "",
    )


async def page(request: Request) -> Response:
    """GET `/account`."""
    return to_sign_in(request) or await _render(request)


Change = Callable[[Request, Any, Account, Fields], Awaitable[str]]
"""Changes something of the person's own account; the name of what was done."""


def _changing(change: Change) -> Callable[[Request], Awaitable[Response]]:
    async def handler(request: Request) -> Response:
        found = await bodies.fields(request)
        bodies.require_token(request, found)
        try:
            async with services(request).database.serving() as connection:
                account = await accounts.find(connection, caller_of(request).login)
                done = await change(request, connection, account, found)
        except AccountError as error:
            return await _render(
                request, status=409, error=error.in_language(view(request).language)
            )
        return RedirectResponse(f"/account?done={done}", 303, headers=NOT_KEPT)

    handler.__name__ = change.__name__
    return handler


async def end_session(request: Request, connection: Any, account: Account, found: Fields) -> str:
    """POST `/account/sessions/{session}/end`: one of the person's sessions."""
    await proofs.end_session(connection, account.id, request.path_params["session"])
    return "session"


async def end_others(request: Request, connection: Any, account: Account, found: Fields) -> str:
    """POST `/account/sessions/end`: all of the person's sessions but this one."""
    await proofs.end_other_sessions(connection, account.id, _token(request))
    return "sessions"


async def revoke_key(request: Request, connection: Any, account: Account, found: Fields) -> str:
    """POST `/account/keys/{key}/revoke`: one of the person's own keys."""
    await proofs.revoke_key(connection, request.path_params["key"], account.id)
    return "key"


async def change_password(request: Request) -> Response:
    """POST `/account/password`: a new password for who knows the old one.

    Sessions made with the old password end; this browser gets a new one. Wrong passwords count as
    failures to sign in do.
    """
    found = await bodies.fields(request)
    bodies.require_token(request, found)
    shown = view(request)
    try:
        account = await sessions.check(
            request, caller_of(request).login, bodies.one(found, "password")
        )
        new = bodies.one(found, "new_password")
        async with services(request).database.serving() as connection:
            await accounts.set_password(connection, account, new)
    except Problem as problem:
        if problem.status not in REFUSALS:
            raise
        retry = problem.headers.get("Retry-After", "")
        error = shown.say(REFUSALS[problem.status]).format(retry)
        headers = {"Retry-After": retry} if retry else {}
        return await _render(request, status=problem.status, error=error, headers=headers)
    except AccountError as refused:
        return await _render(request, status=409, error=refused.in_language(shown.language))
    response = RedirectResponse("/account?done=password", 303, headers=NOT_KEPT)
    await sessions.begin(request, account, response)
    return response


ROUTES = [
    Route("/account", page, methods=["GET"], name="account"),
    Route("/account/password", change_password, methods=["POST"], name="change_password"),
    *(
        Route(f"/account/{path}", _changing(change), methods=["POST"], name=f"own_{name}")
        for path, name, change in (
            ("sessions/end", "end_others", end_others),
            ("sessions/{session}/end", "end_session", end_session),
            ("keys/{key:int}/revoke", "revoke_key", revoke_key),
        )
    ),
]
