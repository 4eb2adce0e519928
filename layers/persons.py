"""Persons whom registers are about: found again by digests, kept once, purged when unused.

The functions are in `migrations/versions/0023_persons.py`; nobody but the server itself reads the
table, and each register says who sees what of a person through a function of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

PIECE = 1000
"""Persons of one transaction of a purge."""
_IDENTITY = re.compile(r"\d{9}|\d{12}|[A-Z]{1,2}\d{6,8}")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person.

    Attributes:
        birth_year: of our era; None if unknown.
        sex: `female`, `male`, `other`, or None.
        phone: digits, as people dial it.
        commune_code: of the commune they live in.
    """

    name: str
    birth_year: int | None = None
    sex: str | None = None
    phone: str | None = None
    commune_code: str | None = None
    address: str | None = None

    def to_json(self) -> str:
        """What the database's functions read."""
        return orjson.dumps(self).decode()


def identity_number(text: str) -> str | None:
    """An identity number as it is compared: 12 or 9 digits, or a passport's letters and digits.

    None if the text is none of these. Spaces, dots and hyphens are left out.
    """
    plain = re.sub(r"[\s.\-]", "", text).upper()
    return plain if _IDENTITY.fullmatch(plain) else None


async def take(
    connection: Any,
    person: Person,
    *,
    identity: bytes | None = None,
    phone: bytes | None = None,
    trusted: bool = False,
) -> UUID:
    """The id of the person that is meant, found again or written.

    Args:
        connection: in a transaction as the server itself.
        identity, phone: keyed digests (`api.keyed.hashed`) of the numbers.
        trusted: whether a member of staff says it: then it replaces what was known, else it only
            fills in what was not.
    """
    found: UUID = await connection.fetchval(
        "SELECT private.take_person($1::jsonb, $2, $3, $4)",
        person.to_json(),
        identity,
        phone,
        trusted,
    )
    return found


async def purge(connection: Any, *, keep_days: float) -> int:
    """Remove persons unused for `keep_days` whom no register holds, and cards as old.

    Args:
        connection: in a transaction as the server itself.

    Returns:
        How many were looked at; `PIECE` if there may be more.
    """
    looked_at: int = await connection.fetchval(
        "SELECT private.purge_persons($1, $2)", keep_days, PIECE, timeout=300
    )
    return looked_at
