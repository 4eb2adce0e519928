"""`make run`: ready, stopped by any signal, and never blocked by a crash.

Each test waits for what should come to be, however busy the machine; how long a start takes is
printed, and measured where nothing else runs.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import ROOT
from tests.ops.product import Product, a_product, children

SET_UP = ("Gói", "Dựng", "Dữ liệu minh họa")
"""How the steps begin that only a first start has."""


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """A product that has been started once."""
    with a_product() as made:
        made.start()
        yield made


@pytest.fixture
def running(product: Product) -> Product:
    """The product, ready."""
    product.ensure()
    return product


def test_first_start_has_the_demo_and_prints_addresses(running: Product) -> None:
    assert running.count("checkpoints") >= 120
    assert running.count("sos_requests") >= 5000
    for path in ("/", "/ogc", "/ogc/api?f=html"):
        assert f"{running.address}{path}\n" in running.said()


def test_second_start_sets_nothing_up_and_needs_no_network(running: Product) -> None:
    running.stop()
    seconds = running.start()
    print(f"second start: {seconds:.1f} s at load {os.getloadavg()[0]:.1f}")
    assert not [line for line in running.said().splitlines() if any(s in line for s in SET_UP)]


@pytest.mark.parametrize(
    ("number", "send"),
    [
        pytest.param(signal.SIGINT, os.killpg, id="Ctrl-C in the terminal"),
        pytest.param(signal.SIGHUP, os.killpg, id="the terminal closes"),
        pytest.param(signal.SIGTERM, os.kill, id="SIGTERM to make"),
        pytest.param(signal.SIGINT, os.kill, id="SIGINT to make"),
    ],
)
def test_signal_stops_everything(
    running: Product, number: signal.Signals, send: Callable[[int, int], None]
) -> None:
    assert running.make is not None
    assert len(running.processes()) >= 5
    send(running.make.pid, number)
    running.wait_until_gone()
    assert not list(running.folder.rglob("postmaster.pid"))
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(("127.0.0.1", running.port))


def test_sigterm_to_the_command_itself_stops_everything(running: Product) -> None:
    os.kill(running.command(), signal.SIGTERM)
    running.wait_until_gone()


@pytest.mark.parametrize(
    "sign",
    [
        pytest.param(lambda product: product.postmaster() is not None, id="PostgreSQL"),
        pytest.param(lambda product: "updating the database" in product.said(), id="database"),
        pytest.param(lambda product: len(server_and_workers(product)) > 1, id="first worker"),
    ],
)
def test_signal_during_a_start_stops_everything(
    product: Product, sign: Callable[[Product], bool]
) -> None:
    product.stop()
    product.begin()
    product.wait(lambda: sign(product))
    assert product.make is not None
    product.make.terminate()
    product.wait_until_gone()


def server_and_workers(product: Product) -> list[int]:
    """The processes beside `make`, the command and PostgreSQL."""
    lines = product.processes()
    ours = [pid for pid, line in lines.items() if "api.cli local" in line]
    return [pid for pid in ours if product.make is None or pid not in children(product.make.pid)]


@pytest.mark.parametrize(
    "victim", ["all", "make", "command", "server", "all but the database", "all but the workers"]
)
def test_kill_leaves_nothing_that_blocks_the_next_start(running: Product, victim: str) -> None:
    assert running.make is not None
    before = running.count("checkpoints")
    everything = running.processes()
    database = {pid for pid, line in everything.items() if "postgres" in line}
    victims = {
        "all": set(everything),
        "make": {running.make.pid},
        "command": {running.command()},
        "server": {running.server()},
        "all but the database": set(everything) - database,
        "all but the workers": set(everything) - running.workers(),
    }[victim]
    running.kill(*victims)
    running.make.wait(60)
    running.start()
    assert running.count("checkpoints") == before
    assert not set(running.processes()) & victims


def test_killed_database_is_started_again(running: Product) -> None:
    before = running.count("checkpoints")
    old = running.postmaster()
    assert old is not None
    running.kill(old)
    running.wait(lambda: running.postmaster() not in {None, old})
    running.wait(running.is_ready)
    assert running.count("checkpoints") == before
    running.wait(lambda: "was started again" in running.said())


def test_database_killed_while_the_workers_start_is_waited_for(product: Product) -> None:
    product.stop()
    product.begin()
    product.wait(lambda: len(server_and_workers(product)) > 1)
    old = product.postmaster()
    assert old is not None
    product.kill(old)
    product.wait(lambda: product.postmaster() not in {None, old})
    product.wait(product.is_ready)


def test_killed_session_of_the_database_is_recovered_from(running: Product) -> None:
    before = running.count("checkpoints")
    old = running.postmaster()
    assert old is not None
    lines = running.processes()
    sessions = [pid for pid in children(old) if "dieuhanh dieuhanh" in lines.get(pid, "")]
    running.kill(sessions[0])
    running.wait(lambda: not set(sessions) & set(running.processes()))
    running.wait(running.is_ready)
    assert running.count("checkpoints") == before
    assert running.postmaster() == old


def test_killed_worker_is_replaced(running: Product) -> None:
    running.wait(lambda: len(running.workers()) == 2)
    server, workers = running.server(), running.workers()
    victim = min(workers)
    running.kill(victim)
    running.wait(lambda: len(running.workers() - {victim}) == 2)
    running.wait(running.is_ready)
    assert running.server() == server
    assert workers - {victim} < running.workers()


def test_half_made_cluster_is_made_anew_beside_another_product(running: Product) -> None:
    with a_product() as other:
        partial = other.folder / "postgresql" / "data.new"
        partial.mkdir(parents=True)
        (partial / "PG_VERSION").write_text("15\n")
        other.start()
        assert not partial.exists()
        assert running.count("hotels") >= 40
        assert other.count("hotels") >= 40
        assert running.postmaster() != other.postmaster()
    assert running.is_ready()
    assert running.count("hotels") >= 40


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
