"""The statements of posting and following; the functions are in the migrations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from layers.database import Database
from layers.roles import Caller, Role

POST = """
SELECT outcome, code, state, received_at, flags, wait_s
FROM private.post_sos($1::jsonb, $2, $3, $4, $5, $6, $7, $8::jsonb)
"""

ADD = "SELECT private.sos_add($1, $2, $3, $4::jsonb, $5, $6, $7)::text AS found"

CHANNELS = {Role.OPERATOR: "hotline", Role.COORDINATOR: "hotline", Role.PUBLIC: "web"}
"""How a post came in, by who sent it; others are officers."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many posts of the last minutes are taken without a proof.

    Attributes:
        minutes: how far back posts count.
        per_address: of one network address; one may stand for a whole mobile network.
        per_phone: of one phone number.
        notable_phone: posts of one phone from which on they are flagged, and taken.
    """

    minutes: int
    per_address: int
    per_phone: int
    notable_phone: int

    def text(self) -> str:
        """As the database reads it."""
        return json.dumps(
            {
                "minutes": self.minutes,
                "per_address": self.per_address,
                "per_phone": self.per_phone,
                "notable_phone": self.notable_phone,
            }
        )


async def post(
    database: Database,
    caller: Caller,
    row: str,
    *,
    content: bytes,
    follow: bytes,
    sender: bytes,
    phone: bytes | None,
    proof: bytes | None,
    limits: str,
) -> Any:
    """Write a post, durably, in one round trip; the row says what came of it.

    Args:
        caller: who posts; for whom signed in no limit counts.
        row: the post as JSON.
        content: the digest by which a repeated post is told from another one.
        follow, sender, phone: keyed hashes.
        proof: of a delay, for posts beyond the limits.
        limits: a `Limits` as text.
    """
    account = "" if caller.account is None else str(caller.account)
    return await database.call(POST, row, content, follow, sender, phone, proof, account, limits)


async def followed(database: Database, follow: bytes) -> str | None:
    """What the bearer of a follow token may know, as JSON; None if there is no such request."""
    row = await database.call("SELECT private.sos_followed($1)::text AS found", follow)
    found: str | None = row["found"]
    return found


async def add(
    database: Database,
    follow: bytes,
    note: str | None,
    *,
    cancel: bool = False,
    addition: UUID | None = None,
    content: bytes = b"",
    details: str = "{}",
    phone: bytes | None = None,
) -> str | None:
    """Add fields or a reporter's note to a request, or cancel it; then as `followed`.

    Args:
        addition: what the sender names it by; the same again changes nothing.
        content: the digest by which the same is told from another one.
        details: the fields as JSON.
        phone: a keyed hash.

    Raises:
        RuleRefused: the request is over, has notes enough, or something else came with this name.
    """
    row = await database.call(ADD, follow, addition, content, details, phone, note, cancel)
    found: str | None = row["found"]
    return found
