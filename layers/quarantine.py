"""Quarantine: the concentrated sites and the hotels."""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Layer, Text
from layers.stays import REGISTERS as REGISTERS
from layers.tables import PLACE, UPDATED_AT, layer_table
from layers.themes import QUARANTINE

SITE_KIND = CodeList(
    "quarantine_site_kind",
    Text("Loại khu cách ly", "Kind of quarantine site"),
    (
        Code("barracks", Text("Doanh trại quân đội", "Barracks")),
        Code("school", Text("Trường học", "School")),
        Code("dormitory", Text("Ký túc xá", "Dormitory")),
        Code("health_facility", Text("Cơ sở y tế", "Health facility")),
        Code("community_house", Text("Nhà văn hóa, trụ sở", "Community house, office")),
    ),
)
SITE_STATE = CodeList(
    "quarantine_site_state",
    Text("Trạng thái khu cách ly", "State of the quarantine site"),
    (
        Code("ready", Text("Sẵn sàng", "Ready")),
        Code("receiving", Text("Đang tiếp nhận", "Receiving")),
        Code("full", Text("Đã đầy", "Full")),
        Code("closed", Text("Ngừng hoạt động", "Closed")),
    ),
)
HOTEL_STATE = CodeList(
    "hotel_state",
    Text("Trạng thái khách sạn", "State of the hotel"),
    (
        Code("available", Text("Còn phòng", "Rooms free")),
        Code("full", Text("Hết phòng", "Full")),
        Code("standby", Text("Dự phòng", "On standby")),
        Code("closed", Text("Ngừng hoạt động", "Closed")),
    ),
)

CAMERAS_WORKING = Column(
    "cameras_working",
    Text("Camera đang hoạt động", "Cameras that work"),
    Text("Để trống: chưa rõ", "Empty: not known"),
    unit="{camera}",
    minimum=0,
)
_WORKING_OF_CAMERAS = "cameras_working <= cameras"

SITE_COLUMNS = (
    Column("id", Text("Số thứ tự", "Number"), editable=False),
    Column("code", Text("Mã khu cách ly", "Code"), max_length=24, in_search=True),
    Column("name", Text("Tên khu cách ly", "Name"), max_length=160, in_search=True, in_tiles=True),
    Column("kind", Text("Loại", "Kind"), codes=SITE_KIND),
    Column("state", Text("Trạng thái", "State"), codes=SITE_STATE, in_tiles=True),
    Column(
        "managing_unit", Text("Đơn vị quản lý", "Managing unit"), max_length=160, in_search=True
    ),
    Column(
        "capacity",
        Text("Sức chứa", "Capacity"),
        unit="{person}",
        minimum=0,
        maximum=100_000,
        in_tiles=True,
    ),
    Column(
        "occupied",
        Text("Đang cách ly", "Occupied"),
        unit="{person}",
        minimum=0,
        maximum=100_000,
        in_tiles=True,
    ),
    Column("cameras", Text("Số camera", "Cameras"), unit="{camera}", minimum=0),
    CAMERAS_WORKING,
    Column("opened_on", Text("Ngày mở", "Opened on")),
    *PLACE,
    UPDATED_AT,
)

QUARANTINE_SITES = Layer(
    id="quarantine_sites",
    theme=QUARANTINE,
    title=Text("Khu cách ly tập trung", "Quarantine sites"),
    description=Text(
        "Các khu cách ly tập trung, với sức chứa, số người đang cách ly và số camera giám sát",
        "Concentrated quarantine sites, with their capacity, the people there and the cameras",
    ),
    table=layer_table(
        "quarantine_sites",
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="ready"),
        sa.Column("managing_unit", sa.Text),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("occupied", sa.Integer, nullable=False, server_default="0"),
        sa.Column("cameras", sa.Integer, nullable=False, server_default="0"),
        sa.Column("cameras_working", sa.Integer),
        sa.Column("opened_on", sa.Date),
        sa.CheckConstraint(_WORKING_OF_CAMERAS, name="cameras_working_of_cameras"),
        geometry_type="Point",
        described_by=SITE_COLUMNS,
    ),
    geometry_type="Point",
    columns=SITE_COLUMNS,
    title_column="name",
    steward="military_command",
    time="updated_at",
    time_of="state",
    class_column="state",
    keywords=("cách ly", "quarantine"),
)

HOTEL_COLUMNS = (
    Column("id", Text("Số thứ tự", "Number"), editable=False),
    Column("code", Text("Mã cơ sở", "Code"), max_length=24, in_search=True),
    Column("name", Text("Tên cơ sở", "Name"), max_length=160, in_search=True, in_tiles=True),
    Column("stars", Text("Hạng sao", "Stars"), unit="{star}", minimum=1, maximum=5),
    Column("state", Text("Trạng thái", "State"), codes=HOTEL_STATE, in_tiles=True),
    Column(
        "paid_quarantine",
        Text("Cách ly có trả phí", "Paid quarantine"),
        in_tiles=True,
    ),
    Column("rooms", Text("Tổng số phòng", "Rooms"), unit="{room}", minimum=0, maximum=10_000),
    Column(
        "rooms_quarantine",
        Text("Phòng cách ly", "Quarantine rooms"),
        unit="{room}",
        minimum=0,
        maximum=10_000,
    ),
    Column(
        "occupied",
        Text("Phòng đang dùng", "Rooms occupied"),
        unit="{room}",
        minimum=0,
        maximum=10_000,
    ),
    Column(
        "price_vnd",
        Text("Giá phòng một đêm", "Price a night"),
        unit="VND",
        minimum=0,
        maximum=1_000_000_000,
    ),
    Column("cameras", Text("Số camera", "Cameras"), unit="{camera}", minimum=0),
    CAMERAS_WORKING,
    *PLACE,
    UPDATED_AT,
)

HOTELS = Layer(
    id="hotels",
    theme=QUARANTINE,
    title=Text("Khách sạn, cơ sở lưu trú", "Hotels"),
    description=Text(
        "Khách sạn và cơ sở lưu trú, trong đó có các cơ sở cách ly có trả phí",
        "Hotels and lodgings, among them those for paid quarantine",
    ),
    table=layer_table(
        "hotels",
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("stars", sa.Integer),
        sa.Column("state", sa.Text, nullable=False, server_default="available"),
        sa.Column("paid_quarantine", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("rooms", sa.Integer, nullable=False),
        sa.Column("rooms_quarantine", sa.Integer, nullable=False, server_default="0"),
        sa.Column("occupied", sa.Integer, nullable=False, server_default="0"),
        sa.Column("price_vnd", sa.Integer),
        sa.Column("cameras", sa.Integer, nullable=False, server_default="0"),
        sa.Column("cameras_working", sa.Integer),
        sa.CheckConstraint(_WORKING_OF_CAMERAS, name="cameras_working_of_cameras"),
        sa.CheckConstraint("rooms_quarantine <= rooms", name="rooms_quarantine_of_rooms"),
        sa.CheckConstraint("occupied <= rooms", name="occupied_of_rooms"),
        geometry_type="Point",
        described_by=HOTEL_COLUMNS,
    ),
    geometry_type="Point",
    columns=HOTEL_COLUMNS,
    title_column="name",
    steward="tourism",
    time="updated_at",
    time_of="state",
    class_column="state",
    keywords=("khách sạn", "lưu trú", "hotels", "paid quarantine"),
)

LAYERS: tuple[Layer, ...] = (QUARANTINE_SITES, HOTELS)
