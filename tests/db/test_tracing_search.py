"""The search for contacts in PostgreSQL, against plain loops, and a few examples by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg2.extras import execute_values

from api.cli.database import create_database
from tests.db.tracing_oracle import Ask, Contact, Event, Near, contacts
from tests.people import person

BEGIN = datetime(2021, 8, 10, 19, tzinfo=UTC)
"""Five hours before the next day's partition, in which the times below go on."""
PEOPLE = 6
REQUEST = "5b6ce5a1-6f44-4c5f-9c43-0a4c4f7f5a35"
WHOLE = Ask(0, 0, 700, 0, 2, 300, 60)

minutes = st.integers(0, 700)
people = st.integers(0, PEOPLE - 1)
events = st.lists(
    st.builds(Event, people, st.sampled_from([2, 3, 5]), minutes, st.sampled_from(["in", "out"])),
    max_size=40,
)
nears = st.lists(
    st.builds(
        lambda a, step, begin, long: Near(a, (a + step) % PEOPLE, begin, begin + long),
        people, st.integers(1, PEOPLE - 1), minutes, st.integers(0, 60),
    ),
    max_size=4, unique_by=lambda one: (min(one.a, one.b), max(one.a, one.b), one.begin),
)  # fmt: skip
asks = st.builds(
    lambda since, long, shared, orders, stay, dwell: Ask(
        0, since, since + long, shared, orders, stay, min(dwell, stay)
    ),
    st.integers(0, 400), st.integers(1, 700), st.sampled_from([-15, -1, 0, 1, 20]),
    st.sampled_from([1, 2]), st.sampled_from([60, 300]), st.sampled_from([10, 60, 300]),
)  # fmt: skip


def moment(minute: int) -> datetime:
    return BEGIN + timedelta(minutes=minute)


@pytest.fixture(scope="module")
def database(cluster: Any, template_database: str) -> Iterator[Any]:
    url = create_database(cluster, "tracing_search", template_database)
    asker = person(url, "admin")
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM private.check_in; DELETE FROM private.proximity")
        for day in range(-1, 3):
            cursor.execute(
                "SELECT private.make_check_in_day(%s)", ((BEGIN + timedelta(day)).date(),)
            )
        execute_values(
            cursor,
            "INSERT INTO private.person (id, name) VALUES %s",
            [(str(UUID(int=one)), f"Người {one}") for one in range(PEOPLE)],
        )
    yield connection, asker.id
    connection.close()


def search(
    database: Any, given: list[Event], near: list[Near], ask: Ask, most: int = 1000
) -> tuple[dict[int, Contact], dict[str, Any], list[Any]]:
    """What PostgreSQL finds: the contacts, how many, and the evidence; nothing of it is kept."""
    connection, asker = database
    try:
        with connection.cursor() as cursor:
            execute_values(
                cursor,
                "INSERT INTO private.check_in (at, id, site, direction, person_id, how, declared)"
                " VALUES %s",
                [
                    (moment(one.at), str(UUID(int=n)), one.site, one.direction,
                     str(UUID(int=one.person)), "self_scan", False)
                    for n, one in enumerate(given)
                ],
            ) if given else None  # fmt: skip
            execute_values(
                cursor,
                "INSERT INTO private.proximity (a, b, from_at, to_at) VALUES %s",
                [
                    (str(UUID(int=min(one.a, one.b))), str(UUID(int=max(one.a, one.b))),
                     moment(one.begin), moment(one.end))
                    for one in near
                ],
            ) if near else None  # fmt: skip
            cursor.execute(
                "INSERT INTO private.trace_request (id, person_id, reason, case_ref, since, until,"
                " least_s, orders, asked_by, asked_login, departments, districts)"
                " VALUES (%s, %s, 'x', 'x', %s, %s, %s, %s, %s, 'x', '{}', '{}')",
                (REQUEST, str(UUID(int=ask.person)), moment(ask.since), moment(ask.until),
                 ask.shared * 60, ask.orders, asker),
            )  # fmt: skip
            cursor.execute(
                "SELECT private.trace_run(r, make_interval(mins => %s), make_interval(mins => %s),"
                " %s, %s, 20) FROM private.trace_request AS r WHERE r.id = %s",
                (ask.stay, ask.dwell, most, most, REQUEST),
            )
            counts = cursor.fetchone()[0]
            cursor.execute(
                "SELECT person_id, degree, meetings, minutes, first_at, last_at, estimated"
                " FROM private.trace_contact WHERE request_id = %s ORDER BY degree, place",
                (REQUEST,),
            )
            found = {
                UUID(who).int: Contact(degree, n, long, minute(first), minute(last), estimated)
                for who, degree, n, long, first, last, estimated in cursor.fetchall()
            }
            cursor.execute(
                "SELECT c.person_id, w.person_id, e.site, e.from_at, e.to_at"
                " FROM private.trace_evidence AS e JOIN private.trace_contact AS c"
                " ON c.id = e.contact_id LEFT JOIN private.trace_contact AS w ON w.id = e.with_id"
                " WHERE c.request_id = %s ORDER BY 1, 4",
                (REQUEST,),
            )
            evidence = [
                (UUID(who).int, with_ and UUID(with_).int, site, minute(first), minute(last))
                for who, with_, site, first, last in cursor.fetchall()
            ]
    finally:
        connection.rollback()
    return found, counts, evidence


