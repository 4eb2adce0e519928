"""Commands of the product, started as copies of a process that has imported it already.

Python takes 1.5 s of a core to import the product, and the tests start it hundreds of times. Here
one process imports it once; each start is a copy of it with arguments, environment and files of
its own, which then runs the same `main`. The start from nothing is what `ops/` and `crash/` test.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = (
    "api.cli",
    "api.server",
    # What commands import when they begin.
    "alembic.command",
    "layers.cap.storing",
    "layers.demo",
    "layers.importing",
    "layers.roads.loading",
    "layers.roads.reading",
    "psycopg2",
)


class Started:
    """A command that runs, as `subprocess.Popen` shows one; it leads a session of its own."""

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str],
        files: tuple[int, int, int] | None = None,
    ) -> None:
        self.args = list(arguments)
        self.returncode: int | None = None
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(_warm()[1])
        request = json.dumps({"arguments": self.args, "env": dict(env)}).encode()
        size = len(request).to_bytes(4, "big")
        with open(os.devnull, "rb") as nothing:
            socket.send_fds(self._line, [size], files or (nothing.fileno(), 1, 2))
        self._line.sendall(request)
        self.pid = int.from_bytes(_exactly(self._line, 4), "big")

    def poll(self) -> int | None:
        """The exit status, minus the signal's number if one ended it; None while it runs."""
        if self.returncode is None and select.select([self._line], [], [], 0)[0]:
            status = int.from_bytes(_exactly(self._line, 4), "big")
            self.returncode = os.waitstatus_to_exitcode(status)
            self._line.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, once it has ended.

        Raises:
            subprocess.TimeoutExpired: it still runs after so many seconds.
        """
        if self.returncode is None and not select.select([self._line], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        status = self.poll()
        assert status is not None
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def run(
    arguments: Sequence[str], env: Mapping[str, str], typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with a text on its standard input; its output is in the result."""
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        files[0].write(typed.encode())
        files[0].seek(0)
        given, output, errors = (file.fileno() for file in files)
        status = Started(arguments, env, (given, output, errors)).wait()
        told = []
        for file in files[1:]:
            file.seek(0)
            told.append(file.read().decode())
    return subprocess.CompletedProcess(list(arguments), status, *told)


@lru_cache(maxsize=1)
def _warm() -> tuple[subprocess.Popen[bytes], str]:
    """The process to copy and its address, started if there is none; it ends with this one."""
    folder = tempfile.mkdtemp(prefix="dieuhanh-warm-")
    address = f"{folder}/socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.warm", address],
        cwd=ROOT,
        stdin=subprocess.PIPE,  # its end tells it that this process has ended
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not os.path.exists(address):
        assert process.poll() is None, "the process to copy has ended"
        assert time.monotonic() < deadline, "the process to copy is not ready"
        time.sleep(0.02)
    return process, address


def _exactly(line: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        more = line.recv(size - len(read))
        if not more:
            raise EOFError("the process to copy has ended")
        read += more
    return read


def _serve(address: str) -> list[str]:
    """Copy this process at each request. Returns in the copies alone, with their arguments."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{address}.new")
    listening.listen(16)
    os.rename(f"{address}.new", address)
    while True:
        ready, _, _ = select.select([listening, sys.stdin], [], [])
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if sys.stdin in ready:
            os.unlink(address)
            os.rmdir(os.path.dirname(address))
            os._exit(0)
        line, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            return _attend(line)
        line.close()


def _attend(line: socket.socket) -> list[str]:
    """Start the command that is asked for, and tell how it ends; returns in the command."""
    size, files, _, _ = socket.recv_fds(line, 4, 3)
    request = json.loads(_exactly(line, int.from_bytes(size, "big")))
    pid = os.fork()
    if pid:
        for file in files:
            os.close(file)
        line.sendall(pid.to_bytes(4, "big"))
        _, status = os.waitpid(pid, 0)
        with suppress(OSError):  # who asked has gone
            line.sendall(status.to_bytes(4, "big"))
        os._exit(0)
    line.close()
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    arguments: list[str] = request["arguments"]
    return arguments


def main(address: str) -> None:
    """Import the product, wait for requests, and be what is asked for."""
    command, *_ = map(importlib.import_module, MODULES)
    gc.freeze()  # what is imported stays shared between the copies
    sys.argv[1:] = _serve(address)
    command.main()


if __name__ == "__main__":
    main(sys.argv[1])
