"""Declarations for tests: as they are sent, and as the database takes them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg

from api.cards import load_keys, read_token
from api.declarations.given import Declaration
from api.declarations.post import statement
from layers.database import Database
from layers.declarations import posting

T = TypeVar("T")

TERMS = posting.Terms(7.0, 72.0, "Asia/Ho_Chi_Minh")
LIMITS = posting.Limits(10, 1000, 1000)
_numbers = itertools.count(1)


def a_declaration(**changes: Any) -> dict[str, Any]:
    """A declaration that is right, of somebody new; fields given as None are left out."""
    number = next(_numbers)
    whole = {
        "id": str(uuid4()),
        "who": "self",
        "name": f"Người khai {number}",
        "birth_year": 1984,
        "sex": "female",
        "phone": f"0905{number:06d}",
        "commune_code": "20335",
        "address": "Tổ 3",
        "symptoms": [],
        "contact": False,
        "places": [],
        "elsewhere": [],
        "made_at": datetime.now(UTC).isoformat(),
        "consent": True,
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def ago(**much: float) -> str:
    """An instant so long ago, as it is sent."""
    return (datetime.now(UTC) - timedelta(**much)).isoformat()


def values(
    given: dict[str, Any], *, trusted: bool = False, card: UUID | None = None
) -> tuple[Any, ...]:
    """What `posting.POST` gets for a declaration."""
    sender = posting.Sender(b"address", trusted, None, card)
    return statement(Declaration.model_validate(given), b"a key", sender, LIMITS, TERMS)


def declare(url: str, given: dict[str, Any], **more: Any) -> Any:
    """What comes of a declaration, as the database says."""
    return at_once(url, [given], **more)[0]


def at_once(url: str, several: Sequence[dict[str, Any]], **more: Any) -> list[Any]:
    """What comes of declarations that are sent at the same time."""

    async def one(given: dict[str, Any]) -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchrow(posting.POST, *values(given, **more))
        finally:
            await connection.close()

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*map(one, several))

    return run(all_of_them())


def card_of(url: str, token: str) -> str:
    """The id of the card that a token names, as the server reads it."""

    async def read() -> str:
        database = Database(url, pool_size=2, statement_timeout=10, acquire_timeout=10)
        await database.open()
        try:
            return str(read_token(await load_keys(database), token))
        finally:
            await database.close()

    return run(read())


def run(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives, on a thread of its own: a browser's test has a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
