"""The functions behind requests for help, as SQL: who may call them, and what they refuse."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg2
import psycopg2.errors
import pytest

from layers.roles import Role
from tests.people import Person, person

STAFF = {Role.RESCUER, Role.OPERATOR, Role.COORDINATOR, Role.ADMIN}
CALLS = {
    "step_sos": "%s, 'verified', NULL",
    "set_sos_priority": "%s, 'low', 'reason'",
    "note_sos": "%s, 'note'",
    "assign_sos": "%s, 1, NULL, false",
    "decline_sos": "%s, NULL",
    "hand_over_sos": "%s, 1, NULL, false",
    "sos_teams": "%s, 5899, 5",
    "sos_busy_teams": "%s, 5899, 5",
    "sos_duplicates": "%s, 5899, 5",
    "unmerge_sos": "%s, NULL",
    "mark_sos_spam": "%s, NULL",
    "sos_detail": "%s",
    "sos_photo": "%s, gen_random_uuid()",
}
"""Functions that work on one request, with harmless arguments."""
WAITS = (
    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    " AND datname = current_database() AND query LIKE '%assign_sos%'"
)


@contextmanager
def acting(url: str, who: Person | None, role: Role) -> Iterator[Any]:
    """A cursor in a transaction that acts for somebody; what it did is undone."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {role.database_role}")
            account = "" if who is None else str(who.id)
            cursor.execute("SELECT set_config('dieuhanh.account', %s, true)", (account,))
            yield cursor
        connection.rollback()
    finally:
        connection.close()


def owner(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement as the owner; committed."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def _comes_true(condition: Callable[[], bool]) -> bool:
    """Whether something is so within some seconds."""
    for _ in range(200):
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_functions_that_run_as_the_owner_are_closed_to_the_others(database_url: str) -> None:
    """Each has a fixed search path, and is not everybody's to call."""
    found = owner(
        database_url,
        "SELECT p.proname, array_to_string(p.proconfig, ','), ARRAY(SELECT r.rolname::text"
        " FROM pg_roles AS r WHERE r.rolname LIKE 'dieuhanh\\_%%'"
        " AND has_function_privilege(r.oid, p.oid, 'EXECUTE'))"
        " FROM pg_proc AS p WHERE p.pronamespace = 'dieuhanh'::regnamespace AND p.prosecdef"
        " AND p.prorettype <> 'trigger'::regtype AND %s ~ ('\\m' || p.proname || '\\M')",
        " ".join(
            (*CALLS, "move_team set_team sos_intake decide_sos merge_sos sos_find"
             " sos_brief my_teams team_detail")
        ),
    )  # fmt: skip
    assert len(found) == len(CALLS) + 9
    allowed = {role.database_role for role in STAFF}
    for name, settings, roles in found:
        assert "search_path=public, pg_temp" in settings, name
        assert {role for role in roles if role in {r.database_role for r in Role}} == allowed, name


def test_the_schema_of_private_things_is_closed(database_url: str) -> None:
    for role in Role:
        with (
            acting(database_url, None, role) as cursor,
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
        ):
            cursor.execute("SELECT 1 FROM private.sos_report")


@pytest.mark.parametrize("function", CALLS)
def test_a_role_without_an_account_gets_nothing(database_url: str, function: str) -> None:
    """Whoever could become a role in the database still needs an account that has it."""
    ((request,),) = owner(database_url, "SELECT id::text FROM layer.sos_requests LIMIT 1")
    statement = f"SELECT * FROM dieuhanh.{function}({CALLS[function]})"
    with acting(database_url, None, Role.COORDINATOR) as cursor:
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute(statement, (request,))
        assert refused.value.pgcode == "DH403"
    viewer = person(database_url, "viewer")
    # Also an account of another role than the one that was taken.
    with acting(database_url, viewer, Role.COORDINATOR) as cursor:
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute(statement, (request,))
        assert refused.value.pgcode == "DH403"


def test_who_assigns_second_waits_and_is_told(fresh_database_url: str) -> None:
    """Two transactions at once, the first still open when the second asks."""
    url = fresh_database_url
    first, second = person(url, "coordinator"), person(url, "operator")
    ((request,),) = owner(
        url, "SELECT id::text FROM layer.sos_requests WHERE state = 'verified' LIMIT 1"
    )
    teams = [
        team for (team,) in owner(url, "SELECT id FROM layer.rescue_teams ORDER BY id LIMIT 2")
    ]
    owner(url, "UPDATE layer.rescue_teams SET state = 'free' WHERE id = ANY (%s)", teams)
    asked = threading.Event()

    def assign_second() -> str:
        with acting(url, second, Role.OPERATOR) as cursor:
            asked.set()
            with pytest.raises(psycopg2.Error) as refused:
                cursor.execute(
                    "SELECT dieuhanh.assign_sos(%s, %s, NULL, false)", (request, teams[1])
                )
            assert refused.value.pgcode == "DH409"
            return str(refused.value.diag.message_detail)

    connection = psycopg2.connect(url)
    with ThreadPoolExecutor(1) as pool:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE dieuhanh_coordinator")
            cursor.execute("SELECT set_config('dieuhanh.account', %s, true)", (str(first.id),))
            cursor.execute("SELECT dieuhanh.assign_sos(%s, %s, NULL, false)", (request, teams[0]))
            other = pool.submit(assign_second)
            assert asked.wait(10)
            # It waits for the row that this transaction holds.
            assert _comes_true(lambda: bool(owner(url, WAITS)))
            assert not other.done()
        detail = other.result(30)
    connection.close()
    assert first.login in detail
    held = owner(
        url,
        "SELECT team_id FROM private.sos_assignment WHERE request_id = %s AND ended_at IS NULL",
        request,
    )
    assert held == [(teams[0],)]


def test_a_deleted_request_comes_back_without_its_team(fresh_database_url: str) -> None:
    url = fresh_database_url
    ((request,),) = owner(
        url,
        "INSERT INTO layer.sos_requests (category, priority, geom) VALUES ('other', 'low',"
        " ST_SetSRID(ST_MakePoint(108.3, 15.8), 4326)) RETURNING id::text",
    )
    owner(url, "UPDATE layer.sos_requests SET state = 'verified' WHERE id = %s", request)
    coordinator = person(url, "coordinator")
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE layer.rescue_teams SET state = 'free' RETURNING id")
        (team,) = cursor.fetchall()[0]
        cursor.execute("SELECT set_config('dieuhanh.account', %s, true)", (str(coordinator.id),))
        cursor.execute("SELECT dieuhanh.assign_sos(%s, %s, NULL, false)", (request, team))
    connection.close()
    owner(url, "DELETE FROM layer.sos_requests WHERE id = %s", request)
    assert owner(url, "SELECT state FROM layer.rescue_teams WHERE id = %s", team) == [("free",)]
    owner(
        url,
        "INSERT INTO layer.sos_requests (id, category, priority, state, geom) VALUES"
        " (%s, 'other', 'low', 'assigned', ST_SetSRID(ST_MakePoint(108.3, 15.8), 4326))",
        request,
    )
    back = owner(url, "SELECT state FROM layer.sos_requests WHERE id = %s", request)
    assert back == [("verified",)]
