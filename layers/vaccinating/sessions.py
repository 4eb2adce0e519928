"""Who is registered, and the sessions to which they are invited.

The queue and its invitations are in `migrations/versions/0034_vaccination_queue.py`.
"""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Column, Text
from layers.registers.record import KEPT, PERSON, PLACE, Action, Register, register_table
from layers.tables import moment
from layers.themes import VACCINATION
from layers.vaccinating.codes import (
    GROUP,
    HOME,
    LISTS,
    LOT,
    MOST_DOSES,
    PLACE_COLUMN,
    POINTS,
    REACH,
    REASON,
    REGISTRATION_STATE,
    SESSION_STATE,
    SOURCE,
    STEWARD,
    VACCINE,
)

_HOUR = Text("Giờ:phút, ví dụ 07:30", "Hour:minute, such as 07:30")

SESSION_COLUMNS = (
    PLACE_COLUMN,
    Column("day", Text("Ngày", "Day")),
    VACCINE,
    LOT,
    Column("opens", Text("Từ giờ", "From"), _HOUR, max_length=5),
    Column("closes", Text("Đến giờ", "To"), _HOUR, max_length=5),
    Column(
        "slot_minutes",
        Text("Mỗi khung giờ", "Length of a slot"),
        unit="min",
        minimum=5,
        maximum=720,
    ),
    Column(
        "slot_capacity",
        Text("Người mỗi khung", "People in a slot"),
        unit="{person}",
        minimum=1,
        maximum=1000,
    ),
    Column("teams", Text("Số đội tiêm", "Teams"), unit="{team}", minimum=0, maximum=200),
    Column("state", SESSION_STATE.title, codes=SESSION_STATE, editable=False),
    Column("capacity", Text("Tổng số chỗ", "Places"), unit="{person}", editable=False),
    Column("invited", Text("Đã mời", "Invited"), unit="{person}", editable=False),
    Column("given", Text("Đã tiêm", "Doses given"), unit="{dose}", editable=False),
    Column("note", Text("Ghi chú", "Note"), max_length=500),
    *KEPT,
)
_SLOTS = "(SELECT coalesce(sum(s.{}), 0) FROM register.session_slot AS s WHERE s.session_id = t.id)"

