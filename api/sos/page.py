"""`/sos/follow`: a page for who has asked for help. It works without a script.

The secret is in the link's fragment, which browsers send to nobody. The page's script sends it in
a header; without one it is pasted into a form, and travels in the body. No address and no log has
it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.auth import bodies
from api.ogc.view import View, view
from api.services import Services, services
from api.sos import proof
from api.sos.post import FOLLOW_HEADER
from layers.database import RuleRefused
from layers.layer import Text
from layers.rescue.requests import CATEGORY
from layers.sos import posting

LONGEST_NOTE = 1000
"""Characters of a note written on the page."""

HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    # Stricter than that of other pages: nothing but the site's own files, framed by nobody.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
}
# The token alone, or the whole link as it was copied.
TOKEN = re.compile(r"(?:.*#)?([\w-]{24})", re.ASCII)

_STATES = {
    "waiting": Text("Đã nhận, đang chờ kiểm tra", "Received, waiting to be checked"),
    "new": Text("Đã nhận", "Received"),
    "released": Text("Đã nhận", "Received"),
    "verified": Text("Đã xác minh, đang tìm đội cứu hộ", "Verified, a team is being found"),
    "assigned": Text("Đã có đội nhận", "A team has taken it"),
    "en_route": Text("Đội cứu hộ đang đến", "The team is on its way"),
    "on_site": Text("Đội cứu hộ đã tới nơi", "The team has arrived"),
    "resolved": Text("Đã xong", "Done"),
    "cancelled": Text("Đã hủy", "Cancelled"),
    "rejected": Text("Không được xử lý", "Not taken up"),
    "duplicate": Text("Đã gộp với một yêu cầu khác", "Joined with another request"),
    "false": Text("Đã đóng: không có thật", "Closed as a false report"),
    "deleted": Text("Đã xóa", "Deleted"),
}
_OVER = frozenset({"resolved", "cancelled", "rejected", "false", "deleted"})
_NO_TOKEN = Text(
    "Hãy dán mã theo dõi: 24 chữ và số sau dấu # của liên kết.",
    "Paste the follow code: the 24 letters and digits after the # of the link.",
)
_UNKNOWN = Text(
    "Không có yêu cầu nào với mã theo dõi này.", "No request has this follow code."
)  # fmt: skip
_TOO_LONG = Text(
    f"Ghi chú dài quá {LONGEST_NOTE} ký tự.", f"The note is over {LONGEST_NOTE} characters."
)
_NOTED = Text("Đã gửi ghi chú.", "The note has been sent.")
_CANCELLED = Text("Đã hủy yêu cầu.", "The request has been cancelled.")


async def page(request: Request) -> Response:
    """`GET /sos/follow`: the form for the code; the script fills the page in from the link."""
    return _render(request, view(request), 200)


async def shown(request: Request) -> Response:
    """`POST /sos/follow`: how the request stands, after a note or a cancellation if one came."""
    found = await bodies.fields(request)
    seen = view(request)
    given = request.headers.get(FOLLOW_HEADER) or bodies.one(found, "token").strip()
    matched = TOKEN.fullmatch(given)
    if matched is None:
        return _render(request, seen, 400, error=seen.say(_NO_TOKEN))
    token = matched[1]
    note = bodies.one(found, "note").strip()
    cancels = bodies.one(found, "cancel") == "1"
    error = ""
    if len(note) > LONGEST_NOTE:
        error, note, cancels = seen.say(_TOO_LONG), "", False
    state, refusal = await _followed(services(request), seen, token, note, cancels=cancels)
    if state is None:
        return _render(request, seen, 404, error=seen.say(_UNKNOWN))
    error = error or refusal
    done = ""
    if not error and (note or cancels):
        done = seen.say(_CANCELLED if cancels else _NOTED)
    status = 200 if not error else 409 if refusal else 422
    return _render(request, seen, status, token=token, state=state, done=done, error=error)


async def _followed(
    served: Services, seen: View, token: str, note: str, *, cancels: bool
) -> tuple[dict[str, Any] | None, str]:
    """What is known of a request, and why it would take neither note nor cancellation."""
    key = proof.follow_hash(token)
    refusal = ""
    found: str | None = None
    if note or cancels:
        try:
            found = await posting.add(served.database, key, note or None, cancel=cancels)
        except RuleRefused as error:
            vi, _, en = error.said.partition(" / ")
            refusal = seen.t(vi, en)
    if found is None:
        found = await posting.followed(served.database, key)
    return (None if found is None else orjson.loads(found)), refusal


def _render(
    request: Request,
    seen: View,
    status: int,
    *,
    token: str = "",
    state: Mapping[str, Any] | None = None,
    done: str = "",
    error: str = "",
) -> Response:
    return seen.render(
        "follow.html",
        status_code=status,
        headers=HEADERS,
        token=token,
        found=None if state is None else _told(seen, state),
        done=done,
        error=error,
        longest=LONGEST_NOTE,
    )


def _told(seen: View, state: Mapping[str, Any]) -> dict[str, Any]:
    """What the template writes, in the reader's language and the province's time."""
    return {
        "code": state["code"],
        "state": _label(seen, state["state"]),
        "is_over": state["state"] in _OVER,
        "kind": "" if state["category"] is None else CATEGORY.title_of(
            state["category"], seen.language),
        "team": state["team"],
        "merged_into": state["merged_into"],
        "received": _instant(seen, state["received_at"]),
        "now": seen.presenter.instant(datetime.now(UTC)),
        "steps": [
            {"at": _instant(seen, step["at"]), "iso": step["at"],
             "state": _label(seen, step["state"] or "new")}
            for step in state["steps"]
        ],
    }  # fmt: skip


def _label(seen: View, state: str) -> str:
    text = _STATES.get(state)
    return state if text is None else seen.say(text)


def _instant(seen: View, text: str) -> str:
    return seen.presenter.instant(datetime.fromisoformat(text))
