"""Downloads that another process writes: they end with their client, and leave nothing."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import psycopg2

from tests.http.test_robustness import slow_down


def writers(url: str) -> int:
    """The writers that read from a database."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'dieuhanh export'"
        )
        (found,) = cursor.fetchone()
    connection.close()
    return int(found)


def processes() -> int:
    """The processes on this machine that write files."""
    found = 0
    for entry in Path("/proc").iterdir():
        try:
            found += b"layers.writing" in (entry / "cmdline").read_bytes()
        except OSError:
            continue
    return found


def test_a_client_that_leaves_ends_the_writer(
    fresh_database_url: str, run_server: Any, tmp_path: Path
) -> None:
    slow_down(fresh_database_url, 20)
    before = processes()
    address = run_server(fresh_database_url, env={"TMPDIR": str(tmp_path)})
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(
            b"GET /ogc/collections/hotels/export?f=gpkg HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        deadline = time.monotonic() + 10
        while not writers(fresh_database_url):
            assert time.monotonic() < deadline, "the writing never began"
            time.sleep(0.05)
        assert processes() > before
    deadline = time.monotonic() + 5
    while writers(fresh_database_url) or processes() > before:
        assert time.monotonic() < deadline, "the writer goes on though its client has left"
        time.sleep(0.05)
    assert list(tmp_path.glob("dieuhanh-export-*")) == []
