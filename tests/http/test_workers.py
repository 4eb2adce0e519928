"""The workers of a server: replaced when they die, ended in time, none left without the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.conftest import ROOT, RunServer, command, free_port
from tests.http.test_protocol import ONE, other_end
from tests.http.test_robustness import backends, slow_down
from tests.http.wire import Wire, get

SLOW = "/ogc/collections/hotels/items/1"


def worker_of(address: str) -> psutil.Process:
    """One of the workers."""
    with Wire(address) as wire:
        wire.send(get("/healthz"))
        wire.answer()
        return psutil.Process(other_end(wire))


def wait_for_query(url: str) -> None:
    """Wait until a read of hotels runs."""
    deadline = time.monotonic() + 10
    while not backends(url, "%hotels%"):
        assert time.monotonic() < deadline, "the query never began"
        time.sleep(0.05)


def test_who_waits_for_a_worker_that_dies_is_served_by_the_next(
    database_url: str, run_server: RunServer
) -> None:
    address = run_server(database_url)
    worker = worker_of(address)
    worker.suspend()
    with Wire(address) as wire:
        wire.send(get(ONE))
        worker.kill()
        assert wire.answer().status == 200
        assert other_end(wire) != worker.pid


@pytest.mark.parametrize("to_worker", [True, False])
def test_a_stop_lets_a_request_end_and_takes_no_other(
    fresh_database_url: str, run_server: RunServer, to_worker: bool
) -> None:
    slow_down(fresh_database_url, 2)
    address = run_server(fresh_database_url)
    worker = worker_of(address)
    with Wire(address) as wire, Wire(address) as idle:
        wire.send(get(SLOW))
        wait_for_query(fresh_database_url)
        (worker if to_worker else worker.parent()).terminate()
        answer = wire.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert wire.rest() == b""
        assert idle.rest() == b""
    worker.wait(20)
    if to_worker:
        assert worker_of(address).pid != worker.pid
    else:
        with pytest.raises(ConnectionRefusedError):
            Wire(address)


def test_a_stop_waits_for_no_request_beyond_its_time(
    fresh_database_url: str, run_server: RunServer
) -> None:
    slow_down(fresh_database_url, 60)
    settings = {"DIEUHANH_STOP_TIMEOUT": "1", "DIEUHANH_STATEMENT_TIMEOUT": "100"}
    address = run_server(fresh_database_url, settings)
    server = worker_of(address).parent()
    assert server is not None
    with Wire(address) as wire:
        wire.send(get(SLOW))
        wait_for_query(fresh_database_url)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGTERM):
            os.kill(server.pid, number)
        server.wait(30)
    deadline = time.monotonic() + 5
    while backends(fresh_database_url, "%hotels%"):
        assert time.monotonic() < deadline, "the query goes on though its server has ended"
        time.sleep(0.05)


def test_a_worker_that_does_not_hear_is_killed(database_url: str, run_server: RunServer) -> None:
    address = run_server(database_url, {"DIEUHANH_STOP_TIMEOUT": "1"}, 2)
    worker = worker_of(address)
    server = worker.parent()
    assert server is not None
    worker.suspend()
    server.terminate()
    server.wait(30)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


def test_no_worker_outlives_a_killed_server(database_url: str, run_server: RunServer) -> None:
    address = run_server(database_url, {}, 2)
    server = worker_of(address).parent()
    assert server is not None
    workers = server.children()
    assert len(workers) == 2
    server.kill()
    assert psutil.wait_procs(workers, 20)[1] == []


def test_a_setting_that_no_worker_could_serve_with_is_one_line(database_url: str) -> None:
    port = str(free_port())
    done = command("serve", database_url=database_url, DIEUHANH_PROVINCE="nowhere", PORT=port)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "nowhere" in line


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sys.exit(3)", "a worker ended with status 3 as soon as it had started"),
        ("os.kill(os.getpid(), 9)", "a worker ended with status -9 as soon as it had started"),
    ],
)
def test_workers_that_only_die_are_given_up(body: str, said: str) -> None:
    program = f"""
import os, socket, sys
from api import workers
workers.PAUSE = 0.01
try:
    workers.Workers([workers.Post(socket.socket(), lambda _: {body})], 1).run()
except workers.WorkersFail as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == said
