"""The steps of set-up: each shown with its time, its output in a log, ended with this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from api.cluster import die_with_parent
from api.parent import abandoned


class SetupError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


class Steps:
    """Runs the programs that set-up needs, and shows how far it is.

    Args:
        log: the file that gets all their output.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._title = ""
        self._started = 0.0
        self._terminal = sys.stderr.isatty()
        self._is_beside = False
        self._is_given_up = False

    @contextmanager
    def beside(self, work: Callable[[Steps], None]) -> Iterator[None]:
        """Do other steps at the same time, which are over when this is.

        Raises:
            SetupError: of the other steps.
        """
        other = Steps(self._log.with_stem(f"{self._log.stem}-beside"))
        other._is_beside = True
        with ThreadPoolExecutor(1) as threads:
            future = threads.submit(work, other)
            try:
                yield
            except BaseException:
                other._is_given_up = True
                raise
            future.result()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show a step while it runs, and its time when it is done."""
        self._title, self._started = title, time.monotonic()
        if not (self._is_beside and self._terminal):
            self._show("…", "" if self._terminal else "\n")
        try:
            yield
        except BaseException:
            self._show("✗", "\n")
            raise
        self._show("✓", "\n")

    def _show(self, mark: str, end: str) -> None:
        seconds = time.monotonic() - self._started
        timing = f" {seconds:.0f} s" if mark != "…" or seconds >= 1 else ""
        start = "\r\x1b[K" if self._terminal else ""
        print(f"{start}{mark} {self._title}{timing}", end=end, file=sys.stderr, flush=True)

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Run a program to its end.

        Raises:
            SetupError: it failed; the message has the end of its output.
        """
        with self._log.open("ab") as log:
            log.write(f"\n$ {' '.join(command)}\n".encode())
            log.flush()
            before = log.tell()
            try:
                process = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=lambda: die_with_parent(signal.SIGKILL),  # noqa: PLW1509
                )
            except OSError as error:
                raise SetupError(f"{command[0]}: {error.strerror}") from None
            try:
                self._wait(process)
            finally:
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGTERM)
                    process.wait()
        if process.returncode != 0:
            with self._log.open("rb") as log:
                log.seek(before)
                said = log.read().decode(errors="replace").strip().splitlines()[-12:]
            text = "\n    ".join(said)
            raise SetupError(f"{self._title} failed. All of it: {self._log}\n    {text}")

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        while True:
            try:
                process.wait(0.5)
                return
            except subprocess.TimeoutExpired:
                if abandoned() or self._is_given_up:
                    raise KeyboardInterrupt from None
                if self._terminal and not self._is_beside:
                    self._show("…", "")
