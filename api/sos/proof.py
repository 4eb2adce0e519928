"""What only this server can make: follow tokens, and proofs by delay."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from hashlib import sha256
from uuid import UUID

from api.keyed import digest

SOONEST_S = 3.0
"""Seconds after which a form's token proves that its bearer waited."""
LATEST_S = 86_400.0
"""Seconds after which it proves nothing any more."""


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def follow_token(key: bytes, request: UUID, content: bytes) -> str:
    """The secret to follow a request with: the same for the same post, 144 bits."""
    return _text(digest(key, b"follow", request.bytes, content)[:18])


def follow_hash(token: str) -> bytes:
    """What is kept of a follow token."""
    return sha256(token.encode()).digest()


def form_token(key: bytes) -> str:
    """A token that will prove, some seconds from now, that its bearer waited."""
    issued = f"{int(time.time())}.{secrets.token_urlsafe(9)}"
    return f"{issued}.{_text(digest(key, b'form', issued.encode())[:18])}"


def proof(key: bytes, token: str) -> bytes | None:
    """What is kept of a form's token that proves a delay; None if it proves nothing."""
    issued, _, signature = token.rpartition(".")
    expected = _text(digest(key, b"form", issued.encode())[:18])
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        return None
    age = time.time() - int(issued.partition(".")[0])
    return sha256(token.encode()).digest() if SOONEST_S <= age <= LATEST_S else None
