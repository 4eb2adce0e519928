"""What can be done at `/api/declarations`, said once: routes and definition follow."""

from __future__ import annotations

from api.declarations import flags, given, post
from api.sos.operations import Operation
from layers.layer import Text

_FLAG = "/api/declarations/flags/{flag}"

OPERATIONS = (
    Operation(
        "POST",
        "/api/declarations",
        post.post,
        Text("Khai báo y tế", "Declare one's health"),
        given.Declaration,
        staff=False,
        statuses=(201, 200),
    ),
    Operation(
        "GET",
        "/api/declarations/form",
        post.form,
        Text("Những gì tờ khai cần", "What a declaration needs"),
        staff=False,
    ),
    Operation(
        "POST",
        "/api/declarations/card/revoke",
        post.revoke,
        Text("Hủy mã QR cá nhân", "Give a personal QR back"),
        given.Shown,
        staff=False,
    ),
    Operation(
        "GET",
        "/api/declarations/figures",
        flags.figures,
        Text("Số tờ khai", "Figures of declarations"),
        staff=False,
        query={"days": flags.DAYS_SCHEMA},
    ),
    Operation(
        "GET",
        "/api/declarations/flags",
        flags.listed,
        Text("Cảnh báo y tế trong địa bàn", "Health flags in one's districts"),
        query=flags.FILTERS,
    ),
    Operation("GET", _FLAG, flags.one, Text("Một cảnh báo", "A flag")),
    Operation(
        "POST",
        f"{_FLAG}/seen",
        flags.seen,
        Text("Nhận xử lý cảnh báo", "Take a flag up"),
    ),
    Operation(
        "POST",
        f"{_FLAG}/close",
        flags.close,
        Text("Đóng cảnh báo, có ghi kết quả", "Close a flag with its outcome"),
        given.Closing,
    ),
    Operation(
        "POST",
        f"{_FLAG}/revoke",
        flags.revoke,
        Text("Thu hồi mã QR của người được cảnh báo", "Revoke the cards of a flag's person"),
    ),
)
