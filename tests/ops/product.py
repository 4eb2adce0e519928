"""`make run` as a person starts it, and every process that it starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import ROOT, free_port

# Whatever tries to reach a package index or any other host fails at once.
NO_NETWORK = dict.fromkeys(
    ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"
) | {"PIP_NO_INDEX": "1", "npm_config_offline": "true", "no_proxy": "127.0.0.1"}
ANNOUNCED = "stop: Ctrl-C"
"""What `make run` says last, once it is ready."""


def _as_in_a_terminal() -> None:
    """Signals that `nohup`, or a shell's `&`, has made this process ignore are heard again."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Product:
    """A clone's product with the private cluster in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder.with_suffix(".log")
        self.log.touch()
        self._begin = 0
        self.make: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """No setting of the machine's own, no network, and this folder and port."""
        own = {key: value for key, value in os.environ.items() if not key.startswith("DIEUHANH_")}
        own.pop("MAKELEVEL", None)
        postgresql = os.environ.get("DIEUHANH_POSTGRESQL")
        if postgresql:
            own["DIEUHANH_POSTGRESQL"] = postgresql
        return {
            **own,
            **NO_NETWORK,
            "DIEUHANH_DATA": str(self.folder),
            "TMPDIR": str(self.folder.parent),  # what a killed server leaves goes with it
            "DIEUHANH_ACCESS_LOG": "0",
            "DIEUHANH_ANALYSIS_EARLY": "0",  # beside the server there are its workers alone
            "DIEUHANH_WORKERS": "2",
            "PORT": str(self.port),
        }

    def begin(self) -> subprocess.Popen[bytes]:
        """Type `make run`."""
        self._begin = self.log.stat().st_size
        with self.log.open("ab") as log:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_as_in_a_terminal,  # noqa: PLW1509  (it only sets signals)
            )
        return self.make

    def start(self) -> float:
        """Start and wait until it says that it is ready; how long that took, in seconds.

        What a killed server left may answer for a moment, so its answer alone says nothing.
        """
        began = time.monotonic()
        self.begin()
        self.wait(lambda: ANNOUNCED in self.said())
        return time.monotonic() - began

    def ensure(self) -> None:
        """Start unless it runs, and wait until it is ready."""
        if self.make is None or self.make.poll() is not None:
            self.start()
        self.wait(self.is_ready)

    def said(self) -> str:
        """What it has printed since the last start."""
        return self.log.read_bytes()[self._begin :].decode()

    def wait(self, condition: Callable[[], bool], seconds: float = 120) -> None:
        """Wait for a condition while `make run` goes on."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.make is not None
            assert self.make.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Whether `/readyz` says so."""
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def count(self, layer: str) -> int:
        """How many features a layer has, asked of the server."""
        address = f"{self.address}/ogc/collections/{layer}/items?limit=1&f=json"
        with urllib.request.urlopen(address, timeout=60) as answer:
            return int(json.load(answer)["numberMatched"])

    def processes(self) -> dict[int, str]:
        """What runs of all that was started: process id and command line."""
        mark = f"DIEUHANH_DATA={self.folder}".encode()
        data = str(self.folder / "postgresql" / "data")  # PostgreSQL's own overwrite the mark
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                marked = mark in (entry / "environ").read_bytes().split(b"\0")
                if marked or os.readlink(entry / "cwd") == data:
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(entry.name)] = line
            except OSError:
                continue
        return found

    def command(self) -> int:
        """The process that `make` waits for."""
        assert self.make is not None
        (pid,) = children(self.make.pid)
        return pid

    def server(self) -> int:
        """The process that keeps the workers."""
        lines = self.processes()
        (pid,) = (pid for pid in children(self.command()) if "postgres" not in lines.get(pid, ""))
        return pid

    def workers(self) -> set[int]:
        """The processes that answer requests."""
        return children(self.server())

    def postmaster(self) -> int | None:
        """The process that PostgreSQL's own pid file names, if it runs."""
        try:
            text = (self.folder / "postgresql" / "data" / "postmaster.pid").read_text()
            pid = int(text.split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if pid in self.processes() else None

    def wait_until_gone(self, seconds: float = 60) -> None:
        """Wait until no process is left, and see that none had to be killed for it."""
        deadline = time.monotonic() + seconds
        while self.processes():
            if self.make is not None:
                self.make.poll()
            assert time.monotonic() < deadline, (self.processes(), self.said())
            time.sleep(0.05)
        if self.make is not None:
            self.make.wait(seconds)
        assert "refused to" not in self.said()

    def stop(self) -> None:
        """Stop it as a service manager does."""
        if self.make is not None and self.make.poll() is None:
            self.make.terminate()
        self.wait_until_gone()

    def kill(self, *pids: int) -> None:
        """End processes without a chance to tidy up."""
        for pid in pids:
            with suppress(ProcessLookupError):  # it ended with another of them
                os.kill(pid, signal.SIGKILL)


@contextmanager
def a_product() -> Iterator[Product]:
    """A product that has never been started, in a folder of its own, stopped in the end.

    Not in pytest's temporary folder: each run of pytest closes that to PostgreSQL's account.
    """
    with TemporaryDirectory(prefix="dieuhanh-ops-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        product = Product(Path(folder) / "data")
        try:
            yield product
        finally:
            product.stop()


def children(pid: int) -> set[int]:
    """The processes that a process has started."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return {int(child) for child in path.read_text().split()}
