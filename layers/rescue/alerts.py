"""The alerts: an area, what threatens it and what to do, as CAP 1.2 says it.

Code values are CAP's own (OASIS Common Alerting Protocol 1.2, section 3.2).
"""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Layer, Text
from layers.tables import UPDATED_AT, layer_table, moment
from layers.themes import RESCUE

CATEGORY = CodeList(
    "cap_category",
    Text("Nhóm sự kiện", "Category"),
    (
        Code("Geo", Text("Địa chất, sạt lở", "Geophysical")),
        Code("Met", Text("Khí tượng, thủy văn", "Meteorological")),
        Code("Safety", Text("An toàn công cộng", "Public safety")),
        Code("Security", Text("An ninh", "Security")),
        Code("Rescue", Text("Cứu hộ, cứu nạn", "Rescue")),
        Code("Fire", Text("Cháy", "Fire")),
        Code("Health", Text("Y tế, dịch bệnh", "Health")),
        Code("Env", Text("Môi trường", "Environment")),
        Code("Transport", Text("Giao thông", "Transport")),
        Code("Infra", Text("Hạ tầng", "Infrastructure")),
        Code("CBRNE", Text("Hóa, sinh, phóng xạ, nổ", "Chemical, biological, radiological")),
        Code("Other", Text("Khác", "Other")),
    ),
)
URGENCY = CodeList(
    "cap_urgency",
    Text("Mức khẩn trương", "Urgency"),
    (
        Code("Immediate", Text("Ngay lập tức", "Immediate")),
        Code("Expected", Text("Trong giờ tới", "Expected")),
        Code("Future", Text("Sắp tới", "Future")),
        Code("Past", Text("Đã qua", "Past")),
        Code("Unknown", Text("Chưa rõ", "Unknown")),
    ),
)
SEVERITY = CodeList(
    "cap_severity",
    Text("Mức nghiêm trọng", "Severity"),
    (
        Code("Extreme", Text("Đặc biệt nghiêm trọng", "Extreme")),
        Code("Severe", Text("Nghiêm trọng", "Severe")),
        Code("Moderate", Text("Vừa", "Moderate")),
        Code("Minor", Text("Nhẹ", "Minor")),
        Code("Unknown", Text("Chưa rõ", "Unknown")),
    ),
)
CERTAINTY = CodeList(
    "cap_certainty",
    Text("Mức chắc chắn", "Certainty"),
    (
        Code("Observed", Text("Đã xảy ra", "Observed")),
        Code("Likely", Text("Nhiều khả năng", "Likely")),
        Code("Possible", Text("Có thể", "Possible")),
        Code("Unlikely", Text("Ít khả năng", "Unlikely")),
        Code("Unknown", Text("Chưa rõ", "Unknown")),
    ),
)
STATUS = CodeList(
    "cap_status",
    Text("Tính chất", "Status"),
    (
        Code("Actual", Text("Thật", "Actual")),
        Code("Exercise", Text("Diễn tập", "Exercise")),
        Code("Test", Text("Thử", "Test")),
    ),
)
MESSAGE = CodeList(
    "cap_message",
    Text("Loại bản tin", "Message type"),
    (
        Code("Alert", Text("Cảnh báo mới", "Alert")),
        Code("Update", Text("Cập nhật", "Update")),
        Code("Cancel", Text("Hủy bỏ", "Cancel")),
    ),
)

COLUMNS = (
    Column("id", Text("Mã định danh", "Identifier"), editable=False),
    Column(
        "headline",
        Text("Tiêu đề", "Headline"),
        max_length=160,
        in_search=True,
        in_tiles=True,
    ),
    Column("event", Text("Sự kiện", "Event"), max_length=100, in_search=True),
    Column("severity", Text("Mức nghiêm trọng", "Severity"), codes=SEVERITY, in_tiles=True),
    Column("urgency", Text("Mức khẩn trương", "Urgency"), codes=URGENCY),
    Column("certainty", Text("Mức chắc chắn", "Certainty"), codes=CERTAINTY),
    Column("category", Text("Nhóm sự kiện", "Category"), codes=CATEGORY),
    Column("status", Text("Tính chất", "Status"), codes=STATUS),
    Column("message", Text("Loại bản tin", "Message type"), codes=MESSAGE, in_tiles=True),
    Column("description", Text("Nội dung", "Description"), max_length=4000),
    Column("instruction", Text("Hướng dẫn", "Instruction"), max_length=4000),
    Column("area_desc", Text("Vùng", "Area"), max_length=300, in_search=True),
    Column("event_en", Text("Sự kiện (tiếng Anh)", "Event in English"), max_length=100),
    Column("headline_en", Text("Tiêu đề (tiếng Anh)", "Headline in English"), max_length=160),
    Column(
        "description_en", Text("Nội dung (tiếng Anh)", "Description in English"), max_length=4000
    ),
    Column(
        "instruction_en", Text("Hướng dẫn (tiếng Anh)", "Instruction in English"), max_length=4000
    ),
    Column(
        "revision",
        Text("Lần ban hành", "Revision"),
        Text("Số lần bản tin đã được ban hành", "How many times it has been issued"),
        editable=False,
        minimum=1,
    ),
    Column("sent", Text("Ban hành lúc", "Sent"), editable=False),
    Column("onset", Text("Bắt đầu", "Onset")),
    Column("expires", Text("Hết hiệu lực", "Expires"), in_tiles=True),
    UPDATED_AT,
)

ALERTS = Layer(
    id="alerts",
    theme=RESCUE,
    title=Text("Vùng cảnh báo", "Alerts"),
    description=Text(
        "Các vùng được cảnh báo, với mức độ, nội dung và hướng dẫn cho người dân",
        "Areas under an alert, with its severity, message and what people should do",
    ),
    table=layer_table(
        "alerts",
        sa.Column("headline", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("urgency", sa.Text, nullable=False),
        sa.Column("certainty", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False, server_default="Actual"),
        sa.Column("message", sa.Text, nullable=False, server_default="Alert"),
        sa.Column("description", sa.Text),
        sa.Column("instruction", sa.Text),
        sa.Column("area_desc", sa.Text, nullable=False),
        sa.Column("event_en", sa.Text),
        sa.Column("headline_en", sa.Text),
        sa.Column("description_en", sa.Text),
        sa.Column("instruction_en", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
        sa.Column("sent", moment(), nullable=False, server_default=sa.func.now()),
        sa.Column("onset", moment(), nullable=False, server_default=sa.func.now()),
        sa.Column(
            "expires",
            moment(),
            nullable=False,
            server_default=sa.text("now() + interval '24 hours'"),
        ),
        sa.CheckConstraint("expires > onset", name="expires_after_onset"),
        geometry_type="MultiPolygon",
        id_type="uuid",
        described_by=COLUMNS,
    ),
    geometry_type="MultiPolygon",
    columns=COLUMNS,
    title_column="headline",
    steward="rescue_coordination",
    editors=("coordinator",),
    allows_outside=True,
    time=("onset", "expires"),
    class_column="severity",
    keywords=("cảnh báo", "CAP", "alert"),
)
