"""The process that serves: granian's workers, each with an application of its own."""

from __future__ import annotations

import os
import signal
from tempfile import TemporaryDirectory

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from starlette.types import ASGIApp

from api import logs
from api.app import create_app
from api.cluster import die_with_parent
from api.figures import FOLDER
from api.settings import Settings, load_settings, variable


def application() -> ASGIApp:
    """The application of one worker; the settings are in the environment."""
    # A worker left behind by a killed server would keep the port.
    die_with_parent(signal.SIGTERM)
    settings = load_settings()
    logs.configure(settings.log_format)
    return create_app(settings)


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; then let running requests end, for `stop_timeout` seconds."""
    for field in ("database_url", "host", "port", "workers"):
        os.environ[variable(field)] = str(getattr(settings, field))
    load_settings.cache_clear()
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
