"""A response whose headers are bytes already: hot answers encode theirs once, not each time."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

RawHeaders = tuple[tuple[bytes, bytes], ...]


def encode_headers(headers: Mapping[str, str]) -> RawHeaders:
    """Headers as ASGI sends them."""
    return tuple(
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    )


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
