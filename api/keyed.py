"""Digests keyed with a secret that the database keeps (`private.sos_key`).

So every worker, and the server after a restart, says the same, and nobody else can.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from layers.database import Database

_KEYS: dict[str, bytes] = {}


async def load_key(database: Database) -> bytes:
    """The secret; read once for each process and database."""
    key = _KEYS.get(database.url)
    if key is None:
        row = await database.call("SELECT key FROM private.sos_key")
        key = _KEYS[database.url] = bytes(row["key"])
    return key


def digest(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA-256 of the parts, which hold no NUL."""
    return hmac.digest(key, b"\x00".join(parts), sha256)


def hashed(key: bytes, kind: str, value: str) -> bytes:
    """What is kept of a value to find it again by, without keeping it: 128 bits.

    Args:
        kind: what the value is (`phone`, `address`, `identity`): the same text of another kind
            has another digest.
    """
    return digest(key, kind.encode(), value.encode())[:16]
