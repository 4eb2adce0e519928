"""HTTP/1.1 on a connection: uvicorn's protocol, which answers from the cache by itself.

What the cache knows is written the moment a request's head is read, in the event loop's own turn:
no scope, no task. Whatever else a request is goes uvicorn's way. To that come the limits that
uvicorn leaves to a web server in front: of the head's size, of requests sent ahead, and of the
time for which nothing moves.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
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

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._timer = self.loop.call_later(self._idle, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; refuse a head that does not end."""
        super().data_received(data)
        if self.headers is self._read:
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
        self._is_done = self.transport.is_closing() or self._answer()
        if not self._is_done:
            super().on_headers_complete()

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
        self._since = self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        self._refuse(400, msg)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _answer(self) -> bool:
        """Answer from the cache, if this is a plain request whose turn it is; whether it was."""
        if self._is_answering() or self.flow.write_paused or self.expect_100_continue:
            return False
        parser = self.parser
        method = parser.get_method()
        if method not in (b"GET", b"HEAD") or parser.should_upgrade():
            return False
        if not parser.should_keep_alive() or parser.get_http_version() != "1.1":
            return False
        for name, _ in self.headers:
            if name in _OF_BODIES:
                return False
        path, _, query = self.url.partition(b"?")
        found = self._cache.find(method.decode("ascii"), path, query, self.headers)
        if found is None:
            return False
        reply, naming = found
        own = lines_of((*self.server_state.default_headers, naming))
        body = b"" if method == b"HEAD" else reply.body
        if len(body) <= _JOINED:
            self.transport.write(b"%b%b\r\n%b" % (reply.head, own, body))
        else:
            self.transport.writelines((reply.head, own, b"\r\n", body))
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
