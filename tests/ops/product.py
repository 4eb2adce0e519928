"""`make run` as a person starts it, and every process that it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.conftest import ROOT, free_port

# Whatever tries to reach a package index or any other host fails at once.
NO_NETWORK = dict.fromkeys(
    ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"
) | {"PIP_NO_INDEX": "1", "npm_config_offline": "true", "no_proxy": "127.0.0.1"}


class Product:
    """A clone's product with the private cluster in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder.with_suffix(".log")
        self.make: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """No setting of the machine's own, no network, and this folder and port."""
        own = {key: value for key, value in os.environ.items() if not key.startswith("DIEUHANH_")}
        own.pop("MAKELEVEL", None)
        return {
            **own,
            **NO_NETWORK,
            "DIEUHANH_DATA": str(self.folder),
            "DIEUHANH_ACCESS_LOG": "0",
            "PORT": str(self.port),
        }

    def start(self, seconds: float = 120) -> float:
        """Start and wait until it is ready; how long that took, in seconds."""
        started = time.monotonic()
        with self.log.open("ab") as log:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while not self.is_ready():
            assert self.make.poll() is None, self.log.read_text()
            assert time.monotonic() - started < seconds, self.log.read_text()
            time.sleep(0.05)
        return time.monotonic() - started

    def is_ready(self) -> bool:
        """Whether `/readyz` says so."""
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def processes(self) -> dict[int, str]:
        """What runs of all that was started: process id and command line."""
        mark = f"DIEUHANH_DATA={self.folder}".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(entry.name)] = line
            except OSError:
                continue
        return found

    def pid(self, *words: str) -> int:
        """The oldest process whose command line has all the words."""
        return min(
            pid for pid, line in self.processes().items() if all(word in line for word in words)
        )

    def wait_until_gone(self, seconds: float = 30) -> None:
        """Wait until no process is left."""
        deadline = time.monotonic() + seconds
        while self.processes():
            if self.make is not None:
                self.make.poll()
            assert time.monotonic() < deadline, self.processes()
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it as a service manager does."""
        if self.make is not None and self.make.poll() is None:
            self.make.terminate()
            self.make.wait(40)
        self.wait_until_gone()

    def kill(self, *pids: int) -> None:
        """End processes without a chance to tidy up."""
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
