"""Volunteers as the database keeps them: never at two tasks, never too many, gone when they go."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import psycopg2.errors
import pytest

from api.cli.database import create_database
from layers.roles import Role
from layers.volunteers import desk
from tests.db.test_consultations import become, does, places_with
from tests.db.test_sos_rules import acting, owner
from tests.declaring import run
from tests.helping import FAR, HOME, NEIGHBOUR, digest, task, volunteer
from tests.people import person

ASSIGN = "SELECT dieuhanh.assign_volunteer(%s, %s)"
NEAR = "SELECT dieuhanh.volunteers_near(%s, 50)"
OPEN = "('offered', 'accepted')"


@pytest.fixture(scope="module")
def url(cluster: Any, template_database: str) -> str:
    made = create_database(cluster, "volunteers", template_database)
    owner(made, "DELETE FROM register.volunteer_tasks")
    owner(made, "DELETE FROM register.volunteers")
    return made


@pytest.fixture(scope="module")
def union(url: str) -> Any:
    return person(url, "officer", departments=["youth_union"])


def refusal(url: str, who: Any, statement: str, *values: Any) -> str:
    """The SQLSTATE with which something is refused."""
    with pytest.raises(asyncpg.PostgresError) as refused:
        does(url, who, statement, *values)
    return str(refused.value.sqlstate)


def answers(url: str, follow: bytes, what: str, assignment: Any = None) -> Any:
    return owner(url, "SELECT private.volunteer_does(%s, %s, %s)", follow, what, assignment)[0][0]


def test_the_nearest_who_suit_come_first(url: str, union: Any) -> None:
    near = volunteer(url, driver=True, name="Gần Nhất")
    next_one = volunteer(url, driver=True, commune=NEIGHBOUR, name="Gần Nhì")
    volunteer(url, driver=True, commune=FAR, radius_km=1, name="Không Đi Xa")
    volunteer(url, cook=True, name="Không Lái Xe")
    volunteer(url, driver=True, hour_from=0, hour_to=1, name="Không Rảnh")
    weekend = task(url, skill="driver")
    ((begins,),) = owner(
        url, "UPDATE register.volunteer_tasks SET starts_at = dieuhanh.today() + 1 + time '09:00',"
        " ends_at = dieuhanh.today() + 1 + time '11:30' WHERE id = %s"
        " RETURNING extract(isodow FROM dieuhanh.local_day(starts_at))::int", weekend
    )  # fmt: skip
    other_days = "".join(str(day) for day in range(1, 8) if day != begins)
    volunteer(url, driver=True, days=other_days, name="Hôm Khác")
    volunteer(url, driver=True, until_day="2001-01-01", name="Đã Hết Hạn")
    found = does(url, union, NEAR, weekend)
    assert found.index("Gần Nhất") < found.index("Gần Nhì")
    for name in ("Không Đi Xa", "Không Lái Xe", "Không Rảnh", "Hôm Khác", "Đã Hết Hạn"):
        assert name not in found, name
    does(url, union, ASSIGN, weekend, near)
    assert "Gần Nhất" not in does(url, union, NEAR, weekend)
    owner(url, "DELETE FROM register.volunteers WHERE id IN (%s, %s)", near, next_one)


def test_the_nearest_are_found_by_an_index(url: str) -> None:
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        # Of the few that a test has, all are sorted as cheaply.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM register.volunteers AS v WHERE v.state <> 'paused'"
            " ORDER BY v.geom <-> 'POINT(108 15.5)'::geography LIMIT 20"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    connection.close()
    assert "volunteers_near" in plan
    assert "Order By: (geom <->" in plan


def test_nobody_is_at_two_tasks_at_once(url: str, union: Any) -> None:
    who = volunteer(url)
    first, same, later = task(url), task(url, "1 day 3 hours", "1 day 6 hours"), task(
        url, "1 day 4 hours", "1 day 6 hours"
    )  # fmt: skip
    does(url, union, ASSIGN, first, who)
    assert refusal(url, union, ASSIGN, same, who) == "DH409"
    assert refusal(url, union, ASSIGN, first, who) == "DH409"
    # One after the other is well.
    does(url, union, ASSIGN, later, who)
    # Nor by moving a task.
    with acting(url, union, Role.OFFICER) as cursor, pytest.raises(psycopg2.Error) as refused:
        cursor.execute(
            "UPDATE register.volunteer_tasks SET ends_at = ends_at + interval '1 hour'"
            " WHERE id = %s",
            (first,),
        )
    assert refused.value.pgcode == "DH409"


def test_of_many_who_assign_at_once_none_assigns_one_too_many(url: str, union: Any) -> None:
    wanted = task(url, "2 days", "2 days 2 hours", wanted=3)
    at_once = [task(url, "3 days", "3 days 2 hours") for _ in range(6)]
    people = [volunteer(url) for _ in range(12)]
    one = volunteer(url)

    async def assign(row: str, who: str) -> bool:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                await become(connection, union)
                await connection.execute("SELECT dieuhanh.assign_volunteer($1, $2)", row, who)
            return True
        except asyncpg.PostgresError as error:
            if error.sqlstate != "DH409":
                raise
            return False
        finally:
            await connection.close()

    async def all_of_them() -> tuple[list[bool], list[bool]]:
        return (
            await asyncio.gather(*(assign(wanted, who) for who in people)),
            await asyncio.gather(*(assign(row, one) for row in at_once)),
        )

    to_one_task, of_one_person = run(all_of_them())
    assert (sum(to_one_task), sum(of_one_person)) == (3, 1)
    ((count,),) = owner(
        url,
        "SELECT count(*) FROM register.volunteer_assignments WHERE task_id = %s",
        wanted,
    )
    assert count == 3
    with acting(url, union, Role.OFFICER) as cursor, pytest.raises(psycopg2.Error) as refused:
        cursor.execute("UPDATE register.volunteer_tasks SET wanted = 2 WHERE id = %s", (wanted,))
    assert refused.value.pgcode == "DH409"


def test_a_doctor_counts_once_the_health_department_has_seen_the_licence(
    url: str, union: Any
) -> None:
    who = volunteer(url, doctor=True, name="Bác sĩ chờ xác nhận")
    ill = task(url, "4 days", "4 days 2 hours", skill="doctor")
    assert refusal(url, union, ASSIGN, ill, who) == "DH409"
    verify = "SELECT dieuhanh.volunteers_verify(%s, %s)"
    assert refusal(url, union, verify, who, '{"licence": "1"}') == "DH403"
    health = person(url, "officer", departments=["health"])
    assert refusal(url, health, verify, who, "{}") == "DH422"
    account = person(url, "viewer")
    does(url, health, verify, who, f'{{"licence": "007", "login": "{account.login}"}}')
    other = volunteer(url, doctor=True)
    assert (
        refusal(url, health, verify, other, f'{{"licence": "8", "login": "{account.login}"}}')
        == "DH409"
    )
    does(url, union, ASSIGN, ill, who)
    # The department reaches those who work in medicine, and nobody else.
    with acting(url, health, Role.OFFICER) as cursor:
        cursor.execute("SELECT DISTINCT place FROM register.volunteers_told")
        assert cursor.fetchall() == [("medical",)]


def test_districts_see_and_assign_their_own(url: str) -> None:
    mine, theirs = volunteer(url, name="Người Huyện Này"), volunteer(url, commune=FAR)
    row, other = task(url, "5 days", "5 days 1 hour"), task(
        url, "5 days", "5 days 1 hour", home_commune=FAR
    )  # fmt: skip
    ((here, there),) = owner(
        url,
        "SELECT (SELECT parent_code FROM layer.admin_units WHERE code = %s),"
        " (SELECT parent_code FROM layer.admin_units WHERE code = %s)",
        HOME,
        FAR,
    )
    assert here != there
    who = person(url, "officer", departments=["district"], districts=[here])
    with acting(url, who, Role.OFFICER) as cursor:
        cursor.execute("SELECT DISTINCT district_code FROM register.volunteers_told")
        assert cursor.fetchall() == [(here,)]
    assert refusal(url, who, ASSIGN, other, mine) == "DH404"
    assert refusal(url, who, ASSIGN, row, theirs) == "DH404"
    does(url, who, ASSIGN, row, mine)
    for stranger in (
        person(url, "officer", departments=["telecom"]),
        person(url, "coordinator"),
    ):
        assert refusal(url, stranger, ASSIGN, row, theirs) == "DH404"
    with (
        acting(url, person(url, "viewer"), Role.VIEWER) as cursor,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        cursor.execute(NEAR, (row,))


def test_coordination_assigns_to_an_sos_and_the_team_reads_how_many(url: str) -> None:
    ((sos,),) = owner(
        url,
        "SELECT id FROM layer.sos_requests WHERE dieuhanh.sos_open(state)"
        " AND district_code IS NOT NULL ORDER BY id LIMIT 1",
    )
    who = person(url, "coordinator")
    made = "SELECT dieuhanh.sos_task(%s, NULL, 2, 6)"
    row = does(url, who, made, sos)
    assert does(url, who, made, sos) == row
    one = volunteer(url)
    does(url, who, ASSIGN, str(row), one)
    told = does(url, who, "SELECT dieuhanh.sos_volunteers(%s)", sos)
    assert '"assigned": 1' in told
    assert refusal(url, person(url, "rescuer"), "SELECT dieuhanh.sos_volunteers(%s)", sos)
    does(url, who, "SELECT dieuhanh.volunteer_tasks_finish(%s, '{}')", str(row))
    with pytest.raises(asyncpg.PostgresError):
        does(url, who, ASSIGN, str(row), volunteer(url))


def test_who_accepts_has_the_hours_in_the_end(url: str, union: Any) -> None:
    follow, other = digest(), digest()
    one, two = volunteer(url, follow=follow), volunteer(url, follow=other)
    row = task(url, "6 days", "6 days 3 hours", wanted=2)
    for who in (one, two):
        does(url, union, ASSIGN, row, who)
    ids = dict(
        owner(
            url,
            "SELECT volunteer_id::text, id FROM register.volunteer_assignments WHERE task_id = %s",
            row,
        )
    )
    assert answers(url, follow, "accept", ids[one])
    # Nobody answers for another.
    with pytest.raises(psycopg2.Error) as refused:
        answers(url, follow, "accept", ids[two])
    assert refused.value.pgcode == "DH409"
    assert not answers(url, digest(), "accept", ids[one])
    does(url, union, "SELECT dieuhanh.volunteer_tasks_finish(%s, '{}')", row)
    assert dict(
        owner(
            url,
            "SELECT volunteer_id::text, state || ' ' || coalesce(hours::text, '-')"
            " FROM register.volunteer_assignments WHERE task_id = %s",
            row,
        )
    ) == {one: "done 3", two: "withdrawn -"}


def test_deletion_leaves_nothing_of_a_person(url: str, union: Any) -> None:
    follow = digest()
    words = "Zquyên Hẳn Rồi"
    who = volunteer(url, follow=follow, name=words, note=f"Ghi chú {words}")
    row = task(url, "7 days", "7 days 2 hours")
    does(url, union, ASSIGN, row, who)
    with acting(url, union, Role.OFFICER) as cursor:
        cursor.execute(
            "SELECT dieuhanh.keep_person('volunteers', %s, %s, NULL, NULL)",
            (who, f'{{"name": "{words} Sửa"}}'),
        )
        cursor.connection.commit()
    for table in ("private.person", "register.change", "register.volunteers"):
        looked = f"SELECT count(*) FROM {table} AS t WHERE strpos(t::text, %s) > 0"
        assert owner(url, looked, words)[0][0] > 0, table
    assert answers(url, follow, "delete")
    assert places_with(url, words) == []
    assert owner(
        url,
        "SELECT volunteer_id, state FROM register.volunteer_assignments WHERE task_id = %s",
        row,
    ) == [(None, "withdrawn")]
    assert not answers(url, follow, "pause")


def test_who_is_paused_is_assigned_to_nothing_and_purged_in_time(url: str, union: Any) -> None:
    follow = digest()
    who = volunteer(url, follow=follow, name="Zlâu Không Đến")
    row = task(url, "8 days", "8 days 2 hours")
    assert answers(url, follow, "pause")
    assert refusal(url, union, ASSIGN, row, who) == "DH409"
    assert answers(url, follow, "resume")

    async def purge(days: float) -> int:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                return await desk.purge(connection, keep_days=days)
        finally:
            await connection.close()

    named = "SELECT count(*) FROM private.person WHERE name = 'Zlâu Không Đến'"
    run(purge(180))
    assert owner(url, named) == [(1,)]
    owner(
        url,
        "UPDATE register.volunteers SET active_at = now() - interval '181 days' WHERE id = %s",
        who,
    )
    assert run(purge(180)) == 1
    assert owner(url, named) == [(0,)]


def test_counts_under_five_are_told_to_nobody(url: str) -> None:
    owner(url, "DELETE FROM register.volunteers")
    for _ in range(5):
        volunteer(url, cook=True)
    for _ in range(4):
        volunteer(url, interpreter=True, commune=FAR)
    ((found,),) = owner(url, "SELECT private.volunteer_counts(%s)", desk.FEWEST)
    assert {(one["skill"], one["volunteers"]) for one in found} == {("any", 5), ("cook", 5)}
