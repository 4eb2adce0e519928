"""Health: the facilities, with beds, ventilators, oxygen, ambulances and staff."""

from __future__ import annotations

import sqlalchemy as sa

from layers.consultations import records as consultations
from layers.layer import Audience, Code, CodeList, Column, Layer, Text
from layers.registers.record import Register
from layers.tables import PLACE, UPDATED_AT, layer_table, moment
from layers.themes import HEALTH

KIND = CodeList(
    "medical_facility_kind",
    Text("Loại cơ sở y tế", "Kind of medical facility"),
    (
        Code("provincial_hospital", Text("Bệnh viện tỉnh", "Provincial hospital")),
        Code("district_centre", Text("Trung tâm y tế huyện", "District health centre")),
        Code("field_hospital", Text("Bệnh viện dã chiến", "Field hospital")),
        Code("private_hospital", Text("Bệnh viện tư", "Private hospital")),
        Code("commune_station", Text("Trạm y tế xã", "Commune health station")),
    ),
)
STATE = CodeList(
    "medical_facility_state",
    Text("Trạng thái cơ sở", "State of the facility"),
    (
        Code("open", Text("Đang tiếp nhận", "Open")),
        Code("full", Text("Quá tải", "Full")),
        Code("closed", Text("Ngừng tiếp nhận", "Closed")),
    ),
)


def _number(name: str, vi: str, en: str, unit: str, most: int = 100_000) -> Column:
    return Column(name, Text(vi, en), unit=unit, minimum=0, maximum=most)


COUNTS = (
    _number("beds", "Số giường", "Beds", "{bed}"),
    _number("beds_free", "Giường trống", "Beds free", "{bed}"),
    _number("icu_beds", "Giường hồi sức", "Intensive care beds", "{bed}"),
    _number("icu_free", "Giường hồi sức trống", "Intensive care beds free", "{bed}"),
    _number("ventilators", "Máy thở", "Ventilators", "{device}"),
    _number("ventilators_free", "Máy thở chưa dùng", "Ventilators free", "{device}"),
    _number("oxygen_h", "Ô-xy còn dùng được", "Oxygen lasts", "h", 10_000),
    _number("ambulances", "Xe cứu thương", "Ambulances", "{vehicle}"),
    _number("ambulances_free", "Xe cứu thương sẵn sàng", "Ambulances free", "{vehicle}"),
)
"""What a facility reports every day, as the public sees it."""
STAFF = (
    Column(
        "doctors",
        Text("Bác sĩ đang làm việc", "Doctors on duty"),
        unit="{person}",
        audience=Audience.STAFF,
        minimum=0,
        maximum=100_000,
    ),
    Column(
        "nurses",
        Text("Điều dưỡng đang làm việc", "Nurses on duty"),
        unit="{person}",
        audience=Audience.STAFF,
        minimum=0,
        maximum=100_000,
    ),
)
PARTS = (
    ("beds_free", "beds"),
    ("icu_free", "icu_beds"),
    ("icu_beds", "beds"),
    ("ventilators_free", "ventilators"),
    ("ambulances_free", "ambulances"),
)
"""Counts that are a part of another one."""

COLUMNS = (
    Column("id", Text("Số thứ tự", "Number"), editable=False),
    Column("code", Text("Mã cơ sở", "Code"), max_length=24, in_search=True),
    Column("name", Text("Tên cơ sở", "Name"), max_length=160, in_search=True, in_tiles=True),
    Column("kind", Text("Loại", "Kind"), codes=KIND),
    Column("state", Text("Trạng thái", "State"), codes=STATE, in_tiles=True),
    *COUNTS,
    *STAFF,
    Column("reported_at", Text("Báo cáo lúc", "Reported"), editable=False),
    *PLACE,
    UPDATED_AT,
)

MEDICAL_FACILITIES = Layer(
    id="medical_facilities",
    theme=HEALTH,
    title=Text("Cơ sở y tế", "Medical facilities"),
    description=Text(
        "Bệnh viện, trung tâm và trạm y tế, với giường, máy thở, ô-xy, xe cứu thương báo cáo"
        " hằng ngày",
        "Hospitals, health centres and stations, with the beds, ventilators, oxygen and ambulances"
        " that they report daily",
    ),
    table=layer_table(
        "medical_facilities",
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="open"),
        *(sa.Column(one.name, sa.Integer, nullable=False, server_default="0") for one in COUNTS),
        *(sa.Column(one.name, sa.Integer) for one in STAFF),
        sa.Column("reported_at", moment(), nullable=False, server_default=sa.func.now()),
        *(
            sa.CheckConstraint(f"{part} <= {whole}", name=f"{part}_of_{whole}")
            for part, whole in PARTS
        ),
        geometry_type="Point",
        described_by=COLUMNS,
    ),
    geometry_type="Point",
    columns=COLUMNS,
    title_column="name",
    steward="health",
    edited_by_districts=True,
    time="reported_at",
    time_of="state",
    class_column="state",
    cluster=True,
    keywords=("bệnh viện", "y tế", "hospital", "beds"),
)

LAYERS: tuple[Layer, ...] = (MEDICAL_FACILITIES,)

REGISTERS: tuple[Register, ...] = consultations.REGISTERS
