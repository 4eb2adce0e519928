"""Movement control: the checkpoints on the roads."""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Layer, Text
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
            "Nội dung mã QR in tại chốt, chỉ để nhận biết chốt",
            "What the QR code posted there holds; it only tells which checkpoint it is",
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
        sa.Column("qr_code", sa.Text, unique=True),
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

LAYERS: tuple[Layer, ...] = (CHECKPOINTS,)
