"""The registers of volunteers: people, tasks, and who is assigned to what.

Rules, actions and matching are in `migrations/versions/0036_volunteers.py`.
"""

from __future__ import annotations

import sqlalchemy as sa
from geoalchemy2 import Geography
from sqlalchemy.dialects.postgresql import TSTZRANGE

from layers.layer import Column, Text
from layers.registers.record import KEPT, PERSON, PLACE, Action, Register, register_table
from layers.tables import moment
from layers.themes import RESCUE
from layers.volunteers.codes import (
    ASSIGNMENT_STATE,
    GROUP,
    KIND,
    MEANS,
    SKILL,
    STATE,
    TASK_PLACE,
    TASK_STATE,
)

TASK_PLACES = (
    "shelters",
    "medical_facilities",
    "vaccination_points",
    "quarantine_sites",
    "checkpoints",
)
STEWARD = "youth_union"
_FLAGS = tuple(Column(code.value, code.title) for code in (*SKILL.codes, *MEANS.codes))
_HOURS = Column("hours", Text("Số giờ", "Hours"), unit="h", minimum=0, maximum=744)


def _spot() -> sa.Column[object]:
    return sa.Column("geom", Geography("POINT", srid=4326, spatial_index=False))


VOLUNTEER_COLUMNS = (
    *(one for one in PERSON if one.name in ("name", "birth_year", "phone", "home_commune")),
    Column(PLACE, GROUP.title, codes=GROUP, editable=False),
    Column("state", STATE.title, codes=STATE, editable=False),
    *_FLAGS,
    Column(
        "days",
        Text("Ngày trong tuần", "Days of the week"),
        Text("Số 1 là thứ Hai, 7 là Chủ nhật; ví dụ 67", "1 is Monday, 7 Sunday; 67 for instance"),
        max_length=7,
    ),
    Column("hour_from", Text("Từ giờ", "From hour"), unit="h", minimum=0, maximum=23),
    Column("hour_to", Text("Đến giờ", "To hour"), unit="h", minimum=1, maximum=24),
    Column("from_day", Text("Từ ngày", "From")),
    Column("until_day", Text("Đến ngày", "Until")),
    Column(
        "radius_km",
        Text("Đi xa đến", "Goes as far as"),
        Text("Để trống: khắp tỉnh", "Empty: anywhere in the province"),
        unit="km",
        minimum=1,
        maximum=500,
    ),
    Column("note", Text("Ghi chú", "Note"), max_length=500),
    Column("licence", Text("Số chứng chỉ hành nghề", "Licence number"), max_length=80),
    Column("verified_at", Text("Xác nhận lúc", "Verified"), editable=False),
    Column("verified_by", Text("Người xác nhận", "Verified by"), editable=False),
    Column("consent", Text("Văn bản đồng ý", "Consent given to"), editable=False),
    Column("consented_at", Text("Đồng ý lúc", "Consented"), editable=False),
    Column("active_at", Text("Hoạt động lúc", "Last active"), editable=False),
    *KEPT,
)

