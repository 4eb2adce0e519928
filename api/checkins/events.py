"""The events that devices send, read one by one: a bad one is refused, and holds up no other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from joserfc.jwk import KeySet
from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints, ValidationError

from api.cards import BadCard, read_token
from api.keyed import hashed
from api.sos.given import Given, clean, fault
from layers.checkins.recording import CheckIn, Direction
from layers.persons import Person, identity_number

_FAR = timedelta(days=36_525)
"""Times farther away than that are no times of a device."""
_SEXES = {"nam": "male", "nữ": "female"}


def _text(most: int) -> Any:
    return Annotated[str, BeforeValidator(clean), StringConstraints(min_length=1, max_length=most)]


class SelfEvent(Given):
    """What a person's own device sends."""

    id: Annotated[UUID, Field(strict=False)]
    at: Annotated[AwareDatetime, Field(strict=False)]
    site: _text(64)  # type: ignore[valid-type]
    direction: Direction
    token: _text(1000)  # type: ignore[valid-type]


class Event(SelfEvent):
    """What an officer's device sends: whose card it was, or what an identity card says."""

    token: _text(1000) | None = None  # type: ignore[valid-type]
    id_card: _text(600) | None = None  # type: ignore[valid-type]
    number: _text(40) | None = None  # type: ignore[valid-type]
    name: _text(120) | None = None  # type: ignore[valid-type]


MOST = 200
"""Events of a batch."""


class Batch(Given):
    """What an officer's device sends at a time, as the API's definition has it."""

    events: Annotated[list[Event], Field(min_length=1, max_length=MOST)]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that cannot be recorded.

    Attributes:
        reason: of `texts.REASONS`; or `invalid`, with the `fault` of a field.
    """

    reason: str
    fault: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """What tells cards from forgeries, and makes digests of identity numbers."""

    cards: KeySet
    digests: bytes


def read_event(
    given: Any, keys: Keys, model: type[SelfEvent] = Event, now: datetime | None = None
) -> CheckIn | Refusal:
    """A check-in from what was sent of it, or why there is none."""
    try:
        event = model.model_validate(given)
    except ValidationError as error:
        return Refusal("invalid", fault(dict(error.errors()[0])))
    now = now or datetime.now(UTC)
    if abs(event.at - now) > _FAR:
        return Refusal("old" if event.at < now else "future")
    if isinstance(event, Event):
        ways = (event.token, event.id_card, event.number)
        if sum(way is not None for way in ways) != 1 or (event.name is None) == bool(event.number):
            return Refusal("who")
        if event.token is None:
            return _of_identity_card(event, keys)
    try:
        card = read_token(keys.cards, event.token, at=event.at)
    except BadCard as bad:
        return Refusal("expired" if bad.is_over else "bad_card")
    return CheckIn(event.id, event.at, event.site, event.direction, card=card)


def _of_identity_card(event: Event, keys: Keys) -> CheckIn | Refusal:
    if event.id_card is not None:
        found = read_id_card(event.id_card)
        if found is None:
            return Refusal("bad_id_card")
        number, person = found
    else:
        read = identity_number(str(event.number))
        if read is None or not read.isdigit():
            return Refusal("bad_number")
        number, person = read, Person(str(event.name))
    return CheckIn(
        event.id,
        event.at,
        event.site,
        event.direction,
        person=person,
        identity=hashed(keys.digests, "identity", number),
        trusted=event.id_card is not None,
    )


def read_id_card(text: str) -> tuple[str, Person] | None:
    """The number and the person of a citizen identity card's QR code; None if it is not one.

    Its fields are separated by `|`: number, old number, name, birth (ddmmyyyy), sex, address, and
    the day of issue.
    """
    parts = [part.strip() for part in text.split("|")]
    if len(parts) < 3:
        return None
    number, _, name, birth, sex, address = (*parts, "", "", "")[:6]
    plain = identity_number(number)
    if plain is None or not plain.isdigit() or not 1 <= len(name) <= 120:
        return None
    year = int(birth[4:]) if re.fullmatch(r"\d{8}", birth, re.ASCII) else 0
    return plain, Person(
        name,
        birth_year=year if 1880 <= year <= 2200 else None,
        sex=_SEXES.get(sex.lower()),
        address=address[:300] or None,
    )
