"""Passwords: argon2id hashes (RFC 9106), computed beside the event loop, two at a time.

A hash takes 64 MB for about a tenth of a second by design; more at once would let whoever tries
passwords take the machine's memory.
"""

from __future__ import annotations

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from spatial.errors import BadInput

MINIMUM, MAXIMUM = 12, 1000
"""Characters of a password."""

_HASHER = PasswordHash.recommended()
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="passwords")


def require_good(password: str) -> None:
    """Check the length of a new password.

    Raises:
        BadInput: it is too short or too long.
    """
    if not MINIMUM <= len(password) <= MAXIMUM:
        raise BadInput(
            f"a password has {MINIMUM} to {MAXIMUM} characters",
            f"mật khẩu có từ {MINIMUM} đến {MAXIMUM} ký tự",
        )


async def hashed(password: str) -> str:
    """The hash of a new password, with its parameters and a salt of its own.

    Raises:
        BadInput: the password is too short or too long.
    """
    require_good(password)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THREADS, _HASHER.hash, _composed(password))


async def matches(password: str, stored: str | None) -> bool:
    """Whether a password is the one that was hashed; as slow where there is no hash."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THREADS, _matches, _composed(password[:MAXIMUM]), stored)


def _matches(password: str, stored: str | None) -> bool:
    try:
        right = _HASHER.verify(password, stored or _of_nobody())
    except UnknownHashError:
        return False
    return right and stored is not None


@lru_cache(maxsize=1)
def _of_nobody() -> str:
    return _HASHER.hash("nobody's password")


def _composed(password: str) -> str:
    # Keyboards write the same Vietnamese letter as one character or as two.
    return unicodedata.normalize("NFC", password)
