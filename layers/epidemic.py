"""The epidemic: outbreak zones by decision, levels of risk, testing sites; its registers."""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Layer, Text
from layers.outbreaks.records import RISK_LEVELS, TESTING_SITES
from layers.outbreaks.registers import REGISTERS as REGISTERS
from layers.tables import DISTRICT_CODE, UPDATED_AT, layer_table, moment
from layers.themes import EPIDEMIC

LEVEL = CodeList(
    "outbreak_level",
    Text("Mức nguy cơ", "Level of risk"),
    (
        Code("lockdown", Text("Phong tỏa", "Lockdown")),
        Code("very_high", Text("Nguy cơ rất cao", "Very high risk")),
        Code("high", Text("Nguy cơ cao", "High risk")),
        Code("increased", Text("Có nguy cơ", "Increased risk")),
    ),
)
STATE = CodeList(
    "outbreak_state",
    Text("Trạng thái", "State"),
    (
        Code("in_force", Text("Đang áp dụng", "In force")),
        Code("lifted", Text("Đã dỡ bỏ", "Lifted")),
    ),
)

COLUMNS = (
    Column("id", Text("Mã định danh", "Identifier"), editable=False),
    Column("name", Text("Tên vùng", "Name"), max_length=160, in_search=True, in_tiles=True),
    Column("level", Text("Mức nguy cơ", "Level of risk"), codes=LEVEL, in_tiles=True),
    Column(
        "state",
        Text("Trạng thái", "State"),
        Text(
            "Khi dỡ bỏ, vùng hết hiệu lực ngay nếu trước đó còn hiệu lực",
            "A zone that is lifted ends at once if it had not ended before",
        ),
        codes=STATE,
        in_tiles=True,
    ),
    Column(
        "decision_number",
        Text("Số quyết định", "Decision number"),
        max_length=60,
        in_search=True,
    ),
    Column("decision_date", Text("Ngày ký quyết định", "Date of the decision")),
    Column("issuer", Text("Cơ quan ban hành", "Issued by"), max_length=200, in_search=True),
    Column(
        "directive",
        Text("Văn bản trong hệ thống", "Directive here"),
        Text(
            "Địa chỉ của văn bản mang số quyết định này; cơ sở dữ liệu tự tìm",
            "Address of the directive of this number; the database finds it",
        ),
        editable=False,
    ),
    Column("valid_from", Text("Hiệu lực từ", "Valid from")),
    Column(
        "valid_until",
        Text("Hiệu lực đến", "Valid until"),
        Text("Để trống nếu đến khi có quyết định mới", "Empty: until another decision"),
        in_tiles=True,
    ),
    Column("measures", Text("Biện pháp áp dụng", "Measures"), max_length=2000),
    Column(
        "also_communes",
        Text("Xã, phường nêu thêm", "Communes named beside"),
        Text(
            "Mã các xã, phường mà quyết định nêu tên ngoài phần đã vẽ, cách nhau bằng dấu phẩy",
            "Codes, by commas, of communes that the decision names beside what is drawn",
        ),
        max_length=1000,
    ),
    Column(
        "commune_codes",
        Text("Các xã, phường trong vùng", "Communes in the zone"),
        Text(
            "Mã các xã, phường mà vùng chạm tới hoặc nêu tên; cơ sở dữ liệu tự xác định",
            "Codes of the communes that the zone reaches or names; the database determines them",
        ),
        editable=False,
    ),
    Column(
        "district_code",
        DISTRICT_CODE.title,
        Text(
            "Mã huyện (2021) chứa cả vùng, trống nếu vùng thuộc nhiều huyện;"
            " cơ sở dữ liệu tự xác định",
            "Code of the district (2021) that holds all of the zone, empty if it lies in several;"
            " the database determines it",
        ),
        editable=False,
    ),
    UPDATED_AT,
)

OUTBREAK_ZONES = Layer(
    id="outbreak_zones",
    theme=EPIDEMIC,
    title=Text("Vùng dịch", "Outbreak zones"),
    description=Text(
        "Các vùng phong tỏa và vùng nguy cơ theo quyết định, với mức, biện pháp và thời gian"
        " hiệu lực",
        "Zones under lockdown or at risk by decision, with their level, measures and time in force",
    ),
    table=layer_table(
        "outbreak_zones",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="in_force"),
        sa.Column("decision_number", sa.Text, nullable=False),
        sa.Column("decision_date", sa.Date),
        sa.Column("issuer", sa.Text),
        sa.Column("directive", sa.Text),
        sa.Column("valid_from", moment(), nullable=False, server_default=sa.func.now()),
        sa.Column("valid_until", moment()),
        sa.Column("measures", sa.Text),
        sa.Column("also_communes", sa.Text),
        sa.Column("commune_codes", sa.Text),
        sa.Column("district_code", sa.Text),
        sa.CheckConstraint("valid_until >= valid_from", name="until_after_from"),
        geometry_type="MultiPolygon",
        id_type="uuid",
        described_by=COLUMNS,
    ),
    geometry_type="MultiPolygon",
    columns=COLUMNS,
    title_column="name",
    steward="health",
    edited_by_districts=True,
    time=("valid_from", "valid_until"),
    class_column="level",
    keywords=("vùng dịch", "phong tỏa", "outbreak", "lockdown"),
)

LAYERS: tuple[Layer, ...] = (OUTBREAK_ZONES, RISK_LEVELS, TESTING_SITES)
