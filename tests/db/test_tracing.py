"""Who may trace: nobody without a request that another person approved, and never unseen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import psycopg2.errors
import pytest

from api.cli.database import create_database
from layers.roles import Role
from tests.db.test_sos_rules import owner
from tests.people import Person, on_database, person

HOME, FAR = "20335", "20401"
"""A commune of a district, and one of another."""
NOW = datetime.now(UTC).replace(microsecond=0)
FACTS = {"reason": "x", "case_ref": "BN-1", "days": 3, "least_s": -900, "orders": 2}
LOOKS = "SELECT what FROM private.trace_look WHERE request_id = %s ORDER BY id"


@dataclass
class World:
    """A database where somebody met one of their district and one of another."""

    url: str
    sought: UUID
    card: UUID
    near: UUID
    far: UUID
    people: dict[str, Person]

    def call(self, who: str, function: str, *values: Any) -> Any:
        """What a call answers, committed, as somebody."""
        caller = self.people[who]
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL ROLE {caller.role.database_role}")
                cursor.execute("SELECT set_config('dieuhanh.account', %s, true)", (str(caller.id),))
                marks = ", ".join(["%s"] * len(values))
                cursor.execute(f"SELECT dieuhanh.{function}({marks})", values)
                return cursor.fetchone()[0]
        finally:
            connection.close()

    def refused(self, code: str, who: str, function: str, *values: Any) -> str:
        """The words with which a call is refused, by a rule of that code."""
        with pytest.raises(psycopg2.Error) as caught:
            self.call(who, function, *values)
        assert caught.value.pgcode == code, caught.value
        return str(caught.value)

    def ask(self, who: str) -> str:
        """A new request; its id."""
        told = self.call(who, "trace_ask", json.dumps(FACTS), str(self.card), None, None)
        return str(told["id"])

    def searched(self, who: str, by: str = "health") -> str:
        """A request that was approved by somebody and searched."""
        request = self.ask(who)
        self.call(by, "trace_decide", request, True, None, 72.0)
        self.call(who, "trace_search", request, 14.0, 60.0, 100, 100, 20)
        return request

    def contacts(self, who: str, request: str) -> list[dict[str, Any]]:
        """The contacts of the first order as they are told."""
        return list(self.call(who, "trace_result", request, 1, None, 0, 100)["contacts"])

    def looks(self, request: str) -> list[str]:
        """What was done with a request, in order."""
        return [what for (what,) in owner(self.url, LOOKS, request)]


@pytest.fixture(scope="module")
def world(cluster: Any, template_database: str) -> World:
    url = create_database(cluster, "tracing", template_database)
    district = {
        commune: str(
            owner(url, "SELECT parent_code FROM layer.admin_units WHERE code = %s", commune)[0][0]
        )
        for commune in (HOME, FAR)
    }
    owner(url, "DELETE FROM private.trace_request")
    ids = [str(uuid4()) for _ in range(3)]
    for one, commune in zip(ids, (HOME, HOME, FAR), strict=True):
        owner(
            url,
            "INSERT INTO private.person (id, name, commune_code, phone) VALUES (%s, %s, %s, %s)",
            one, f"Người {one[:4]}", commune, "0905000111",
        )  # fmt: skip
    ((card,),) = owner(
        url,
        "INSERT INTO private.card (person_id, expires_at) VALUES (%s, now() + interval '1 day')"
        " RETURNING id",
        ids[0],
    )
    ((site,),) = owner(url, "SELECT min(site) FROM private.check_in_site WHERE site % 2 = 1")
    for back, one in enumerate(ids):
        at = NOW - timedelta(hours=20, minutes=back)
        owner(url, "SELECT private.make_check_in_day(%s)", at.date())
        for direction, moment in (("in", at), ("out", at + timedelta(hours=1))):
            owner(url, "SELECT private.make_check_in_day(%s)", moment.date())
            owner(
                url,
                "INSERT INTO private.check_in (at, id, site, direction, person_id, how, declared)"
                " VALUES (%s, %s, %s, %s, %s, 'self_scan', true)",
                moment, str(uuid4()), site, direction, one,
            )  # fmt: skip

    def officer(*departments: str, **post: Any) -> Person:
        return person(url, Role.OFFICER, departments=departments, **post)

    people = {
        "health": officer("health"),
        "other": officer("health"),
        "home": officer("district", districts=[district[HOME]]),
        "home too": officer("district", districts=[district[HOME]]),
        "far": officer("district", districts=[district[FAR]]),
        "military": officer("military_command"),
        "layer": officer("health", layers=["vaccination_points"]),
        "place": officer("health", places=["quarantine_sites/1"]),
        "admin": person(url, Role.ADMIN),
        **{
            role.value: person(url, role)
            for role in Role
            if role not in (Role.PUBLIC, Role.OFFICER, Role.ADMIN)
        },
    }
    return World(url, *(UUID(str(one)) for one in (ids[0], card, ids[1], ids[2])), people)


@pytest.mark.parametrize(
    "who",
    ["military", "layer", "place", "viewer", "analyst", "rescuer", "operator", "coordinator"],
)
def test_others_have_no_way_in(world: World, who: str) -> None:
    request = world.searched("home")
    calls: dict[str, tuple[Any, ...]] = {
        "trace_ask": (json.dumps(FACTS), str(world.card), None, None),
        "trace_requests": (10,),
        "trace_request": (request,),
        "trace_result": (request, 1, None, 0, 10),
        "trace_export": (request,),
        "trace_handed": (None, 10),
    }
    before = world.looks(request)
    for function, values in calls.items():
        with pytest.raises(psycopg2.Error) as caught:
            world.call(who, function, *values)
        assert caught.value.pgcode in ("DH403", "42501")
    assert world.looks(request) == before
    for table in ("request", "contact", "evidence", "look"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            _read(world, who, f"private.trace_{table}")


def _read(world: World, who: str, table: str) -> None:
    connection = psycopg2.connect(world.url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {world.people[who].role.database_role}")
            cursor.execute(f"SELECT count(*) FROM {table}")
    finally:
        connection.close()


@pytest.mark.parametrize("who", ["home", "health", "admin"])
def test_nobody_approves_their_own_request(world: World, who: str) -> None:
    request = world.ask(who)
    world.refused("DH403", who, "trace_decide", request, True, None, 72.0)
    # Not the database's owner either, past the function.
    with pytest.raises(psycopg2.errors.CheckViolation):
        owner(
            world.url,
            "UPDATE private.trace_request SET state = 'approved', decided_by = asked_by,"
            " decided_login = 'x', decided_at = now(), expires_at = now() WHERE id = %s",
            request,
        )
    world.refused("DH403", "home too", "trace_decide", request, True, None, 72.0) if (
        who == "home"
    ) else None
    assert world.call("other", "trace_decide", request, True, None, 72.0)["state"] == "approved"


def test_nothing_is_seen_without_an_approval_that_holds(world: World) -> None:
    request = world.ask("home")
    for who in ("home", "health", "admin"):
        world.refused("DH403", who, "trace_search", request, 14.0, 60.0, 10, 10, 20)
        world.refused("DH403", who, "trace_result", request, 1, None, 0, 10)
        world.refused("DH403", who, "trace_export", request)
    assert world.call("home", "trace_request", request)["person"] is None
    world.call("health", "trace_decide", request, True, None, 72.0)
    world.call("home", "trace_search", request, 14.0, 60.0, 10, 10, 20)
    (contact,) = [one["id"] for one in world.contacts("home", request) if one["named"]]
    owner(
        world.url,
        "UPDATE private.trace_request SET expires_at = now() - interval '1 s' WHERE id = %s",
        request,
    )
    assert world.call("home", "trace_request", request)["state"] == "expired"
    world.refused("DH403", "home", "trace_result", request, 1, None, 0, 10)
    world.refused("DH403", "home", "trace_contact", contact)
    # Approved once more it holds again, with what was found before.
    assert world.call("other", "trace_decide", request, True, None, 1.0)["state"] == "searched"
    assert world.call("home", "trace_contact", contact)["phone"] == "0905000111"
    world.call("home", "trace_close", request)
    world.refused("DH403", "home", "trace_contact", contact)


def test_a_district_learns_of_its_own_and_hands_the_others_over(world: World) -> None:
    handed = world.call("far", "trace_handed", None, 100)["total"]
    request = world.searched("home")
    told = {one["named"]: one for one in world.contacts("home", request)}
    assert set(told) == {True, False}
    assert not {"name", "evidence"} & set(told[False])
    assert told[False]["district"]
    world.refused("DH404", "home", "trace_contact", told[False]["id"])
    world.refused("DH404", "far", "trace_request", request)
    world.refused("DH404", "far", "trace_contact", told[True]["id"])
    theirs = world.call("far", "trace_handed", None, 100)
    assert theirs["total"] == handed + 1
    assert told[False]["id"] in {one["id"] for one in theirs["contacts"]}
    marked = world.call("far", "trace_mark", told[False]["id"], "reached", "đã gọi")
    assert (marked["state"], marked["note"]) == ("reached", "đã gọi")
    exported = world.call("home", "trace_export", request)["contacts"]
    assert [one["id"] for one in exported] == [told[True]["id"]]
    # A district asks for its own people alone, and is not told of others that they are there.
    facts = json.dumps(FACTS)
    assert world.refused("DH404", "far", "trace_ask", facts, str(world.card), None, None) == (
        world.refused("DH404", "far", "trace_ask", facts, str(uuid4()), None, None)
    )


def test_every_look_is_recorded_and_stays(world: World) -> None:
    request = world.searched("home")
    (contact,) = [one["id"] for one in world.contacts("home", request) if one["named"]]
    world.call("home", "trace_contact", contact)
    world.call("home", "trace_mark", contact, "tested", None)
    world.call("health", "trace_export", request)
    world.call("far", "trace_handed", None, 100)
    world.call("home", "trace_close", request)
    assert world.looks(request) == [
        "ask", "approve", "search", "result", "contact", "mark", "contact", "export", "handed",
        "close",
    ]  # fmt: skip
    seen = world.call("home", "trace_request", request)["looks"]
    assert [one["what"] for one in reversed(seen)] == world.looks(request)
    assert {one["login"] for one in seen} == {
        world.people[who].login for who in ("home", "health", "far")
    }
    for change in ("UPDATE private.trace_look SET login = 'x'", "DELETE FROM private.trace_look",
                   "TRUNCATE private.trace_look"):  # fmt: skip
        with pytest.raises(psycopg2.Error) as caught:
            owner(world.url, change)
        assert caught.value.pgcode == "DH403"


def test_a_request_goes_in_time_with_what_it_found_and_the_looks_stay(world: World) -> None:
    request = world.searched("home")
    world.call("home", "trace_close", request)
    before = world.looks(request)

    async def purge(connection: Any) -> int:
        from layers.tracing import keeping

        return await keeping.purge(connection, keep_days=21, proximity_days=21)

    on_database(world.url, purge)
    assert owner(world.url, "SELECT 1 FROM private.trace_request WHERE id = %s", request)
    owner(
        world.url,
        "UPDATE private.trace_request SET closed_at = now() - interval '22 days' WHERE id = %s",
        request,
    )
    assert on_database(world.url, purge) == 1
    assert not owner(world.url, "SELECT 1 FROM private.trace_request WHERE id = %s", request)
    assert not owner(
        world.url, "SELECT 1 FROM private.trace_contact WHERE request_id = %s", request
    )
    assert world.looks(request) == before
