"""The register of outbreak areas outside the province, which travellers declare to have been in.

What they declare is told by its words; the rules are in `migrations/versions/0054_flags.py`.
"""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Text
from layers.registers.record import KEPT, PLACE, Register, register_table
from layers.themes import EPIDEMIC

UNIT = CodeList(
    "outside_unit",
    Text("Cấp", "Kind of unit"),
    (
        Code("country", Text("Quốc gia, vùng lãnh thổ", "Country")),
        Code("province", Text("Tỉnh, thành phố trực thuộc trung ương", "Province")),
        Code("district", Text("Quận, huyện", "District")),
        Code("commune", Text("Xã, phường", "Commune")),
        Code("site", Text("Địa điểm, chuyến đi", "Site or journey")),
    ),
)
OUTSIDE = CodeList(
    "outside", Text("Nơi", "Place"), (Code("outside", Text("Ngoài tỉnh", "Outside")),)
)

COLUMNS = (
    Column(
        "name",
        Text("Tên", "Name"),
        Text(
            "Tên ngắn, không kèm Tỉnh hay Thành phố, ví dụ: Đà Nẵng; Quận 8, Hồ Chí Minh",
            "The short name, without Tỉnh or Thành phố, e.g. Đà Nẵng; Quận 8, Hồ Chí Minh",
        ),
        max_length=80,
        in_search=True,
    ),
    Column(
        "also_named",
        Text("Cách viết khác", "Other spellings"),
        Text(
            "Cách nhau bằng dấu chấm phẩy; không cần ghi lại khi chỉ khác dấu hay chữ hoa",
            "With semicolons between them; accents and capitals make no difference",
        ),
        max_length=400,
        in_search=True,
    ),
    Column("unit", UNIT.title, codes=UNIT),
    Column("decision_number", Text("Số văn bản", "Decision number"), max_length=60, in_search=True),
    Column("valid_from", Text("Từ ngày", "From")),
    Column(
        "valid_until",
        Text("Đến hết ngày", "Until the end of"),
        Text("Để trống nếu đến khi có văn bản mới", "Empty: until another decision"),
    ),
    Column("is_in_force", Text("Đang là vùng dịch", "In force"), editable=False),
    Column(PLACE, OUTSIDE.title, max_length=40, editable=False),
    *KEPT,
)

OUTSIDE_AREAS = Register(
    id="outside_areas",
    theme=EPIDEMIC,
    title=Text("Vùng dịch ngoài tỉnh", "Outbreak areas outside the province"),
    description=Text(
        "Nơi ngoài tỉnh được xác định là vùng dịch; ai khai đã đến trong 14 ngày thì có cảnh báo",
        "Areas outside the province by decision; who declares to have been there within 14 days"
        " raises a flag",
    ),
    table=register_table(
        "outside_areas",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("also_named", sa.Text),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("decision_number", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column(PLACE, sa.Text, nullable=False, server_default="outside"),
        sa.UniqueConstraint("name", "valid_from"),
        described_by=COLUMNS,
        has_person=False,
    ),
    columns=COLUMNS,
    title_column="name",
    steward="health",
    has_person=False,
    adding=Text("Thêm vùng", "Add an area"),
    elsewhere=OUTSIDE,
    computed={
        "is_in_force": (
            "dieuhanh.today() BETWEEN t.valid_from AND coalesce(t.valid_until, 'infinity')",
            sa.Boolean(),
        )
    },
    listed=("name", "unit", "decision_number", "valid_from", "valid_until", "is_in_force"),
    sort="valid_from",
)
