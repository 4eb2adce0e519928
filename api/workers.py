"""The workers of a server: started as copies of it, replaced when they die, ended in time."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
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


@dataclass(frozen=True, slots=True)
class Post:
    """Where a worker is wanted.

    Attributes:
        listening: the socket; it outlives a worker: who waits there is served by the next one.
        body: what a worker does with the socket until SIGTERM.
        on_demand: the worker starts when somebody first knocks at the socket, and again after it
            has ended.
    """

    listening: socket
    body: Callable[[socket], None]
    on_demand: bool = False


@dataclass(slots=True)
class _Place:
    post: Post
    process: BaseProcess | None = None
    began: float = 0.0
    failed: int = 0
    is_first: bool = True


class Workers:
    """A worker at each post.

    Args:
        posts: their sockets listen already.
        seconds: that a worker takes at most to let its requests end.
    """

    def __init__(self, posts: Sequence[Post], seconds: float) -> None:
        self._places = [_Place(post) for post in posts]
        self._seconds = seconds

    def run(self) -> None:
        """Keep all workers running until SIGINT, SIGTERM or SIGHUP.

        Raises:
            WorkersFail: they die as soon as they start.
        """
        signals = Signals()
        try:
            for place in self._places:
                if not place.post.on_demand:
                    self._start(place)
            while True:
                signals.wait(None, *self._awaited())
                for place in self._places:
                    self._look_after(place, signals)
        except Stop:
            pass
        finally:
            self._end()

    def _awaited(self) -> list[int]:
        """What wakes us: a worker's end, or a knock where none is."""
        return [
            place.post.listening.fileno() if place.process is None else place.process.sentinel
            for place in self._places
        ]

    def _look_after(self, place: _Place, signals: Signals) -> None:
        if place.process is None:
            if wait([place.post.listening.fileno()], 0):
                if place.failed > 1:
                    signals.wait(PAUSE)
                self._start(place)
        elif not place.process.is_alive():
            self._replace(place, place.process, signals)

    def _start(self, place: _Place) -> None:
        listening = place.post.listening

        def body() -> None:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the server hears it, and stops us
            for other in self._places:
                if other is not place:
                    other.post.listening.close()
            place.post.body(listening)

        # A worker left behind by a killed server would keep the port and the database.
        place.process, place.began = start(body, signal.SIGKILL), time.monotonic()

    def _replace(self, place: _Place, ended: BaseProcess, signals: Signals) -> None:
        ended.join()
        status = ended.exitcode or 0
        _log.error("a worker has ended", pid=ended.pid, status=status)
        is_young = time.monotonic() - place.began < YOUNG
        place.failed = place.failed + 1 if is_young else 0
        if place.post.on_demand:
            place.process = None
            return
        # One that gives up by itself at the very start meets what will not change: a wrong setting.
        if place.failed >= TRIES or (is_young and place.is_first and status > 0):
            raise WorkersFail(f"a worker ended with status {status} as soon as it had started")
        if place.failed > 1:
            signals.wait(PAUSE)
        self._start(place)
        place.is_first = False

    def _end(self) -> None:
        running = []
        for place in self._places:
            place.post.listening.close()
            if place.process is not None:
                running.append(place.process)
                place.process.terminate()
        deadline = time.monotonic() + self._seconds + LAST
        for process in running:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                _log.error("a worker refused to end", pid=process.pid)
                process.kill()
                process.join()
