"""What the server does when clients or the database misbehave."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import httpx
import psycopg2
import pytest

from tests.people import person

SLOW = "/ogc/collections/sos_requests/export?f=json"


def backends(url: str, pattern: str) -> int:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state = 'active' AND pid <> pg_backend_pid() AND query LIKE %s",
            (pattern,),
        )
        (found,) = cursor.fetchone()
    connection.close()
    return int(found)


def slow_down(url: str, seconds: float) -> None:
    """Make every read of hotels wait, by a function in the place of its ledger's sum."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE layer.hotels RENAME TO hotels_table")
        cursor.execute(
            "CREATE VIEW layer.hotels AS SELECT h.* FROM layer.hotels_table AS h,"
            f" (SELECT pg_sleep({seconds})) AS s"
        )
        cursor.execute("GRANT SELECT ON layer.hotels TO dieuhanh_public")
    connection.close()


def test_a_client_that_leaves_cancels_its_query(fresh_database_url: str, run_server: Any) -> None:
    slow_down(fresh_database_url, 8)
    address = run_server(fresh_database_url)
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b"GET /ogc/collections/hotels/items HTTP/1.1\r\nHost: localhost\r\n\r\n")
        deadline = time.monotonic() + 3
        while not backends(fresh_database_url, "%hotels%"):
            assert time.monotonic() < deadline, "the query never began"
            time.sleep(0.05)
    deadline = time.monotonic() + 2
    while backends(fresh_database_url, "%hotels%"):
        assert time.monotonic() < deadline, "the query goes on though its client has left"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("path", "handler"),
    [("/api/declarations", "post"), ("/ogc/collections/hotels/items", "create")],
)
def test_a_client_that_leaves_while_it_sends_is_no_fault_of_the_servers(
    server: str, database_url: str, path: str, handler: str
) -> None:
    key = person(database_url, "officer", departments=["tourism"]).key
    host, port = server.removeprefix("http://").split(":")
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
    kind = "Content-Type: application/json\r\nContent-Length: 90\r\n\r\n{"
    with socket.create_connection((host, int(port))) as client:
        client.sendall((head + kind).encode())
        time.sleep(0.3)
    wanted = f'{{handler="{handler}",method="POST",status="499"}}'
    deadline = time.monotonic() + 10
    while wanted not in (text := httpx.get(f"{server}/metrics").text):
        assert time.monotonic() < deadline, text
        time.sleep(0.2)
    assert not [one for one in text.splitlines() if f'"{handler}"' in one and 'status="5' in one]


def test_a_query_that_takes_too_long_is_a_503_that_says_so(
    fresh_database_url: str, run_server: Any
) -> None:
    slow_down(fresh_database_url, 30)
    address = run_server(fresh_database_url, {"DIEUHANH_STATEMENT_TIMEOUT": "0.5"})
    answer = httpx.get(address + "/ogc/collections/hotels/items", timeout=10)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "longer than this server allows" in answer.json()["detail"]
    assert httpx.get(address + "/ogc/collections/checkpoints/items").status_code == 200


