"""The registers of the epidemic: reports of cases by commune and day, and samples.

Rules and actions are in `migrations/versions/0033_epidemic.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Text
from layers.outbreaks.outside import OUTSIDE_AREAS
from layers.registers.record import KEPT, PERSON, PLACE, Action, Register, register_table
from layers.tables import moment
from layers.themes import EPIDEMIC

MOST_CASES = 100_000

_COUNTS = {
    "community": Column(
        "community",
        Text("Ca mắc mới trong cộng đồng", "New cases in the community"),
        unit="{case}",
        minimum=0,
        maximum=MOST_CASES,
    ),
    "isolated": Column(
        "isolated",
        Text("Ca mắc mới trong khu cách ly, phong tỏa", "New cases in quarantine and zones"),
        unit="{case}",
        minimum=0,
        maximum=MOST_CASES,
    ),
    "deaths": Column(
        "deaths",
        Text("Ca tử vong", "Deaths"),
        unit="{person}",
        minimum=0,
        maximum=MOST_CASES,
    ),
}
COUNTS = tuple(_COUNTS.values())
"""What a commune reports of a day."""
_REASON = Column("reason", Text("Lý do sửa", "Reason for the correction"), max_length=500)

CASE_COLUMNS = (
    Column(PLACE, Text("Xã, phường báo cáo", "Commune that reports"), max_length=40),
    Column("day", Text("Ngày", "Day")),
    *COUNTS,
    replace(_REASON, editable=False),
    Column("is_late", Text("Báo cáo muộn", "Late"), editable=False),
    *KEPT,
)

CASE_REPORTS = Register(
    id="case_reports",
    theme=EPIDEMIC,
    title=Text("Báo cáo ca bệnh", "Case reports"),
    description=Text(
        "Số ca mắc mới của từng xã, phường từng ngày; sửa số phải ghi lý do",
        "New cases of each commune and day; a correction takes a reason",
    ),
    table=register_table(
        "case_reports",
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False, server_default="0") for name in _COUNTS),
        sa.Column("reason", sa.Text),
        sa.UniqueConstraint("place", "day"),
        described_by=CASE_COLUMNS,
        has_person=False,
    ),
    columns=CASE_COLUMNS,
    title_column=PLACE,
    steward="health",
    edited_by_districts=True,
    adding=Text("Báo cáo", "Report"),
    has_person=False,
    places=("admin_units",),
    once=frozenset({PLACE, "day", *_COUNTS}),
    restores=tuple(_COUNTS),
    reason="reason",
    computed={
        "is_late": (
            "dieuhanh.local_day(t.made_at) > t.day + (SELECT (rule->>'late_after_days')::integer"
            " FROM register.epidemic_rule)",
            sa.Boolean(),
        ),
    },
    listed=(PLACE, "day", *_COUNTS, "is_late"),
    sort="day",
    actions=(
        Action(
            "correct",
            Text("Sửa số", "Correct"),
            fields=(*COUNTS, _REASON),
            needed=frozenset({"reason"}),
        ),
    ),
)

METHOD = CodeList(
    "sample_method",
    Text("Phương pháp", "Method"),
    (
        Code("pcr", Text("RT-PCR", "RT-PCR")),
        Code("antigen", Text("Kháng nguyên nhanh", "Rapid antigen")),
    ),
)
RESULT = CodeList(
    "sample_result",
    Text("Kết quả", "Result"),
    (
        Code("negative", Text("Âm tính", "Negative")),
        Code("positive", Text("Dương tính", "Positive")),
        Code("inconclusive", Text("Chưa rõ", "Inconclusive")),
    ),
)
SAMPLE_STATE = CodeList(
    "sample_state",
    Text("Trạng thái mẫu", "State of the sample"),
    (
        Code("to_report", Text("Dương tính, chưa báo ca", "Positive, not reported yet")),
        Code("overdue", Text("Quá hạn trả kết quả", "Result overdue")),
        Code("waiting", Text("Chờ kết quả", "Waiting")),
        Code("reported", Text("Dương tính, đã báo ca", "Positive, reported")),
        Code("negative", Text("Âm tính", "Negative")),
        Code("inconclusive", Text("Chưa rõ, lấy lại mẫu", "Inconclusive, sample again")),
    ),
)
FOUND = CodeList(
    "case_found",
    Text("Phát hiện ở đâu", "Where it was found"),
    (
        Code("community", Text("Trong cộng đồng", "In the community")),
        Code("isolated", Text("Trong khu cách ly, phong tỏa", "In quarantine or a zone")),
    ),
)

SAMPLE_COLUMNS = (
    Column("code", Text("Mã mẫu", "Sample code"), max_length=40, in_search=True),
    *PERSON,
    Column(
        "pool_size",
        Text("Số người gộp", "People of the pool"),
        Text("1: mẫu đơn; mẫu gộp không ghi tên", "1: of one person; pools name nobody"),
        unit="{person}",
        minimum=1,
        maximum=50,
    ),
    Column(PLACE, Text("Điểm xét nghiệm", "Testing site"), max_length=40),
    Column("method", METHOD.title, codes=METHOD),
    Column("taken_at", Text("Lấy mẫu lúc", "Taken")),
    Column("result", RESULT.title, codes=RESULT),
    Column("resulted_at", Text("Có kết quả lúc", "Result at")),
    Column("laboratory", Text("Nơi xét nghiệm", "Laboratory"), max_length=160, in_search=True),
    Column("sample_state", SAMPLE_STATE.title, codes=SAMPLE_STATE, editable=False),
    Column("hours", Text("Thời gian trả kết quả", "Turnaround"), unit="h", editable=False),
    Column("case_day", Text("Đã báo ca ngày", "Reported as a case of"), editable=False),
    *KEPT,
)

SAMPLES = Register(
    id="samples",
    theme=EPIDEMIC,
    title=Text("Mẫu xét nghiệm", "Samples"),
    description=Text(
        "Mẫu đơn và mẫu gộp: nơi lấy, phương pháp, kết quả, thời gian trả kết quả",
        "Samples of persons and of pools: where taken, method, result, turnaround",
    ),
    table=register_table(
        "samples",
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("pool_size", sa.Integer, nullable=False, server_default="1"),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("taken_at", moment(), nullable=False, server_default=sa.func.now()),
        sa.Column("result", sa.Text),
        sa.Column("resulted_at", moment()),
        sa.Column("laboratory", sa.Text),
        sa.Column("case_day", sa.Date),
        described_by=SAMPLE_COLUMNS,
        needs_person=False,
    ),
    columns=SAMPLE_COLUMNS,
    title_column="code",
    steward="health",
    edited_by_districts=True,
    adding=Text("Nhận mẫu", "Take a sample"),
    removes=True,
    needs_person=False,
    places=("testing_sites",),
    once=frozenset({"code", PLACE, "pool_size"}),
    computed={
        "sample_state": (
            "CASE WHEN t.result = 'positive' AND t.pool_size = 1 AND t.case_day IS NULL"
            " THEN 'to_report' WHEN t.result = 'positive' THEN 'reported'"
            " WHEN t.result IS NOT NULL THEN t.result"
            " WHEN t.taken_at < now() - make_interval(secs => 3600 *"
            " (SELECT (rule->>'result_hours')::float8 FROM register.epidemic_rule))"
            " THEN 'overdue' ELSE 'waiting' END",
            sa.Text(),
        ),
        "hours": (
            "round(extract(epoch FROM t.resulted_at - t.taken_at) / 3600, 1)::float8",
            sa.Float(),
        ),
    },
    listed=("code", "name", PLACE, "method", "taken_at", "result", "hours", "sample_state"),
    state="sample_state",
    sort="taken_at",
    opened_with={},
    actions=(
        Action(
            "report",
            Text("Báo ca bệnh", "Report the case"),
            fields=(
                Column("found", FOUND.title, codes=FOUND),
                Column(
                    "home_commune",
                    Text("Tính cho xã, phường", "Counted for the commune"),
                    Text("Để trống: nơi ở đã ghi", "Empty: the home that is written down"),
                    max_length=16,
                ),
            ),
            kinds={"found": sa.Text(), "home_commune": sa.Text()},
            needed=frozenset({"found"}),
            states=("to_report",),
            confirm=Text(
                "Cộng một ca vào báo cáo của xã trong ngày có kết quả?",
                "Add a case to the commune's report of the day of the result?",
            ),
        ),
    ),
)

REGISTERS: tuple[Register, ...] = (CASE_REPORTS, SAMPLES, OUTSIDE_AREAS)

PIECE = 5000
"""Samples of one transaction of a purge."""


async def purge(connection: Any, *, keep_days: float) -> int:
    """Forget samples taken more than `keep_days` ago, and those deleted then; numbers stay.

    Args:
        connection: in a transaction as the server itself.

    Returns:
        How many; `PIECE` if there may be more.
    """
    purged: int = await connection.fetchval(
        "SELECT greatest(private.purge_samples($1, $2), private.purge_deleted('samples', $1, $2))",
        keep_days,
        PIECE,
        timeout=300,
    )
    return purged
