"""`make run`: ready, stopped by any signal, and never blocked by a crash."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.ops.product import Product


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that has been started once and is stopped."""
    folder = tmp_path_factory.mktemp("run") / "data"
    for parent in (folder.parent, *folder.parent.parents):
        if parent.stat().st_uid == os.geteuid():
            parent.chmod(parent.stat().st_mode | 0o711)  # PostgreSQL's account passes through
    made = Product(folder)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def running(product: Product) -> Product:
    """The product, ready."""
    if not product.is_ready():
        product.start()
    return product


def count(product: Product, layer: str) -> int:
    """How many features a layer has, asked of the server."""
    address = f"{product.address}/ogc/collections/{layer}/items?limit=1&f=json"
    with urllib.request.urlopen(address, timeout=20) as answer:
        return int(json.load(answer)["numberMatched"])


def test_first_start_has_the_demo_and_prints_addresses(running: Product) -> None:
    assert count(running, "checkpoints") >= 120
    assert count(running, "sos_requests") >= 5000
    deadline = time.monotonic() + 10
    while "/ogc/api?f=html" not in running.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    said = running.log.read_text()
    for path in ("/", "/ogc", "/ogc/api?f=html"):
        assert f"{running.address}{path}\n" in said


def test_second_start_is_quick_and_needs_no_network(running: Product) -> None:
    running.stop()
    seconds = running.start()
    # 5 s on a machine that has nothing else to do; the tests' machine has.
    assert seconds < 5 * max(1.0, os.getloadavg()[0])


@pytest.mark.parametrize(
    ("number", "whole_group"),
    [
        pytest.param(signal.SIGINT, True, id="Ctrl-C in the terminal"),
        pytest.param(signal.SIGTERM, False, id="SIGTERM to make"),
        pytest.param(signal.SIGINT, False, id="SIGINT to make"),
        pytest.param(signal.SIGHUP, True, id="the terminal closes"),
    ],
)
def test_signal_stops_everything(
    running: Product, number: signal.Signals, whole_group: bool
) -> None:
    assert running.make is not None
    assert len(running.processes()) >= 4
    os.kill(-running.make.pid if whole_group else running.make.pid, number)
    running.wait_until_gone()
    assert not list(running.folder.rglob("postmaster.pid"))
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(("127.0.0.1", running.port))


def test_sigterm_to_the_command_itself_stops_everything(running: Product) -> None:
    os.kill(running.pid("api.cli", "local"), signal.SIGTERM)
    running.wait_until_gone()


@pytest.mark.parametrize("victim", ["all", "make", "command", "all but the database"])
def test_kill_leaves_nothing_that_blocks_the_next_start(running: Product, victim: str) -> None:
    assert running.make is not None
    before = count(running, "checkpoints")
    everything = running.processes()
    command = running.pid("api.cli", "local")
    victims = {
        "all": set(everything),
        "make": {running.make.pid},
        "command": {command},
        "all but the database": {pid for pid, line in everything.items() if "postgres" not in line},
    }[victim]
    running.kill(*victims)
    running.make.wait()
    running.start()
    assert count(running, "checkpoints") == before
    assert not set(running.processes()) & victims
    running.stop()


def test_killed_worker_is_replaced(running: Product) -> None:
    command = running.pid("api.cli", "local")
    server = min(_children(command), key=lambda pid: "postgres" in running.processes()[pid])
    worker = _children(server)[0]
    running.kill(worker)
    deadline = time.monotonic() + 30
    while len(_children(server)) < 1 or worker in _children(server) or not running.is_ready():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_half_made_cluster_is_made_anew(product: Product, tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    home = tmp_path / "data" / "postgresql"
    (home / "data.new").mkdir(parents=True)
    (home / "data.new" / "PG_VERSION").write_text("15\n")
    half = Product(tmp_path / "data")
    half.start()
    assert count(half, "quarantine_sites") >= 60
    assert not (home / "data.new").exists()
    half.stop()


def test_port_in_use_is_one_line_and_status_2(product: Product) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            ["make", "run"],
            cwd=ROOT,
            env={**product.environment(), "PORT": str(port)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    ours = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(ours) == 1
    assert f"port {port} on 127.0.0.1 is in use" in ours[0]
    assert "PORT=" in ours[0]


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()]
