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
        watch = _Watch(receive)
        try:
            await self._app(scope, watch.until_gone, send)
        except asyncio.CancelledError:
            if not watch.is_gone:
                raise
            watch.task.uncancel()
        finally:
            watch.end()


class _Watch:
    """Waits for a client to leave, from `PATIENCE` after the request on."""

    __slots__ = ("_gone", "_receive", "_timer", "_watcher", "is_gone", "task")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.task: Any = asyncio.current_task()
        self.is_gone = False
        self._gone: asyncio.Future[None] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._begin)

    def _begin(self) -> None:
        self._watcher = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
        self.task.cancel()

    async def until_gone(self) -> Message:
        """What the application receives: the end, once the client has left."""
        if not self.is_gone:
            if self._gone is None:
                self._gone = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._gone)
        return {"type": "http.disconnect"}

    def end(self) -> None:
        """Stop watching."""
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
