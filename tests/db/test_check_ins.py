"""Check-ins in the database: once, counted, by whom, for how long, and never of few persons."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import psycopg2.errors
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.cli.database import create_database
from api.cluster import Cluster
from layers.roles import Role
from tests.db.gate import KEEP_DAYS, ZONE, Event, Gate, ago, now
from tests.people import Person, person

READERS = {Role.VIEWER, Role.ANALYST, Role.OFFICER, Role.COORDINATOR, Role.ADMIN}
CALLS = {
    "SELECT dieuhanh.check_in_figures(%s, %s, %s, NULL, NULL, 1000000)": (
        now().date(), now().date(), ZONE,
    ),
    "SELECT dieuhanh.check_in_flows(%s, %s, %s, 'commune', 5)": (now().date(), now().date(), ZONE),
    "SELECT dieuhanh.check_in_flow_days(%s, %s)": (now().date(), now().date()),
}  # fmt: skip


@pytest.fixture(scope="module")
def gate(cluster: Cluster, template_database: str) -> Iterator[Gate]:
    made = Gate(create_database(cluster, "gate", template_database))
    yield made
    made.connection.close()


@pytest.fixture(scope="module")
def officer(gate: Gate) -> Person:
    return person(gate.url, Role.OFFICER, departments=["it"])


def test_what_is_sent_twice_is_recorded_once(gate: Gate, officer: Person) -> None:
    code, site = gate.site()
    card, _ = gate.card()
    events = [
        Event(code, ago(hours=2), card, "in", uuid4()),
        Event(code, ago(hours=1), card, "out", uuid4()),
    ]
    assert gate.record(events, officer) == ["taken", "taken"]
    assert gate.counts(site) == (1, 1, 0)
    again = [*events, Event(code, ago(minutes=5), card, "in", uuid4())]
    assert gate.record([*again, again[2]], officer) == ["already", "already", "taken", "taken"]
    # The counts are the same before and after upkeep joins them, and are those of the rows.
    assert gate.counts(site) == (2, 1, 0)
    gate.sql("SELECT private.fold_check_ins()")
    assert gate.counts(site) == (2, 1, 0)
    assert gate.sql("SELECT count(*) FROM private.check_in_added") == [(0,)]
    assert gate.sql("SELECT count(*) FROM private.check_in WHERE site = %s", site) == [(3,)]


def test_late_events_are_ordered_by_their_own_time(gate: Gate, officer: Person) -> None:
    code, _ = gate.site()
    card, person_id = gate.card()
    late = ago(days=15)
    assert f"private.check_in_{late:%Y%m%d}" not in gate.days()
    moments = [ago(minutes=3), late, ago(days=2), now() + timedelta(minutes=4)]
    assert gate.record([Event(code, at, card) for at in moments], officer) == ["taken"] * 4
    assert f"private.check_in_{late:%Y%m%d}" in gate.days()
    found = gate.sql(
        "SELECT at FROM private.check_in WHERE person_id = %s ORDER BY at, id", person_id
    )
    assert [at for (at,) in found] == sorted(moments)
    before = gate.days()
    for at, outcome in (
        (now() - timedelta(days=KEEP_DAYS, minutes=1), "old"),
        (now() + timedelta(minutes=30), "future"),
    ):
        assert gate.record([Event(code, at, card)], officer) == [outcome]
    assert gate.days() == before


def test_one_bad_event_holds_up_no_other(gate: Gate, officer: Person) -> None:
    code, site = gate.site()
    card, _ = gate.card()
    revoked, _ = gate.card()
    gate.sql(
        "UPDATE private.card SET revoked_at = now() - interval '1 hour' WHERE id = %s", revoked
    )
    events = [
        Event("NOSUCH", ago(minutes=1), card),
        Event(code, ago(minutes=1), uuid4()),
        Event(code, ago(minutes=1), revoked),
        Event(code, ago(minutes=90), revoked),
        Event(code, ago(minutes=1), card),
    ]
    assert gate.record(events, officer) == ["no_site", "no_card", "revoked", "taken", "taken"]
    assert gate.counts(site) == (2, 0, 0)


def test_who_may_record_where(gate: Gate) -> None:
    districts = gate.sql(
        "SELECT code FROM layer.admin_units WHERE level = 'district' ORDER BY code LIMIT 2"
    )
    codes = [code for (code,) in districts]
    here, _ = gate.site(0)
    card, _ = gate.card()
    event = Event(here, ago(minutes=1), card)
    posts: list[tuple[dict[str, Any], str]] = [
        ({"departments": ["it"]}, "taken"),
        ({"departments": ["district"], "districts": codes[:1]}, "taken"),
        ({"departments": ["district"], "districts": codes[1:]}, "not_yours"),
        ({"departments": ["health"]}, "not_yours"),
    ]
    for post, outcome in posts:
        who = person(gate.url, Role.OFFICER, **post)
        assert gate.record([event], who) == [outcome], post
    for role in set(Role) - {Role.PUBLIC, Role.OFFICER, Role.ADMIN}:
        with pytest.raises(psycopg2.Error) as refused:
            gate.record([event], person(gate.url, role, departments=["it"]))
        assert refused.value.pgcode == "DH403"
    assert gate.record([event], person(gate.url, Role.ADMIN)) == ["taken"]


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.PUBLIC])
def test_who_may_read_figures_and_nobody_reads_persons(gate: Gate, role: Role) -> None:
    who = person(gate.url, role)
    for call, values in CALLS.items():
        if role in READERS:
            assert "person_id" not in str(gate.as_staff(who, call, *values))
        else:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                gate.as_staff(who, call, *values)
    for table in ("check_in", "check_in_hour", "check_in_added", "check_in_day", "check_in_flow"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            gate.as_staff(who, f"SELECT count(*) FROM private.{table}")


def test_a_person_checks_in_at_open_sites_and_not_without_end(gate: Gate) -> None:
    code, site = gate.site()
    closed, _ = gate.site(state="closed")
    card, person_id = gate.card()
    assert gate.record([Event(closed, now(), card)], None) == ["closed"]
    # By the time at which the server hears of it: another time of its own is no way around.
    moments = [now(), ago(days=3), ago(days=9), ago(days=11)]
    taken = [gate.record([Event(code, at, card)], None, per_hour=3)[0] for at in moments]
    assert taken == ["taken", "taken", "taken", "too_many"]
    assert gate.counts(site) == (3, 0, 0)
    assert gate.sql(
        "SELECT DISTINCT how, account_id FROM private.check_in WHERE person_id = %s", person_id
    ) == [("self_scan", None)]
    # Persons stay as long as their check-ins: recording uses them.
    ((used,),) = gate.sql("SELECT used_at FROM private.person WHERE id = %s", person_id)
    assert datetime.now(UTC) - used < timedelta(minutes=5)


def test_an_identity_card_is_one_person(gate: Gate, officer: Person) -> None:
    code, site = gate.site()
    digest = uuid4().bytes
    events = [Event(code, ago(minutes=n), None, identity=digest) for n in (1, 2, 3)]
    assert gate.record(events, officer) == ["taken"] * 3
    assert gate.sql(
        "SELECT count(DISTINCT person_id), min(how) FROM private.check_in WHERE site = %s", site
    ) == [(1, "id_card")]


def test_batches_of_the_same_people_at_once_do_not_lock_each_other(
    gate: Gate, officer: Person
) -> None:
    code, site = gate.site()
    digests = [uuid4().bytes for _ in range(12)]
    events = [Event(code, ago(minutes=n), None, id=uuid4(), identity=one)
              for n, one in enumerate(digests)]  # fmt: skip
    outcomes: list[list[str]] = []

    def send(batch: list[Event]) -> None:
        connection = psycopg2.connect(gate.url)
        try:
            for _ in range(4):
                with connection:
                    outcomes.append(gate.record(batch, officer, connection=connection))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(batch,)) for batch in (events, events[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 8
    assert sum(outcome.count("taken") for outcome in outcomes) == len(events)
    assert gate.counts(site) == (12, 0, 0)


def test_batches_of_many_people_at_once_wait_in_no_circle(gate: Gate, officer: Person) -> None:
    code, site = gate.site()
    outcomes: list[list[str]] = []

    def send() -> None:
        connection = psycopg2.connect(gate.url)
        batches = [
            [Event(code, ago(minutes=n), None, id=uuid4(), identity=uuid4().bytes)
             for n in range(60)]
            for _ in range(4)
        ]  # fmt: skip
        try:
            for batch in batches:
                with connection:
                    outcomes.append(gate.record(batch, officer, connection=connection))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes == [["taken"] * 60] * 16
    assert gate.counts(site) == (960, 0, 0)


def test_the_layers_show_today_where_somebody_scanned(gate: Gate, officer: Person) -> None:
    code, site = gate.site()
    unused, quiet = gate.site()
    gate.sql("UPDATE layer.control_points SET in_today = 40 WHERE qr_code = %s", unused)
    card, _ = gate.card()
    today = [Event(code, now(), card), Event(code, now(), card, "out")]
    assert gate.record([*today, Event(code, ago(days=1, hours=1), card)], officer)
    gate.sql("SELECT private.show_check_ins(%s)", ZONE)
    shown = "SELECT in_today, out_today FROM layer.control_points WHERE qr_code = %s"
    assert gate.sql(shown, code) == [(1, 1)]
    assert gate.sql(shown, unused) == [(40, 0)]
    # Nothing has changed, so nothing is written: the layer keeps its version.
    assert gate.sql("SELECT private.show_check_ins(%s)", ZONE) == [(0,)]
    assert site != quiet


def test_flows_of_fewer_than_five_persons_are_not_told(gate: Gate, officer: Person) -> None:
    day = ago(days=12).date()
    noon = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    (here, _), (there, _), (far, _) = gate.site(2), gate.site(5), gate.site(7)
    for number in range(5):
        card, _ = gate.card()
        steps = [Event(here, noon, card), Event(there, noon + timedelta(hours=1), card)]
        if number < 4:
            steps.append(Event(far, noon + timedelta(hours=2), card))
        assert gate.record(steps, officer) == ["taken"] * len(steps)
    analyst = person(gate.url, Role.ANALYST)
    for fewest in (5, 1, -3):
        told = gate.as_staff(
            analyst, "SELECT dieuhanh.check_in_flows(%s, %s, %s, 'district', %s)",
            day, day, ZONE, fewest,
        )  # fmt: skip
        assert [flow["persons"] for flow in told["flows"]] == [5]
        assert (told["left_out"], told["left_out_n"]) == (1, 4)
    more = gate.as_staff(
        analyst, "SELECT dieuhanh.check_in_flows(%s, %s, %s, 'district', 6)", day, day, ZONE
    )
    assert (more["flows"], more["left_out"]) == ([], 2)
    # What is kept for ever has none of the few either.
    gate.sql("SELECT private.settle_check_ins(%s)", ZONE)
    (kept,) = gate.as_staff(analyst, "SELECT dieuhanh.check_in_flow_days(%s, %s)", day, day)
    assert ([flow["n"] for flow in kept["flows"]], kept["left_out"]) == ([5], 1)


def test_old_days_are_dropped_and_their_counts_stay(gate: Gate, officer: Person) -> None:
    code, site = gate.site(3)
    other, _ = gate.site(4)
    at = ago(days=18)
    for _ in range(6):
        card, _ = gate.card()
        steps = [Event(code, at, card), Event(other, at + timedelta(minutes=20), card, "out")]
        assert gate.record(steps, officer) == ["taken", "taken"]
    gate.sql("SELECT private.make_check_in_day(%s)", now().date())
    gate.sql("SELECT private.purge_check_ins(16, %s)", ZONE)
    days = gate.days()
    assert f"private.check_in_{at:%Y%m%d}" not in days
    assert f"private.check_in_{now():%Y%m%d}" in days
    assert gate.counts(site) == (6, 0, 0)
    local = gate.sql("SELECT (%s::timestamptz AT TIME ZONE %s)::date", at, ZONE)[0][0]
    viewer = person(gate.url, Role.VIEWER)
    (kept,) = gate.as_staff(viewer, "SELECT dieuhanh.check_in_flow_days(%s, %s)", local, local)
    assert [(flow["n"], flow["persons"]) for flow in kept["flows"]] == [(6, 6)]
    # It is not counted anew from what is left, and no window may reach into what is gone.
    gate.sql("SELECT private.settle_check_ins(%s)", ZONE)
    (again,) = gate.as_staff(viewer, "SELECT dieuhanh.check_in_flow_days(%s, %s)", local, local)
    assert again == kept
    with pytest.raises(psycopg2.Error) as refused:
        gate.as_staff(
            viewer, "SELECT dieuhanh.check_in_flows(%s, %s, %s, 'commune', 5)", local, now().date(),
            ZONE,
        )  # fmt: skip
    assert refused.value.pgcode == "DH422"


def test_figures_tell_counts_stays_and_points_without_scans(gate: Gate, officer: Person) -> None:
    code, site = gate.site(9)
    _, silent = gate.site(9)
    day = ago(days=6).date()
    start = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    minutes = [10, 20, 30, 40, 90]
    for stay in minutes:
        card, _ = gate.card()
        events = [
            Event(code, start, card),
            Event(code, start + timedelta(minutes=stay), card, "out"),
        ]
        assert gate.record(events, officer) == ["taken", "taken"]
    ((district,),) = gate.sql(
        "SELECT district_code FROM private.check_in_site WHERE site = %s", site
    )
    viewer = person(gate.url, Role.VIEWER)
    call = "SELECT dieuhanh.check_in_figures(%s, %s, %s, %s, NULL, %s)"
    told = gate.as_staff(viewer, call, day, day, ZONE, district, 10**6)
    (one,) = told["sites"]
    assert (one["in"], one["out"], one["declared"], one["busiest_hour"]) == (5, 5, 0, 9)
    assert one["dwell_min"] == told["dwell_min"] == median(minutes)
    (of_district,) = told["districts"]
    assert of_district["silent"] == len(told["silent"]) == of_district["points"] - 1
    assert silent // 2 in {found["id"] for found in told["silent"]}
    assert sum(hour["in"] for hour in told["hours"]) == 5
    # Too much to find the median in a moment: the counts are told without it.
    short = gate.as_staff(viewer, call, day, day, ZONE, district, 3)
    assert (short["stays"], short["dwell_min"], short["in"]) == (False, None, 5)


Step = tuple[int, int, int, bool]
WALKS = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 3), st.integers(0, 40), st.booleans()
    ),
    max_size=25,
)  # fmt: skip


def oracle(walks: list[tuple[UUID, Step]], units: list[str]) -> tuple[Any, Any]:
    """The flows and the stays, as the plain reading of their definition has them."""
    flows: dict[tuple[str, str], list[int]] = {}
    stays = []
    ordered = sorted(walks, key=lambda one: (one[1][2], one[0].hex))
    for number in range(3):
        mine = [step for _, step in ordered if step[0] == number]
        for was, becomes in itertools.pairwise(mine):
            if units[was[1]] != units[becomes[1]]:
                flows.setdefault((units[was[1]], units[becomes[1]]), []).append(number)
        for place in range(4):
            here = [step for step in mine if step[1] == place]
            for came, left in itertools.pairwise(here):
                if came[3] and not left[3]:
                    stays.append((place, number, float(left[2] - came[2])))
    counted = {pair: (len(who), len(set(who))) for pair, who in flows.items()}
    return counted, sorted(stays)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(walks=WALKS)
def test_flows_and_stays_are_what_plain_python_finds(gate: Gate, walks: list[Step]) -> None:
    # Sites of the demo, the first two of one unit; the times are in a day of long ago.
    sites = gate.sql(
        "SELECT site, commune_code FROM (SELECT s.*, row_number() OVER (PARTITION BY commune_code"
        " ORDER BY site) AS k, count(*) OVER (PARTITION BY commune_code) AS n"
        " FROM private.check_in_site AS s WHERE commune_code IS NOT NULL) AS s"
        " WHERE k <= 2 ORDER BY n < 2, commune_code, site LIMIT 4"
    )
    start = datetime(2021, 8, 1, 12, tzinfo=UTC)
    named = [(uuid4(), step) for step in walks]
    people = [UUID(int=n + 1) for n in range(3)]
    gate.connection.autocommit = False
    try:
        gate.sql("SELECT private.make_check_in_day(%s)", date(2021, 8, 1))
        for name, (who, place, minute, comes) in named:
            gate.sql(
                "INSERT INTO private.check_in (at, id, site, direction, person_id, how, declared)"
                " VALUES (%s, %s, %s, %s, %s, 'officer_scan', true)",
                start + timedelta(minutes=minute), name, sites[place][0],
                "in" if comes else "out", people[who],
            )  # fmt: skip
        window = (start, start + timedelta(hours=1))
        flows = gate.sql("SELECT * FROM private.check_in_steps(%s, %s, 'commune')", *window)
        stays = gate.sql("SELECT * FROM private.check_in_stays(%s, %s)", *window)
    finally:
        gate.connection.rollback()
        gate.connection.autocommit = True
    places = [site for site, _ in sites]
    expected = oracle(named, [unit for _, unit in sites])
    assert {(one, other): (n, k) for one, other, n, k in flows} == expected[0]
    found = [(places.index(site), people.index(who), float(m)) for site, who, m in stays]
    assert sorted(found) == expected[1]
