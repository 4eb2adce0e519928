"""Movement control: the checkpoints on the roads, and organisations that are control points."""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Audience, Code, CodeList, Column, Layer, Text
from layers.tables import PLACE, UPDATED_AT, layer_table
from layers.themes import CONTROL

KIND = CodeList(
    "checkpoint_kind",
    Text("Loại chốt", "Kind of checkpoint"),
    (
        Code("province_border", Text("Chốt cửa ngõ tỉnh", "Province border")),
        Code("district_border", Text("Chốt liên huyện", "Between districts")),
        Code("commune_border", Text("Chốt liên xã", "Between communes")),
        Code("port_station", Text("Bến xe, bến cảng, nhà ga", "Bus station, port, railway")),
        Code("lockdown", Text("Chốt vùng phong tỏa", "Locked-down area")),
    ),
)
STATE = CodeList(
    "checkpoint_state",
    Text("Trạng thái chốt", "State of the checkpoint"),
    (
        Code("open", Text("Đang hoạt động", "Open")),
        Code("congested", Text("Ùn ứ", "Congested")),
        Code("closed", Text("Tạm đóng", "Closed")),
    ),
)

_NEW_CODE = sa.text("'D' || upper(substr(md5(gen_random_uuid()::text), 1, 11))")

COLUMNS = (
    Column("id", Text("Số thứ tự", "Number"), editable=False),
    Column("code", Text("Mã chốt", "Code"), max_length=24, in_search=True),
    Column("name", Text("Tên chốt", "Name"), max_length=160, in_search=True, in_tiles=True),
    Column("road", Text("Vị trí, tuyến đường", "Location, road"), max_length=160, in_search=True),
    Column("kind", Text("Loại chốt", "Kind"), codes=KIND, in_tiles=True),
    Column("state", Text("Trạng thái", "State"), codes=STATE, in_tiles=True),
    Column("hours", Text("Giờ hoạt động", "Hours"), max_length=40),
    Column("wifi", Text("Có wifi", "Wifi")),
    Column(
        "qr_code",
        Text("Mã QR", "QR code"),
        Text(
            "Mã trong áp phích QR dán tại chốt, chỉ để nhận biết chốt; để trống thì hệ thống"
            " tự đặt",
            "The code in the QR poster there; it only tells which checkpoint it is, and is made if"
            " left empty",
        ),
        max_length=64,
    ),
    Column("in_today", Text("Lượt vào hôm nay", "Entries today"), unit="{person}", minimum=0),
    Column("out_today", Text("Lượt ra hôm nay", "Exits today"), unit="{person}", minimum=0),
    Column("officers", Text("Cán bộ trực", "Officers on duty"), unit="{person}", minimum=0),
    *PLACE,
    UPDATED_AT,
)

