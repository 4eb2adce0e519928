"""`/help`: what each kind of user does with the product, on one page that also prints."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.ogc.view import view
from layers.layer import Text

BOARD_KEYS: tuple[tuple[str, Text], ...] = (
    ("j ↓ · k ↑", Text("xuống, lên một yêu cầu", "the next request, the one before")),
    ("v", Text("xác minh", "verify")),
    ("a", Text("phân công đội", "assign a team")),
    ("m", Text("gộp tin trùng", "merge with another request")),
    ("c", Text("đóng yêu cầu", "close the request")),
    ("1 – 9", Text("chọn dòng thứ mấy trong danh sách đang mở", "take that line of the open list")),
    ("/", Text("tới ô tìm kiếm", "go to the search")),
    ("Esc", Text("thôi việc đang làm", "leave what is being done")),
    ("?", Text("xem các phím này ngay trên bảng", "see these keys on the board itself")),
)
"""The keys of the board, as `web/src/board/keys.ts` listens to them; a test compares."""


async def page(request: Request) -> Response:
    """GET `/help`."""
    return view(request).render(
        "help.html", headers={"Cache-Control": "no-cache"}, board_keys=BOARD_KEYS
    )


ROUTES = [Route("/help", page, methods=["GET"], name="help")]
