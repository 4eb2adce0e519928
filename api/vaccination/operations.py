"""What can be done at `/api/vaccination`, said once: routes and definition follow."""

from __future__ import annotations

from starlette.routing import Route

from api.sos.operations import Operation
from api.vaccination import desk, given, lists, public
from layers.layer import Text

_ROOT = "/api/vaccination"

OPERATIONS = (
    Operation(
        "GET",
        f"{_ROOT}/form",
        public.form,
        Text("Những gì tờ đăng ký tiêm cần", "What a registration for vaccination needs"),
        staff=False,
    ),
    Operation(
        "POST",
        f"{_ROOT}/registrations",
        public.register,
        Text("Đăng ký tiêm", "Register for vaccination"),
        given.Registration,
        staff=False,
        statuses=(201, 200),
    ),
    Operation(
        "POST",
        f"{_ROOT}/own",
        public.own,
        Text("Đăng ký của mình", "How one's own registration stands"),
        given.Own,
        staff=False,
    ),
    Operation(
        "POST",
        f"{_ROOT}/own/cancel",
        public.cancel,
        Text("Hủy đăng ký của mình", "Cancel one's own registration"),
        given.Own,
        staff=False,
    ),
    Operation(
        "POST",
        f"{_ROOT}/own/correction",
        public.correct,
        Text("Đề nghị sửa thông tin tiêm của mình", "Ask to correct what is recorded of oneself"),
        given.Correction,
        staff=False,
        statuses=(201,),
    ),
    Operation(
        "GET",
        f"{_ROOT}/progress",
        desk.progress,
        Text("Tiến độ tiêm", "Progress of vaccination"),
        staff=False,
    ),
    Operation(
        "GET",
        f"{_ROOT}/desk",
        desk.desk,
        Text("Bàn tiêm của một điểm hôm nay", "The desk of a point today"),
        query={"place": {"type": "string"}},
    ),
    Operation(
        "POST",
        f"{_ROOT}/arrive",
        desk.arrive,
        Text("Tiếp đón người đến tiêm", "Receive somebody at a point"),
        given.Arrival,
    ),
    Operation(
        "GET",
        f"{_ROOT}/figures",
        desk.figures,
        Text("Việc tiêm chủng còn chờ", "What waits in vaccination"),
    ),
)

ROUTES = [
    *(Route(one.path, one.handler, methods=[one.method]) for one in OPERATIONS),
    # Files, which the definition does not describe.
    Route(f"{_ROOT}/progress.csv", desk.progress_csv),
    Route(f"{_ROOT}/list.xlsx", lists.list_form),
    Route(f"{_ROOT}/list", lists.take_list, methods=["POST"]),
    Route(f"{_ROOT}/points.xlsx", lists.points_form),
    Route(f"{_ROOT}/points", lists.take_points, methods=["POST"]),
]
