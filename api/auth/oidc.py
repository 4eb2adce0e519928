"""`/sign-in/provider`: signing in at the province's OpenID Connect provider."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import astuple
from urllib.parse import quote, unquote

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.auth import bodies, sessions
from api.auth.pages import NOT_KEPT
from api.auth.provider import Begun, NotProven, Provider, ProviderUnavailable
from api.problems import Problem
from api.services import origin, services
from layers import accounts
from layers.accounts import Account, Post
from layers.roles import Role

COOKIE = "dieuhanh_signing_in"
BACK = "/sign-in/provider/back"
PATIENCE = 600
"""Seconds for a person to sign in at the provider."""

_log = structlog.get_logger(__name__)


def _provider(request: Request) -> Provider:
    """The provider of the settings; one for each worker.

    Raises:
        Problem: 404, none is set.
    """
    settings = services(request).settings
    if not settings.oidc_issuer:
        raise Problem(404, "No OpenID Connect provider is set up here.")
    state = request.app.state
    if not hasattr(state, "oidc"):
        state.oidc = Provider(settings)
    found: Provider = state.oidc
    return found


async def begin(request: Request) -> Response:
    """GET `/sign-in/provider`: go to the provider; a cookie keeps what must come back."""
    provider = _provider(request)
    begun = Begun(*(secrets.token_urlsafe(32) for _ in range(3)))
    next_ = bodies.local_path(request.query_params.get("next", "/"))
    try:
        address = await provider.address(begun, origin(request) + BACK)
    except ProviderUnavailable as error:
        raise _unavailable(error) from None
    response = RedirectResponse(address, 303, headers=NOT_KEPT)
    kept = ".".join((*astuple(begun), quote(next_, safe="")))
    sessions.set_cookie(response, COOKIE, kept, PATIENCE)
    return response


async def back(request: Request) -> Response:
    """GET: the browser comes back with a code; it is exchanged for who signed in."""
    provider = _provider(request)
    query = request.query_params
    parts = request.cookies.get(COOKIE, "").split(".", 3)
    if len(parts) != 4 or not secrets.compare_digest(
        query.get("state", "").encode(), parts[0].encode()
    ):
        raise Problem(400, "This sign-in did not begin in this browser, or too long ago.")
    if not query.get("code"):
        raise Problem(403, "The provider did not sign you in.")
    try:
        subject = await provider.subject(
            Begun(*parts[:3]), query["code"][:4096], origin(request) + BACK
        )
    except NotProven as error:
        _log.warning("sign-in not proven", reason=str(error))
        raise Problem(403, "What the provider sent does not prove who you are.") from None
    except ProviderUnavailable as error:
        raise _unavailable(error) from None
    account = await _account(request, subject)
    response = RedirectResponse(bodies.local_path(unquote(parts[3])), 303, headers=NOT_KEPT)
    await sessions.begin(request, account, response)
    sessions.set_cookie(response, COOKIE, "", 0)
    return response


def _unavailable(error: ProviderUnavailable) -> Problem:
    _log.warning("provider unavailable", reason=str(error))
    return Problem(
        503,
        "The OpenID Connect provider does not answer at the moment.",
        headers={"Retry-After": "30"},
    )


async def _account(request: Request, subject: str) -> Account:
    served = services(request)
    role = served.settings.oidc_create_as
    async with served.database.serving() as connection:
        account = await accounts.for_subject(connection, subject)
        if account is not None:
            return account
        if role and not await accounts.has_subject(connection, subject):
            name = "sso-" + hashlib.sha256(subject.encode()).hexdigest()[:16]
            return await accounts.add(connection, name, Post(Role(role)), subject=subject)
    raise Problem(
        403,
        "The provider knows you, but there is no account for you here, or it is disabled;"
        " an administrator can make one.",
    )


ROUTES = [
    Route("/sign-in/provider", begin, methods=["GET"], name="provider_sign_in"),
    Route(BACK, back, methods=["GET"], name="provider_back"),
]
