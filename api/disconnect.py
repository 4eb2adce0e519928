"""A client that goes away cancels its request, and with it the query in PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATIENCE = 0.05
"""Seconds a request runs before it is worth watching whether the client is still there."""


class CancelOnDisconnect:
    """ASGI middleware for requests without a body.

    Most requests end sooner than `PATIENCE` and cost a timer only. For the others the
    connection is watched; asyncpg turns the task's cancellation into a cancel request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        task: Any = asyncio.current_task()
        gone = asyncio.Event()
        watcher: asyncio.Task[None] | None = None

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            gone.set()
            task.cancel()

        def begin() -> None:
            nonlocal watcher
            watcher = loop.create_task(watch())

        async def until_gone() -> Message:
            await gone.wait()
            return {"type": "http.disconnect"}

        timer = loop.call_later(PATIENCE, begin)
        try:
            await self._app(scope, until_gone, send)
        except asyncio.CancelledError:
            if not gone.is_set():
                raise
            task.uncancel()
        finally:
            timer.cancel()
            if watcher is not None:
                watcher.cancel()
