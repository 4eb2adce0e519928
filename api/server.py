"""The process that serves: uvicorn's server in each worker, with an application of its own."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from contextlib import ExitStack
from functools import partial
from socket import AF_UNIX, socket
from tempfile import TemporaryDirectory
from types import FrameType, ModuleType

import uvicorn

from api import logs
from api.analysis.front import SOCKET
from api.app import create_app
from api.ending import begin_ending
from api.figures import FOLDER
from api.ports import BACKLOG, listen
from api.protocol import CachingProtocol
from api.settings import Settings
from api.workers import Post, Workers


def run(settings: Settings) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; then let running requests end, for `stop_timeout`.

    Raises:
        WorkersFail: the workers cannot start.
    """
    logs.configure(settings.log_format)
    with ExitStack() as stack:
        folder = os.environ[FOLDER] = stack.enter_context(
            TemporaryDirectory(prefix="dieuhanh-", ignore_cleanup_errors=True)
        )
        posts = [
            Post(
                stack.enter_context(listen(settings.host, settings.port)), partial(_work, settings)
            )
            for _ in range(settings.workers)
        ]
        knock = stack.enter_context(socket(AF_UNIX))
        os.environ[SOCKET] = f"{folder}/analysis"
        knock.bind(os.environ[SOCKET])
        knock.listen(BACKLOG)
        posts.append(Post(knock, partial(_analyse, settings), on_demand=True))
        # What is here by now stays: no collection of a worker's writes to the pages it shares.
        gc.collect()
        gc.freeze()
        Workers(posts, settings.stop_timeout).run()


def _work(settings: Settings, listening: socket) -> None:
    """A worker's life."""
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        # uvicorn takes whatever makes a protocol; only its annotation wants a class.
        http=partial(CachingProtocol, app.cache, settings.idle_timeout),  # type: ignore[arg-type]
        loop="uvloop",
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,  # ours carries the request's id and no query values
        proxy_headers=False,  # `client_address` decides whom to believe
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=settings.idle_timeout,
        timeout_graceful_shutdown=settings.stop_timeout,
    )
    _Server(config).run([listening])


def _analyse(settings: Settings, listening: socket) -> None:
    """The life of the process that analyses, begun when it is first wanted."""
    # The jobs' processes would begin by running this one's main module again.
    sys.modules["__main__"] = ModuleType("__main__")
    # pygeoapi takes the members of a JSON Schema for names of languages, and warns of each.
    logging.getLogger("pygeoapi").setLevel(logging.ERROR)
    from api.analysis.app import create_analysis_app

    config = uvicorn.Config(
        create_analysis_app(settings),
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    _Server(config).run([listening])


class _Server(uvicorn.Server):
    """Ends by itself after a signal, instead of by the same signal again, and never halfway."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        if not self.should_exit:
            self.should_exit = True
            asyncio.get_running_loop().call_soon_threadsafe(begin_ending)
