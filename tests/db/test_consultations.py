"""Consultations as the database keeps them: who gets which case, handed over once, forgotten."""

from __future__ import annotations

import asyncio
import collections
from typing import Any

import asyncpg
import psycopg2.errors
import pytest

from api.cli.database import create_database
from layers.consultations import desk
from layers.consultations.triage import Facts, danger_signs, read_rules, rules, triage
from layers.roles import Role
from tests.db.test_sos_rules import acting, owner
from tests.declaring import run
from tests.helping import FAR, consultation, digest, doctor
from tests.people import Person, person

TAKE = "SELECT dieuhanh.consultation_take(60)"
CASE = "SELECT dieuhanh.consultation_case(%s)"
RECORD = "SELECT dieuhanh.consultation_record(%s, %s, %s, 3)"
DESK = "SELECT dieuhanh.consultations_desk(200)"


@pytest.fixture(scope="module")
def url(cluster: Any, template_database: str) -> str:
    made = create_database(cluster, "consultations", template_database)
    owner(made, "DELETE FROM register.consultations")
    return made


@pytest.fixture(autouse=True)
def emptied(url: str) -> None:
    owner(url, "UPDATE register.consultations SET state = 'closed', outcome = 'no_need',"
          " closed_at = now() WHERE state <> 'closed'")  # fmt: skip


def does(url: str, who: Person, statement: str, *values: Any) -> Any:
    """What a call gives to somebody; committed."""

    async def call() -> Any:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                await become(connection, who)
                text = statement
                for number in range(1, len(values) + 1):
                    text = text.replace("%s", f"${number}", 1)
                return await connection.fetchval(text, *values)
        finally:
            await connection.close()

    return run(call())


async def become(connection: Any, who: Person) -> None:
    """Act for somebody until the end of the transaction."""
    await connection.execute(
        "SELECT set_config('role', $1, true), set_config('dieuhanh.account', $2, true)",
        who.role.database_role,
        str(who.id),
    )


@pytest.mark.parametrize(
    ("facts", "level", "first"),
    [
        (Facts(["chest_pain"], 30), 1, "danger_sign"),
        (Facts(["cough"], 30, spo2=93), 1, "spo2_low"),
        (Facts(["cough"], 30, spo2=94), 2, "spo2_reduced"),
        (Facts(["cough"], 30, spo2=96), 4, None),
        (Facts(["fever"], 30, pregnant=True), 2, "pregnant"),
        (Facts(["fever"], 65), 3, "aged"),
        (Facts(["fever"], 64), 4, None),
        (Facts(["fever"], 30, conditions=["diabetes"]), 3, "condition"),
        (Facts(["confused"], 80, 85, True, ["lung"]), 1, "danger_sign"),
    ],
)
def test_the_order_is_by_the_rule(facts: Facts, level: int, first: str | None) -> None:
    found, met = triage(facts)
    assert found == level
    assert (met[0].id if met else None) == first


def test_each_rule_says_where_it_is_from_and_names_codes_that_there_are() -> None:
    assert all(rule.source and rule.title.vi and rule.title.en for rule in rules())
    assert "breathless" in danger_signs()
    wrong = '[[rules]]\nid = "x"\nlevel = 1\ntitle = {vi = "a", en = "a"}\nsource = "s"\n'
    with pytest.raises(ValueError, match="hiccup"):
        read_rules(wrong + 'when = { symptoms = ["hiccup"] }')


def test_the_same_id_is_taken_once(url: str) -> None:
    row, outcome = consultation(url)
    assert outcome == "created"
    assert consultation(url, row=row)[1] == "repeated"
    assert consultation(url, row=row, content=b"other")[1] == "conflict"
    assert consultation(url, commune="nowhere")[1] == "no_commune"


def test_twenty_takers_get_twenty_cases_the_gravest_first(url: str) -> None:
    who = [doctor(url) for _ in range(5)]
    made = {consultation(url, priority=f"p{n % 4 + 1}")[0]: n % 4 + 1 for n in range(25)}

    async def take(one: Person) -> Any:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                await become(connection, one)
                found = await connection.fetchval(TAKE)
                # Held until the others have asked, too.
                await asyncio.sleep(0.2)
            return str(found)
        finally:
            await connection.close()

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*(take(who[n % 5]) for n in range(20)))

    taken = run(all_of_them())
    assert len(set(taken)) == 20
    assert set(taken) <= set(made)
    left = [level for row, level in made.items() if row not in taken]
    assert min(left) >= max(made[row] for row in taken)
    assert collections.Counter(
        owner(url, "SELECT state FROM register.consultations WHERE id::text = ANY (%s)", taken)
    ) == {("taken",): 20}


