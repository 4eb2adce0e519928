"""A server and a PostgreSQL of a test's own, both to be killed, and phones that do not give up."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from api.cli.database import create_database
from api.cluster import Cluster
from tests.conftest import ROOT, command, environment, free_port, wait_until_ready
from tests.ops.product import children

POSTS = int(os.environ.get("CRASH_POSTS", "500"))
"""Posts of the test of a bad link; `CRASH_POSTS=2000` for the full figure."""


class Site:
    """The real server, two workers, on a durable cluster; both end with the test."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.url = create_database(cluster, "crash")
        done = command("migrate", database_url=self.url)
        assert done.returncode == 0, done.stderr
        self._folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it is ready."""
        settings = {
            "PORT": str(self.port),
            "DIEUHANH_WORKERS": "2",
            "DIEUHANH_ACCESS_LOG": "0",
            "DIEUHANH_PHOTOS": str(self._folder / "photos"),
            "TMPDIR": str(self._folder),
        }
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve"],
                cwd=ROOT,
                env=environment(self.url, settings),
                stderr=log,
                start_new_session=True,
            )
        wait_until_ready(self._process, self.address)

    def kill_a_worker(self) -> None:
        """End a worker without a chance to tidy up; the server starts another."""
        assert self._process is not None
        before = children(self._process.pid)
        worker = max(before)
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while not children(self._process.pid) - before:
            assert time.monotonic() < deadline, "no worker came for the one that was killed"
            time.sleep(0.05)

    def kill_server(self) -> None:
        """End the server and all its workers at once, without a chance to tidy up."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill_postgresql(self) -> None:
        """End PostgreSQL without a chance to tidy up, and start it again as `make run` would."""
        pid = int((self.cluster.home / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while not self.cluster.revive():
            assert time.monotonic() < deadline, "PostgreSQL does not end"
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill_server()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement, as the database's owner."""
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values)
                return list(cursor.fetchall())
        finally:
            connection.close()


@contextmanager
def a_site() -> Iterator[Site]:
    """A site that runs. Its database is durable, as one that people rely on is."""
    with TemporaryDirectory(prefix="dieuhanh-crash-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder), durable=True, die_with_parent=True)
        try:
            cluster.start()
            site = Site(cluster, Path(folder))
            try:
                site.start()
                yield site
            finally:
                site.stop()
        finally:
            cluster.remove()


class Phones:
    """Phones that post requests for help, each again and again until it is acknowledged."""

    def __init__(self, address: str, posts: int, phones: int = 8) -> None:
        parts = urlsplit(address)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self.ids = [str(uuid.uuid4()) for _ in range(posts)]
        self.acknowledged: dict[str, str] = {}
        self.tries = 0
        self.refused: list[tuple[int, str]] = []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._post_all, args=(self.ids[n::phones],), daemon=True)
            for n in range(phones)
        ]
        for thread in self._threads:
            thread.start()

    def _post_all(self, ids: Sequence[str]) -> None:
        for number, identifier in enumerate(ids):
            body = {
                "id": identifier,
                "lon": 108.0 + number % 40 / 100,
                "lat": 15.6 + number % 30 / 100,
                "category": "trapped",
                "people": 1 + number % 7,
            }
            while not self._stop.is_set() and not self._post(json.dumps(body)):
                time.sleep(0.05)

    def _post(self, body: str) -> bool:
        self.tries += 1
        connection = http.client.HTTPConnection(self._host, self._port, timeout=10)
        with suppress(OSError, http.client.HTTPException, ValueError):
            headers = {"Content-Type": "application/json", "Connection": "close"}
            connection.request("POST", "/api/sos", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status in (200, 201):
                found = json.loads(text)
                self.acknowledged[found["id"]] = found["code"]
                return True
            # Busy, or its database restarts: a phone tries again. All else is a fault.
            if answer.status not in (429, 503):
                self.refused.append((answer.status, text.decode()[:300]))
        connection.close()
        return False

    def wait(self, condition: Callable[[], bool], seconds: float = 120) -> None:
        """Wait for a condition while the phones go on."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, (len(self.acknowledged), self.refused[:3])
            time.sleep(0.02)

    def wait_for(self, share: float) -> None:
        """Wait until a share of the posts is acknowledged."""
        self.wait(lambda: len(self.acknowledged) >= share * len(self.ids))

    def finish(self) -> None:
        """Wait until all is acknowledged."""
        self.wait_for(1)
        for thread in self._threads:
            thread.join(10)

    def stop(self) -> None:
        """Give up."""
        self._stop.set()


class BadLink:
    """A link that carries requests and loses answers: it hangs up instead.

    Args:
        port: of the server.
        loses: of the number of a request: whether its answer is lost.
    """

    def __init__(self, port: int, loses: Callable[[int], bool]) -> None:
        self._port = port
        self._loses = loses
        self.lost = self.carried = 0
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more requests."""
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(10)
            request = b""
            while b"\r\n\r\n" not in request:
                request += client.recv(65536)
            head, _, body = request.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            while len(body) < length:
                body += client.recv(65536)
            with socket.create_connection(("127.0.0.1", self._port), 10) as server:
                server.sendall(head + b"\r\n\r\n" + body)
                answer = b""
                while piece := server.recv(65536):
                    answer += piece
            with self._lock:
                number = self.lost + self.carried
                lost = self._loses(number)
                self.lost += lost
                self.carried += not lost
            # A half of an answer is none either.
            client.sendall(answer[: len(answer) // 2] if lost and number % 3 == 0 else b"")
            if not lost:
                client.sendall(answer)