CHECKPOINTS = Layer(
    id="checkpoints",
    theme=CONTROL,
    title=Text("Chốt kiểm soát", "Checkpoints"),
    description=Text(
        "Các chốt kiểm soát người và phương tiện ra vào, với lượt vào, ra trong ngày",
        "Checkpoints for people and vehicles, with today's entries and exits",
    ),
    table=layer_table(
        "checkpoints",
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("road", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="open"),
        sa.Column("hours", sa.Text),
        sa.Column("wifi", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("qr_code", sa.Text, unique=True, server_default=_NEW_CODE),
        sa.Column("in_today", sa.Integer, nullable=False, server_default="0"),
        sa.Column("out_today", sa.Integer, nullable=False, server_default="0"),
        sa.Column("officers", sa.Integer),
        geometry_type="Point",
        described_by=COLUMNS,
    ),
    geometry_type="Point",
    columns=COLUMNS,
    title_column="name",
    steward="it",
    edited_by_districts=True,
    time="updated_at",
    time_of="state",
    class_column="state",
    keywords=("chốt", "kiểm dịch", "checkpoints"),
)

POINT_KIND = CodeList(
    "control_point_kind",
    Text("Loại điểm kiểm soát", "Kind of control point"),
    (
        Code("office", Text("Cơ quan, văn phòng", "Office")),
        Code("factory", Text("Nhà máy, doanh nghiệp", "Factory, firm")),
        Code("market", Text("Chợ, siêu thị", "Market")),
        Code("hospital", Text("Bệnh viện, cơ sở y tế", "Hospital")),
        Code("school", Text("Trường học", "School")),
        Code("hotel", Text("Cơ sở lưu trú", "Hotel")),
        Code("transport", Text("Bến xe, nhà ga", "Transport")),
        Code("other", Text("Khác", "Other")),
    ),
)
POINT_STATE = CodeList(
    "control_point_state",
    Text("Trạng thái điểm kiểm soát", "State of the control point"),
    (
        Code("registered", Text("Đã đăng ký", "Registered")),
        Code("active", Text("Đang hoạt động", "Active")),
        Code("closed", Text("Đã đóng", "Closed")),
    ),
)

POINT_COLUMNS = (
    Column("id", Text("Số thứ tự", "Number"), editable=False),
    Column("code", Text("Mã điểm", "Code"), max_length=24, in_search=True),
    Column(
        "name", Text("Tên điểm kiểm soát", "Name"), max_length=160, in_search=True, in_tiles=True
    ),
    Column("kind", Text("Loại điểm", "Kind"), codes=POINT_KIND),
    Column("state", Text("Trạng thái", "State"), codes=POINT_STATE, in_tiles=True),
    Column("address", Text("Địa chỉ", "Address"), max_length=200, in_search=True),
    Column(
        "contact",
        Text("Người liên hệ", "Contact person"),
        audience=Audience.STAFF,
        max_length=120,
    ),
    Column("phone", Text("Điện thoại", "Telephone"), audience=Audience.STAFF, max_length=20),
    Column(
        "qr_code",
        Text("Mã QR", "QR code"),
        Text(
            "Mã trong áp phích QR của điểm, chỉ để nhận biết điểm; hệ thống tự đặt",
            "The code in the point's QR poster; it only tells which point it is, and is made by"
            " the system",
        ),
        max_length=64,
        editable=False,
    ),
    Column(
        "in_today",
        Text("Lượt vào hôm nay", "Entries today"),
        unit="{person}",
        minimum=0,
        editable=False,
    ),
    Column(
        "out_today",
        Text("Lượt ra hôm nay", "Exits today"),
        unit="{person}",
        minimum=0,
        editable=False,
    ),
    *PLACE,
    UPDATED_AT,
)

CONTROL_POINTS = Layer(
    id="control_points",
    theme=CONTROL,
    title=Text("Điểm kiểm soát", "Control points"),
    description=Text(
        "Cơ quan, doanh nghiệp, chợ, trường học… đã đăng ký làm điểm kiểm soát, có mã QR để khai"
        " báo vào, ra",
        "Offices, firms, markets, schools and others registered as control points, with a QR code"
        " for checking in and out",
    ),
    table=layer_table(
        "control_points",
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="registered"),
        sa.Column("address", sa.Text),
        sa.Column("contact", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("qr_code", sa.Text, nullable=False, unique=True, server_default=_NEW_CODE),
        sa.Column("in_today", sa.Integer, nullable=False, server_default="0"),
        sa.Column("out_today", sa.Integer, nullable=False, server_default="0"),
        geometry_type="Point",
        described_by=POINT_COLUMNS,
    ),
    geometry_type="Point",
    columns=POINT_COLUMNS,
    title_column="name",
    steward="it",
    edited_by_districts=True,
    shown=False,
    time="updated_at",
    time_of="state",
    class_column="state",
    keywords=("điểm kiểm soát", "mã QR", "control points"),
)

LAYERS: tuple[Layer, ...] = (CHECKPOINTS, CONTROL_POINTS)
