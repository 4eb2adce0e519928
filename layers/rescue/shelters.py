"""The shelters: where people who had to leave their homes may go."""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Layer, Text
from layers.tables import PLACE, UPDATED_AT, layer_table
from layers.themes import RESCUE

KIND = CodeList(
    "shelter_kind",
    Text("Loại nơi trú", "Kind of shelter"),
    (
        Code("school", Text("Trường học", "School")),
        Code("community_house", Text("Nhà văn hóa, nhà cộng đồng", "Community house")),
        Code("office", Text("Trụ sở cơ quan", "Public office")),
        Code("health_facility", Text("Cơ sở y tế", "Health facility")),
        Code("religious", Text("Chùa, nhà thờ", "Pagoda or church")),
        Code("other", Text("Khác", "Other")),
    ),
)
STATE = CodeList(
    "shelter_state",
    Text("Trạng thái nơi trú", "Shelter's state"),
    (
        Code("ready", Text("Sẵn sàng", "Ready")),
        Code("open", Text("Đang đón dân", "Open")),
        Code("full", Text("Đã đầy", "Full")),
        Code("closed", Text("Đóng", "Closed")),
    ),
)

COLUMNS = (
    Column("id", Text("Số thứ tự", "Number"), editable=False),
    Column("code", Text("Mã nơi trú", "Code"), max_length=24, in_search=True),
    Column("name", Text("Tên nơi trú", "Name"), max_length=160, in_search=True, in_tiles=True),
    Column("kind", Text("Loại", "Kind"), codes=KIND),
    Column("state", Text("Trạng thái", "State"), codes=STATE, in_tiles=True),
    Column("capacity", Text("Sức chứa", "Capacity"), unit="{person}", minimum=0, maximum=100_000),
    Column("occupied", Text("Đang ở", "Occupied"), unit="{person}", minimum=0, maximum=100_000),
    Column("water", Text("Có nước sạch", "Drinking water")),
    Column("power", Text("Có điện", "Power")),
    Column("floors", Text("Số tầng", "Floors"), minimum=1, maximum=50),
    *PLACE,
    UPDATED_AT,
)

SHELTERS = Layer(
    id="shelters",
    theme=RESCUE,
    title=Text("Nơi trú tránh", "Shelters"),
    description=Text(
        "Nơi người dân sơ tán đến trú, với sức chứa và số người đang ở",
        "Where evacuated people may stay, with capacity and the people there",
    ),
    table=layer_table(
        "shelters",
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="ready"),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("occupied", sa.Integer, nullable=False, server_default="0"),
        sa.Column("water", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("power", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("floors", sa.Integer),
        geometry_type="Point",
        described_by=COLUMNS,
    ),
    geometry_type="Point",
    columns=COLUMNS,
    title_column="name",
    steward="rescue_coordination",
    edited_by_districts=True,
    editors=("operator", "coordinator"),
    time="updated_at",
    time_of="state",
    class_column="state",
    cluster=True,
    keywords=("sơ tán", "trú tránh", "shelter"),
)
