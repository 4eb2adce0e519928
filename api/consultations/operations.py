"""What can be done at `/api/consultations`, said once: routes and definition follow."""

from __future__ import annotations

from api.consultations import desk, given, post
from api.sos.operations import Operation
from layers.layer import Text

_ALL = "/api/consultations"

OPERATIONS = (
    Operation(
        "POST",
        _ALL,
        post.post,
        Text("Yêu cầu bác sĩ gọi lại", "Ask to be called by a doctor"),
        given.Consultation,
        staff=False,
        statuses=(201, 200),
    ),
    Operation(
        "GET",
        f"{_ALL}/form",
        post.form,
        Text("Những gì biểu mẫu cần", "What the form needs"),
        staff=False,
    ),
    Operation(
        "POST",
        f"{_ALL}/follow",
        post.follow,
        Text("Xem, hủy hoặc gửi SOS từ yêu cầu của mình", "See, cancel or turn into an SOS"),
        given.Following,
        staff=False,
    ),
    Operation("GET", _ALL, desk.listed, Text("Hàng chờ và ca của tôi", "The queue and my cases")),
    Operation(
        "GET", f"{_ALL}/figures", desk.figures, Text("Số liệu tư vấn", "Figures of consultations")
    ),
    Operation("POST", f"{_ALL}/take", desk.take, Text("Nhận ca tiếp theo", "Take the next case")),
    Operation("GET", f"{_ALL}/{{row}}", desk.case, Text("Một ca", "A case")),
    Operation(
        "POST",
        f"{_ALL}/{{row}}/result",
        desk.result,
        Text("Ghi kết quả cuộc gọi", "Say what came of the call"),
        given.Result,
    ),
)
