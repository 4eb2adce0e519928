"""What can be done at `/api/tracing`, said once: routes and definition follow."""

from __future__ import annotations

from api.sos.operations import Operation
from api.tracing import given, work
from layers.layer import Text

_ONE = "/api/tracing/{trace}"
_CONTACT = "/api/tracing/contacts/{contact}"

OPERATIONS = (
    Operation(
        "GET", "/api/tracing", work.listed, Text("Các yêu cầu truy vết", "Requests for tracing")
    ),
    Operation(
        "POST", "/api/tracing", work.ask, Text("Đề nghị truy vết", "Ask for tracing"), given.Asking
    ),
    # What names no request comes before what may name one.
    Operation(
        "GET",
        "/api/tracing/figures",
        work.figures,
        Text("Số liệu truy vết", "Figures of tracing"),
    ),
    Operation(
        "POST",
        "/api/tracing/handed",
        work.handed,
        Text("Người tiếp xúc được chuyển đến huyện", "Contacts handed over to a district"),
        given.Handed,
    ),
    Operation("POST", _CONTACT, work.contact, Text("Một người tiếp xúc", "A contact in full")),
    Operation(
        "PUT",
        _CONTACT,
        work.mark,
        Text("Ghi kết quả liên hệ", "Say what became of a contact"),
        given.Marking,
    ),
    Operation("GET", _ONE, work.one, Text("Một yêu cầu, ai đã xem", "A request, and who looked")),
    Operation(
        "POST",
        f"{_ONE}/decision",
        work.decide,
        Text("Duyệt hoặc từ chối", "Approve or refuse a request"),
        given.Deciding,
    ),
    Operation(
        "POST", f"{_ONE}/search", work.search, Text("Tìm người tiếp xúc", "Search for contacts")
    ),
    Operation(
        "POST",
        f"{_ONE}/result",
        work.result,
        Text("Những người tiếp xúc", "A page of the contacts"),
        given.Paging,
    ),
    Operation("POST", f"{_ONE}/close", work.close, Text("Đóng yêu cầu", "Close a request")),
)
"""What takes and answers JSON; the tracers' list and the file of devices are beside them."""
