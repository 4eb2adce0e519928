"""The register of consultations: the queue as it is listed and counted, of nobody by name.

Who asks and why is in `private.consultation`, told case by case and written down each time;
the rules are in `migrations/versions/0037_consultations.py`.
"""

from __future__ import annotations

import sqlalchemy as sa

from layers.consultations.codes import CHANNEL, OUTCOME, PRIORITY, STATE
from layers.layer import Code, CodeList, Column, Text
from layers.registers.record import KEPT, PLACE, Register, register_table
from layers.tables import moment
from layers.themes import HEALTH

_HOME = CodeList(
    "consultation_place",
    Text("Nơi", "Where"),
    (Code("home", Text("Tại nhà", "At home")),),
)

COLUMNS = (
    Column("code", Text("Mã", "Code"), editable=False, in_search=True),
    Column("priority", PRIORITY.title, codes=PRIORITY, editable=False),
    Column("state", STATE.title, codes=STATE, editable=False),
    Column("outcome", OUTCOME.title, codes=OUTCOME, editable=False),
    Column(PLACE, Text("Chuyển đến", "Sent to"), editable=False),
    Column("channel", CHANNEL.title, codes=CHANNEL, editable=False),
    Column("tries", Text("Số lần gọi không được", "Calls in vain"), editable=False),
    Column("due_at", Text("Gọi từ", "To be called from"), editable=False),
    Column("doctor", Text("Người đang giữ", "Taken by"), editable=False),
    Column("taken_at", Text("Nhận lúc", "Taken"), editable=False),
    Column("called_at", Text("Gọi được lúc", "Reached"), editable=False),
    Column("closed_at", Text("Kết thúc lúc", "Closed"), editable=False),
    Column("sos", Text("Yêu cầu SOS", "SOS request"), editable=False),
    *KEPT,
)

CONSULTATIONS = Register(
    id="consultations",
    theme=HEALTH,
    title=Text("Tư vấn từ xa", "Consultations"),
    description=Text(
        "Các yêu cầu tư vấn, không có tên và bệnh; nhận và gọi ở trang Tư vấn từ xa",
        "Requests for a consultation without names and illnesses; taken and called on the page of"
        " consultations",
    ),
    table=register_table(
        "consultations",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False, server_default="home"),
        sa.Column("home_commune", sa.Text, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        sa.Column("outcome", sa.Text),
        sa.Column("channel", sa.Text, nullable=False, server_default="web"),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("due_at", moment()),
        sa.Column("taken_by", sa.BigInteger),
        sa.Column("taken_at", moment()),
        sa.Column("called_at", moment()),
        sa.Column("closed_at", moment()),
        sa.Column("sos_id", sa.Uuid),
        described_by=COLUMNS,
        has_person=False,
    ),
    columns=COLUMNS,
    title_column="code",
    has_person=False,
    steward="health",
    places=("medical_facilities",),
    elsewhere=_HOME,
    computed={
        "doctor": ("(SELECT a.login FROM private.account AS a WHERE a.id = t.taken_by)", sa.Text()),
        "sos": (
            "coalesce((SELECT r.code FROM layer.sos_requests AS r WHERE r.id = t.sos_id),"
            " (SELECT i.code FROM private.sos_intake AS i WHERE i.request_id = t.sos_id))",
            sa.Text(),
        ),
    },
    listed=("code", "priority", "state", "made_at", "commune_code", "doctor", "tries", "outcome"),
    state="state",
    opened_with={"state": "waiting"},
)

REGISTERS: tuple[Register, ...] = (CONSULTATIONS,)
