"""The statement that takes a declaration; its functions are in migrations 0026 and 0054."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from layers.persons import Person

POST = """
SELECT outcome, received_at, valid_until, card, card_expires, kinds, unknown
FROM private.post_declaration($1::jsonb, $2::jsonb, $3, $4, $5, $6, $7, $8, $9, $10::jsonb,
  $11::jsonb)
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many declarations of the last minutes are taken from people who are not signed in.

    Attributes:
        minutes: how far back they count.
        per_address: of one network address; one may stand for a whole mobile network.
        per_phone: with one phone number; a family has one, and so has who helps a village.
    """

    minutes: int
    per_address: int
    per_phone: int


@dataclass(frozen=True, slots=True)
class Terms:
    """How long things hold.

    Attributes:
        card_days: a card, from now.
        valid_hours: a declaration, from when it was made.
        zone: the province's time zone, in which days are counted.
    """

    card_days: float
    valid_hours: float
    zone: str


@dataclass(frozen=True, slots=True)
class Declared:
    """What was declared of a person.

    Attributes:
        declared_by: a code of `codes.DECLARED_BY`.
        commune_code: where the person stays.
        symptoms: codes of `codes.SYMPTOM`.
        places: codes of the communes where the person has been in fourteen days.
        elsewhere: other places, in words; those of `layers.outbreaks.outside` raise a flag.
        made_at: by the clock of who declared.
    """

    id: UUID
    declared_by: str
    commune_code: str
    symptoms: Sequence[str]
    contact: bool
    places: Sequence[str]
    elsewhere: Sequence[str]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a declaration.

    Attributes:
        address: a keyed digest, for the limits.
        trusted: whether it is a member of staff, for whom no limit counts.
        account: the number of the account; None for the public, and for the command line.
        card: the card that the device keeps for the person, to be held for longer.
    """

    address: bytes
    trusted: bool = False
    account: int | None = None
    card: UUID | None = None


def arguments(
    declared: Declared,
    person: Person,
    *,
    identity: bytes | None,
    phone: bytes | None,
    content: bytes,
    sender: Sender,
    limits: Limits,
    terms: Terms,
) -> tuple[Any, ...]:
    """The values of `POST`.

    Args:
        identity, phone: keyed digests (`api.keyed.hashed`) of the person's numbers.
        content: the digest by which the same declaration is told from another one of its id.
    """
    return (
        orjson.dumps(declared).decode(),
        person.to_json(),
        identity,
        phone,
        sender.address,
        content,
        sender.card,
        sender.trusted,
        sender.account,
        orjson.dumps(limits).decode(),
        orjson.dumps(terms).decode(),
    )
