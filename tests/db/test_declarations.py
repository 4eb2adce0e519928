"""Declarations as the database keeps them: once, for the right district, and not for long."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import psycopg2
import psycopg2.errors
import pytest

from api.cli.database import create_database
from layers.declarations import keeping
from layers.declarations.posting import POST
from layers.persons import purge as purge_persons
from layers.roles import Role
from tests.db.test_sos_rules import acting, owner
from tests.declaring import a_declaration, ago, at_once, declare, values
from tests.people import Person, person

HOME, NEIGHBOUR, FAR = "20335", "20341", "20401"
"""Two communes of a district, and one of another."""
FLAGS = "SELECT dieuhanh.declaration_flags('waiting', NULL, NULL, 100)"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def url(cluster: Any, template_database: str) -> str:
    made = create_database(cluster, "declarations", template_database)
    owner(made, "DELETE FROM layer.outbreak_zones")
    owner(made, "DELETE FROM private.flag")
    return made


def flag_of(url: str, declaration: str) -> tuple[Any, ...] | None:
    """The kinds, state, times and districts of what a declaration has raised."""
    found = owner(
        url,
        "SELECT kinds, state, times, district_code, zones FROM private.flag"
        " WHERE declaration_id = %s",
        declaration,
    )
    return found[0] if found else None


def district(url: str, commune: str) -> str:
    return str(
        owner(url, "SELECT parent_code FROM layer.admin_units WHERE code = %s", commune)[0][0]
    )


@pytest.fixture
def zone(url: str) -> Iterator[Callable[..., tuple[Any, ...]]]:
    """Make a zone in a commune: `zone(commune, level=…, since=…, until=…, also=…)`."""

    def make(
        commune: str,
        *,
        level: str = "lockdown",
        since: str = "30 days",
        until: str | None = None,
        also: str | None = None,
        where: str = "ST_Buffer(ST_PointOnSurface(geom), 0.002)",
    ) -> tuple[Any, ...]:
        return owner(
            url,
            "INSERT INTO layer.outbreak_zones (name, level, decision_number, valid_from,"
            " valid_until, also_communes, geom) SELECT %s, %s, '1/QĐ', now() - %s::interval,"
            f" now() - %s::interval, %s, ST_Multi({where}) FROM layer.admin_units"
            " WHERE code = %s RETURNING id, commune_codes, district_code",
            f"vùng {next(_numbers)}",
            level,
            since,
            until,
            also,
            commune,
        )[0]

    yield make
    owner(url, "DELETE FROM layer.outbreak_zones")


def test_the_same_id_is_taken_once_also_at_the_same_time(url: str) -> None:
    given = a_declaration(symptoms=["cough"])
    counted = "SELECT coalesce(sum(declarations), 0) FROM private.declaration_day"
    ((before,),) = owner(url, counted)
    found = at_once(url, [given] * 6)
    assert sorted(row["outcome"] for row in found) == ["created", *["repeated"] * 5]
    assert len({(row["card"], row["received_at"], row["valid_until"]) for row in found}) == 1
    assert declare(url, {**given, "contact": True})["outcome"] == "conflict"
    ((after,),) = owner(url, counted)
    assert after == before + 1
    assert flag_of(url, given["id"]) == (["symptoms"], "open", 1, district(url, HOME), [])


def test_a_declaration_holds_from_when_it_was_made(url: str) -> None:
    given = a_declaration(made_at=ago(hours=10))
    declare(url, given)
    ((whose, made, until),) = owner(
        url,
        "SELECT person_id, made_at, valid_until FROM private.declaration WHERE id = %s",
        given["id"],
    )
    assert (until - made).total_seconds() == 72 * 3600
    for shift, holds in (
        ("-1 second", False),
        ("0", True),
        ("71 hours", True),
        ("72 hours", False),
    ):
        found = owner(url, "SELECT private.declared_at(%s, %s + %s::interval)", whose, made, shift)
        assert found == [(holds,)], shift


def test_a_clock_that_is_fast_counts_as_now(url: str) -> None:
    given = a_declaration(made_at=ago(days=-3))
    row = declare(url, given)
    found = owner(url, "SELECT made_at FROM private.declaration WHERE id = %s", given["id"])
    assert abs((found[0][0] - row["received_at"]).total_seconds()) < 5


def test_places_raise_a_flag_by_the_zones_that_held_then(
    url: str, zone: Callable[..., tuple[Any, ...]]
) -> None:
    zone(NEIGHBOUR, level="high", since="20 days", until="3 days")
    zone(FAR, level="increased", since="20 days")

    def raised(**changes: Any) -> list[str]:
        given = a_declaration(**changes)
        declare(url, given)
        found = flag_of(url, given["id"])
        if found is None:
            return []
        assert found[3] == district(url, changes.get("commune_code", HOME))
        return list(found[0])

    assert raised(places=[NEIGHBOUR]) == ["zone_travel"]
    assert raised(places=[HOME]) == []
    assert raised(commune_code=NEIGHBOUR, contact=True) == ["contact"]
    assert raised(places=[FAR], commune_code=FAR) == []
    # Before the zone's time there was none to be in.
    owner(
        url,
        "UPDATE layer.outbreak_zones SET valid_from = now() - interval '1 hour',"
        " valid_until = NULL",
    )
    assert raised(places=[NEIGHBOUR], made_at=ago(hours=5)) == []
    zone(FAR, level="very_high", also=HOME)
    assert raised() == ["zone_home"]
    assert raised(commune_code=FAR, symptoms=["fever"]) == ["symptoms", "zone_home"]


def test_a_zone_knows_its_communes_and_its_district(
    url: str, zone: Callable[..., tuple[Any, ...]]
) -> None:
    _, communes, one = zone(HOME, where="geom")
    # Neighbours have the border in common, and are not in it.
    assert (communes, one) == (HOME, district(url, HOME))
    _, communes, one = zone(HOME, also=f"{FAR}, {HOME}")
    assert (communes, one) == (f"{HOME},{FAR}", None)
    with pytest.raises(psycopg2.Error) as refused:
        zone(HOME, also="99999")
    assert refused.value.pgcode == "DH422"
    owner(url, "UPDATE layer.outbreak_zones SET state = 'lifted'")
    assert owner(url, "SELECT bool_and(valid_until <= now()) FROM layer.outbreak_zones") == [
        (True,)
    ]


def test_there_is_one_flag_for_a_person_until_it_is_closed(url: str) -> None:
    same = {"name": "Lê Văn Một", "phone": "0905999111"}
    first = a_declaration(**same, symptoms=["fever"])
    declare(url, first)
    owner(url, "UPDATE private.flag SET state = 'seen' WHERE declaration_id = %s", first["id"])
    again = a_declaration(**same, symptoms=["fever", "cough"], commune_code=FAR)
    declare(url, again)
    assert flag_of(url, first["id"]) is None
    assert flag_of(url, again["id"]) == (["symptoms"], "seen", 2, district(url, FAR), [])
    worse = a_declaration(**same, contact=True)
    declare(url, worse)
    assert flag_of(url, worse["id"]) == (
        ["contact", "symptoms"],
        "open",
        3,
        district(url, HOME),
        [],
    )
    owner(url, "UPDATE private.flag SET state = 'closed' WHERE declaration_id = %s", worse["id"])
    declare(url, a_declaration(**same))
    later = a_declaration(**same, symptoms=["tired"])
    declare(url, later)
    assert flag_of(url, later["id"]) == (["symptoms"], "open", 1, district(url, HOME), [])


def test_a_device_keeps_the_card_of_a_person_and_of_nobody_else(url: str) -> None:
    same = {"name": "Lê Thị Hai", "phone": "0905999222"}
    first = declare(url, a_declaration(**same))
    owner(
        url,
        "UPDATE private.card SET expires_at = now() + interval '1 hour' WHERE id = %s",
        first["card"],
    )
    again = declare(url, a_declaration(**same), card=first["card"])
    assert again["card"] == first["card"]
    assert (again["card_expires"] - first["received_at"]).days >= 6
    assert declare(url, a_declaration(), card=first["card"])["card"] != first["card"]
    owner(url, "UPDATE private.card SET revoked_at = now() WHERE id = %s", first["card"])
    assert declare(url, a_declaration(**same), card=first["card"])["card"] != first["card"]


def test_communes_that_there_are_not_are_refused_and_nobody_is_written(url: str) -> None:
    ((before,),) = owner(url, "SELECT count(*) FROM private.person")
    assert declare(url, a_declaration(commune_code="99999"))["outcome"] == "no_commune"
    wrong = declare(url, a_declaration(places=[HOME, "99998"]))
    assert (wrong["outcome"], wrong["unknown"]) == ("no_place", ["99998"])
    assert owner(url, "SELECT count(*) FROM private.person") == [(before,)]


def test_what_is_too_old_goes_and_the_counts_stay(url: str) -> None:
    old, recent = (a_declaration(symptoms=["fever"]) for _ in range(2))
    for given in (old, recent):
        declare(url, given)
    ((whose,),) = owner(url, "SELECT person_id FROM private.declaration WHERE id = %s", old["id"])
    owner(
        url,
        "UPDATE private.declaration SET received_at = now() - interval '22 days' WHERE id = %s",
        old["id"],
    )
    owner(
        url, "UPDATE private.person SET used_at = now() - interval '22 days' WHERE id = %s", whose
    )
    counted = (
        "SELECT sum(declarations), sum(with_symptoms), sum(flagged) FROM private.declaration_day"
    )
    before = owner(url, counted)

    async def purges() -> None:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                # Held by its declaration: looked at again as late.
                await purge_persons(connection, keep_days=21)
            assert await connection.fetchval(
                "SELECT count(*) FROM private.person WHERE id = $1", whose
            )
            async with connection.transaction():
                assert await keeping.purge(connection, keep_days=21) == 1
                assert await keeping.purge(connection, keep_days=21) == 0
        finally:
            await connection.close()

    asyncio.run(purges())
    assert flag_of(url, old["id"]) is None
    assert flag_of(url, recent["id"]) is not None
    assert owner(url, counted) == before


def sees(url: str, who: Person, role: Role, declarations: dict[str, str]) -> set[str] | None:
    """Which of some flags somebody sees, by their names; None if they may not ask at all."""
    with acting(url, who, role) as cursor:
        try:
            cursor.execute(FLAGS)
        except psycopg2.Error as error:
            if error.pgcode not in ("DH403", "42501"):
                raise
            return None
        names = {one["person"]["name"] for one in cursor.fetchone()[0]["flags"]}
    return {place for place, name in declarations.items() if name in names}


def test_flags_are_for_the_health_department_and_the_district(url: str) -> None:
    made = {}
    for place in (HOME, FAR):
        given = a_declaration(commune_code=place, symptoms=["fever"])
        declare(url, given)
        made[place] = given["name"]
    near, away = district(url, HOME), district(url, FAR)
    cases: list[tuple[str, dict[str, Any], set[str] | None]] = [
        ("officer", {"departments": ["health"]}, {HOME, FAR}),
        ("officer", {"departments": ["health"], "districts": [away]}, {FAR}),
        ("officer", {"departments": ["district"], "districts": [near]}, {HOME}),
        ("officer", {"departments": ["it"]}, None),
        ("officer", {"departments": ["health"], "layers": ["hotels"]}, None),
        ("admin", {}, {HOME, FAR}),
        *((role, {}, None) for role in ("viewer", "analyst", "rescuer", "operator", "coordinator")),
    ]
    for role, post, expected in cases:
        who = person(url, role, **post)
        assert sees(url, who, Role(role), made) == expected, (role, post)
    with (
        acting(url, None, Role.PUBLIC) as cursor,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        cursor.execute(FLAGS)


def test_an_officer_works_on_the_flags_of_the_own_district_alone(url: str) -> None:
    given = a_declaration(symptoms=["fever"])
    card = declare(url, given)["card"]
    ((number,),) = owner(url, "SELECT id FROM private.flag WHERE declaration_id = %s", given["id"])
    near, away = (
        person(url, "officer", departments=["district"], districts=[district(url, place)])
        for place in (HOME, FAR)
    )
    calls = (
        "SELECT dieuhanh.declaration_flag(%s)",
        "SELECT dieuhanh.see_declaration_flag(%s)",
        "SELECT dieuhanh.revoke_declaration_cards(%s)",
        "SELECT dieuhanh.close_declaration_flag(%s, 'đã gọi')",
    )
    for call in calls:
        with acting(url, away, Role.OFFICER) as cursor, pytest.raises(psycopg2.Error) as refused:
            cursor.execute(call, (number,))
        assert refused.value.pgcode == "DH404", call
    with acting(url, near, Role.OFFICER) as cursor:
        for call in calls:
            cursor.execute(call, (number,))
        cursor.execute("SELECT dieuhanh.declaration_flag(%s)", (number,))
        found = cursor.fetchone()[0]
        assert (found["state"], found["closed_by"], found["note"]) == (
            "closed",
            near.login,
            "đã gọi",
        )
        assert (found["seen_by"], found["cards"]) == (near.login, 0)
        for said, code in (("again", "DH409"), ("", "DH422")):
            cursor.execute("SAVEPOINT one")
            with pytest.raises(psycopg2.Error) as refused:
                cursor.execute("SELECT dieuhanh.close_declaration_flag(%s, %s)", (number, said))
            assert refused.value.pgcode == code
            cursor.execute("ROLLBACK TO one")
    assert owner(url, "SELECT revoked_at FROM private.card WHERE id = %s", card) == [(None,)]


def test_figures_are_for_staff_and_small_counts_for_nobody_else(url: str) -> None:
    near = district(url, HOME)
    owner(url, "DELETE FROM private.declaration_day")
    for _ in range(4):
        declare(url, a_declaration(symptoms=["fever"]))
    counts = "SELECT dieuhanh.declaration_counts('Asia/Ho_Chi_Minh')"

    def public() -> dict[str, Any]:
        with acting(url, None, Role.PUBLIC) as cursor:
            cursor.execute(counts)
            return {one["code"]: one["declarations"] for one in cursor.fetchone()[0]}

    assert public()[near] is None
    assert public()[district(url, FAR)] == 0
    declare(url, a_declaration())
    assert public()[near] == 5
    figures = "SELECT dieuhanh.declaration_figures(dieuhanh.today(), 3)"
    with acting(url, person(url, "viewer"), Role.VIEWER) as cursor:
        cursor.execute(figures)
        found = cursor.fetchone()[0]
    assert len(found["days"]) == 3
    assert sum(day["declarations"] for day in found["days"]) == 5
    assert {d["code"]: (d["declarations"], d["with_symptoms"]) for d in found["districts"]}[
        near
    ] == (5, 4)
    with (
        acting(url, None, Role.PUBLIC) as cursor,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        cursor.execute(figures)


def test_no_role_but_the_server_takes_declarations(url: str) -> None:
    given = values(a_declaration())

    async def tried(role: Role) -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(f"SET ROLE {role.database_role}")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetchrow(POST, *given)
            for table in ("declaration", "flag", "declaration_day", "card"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetchrow(f"SELECT * FROM private.{table}")
        finally:
            await connection.close()

    for role in Role:
        asyncio.run(tried(role))
