"""The process that serves: granian's workers, each with an application of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from tempfile import TemporaryDirectory

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from starlette.types import ASGIApp

from api import logs
from api.app import create_app
from api.cluster import die_with_parent
from api.ending import begin_ending
from api.figures import FOLDER
from api.settings import Settings, load_settings, variable

ENDING = (signal.SIGINT, signal.SIGTERM)


def application() -> ASGIApp:
    """The application of one worker; the settings are in the environment."""
    settings = load_settings()
    logs.configure(settings.log_format)
    _end_by_one_signal(asyncio.get_event_loop())
    return create_app(settings)


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; then let running requests end, for `stop_timeout` seconds."""
    for field in ("database_url", "host", "port", "workers"):
        os.environ[variable(field)] = str(getattr(settings, field))
    load_settings.cache_clear()
    _guard_workers()
    with TemporaryDirectory(prefix="dieuhanh-", ignore_cleanup_errors=True) as shared:
        os.environ[FOLDER] = shared
        Granian(
            target="api.server:application",
            factory=True,
            interface=Interfaces.ASGI,
            loop=Loops.uvloop,
            address=settings.host,
            port=settings.port,
            workers=settings.workers,
            backlog=4096,
            websockets=False,
            respawn_failed_workers=True,
            workers_kill_timeout=settings.stop_timeout,
            log_level=LogLevels.warning,
            log_access=False,
        ).serve()


def _guard_workers() -> None:
    server = os.getpid()

    def mask(how: int) -> None:
        if os.getpid() == server:
            signal.pthread_sigmask(how, ENDING)

    def begin() -> None:
        # A worker left behind by a killed server would keep the port and the database.
        if os.getppid() == server:
            die_with_parent(signal.SIGKILL)

    # A new worker has the server's handlers: a signal to it waits until it hears for itself.
    os.register_at_fork(
        before=lambda: mask(signal.SIG_BLOCK),
        after_in_parent=lambda: mask(signal.SIG_UNBLOCK),
        after_in_child=begin,
    )


def _end_by_one_signal(loop: asyncio.AbstractEventLoop) -> None:
    """Let granian hear of the first signal to end, while its loop runs, and of no other.

    It loses one that comes between the application's start and its own, and further ones can
    block it for ever.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

    def end() -> None:
        begin_ending()
        # Of two that wait, one is delivered.
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    def hear() -> None:
        signal.sigwait(ENDING)
        loop.call_soon_threadsafe(end)

    threading.Thread(target=hear, name="signals", daemon=True).start()
