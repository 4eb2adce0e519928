"""Reports: who reads and sends which, as PostgreSQL decides it; what was sent stays as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
import psycopg2.errors
import pytest

from api.cli.database import create_database
from layers.catalogue import CATALOGUE
from layers.database import Database, RuleRefused
from layers.province import load_province
from layers.registers.catalogue import REGISTERS
from layers.reports.catalogue import REPORTS
from layers.reports.desk import Reports
from layers.reports.record import Period, span
from layers.roles import DISTRICT, Role
from tests.people import Person, person

OWN, OTHER = "502", "503"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = date(2021, 8, 15)
DECLARATIONS, MEDICAL = REPORTS["declarations"], REPORTS["medical_facilities"]


@pytest.fixture(scope="module")
def database(cluster: Any, template_database: str) -> str:
    return create_database(cluster, "reports", template_database)


@pytest.fixture(scope="module")
def people(database: str) -> dict[str, Person]:
    """Accounts of each kind, by what they are."""
    return {
        "district": person(database, "officer", departments=["district"], districts=[OWN]),
        "health": person(database, "officer", departments=["health"]),
        "health here": person(database, "officer", departments=["health"], districts=[OWN]),
        "tourism": person(database, "officer", departments=["tourism"]),
        "at a place": person(
            database, "officer", departments=["health"], places=["medical_facilities/1"]
        ),
        "of a layer": person(
            database, "officer", departments=["health"], layers=["medical_facilities"]
        ),
        "viewer": person(database, "viewer"),
        "rescuer": person(database, "rescuer", departments=["health"]),
        "admin": person(database, "admin"),
    }


@pytest.fixture
def cursor(database: str) -> Iterator[Any]:
    """As the owner; what a test does is undone."""
    connection = psycopg2.connect(database)
    with connection.cursor() as opened:
        yield opened
    connection.rollback()
    connection.close()


def act(cursor: Any, who: Person | None) -> None:
    role = Role.PUBLIC if who is None else who.role
    cursor.execute(
        "SELECT set_config('role', %s, true), set_config('dieuhanh.account', %s, true)",
        (role.database_role, "" if who is None else str(who.id)),
    )


# Of each account: what it may do with the health department's report (of the whole, of its
# district, of another), and with the districts' own (the same three).
EXPECTED = {
    "district": ("none", "read", "none", "none", "send", "none"),
    "health": ("send", "read", "read", "read", "read", "read"),
    "health here": ("none", "read", "none", "none", "read", "none"),
    "tourism": ("none", "none", "none", "none", "none", "none"),
    "at a place": ("none", "none", "none", "none", "none", "none"),
    "of a layer": ("none", "none", "none", "none", "none", "none"),
    "viewer": ("read", "read", "read", "read", "read", "read"),
    "rescuer": ("none", "none", "none", "none", "none", "none"),
    "admin": ("send", "read", "read", "read", "send", "send"),
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_who_reads_and_sends(cursor: Any, people: dict[str, Person], kind: str) -> None:
    cells = [(r, d) for r in (MEDICAL, DECLARATIONS) for d in (None, OWN, OTHER)]
    for report, district in cells:
        unit = district or report.sender
        cursor.execute(
            "INSERT INTO dieuhanh.report_submission (report, district_code, unit, first, last,"
            " version, due_at, sent_by, sent_role, content)"
            " VALUES (%s, %s, %s, %s, %s, 9, now(), 'x', 'officer', '{}')",
            (report.id, district, unit, DAY, DAY),
        )
    act(cursor, people[kind])
    told = []
    for report, district in cells:
        cursor.execute("SELECT dieuhanh.report_access(%s, %s)", (report.id, district))
        told.append(cursor.fetchone()[0])
    assert tuple(told) == EXPECTED[kind]
    cursor.execute("SELECT report, district_code FROM dieuhanh.report_submission WHERE version = 9")
    seen = {(MEDICAL if r == MEDICAL.id else DECLARATIONS, d) for r, d in cursor.fetchall()}
    assert seen == {cell for cell, may in zip(cells, told, strict=True) if may != "none"}


def test_nobody_writes_what_was_sent_and_the_public_reads_nothing(
    cursor: Any, people: dict[str, Person]
) -> None:
    for who in (people["admin"], people["health"], None):
        for statement in (
            "INSERT INTO dieuhanh.report_submission (report) VALUES ('x')",
            "UPDATE dieuhanh.report_submission SET note = 'x'",
            "DELETE FROM dieuhanh.report_submission",
            "SELECT private.send_report('x', NULL, now()::date, now()::date, now(), 0, '', '{}')",
            *(("SELECT FROM dieuhanh.report_submission",) if who is None else ()),
        ):
            act(cursor, who)
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
            cursor.connection.rollback()
    # An account that was disabled since is nobody.
    cursor.execute(
        "UPDATE private.account SET disabled_at = now() WHERE id = %s", (people["viewer"].id,)
    )
    act(cursor, people["viewer"])
    cursor.execute("SELECT dieuhanh.report_access('declarations', NULL)")
    assert cursor.fetchone()[0] == "none"


def test_of_two_who_send_at_once_one_is_told_of_the_other(
    database: str, people: dict[str, Person]
) -> None:
    period = DECLARATIONS.period(DAY, ZONE)

    async def work() -> tuple[list[Any], list[Any], Any, Any]:
        opened = Database(
            database, pool_size=1, acting_pool_size=6, statement_timeout=60, acquire_timeout=60
        )
        await opened.open()
        try:
            desks = [Reports(opened, people[name].caller, 1000) for name in ("district", "admin")]
            sent = await asyncio.gather(
                *(desk.send(DECLARATIONS, period, OWN, 0, "") for desk in desks for _ in "ab"),
                return_exceptions=True,
            )
            desk = desks[0]
            with pytest.raises(RuleRefused, match="needs a note"):
                await desk.send(DECLARATIONS, period, OWN, 1, "  ")
            before = await desk.version(DECLARATIONS, period, OWN, 1)
            async with opened.serving() as connection:
                await connection.execute(
                    "INSERT INTO private.declaration_day (day, commune_code, declarations)"
                    " SELECT $1, code, 7 FROM layer.admin_units WHERE parent_code = $2 LIMIT 1",
                    DAY,
                    OWN,
                )
            assert await desk.send(DECLARATIONS, period, OWN, 1, "Khai bổ sung") == 2
            after = await desk.version(DECLARATIONS, period, OWN, 2)
            assert await desk.version(DECLARATIONS, period, OWN, 1) == before
            versions = await desk.versions(DECLARATIONS, period, OWN)
            return sent, versions, before, after
        finally:
            await opened.close()

    sent, versions, before, after = asyncio.run(work())
    refused = [one for one in sent if one != 1]
    assert len(refused) == 3
    assert all(isinstance(one, RuleRefused) and one.kind == "conflict" for one in refused)
    assert refused[0].about["version"] == 1
    assert [(one.version, one.note, one.is_late) for one in versions] == [
        (2, "Khai bổ sung", True),
        (1, None, True),
    ]
    assert after["tables"][0]["rows"][0][1] == before["tables"][0]["rows"][0][1] + 7


def test_what_was_not_begun_is_not_sent(database: str, people: dict[str, Person]) -> None:
    day = datetime.now(ZONE).date() + timedelta(2)

    async def work() -> None:
        opened = Database(database, pool_size=1, statement_timeout=60, acquire_timeout=60)
        await opened.open()
        try:
            desk = Reports(opened, people["health"].caller, 1000)
            await desk.send(MEDICAL, MEDICAL.period(day, ZONE), None, 0, "")
        finally:
            await opened.close()

    with pytest.raises(RuleRefused, match="has not begun"):
        asyncio.run(work())


def test_records_name_what_there_is(cursor: Any) -> None:
    departments = {one.id for one in load_province("quang-nam").departments}
    for report in REPORTS.values():
        assert report.sender in {*departments, DISTRICT}
        assert set(report.readers) <= departments
        assert all(s.partition("/")[0] in {*CATALOGUE, *REGISTERS} for s in report.sources)
    cursor.execute("SELECT id, sender, readers FROM dieuhanh.report_record")
    assert {row[0]: (row[1], tuple(row[2])) for row in cursor.fetchall()} == {
        one.id: (one.sender, one.readers) for one in REPORTS.values()
    }


def test_periods_and_when_they_are_due() -> None:
    assert span("week", date(2021, 8, 15)) == (date(2021, 8, 9), date(2021, 8, 15))
    assert span("month", date(2021, 12, 3)) == (date(2021, 12, 1), date(2021, 12, 31))
    period = Period(DAY, DAY, ZONE, timedelta(hours=-7))
    assert period.since.isoformat() == "2021-08-14T17:00:00+00:00"
    assert period.due.astimezone(ZONE).isoformat() == "2021-08-15T17:00:00+07:00"
