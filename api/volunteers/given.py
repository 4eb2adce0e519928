"""What is sent about volunteers, as models; faults are told by field, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import orjson
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from api.consultations.given import needed_phone, short
from api.sos.given import Given, broken, clean
from layers.layer import Text
from layers.volunteers.codes import CONSENT, MEANS, SKILL

YOUNGEST, OLDEST = 16, 90


def _year(value: int) -> int:
    year = datetime.now(UTC).year
    if not year - OLDEST <= value <= year - YOUNGEST:
        raise broken(
            Text(
                f"Người đăng ký từ {YOUNGEST} đến {OLDEST} tuổi.",
                f"Volunteers are {YOUNGEST} to {OLDEST} years old.",
            )
        )
    return value


def _agreed(value: bool) -> bool:
    if not value:
        raise broken(Text("Cần đồng ý để đăng ký.", "Consent is needed to register."))
    return value


def _ordered(values: list[int]) -> list[int]:
    return sorted(set(values))


class Offer(Given):
    """What somebody offers; sent whole each time it is corrected."""

    name: Annotated[short(120, 1), BeforeValidator(clean)]  # type: ignore[valid-type]
    phone: Annotated[short(40), AfterValidator(needed_phone)]  # type: ignore[valid-type]
    birth_year: Annotated[int, AfterValidator(_year)]
    commune_code: Annotated[str, StringConstraints(pattern=r"^[\w-]{1,16}$")]
    skills: Annotated[
        list[Literal[*SKILL.values]],  # type: ignore[valid-type]
        Field(max_length=len(SKILL.values), default_factory=list),
    ]
    means: Annotated[
        list[Literal[*MEANS.values]],  # type: ignore[valid-type]
        Field(max_length=len(MEANS.values), default_factory=list),
    ]
    days: Annotated[
        list[Annotated[int, Field(ge=1, le=7)]],
        Field(min_length=1, max_length=7, description="1 is Monday."),
        AfterValidator(_ordered),
    ]
    hour_from: Annotated[int, Field(ge=0, le=23)] = 0
    hour_to: Annotated[int, Field(ge=1, le=24)] = 24
    from_day: Annotated[date | None, Field(strict=False)] = None
    until_day: Annotated[date | None, Field(strict=False)] = None
    radius_km: Annotated[int | None, Field(ge=1, le=500)] = None
    licence: Annotated[short(80) | None, BeforeValidator(clean)] = None  # type: ignore[valid-type]
    note: Annotated[short(500) | None, BeforeValidator(clean)] = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.hour_from >= self.hour_to:
            raise broken(
                Text("Giờ: đến giờ phải sau từ giờ.", "Hours: the last must be after the first.")
            )
        if self.from_day and self.until_day and self.until_day < self.from_day:
            raise broken(
                Text("Ngày: đến ngày phải sau từ ngày.", "Days: the last must be after the first.")
            )
        return self

    def row(self) -> dict[str, Any]:
        """The columns of the register."""
        return {
            **{code: code in self.skills for code in SKILL.values},
            **{code: code in self.means for code in MEANS.values},
            "days": "".join(map(str, self.days)),
            "hour_from": self.hour_from,
            "hour_to": self.hour_to,
            "from_day": self.from_day,
            "until_day": self.until_day,
            "radius_km": self.radius_km,
            "licence": self.licence or None,
            "note": self.note or None,
        }

    def facts(self) -> dict[str, Any]:
        """What is kept of the person."""
        return self.model_dump(include={"name", "phone", "birth_year", "commune_code"})


class Registration(Offer):
    """Somebody registers. The same `id` and content again is the same registration."""

    id: Annotated[UUID, Field(strict=False, description="Made by the sender.")]
    consent: Annotated[bool, AfterValidator(_agreed)]

    def row(self) -> dict[str, Any]:
        """As of an offer, with what was agreed to."""
        return {**Offer.row(self), "id": self.id, "consent": CONSENT}

    def content(self) -> bytes:
        """A digest by which the same registration is told from another one."""
        whole = self.model_dump(mode="json", exclude={"id"})
        return sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).digest()


class Doing(Given):
    """What the one with the code does; nothing: only to see."""

    do: Literal["pause", "resume", "accept", "decline", "delete"] | None = None
    assignment: Annotated[UUID | None, Field(strict=False)] = None


class Assigning(Given):
    """Who gets a task."""

    volunteer: Annotated[UUID, Field(strict=False)]


class SosTask(Given):
    """How many volunteers an SOS wants, with which skill, for how long from now."""

    skill: Literal[*SKILL.values] | None = None  # type: ignore[valid-type]
    wanted: Annotated[int, Field(ge=1, le=100)] = 5
    hours: Annotated[int, Field(ge=1, le=72)] = 6
