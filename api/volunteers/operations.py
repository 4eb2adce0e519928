"""What can be done at `/api/volunteers`, said once: routes and definition follow."""

from __future__ import annotations

from api.sos.operations import Operation
from api.volunteers import desk, given, own
from layers.layer import Text

_ALL = "/api/volunteers"
_SOS = f"{_ALL}/sos/{{request}}"

OPERATIONS = (
    Operation(
        "POST",
        _ALL,
        own.post,
        Text("Đăng ký tình nguyện viên", "Register as a volunteer"),
        given.Registration,
        staff=False,
        statuses=(201, 200),
    ),
    Operation(
        "POST",
        f"{_ALL}/mine",
        own.mine,
        Text("Xem, tạm nghỉ, trả lời việc, xóa", "See, pause, answer a task, delete"),
        given.Doing,
        staff=False,
    ),
    Operation(
        "GET",
        f"{_ALL}/counts",
        desk.counts,
        Text("Số tình nguyện viên theo huyện và kỹ năng", "Volunteers by district and skill"),
        staff=False,
        query={"f": {"type": "string", "enum": list(desk.FORMS), "default": "json"}},
    ),
    Operation("GET", f"{_ALL}/tasks", desk.tasks, Text("Việc đang cần người", "Open tasks")),
    Operation(
        "GET",
        f"{_ALL}/tasks/{{row}}",
        desk.task,
        Text("Một việc, ai đã phân công, ai phù hợp", "A task, who is assigned, who suits"),
    ),
    Operation(
        "POST",
        f"{_ALL}/tasks/{{row}}/assignments",
        desk.assign,
        Text("Phân công", "Assign"),
        given.Assigning,
    ),
    Operation(
        "GET", _SOS, desk.of_sos, Text("Số tình nguyện viên của một SOS", "Volunteers of an SOS")
    ),
    Operation(
        "POST", _SOS, desk.for_sos, Text("Mở việc cho một SOS", "The task of an SOS"), given.SosTask
    ),
)
