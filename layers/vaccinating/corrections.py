"""Requests for corrections of what is recorded of doses: asked for by one, decided by another."""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Column, Text
from layers.registers.record import KEPT, PERSON, PLACE, Action, Register, register_table
from layers.tables import moment
from layers.themes import VACCINATION
from layers.vaccinating.codes import (
    CORRECTION_STATE,
    HOME,
    LISTS,
    POINTS,
    REASON,
    STEWARD,
)
from layers.vaccinating.doses import CORRECTION_FIELDS, CORRECTION_KINDS, NUMBER

COLUMNS = (
    *(one for one in PERSON if one.name in ("name", "birth_year", "phone", "identity")),
    NUMBER,
    *CORRECTION_FIELDS,
    Column("old_value", Text("Đang ghi", "Recorded"), editable=False),
    Column("new_value", Text("Đề nghị sửa thành", "Asked for"), editable=False),
    Column("state", CORRECTION_STATE.title, codes=CORRECTION_STATE, editable=False),
    Column(PLACE, Text("Điểm tiêm, nơi ở", "Point, home"), max_length=40, editable=False),
    Column("age_days", Text("Đã chờ", "Waiting"), unit="d", editable=False),
    Column("asked_by", Text("Người đề nghị", "Asked by"), editable=False),
    Column("decided_by", Text("Người duyệt", "Decided by"), editable=False),
    Column("decided_at", Text("Duyệt lúc", "Decided"), editable=False),
    Column("reason", REASON.title, max_length=500, editable=False),
    *KEPT,
)

CORRECTIONS = Register(
    id="vaccination_corrections",
    theme=VACCINATION,
    title=Text("Đề nghị sửa thông tin tiêm", "Corrections"),
    description=Text(
        "Đề nghị sửa tên, năm sinh, vắc-xin, lô, ngày, mũi thiếu; người khác duyệt",
        "Requests to correct names, years of birth, vaccines, lots, days, missing doses",
    ),
    table=register_table(
        "vaccination_corrections",
        sa.Column(PLACE, sa.Text, nullable=False, server_default="home"),
        sa.Column("vaccination_id", sa.Uuid),
        sa.Column("number", sa.Integer),
        *(
            sa.Column(name, kind, nullable=name != "field")
            for name, kind in CORRECTION_KINDS.items()
        ),
        sa.Column("old_value", sa.Text),
        sa.Column("new_value", sa.Text),
        sa.Column("state", sa.Text, nullable=False, server_default="open"),
        sa.Column("asked_by", sa.Text),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", moment()),
        sa.Column("reason", sa.Text),
        described_by=COLUMNS,
    ),
    columns=COLUMNS,
    title_column="name",
    steward=STEWARD,
    edited_by_districts=True,
    adding=Text("Đề nghị sửa", "Ask for a correction"),
    finds_person=True,
    places=POINTS,
    elsewhere=HOME,
    once=frozenset({one.name for one in COLUMNS if one.editable}),
    computed={
        "age_days": (
            "CASE WHEN t.state = 'open' THEN (now()::date - t.made_at::date) END",
            sa.Integer(),
        )
    },
    listed=("name", "field", "number", "old_value", "new_value", "age_days", "state"),
    state="state",
    last_first=False,
    opened_with={"state": "open"},
    province_lists=LISTS,
    actions=(
        Action(
            "approve",
            Text("Duyệt và sửa", "Approve and apply"),
            fields=(REASON,),
            states=("open",),
            confirm=Text("Sửa thông tin đang ghi?", "Change what is recorded?"),
        ),
        Action(
            "reject",
            Text("Không sửa", "Reject"),
            fields=(REASON,),
            needed=frozenset({"reason"}),
            states=("open",),
            grave=True,
        ),
    ),
)
