"""ETags, 304, and a cache that is never stale, on every worker."""

from __future__ import annotations

import concurrent.futures
import gzip
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg2
import pytest

ITEMS = "/ogc/collections/hotels/items?limit=3"


@pytest.fixture
def changing(fresh_database_url: str, run_server: Any) -> Iterator[tuple[str, Any]]:
    """A server with two workers, and a connection that changes its data."""
    address = run_server(fresh_database_url, workers=2)
    connection = psycopg2.connect(fresh_database_url)
    connection.autocommit = True
    yield address, connection
    connection.close()


def fresh_get(address: str, path: str, **headers: str) -> httpx.Response:
    """A request on a connection of its own, so that any worker may answer."""
    return httpx.get(f"{address}{path}", headers=headers)


def test_an_unchanged_answer_is_304_on_every_worker(server: str) -> None:
    first = fresh_get(server, ITEMS)
    etag = first.headers["etag"]
    assert first.status_code == 200
    assert etag.startswith('"')
    for _ in range(12):
        again = fresh_get(server, ITEMS, **{"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    assert fresh_get(server, ITEMS, **{"If-None-Match": f'W/{etag}, "x"'}).status_code == 304
    assert fresh_get(server, ITEMS, **{"If-None-Match": '"x"'}).status_code == 200


def test_another_request_or_representation_has_another_etag(server: str) -> None:
    tags = {
        fresh_get(server, path, **headers).headers["etag"]
        for path, headers in (
            (ITEMS, {}),
            (ITEMS + "&f=csv", {}),
            (ITEMS + "&offset=1", {}),
            (ITEMS, {"Accept": "text/html"}),
            (ITEMS, {"Accept": "text/html", "Accept-Language": "en"}),
            (ITEMS, {"Accept-Encoding": "gzip"}),
        )
    }
    assert len(tags) == 6


def test_a_change_by_psql_shows_on_every_worker_within_half_a_second(
    changing: tuple[str, Any],
) -> None:
    address, connection = changing
    for number in range(5):
        etags = {fresh_get(address, ITEMS).headers["etag"] for _ in range(8)}
        assert len(etags) == 1
        name = f"Khách sạn đổi tên {number}"
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE layer.hotels SET name = %s WHERE id = (SELECT min(id) FROM layer.hotels)",
                (name,),
            )
        time.sleep(0.5)
        (etag,) = etags
        for _ in range(16):
            answer = fresh_get(address, ITEMS, **{"If-None-Match": etag})
            assert answer.status_code == 200
            assert answer.json()["features"][0]["properties"]["name"] == name


def test_a_change_of_one_layer_leaves_the_others_alone(changing: tuple[str, Any]) -> None:
    address, connection = changing
    other = fresh_get(address, "/ogc/collections/checkpoints/items").headers["etag"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE layer.hotels SET stars = 1")
    time.sleep(0.5)
    again = fresh_get(address, "/ogc/collections/checkpoints/items", **{"If-None-Match": other})
    assert again.status_code == 304


def test_readers_during_writes_never_see_an_older_state(changing: tuple[str, Any]) -> None:
    """Half a second after a commit, whoever asks reads it or something newer."""
    address, connection = changing
    path = "/ogc/collections/hotels/items?limit=1&properties=rooms"
    committed: list[tuple[float, int]] = []

    def write() -> None:
        for rooms in range(100, 160):
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE layer.hotels SET rooms = %s"
                    " WHERE id = (SELECT min(id) FROM layer.hotels)",
                    (rooms,),
                )
            committed.append((time.monotonic(), rooms))
            time.sleep(0.03)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not writing.done():
            asked = time.monotonic()
            got = fresh_get(address, path).json()["features"][0]["properties"]["rooms"]
            due = [rooms for at, rooms in list(committed) if at < asked - 0.5]
            assert got >= max(due, default=0)
        writing.result()


def test_a_deaf_worker_neither_remembers_nor_says_304(changing: tuple[str, Any]) -> None:
    address, connection = changing
    etag = fresh_get(address, ITEMS).headers["etag"]
    deaf = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'dieuhanh feed' AND datname = current_database()"
    )
    with connection.cursor() as cursor:
        cursor.execute(deaf)
        cursor.execute("UPDATE layer.hotels SET stars = 2 WHERE stars = 3")
        touched = cursor.rowcount
        cursor.execute("UPDATE layer.hotels SET name = name || ' mới'")
    assert touched >= 0
    for _ in range(10):
        answer = fresh_get(address, ITEMS, **{"If-None-Match": etag})
        assert answer.status_code == 200
        assert answer.json()["features"][0]["properties"]["name"].endswith(" mới")
    time.sleep(1)
    etags = {fresh_get(address, ITEMS).headers.get("etag") for _ in range(8)}
    assert len(etags) == 1
    assert None not in etags
    assert etag not in etags


@pytest.mark.parametrize("path", [ITEMS, "/ogc", "/ogc/collections/hotels/items/1", "/healthz"])
def test_head_is_get_without_a_body(server: str, path: str) -> None:
    for _ in range(3):
        head, get = httpx.head(server + path), httpx.get(server + path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        assert head.headers["content-type"] == get.headers["content-type"]
        assert head.headers.get("etag") == get.headers.get("etag")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_answers_are_compressed(server: str, coding: str) -> None:
    path = "/ogc/collections/sos_requests/items?limit=200"
    plain = httpx.get(server + path, headers={"Accept-Encoding": "identity"})
    for _ in range(2):
        packed = httpx.get(server + path, headers={"Accept-Encoding": coding})
        assert packed.headers["content-encoding"] == coding
        if coding == "gzip":
            with httpx.stream("GET", server + path, headers={"Accept-Encoding": coding}) as raw:
                body = b"".join(raw.iter_raw())
            assert len(body) < len(plain.content) / 3
            assert b'"FeatureCollection"' in gzip.decompress(body)


def test_a_request_has_an_id_of_its_own_also_from_the_cache(server: str) -> None:
    ids = {httpx.get(server + ITEMS).headers["x-request-id"] for _ in range(10)}
    assert len(ids) == 10
    named = httpx.get(server + ITEMS, headers={"X-Request-Id": "field-team-7"})
    assert named.headers["x-request-id"] == "field-team-7"


def test_cors_and_options(server: str) -> None:
    asked = httpx.options(
        server + ITEMS,
        headers={"Origin": "https://example.org", "Access-Control-Request-Method": "GET"},
    )
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == "*"
    assert httpx.get(server + ITEMS).headers["access-control-allow-origin"] == "*"
