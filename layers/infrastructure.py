"""Infrastructure: wifi, cameras and lines of the sites, by operator, with their state."""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Audience, Code, CodeList, Column, Layer, Text
from layers.tables import PLACE, UPDATED_AT, layer_table, moment
from layers.themes import INFRASTRUCTURE

KIND = CodeList(
    "network_asset_kind",
    Text("Loại thiết bị mạng", "Kind of network asset"),
    (
        Code("wifi", Text("Điểm phát wifi", "Wifi access point")),
        Code("camera", Text("Camera", "Camera")),
        Code("line", Text("Đường truyền", "Line")),
    ),
)
STATE = CodeList(
    "network_asset_state",
    Text("Trạng thái thiết bị", "State of the asset"),
    (
        Code("up", Text("Đang hoạt động", "Up")),
        Code("down", Text("Mất kết nối, hỏng", "Down")),
        Code("maintenance", Text("Đang bảo trì", "Under maintenance")),
        Code("unknown", Text("Chưa rõ", "Unknown")),
    ),
)

COLUMNS = (
    Column("id", Text("Số thứ tự", "Number"), editable=False),
    Column("code", Text("Mã thiết bị", "Code"), max_length=24, in_search=True),
    Column("name", Text("Tên thiết bị", "Name"), max_length=160, in_search=True, in_tiles=True),
    Column("kind", Text("Loại", "Kind"), codes=KIND, in_tiles=True),
    Column("operator", Text("Doanh nghiệp vận hành", "Operator"), max_length=80, in_search=True),
    Column(
        "site_code",
        Text("Mã nơi đặt", "Site"),
        Text(
            "Mã của chốt, khu cách ly hoặc khách sạn có thiết bị",
            "Code of the checkpoint, quarantine site or hotel that has it",
        ),
        audience=Audience.STAFF,
        max_length=24,
        in_search=True,
    ),
    Column("state", Text("Trạng thái", "State"), codes=STATE, in_tiles=True),
    Column("since", Text("Từ lúc", "Since"), editable=False),
    Column(
        "heartbeat_min",
        Text("Chu kỳ tín hiệu", "Heartbeat every"),
        Text(
            "Bao lâu thiết bị báo tín hiệu một lần; để trống nếu chỉ có người báo",
            "How often it sends a heartbeat; empty where only people report",
        ),
        unit="min",
        audience=Audience.STAFF,
        minimum=1,
        maximum=1440,
    ),
    *PLACE,
    UPDATED_AT,
)

NETWORK_ASSETS = Layer(
    id="network_assets",
    theme=INFRASTRUCTURE,
    title=Text("Thiết bị mạng", "Network assets"),
    description=Text(
        "Wifi tại chốt, camera tại khu cách ly và đường truyền, theo doanh nghiệp viễn thông,"
        " với trạng thái theo tín hiệu hoặc báo cáo",
        "Wifi at checkpoints, cameras at quarantine sites and lines, by telecom operator, with"
        " their state by heartbeat or report",
    ),
    table=layer_table(
        "network_assets",
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("site_code", sa.Text),
        sa.Column("state", sa.Text, nullable=False, server_default="unknown"),
        sa.Column("since", moment(), nullable=False, server_default=sa.func.now()),
        sa.Column("heartbeat_min", sa.Integer),
        geometry_type="Point",
        described_by=COLUMNS,
    ),
    geometry_type="Point",
    columns=COLUMNS,
    title_column="name",
    steward="telecom",
    time="since",
    time_of="state",
    shown=False,
    class_column="state",
    cluster=True,
    keywords=("wifi", "camera", "viễn thông", "network"),
)

LAYERS: tuple[Layer, ...] = (NETWORK_ASSETS,)
