"""Copies of this process that do a part of its work, and the signals that stop them all."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType

from api.cluster import die_with_parent

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(Exception):
    """A signal to stop has arrived, or nobody wants this process any more."""


class Signals:
    """The signals that stop this process, heard where `check` or `wait` is called.

    An exception out of a handler may come in the middle of a fork and be lost.

    Args:
        abandoned: whether whoever started this process no longer wants it.
    """

    def __init__(self, abandoned: Callable[[], bool] = lambda: False) -> None:
        self._abandoned = abandoned
        self._heard, self._tell = os.pipe()
        os.set_blocking(self._tell, False)
        for number in STOPPING:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        with suppress(BlockingIOError):
            os.write(self._tell, b"!")

    def wait(self, seconds: float | None, *sentinels: int) -> None:
        """Wait for a signal, for one of the processes that sentinels stand for, or so long.

        Raises:
            Stop: the process is to stop.
        """
        if self._heard in wait([self._heard, *sentinels], seconds) or self._abandoned():
            raise Stop

    def check(self) -> None:
        """Raises `Stop` if the process is to stop."""
        self.wait(0)


def start(body: Callable[[], int | None], last_wish: signal.Signals) -> BaseProcess:
    """Run a function in a copy of this process, with all that is imported and open.

    Args:
        body: gives the copy's exit status.
        last_wish: what the copy gets when this process ends, however it ends.
    """
    parent = os.getpid()

    def run() -> None:
        die_with_parent(last_wish)
        if os.getppid() != parent:
            os._exit(1)
        for number in STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        sys.exit(body())

    process = multiprocessing.get_context("fork").Process(target=run)
    # What comes before the copy has let go of our handlers waits for it.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    process.start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    return process
