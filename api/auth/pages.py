"""`/sign-in` and `/sign-out`: plain forms, which work without a script."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.auth import bodies, sessions
from api.callers import caller_of, session_of
from api.ogc.view import view
from api.problems import Problem
from api.services import services
from layers.layer import Text

NOT_KEPT = {"Cache-Control": "no-store"}

_WRONG = Text(
    "Tên đăng nhập hoặc mật khẩu không đúng, hoặc tài khoản đã bị khóa.",
    "The login or the password is wrong, or the account is disabled.",
)
_MISSING = Text("Hãy nhập cả tên đăng nhập và mật khẩu.", "Enter both the login and the password.")
_WAIT = Text(
    "Đã thử sai quá nhiều lần. Hãy thử lại sau {} giây.",
    "Too many attempts have failed. Try again in {} seconds.",
)
REFUSALS = {400: _MISSING, 401: _WRONG, 429: _WAIT}
"""What a page says of a password that does not open the account, by the problem's status."""


def _page(
    request: Request, problem: Problem | None = None, login: str = "", next_: str = "/"
) -> Response:
    shown = view(request)
    error = ""
    if problem is not None:
        error = shown.say(REFUSALS[problem.status]).format(problem.headers.get("Retry-After", ""))
    headers = dict(NOT_KEPT)
    if problem is not None and "Retry-After" in problem.headers:
        headers["Retry-After"] = problem.headers["Retry-After"]
    return shown.render(
        "sign_in.html",
        status_code=200 if problem is None else problem.status,
        headers=headers,
        error=error,
        login=login,
        next=next_,
        session=session_of(request),
        with_provider=bool(services(request).settings.oidc_issuer),
    )


async def sign_in_page(request: Request) -> Response:
    """GET: the form, or who is signed in."""
    return _page(request, next_=bodies.local_path(request.query_params.get("next", "/")))


async def sign_in_form(request: Request) -> Response:
    """POST: sign in and go on, or the form again with what was wrong."""
    bodies.require_own_origin(request)
    found = await bodies.fields(request)
    login = bodies.one(found, "login").strip().lower()
    target = bodies.local_path(bodies.one(found, "next"))
    try:
        account = await sessions.check(request, login, bodies.one(found, "password"))
    except Problem as problem:
        return _page(request, problem, login[:64], target)
    response = RedirectResponse(target, 303, headers=NOT_KEPT)
    await sessions.begin(request, account, response)
    return response


async def sign_out_form(request: Request) -> Response:
    """POST: end the session."""
    bodies.require_token(request, await bodies.fields(request))
    response = RedirectResponse("/sign-in", 303, headers=NOT_KEPT)
    await sessions.end(request, response)
    return response


def to_sign_in(request: Request) -> Response | None:
    """The way to the form for somebody who is not signed in; None for somebody who is."""
    if caller_of(request).account is not None:
        return None
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(path, safe='')}", 303, headers=NOT_KEPT)


ROUTES = [
    Route("/sign-in", sign_in_page, methods=["GET"], name="sign_in_page"),
    Route("/sign-in", sign_in_form, methods=["POST"], name="sign_in_form"),
    Route("/sign-out", sign_out_form, methods=["POST"], name="sign_out_form"),
]
