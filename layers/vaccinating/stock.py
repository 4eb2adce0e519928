"""The lots of vaccines, and the ledger of doses by place: only added to, never changed.

What moves what is in `migrations/versions/0034_vaccine_stock.py`.
"""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Column, Text
from layers.registers.record import KEPT, PLACE, Action, Register, register_table
from layers.themes import VACCINATION
from layers.vaccinating.codes import (
    LISTS,
    LOT,
    LOT_STATE,
    MOVEMENT,
    POINTS,
    REASON,
    STEWARD,
    STORE,
    VACCINE,
)

LOT_COLUMNS = (
    LOT,
    VACCINE,
    Column("expires_on", Text("Hạn dùng", "Expires on")),
    Column("state", LOT_STATE.title, codes=LOT_STATE, editable=False),
    Column("on_hand", Text("Còn trong tỉnh", "On hand"), unit="{dose}", editable=False),
    Column("document", Text("Số văn bản", "Document number"), max_length=80, in_search=True),
    Column("reason", REASON.title, max_length=500, editable=False),
    Column(PLACE, STORE.title, max_length=40, editable=False),
    *KEPT,
)

LOTS = Register(
    id="vaccine_lots",
    theme=VACCINATION,
    title=Text("Lô vắc-xin", "Lots of vaccine"),
    description=Text(
        "Các lô vắc-xin của tỉnh: hạn dùng, thu hồi, còn bao nhiêu liều",
        "The province's lots: when they expire, whether they are recalled, doses on hand",
    ),
    table=register_table(
        "vaccine_lots",
        sa.Column("lot", sa.Text, nullable=False),
        sa.Column("vaccine", sa.Text, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="usable"),
        sa.Column("document", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column(PLACE, sa.Text, nullable=False, server_default="store"),
        described_by=LOT_COLUMNS,
        has_person=False,
    ),
    columns=LOT_COLUMNS,
    title_column="lot",
    steward=STEWARD,
    has_person=False,
    adding=Text("Thêm lô", "Add a lot"),
    elsewhere=STORE,
    once=frozenset({"lot", "vaccine"}),
    computed={
        "on_hand": (
            "(SELECT coalesce(sum(b.doses), 0) FROM register.stock_balance AS b"
            " WHERE b.lot = t.lot)::integer",
            sa.Integer(),
        )
    },
    listed=("lot", "vaccine", "expires_on", "on_hand", "state"),
    state="state",
    sort="expires_on",
    last_first=False,
    province_lists=LISTS,
    actions=(
        Action(
            "recall",
            Text("Thu hồi lô", "Recall the lot"),
            fields=(REASON,),
            needed=frozenset({"reason"}),
            states=("usable",),
            confirm=Text("Không ai được tiêm lô này nữa?", "Shall nobody be given this lot?"),
            grave=True,
        ),
        Action(
            "restore",
            Text("Cho dùng lại", "Allow again"),
            fields=(REASON,),
            needed=frozenset({"reason"}),
            states=("recalled",),
        ),
    ),
)

MOVEMENT_COLUMNS = (
    Column(PLACE, Text("Kho, điểm tiêm", "Store, point"), max_length=40),
    LOT,
    Column(
        "kind",
        MOVEMENT.title,
        Text(
            "Ghi tay: nhận về, chuyển đi, hủy, trả lại, điều chỉnh",
            "By hand: received, moved, wasted, returned, corrected",
        ),
        codes=MOVEMENT,
    ),
    Column(
        "doses",
        Text("Số liều", "Doses"),
        Text("Âm chỉ khi điều chỉnh bớt", "Negative only to correct downwards"),
        unit="{dose}",
        minimum=-1_000_000,
        maximum=1_000_000,
    ),
    Column(
        "other_place",
        Text("Chuyển đến", "Moved to"),
        Text("Mã điểm tiêm, hoặc store: kho tỉnh", "A point's code, or store"),
        max_length=40,
    ),
    Column("document", Text("Số phiếu", "Document number"), max_length=80, in_search=True),
    REASON,
    Column("change", Text("Tăng, giảm", "Change"), unit="{dose}", editable=False),
    Column("balance", Text("Còn lại", "Balance"), unit="{dose}", editable=False),
    *KEPT,
)

MOVEMENTS = Register(
    id="stock_movements",
    theme=VACCINATION,
    title=Text("Xuất nhập vắc-xin", "Vaccine stock"),
    description=Text(
        "Sổ xuất nhập theo kho, điểm tiêm và lô; chỉ ghi thêm, không sửa, không xóa",
        "The ledger by store, point and lot; it is only added to",
    ),
    table=register_table(
        "stock_movements",
        sa.Column(PLACE, sa.Text, nullable=False),
        sa.Column("lot", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("doses", sa.Integer, nullable=False),
        sa.Column("other_place", sa.Text),
        sa.Column("document", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("change", sa.Integer),
        sa.Column("balance", sa.Integer),
        sa.Column("dose_id", sa.Uuid),
        sa.Column("pair", sa.Uuid),
        described_by=MOVEMENT_COLUMNS,
        has_person=False,
    ),
    columns=MOVEMENT_COLUMNS,
    title_column="lot",
    steward=STEWARD,
    edited_by_districts=True,
    has_person=False,
    adding=Text("Ghi xuất nhập", "Record a movement"),
    places=POINTS,
    elsewhere=STORE,
    once=frozenset({PLACE, "lot", "kind", "doses", "other_place", "document", "reason"}),
    listed=("lot", PLACE, "kind", "change", "balance", "made_at"),
    state="kind",
)
