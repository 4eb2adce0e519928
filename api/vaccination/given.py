"""What is sent about vaccination, as models; faults are told by field, in both languages."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from api.declarations.given import (
    EARLIEST_YEAR,
    Address,
    BirthYear,
    CardText,
    Commune,
    Consent,
    Identity,
    PersonName,
    Sex,
    Telephone,
)
from api.sos.given import Given, clean
from layers.persons import Person
from layers.vaccinating.codes import CORRECTED, MOST_DOSES

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Place = Annotated[str, StringConstraints(pattern=r"^vaccination_points/[0-9]{1,18}$")]
Words = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=160)], BeforeValidator(clean)
]


class Registration(Given):
    """A registration of one person for vaccination."""

    id: Annotated[UUID, Field(strict=False, description="Made by the sender.")]
    name: PersonName
    birth_year: BirthYear
    sex: Sex | None = None
    phone: Annotated[Telephone, Field(min_length=1)]
    identity: Identity = None
    commune_code: Commune
    address: Address = None
    priority_group: Code
    card: CardText | None = None
    consent: Consent

    def person(self) -> Person:
        """What is said of the person."""
        return Person(
            self.name,
            self.birth_year,
            self.sex,
            self.phone,
            self.commune_code,
            self.address or None,
        )

    def content(self) -> bytes:
        """A digest by which the same registration is told from another one."""
        whole: dict[str, Any] = self.model_dump(mode="json", exclude={"id", "card"})
        return sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).digest()


class Own(Given):
    """A registration, by the number that only the device has that made it."""

    id: Annotated[UUID, Field(strict=False)]


class Correction(Own):
    """What is wrong of what is recorded, and what is right."""

    field: Literal[*CORRECTED.values]  # type: ignore[valid-type]
    number: Annotated[int | None, Field(ge=1, le=MOST_DOSES)] = None
    new_name: PersonName | None = None
    new_birth_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=2200)] = None
    vaccine: Code | None = None
    lot: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    given_on: Annotated[date | None, Field(strict=False)] = None
    evidence: Annotated[
        Annotated[str, StringConstraints(max_length=500)] | None, BeforeValidator(clean)
    ] = None


class Member(Registration):
    """A registration of a list that an organisation sends."""

    organisation: Words
    contact: Words


class Arrival(Given):
    """Who comes to a point: by exactly one of card, identity number and registration."""

    place: Place
    token: CardText | None = None
    identity: Identity = None
    registration: Annotated[UUID | None, Field(strict=False)] = None
    anyway: bool = False

    @model_validator(mode="after")
    def _one(self) -> Arrival:
        if sum(one is not None for one in (self.token, self.identity, self.registration)) != 1:
            raise ValueError("one of token, identity, registration")
        return self