def test_one_slow_reader_of_a_download_blocks_nobody(server: str) -> None:
    host, port = server.removeprefix("http://").split(":")
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        slow.connect((host, int(port)))
        slow.sendall(f"GET {SLOW} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert b" 200 OK" in slow.recv(100)
        for _ in range(20):
            began = time.monotonic()
            answer = httpx.get(server + "/ogc/collections/checkpoints/items?limit=5")
            assert answer.status_code == 200
            assert time.monotonic() - began < 5


def test_a_download_that_fails_half_way_is_seen_as_broken(
    fresh_database_url: str, run_server: Any
) -> None:
    connection = psycopg2.connect(fresh_database_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE layer.sos_requests RENAME TO sos_table")
        # The first batch of rows comes at once, the second never.
        cursor.execute(
            "CREATE VIEW layer.sos_requests AS SELECT * FROM layer.sos_table WHERE id <"
            " (SELECT id FROM layer.sos_table ORDER BY id OFFSET 1500 LIMIT 1)"
            " OR pg_sleep(60) IS NOT NULL"
        )
        cursor.execute("GRANT SELECT ON layer.sos_requests TO dieuhanh_public")
        address = run_server(fresh_database_url)
        plain = {"Accept-Encoding": "identity"}
        with httpx.stream("GET", address + SLOW, headers=plain, timeout=20) as answer:
            assert answer.status_code == 200
            parts = answer.iter_bytes()
            assert next(parts).startswith(b'{"type":"FeatureCollection"')
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND query LIKE '%sos_requests%'"
            )
            with pytest.raises(httpx.RemoteProtocolError):
                b"".join(parts)
    connection.close()


def test_the_server_survives_a_database_that_drops_every_connection(
    fresh_database_url: str, run_server: Any
) -> None:
    address = run_server(fresh_database_url)
    path = address + "/ogc/collections/checkpoints/items?limit=5"
    assert httpx.get(path).status_code == 200
    connection = psycopg2.connect(fresh_database_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()
    statuses: list[int] = []
    for _ in range(20):
        answer = httpx.get(path + f"&offset={len(statuses)}")
        statuses.append(answer.status_code)
        assert answer.status_code in (200, 503)
        if answer.status_code == 503:
            assert "terminat" not in answer.text.lower()
        time.sleep(0.05)
    assert statuses[-5:] == [200] * 5


def test_metrics_and_health(server: str) -> None:
    assert httpx.get(server + "/healthz").text == "ok\n"
    assert httpx.get(server + "/readyz").text == "ok\n"
    httpx.get(server + "/ogc/collections/hotels/items/1?x=1")
    deadline = time.monotonic() + 30
    while "dieuhanh_feed_live 2.0" not in (text := httpx.get(server + "/metrics").text):
        assert time.monotonic() < deadline, text
    assert "dieuhanh_workers 2.0" in text
    assert "dieuhanh_requests_total" in text


def test_metrics_are_the_whole_servers_whichever_worker_answers(
    database_url: str, run_server: Any
) -> None:
    address = run_server(database_url, {}, 2)
    items = address + "/ogc/collections/hotels/items?limit=1"
    # Each comes on a connection of its own, which the kernel gives to one worker or the other.
    answers = [httpx.get(f"{items}&offset={number % 30}") for number in range(60)]
    assert len(set(map(worker, answers))) == 2
    told: dict[str, float] = {}
    deadline = time.monotonic() + 30
    while len(told) < 2 or set(told.values()) != {60}:
        assert time.monotonic() < deadline, told
        answer = httpx.get(address + "/metrics")
        timed = figure(answer.text, 'dieuhanh_request_seconds_count{handler="items"}')
        told[worker(answer)] = timed + figure(answer.text, "dieuhanh_cached_answers_total")
    assert timed < 60


def worker(answer: httpx.Response) -> str:
    """Who answered: a worker numbers its requests behind a word of its own."""
    return answer.headers["x-request-id"].partition("-")[0]


def figure(text: str, name: str) -> float:
    """The value of one line."""
    (line,) = (line for line in text.splitlines() if line.startswith(f"{name} "))
    return float(line.split()[-1])


def test_the_log_holds_no_query_and_no_address_of_people(
    fresh_database_url: str, run_server: Any, capfd: Any
) -> None:
    address = run_server(
        fresh_database_url, {"DIEUHANH_ACCESS_LOG": "1", "DIEUHANH_LOG_FORMAT": "json"}
    )
    httpx.get(address + "/ogc/collections/hotels/items?name=Nguyen-secret&q=secret2")
    time.sleep(0.5)
    written = "".join(capfd.readouterr())
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert any(line.get("path") == "/ogc/collections/hotels/items" for line in lines)
    assert "secret" not in written
    assert "127.0.0.1" not in json.dumps([line for line in lines if line.get("event") == "request"])
