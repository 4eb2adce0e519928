"""The requests for help.

Who reported, a phone number, a note, a photo or an address are personal data: they are no column
of this table but lie in the schema `private`. A post that looks like spam waits there too
(`private.sos_intake`) and is no request before someone has released it.
"""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Audience, Code, CodeList, Column, Layer, Text
from layers.tables import PLACE, UPDATED_AT, layer_table, metadata, moment
from layers.themes import RESCUE

CATEGORY = CodeList(
    "sos_category",
    Text("Loại yêu cầu", "Kind of request"),
    (
        Code("trapped", Text("Mắc kẹt do ngập lụt", "Trapped by flood")),
        Code("landslide", Text("Sạt lở đất", "Landslide")),
        Code("medical", Text("Cấp cứu y tế", "Medical emergency")),
        Code("evacuation", Text("Cần sơ tán", "Evacuation")),
        Code("food_water", Text("Lương thực, nước uống", "Food and water")),
        Code("medicine", Text("Thuốc, vật tư y tế", "Medicine")),
        Code("shelter", Text("Chỗ ở tạm", "Shelter")),
        Code("missing", Text("Mất liên lạc, mất tích", "Missing person")),
        Code("other", Text("Khác", "Other")),
    ),
)
PRIORITY = CodeList(
    "sos_priority",
    Text("Mức ưu tiên", "Priority"),
    (
        Code("critical", Text("Nguy cấp", "Critical")),
        Code("high", Text("Cao", "High")),
        Code("medium", Text("Trung bình", "Medium")),
        Code("low", Text("Thấp", "Low")),
    ),
)
STATE = CodeList(
    "sos_state",
    Text("Trạng thái xử lý", "State"),
    (
        Code("new", Text("Mới", "New")),
        Code("verified", Text("Đã xác minh", "Verified")),
        Code("assigned", Text("Đã phân công", "Assigned")),
        Code("en_route", Text("Đang đến", "En route")),
        Code("on_site", Text("Tại hiện trường", "On site")),
        Code("resolved", Text("Đã xong", "Resolved")),
        Code("cancelled", Text("Đã hủy", "Cancelled")),
        Code("duplicate", Text("Trùng lặp", "Duplicate")),
        Code("false", Text("Không có thật", "False report")),
    ),
)
CHANNEL = CodeList(
    "sos_channel",
    Text("Kênh tiếp nhận", "Channel"),
    (
        Code("app", Text("Điện thoại", "Phone app")),
        Code("web", Text("Trang web", "Web page")),
        Code("hotline", Text("Tổng đài", "Hotline")),
        Code("officer", Text("Cán bộ báo", "Officer")),
    ),
)

# A default and not a generated column: triggers that write `feature` must see it.
NUMBER = sa.Sequence("sos_requests_number", start=100_001, metadata=metadata, schema="layer")

STAFF = Audience.STAFF
COLUMNS = (
    Column("id", Text("Mã định danh", "Identifier"), editable=False),
    Column(
        "code",
        Text("Mã yêu cầu", "Code"),
        Text("Mã ngắn để đọc qua điện thoại", "A short code to read over the phone"),
        editable=False,
        in_search=True,
        in_tiles=True,
    ),
    Column("category", Text("Loại yêu cầu", "Category"), codes=CATEGORY, in_tiles=True),
    Column("priority", Text("Mức ưu tiên", "Priority"), codes=PRIORITY, in_tiles=True),
    Column("state", Text("Trạng thái", "State"), codes=STATE, in_tiles=True),
    Column("people", Text("Số người", "People"), unit="{person}", minimum=0, maximum=10_000),
    Column(
        "injured",
        Text("Bị thương", "Injured"),
        unit="{person}",
        audience=STAFF,
        minimum=0,
        maximum=10_000,
    ),
    Column(
        "children",
        Text("Trẻ em", "Children"),
        unit="{person}",
        audience=STAFF,
        minimum=0,
        maximum=10_000,
    ),
    Column(
        "elderly",
        Text("Người cao tuổi", "Elderly"),
        unit="{person}",
        audience=STAFF,
        minimum=0,
        maximum=10_000,
    ),
    Column("channel", Text("Kênh tiếp nhận", "Channel"), codes=CHANNEL, audience=STAFF),
    Column(
        "accuracy_m",
        Text("Sai số vị trí", "Position accuracy"),
        unit="m",
        audience=STAFF,
        minimum=0,
        maximum=100_000,
    ),
    Column("reported_at", Text("Báo lúc", "Reported")),
    Column("resolved_at", Text("Xong lúc", "Resolved"), editable=False),
    *PLACE,
    UPDATED_AT,
)


SOS_REQUESTS = Layer(
    id="sos_requests",
    theme=RESCUE,
    title=Text("Yêu cầu cứu trợ SOS", "SOS requests"),
    description=Text(
        "Yêu cầu cứu hộ, cứu trợ của người dân, với loại, mức ưu tiên và trạng thái xử lý",
        "People's requests for rescue and relief, with their category, priority and state",
    ),
    table=layer_table(
        "sos_requests",
        sa.Column(
            "code",
            sa.Text,
            nullable=False,
            unique=True,
            server_default=sa.text("'S' || nextval('layer.sos_requests_number')"),
        ),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="new"),
        sa.Column("people", sa.Integer),
        sa.Column("injured", sa.Integer),
        sa.Column("children", sa.Integer),
        sa.Column("elderly", sa.Integer),
        sa.Column("channel", sa.Text),
        sa.Column("accuracy_m", sa.Float),
        sa.Column("reported_at", moment(), nullable=False, server_default=sa.func.now()),
        sa.Column("resolved_at", moment()),
        sa.CheckConstraint("resolved_at >= reported_at", name="resolved_after_reported"),
        geometry_type="Point",
        id_type="uuid",
        described_by=COLUMNS,
        keeps_exact=True,
    ),
    geometry_type="Point",
    columns=COLUMNS,
    title_column="code",
    steward="rescue_coordination",
    editors=("operator", "coordinator"),
    # About 100 m here: enough to see where help is needed, too coarse to find a house.
    public_decimals=3,
    # A position is seldom exact, and help may be needed beyond the border.
    allows_outside=True,
    requires_match=True,
    time="reported_at",
    class_column="priority",
    cluster=True,
    keywords=("cứu trợ", "cứu hộ", "SOS", "rescue"),
)
