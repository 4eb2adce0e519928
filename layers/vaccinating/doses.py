"""Visits to a point, the doses given there, and reactions to them.

Their rules are in `migrations/versions/0034_vaccinations.py`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from layers.layer import Column, Text
from layers.registers.record import KEPT, PERSON, PLACE, Action, Register, register_table
from layers.tables import moment
from layers.themes import VACCINATION
from layers.vaccinating.codes import (
    CORRECTED,
    ELSEWHERE,
    GROUP,
    LISTS,
    LOT,
    MOST_DOSES,
    PLACE_COLUMN,
    POINTS,
    REACTION_OUTCOME,
    SCREENING,
    SEVERITY,
    SITE,
    STEWARD,
    SYMPTOMS,
    VACCINE,
    VISIT_STATE,
)

NUMBER = Column("number", Text("Mũi thứ", "Dose number"), minimum=1, maximum=MOST_DOSES)
_REASON = Column(
    "reason",
    Text("Lý do", "Reason"),
    Text("Khi khác với quy định", "Where it is not by the rule"),
    max_length=500,
)
_SITE = Column("site", SITE.title, codes=SITE)
REACTION_FIELDS = (
    Column("severity", SEVERITY.title, codes=SEVERITY),
    Column(
        "symptoms",
        SYMPTOMS.title,
        Text(
            f"Mã, cách nhau bằng dấu phẩy: {', '.join(SYMPTOMS.values)}",
            f"Codes, by commas: {', '.join(SYMPTOMS.values)}",
        ),
        max_length=200,
    ),
    Column("details", Text("Diễn biến, xử trí", "Course, treatment"), max_length=2000),
    Column("outcome", REACTION_OUTCOME.title, codes=REACTION_OUTCOME),
)
CORRECTION_FIELDS = (
    Column("field", CORRECTED.title, codes=CORRECTED),
    Column("new_name", Text("Họ và tên đúng", "Right name"), max_length=120),
    Column(
        "new_birth_year",
        Text("Năm sinh đúng", "Right year of birth"),
        unit="{year}",
        minimum=1880,
        maximum=2200,
    ),
    Column("vaccine", Text("Vắc-xin đúng", "Right vaccine"), max_length=40),
    Column("lot", Text("Số lô đúng", "Right lot"), max_length=40),
    Column("given_on", Text("Ngày tiêm đúng", "Right day")),
    Column("evidence", Text("Căn cứ", "Evidence"), max_length=500),
)
"""What is right, as a request for a correction says it: only what its `field` needs."""
CORRECTION_KINDS: dict[str, Any] = {
    "field": sa.Text(),
    "new_name": sa.Text(),
    "new_birth_year": sa.Integer(),
    "vaccine": sa.Text(),
    "lot": sa.Text(),
    "given_on": sa.Date(),
    "evidence": sa.Text(),
}

VISIT_COLUMNS = (
    *PERSON,
    PLACE_COLUMN,
    GROUP,
    Column("state", VISIT_STATE.title, codes=VISIT_STATE, editable=False),
    NUMBER,
    VACCINE,
    LOT,
    _SITE,
    Column(
        "given_at",
        Text("Tiêm lúc", "Given at"),
        Text(
            "Chỉ khi ghi lại mũi đã tiêm; để trống: mới đến",
            "Only to enter a dose that was given; empty: has come",
        ),
    ),
    _REASON,
    Column("arrived_at", Text("Đến lúc", "Arrived"), editable=False),
    Column("screened_at", Text("Khám sàng lọc lúc", "Screened"), editable=False),
    Column("given_by", Text("Người tiêm", "Given by"), editable=False),
    Column("observe_until", Text("Theo dõi đến", "Observe until"), editable=False),
    Column("left_at", Text("Về lúc", "Left"), editable=False),
    Column("is_full", Text("Đủ liều", "Complete"), editable=False),
    Column("reactions", Text("Phản ứng", "Reactions"), editable=False),
    *KEPT,
)

VACCINATIONS = Register(
    id="vaccinations",
    theme=VACCINATION,
    title=Text("Lượt tiêm", "Vaccinations"),
    description=Text(
        "Người đến điểm tiêm, kết quả sàng lọc, mũi đã tiêm, theo dõi sau tiêm",
        "Who came to a point, the outcome of screening, doses given, observation",
    ),
    table=register_table(
        "vaccinations",
        sa.Column(PLACE, sa.Text, nullable=False),
        sa.Column("registration_id", sa.Uuid),
        sa.Column("session_id", sa.Uuid),
        sa.Column("priority_group", sa.Text),
        sa.Column("residence", sa.Text),
        sa.Column("is_adult", sa.Boolean),
        sa.Column("state", sa.Text, nullable=False, server_default="arrived"),
        sa.Column("arrived_at", moment()),
        sa.Column("screened_at", moment()),
        sa.Column("number", sa.Integer),
        sa.Column("vaccine", sa.Text),
        sa.Column("lot", sa.Text),
        sa.Column("site", sa.Text),
        sa.Column("given_at", moment()),
        sa.Column("given_on", sa.Date),
        sa.Column("given_by", sa.Text),
        sa.Column("is_full", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("observe_until", moment()),
        sa.Column("left_at", moment()),
        sa.Column("reason", sa.Text),
        described_by=VISIT_COLUMNS,
    ),
    columns=VISIT_COLUMNS,
    title_column="name",
    steward=STEWARD,
    edited_by_districts=True,
    adding=Text("Tiếp đón", "Receive"),
    places=POINTS,
    elsewhere=ELSEWHERE,
    once=frozenset(
        {
            PLACE,
            "priority_group",
            "number",
            "vaccine",
            "lot",
            "site",
            "given_at",
            "reason",
            # Who is on the certificate changes by a correction alone.
            "name",
            "birth_year",
            "identity",
        }
    ),
    computed={
        "reactions": (
            "(SELECT count(*) FROM register.vaccine_reactions AS r"
            " WHERE r.vaccination_id = t.id)::integer",
            sa.Integer(),
        )
    },
    listed=("name", "birth_year", PLACE, "number", "vaccine", "lot", "given_at", "state"),
    state="state",
    province_lists=LISTS,
    actions=(
        Action(
            "screen",
            Text("Ghi sàng lọc", "Record the screening"),
            fields=(
                Column("outcome", SCREENING.title, codes=SCREENING),
                _REASON,
                Column("until", Text("Hoãn đến ngày", "Deferred until")),
            ),
            kinds={"outcome": sa.Text(), "until": sa.Date()},
            needed=frozenset({"outcome"}),
            states=("arrived", "fit"),
        ),
        Action(
            "give",
            Text("Ghi mũi tiêm", "Record the dose"),
            fields=(LOT, _SITE, _REASON),
            needed=frozenset({"lot"}),
            states=("fit",),
        ),
        Action(
            "leave",
            Text("Hết theo dõi", "End the observation"),
            fields=(_REASON,),
            states=("observing",),
        ),
        Action(
            "react",
            Text("Báo phản ứng", "Report a reaction"),
            fields=REACTION_FIELDS,
            kinds={one.name: sa.Text() for one in REACTION_FIELDS},
            needed=frozenset({"severity", "symptoms"}),
            states=("observing", "done"),
        ),
        Action(
            "correct",
            Text("Đề nghị sửa", "Ask for a correction"),
            fields=CORRECTION_FIELDS,
            kinds=CORRECTION_KINDS,
            needed=frozenset({"field"}),
            states=("observing", "done"),
        ),
    ),
)

REACTION_COLUMNS = (
    *(one for one in PERSON if one.name in ("name", "birth_year", "phone")),
    Column(PLACE, PLACE_COLUMN.title, editable=False),
    Column("vaccine", VACCINE.title, max_length=40, editable=False),
    Column("lot", LOT.title, max_length=40, in_search=True, editable=False),
    Column("number", NUMBER.title, minimum=1, maximum=MOST_DOSES, editable=False),
    *REACTION_FIELDS,
    Column("began_at", Text("Ghi nhận lúc", "Noted"), editable=False),
    Column("is_due", Text("Chưa báo Sở Y tế", "To be reported"), editable=False),
    Column("reported_at", Text("Báo Sở Y tế lúc", "Reported"), editable=False),
    *KEPT,
)

REACTIONS = Register(
    id="vaccine_reactions",
    theme=VACCINATION,
    title=Text("Phản ứng sau tiêm", "Adverse reactions"),
    description=Text(
        "Phản ứng sau tiêm: mức độ, triệu chứng, kết quả, đã báo Sở Y tế chưa",
        "Reactions after a dose: severity, symptoms, outcome, whether they are reported",
    ),
    table=register_table(
        "vaccine_reactions",
        sa.Column("vaccination_id", sa.Uuid, nullable=False),
        sa.Column(PLACE, sa.Text, nullable=False),
        sa.Column("vaccine", sa.Text, nullable=False),
        sa.Column("lot", sa.Text),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("symptoms", sa.Text, nullable=False),
        sa.Column("details", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False, server_default="watched"),
        sa.Column("began_at", moment(), nullable=False, server_default=sa.func.now()),
        sa.Column("reported_at", moment()),
        sa.Column("reported_by", sa.Text),
        described_by=REACTION_COLUMNS,
    ),
    columns=REACTION_COLUMNS,
    title_column="name",
    steward=STEWARD,
    edited_by_districts=True,
    places=POINTS,
    elsewhere=ELSEWHERE,
    computed={"is_due": ("t.severity <> 'mild' AND t.reported_at IS NULL", sa.Boolean())},
    listed=("name", PLACE, "vaccine", "lot", "severity", "symptoms", "outcome", "is_due"),
    state="severity",
    province_lists=LISTS,
    actions=(
        Action(
            "report",
            Text("Báo Sở Y tế", "Report to the health department"),
            states=("mild", "severe", "anaphylaxis"),
        ),
    ),
)