VOLUNTEERS = Register(
    id="volunteers",
    theme=RESCUE,
    title=Text("Tình nguyện viên", "Volunteers"),
    description=Text(
        "Người đăng ký giúp, kỹ năng, thời gian và nơi họ đi được",
        "People who offer help, their skills, and when and where they can go",
    ),
    table=register_table(
        "volunteers",
        sa.Column("place", sa.Text, nullable=False, server_default="general"),
        sa.Column("state", sa.Text, nullable=False, server_default="registered"),
        *(
            sa.Column(one.name, sa.Boolean, nullable=False, server_default=sa.false())
            for one in _FLAGS
        ),
        sa.Column("days", sa.Text, nullable=False, server_default="1234567"),
        sa.Column("hour_from", sa.Integer, nullable=False, server_default="0"),
        sa.Column("hour_to", sa.Integer, nullable=False, server_default="24"),
        sa.Column("from_day", sa.Date),
        sa.Column("until_day", sa.Date),
        sa.Column("radius_km", sa.Integer),
        sa.Column("note", sa.Text),
        sa.Column("licence", sa.Text),
        sa.Column("verified_at", moment()),
        sa.Column("verified_by", sa.Text),
        sa.Column("consent", sa.Text, nullable=False, server_default="paper"),
        sa.Column("consented_at", moment(), nullable=False, server_default=sa.func.now()),
        sa.Column("active_at", moment(), nullable=False, server_default=sa.func.now()),
        _spot(),
        described_by=VOLUNTEER_COLUMNS,
    ),
    columns=VOLUNTEER_COLUMNS,
    title_column="name",
    steward=STEWARD,
    edited_by_districts=True,
    adding=Text("Thêm tình nguyện viên", "Add a volunteer"),
    removes=True,
    forgets=True,
    elsewhere=GROUP,
    place_stewards={"health": "medical"},
    listed=("name", PLACE, "state", "home_commune", "doctor", "nurse", "driver", "active_at"),
    state="state",
    actions=(
        Action(
            "verify",
            Text("Xác nhận", "Verify"),
            fields=(
                Column("licence", Text("Số chứng chỉ hành nghề", "Licence number"), max_length=80),
                Column(
                    "login",
                    Text("Tài khoản tư vấn từ xa", "Account for consultations"),
                    Text("Chỉ của bác sĩ tư vấn", "Only of a doctor who consults"),
                    max_length=64,
                ),
            ),
            kinds={"login": sa.Text()},
        ),
        Action("pause", Text("Cho tạm nghỉ", "Pause"), states=("registered", "verified")),
        Action("resume", Text("Cho hoạt động lại", "Resume"), states=("paused",)),
    ),
)

_ASSIGNED = (
    "(SELECT count(*) FROM register.volunteer_assignments AS a WHERE a.task_id = t.id"
    " AND a.state IN ({}))::integer"
)
TASK_COLUMNS = (
    Column("title", Text("Việc", "Task"), max_length=160, in_search=True),
    Column("kind", KIND.title, codes=KIND),
    Column(PLACE, Text("Nơi làm", "Where"), max_length=40),
    Column(
        "home_commune",
        Text("Xã, phường nơi làm", "Commune of the task"),
        Text("Khi nơi làm là một xã, phường", "Where the place is a commune"),
        max_length=16,
    ),
    Column("starts_at", Text("Bắt đầu", "Begins")),
    Column("ends_at", Text("Kết thúc", "Ends")),
    Column("skill", Text("Kỹ năng cần", "Skill wanted"), codes=SKILL),
    Column("wanted", Text("Số người cần", "Wanted"), unit="{person}", minimum=1, maximum=500),
    Column("assigned", Text("Đã phân công", "Assigned"), editable=False),
    Column("accepted", Text("Đã nhận", "Accepted"), editable=False),
    Column("state", TASK_STATE.title, codes=TASK_STATE, editable=False),
    Column("note", Text("Ghi chú", "Note"), max_length=500),
    *KEPT,
)

