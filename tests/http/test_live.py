"""The live stream and the incremental sync, against real servers with several workers."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import psycopg2
import pytest

from layers.upkeep import trim_feed
from tests.conftest import RunServer, serving
from tests.people import person
from tests.sse import Listener

Run = Callable[..., list[tuple[Any, ...]]]
INSERT = (
    "INSERT INTO layer.sos_requests (category, priority, geom)"
    " VALUES ('medical', 'high', ST_SetSRID(ST_MakePoint(%s, %s), 4326)) RETURNING id::text"
)
TOUCH = (
    "UPDATE layer.sos_requests SET people = coalesce(people, 0) + 1 WHERE id IN"
    " (SELECT id FROM layer.sos_requests ORDER BY id LIMIT 900)"
)


@pytest.fixture
def sql(fresh_database_url: str) -> Iterator[Run]:
    """`sql(statement, *values)`: one transaction, by the owner of the database."""
    with _sql(fresh_database_url) as run:
        yield run


@contextmanager
def _sql(url: str) -> Iterator[Run]:
    connection = psycopg2.connect(url)

    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []

    yield run
    connection.close()


def test_each_worker_tells_each_change_once_and_in_order(
    fresh_database_url: str, run_server: RunServer, sql: Run
) -> None:
    address = run_server(fresh_database_url, workers=2)
    with Listener(address) as one, Listener(address) as two, Listener(address) as three:
        ids = [sql(INSERT, 108.33333, 15.88888)[0][0] for _ in range(20)]
        for listener in (one, two, three):
            listener.wait(lambda heard=listener: len(heard.changes()) >= 20)
            told = listener.changes()
            assert [change["id"] for change in told] == ids
            assert [change["version"] for change in told] == sorted(
                {change["version"] for change in told}
            )
            feature = told[0]["feature"]
            assert feature["geometry"]["coordinates"] == [108.333, 15.889]
            assert "injured" not in feature["properties"]
            assert (told[0]["op"], told[0]["layer"]) == ("insert", "sos_requests")
    page = httpx.get(f"{address}/ogc/collections/sos_requests/items/{ids[0]}").json()
    assert page["properties"] == feature["properties"] | {
        name: page["properties"][name] for name in ("code", "reported_at", "updated_at")
    }


def test_staff_are_told_what_staff_may_read(
    fresh_database_url: str, run_server: RunServer, sql: Run
) -> None:
    address = run_server(fresh_database_url)
    coordinator = person(fresh_database_url, "coordinator").headers
    viewer = person(fresh_database_url, "viewer").headers
    with (
        Listener(address) as public,
        Listener(address, headers=coordinator) as near,
        # The public position is outside of this box, the exact one inside.
        Listener(address, "bbox=108.3334,15.8,108.3339,16", headers=viewer) as exact,
        Listener(address, "bbox=108.3334,15.8,108.3339,16") as coarse,
    ):
        sql(
            INSERT.replace("(category,", "(injured, category,").replace("('m", "(7, 'm"),
            108.33361,
            15.88888,
        )
        for listener in (public, near, exact):
            listener.wait(lambda heard=listener: len(heard.changes()) == 1)
        told = [listener.changes()[0]["feature"] for listener in (public, near, exact)]
        assert coarse.changes() == []
    assert [feature["geometry"]["coordinates"] for feature in told] == [
        [108.334, 15.889],
        [108.33361, 15.88888],
        [108.33361, 15.88888],
    ]
    assert [feature["properties"].get("injured") for feature in told] == [None, 7, 7]
    changes = f"{address}/api/changes?since={int(public.last_id) - 1}"
    for headers, feature in ((coordinator, told[1]), ({}, told[0])):
        page = httpx.get(changes, headers=headers)
        assert page.json()["changes"][0]["feature"] == feature
    # A wrong key is nobody, and not the public either.
    assert httpx.get(changes, headers={"Authorization": "Bearer nothing"}).status_code == 401


def test_a_client_resumes_within_a_commit_of_many_changes(
    fresh_database_url: str, run_server: RunServer, sql: Run
) -> None:
    address = run_server(fresh_database_url)
    with Listener(address) as listener:
        start = listener.last_id
        sql(
            INSERT.split(" RETURNING")[0] + ", ('food_water', 'low', ST_SetSRID("
            "ST_MakePoint(108.1, 15.7), 4326))",
            108.3,
            15.8,
        )
        listener.wait(lambda: len(listener.changes()) == 2)
        first, second = listener.events
    assert first.id == f"{second.id}.1"
    assert first.data["version"] == int(second.id)
    with Listener(address, last_id=first.id) as again:
        again.wait(lambda: len(again.changes()) == 1)
        assert again.events == [second]
    with Listener(address, f"last_event_id={start}") as anew:
        anew.wait(lambda: len(anew.changes()) == 2)
        assert anew.events == [first, second]


def test_a_box_hears_of_what_comes_in_stays_and_leaves(
    fresh_database_url: str, run_server: RunServer, sql: Run
) -> None:
    address = run_server(fresh_database_url)
    with Listener(address, "layers=sos_requests&bbox=108,15.5,108.2,15.7") as listener:
        ((inside,),) = sql(INSERT, 108.1, 15.6)
        ((outside,),) = sql(INSERT, 107.7, 15.4)
        move = "UPDATE layer.sos_requests SET geom = ST_SetSRID(ST_MakePoint(%s, %s), 4326)"
        sql(f"{move} WHERE id = %s", 107.7, 15.4, inside)
        sql("UPDATE layer.sos_requests SET state = 'verified' WHERE id = %s", inside)
        sql(f"{move} WHERE id = %s", 108.15, 15.65, outside)
        sql("DELETE FROM layer.sos_requests WHERE id = %s", outside)
        sql("DELETE FROM layer.sos_requests WHERE id = %s", inside)
        ((last,),) = sql(INSERT, 108.11, 15.61)
        listener.wait(lambda: bool(listener.events) and listener.events[-1].data["id"] == last)
        told = [(change["op"], change["id"]) for change in listener.changes()]
    # Readings gather what commits within a tenth of a second: states in between may be passed over.
    assert told[-1] == ("insert", last)
    assert ("leave", inside) in told or ("insert", inside) not in told
    assert ("delete", outside) in told
    assert ("delete", inside) not in told
    with Listener(address, "layers=sos_requests&bbox=108,15.5,108.2,15.7") as listener:
        for place in ((107.7, 15.4), (108.05, 15.6)):
            sql(f"{move} WHERE id = %s", *place, last)
            time.sleep(0.4)
        assert [(c["op"], "feature" in c) for c in listener.changes()] == [
            ("leave", False),
            ("update", True),
        ]


def test_a_load_or_a_commit_too_large_is_one_refresh(
    fresh_database_url: str, run_server: RunServer, sql: Run
) -> None:
    address = run_server(fresh_database_url)
    with Listener(address) as listener:
        sql("UPDATE layer.sos_requests SET people = people + 1")
        sql(
            "SET LOCAL dieuhanh.bulk = 'on';"
            "UPDATE layer.hotels SET name = name || '.'; SET LOCAL dieuhanh.bulk = 'off'"
        )
        listener.wait(lambda: len(listener.events) == 2)
        assert [(e.kind, e.data["layer"], e.data["op"]) for e in listener.events] == [
            ("refresh", "sos_requests", "refresh"),
            ("refresh", "hotels", "refresh"),
        ]


def test_streams_resume_over_a_restart_of_the_server(
    fresh_database_url: str, sql: Run, run_server: RunServer
) -> None:
    with ExitStack() as stack:
        address = stack.enter_context(serving(fresh_database_url, workers=2))
        with Listener(address, resume=False) as listener:
            sql(INSERT, 108.3, 15.8)
            listener.wait(lambda: len(listener.changes()) == 1)
            began = time.monotonic()
            stack.close()
    assert time.monotonic() - began < 8  # an open stream does not hold the server up
    ids = [sql(INSERT, 108.3, 15.8)[0][0] for _ in range(5)]
    address = run_server(fresh_database_url, workers=2)
    with Listener(address, last_id=listener.last_id) as again:
        again.wait(lambda: len(again.changes()) >= 5)
        assert [change["id"] for change in again.changes()] == ids


def test_heartbeats_carry_the_place_to_resume_at(
    fresh_database_url: str, run_server: RunServer, sql: Run
) -> None:
    address = run_server(fresh_database_url)
    with Listener(address, "layers=hotels") as listener:
        start = int(listener.last_id)
        sql(INSERT, 108.3, 15.8)
        listener.wait(lambda: listener.comments >= 1, 25)
        listener.wait(lambda: int(listener.last_id) == start + 1)
        assert listener.events == []


def test_where_there_is_no_place_a_client_is_told_when_to_come_again(
    fresh_database_url: str, run_server: RunServer
) -> None:
    address = run_server(fresh_database_url, {"DIEUHANH_LIVE_VIEWERS": "2"})
    with Listener(address), Listener(address):
        refused = httpx.get(f"{address}/api/live")
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
    time.sleep(0.5)
    with Listener(address) as listener:
        assert listener.connections == 1


@pytest.mark.parametrize(
    ("query", "headers", "word"),
    [
        ("layers=nothing", {}, "nothing"),
        ("layers=", {}, "layers"),
        ("bbox=1,2,3", {}, "bbox"),
        ("bbox=nan,0,1,1", {}, "bbox"),
        ("last_event_id=x", {}, "last_event_id"),
        ("since=3", {}, "since"),
        ("", {"Last-Event-ID": "1; DROP"}, "Last-Event-ID"),
    ],
)
def test_bad_wishes_are_named(server: str, query: str, headers: dict[str, str], word: str) -> None:
    answer = httpx.get(f"{server}/api/live?{query}", headers=headers)
    assert answer.status_code == 400
    assert word in answer.json()["detail"]


def test_an_id_that_was_never_given_gets_a_reset(server: str) -> None:
    with Listener(server, last_id="999999999") as listener:
        listener.wait(lambda: bool(listener.events))
        assert listener.events[0].kind == "reset"
        assert listener.events[0].data["version"] == int(listener.last_id)


def test_changes_are_paged_by_whole_commits(
    fresh_database_url: str, run_server: RunServer, sql: Run
) -> None:
    address = run_server(fresh_database_url)
    now = httpx.get(f"{address}/api/changes").json()
    assert now["changes"] == []
    ids = [sql(INSERT, 108.3, 15.8)[0][0] for _ in range(7)]
    sql("DELETE FROM layer.sos_requests WHERE id = %s", ids[0])
    sql("UPDATE layer.hotels SET name = name || '!' WHERE id = (SELECT min(id) FROM layer.hotels)")
    seen: list[Any] = []
    since, pages = now["next"], 0
    while True:
        page = httpx.get(f"{address}/api/changes?since={since}&layers=sos_requests&limit=3").json()
        seen += page["changes"]
        since, pages = page["next"], pages + 1
        if not page["more"]:
            break
    # What came and went is told as gone only.
    assert [(c["op"], c["id"]) for c in seen] == [
        *(("insert", identifier) for identifier in ids[1:]),
        ("delete", ids[0]),
    ]
    assert pages >= 3
    assert since == now["next"] + 9
    idle = httpx.get(f"{address}/api/changes?since={since}")
    assert idle.json() == {"changes": [], "next": since, "more": False}
    again = httpx.get(
        f"{address}/api/changes?since={since}", headers={"If-None-Match": idle.headers["ETag"]}
    )
    assert again.status_code == 304


def test_viewers_that_take_nothing_cost_no_memory_and_catch_up(
    fresh_database_url: str, run_server: RunServer, sql: Run
) -> None:
    address = run_server(fresh_database_url)
    parts = urlsplit(address)
    slow = []
    for _ in range(30):
        viewer = socket.socket()
        viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        viewer.connect((parts.hostname, parts.port))
        viewer.sendall(b"GET /api/live HTTP/1.1\r\nHost: x\r\n\r\n")
        slow.append(viewer)
    with Listener(address) as quick:
        start = quick.last_id
        sql(TOUCH)
        quick.wait(lambda: len(quick.changes()) == 900, 60)
        before = memory(parts.port)
        for _ in range(4):
            sql(TOUCH)
        quick.wait(lambda: len(quick.changes()) == 5 * 900, 60)
        # Held for each of the thirty, it would be 70 MB.
        assert memory(parts.port) - before < 30e6
        for viewer in slow:
            viewer.close()
        with Listener(address, last_id=start) as late:
            late.wait(lambda: len(late.changes()) == 5 * 900, 60)
            assert late.events == quick.events


def memory(port: int | None) -> int:
    """Bytes that the worker behind a port takes."""
    for found in psutil.net_connections("tcp"):
        if found.status == psutil.CONN_ESTABLISHED and found.laddr.port == port and found.pid:
            return int(psutil.Process(found.pid).memory_info().rss)
    raise AssertionError(f"nothing serves at {port}")


def test_trimmed_changes_stay_in_the_audit_trail(
    fresh_database_url: str, run_server: RunServer, sql: Run
) -> None:
    address = run_server(fresh_database_url)
    ((identifier,),) = sql(INSERT, 108.3, 15.8)
    since = httpx.get(f"{address}/api/changes").json()["next"] - 1
    ((before,),) = sql("SELECT count(*) FROM dieuhanh.history")
    sql("UPDATE dieuhanh.commit_log SET at = at - interval '31 days'")
    ((new,),) = sql(INSERT, 108.3, 15.8)
    assert asyncio.run(trim_feed(fresh_database_url, 30)) > 0
    assert asyncio.run(trim_feed(fresh_database_url, 30)) == 0
    assert sql("SELECT count(*) FROM dieuhanh.history") == [(before + 1,)]
    assert sql("SELECT op FROM dieuhanh.audit WHERE feature_id = %s", identifier) == [("insert",)]
    gone = httpx.get(f"{address}/api/changes?since={since}")
    assert gone.status_code == 410
    begun = gone.json()["next"]
    page = httpx.get(f"{address}/api/changes?since={since + 1}").json()
    assert [change["id"] for change in page["changes"]] == [new]
    assert page["next"] == begun
    with Listener(address, last_id=str(since)) as listener:
        listener.wait(lambda: bool(listener.events))
        assert listener.events[0].kind == "reset"
        assert listener.events[0].data == {"version": begun}
