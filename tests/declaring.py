"""Declarations for tests: as they are sent, and as the database takes them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from api.declarations.given import Declaration
from api.declarations.post import statement
from layers.declarations import posting

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

    return asyncio.run(all_of_them())
