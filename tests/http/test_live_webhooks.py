"""Webhooks: signed, in order, tried again, and never to where nobody may send."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg2
import pytest

from layers.targets import RefusedTarget, is_public, parse_target
from tests.conftest import RunServer, command

INSERT = (
    "INSERT INTO layer.sos_requests (category, priority, geom)"
    " VALUES ('medical', 'high', ST_SetSRID(ST_MakePoint(108.3, 15.8), 4326)) RETURNING id::text"
)
PRIVATE = {"DIEUHANH_WEBHOOK_PRIVATE": "1"}


class Receiver:
    """A real HTTP server that keeps what it is sent, and answers as it is told."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.status: Callable[[int], int] = lambda _number: 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.posts.append((headers, body))
                self.send_response(receiver.status(len(receiver.posts)))
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?token=abc"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, condition: Callable[[], bool], seconds: float = 40) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.posts
            time.sleep(0.05)

    def told(self) -> list[str]:
        """The ids of the features that were told of, in order."""
        bodies = [json.loads(body) for _, body in self.posts]
        return [change["id"] for body in bodies for change in body.get("changes", ())]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    yield opened
    opened.close()


def insert(url: str, times: int = 1) -> list[str]:
    connection = psycopg2.connect(url)
    found = []
    for _ in range(times):
        with connection, connection.cursor() as cursor:
            cursor.execute(INSERT)
            found.append(cursor.fetchone()[0])
    connection.close()
    return found


def state(url: str) -> tuple[Any, ...]:
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT failures, last_result, disabled_at IS NOT NULL FROM private.webhook")
        row = cursor.fetchone()
    connection.close()
    return tuple(row)


def add(url: str, target: str, *options: str) -> str:
    done = command("webhook", "add", target, *options, database_url=url, **PRIVATE)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As a receiver checks, by the Standard Webhooks specification."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    return f"v1,{expected}" in headers["webhook-signature"].split()


def test_changes_are_delivered_signed_once_and_in_order_by_several_workers(
    fresh_database_url: str, run_server: RunServer, receiver: Receiver
) -> None:
    insert(fresh_database_url)
    secret = add(fresh_database_url, receiver.url, "--layers", "sos_requests")
    run_server(fresh_database_url, PRIVATE, workers=2)
    ids = insert(fresh_database_url, 30)
    receiver.wait(lambda: len(receiver.told()) >= 30)
    more = insert(fresh_database_url, 5)
    receiver.wait(lambda: len(receiver.told()) >= 35)
    assert receiver.told() == ids + more
    assert all(verified(secret, headers, body) for headers, body in receiver.posts)
    assert len({headers["webhook-id"] for headers, _ in receiver.posts}) == len(receiver.posts)
    change = json.loads(receiver.posts[0][1])["changes"][0]
    assert change["feature"]["geometry"]["coordinates"] == [108.3, 15.8]
    assert "injured" not in change["feature"]["properties"]
    listed = command("webhook", "list", database_url=fresh_database_url).stdout
    assert "works" in listed
    assert secret not in listed


def test_a_delivery_that_fails_is_tried_again_as_it_was_while_others_go_on(
    fresh_database_url: str, run_server: RunServer, receiver: Receiver
) -> None:
    other = Receiver()
    add(fresh_database_url, receiver.url)
    add(fresh_database_url, other.url)
    receiver.status = lambda number: (503, 302, 200)[min(number, 3) - 1]
    ids = insert(fresh_database_url, 2)
    run_server(fresh_database_url, PRIVATE)
    receiver.wait(lambda: len(receiver.posts) >= 1)
    late = insert(fresh_database_url, 2)
    other.wait(lambda: other.told() == ids + late)
    receiver.wait(lambda: len(receiver.told()) >= 8)
    tries = [headers["webhook-id"] for headers, _ in receiver.posts]
    assert tries[0] == tries[1] == tries[2] != tries[3]
    assert receiver.told() == ids * 3 + late
    other.close()


def test_a_webhook_that_fails_for_days_or_says_gone_is_disabled_and_can_be_revived(
    fresh_database_url: str, run_server: RunServer, receiver: Receiver
) -> None:
    add(fresh_database_url, receiver.url)
    receiver.status = lambda _number: 500
    days = {"DIEUHANH_WEBHOOK_DAYS": "0.00001"}
    run_server(fresh_database_url, {**PRIVATE, **days})
    ids = insert(fresh_database_url)
    receiver.wait(lambda: state(fresh_database_url)[2])
    assert state(fresh_database_url) == (2, "500", True)
    failed = command("webhook", "test", "1", database_url=fresh_database_url, **PRIVATE)
    assert (failed.returncode, failed.stderr) == (2, "dieuhanh: webhook 1: 500\n")
    receiver.status = lambda _number: 200
    seen = len(receiver.posts)
    done = command("webhook", "test", "1", database_url=fresh_database_url, **PRIVATE)
    assert done.returncode == 0, done.stderr
    receiver.wait(lambda: len(receiver.posts) > seen + 1)
    assert receiver.told()[-1:] == ids
    receiver.status = lambda _number: 410
    insert(fresh_database_url)
    receiver.wait(lambda: state(fresh_database_url)[2])
    removed = command("webhook", "remove", "1", database_url=fresh_database_url)
    again = command("webhook", "remove", "1", database_url=fresh_database_url)
    assert (removed.returncode, again.returncode) == (0, 2)


def test_nothing_is_sent_to_this_machine_unless_it_is_allowed(
    fresh_database_url: str, run_server: RunServer, receiver: Receiver
) -> None:
    refused = command("webhook", "add", receiver.url, database_url=fresh_database_url)
    assert refused.returncode == 2
    assert "private network" in refused.stderr
    # A name may begin to lead there after the webhook was added.
    add(fresh_database_url, receiver.url)
    run_server(fresh_database_url)
    insert(fresh_database_url)
    receiver.wait(lambda: state(fresh_database_url)[0] > 0)
    assert state(fresh_database_url)[1] == "refused address"
    assert receiver.posts == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2001:0:1:2:3:4:5:6",
    ],
)
def test_addresses_that_are_nobodys_or_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "example.org",
        "http://",
        "http://a:b@example.org/",
        "http://example.org:99999/",
        "http://example.org/ x",
        "http://example.org/#x",
        "http://exämple.org/",
        "file:///etc/passwd",
    ],
)
def test_addresses_that_are_no_targets(url: str) -> None:
    with pytest.raises(RefusedTarget):
        parse_target(url)
