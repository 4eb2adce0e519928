"""Fixtures that all tests share: a real PostGIS, databases in it, and the real server."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from api.cli.database import connection, create_database
from api.cluster import Cluster, temporary_cluster
from api.postgresql import memory_mb
from tests import warm

ROOT = Path(__file__).resolve().parent.parent
DEMO_SOS = 2000

RunServer = Callable[..., str]
"""`run_server(database_url, env=None, workers=1)` starts a server and gives its address."""

MEMORY = Path("/dev/shm")
ROOM_BYTES = 8_000_000_000
"""What the clusters of all processes may come to, and as much again for what else runs."""

KINDS = ("crash", "ops", "clients", "browser", "http", "db", "unit")
"""The folders, those with the longest files first: a long one that began last would end alone."""

PATIENT = {
    "DIEUHANH_STATEMENT_TIMEOUT": "60",
    "DIEUHANH_ANALYSIS_EARLY": "0",
    "DIEUHANH_ANALYSIS_WAIT": "60",
    "DIEUHANH_BRIEF_SECONDS": "60",
}
"""Settings with which a server gives nothing up because other tests keep the machine busy."""

_numbers = itertools.count(1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """One process more than there are cores: a test that waits leaves its core to another."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files; `--no-loadscope-reorder` hands them out in this order."""
    place = {kind: number for number, kind in enumerate(KINDS)}
    items.sort(key=lambda item: place.get(item.path.relative_to(ROOT / "tests").parts[0], -1))


def command(*arguments: str, database_url: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `dieuhanh` to its end on a database; its output is in the result."""
    return warm.run(arguments, environment(database_url, env))


def environment(database_url: str, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command: of the product's own, patience and what the test sets."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("DIEUHANH_")}
    postgresql = os.environ.get("DIEUHANH_POSTGRESQL")
    if postgresql:
        own["DIEUHANH_POSTGRESQL"] = postgresql
    # Beside the cluster, with which it goes.
    folder = parse_qs(urlsplit(database_url).query).get("host", [tempfile.gettempdir()])[0]
    files = {"DIEUHANH_DIRECTIVES": str(Path(folder).parent / "directives")}
    return {**own, **PATIENT, **files, "DIEUHANH_DATABASE_URL": database_url, **env}


def in_memory() -> Path | None:
    """Where files are kept in memory, if there is room; else None, and they go to the disk.

    A database is a thousand files: to copy and drop one takes 0.7 s of a core on a disk, and
    0.14 s here.
    """
    try:
        free = shutil.disk_usage(MEMORY).free
    except OSError:
        return None
    return MEMORY if min(free, memory_mb() * 1_000_000) > ROOM_BYTES else None


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def serving(
    database_url: str, env: Mapping[str, str] | None = None, workers: int = 1
) -> Iterator[str]:
    """A real `dieuhanh serve` on a free port, ready; its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"PORT": str(port), "DIEUHANH_WORKERS": str(workers), "DIEUHANH_ACCESS_LOG": "0"}
    process = warm.Started(["serve"], environment(database_url, {**settings, **(env or {})}))
    try:
        wait_until_ready(process, address)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise


def wait_until_ready(
    process: subprocess.Popen[bytes] | warm.Started, address: str, seconds: float = 60
) -> None:
    """Wait for `/readyz`.

    Raises:
        AssertionError: the server ended, or is not ready in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended with status {process.returncode}"
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.05)
    raise AssertionError(f"{address} is not ready after {seconds} s")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL + PostGIS cluster of this test run's own."""
    with temporary_cluster(in_memory()) as started:
        yield started


@pytest.fixture(scope="session")
def migrated_template(cluster: Cluster) -> str:
    """The name of a migrated database without data, to copy."""
    done = command("migrate", database_url=create_database(cluster, "template_migrated"))
    assert done.returncode == 0, done.stderr
    return "template_migrated"


@pytest.fixture(scope="session")
def template_database(cluster: Cluster, migrated_template: str) -> str:
    """The name of a migrated database with a small demo, to copy."""
    name = "template_demo"
    url = create_database(cluster, name, migrated_template)
    done = command("demo", "--no-results", "--no-files", "--sos", str(DEMO_SOS), database_url=url)
    assert done.returncode == 0, done.stderr
    return name


@pytest.fixture(scope="session")
def database_url(cluster: Cluster, template_database: str) -> str:
    """The address of a database with the demo, for tests that only read."""
    return create_database(cluster, "shared", template_database)


@pytest.fixture
def fresh_database_url(cluster: Cluster, template_database: str) -> Iterator[str]:
    """The address of a database with the demo, for one test to change."""
    with _copied(cluster, template_database) as url:
        yield url


@pytest.fixture
def empty_database_url(cluster: Cluster, migrated_template: str) -> Iterator[str]:
    """The address of a migrated database without data, for one test to change."""
    with _copied(cluster, migrated_template) as url:
        yield url


@contextmanager
def _copied(cluster: Cluster, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    yield create_database(cluster, name, template)
    with connection(cluster.url("postgres"), autocommit=True) as opened:
        opened.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture(scope="session")
def server(database_url: str) -> Iterator[str]:
    """The address of a real server with two workers on the shared database."""
    with serving(database_url, workers=2) as address:
        yield address


@pytest.fixture
def run_server() -> Iterator[RunServer]:
    """Start servers of the test's own: `run_server(database_url, env, workers)`; an address."""
    with ExitStack() as stack:

        def run(database_url: str, env: Mapping[str, str] | None = None, workers: int = 1) -> str:
            return stack.enter_context(serving(database_url, env, workers))

        yield run
