"""Vaccination: the points where people are vaccinated."""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Layer, Text
from layers.tables import PLACE, UPDATED_AT, layer_table
from layers.themes import VACCINATION
from layers.vaccinating.corrections import CORRECTIONS
from layers.vaccinating.doses import REACTIONS, VACCINATIONS
from layers.vaccinating.sessions import REGISTRATIONS, SESSIONS
from layers.vaccinating.stock import LOTS, MOVEMENTS

KIND = CodeList(
    "vaccination_point_kind",
    Text("Loại điểm tiêm", "Kind of vaccination point"),
    (
        Code("commune_station", Text("Trạm y tế", "Commune health station")),
        Code("health_centre", Text("Trung tâm y tế", "District health centre")),
        Code("hospital", Text("Bệnh viện", "Hospital")),
        Code("school", Text("Trường học", "School")),
        Code("hall", Text("Nhà văn hóa, nhà thi đấu", "Hall, sports centre")),
        Code("mobile", Text("Lưu động", "Mobile team")),
    ),
)
STATE = CodeList(
    "vaccination_point_state",
    Text("Trạng thái điểm tiêm", "State of the vaccination point"),
    (
        Code("open", Text("Đang tiêm", "Open")),
        Code("scheduled", Text("Sắp tiêm", "Scheduled")),
        Code("paused", Text("Tạm dừng", "Paused")),
        Code("closed", Text("Đã kết thúc", "Closed")),
    ),
)
SESSION = CodeList(
    "vaccination_session",
    Text("Buổi tiêm", "Sessions"),
    (
        Code("all_day", Text("Cả ngày", "All day")),
        Code("morning", Text("Buổi sáng", "Morning")),
        Code("afternoon", Text("Buổi chiều", "Afternoon")),
    ),
)
LOCATED = CodeList(
    "vaccination_point_located",
    Text("Vị trí", "Position"),
    (
        Code("exact", Text("Đúng chỗ", "Exact")),
        Code("commune", Text("Tạm đặt trong xã, phường", "Somewhere in the commune")),
    ),
)

COLUMNS = (
    Column("id", Text("Số thứ tự", "Number"), editable=False),
    Column("code", Text("Mã điểm tiêm", "Code"), max_length=24, in_search=True),
    Column("name", Text("Tên điểm tiêm", "Name"), max_length=160, in_search=True, in_tiles=True),
    Column("kind", Text("Loại", "Kind"), codes=KIND),
    Column("state", Text("Trạng thái", "State"), codes=STATE, in_tiles=True),
    Column("sessions", Text("Buổi tiêm", "Sessions"), codes=SESSION),
    Column("opens", Text("Giờ mở cửa", "Opens"), max_length=5),
    Column("closes", Text("Giờ đóng cửa", "Closes"), max_length=5),
    Column("tables", Text("Số bàn tiêm", "Tables"), unit="{table}", minimum=0),
    Column("teams", Text("Số đội tiêm", "Teams"), unit="{team}", minimum=0),
    Column("stock_doses", Text("Vắc-xin còn", "Doses in stock"), unit="{dose}", minimum=0),
    Column("doses_today", Text("Mũi tiêm hôm nay", "Doses today"), unit="{dose}", minimum=0),
    Column("doses_given", Text("Tổng số mũi tiêm", "Doses given"), unit="{dose}", minimum=0),
    Column("address", Text("Địa chỉ", "Address"), max_length=300, in_search=True),
    Column("located", LOCATED.title, codes=LOCATED),
    *PLACE,
    UPDATED_AT,
)

HOUR = "~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'"

VACCINATION_POINTS = Layer(
    id="vaccination_points",
    theme=VACCINATION,
    title=Text("Điểm tiêm chủng", "Vaccination points"),
    description=Text(
        "Các điểm tiêm vắc-xin, với buổi tiêm, số bàn và đội tiêm, vắc-xin còn và số mũi đã tiêm",
        "Vaccination points, with their sessions, tables, teams, doses in stock and doses given",
    ),
    table=layer_table(
        "vaccination_points",
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="scheduled"),
        sa.Column("sessions", sa.Text),
        sa.Column("opens", sa.Text),
        sa.Column("closes", sa.Text),
        sa.Column("tables", sa.Integer),
        sa.Column("teams", sa.Integer),
        sa.Column("stock_doses", sa.Integer, nullable=False, server_default="0"),
        sa.Column("doses_today", sa.Integer, nullable=False, server_default="0"),
        sa.Column("doses_given", sa.Integer, nullable=False, server_default="0"),
        sa.Column("address", sa.Text),
        sa.Column("located", sa.Text, nullable=False, server_default="exact"),
        sa.CheckConstraint(f"opens {HOUR}", name="opens_hour"),
        sa.CheckConstraint(f"closes {HOUR}", name="closes_hour"),
        geometry_type="Point",
        described_by=COLUMNS,
    ),
    geometry_type="Point",
    columns=COLUMNS,
    title_column="name",
    steward="health",
    edited_by_districts=True,
    commune_mark="located",
    time="updated_at",
    time_of="state",
    class_column="state",
    keywords=("tiêm chủng", "vắc-xin", "vaccination"),
)

LAYERS: tuple[Layer, ...] = (VACCINATION_POINTS,)
REGISTERS = (
    VACCINATIONS,
    REGISTRATIONS,
    SESSIONS,
    MOVEMENTS,
    LOTS,
    REACTIONS,
    CORRECTIONS,
)