def test_a_case_is_told_to_who_has_taken_it_and_to_the_department(url: str) -> None:
    holder, other = doctor(url), doctor(url, "officer", departments=["military_command"])
    health = person(url, "officer", departments=["health"])
    district = person(url, "officer", departments=["district"], districts=["502", "503"])
    row, _ = consultation(url, name="Người kín đáo")
    assert str(does(url, holder, TAKE)) == row
    for one in (holder, health):
        assert "Người kín đáo" in does(url, one, CASE, row)
    for one in (other, district, person(url, "viewer")):
        with pytest.raises(asyncpg.PostgresError) as refused:
            does(url, one, CASE, row)
        assert refused.value.sqlstate == "DH404"
    looks = owner(
        url,
        "SELECT actor FROM private.consultation_step WHERE consultation_id = %s"
        " AND kind = 'looked' ORDER BY id",
        row,
    )
    assert looks == [(holder.login,), (health.login,)]
    # The register's rows are the department's, and say nothing of the person.
    for one, many in ((health, 1), (holder, 0), (other, 0), (district, 0)):
        with acting(url, one, one.role) as cursor:
            if one.role is Role.VIEWER:
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute("SELECT FROM register.consultations_told")
                continue
            cursor.execute(
                "SELECT t::text FROM register.consultations_told AS t WHERE id = %s", (row,)
            )
            found = cursor.fetchall()
            assert len(found) == many
            assert "kín đáo" not in str(found)


