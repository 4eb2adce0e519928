"""Answers whose headers are bytes already: hot ones encode theirs once, not each time."""

from __future__ import annotations

import http
from collections.abc import Iterable, Mapping

from starlette.responses import Response

RawHeaders = tuple[tuple[bytes, bytes], ...]
Headers = list[tuple[bytes, bytes]]


def encode_headers(headers: Mapping[str, str]) -> RawHeaders:
    """Headers as ASGI sends them."""
    return tuple(
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    )


def lines_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as HTTP/1.1 has them (RFC 9112, section 5), each with the end of its line."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


def head_of(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A status line and headers as HTTP/1.1 has them, without the empty line that ends them."""
    phrase = http.HTTPStatus(status).phrase.encode()
    return b"HTTP/1.1 %d %b\r\n%b" % (status, phrase, lines_of(headers))


class Encoded(Response):
    """A whole answer with status 200.

    Args:
        body: the content.
        headers: all of them but `Content-Length`.
    """

    def __init__(self, body: bytes, headers: RawHeaders) -> None:
        self.status_code = 200
        self.background = None
        self.body = body
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(body))]
