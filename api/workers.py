"""The workers of a server: started as copies of it, replaced when they die, ended in time."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from socket import socket

import structlog

from api.copies import Signals, Stop, start

YOUNG = 5.0
"""Seconds of life up to which a worker counts as one that could not start."""
TRIES = 10
"""Workers in a row, in the same place, that may die young."""
PAUSE = 1.0
"""Seconds from a worker that died young to the next."""
LAST = 3.0
"""Seconds that a worker has, beyond the time for its requests, to leave by itself."""

_log = structlog.get_logger(__name__)


class WorkersFail(Exception):
    """No worker lives long enough to serve."""


@dataclass(slots=True)
class _Place:
    listening: socket
    process: BaseProcess
    began: float
    failed: int = 0
    is_first: bool = True


class Workers:
    """A worker for each socket.

    Args:
        sockets: listen already, and outlive a worker: who waits there is served by the next one.
        body: what a worker does with its socket until SIGTERM.
        seconds: that a worker takes at most to let its requests end.
    """

    def __init__(
        self, sockets: Sequence[socket], body: Callable[[socket], None], seconds: float
    ) -> None:
        self._sockets = sockets
        self._body = body
        self._seconds = seconds
        self._places: list[_Place] = []

    def run(self) -> None:
        """Keep all workers running until SIGINT, SIGTERM or SIGHUP.

        Raises:
            WorkersFail: they die as soon as they start.
        """
        signals = Signals()
        try:
            self._places = [
                _Place(listening, self._start(listening), time.monotonic())
                for listening in self._sockets
            ]
            while True:
                signals.wait(None, *(place.process.sentinel for place in self._places))
                for place in self._places:
                    if not place.process.is_alive():
                        self._replace(place, signals)
        except Stop:
            pass
        finally:
            self._end()

    def _start(self, listening: socket) -> BaseProcess:
        def body() -> None:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the server hears it, and stops us
            for other in self._sockets:
                if other is not listening:
                    other.close()
            self._body(listening)

        # A worker left behind by a killed server would keep the port and the database.
        return start(body, signal.SIGKILL)

    def _replace(self, place: _Place, signals: Signals) -> None:
        place.process.join()
        status = place.process.exitcode or 0
        _log.error("a worker has ended", pid=place.process.pid, status=status)
        is_young = time.monotonic() - place.began < YOUNG
        place.failed = place.failed + 1 if is_young else 0
        # One that gives up by itself at the very start meets what will not change: a wrong setting.
        if place.failed >= TRIES or (is_young and place.is_first and status > 0):
            raise WorkersFail(f"a worker ended with status {status} as soon as it had started")
        if place.failed > 1:
            signals.wait(PAUSE)
        place.process, place.began = self._start(place.listening), time.monotonic()
        place.is_first = False

    def _end(self) -> None:
        for listening in self._sockets:
            listening.close()
        for place in self._places:
            place.process.terminate()
        deadline = time.monotonic() + self._seconds + LAST
        for place in self._places:
            place.process.join(max(0.0, deadline - time.monotonic()))
            if place.process.is_alive():
                _log.error("a worker refused to end", pid=place.process.pid)
                place.process.kill()
                place.process.join()
