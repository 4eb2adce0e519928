"""HTTP/1.1 on a connection: uvicorn's protocol, which answers from the cache by itself.

What the cache knows is written the moment a request's head is read, in the event loop's own turn:
no task. Whatever else a request is becomes a task for the application, which ends with its client.
To that come the limits that uvicorn leaves to a web server in front: of the head's size, of
requests sent ahead, and of the time for which nothing moves.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote

import httptools
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from api import problems
from api.cache import AnswerCache
from api.encoded import head_of, lines_of

MAXIMUM_HEAD = 65_536
"""Bytes of a request's line and headers that may be waited for."""
MAXIMUM_AHEAD = 32
"""Requests that may wait on a connection for the answers before theirs."""
_JOINED = 32_768
"""Bytes of a body up to which copying it behind its head is cheaper than a second buffer."""
_OF_BODIES = frozenset({b"content-length", b"transfer-encoding"})
_READING = ("GET", "HEAD")


class CachingProtocol(HttpToolsProtocol):
    """See the module.

    Args:
        cache: what answers before the application.
        idle: seconds for which a connection may neither bring a whole head nor take an answer.
    """

    def __init__(
        self,
        cache: AnswerCache,
        idle: float,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._cache = cache
        self._idle = idle
        self._since = 0.0
        self._left = -1
        self._timer: asyncio.TimerHandle | None = None
        self._waited_for = 0
        self._read: object = None
        self._is_done = False
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._timer = self.loop.call_later(self._idle, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, and with the connection a read that nobody waits for any more."""
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()
        self.pipeline.clear()
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on; refuse a head that does not end."""
        before = self.headers
        super().data_received(data)
        if self.headers is self._read or self.headers is not before:
            self._waited_for = 0
        else:
            self._waited_for += len(data)
            if self._waited_for > MAXIMUM_HEAD and not self.transport.is_closing():
                self._refuse(431, f"The head of a request has at most {MAXIMUM_HEAD} bytes.")

    def on_headers_complete(self) -> None:
        """Answer what the cache knows; leave the rest to the application."""
        self._read = self.headers
        if len(self.pipeline) >= MAXIMUM_AHEAD:
            self.transport.abort()
        # Behind the last answer of a connection nothing is read.
        if self.transport.is_closing():
            self._is_done = True
            return
        version = self.parser.get_http_version()
        keep_alive = version == "1.1" and self.parser.should_keep_alive()
        self.scope["http_version"] = version
        self.scope["method"] = self.parser.get_method().decode("ascii")
        path = self._name_target()
        self._is_done = keep_alive and self._answer()
        if self._is_done:
            return
        self.scope["path"] = unquote(path) if "%" in path else path
        before, self.cycle = self.cycle, self._exchange(keep_alive)
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _name_target(self) -> str:
        """Put the request's target into its scope; its path, percent-encoded."""
        if self.url.startswith(b"/") and b"#" not in self.url:
            path, _, query = self.url.partition(b"?")
        else:
            parts = httptools.parse_url(self.url)
            path, query = parts.path or b"/", parts.query or b""
        self.scope["raw_path"] = path
        self.scope["query_string"] = query
        return path.decode("ascii")

    def _exchange(self, keep_alive: bool) -> _Exchange:
        return _Exchange(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        reading = cycle.scope["method"] in _READING
        entered: Any = _UntilLeft(app, cycle) if reading else app
        task = self.loop.create_task(cycle.run_asgi(entered))
        # asyncpg turns the task's cancellation into one of the query.
        self._task = task if reading else None
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def on_body(self, body: bytes) -> None:
        """Hand a part of a body on."""
        if not self._is_done:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Say that a body is whole."""
        if not self._is_done:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on to what was sent ahead, or wait."""
        self._task = None
        self._since = self.loop.time()
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())

    def resume_writing(self) -> None:
        """Go on: the client has taken most of what there was."""
        self._left = -1
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        self._refuse(400, msg)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _answer(self) -> bool:
        """Answer from the cache, if this is a plain request whose turn it is; whether it was."""
        if self._is_answering() or self.flow.write_paused or self.expect_100_continue:
            return False
        method = self.scope["method"]
        if method not in _READING or self.parser.should_upgrade():
            return False
        for name, _ in self.headers:
            if name in _OF_BODIES:
                return False
        scope: Any = self.scope
        found = self._cache.find(scope)
        if found is None:
            return False
        reply, naming = found
        own = lines_of((*self.server_state.default_headers, naming))
        body = b"" if method == "HEAD" else reply.body
        _write(self.transport, b"%b%b\r\n" % (reply.head, own), body)
        self._since = self.loop.time()
        return True

    def _refuse(self, status: int, detail: str) -> None:
        """Answer what cannot be read, and close: where the next request begins is unknown."""
        if self._is_answering():
            # It would be taken for the answer, or a part of the answer, to what came before.
            self.transport.abort()
            return
        answer = problems.response(problems.Problem(status, detail))
        headers = (*self.server_state.default_headers, *answer.raw_headers)
        head = head_of(status, (*headers, (b"connection", b"close")))
        self.transport.write(head + b"\r\n" + bytes(answer.body))
        self.transport.close()

    def _look(self) -> None:
        """Close the connection if nothing moves on it; else look again later."""
        transport = self.transport
        left = transport.get_write_buffer_size()
        if self.flow.write_paused or transport.is_closing():
            if left == self._left:
                transport.abort()
                return
            self._left = left
            wait = self._idle
        else:
            self._left = -1
            wait = self._since + self._idle - self.loop.time()
            if self._is_answering():
                wait = self._idle
            elif wait <= 0:
                transport.close()
                wait = self._idle
        self._timer = self.loop.call_later(wait, self._look)


class _Exchange(RequestResponseCycle):
    """A request and its answer.

    uvicorn's own writes a head by itself, a call of the kernel, and looks at each header six times.
    """

    _head: bytes | None = None

    async def send(self, message: Any) -> None:
        """Write a part of the answer, once the client has taken those before."""
        if self.flow.write_paused or self.disconnected:
            self._write_head()
            await super().send(message)
        elif not self.response_started:
            self._begin(message)
        elif self._head is None or not self._end(message):
            self._write_head()
            await super().send(message)

    def _begin(self, message: Any) -> None:
        """Make the head; it is written with what follows at once, or else by itself."""
        status = message["status"]
        headers = [*self.default_headers, *message.get("headers", ())]
        given = dict(headers)
        length = given.get(b"content-length")
        self.chunked_encoding = False
        if length is not None:
            self.expected_content_length = int(length)
        elif self.scope["method"] != "HEAD" and status not in (204, 304):
            self.chunked_encoding = True
            headers.append((b"transfer-encoding", b"chunked"))
        if given.get(b"connection") == b"close":
            self.keep_alive = False
        elif not self.keep_alive:
            headers.append((b"connection", b"close"))
        head = head_of(status, headers)
        if head.count(b"\n") > len(headers) + 1 or head.count(b"\r") > len(headers) + 1:
            raise ValueError("a header of the answer has a line break")
        self.response_started = True
        self.waiting_for_100_continue = False
        self._head = head + b"\r\n"
        asyncio.get_running_loop().call_soon(self._write_head)

    def _write_head(self) -> None:
        if self._head is not None and not self.transport.is_closing():
            self.transport.write(self._head)
        self._head = None

    def _end(self, message: Any) -> bool:
        """Write a whole answer in one go; whether this is one."""
        body = message.get("body", b"")
        if (
            self._head is None
            or self.chunked_encoding
            or message.get("more_body", False)
            or len(body) != self.expected_content_length
            or self.scope["method"] == "HEAD"
        ):
            return False
        _write(self.transport, self._head, body)
        self._head = None
        self.expected_content_length = 0
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
        return True


def _write(transport: asyncio.Transport, head: bytes, body: bytes) -> None:
    if len(body) <= _JOINED:
        transport.write(head + body)
    else:
        transport.writelines((head, body))


class _UntilLeft:
    """An application whose task is cancelled when the client has left; that is no error."""

    __slots__ = ("_app", "_cycle")

    def __init__(self, app: ASGIApp, cycle: RequestResponseCycle) -> None:
        self._app = app
        self._cycle = cycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if not self._cycle.disconnected:
                raise