SESSIONS = Register(
    id="vaccination_sessions",
    theme=VACCINATION,
    title=Text("Buổi tiêm", "Vaccination sessions"),
    description=Text(
        "Các buổi tiêm theo điểm và ngày: vắc-xin, lô, khung giờ, số chỗ, người được mời",
        "Sessions by point and day: vaccine, lot, slots, places, who is invited",
    ),
    table=register_table(
        "vaccination_sessions",
        sa.Column(PLACE, sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("vaccine", sa.Text, nullable=False),
        sa.Column("lot", sa.Text),
        sa.Column("opens", sa.Text, nullable=False, server_default="07:30"),
        sa.Column("closes", sa.Text, nullable=False, server_default="11:30"),
        sa.Column("slot_minutes", sa.Integer, nullable=False, server_default="60"),
        sa.Column("slot_capacity", sa.Integer, nullable=False),
        sa.Column("teams", sa.Integer),
        sa.Column("state", sa.Text, nullable=False, server_default="planned"),
        sa.Column("note", sa.Text),
        described_by=SESSION_COLUMNS,
        has_person=False,
    ),
    columns=SESSION_COLUMNS,
    title_column=PLACE,
    steward=STEWARD,
    edited_by_districts=True,
    has_person=False,
    adding=Text("Lập buổi tiêm", "Plan a session"),
    places=POINTS,
    once=frozenset({PLACE, "day", "vaccine", "opens", "closes", "slot_minutes", "slot_capacity"}),
    computed={
        "capacity": (f"{_SLOTS.format('capacity')}::integer", sa.Integer()),
        "invited": (f"{_SLOTS.format('taken')}::integer", sa.Integer()),
        "given": (
            "(SELECT count(*) FROM register.vaccinations AS v WHERE v.session_id = t.id"
            " AND v.number IS NOT NULL)::integer",
            sa.Integer(),
        ),
    },
    listed=(PLACE, "day", "vaccine", "opens", "capacity", "invited", "given", "state"),
    state="state",
    sort="day",
    opened_with={"state": "planned"},
    province_lists=LISTS,
    actions=(
        Action(
            "invite",
            Text("Mời theo thứ tự ưu tiên", "Invite by priority"),
            fields=(
                Column("reach", REACH.title, codes=REACH),
                Column(
                    "people",
                    Text("Nhiều nhất", "At most"),
                    Text("Để trống: đủ chỗ", "Empty: all places"),
                    unit="{person}",
                    minimum=1,
                    maximum=100_000,
                ),
            ),
            kinds={"reach": sa.Text(), "people": sa.Integer()},
            states=("planned",),
        ),
        Action(
            "close",
            Text("Kết thúc", "Close"),
            states=("planned",),
            confirm=Text(
                "Người được mời mà chưa đến trở lại hàng chờ?",
                "Those invited who have not come go back to the queue?",
            ),
        ),
        Action(
            "cancel",
            Text("Hủy buổi tiêm", "Cancel"),
            fields=(REASON,),
            needed=frozenset({"reason"}),
            kinds={"reason": sa.Text()},
            states=("planned",),
            confirm=Text(
                "Mọi người được mời trở lại hàng chờ?", "Everybody goes back to the queue?"
            ),
            grave=True,
        ),
    ),
)

REGISTRATION_COLUMNS = (
    *PERSON,
    GROUP,
    Column("source", SOURCE.title, codes=SOURCE, editable=False),
    Column(
        "organisation",
        Text("Tổ chức, doanh nghiệp", "Organisation"),
        max_length=160,
        in_search=True,
    ),
    Column(
        "contact",
        Text("Người liên hệ của tổ chức", "The organisation's contact"),
        Text("Tên và số điện thoại", "Name and telephone"),
        max_length=160,
    ),
    Column("state", REGISTRATION_STATE.title, codes=REGISTRATION_STATE, editable=False),
    Column("next_dose", Text("Mũi thứ", "Dose"), minimum=1, maximum=MOST_DOSES, editable=False),
    Column("not_before", Text("Không trước ngày", "Not before"), editable=False),
    Column("last_vaccine", Text("Vắc-xin mũi trước", "Vaccine before"), editable=False),
    Column(PLACE, PLACE_COLUMN.title, editable=False),
    Column("slot_at", Text("Giờ hẹn", "Appointment"), editable=False),
    Column("queue", Text("Thứ tự trong hàng chờ", "Order in the queue"), editable=False),
    Column("reason", REASON.title, max_length=500, editable=False),
    *KEPT,
)

REGISTRATIONS = Register(
    id="vaccination_registrations",
    theme=VACCINATION,
    title=Text("Đăng ký tiêm", "Registrations for vaccination"),
    description=Text(
        "Người đăng ký, xếp theo nhóm ưu tiên rồi giờ đăng ký; đã mời ai đến điểm nào",
        "Who is registered, by priority group and then time; who is invited where",
    ),
    table=register_table(
        "vaccination_registrations",
        sa.Column(PLACE, sa.Text, nullable=False, server_default="home"),
        sa.Column("priority_group", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False, server_default="officer"),
        sa.Column("organisation", sa.Text),
        sa.Column("contact", sa.Text),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        sa.Column("next_dose", sa.Integer, nullable=False, server_default="1"),
        sa.Column("not_before", sa.Date),
        sa.Column("last_vaccine", sa.Text),
        sa.Column("session_id", sa.Uuid),
        sa.Column("slot_at", moment()),
        sa.Column("queue", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("content_hash", sa.LargeBinary),
        described_by=REGISTRATION_COLUMNS,
    ),
    columns=REGISTRATION_COLUMNS,
    title_column="name",
    steward=STEWARD,
    edited_by_districts=True,
    adding=Text("Đăng ký", "Register"),
    places=POINTS,
    elsewhere=HOME,
    # Who is on the certificate changes by a correction alone.
    once=frozenset({"name", "birth_year", "identity"}),
    listed=("name", "birth_year", "priority_group", "next_dose", "state", PLACE, "slot_at"),
    state="state",
    sort="queue",
    last_first=False,
    opened_with={"state": "waiting"},
    province_lists=LISTS,
    actions=(
        Action(
            "release",
            Text("Đưa về hàng chờ", "Back to the queue"),
            fields=(REASON,),
            states=("invited",),
        ),
        Action(
            "cancel",
            Text("Hủy đăng ký", "Cancel"),
            fields=(REASON,),
            needed=frozenset({"reason"}),
            states=("waiting", "invited"),
            confirm=Text("Người này không còn đăng ký tiêm?", "Is this person not registered?"),
            grave=True,
        ),
    ),
)
