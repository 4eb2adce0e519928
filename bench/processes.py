"""Child processes that end with the run, whatever happens."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil

from api.cluster import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT = 60.0
"""Seconds that a server gets to answer its first request."""
STOP_TIMEOUT = 8.0
"""Seconds that a server gets to stop before it is killed."""


class BenchError(Exception):
    """The run cannot go on; the message says why and what to do."""


def free_port() -> int:
    """A TCP port of the loopback interface that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_tool(name: str, *folders: str) -> str:
    """The path of a program of the operating system.

    Raises:
        BenchError: it is in neither `PATH` nor the given folders.
    """
    path = os.pathsep.join((os.environ.get("PATH", ""), *folders, "/usr/sbin", "/usr/local/sbin"))
    found = shutil.which(name, path=path)
    if found is None:
        raise BenchError(f"{name} is not installed; as root: apt-get install --yes {name}")
    return found


def run(command: Sequence[str], env: Mapping[str, str], log: Path, timeout: float) -> None:
    """Run a command to its end, its output appended to a log file.

    Raises:
        BenchError: it failed or took longer than `timeout` seconds.
    """
    with Server("command", command, env, log) as process:
        try:
            code = process.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{' '.join(command)}: not done after {timeout:.0f} s") from None
    if code != 0:
        raise BenchError(f"{' '.join(command)}: exit status {code}\n{tail(log)}")


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log file."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


class Server:
    """A process in a session of its own, so that it can be ended with all its children."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                list(command),
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=ROOT,
                # Ends also when this process is killed and cannot end it.
                preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wait_until_ready(self, url: str) -> Self:
        """Wait until an address answers 200.

        Raises:
            BenchError: the process ended, or did not answer within `START_TIMEOUT`.
        """
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self.popen.poll() is not None:
                raise BenchError(f"{self.name} ended while starting\n{tail(self.log)}")
            try:
                if httpx.get(url, timeout=5).status_code == 200:
                    return self
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise BenchError(f"{self.name} did not answer {url} in time\n{tail(self.log)}")

    def processes(self) -> list[psutil.Process]:
        """The process and its descendants, those that are still there."""
        try:
            top = psutil.Process(self.popen.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_seconds(self) -> float:
        """Processor time that the process and its descendants have used."""
        total = 0.0
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                used = process.cpu_times()
                total += used.user + used.system
        return total

    def stop(self) -> None:
        """End the process group: asked first, killed after `STOP_TIMEOUT` seconds."""
        family = self.processes()
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(STOP_TIMEOUT)
        self._signal(signal.SIGKILL)
        self.popen.wait()
        for process in family:
            if process.is_running() and process.pid != self.popen.pid:
                process.kill()
        psutil.wait_procs(family, timeout=STOP_TIMEOUT)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)
