"""The directives: what was issued, by whom, about what, where it applies and how long.

The area comes from the codes of administrative units, or is drawn; a directive with neither applies
to the whole province (`private.directive_written`). Files and texts are in tables beside this one.
"""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Layer, Text
from layers.tables import DISTRICT_CODE, UPDATED_AT, layer_table, moment
from layers.themes import DOCUMENTS

KIND = CodeList(
    "directive_kind",
    Text("Loại văn bản", "Kind of document"),
    (
        Code("directive", Text("Chỉ thị", "Directive")),
        Code("decision", Text("Quyết định", "Decision")),
        Code("dispatch", Text("Công điện", "Urgent dispatch")),
        Code("notice", Text("Thông báo", "Notice")),
        Code("plan", Text("Kế hoạch", "Plan")),
        Code("official_letter", Text("Công văn", "Official letter")),
    ),
)
FIELD = CodeList(
    "directive_field",
    Text("Lĩnh vực", "Field"),
    (
        Code("epidemic", Text("Phòng, chống dịch", "Epidemic prevention")),
        Code("movement", Text("Kiểm soát đi lại", "Movement control")),
        Code("quarantine", Text("Cách ly", "Quarantine")),
        Code("vaccination", Text("Tiêm chủng", "Vaccination")),
        Code("disaster", Text("Phòng, chống thiên tai", "Disaster prevention")),
        Code("rescue", Text("Cứu hộ, cứu nạn", "Rescue")),
        Code("social_security", Text("An sinh xã hội", "Social security")),
        Code("health", Text("Y tế", "Health")),
        Code("other", Text("Khác", "Other")),
    ),
)
SCOPE = CodeList(
    "directive_scope",
    Text("Phạm vi", "Scope"),
    (
        Code("province", Text("Toàn tỉnh", "The whole province")),
        Code("units", Text("Theo đơn vị hành chính", "Administrative units")),
        Code("drawn", Text("Vùng vẽ trên bản đồ", "An area drawn on the map")),
    ),
)
AUDIENCE = CodeList(
    "directive_audience",
    Text("Ai đọc được tệp", "Who may read its files"),
    (
        Code("public", Text("Mọi người", "Everybody")),
        Code("internal", Text("Nội bộ", "Staff only")),
    ),
)
STATE = CodeList(
    "directive_state",
    Text("Hiệu lực", "State"),
    (
        Code("in_force", Text("Đang có hiệu lực", "In force")),
        Code("not_yet", Text("Chưa có hiệu lực", "Not yet in force")),
        Code("expired", Text("Hết hiệu lực", "Expired")),
        Code("replaced", Text("Đã bị thay thế", "Replaced")),
    ),
)
"""What a directive is at a moment: `layers.documents.finding` works it out, no row holds it."""

COLUMNS = (
    Column("id", Text("Mã", "Id"), editable=False),
    Column(
        "number",
        Text("Số, ký hiệu", "Number"),
        Text("Ví dụ 16/CT-UBND", "E.g. 16/CT-UBND"),
        max_length=60,
        in_search=True,
        in_tiles=True,
    ),
    Column("kind", Text("Loại văn bản", "Kind"), codes=KIND),
    Column("title", Text("Trích yếu", "Subject"), max_length=500, in_search=True),
    Column("issued_on", Text("Ngày ban hành", "Date of issue")),
    Column(
        "issuer",
        Text("Cơ quan ban hành", "Issuer"),
        Text("Tên cơ quan, không ghi tên người", "The office, never a person"),
        max_length=200,
        in_search=True,
    ),
    Column("field", Text("Lĩnh vực", "Field"), codes=FIELD, in_tiles=True),
    Column("summary", Text("Tóm tắt", "Summary"), max_length=4000, in_search=True),
    Column("valid_from", Text("Có hiệu lực từ", "In force from"), in_tiles=True),
    Column(
        "valid_until",
        Text("Hiệu lực đến", "In force until"),
        Text("Để trống nếu không định thời hạn", "Empty where no end was set"),
    ),
    Column(
        "replaces",
        Text("Thay thế văn bản số", "Replaces number"),
        Text("Nhiều số cách nhau bằng dấu ;", "Several numbers are separated by ;"),
        max_length=200,
    ),
    Column("replaced_by", Text("Bị thay thế bởi", "Replaced by"), editable=False),
    Column(
        "ends_at",
        Text("Hết hiệu lực lúc", "Ends"),
        Text(
            "Hạn hiệu lực, hoặc sớm hơn khi văn bản thay thế có hiệu lực",
            "The end of its term, or earlier when what replaces it comes into force",
        ),
        editable=False,
        in_tiles=True,
    ),
    Column(
        "unit_codes",
        Text("Đơn vị áp dụng", "Units it applies to"),
        Text(
            "Mã các đơn vị hành chính, cách nhau bằng dấu phẩy; vùng áp dụng được tạo từ đó. Để"
            " trống là toàn tỉnh, trừ khi vẽ vùng trên bản đồ.",
            "Codes of administrative units, separated by commas; the area is made of them. Empty"
            " is the whole province, unless an area is drawn on the map.",
        ),
        max_length=2000,
    ),
    Column("scope", Text("Phạm vi", "Scope"), codes=SCOPE, editable=False),
    DISTRICT_CODE,
    Column(
        "audience",
        Text("Ai đọc được tệp", "Who may read its files"),
        Text(
            "Số, trích yếu, tóm tắt và vùng áp dụng luôn công khai; tệp và toàn văn của văn bản"
            " nội bộ chỉ dành cho cán bộ.",
            "Number, subject, summary and area are always public; the files and the full text of"
            " an internal one are for staff.",
        ),
        codes=AUDIENCE,
    ),
    Column("files", Text("Số tệp", "Files"), editable=False, minimum=0),
    UPDATED_AT,
)

DIRECTIVES = Layer(
    id="directives",
    theme=DOCUMENTS,
    title=Text("Văn bản chỉ đạo", "Directives"),
    description=Text(
        "Chỉ thị, quyết định, công điện, thông báo: nội dung, vùng áp dụng và thời hạn",
        "Directives, decisions, dispatches and notices: what they say, where and how long",
    ),
    table=layer_table(
        "directives",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("summary", sa.Text),
        sa.Column("valid_from", moment(), nullable=False),
        sa.Column("valid_until", moment()),
        sa.Column("replaces", sa.Text),
        sa.Column("replaced_by", sa.Text),
        sa.Column("ends_at", moment()),
        sa.Column("unit_codes", sa.Text),
        sa.Column("scope", sa.Text, nullable=False, server_default="province"),
        sa.Column("district_code", sa.Text),
        sa.Column("audience", sa.Text, nullable=False, server_default="public"),
        sa.Column("files", sa.Integer, nullable=False, server_default="0"),
        sa.CheckConstraint("valid_until > valid_from", name="valid_until_after_valid_from"),
        sa.UniqueConstraint("number", "issuer", "issued_on"),
        geometry_type="MultiPolygon",
        described_by=COLUMNS,
    ),
    geometry_type="MultiPolygon",
    columns=COLUMNS,
    title_column="number",
    steward="it",
    edited_by_districts=True,
    area_column="unit_codes",
    shown=False,
    allows_outside=False,
    time=("valid_from", "ends_at"),
    class_column="field",
    page="/directives#{id}",
    keywords=("văn bản", "chỉ thị", "directive"),
)
