"""What can be done at `/api/check-ins`, said once: routes and definition follow."""

from __future__ import annotations

from api.checkins import events, figures, recording
from api.sos.operations import Operation
from layers.layer import Text

_DAY = {"type": "string", "format": "date"}
_PERIOD = {"from": _DAY, "to": _DAY}

OPERATIONS = (
    Operation(
        "POST",
        "/api/check-ins",
        recording.record,
        Text("Ghi lượt vào, ra từ thiết bị của cán bộ", "Record check-ins of an officer's device"),
        events.Batch,
    ),
    Operation(
        "POST",
        "/api/check-ins/self",
        recording.record_self,
        Text("Tự ghi lượt vào, ra ở một điểm", "Check in at a site by oneself"),
        events.SelfEvent,
        staff=False,
    ),
    Operation(
        "GET",
        "/api/check-ins/sites/{code}",
        recording.site,
        Text("Điểm có mã QR đó", "The site of a poster's code"),
        staff=False,
    ),
    Operation(
        "GET",
        "/api/check-ins/figures",
        figures.figures,
        Text("Số lượt vào, ra", "Figures of check-ins"),
        query={
            **_PERIOD,
            "district": {"type": "string"},
            "site": {"type": "string", "description": "A layer and a number: `checkpoints/2`."},
        },
    ),
    Operation(
        "GET",
        "/api/check-ins/flows",
        figures.flows,
        Text("Đi lại giữa các xã theo ngày", "Flows between communes by day"),
        query=_PERIOD,
    ),
)
