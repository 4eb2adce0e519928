"""HTTP/1.1 as bytes on a connection, where the cache answers before the application."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.conftest import RunServer, serving
from tests.http.test_robustness import backends, slow_down
from tests.http.wire import Wire, get
from tests.people import person

ONE = "/ogc/collections/checkpoints/items/1"
TWO = "/ogc/collections/checkpoints/items/2"
LARGE = "/ogc/collections/sos_requests/items?limit=1000&f=json"


@pytest.fixture(scope="module")
def single(database_url: str) -> Iterator[str]:
    """A server with one worker: what was asked once is in the memory of the one that answers."""
    with serving(database_url, {"DIEUHANH_IDLE_TIMEOUT": "3"}) as address:
        yield address


@pytest.fixture
def wire(single: str) -> Iterator[Wire]:
    with Wire(single) as opened:
        opened.send(get(ONE), get(TWO))
        assert [opened.answer().json()["id"] for _ in range(2)] == [1, 2]
        yield opened


def hits(address: str) -> int:
    """How many answers the cache has given."""
    time.sleep(1.2)  # figures are a second old at most
    (count,) = re.findall(
        r"^dieuhanh_cached_answers_total (\S+)", httpx.get(f"{address}/metrics").text, re.M
    )
    return int(float(count))


def test_requests_sent_ahead_are_answered_in_their_order(single: str, wire: Wire) -> None:
    before = hits(single)
    paths = [ONE, f"{ONE}?limit=x", TWO, "/healthz", TWO, f"{TWO}?lang=en", ONE, ONE]
    wire.send(*(get(path, f"r{number}") for number, path in enumerate(paths)))
    answers = [wire.answer() for _ in paths]
    assert [answer.id for answer in answers] == [f"r{number}" for number in range(len(paths))]
    assert [answer.status for answer in answers] == [200, 400, 200, 200, 200, 200, 200, 200]
    assert [answers[n].json()["id"] for n in (0, 2, 4, 5, 6, 7)] == [1, 2, 2, 2, 1, 1]
    assert hits(single) - before >= 4


def test_a_hit_waits_for_the_answer_before_it(
    fresh_database_url: str, run_server: RunServer
) -> None:
    slow_down(fresh_database_url, 1)
    with Wire(run_server(fresh_database_url)) as wire:
        wire.send(get(ONE))
        wire.answer()
        wire.send(get("/ogc/collections/hotels/items/1", "slow"), get(ONE, "hit"))
        assert [wire.answer().id for _ in range(2)] == ["slow", "hit"]


def test_a_head_and_an_unchanged_answer_have_no_body(wire: Wire) -> None:
    for _ in range(2):
        wire.send(get(ONE), get(ONE, method="HEAD"))
        whole, head = wire.answer(), wire.answer(head_only=True)
        own = {"x-request-id", "date"}
        assert {n: v for n, v in head.headers.items() if n not in own} == {
            n: v for n, v in whole.headers.items() if n not in own
        }
        etag = whole.headers["etag"]
        wire.send(get(ONE, "", f"If-None-Match: {etag}"), get(TWO))
        unchanged = wire.answer()
        assert (unchanged.status, unchanged.headers["etag"]) == (304, etag)
        assert "date" in unchanged.headers
        assert wire.answer().json()["id"] == 2


def test_a_page_of_another_origin_may_read_a_hit_and_its_headers(wire: Wire) -> None:
    for _ in range(2):
        wire.send(get(ONE, "", "Origin: https://example.org"))
        answer = wire.answer()
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "ETag" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "request_text",
    [
        pytest.param(get(ONE, "", "Connection: close"), id="close"),
        pytest.param(get(ONE, version="1.0"), id="HTTP/1.0"),
        pytest.param(get(ONE, "", "Connection: keep-alive", version="1.0"), id="HTTP/1.0, alive"),
    ],
)
def test_the_last_answer_of_a_connection_says_so(wire: Wire, request_text: str) -> None:
    wire.send(request_text, get(TWO))
    answer = wire.answer()
    assert (answer.status, answer.json()["id"]) == (200, 1)
    assert answer.headers["connection"] == "close"
    assert wire.rest() == b""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("Content-Length: 25\n\nGET / HTTP/1.1\nHost: x\n", id="length"),
        pytest.param("Transfer-Encoding: chunked\n\n3\nabc\n0\n\n", id="chunked"),
        pytest.param("Content-Length: 0\n\n", id="empty"),
    ],
)
def test_the_body_of_a_get_is_no_request(wire: Wire, body: str) -> None:
    wire.send(get(ONE, "a")[:-1] + body, get(TWO, "b"))
    assert [wire.answer().id for _ in range(2)] == ["a", "b"]


def test_a_client_that_asks_whether_to_go_on_is_told(wire: Wire) -> None:
    post = "POST /api/session HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
    wire.send(f"{post}Content-Length: 2\nExpect: 100-continue\n\n")
    assert wire.answer().status == 100
    wire.send("{}", get(ONE, "next"))
    assert wire.answer().status == 400
    assert wire.answer().id == "next"
    wire.send(get(ONE, "expects", "Expect: 100-continue"))
    assert wire.answer().id == "expects"


@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
def test_an_offer_of_another_protocol_is_passed_over(wire: Wire, protocol: str) -> None:
    for number in range(2):
        wire.send(get(ONE, f"a{number}", f"Upgrade: {protocol}", "Connection: Upgrade"))
        assert (wire.answer().id) == f"a{number}"


@pytest.mark.parametrize(
    "text",
    ["hello\n\n", "GET / HTTP/1.1\nHost localhost\n\n", "GET /\x01 HTTP/1.1\n\n", "\x16\x03\x01"],
)
def test_what_is_not_http_is_a_problem_that_says_so(wire: Wire, text: str) -> None:
    wire.send(get(ONE))
    wire.answer()
    wire.send(text)
    answer = wire.answer()
    assert (answer.status, answer.json()["status"]) == (400, 400)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert wire.rest() == b""


def test_what_is_not_http_is_never_part_of_an_answer(
    fresh_database_url: str, run_server: RunServer
) -> None:
    slow_down(fresh_database_url, 5)
    with Wire(run_server(fresh_database_url)) as wire:
        wire.send(get("/ogc/collections/hotels/items/1"), "hello\n\n")
        assert wire.rest() == b""
    deadline = time.monotonic() + 4
    while backends(fresh_database_url, "%hotels%"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_head_without_end_is_refused(wire: Wire) -> None:
    wire.send("GET / HTTP/1.1\nHost: localhost\nX-Long: ")
    for _ in range(20):
        try:
            wire.send("x" * 10_000)
        except OSError:
            break
        time.sleep(0.01)
    assert wire.rest().startswith(b"HTTP/1.1 431 ")


def test_only_some_requests_may_be_sent_ahead(
    fresh_database_url: str, run_server: RunServer
) -> None:
    slow_down(fresh_database_url, 5)
    with Wire(run_server(fresh_database_url)) as wire:
        wire.send(get("/ogc/collections/hotels/items/1"), *([get(ONE)] * 500))
        assert wire.rest() == b""


def test_who_shows_who_it_is_gets_nothing_from_the_public_memory(
    fresh_database_url: str, run_server: RunServer
) -> None:
    address = run_server(fresh_database_url)
    path = "/ogc/collections/sos_requests/items?limit=1&sortby=id&f=json"
    wrong = base64.b64encode(b"nobody:wrong").decode()
    coordinator = person(fresh_database_url, "coordinator").headers
    with Wire(address) as wire:
        wire.send(get(path), get(path))
        public, _ = wire.answer(), wire.answer()
        etag = f"If-None-Match: {public.headers['etag']}"
        for shown in ("Bearer nothing", f"Basic {wrong}", "Other x"):
            wire.send(get(path, "", f"Authorization: {shown}", etag))
            assert wire.answer().status == 401
        for name, value in coordinator.items():
            wire.send(get(path, "", f"{name}: {value}", etag))
        exact = wire.answer()
        assert exact.status == 200
        assert exact.headers["cache-control"].startswith("private")
        assert "injured" in exact.json()["features"][0]["properties"]
        wire.send(get(path, "", "Cookie: a=b; dieuhanh_session=unknown", etag))
        assert wire.answer().headers["cache-control"].startswith("private")
        wire.send(get(path))
        again = wire.answer()
        assert again.body == public.body
        assert "injured" not in again.json()["features"][0]["properties"]


@pytest.mark.parametrize("name", ["Host", "Accept", "Accept-Language"])
def test_a_header_that_comes_twice_spoils_nobody_elses_answer(wire: Wire, name: str) -> None:
    first, second = {
        "Host": ("evil.example", "localhost"),
        "Accept": ("text/html", "application/geo+json"),
        "Accept-Language": ("en", "vi"),
    }[name]
    lines = [line for line in get(f"{ONE}?").splitlines() if not line.startswith(f"{name}:")]
    page = "Accept: text/html" if name == "Accept-Language" else "X-Other: 1"
    plain = "\n".join([*lines[:-1], page, f"{name}: {second}", "", ""])
    wire.send(plain)
    expected = wire.answer().body
    for twice in ((first, second), (second, first)):
        wire.send("\n".join([*lines[:-1], page, *(f"{name}: {v}" for v in twice), "", ""]))
        wire.answer()
        wire.send(plain)
        assert wire.answer().body == expected


def test_a_connection_on_which_nothing_moves_is_closed(single: str) -> None:
    with Wire(single) as silent, Wire(single) as slow, Wire(single) as idle:
        slow.send("GET / HTTP/1.1\n")
        idle.send(get(ONE), get(ONE))
        assert [idle.answer().status for _ in range(2)] == [200, 200]
        assert [wire.rest() for wire in (silent, slow, idle)] == [b"", b"", b""]


def test_a_client_that_takes_nothing_holds_nothing_back(single: str) -> None:
    plain = "Accept-Encoding: identity"
    with Wire(single) as first:
        first.send(get(LARGE, "", plain))
        size = len(first.answer().body)
    with Wire(single, receive_buffer=4096) as wire:
        wire.send(get("/healthz"))
        wire.answer()
        worker = psutil.Process(other_end(wire))
        before = worker.memory_info().rss
        wire.send(*([get(LARGE, "", plain)] * 30))
        time.sleep(1)
        assert worker.memory_info().rss - before < 15 * size
        assert httpx.get(single + ONE).status_code == 200
        deadline = time.monotonic() + 20
        while other_end(wire):
            assert time.monotonic() < deadline, "a client that takes nothing keeps its place"
            time.sleep(0.1)


def test_a_client_that_takes_its_time_gets_everything(single: str) -> None:
    with Wire(single, receive_buffer=4096) as wire:
        wire.send(*([get(LARGE, "", "Accept-Encoding: identity")] * 25))
        sizes = set()
        for _ in range(25):
            time.sleep(0.4)
            sizes.add(len(wire.answer().body))
        assert len(sizes) == 1


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET http://localhost/healthz", 200),
        ("OPTIONS *", 404),
        ("CONNECT localhost:80", 400),
    ],
)
def test_a_target_that_is_no_path(wire: Wire, line: str, status: int) -> None:
    wire.send(f"{line} HTTP/1.1\nHost: localhost\nConnection: close\n\n")
    assert wire.answer().status == status


def other_end(wire: Wire) -> int:
    """The process at the other end of a connection; 0 if it has let go of it."""
    here = wire.socket.getsockname()
    for found in psutil.net_connections("tcp"):
        if found.raddr == here and found.status == psutil.CONN_ESTABLISHED:
            return found.pid or 0
    return 0