def minute(at: datetime) -> int:
    return round((at - BEGIN).total_seconds() / 60)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events, nears, asks)
@example(
    # Apart by less than is allowed, but gone before the one they follow was met.
    [Event(0, 3, 100, "in"), Event(0, 3, 130, "out"), Event(1, 3, 110, "in"),
     Event(1, 3, 200, "out"), Event(2, 3, 60, "in"), Event(2, 3, 95, "out")],
    [], Ask(0, 50, 700, -15, 2, 300, 60),
)  # fmt: skip
def test_what_is_found_is_what_plain_loops_find(
    database: Any, given: list[Event], near: list[Near], ask: Ask
) -> None:
    # The order of check-ins of one minute is their ids'.
    ordered = sorted(given, key=lambda one: one.at)
    found, counts, evidence = search(database, ordered, near, ask)
    expected = contacts(ordered, near, ask)
    assert found == expected
    assert counts["first"] == sum(one.degree == 1 for one in expected.values())
    assert counts["second"] == sum(one.degree == 2 for one in expected.values())
    for who, with_, _, first, last in evidence:
        assert expected[who].first <= first <= last <= expected[who].last
        assert (with_ is None) == (expected[who].degree == 1)
        assert with_ is None or first >= expected[with_].first
    assert {who for who, *_ in evidence} == set(expected)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events, asks)
def test_meeting_is_mutual(database: Any, given: list[Event], ask: Ask) -> None:
    ask = Ask(0, ask.since, ask.until, ask.shared, 1, ask.stay, ask.dwell)
    ordered = sorted(given, key=lambda one: one.at)
    for who, contact in search(database, ordered, [], ask)[0].items():
        back = Ask(who, ask.since, ask.until, ask.shared, 1, ask.stay, ask.dwell)
        theirs = search(database, ordered, [], back)[0][0]
        assert (theirs.first, theirs.last) == (contact.first, contact.last)


def test_a_contact_of_a_contact_counts_from_when_they_were_met(database: Any) -> None:
    given = [
        Event(1, 3, 10, "in"), Event(2, 3, 12, "in"), Event(2, 3, 30, "out"),
        Event(1, 3, 40, "out"), Event(0, 5, 100, "in"), Event(1, 5, 110, "in"),
        Event(0, 5, 130, "out"), Event(1, 5, 140, "out"), Event(1, 3, 200, "in"),
        Event(3, 3, 210, "in"), Event(3, 3, 240, "out"), Event(1, 3, 260, "out"),
    ]  # fmt: skip
    found, _, evidence = search(database, given, [], WHOLE)
    # The second met the first before it was met itself; the third, after.
    assert found == {
        1: Contact(1, 1, 20, 110, 130, False),
        3: Contact(2, 1, 30, 210, 240, False),
    }
    assert evidence == [(1, None, 5, 110, 130), (3, 1, 3, 210, 240)]


def test_a_missing_check_out_is_estimated_and_told(database: Any) -> None:
    given = [Event(0, 3, 0, "in"), Event(1, 3, 50, "in"), Event(1, 3, 55, "out")]
    found, _, _ = search(database, given, [], WHOLE)
    assert found == {1: Contact(1, 1, 5, 50, 55, True)}
    assert search(database, [given[0], *_later(given[1:], 11)], [], WHOLE)[0] == {}


def _later(given: list[Event], by: int) -> list[Event]:
    return [Event(one.person, one.site, one.at + by, one.direction) for one in given]


def test_at_a_checkpoint_people_pass_and_do_not_stay(database: Any) -> None:
    given = [Event(0, 2, 0, "in"), Event(1, 2, 10, "in"), Event(2, 2, 100, "in"),
             Event(0, 2, 200, "out")]  # fmt: skip
    assert search(database, given, [], WHOLE)[0] == {}
    within = Ask(0, 0, 700, -15, 2, 300, 60)
    assert search(database, given, [], within)[0] == {1: Contact(1, 1, 0, 10, 10, False)}


def test_the_nearest_are_kept_and_the_others_counted(database: Any) -> None:
    given = [Event(0, 3, 0, "in"), Event(0, 3, 100, "out")]
    for who, long in ((1, 10), (2, 30), (3, 20)):
        given += [Event(who, 3, 50, "in"), Event(who, 3, 50 + long, "out")]
    given.sort(key=lambda one: one.at)
    found, counts, _ = search(database, given, [], WHOLE, most=2)
    assert list(found) == [2, 3]
    # Who was met but is not kept is no contact of a contact either.
    assert (counts["first"], counts["first_kept"], counts["second"]) == (3, 2, 0)
