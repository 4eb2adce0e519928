"""The rescue teams: what each can do, whether it is free, and where it was seen last.

Who leads a team and how to reach it is in `private.team_contact`; who belongs to it in
`private.team_member`.
"""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Audience, Code, CodeList, Column, Layer, Text
from layers.tables import PLACE, UPDATED_AT, layer_table, moment
from layers.themes import RESCUE

KIND = CodeList(
    "team_kind",
    Text("Lực lượng", "Force"),
    (
        Code("military", Text("Quân đội", "Military")),
        Code("police", Text("Công an", "Police")),
        Code("border_guard", Text("Bộ đội biên phòng", "Border guard")),
        Code("medical", Text("Y tế", "Medical service")),
        Code("militia", Text("Dân quân, xung kích xã", "Commune militia")),
        Code("youth_union", Text("Đoàn thanh niên", "Youth union")),
        Code("volunteer", Text("Tình nguyện", "Volunteers")),
    ),
)
STATE = CodeList(
    "team_state",
    Text("Trạng thái đội", "Team's state"),
    (
        Code("free", Text("Sẵn sàng", "Free")),
        Code("busy", Text("Đang làm nhiệm vụ", "On a task")),
        Code("off", Text("Không trực", "Off duty")),
    ),
)
CAPABILITIES = {
    "boat": Text("Có xuồng", "Has a boat"),
    "medical": Text("Cấp cứu y tế", "Medical aid"),
    "digging": Text("Tìm kiếm, đào bới", "Search and digging"),
    "transport": Text("Xe chở người", "Carries people"),
    "supplies": Text("Chở hàng cứu trợ", "Carries supplies"),
}
"""What a team can do; `dieuhanh.team_can` says which request needs which."""

COLUMNS = (
    Column("id", Text("Số thứ tự", "Number"), editable=False),
    Column("code", Text("Mã đội", "Code"), max_length=24, in_search=True),
    Column("name", Text("Tên đội", "Name"), max_length=160, in_search=True, in_tiles=True),
    Column("kind", Text("Lực lượng", "Force"), codes=KIND),
    Column("state", Text("Trạng thái", "State"), codes=STATE, in_tiles=True),
    Column("members", Text("Quân số", "Members"), unit="{person}", minimum=0, maximum=10_000),
    Column(
        "capacity",
        Text("Chở được", "Can carry"),
        Text("Số người chở được mỗi chuyến", "People that it can carry at once"),
        unit="{person}",
        minimum=0,
        maximum=10_000,
    ),
    *(Column(name, title) for name, title in CAPABILITIES.items()),
    Column("position_at", Text("Vị trí lúc", "Position at"), editable=False),
    Column(
        "accuracy_m",
        Text("Sai số vị trí", "Position accuracy"),
        unit="m",
        audience=Audience.STAFF,
        minimum=0,
        maximum=100_000,
    ),
    *PLACE,
    UPDATED_AT,
)

RESCUE_TEAMS = Layer(
    id="rescue_teams",
    theme=RESCUE,
    title=Text("Đội cứu hộ", "Rescue teams"),
    description=Text(
        "Các đội cứu hộ, cứu nạn: lực lượng, khả năng, trạng thái và vị trí gần nhất",
        "Rescue teams: their force, what they can do, their state and last position",
    ),
    table=layer_table(
        "rescue_teams",
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="free"),
        sa.Column("members", sa.Integer),
        sa.Column("capacity", sa.Integer, nullable=False, server_default="0"),
        *(
            sa.Column(name, sa.Boolean, nullable=False, server_default=sa.text("false"))
            for name in CAPABILITIES
        ),
        sa.Column("position_at", moment(), nullable=False, server_default=sa.func.now()),
        sa.Column("accuracy_m", sa.Float),
        geometry_type="Point",
        described_by=COLUMNS,
        keeps_exact=True,
    ),
    geometry_type="Point",
    columns=COLUMNS,
    title_column="name",
    steward="rescue_coordination",
    editors=("operator", "coordinator"),
    # The public sees about where teams are, not whom to follow home.
    public_decimals=2,
    allows_outside=True,
    time="position_at",
    time_of="state",
    class_column="state",
    cluster=True,
    keywords=("cứu hộ", "đội", "rescue team"),
)
