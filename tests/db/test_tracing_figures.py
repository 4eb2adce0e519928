"""Tracing in numbers: small ones are kept from the public, which reads no row of it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg2.errors
import pytest

from api.cli.database import create_database
from layers.overview import tracing
from layers.roles import Role
from tests.db.test_sos_rules import acting, owner
from tests.people import person

REQUEST = """
INSERT INTO private.trace_request (person_id, reason, case_ref, since, until, least_s, orders,
  asked_login, departments, districts, asked_at, state, decided_login, decided_at, expires_at,
  searched_at, found, closed_at)
VALUES (%s, 'x', 'BN-1', now() - interval '4 days', now(), 0, 1, 'a', '{health}', %s,
  now() - %s * interval '1 minute', %s, 'b', now(), now() + interval '1 day',
  CASE WHEN %s::jsonb IS NOT NULL THEN now() END, %s, CASE WHEN %s = 'closed' THEN now() END)
"""
TABLES = ("trace_request", "trace_contact", "trace_evidence", "trace_look", "proximity")


@pytest.fixture(scope="module")
def made(cluster: Any, template_database: str) -> str:
    return create_database(cluster, "tracing_figures", template_database)


@pytest.fixture
def url(made: str) -> str:
    owner(made, "DELETE FROM private.trace_request")
    owner(made, "DELETE FROM private.proximity")
    return made


def request(url: str, state: str, *, districts: list[str] | None = None, minutes: int = 10,
            found: str | None = None) -> None:  # fmt: skip
    """A request that was asked some minutes ago and, if something was found, searched now."""
    who = str(uuid4())
    owner(url, "INSERT INTO private.person (id, name) VALUES (%s, 'x')", who)
    owner(url, REQUEST, who, districts or [], minutes, state, found, found, state)


def figure(url: str, what: str, role: Role = Role.PUBLIC, who: Any = None) -> float | None:
    """A number as a role is told it."""
    with acting(url, who, role) as cursor:
        cursor.execute("SELECT dieuhanh.trace_figure(%s)", (what,))
        (found,) = cursor.fetchone()
    return None if found is None else float(found)


def test_the_public_is_told_none_of_one_to_four(url: str) -> None:
    staff = person(url, Role.VIEWER)
    assert figure(url, "asked") == 0
    for number in range(1, 7):
        request(url, "asked")
        assert figure(url, "asked") == (None if number < 5 else number)
        assert figure(url, "asked", Role.VIEWER, staff) == number
    for number, what in ((4, "province_week"), (4, "district_week")):
        owner(url, "DELETE FROM private.trace_request")
        for _ in range(number):
            request(url, "asked", districts=["503"] if what == "district_week" else None)
        assert figure(url, what) is None
        assert figure(url, what, Role.VIEWER, staff) == number
    assert figure(url, "province_week") == 0


def test_a_median_and_contacts_are_those_of_five_or_more(url: str) -> None:
    staff = person(url, Role.VIEWER)
    for number in range(1, 6):
        request(url, "searched", minutes=number * 10, found='{"first": 1, "second": 3}')
        assert figure(url, "first_week") == (None if number < 5 else 5)
        assert figure(url, "second_week") == (None if number < 2 else number * 3)
        assert figure(url, "minutes") == (None if number < 5 else 30)
    assert figure(url, "live") == 5
    request(url, "closed", minutes=60, found='{"first": 4, "second": 0}')
    assert figure(url, "minutes") == 35
    assert (figure(url, "closed_week"), figure(url, "live")) == (None, 5)
    assert figure(url, "closed_week", Role.VIEWER, staff) == 1
    owner(
        url,
        "UPDATE private.trace_request SET closed_at = now() - interval '8 days',"
        " searched_at = now() - interval '8 days', asked_at = now() - interval '9 days'",
    )
    for what in ("closed_week", "first_week", "second_week", "province_week"):
        assert figure(url, what, Role.VIEWER, staff) == 0
    assert figure(url, "minutes", Role.VIEWER, staff) is None


def test_meetings_of_devices_are_those_of_the_week(url: str) -> None:
    pair = (
        "INSERT INTO private.proximity (a, b, from_at, to_at) SELECT least(x, y), greatest(x, y),"
    )
    for ago, wanted in (("8 days", 0), ("6 days", 5)):
        for _ in range(5):
            who = [str(uuid4()), str(uuid4())]
            owner(url, "INSERT INTO private.person (id, name) VALUES (%s, 'x'), (%s, 'y')", *who)
            owner(
                url,
                f"{pair} now() - %s::interval, now() - %s::interval"
                " FROM (SELECT %s::uuid, %s::uuid) AS two (x, y)",
                ago, ago, *who,
            )  # fmt: skip
        assert figure(url, "devices_week") == wanted


def test_every_figure_is_one_the_database_has(url: str) -> None:
    staff = person(url, Role.VIEWER)
    asked = [one.value(None).render()[0] for one in tracing.FIGURES]  # type: ignore[arg-type]
    with acting(url, None, Role.PUBLIC) as cursor:
        cursor.execute(f"SELECT {', '.join(asked)}")
        (told,) = cursor.fetchall()
    # Nothing has been asked or found yet, and nothing is a name that is not known.
    assert [one.id for one, value in zip(tracing.FIGURES, told, strict=True) if value != 0] == [
        "trace_minutes_week"
    ]
    with acting(url, staff, Role.VIEWER) as cursor:
        cursor.execute("SELECT dieuhanh.trace_figures()")
        ((exact,),) = cursor.fetchall()
    assert exact.pop("minutes_week") is None
    assert len(exact) == 10
    assert set(exact.values()) == {0}


def test_sums_are_for_everybody_and_rows_for_nobody(url: str) -> None:
    for role in Role:
        assert figure(url, "asked", role) == 0
        for table in TABLES:
            with (
                pytest.raises(psycopg2.errors.InsufficientPrivilege),
                acting(url, None, role) as cursor,
            ):
                cursor.execute(f"SELECT FROM private.{table}")
    for call in ("private.trace_count('asked')", "private.trace_minutes()",
                 "dieuhanh.trace_figures()"):  # fmt: skip
        with (
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
            acting(url, None, Role.PUBLIC) as cursor,
        ):
            cursor.execute(f"SELECT {call}")
