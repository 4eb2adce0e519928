"""The code lists of contact tracing, as pages, files and the database have them."""

from __future__ import annotations

from layers.layer import Code, CodeList, Text

CONTACT_STATE = CodeList(
    "trace_contact_state",
    Text("Kết quả liên hệ", "What became of a contact"),
    (
        Code("to_call", Text("Cần gọi", "To call")),
        Code("reached", Text("Đã liên hệ", "Reached")),
        Code("quarantined", Text("Đã cách ly", "In quarantine")),
        Code("tested", Text("Đã xét nghiệm", "Tested")),
        Code("unreachable", Text("Không liên hệ được", "Not reachable")),
    ),
)
