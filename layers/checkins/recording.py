"""Recording check-ins: one statement for a batch; the function is in the migration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from layers.database import Database
from layers.persons import Person
from layers.roles import ANYONE, Caller

Direction = Literal["in", "out"]

AHEAD_S = 300.0
"""Seconds that a device's clock may be ahead of the server's."""

_RECORD = """
SELECT n, outcome, declared FROM private.record_check_ins(
  $1, $2, $3, $4, $5, $6, $7::jsonb[], $8, $9, $10, $11, $12)
"""
_SITE = """
SELECT layer, id, name, short, is_open FROM private.check_in_site WHERE code = $1
"""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Somebody who came or went.

    Attributes:
        id: made by the sender: what is sent twice with it is recorded once.
        at: when it was, by the sender's clock.
        site: the code of the site's poster.
        card: the card that was shown; None where a person is given instead.
        person: as an identity card tells them.
        identity: the keyed digest of the identity number.
        trusted: whether the card's own QR code was read, so that it replaces what was known.
    """

    id: UUID
    at: datetime
    site: str
    direction: Direction
    card: UUID | None = None
    person: Person | None = None
    identity: bytes | None = None
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a check-in.

    Attributes:
        outcome: `taken`, `already` (it was recorded before), or why it is refused.
        declared: whether the person had a valid declaration then; None where it is refused.
    """

    outcome: str
    declared: bool | None


async def record(
    database: Database,
    check_ins: Sequence[CheckIn],
    *,
    caller: Caller = ANYONE,
    keep_days: float,
    per_hour: int = 0,
) -> list[Outcome]:
    """Record a batch, durably, in one round trip; the outcomes in its order.

    Args:
        caller: of staff; the public: each is by the person whose card it is, at an open site.
        keep_days: older ones are refused.
        per_hour: of the public, how many of one person are taken in an hour.

    Raises:
        RuleRefused: the account's role may not record.
    """
    columns: tuple[list[Any], ...] = (
        [one.id for one in check_ins],
        [one.at for one in check_ins],
        [one.site for one in check_ins],
        [one.direction for one in check_ins],
        [one.card for one in check_ins],
        [one.person and one.person.to_json() for one in check_ins],
        [one.identity for one in check_ins],
        [one.trusted for one in check_ins],
    )
    account = "" if caller.account is None else str(caller.account)
    rows = await database.call_all(_RECORD, account, *columns, keep_days, AHEAD_S, per_hour)
    return [Outcome(row["outcome"], row["declared"]) for row in rows]


async def site(database: Database, code: str) -> Any:
    """The site of a poster's code: its layer, id, name, short code, and whether it is open."""
    return await database.call(_SITE, code)
