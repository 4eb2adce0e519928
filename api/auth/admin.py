"""`/admin`: accounts and keys, for administrators; plain forms, which work without a script."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.auth import bodies
from api.auth.names import names_of, ways
from api.auth.pages import NOT_KEPT, to_sign_in
from api.callers import caller_of, session_of
from api.ogc.view import view
from api.problems import Problem
from api.services import services
from layers import accounts, credentials, logins, passwords
from layers.accounts import AccountError, Post
from layers.roles import Role

Fields = Mapping[str, list[str]]


def _require_admin(request: Request) -> None:
    # Accounts are in the schema that no role may read: this is the server's own to decide.
    if caller_of(request).role is not Role.ADMIN:
        raise Problem(403, "Only administrators look after accounts.")


async def _render(
    request: Request, *, error: AccountError | None = None, secret: str = ""
) -> Response:
    served = services(request)
    async with served.database.serving() as connection:
        listed = await accounts.listed(connection)
        keys = await credentials.keys(connection)
    shown = view(request)
    session = session_of(request)
    return shown.render(
        "admin.html",
        status_code=200 if error is None else 409,
        headers=NOT_KEPT,
        accounts=listed,
        keys=keys,
        roles=[role for role in Role if role is not Role.PUBLIC],
        **names_of(shown, served),
        ways=partial(ways, shown),
        with_provider=bool(served.settings.oidc_issuer),
        csrf=session.csrf if session else "",
        error="" if error is None else error.in_language(shown.language),
        secret=secret,
        minimum=passwords.MINIMUM,
        own=caller_of(request).login,
    )


async def page(request: Request) -> Response:
    """GET `/admin`."""
    signing_in = to_sign_in(request)
    if signing_in is not None:
        return signing_in
    _require_admin(request)
    return await _render(request)


Change = Callable[[Request, Any, Fields], Awaitable[str | None]]
"""Changes something over a connection; the secret to show this once, if there is one."""


def _changing(change: Change) -> Callable[[Request], Awaitable[Response]]:
    async def handler(request: Request) -> Response:
        _require_admin(request)
        found = await bodies.fields(request)
        bodies.require_token(request, found)
        try:
            async with services(request).database.serving() as connection:
                secret = await change(request, connection, found)
        except AccountError as error:
            return await _render(request, error=error)
        if secret:
            return await _render(request, secret=secret)
        return RedirectResponse("/admin", 303, headers=NOT_KEPT)

    handler.__name__ = change.__name__
    return handler


def _post(request: Request, found: Fields) -> Post:
    role = bodies.one(found, "role")
    if role not in list(Role):
        raise Problem(400, f"role: there is no role {role[:40]!r}.")
    departments, districts, layers = (
        tuple(found.get(name, ())) for name in ("departments", "districts", "layers")
    )
    places = tuple(bodies.one(found, "places").split())
    post = Post(Role(role), departments, districts, layers, places)
    post.require_valid(services(request).province)
    return post


async def add_account(request: Request, connection: Any, found: Fields) -> None:
    """POST `/admin/accounts`."""
    await accounts.add(
        connection,
        bodies.one(found, "login").strip().lower(),
        _post(request, found),
        password=bodies.one(found, "password") or None,
        subject=bodies.one(found, "subject").strip() or None,
    )


async def disable_account(request: Request, connection: Any, found: Fields) -> None:
    """POST `/admin/accounts/{login}/disable`."""
    login = request.path_params["login"]
    if login == caller_of(request).login:
        raise AccountError(
            "nobody disables their own account", "không thể khóa tài khoản của chính mình"
        )
    account = await accounts.find(connection, login)
    await accounts.set_disabled(connection, account, True)
    await logins.revoke(connection, account)


async def enable_account(request: Request, connection: Any, found: Fields) -> None:
    """POST `/admin/accounts/{login}/enable`."""
    account = await accounts.find(connection, request.path_params["login"])
    await accounts.set_disabled(connection, account, False)


async def set_role(request: Request, connection: Any, found: Fields) -> None:
    """POST `/admin/accounts/{login}/role`: what an account does, where and with which layers."""
    login = request.path_params["login"]
    if login == caller_of(request).login:
        raise AccountError("nobody changes their own role", "không thể đổi vai trò của chính mình")
    account = await accounts.find(connection, login)
    await accounts.set_post(connection, account, _post(request, found))


async def reset_password(request: Request, connection: Any, found: Fields) -> None:
    """POST `/admin/accounts/{login}/reset`."""
    account = await accounts.find(connection, request.path_params["login"])
    await accounts.set_password(connection, account, bodies.one(found, "password"))


async def add_key(request: Request, connection: Any, found: Fields) -> str:
    """POST `/admin/keys`."""
    account = await accounts.find(connection, bodies.one(found, "login"))
    days = bodies.one(found, "days")
    if not (days.isascii() and days.isdecimal() and len(days) < 5 and 1 <= int(days) <= 1095):
        raise Problem(400, "days: must be a whole number from 1 to 1095.")
    scope: credentials.Scope = "write" if "write" in found else "read"
    _, secret = await credentials.add_key(
        connection, account, bodies.one(found, "title"), scope, int(days)
    )
    return secret


async def revoke_key(request: Request, connection: Any, found: Fields) -> None:
    """POST `/admin/keys/{key}/revoke`."""
    await credentials.revoke_key(connection, request.path_params["key"])


ROUTES = [
    Route("/admin", page, methods=["GET"], name="admin"),
    *(
        Route(f"/admin/{path}", _changing(change), methods=["POST"], name=change.__name__)
        for path, change in (
            ("accounts", add_account),
            ("accounts/{login}/disable", disable_account),
            ("accounts/{login}/enable", enable_account),
            ("accounts/{login}/role", set_role),
            ("accounts/{login}/reset", reset_password),
            ("keys", add_key),
            ("keys/{key:int}/revoke", revoke_key),
        )
    ),
]