def test_only_verified_doctors_and_the_department_take(url: str) -> None:
    consultation(url)
    health = person(url, "officer", departments=["health"])
    for one in (
        person(url, "viewer"),
        person(url, "officer", departments=["telecom"]),
        person(url, "officer", departments=["district"], districts=["502"]),
    ):
        for call in (TAKE, DESK):
            with pytest.raises(asyncpg.PostgresError) as refused:
                does(url, one, call)
            assert refused.value.sqlstate == "DH403"
    with (
        acting(url, person(url, "rescuer"), Role.RESCUER) as cursor,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        cursor.execute(TAKE)
    paused = doctor(url)
    owner(
        url,
        "UPDATE register.volunteers SET state = 'paused' WHERE id = (SELECT volunteer_id"
        " FROM private.volunteer_key WHERE account_id = %s)",
        paused.id,
    )
    with pytest.raises(asyncpg.PostgresError):
        does(url, paused, TAKE)
    assert does(url, health, TAKE) is not None
    # Nobody empties the queue.
    for _ in range(5):
        consultation(url)
    assert all(does(url, health, TAKE) for _ in range(4))
    with pytest.raises(asyncpg.PostgresError) as refused:
        does(url, health, TAKE)
    assert refused.value.sqlstate == "DH409"


@pytest.mark.parametrize("role", list(Role))
def test_nobody_reads_who_asked_but_through_a_case(url: str, role: Role) -> None:
    who = None if role is Role.PUBLIC else person(url, role, departments=["health"])
    for table in (
        "private.consultation",
        "private.consultation_step",
        "private.volunteer_key",
    ):
        with (
            acting(url, who, role) as cursor,
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
        ):
            cursor.execute(f"SELECT FROM {table}")


def test_calls_in_vain_end_and_a_time_to_call_is_kept(url: str) -> None:
    who = doctor(url)
    row, _ = consultation(url)
    for tries in (1, 2, 3):
        owner(url, "UPDATE register.consultations SET due_at = NULL WHERE id = %s", row)
        assert str(does(url, who, TAKE)) == row
        state = does(url, who, RECORD, row, "not_reached", "{}")
        assert state == ("closed" if tries == 3 else "waiting")
        # Not before its time.
        assert does(url, who, TAKE) is None
    assert owner(
        url, "SELECT outcome, tries, called_at FROM register.consultations WHERE id = %s", row
    ) == [("unreachable", 3, None)]
    later, _ = consultation(url, due="2999-01-01T00:00:00Z")
    assert does(url, who, TAKE) is None
    owner(url, "DELETE FROM register.consultations WHERE id = %s", later)


def test_what_is_left_comes_to_another_and_a_result_is_the_holders(url: str) -> None:
    who, other = doctor(url), doctor(url)
    row, _ = consultation(url)
    assert str(does(url, who, TAKE)) == row
    assert does(url, other, TAKE) is None
    with pytest.raises(asyncpg.PostgresError):
        does(url, other, RECORD, row, "advice", '{"note": "x"}')
    owner(
        url,
        "UPDATE register.consultations SET taken_at = now() - interval '2 hours' WHERE id = %s",
        row,
    )
    assert str(does(url, other, TAKE)) == row
    with pytest.raises(asyncpg.PostgresError):
        does(url, who, RECORD, row, "advice", '{"note": "x"}')
    for what, facts in (("advice", "{}"), ("follow_up", "{}"), ("facility", '{"facility": "?"}')):
        with pytest.raises(asyncpg.PostgresError) as refused:
            does(url, other, RECORD, row, what, facts)
        assert refused.value.sqlstate == "DH422"
    assert does(url, other, RECORD, row, "advice", '{"note": "Uống đủ nước"}') == "closed"


def test_a_case_goes_to_sos_once_and_each_names_the_other(url: str) -> None:
    who = doctor(url)
    follow = digest()
    row, _ = consultation(url, priority="p1", follow=follow, name="Người cấp cứu", age=70)
    assert str(does(url, who, TAKE)) == row
    asked = "SELECT private.consultation_does(%s, 'sos', %s, %s)"
    limits = '{"minutes": 10, "per_address": 9, "per_phone": 9, "notable_phone": 9}'
    owner(url, asked, follow, b"sender", limits)
    assert does(url, who, RECORD, row, "sos", "{}") == "closed"
    ((sos, outcome),) = owner(
        url, "SELECT sos_id, outcome FROM register.consultations WHERE id = %s", row
    )
    assert outcome == "sos"
    ((code, note, phone),) = owner(
        url,
        "SELECT r.code, p.note, p.phone FROM layer.sos_requests AS r"
        " JOIN private.sos_report AS p ON p.request_id = r.id WHERE r.id = %s",
        sos,
    )
    ((own, told),) = owner(
        url,
        "SELECT code, private.consultation_followed(%s) FROM register.consultations WHERE id = %s",
        follow,
        row,
    )
    assert own in note
    assert phone.startswith("0907")
    assert told["sos"] == code
    assert owner(url, "SELECT count(*) FROM private.sos_report WHERE note = %s", note) == [(1,)]


def test_a_facility_reads_that_somebody_is_sent_to_it(url: str) -> None:
    who = doctor(url)
    ((site, code),) = owner(
        url,
        "SELECT id, code FROM layer.medical_facilities WHERE state = 'open' ORDER BY id LIMIT 1",
    )
    ward = person(url, "officer", departments=["health"], places=[f"medical_facilities/{site}"])
    row, _ = consultation(url, commune=FAR, name="Người được chuyển")
    assert str(does(url, who, TAKE)) == row
    with pytest.raises(asyncpg.PostgresError):
        does(url, ward, CASE, row)
    assert does(url, who, RECORD, row, "facility", f'{{"facility": "{code}"}}') == "closed"
    assert f'"id": "{row}"' in does(url, ward, DESK)
    assert "Người được chuyển" in does(url, ward, CASE, row)
    # Where the person lives stays, for the counts.
    assert owner(url, "SELECT commune_code FROM register.consultations WHERE id = %s", row) == [
        (FAR,)
    ]


def test_figures_are_numbers_of_ones_districts(url: str) -> None:
    who = doctor(url)
    row, _ = consultation(url, priority="p1")
    owner(
        url,
        "UPDATE register.consultations SET made_at = now() - interval '30 minutes' WHERE id = %s",
        row,
    )
    assert str(does(url, who, TAKE)) == row
    consultation(url, commune=FAR)
    does(url, who, RECORD, row, "advice", '{"note": "ok"}')
    ((home,),) = owner(url, "SELECT district_code FROM register.consultations WHERE id = %s", row)
    near = person(url, "officer", departments=["district"], districts=[home])
    found = does(url, near, "SELECT dieuhanh.consultation_figures()")
    assert '"waiting": 0' in found
    everywhere = does(url, person(url, "viewer"), "SELECT dieuhanh.consultation_figures()")
    assert '"waiting": 1' in everywhere
    assert "Người hỏi" not in everywhere


def test_who_asked_is_forgotten_in_time_and_the_number_stays(url: str) -> None:
    who = doctor(url)
    row, _ = consultation(url, name="Phải Quên Tên Này")
    assert str(does(url, who, TAKE)) == row
    does(url, who, RECORD, row, "advice", '{"note": "Phải Quên Lời Này"}')

    async def purge() -> int:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                return await desk.purge(connection, keep_days=21)
        finally:
            await connection.close()

    run(purge())
    assert owner(url, "SELECT count(*) FROM private.consultation WHERE id = %s", row) == [(1,)]
    owner(
        url,
        "UPDATE register.consultations SET closed_at = now() - interval '22 days' WHERE id = %s",
        row,
    )
    run(purge())
    assert owner(url, "SELECT outcome FROM register.consultations WHERE id = %s", row) == [
        ("advice",)
    ]
    assert not places_with(url, "Phải Quên")


def places_with(url: str, words: str) -> list[str]:
    """The tables of the database of which a row has words in it."""
    found = []
    for (table,) in owner(
        url,
        "SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n"
        " ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
        " AND n.nspname IN ('private', 'register', 'layer', 'dieuhanh') ORDER BY 1",
    ):
        ((there,),) = owner(
            url, f"SELECT EXISTS (SELECT FROM {table} AS t WHERE strpos(t::text, %s) > 0)", words
        )
        if there:
            found.append(table)
    return found
