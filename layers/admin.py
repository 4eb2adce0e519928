"""Administrative units: the province, its districts of 2021 and its communes of 2025."""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Layer, Text
from layers.tables import layer_table
from layers.themes import ADMIN

LEVEL = CodeList(
    "admin_level",
    Text("Cấp hành chính", "Administrative level"),
    (
        Code("province", Text("Cấp tỉnh", "Province")),
        Code("district", Text("Cấp huyện", "District")),
        Code("commune", Text("Cấp xã", "Commune")),
    ),
)
KIND = CodeList(
    "admin_kind",
    Text("Loại đơn vị", "Kind of unit"),
    (
        Code("province", Text("Tỉnh", "Province")),
        Code("city", Text("Thành phố", "City")),
        Code("town", Text("Thị xã", "Town")),
        Code("rural_district", Text("Huyện", "Rural district")),
        Code("ward", Text("Phường", "Ward")),
        Code("commune", Text("Xã", "Rural commune")),
    ),
)
STRUCTURE = CodeList(
    "admin_structure",
    Text("Mô hình tổ chức", "Structure"),
    (
        Code("2021", Text("Ba cấp (2021)", "Three levels (2021)")),
        Code("2025", Text("Hai cấp (2025)", "Two levels (2025)")),
    ),
)

COLUMNS = (
    Column("code", Text("Mã đơn vị", "Code"), max_length=16, in_search=True),
    Column("name", Text("Tên", "Name"), max_length=120, in_search=True, in_tiles=True),
    Column("level", Text("Cấp", "Level"), codes=LEVEL, in_tiles=True),
    Column("kind", Text("Loại", "Kind"), codes=KIND, in_tiles=True),
    Column(
        "parent_code",
        Text("Thuộc đơn vị", "Part of"),
        Text("Mã đơn vị cấp trên", "Code of the unit above"),
        max_length=16,
    ),
    Column("structure", Text("Mô hình", "Structure"), codes=STRUCTURE),
    Column(
        "area_km2",
        Text("Diện tích", "Area"),
        Text("Diện tích theo công bố chính thức", "The official figure"),
        unit="km2",
        minimum=0,
    ),
    Column(
        "population",
        Text("Dân số", "Population"),
        Text(
            "Số dân; trong dữ liệu trình diễn là số mô phỏng",
            "People who live there; a synthetic figure in the demo",
        ),
        unit="{person}",
        minimum=0,
    ),
)

ADMIN_UNITS = Layer(
    id="admin_units",
    theme=ADMIN,
    title=Text("Đơn vị hành chính", "Administrative units"),
    description=Text(
        "Ranh giới tỉnh, các huyện, thị xã, thành phố (2021) và các xã, phường (2025)",
        "Boundaries of the province, its districts (2021) and its communes and wards (2025)",
    ),
    table=layer_table(
        "admin_units",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("parent_code", sa.Text, sa.ForeignKey("layer.admin_units.code"), index=True),
        sa.Column("structure", sa.Text, nullable=False),
        sa.Column("area_km2", sa.Float),
        sa.Column("population", sa.Integer),
        geometry_type="MultiPolygon",
        id_type=None,
        described_by=COLUMNS,
    ),
    geometry_type="MultiPolygon",
    columns=COLUMNS,
    title_column="name",
    steward="it",
    id_column="code",
    class_column="level",
    keywords=("địa giới", "ranh giới", "boundaries", "communes", "districts"),
)

LAYERS: tuple[Layer, ...] = (ADMIN_UNITS,)
