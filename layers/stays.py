"""The registers of quarantine: stays, and the tests that are due during them.

Rules, actions and the occupancy of the places are in `migrations/versions/0029_stays.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Text
from layers.registers.record import KEPT, PERSON, PLACE, Action, Register, register_table
from layers.tables import moment
from layers.themes import QUARANTINE

STAY_STATE = CodeList(
    "stay_state",
    Text("Trạng thái cách ly", "State of the stay"),
    (
        Code("admitted", Text("Đang cách ly", "In quarantine")),
        Code("transferred", Text("Đã chuyển đi", "Transferred")),
        Code("released", Text("Đã hoàn thành", "Released")),
        Code("absconded", Text("Đã bỏ trốn", "Absconded")),
        Code("died", Text("Đã tử vong", "Died")),
    ),
)
ELSEWHERE = CodeList(
    "stay_elsewhere",
    Text("Nơi cách ly khác", "Other places of quarantine"),
    (
        Code("home", Text("Tại nhà", "At home")),
        Code("medical", Text("Cơ sở y tế", "Medical facility")),
    ),
)
PLACES = ("quarantine_sites", "hotels")
PLACE_STEWARDS = {"military_command": "quarantine_sites", "tourism": "hotels"}

_PLACE = Column(PLACE, Text("Nơi cách ly", "Place of quarantine"), max_length=40)
_FACILITY = Column(
    "facility",
    Text("Tên cơ sở y tế", "Medical facility"),
    Text("Khi nơi cách ly là cơ sở y tế", "Where the place is a medical facility"),
    max_length=160,
    in_search=True,
)
_ROOM = Column("room", Text("Phòng, giường", "Room, bed"), max_length=40, in_search=True)
_DECISION = Column(
    "decision", Text("Số quyết định", "Decision number"), max_length=80, in_search=True
)
_REASON = Column("reason", Text("Lý do", "Reason"), max_length=500)
_OVER_REASON = Column(
    "over_reason",
    Text("Lý do vượt sức chứa", "Reason for more than the capacity"),
    Text("Chỉ cần khi nơi cách ly đã đầy", "Only where the place is full"),
    max_length=500,
)
_AT = Column("at", Text("Thời điểm", "When"), Text("Để trống: bây giờ", "Empty: now"))
_KINDS = {"at": moment()}

STAY_COLUMNS = (
    *PERSON,
    _PLACE,
    _FACILITY,
    _ROOM,
    Column("regime", Text("Chế độ cách ly", "Regime"), max_length=40),
    Column("admitted_at", Text("Vào lúc", "Admitted")),
    Column("state", STAY_STATE.title, codes=STAY_STATE, editable=False),
    Column("day", Text("Ngày cách ly thứ", "Day of quarantine"), editable=False),
    Column("due_until", Text("Hết hạn ngày", "Due until"), editable=False),
    Column("is_overdue", Text("Quá hạn chưa cho về", "Overdue for release"), editable=False),
    Column("tests_overdue", Text("Xét nghiệm quá hạn", "Tests overdue"), editable=False),
    Column("released_at", Text("Ra lúc", "Left"), editable=False),
    _DECISION,
    _REASON,
    _OVER_REASON,
    *KEPT,
)

_TODAY = "(SELECT dieuhanh.today())"

STAYS = Register(
    id="stays",
    theme=QUARANTINE,
    title=Text("Người cách ly", "Stays in quarantine"),
    description=Text(
        "Người đang và đã cách ly tại khu tập trung, khách sạn, cơ sở y tế và tại nhà",
        "People in quarantine at sites, hotels, medical facilities and at home",
    ),
    table=register_table(
        "stays",
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("facility", sa.Text),
        sa.Column("room", sa.Text),
        sa.Column("regime", sa.Text, nullable=False),
        sa.Column("since", sa.Date),
        sa.Column(
            "admitted_at",
            moment(),
            nullable=False,
            server_default=sa.text("date_trunc('second', now())"),
        ),
        sa.Column("due_until", sa.Date),
        sa.Column("state", sa.Text, nullable=False, server_default="admitted"),
        sa.Column("released_at", moment()),
        sa.Column("decision", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("over_reason", sa.Text),
        sa.Column("follows", sa.Uuid),
        described_by=STAY_COLUMNS,
    ),
    columns=STAY_COLUMNS,
    title_column="name",
    steward="health",
    edited_by_districts=True,
    adding=Text("Tiếp nhận", "Admit"),
    places=PLACES,
    elsewhere=ELSEWHERE,
    place_stewards=PLACE_STEWARDS,
    once=frozenset({PLACE, "facility", "regime", "admitted_at", "over_reason"}),
    restores=("state", "released_at", "due_until"),
    computed={
        "day": (f"CASE WHEN t.state = 'admitted' THEN {_TODAY} - t.since + 1 END", sa.Integer()),
        "is_overdue": (f"t.state = 'admitted' AND t.due_until < {_TODAY}", sa.Boolean()),
        "tests_overdue": (
            "(SELECT count(*) FROM register.quarantine_tests AS q WHERE q.stay_id = t.id"
            f" AND q.taken_at IS NULL AND NOT q.void AND q.due_on < {_TODAY})::integer",
            sa.Integer(),
        ),
    },
    listed=("name", "birth_year", PLACE, "room", "day", "due_until", "tests_overdue", "state"),
    figures="/api/quarantine/figures",
    state="state",
    sort="admitted_at",
    opened_with={"state": "admitted"},
    province_lists={"regime": "quarantine_regimes"},
    actions=(
        Action(
            "transfer",
            Text("Chuyển nơi khác", "Transfer"),
            fields=(_PLACE, _FACILITY, _ROOM, _DECISION, _REASON, _OVER_REASON, _AT),
            kinds=_KINDS,
            needed=frozenset({PLACE}),
            states=("admitted",),
        ),
        Action(
            "release",
            Text("Cho về", "Release"),
            fields=(_DECISION, _REASON, _AT),
            kinds=_KINDS,
            states=("admitted",),
            confirm=Text("Người này hoàn thành cách ly?", "Has this person completed quarantine?"),
        ),
        Action(
            "extend",
            Text("Gia hạn", "Extend"),
            fields=(Column("due_until", Text("Hết hạn mới", "New end")), _DECISION, _REASON),
            needed=frozenset({"due_until", "reason"}),
            states=("admitted",),
        ),
        Action(
            "end",
            Text("Kết thúc khác", "Other end"),
            fields=(
                Column(
                    "state",
                    Text("Vì sao", "Why"),
                    codes=CodeList("stay_end", STAY_STATE.title, STAY_STATE.codes[3:]),
                ),
                _REASON,
                _AT,
            ),
            kinds=_KINDS,
            needed=frozenset({"state", "reason"}),
            states=("admitted",),
            confirm=Text("Ghi người này đã bỏ trốn hoặc tử vong?", "Record this end of the stay?"),
            grave=True,
        ),
    ),
)

TEST_RESULT = CodeList(
    "test_result",
    Text("Kết quả", "Result"),
    (
        Code("negative", Text("Âm tính", "Negative")),
        Code("positive", Text("Dương tính", "Positive")),
        Code("inconclusive", Text("Chưa rõ", "Inconclusive")),
    ),
)
TEST_STATE = CodeList(
    "quarantine_test_state",
    Text("Trạng thái xét nghiệm", "State of the test"),
    (
        Code("due", Text("Chưa đến hạn", "To come")),
        Code("today", Text("Hôm nay", "Today")),
        Code("overdue", Text("Quá hạn", "Overdue")),
        Code("taken", Text("Đã lấy mẫu", "Taken")),
        Code("void", Text("Không cần nữa", "Not needed any more")),
    ),
)

TEST_COLUMNS = (
    *(
        replace(one, editable=False)
        for one in PERSON
        if one.name in ("name", "birth_year", "phone")
    ),
    Column(PLACE, _PLACE.title, editable=False),
    Column("due_on", Text("Ngày phải lấy mẫu", "Due on"), editable=False),
    Column("test_state", TEST_STATE.title, codes=TEST_STATE, editable=False),
    Column("taken_at", Text("Lấy mẫu lúc", "Taken")),
    Column("result", TEST_RESULT.title, codes=TEST_RESULT),
    Column("laboratory", Text("Nơi xét nghiệm", "Laboratory"), max_length=160, in_search=True),
    *KEPT,
)

TESTS = Register(
    id="quarantine_tests",
    theme=QUARANTINE,
    title=Text("Xét nghiệm trong cách ly", "Tests in quarantine"),
    description=Text(
        "Các lần lấy mẫu theo chế độ cách ly: ngày phải lấy, đã lấy, kết quả",
        "The tests that the regime prescribes: when they are due, when taken, their results",
    ),
    table=register_table(
        "quarantine_tests",
        sa.Column("stay_id", sa.Uuid, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("taken_at", moment()),
        sa.Column("result", sa.Text),
        sa.Column("laboratory", sa.Text),
        sa.Column("void", sa.Boolean, nullable=False, server_default=sa.false()),
        described_by=TEST_COLUMNS,
    ),
    columns=TEST_COLUMNS,
    title_column="name",
    steward="health",
    edited_by_districts=True,
    places=PLACES,
    elsewhere=ELSEWHERE,
    place_stewards=PLACE_STEWARDS,
    computed={
        "test_state": (
            "CASE WHEN t.taken_at IS NOT NULL THEN 'taken' WHEN t.void THEN 'void'"
            f" WHEN t.due_on < {_TODAY} THEN 'overdue' WHEN t.due_on = {_TODAY} THEN 'today'"
            " ELSE 'due' END",
            sa.Text(),
        ),
    },
    listed=("name", "birth_year", PLACE, "due_on", "test_state", "taken_at", "result"),
    state="test_state",
    sort="due_on",
    last_first=False,
    opened_with={"test_state": "today"},
)

REGISTERS: tuple[Register, ...] = (STAYS, TESTS)

PIECE = 1000
"""Stays of one transaction of a purge."""


async def purge(connection: Any, *, keep_days: float) -> int:
    """Forget stays that ended more than `keep_days` ago; numbers by place and day stay.

    Args:
        connection: in a transaction as the server itself.

    Returns:
        How many; `PIECE` if there may be more.
    """
    purged: int = await connection.fetchval(
        "SELECT private.purge_stays($1, $2)", keep_days, PIECE, timeout=300
    )
    return purged