TASKS = Register(
    id="volunteer_tasks",
    theme=RESCUE,
    title=Text("Việc tình nguyện", "Volunteers' tasks"),
    description=Text(
        "Việc cần người, ở đâu, khi nào, cần kỹ năng gì; phân công ở trang Điều phối tình nguyện",
        "What people are wanted for, where, when and with which skill; assigned on the page of"
        " volunteers",
    ),
    table=register_table(
        "volunteer_tasks",
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("home_commune", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("starts_at", moment(), nullable=False),
        sa.Column("ends_at", moment(), nullable=False),
        sa.Column("skill", sa.Text),
        sa.Column("wanted", sa.Integer, nullable=False, server_default="1"),
        sa.Column("state", sa.Text, nullable=False, server_default="open"),
        sa.Column("note", sa.Text),
        sa.Column("sos_id", sa.Uuid),
        _spot(),
        described_by=TASK_COLUMNS,
        has_person=False,
    ),
    columns=TASK_COLUMNS,
    title_column="title",
    has_person=False,
    steward=STEWARD,
    edited_by_districts=True,
    adding=Text("Thêm việc", "Add a task"),
    places=TASK_PLACES,
    elsewhere=TASK_PLACE,
    computed={
        "assigned": (_ASSIGNED.format("'offered', 'accepted', 'done'"), sa.Integer()),
        "accepted": (_ASSIGNED.format("'accepted', 'done'"), sa.Integer()),
    },
    listed=("title", "kind", PLACE, "starts_at", "skill", "wanted", "assigned", "state"),
    state="state",
    sort="starts_at",
    opened_with={"state": "open"},
    actions=(
        Action(
            "finish",
            Text("Đã xong, ghi giờ làm", "Finish, with the hours"),
            fields=(_HOURS,),
            kinds={"hours": sa.Float()},
            states=("open",),
        ),
        Action(
            "cancel",
            Text("Hủy việc", "Cancel"),
            fields=(Column("note", Text("Lý do", "Reason"), max_length=500),),
            needed=frozenset({"note"}),
            states=("open",),
            confirm=Text("Hủy việc này?", "Cancel this task?"),
            grave=True,
        ),
    ),
)

_OF_VOLUNTEER = (
    "(SELECT p.{} FROM register.volunteers AS v JOIN private.person AS p ON p.id = v.person_id"
    " WHERE v.id = t.volunteer_id)"
)
ASSIGNMENT_COLUMNS = (
    Column("volunteer", Text("Tình nguyện viên", "Volunteer"), editable=False),
    Column("phone", Text("Điện thoại", "Telephone"), editable=False),
    Column("task", Text("Việc", "Task"), editable=False),
    Column(PLACE, Text("Nơi làm", "Where"), editable=False),
    Column("starts_at", Text("Bắt đầu", "Begins"), editable=False),
    Column("state", ASSIGNMENT_STATE.title, codes=ASSIGNMENT_STATE, editable=False),
    Column("hours", _HOURS.title, unit="h", editable=False),
    Column("assigned_by", Text("Người phân công", "Assigned by"), editable=False, in_search=True),
    Column("answered_at", Text("Trả lời lúc", "Answered"), editable=False),
    *KEPT,
)

ASSIGNMENTS = Register(
    id="volunteer_assignments",
    theme=RESCUE,
    title=Text("Phân công tình nguyện", "Volunteers' assignments"),
    description=Text(
        "Ai được phân công việc gì, đã nhận chưa, làm bao nhiêu giờ",
        "Who is assigned to what, whether they have accepted, and the hours done",
    ),
    table=register_table(
        "volunteer_assignments",
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("volunteer_id", sa.Uuid),
        sa.Column("task_id", sa.Uuid, nullable=False),
        sa.Column("during", TSTZRANGE, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="offered"),
        sa.Column("hours", sa.Float),
        sa.Column("assigned_by", sa.Text, nullable=False),
        sa.Column("answered_at", moment()),
        described_by=ASSIGNMENT_COLUMNS,
        has_person=False,
    ),
    columns=ASSIGNMENT_COLUMNS,
    title_column="volunteer",
    has_person=False,
    steward=STEWARD,
    edited_by_districts=True,
    places=TASK_PLACES,
    elsewhere=TASK_PLACE,
    computed={
        "volunteer": (f"coalesce({_OF_VOLUNTEER.format('name')}, '–')", sa.Text()),
        "phone": (_OF_VOLUNTEER.format("phone"), sa.Text()),
        "task": (
            "(SELECT k.title FROM register.volunteer_tasks AS k WHERE k.id = t.task_id)",
            sa.Text(),
        ),
        "starts_at": ("lower(t.during)::timestamptz(0)", moment()),
    },
    listed=("volunteer", "phone", "task", "starts_at", "state", "hours"),
    state="state",
    actions=(
        Action("withdraw", Text("Thôi phân công", "Withdraw"), states=("offered", "accepted")),
        Action(
            "done",
            Text("Ghi giờ làm", "Note the hours"),
            fields=(_HOURS,),
            needed=frozenset({"hours"}),
            states=("accepted", "done"),
        ),
    ),
)

REGISTERS: tuple[Register, ...] = (VOLUNTEERS, TASKS, ASSIGNMENTS)
