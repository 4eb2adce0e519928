"""What is sent about consultations, as models; faults are told by field, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from api.sos.given import Given, broken, clean, phone_of
from layers.consultations.codes import CONDITION, SYMPTOM
from layers.consultations.triage import Facts
from layers.layer import Text

LONGEST_NOTE = 1000
DAYS_AHEAD = 7
"""Days from now within which somebody may ask to be called."""
DAYS_BACK = 90
"""Days for which complaints may have lasted."""


def _agreed(value: bool) -> bool:
    if not value:
        raise broken(Text("Cần đồng ý để được tư vấn.", "Consent is needed for a consultation."))
    return value


def needed_phone(value: str) -> str:
    """A telephone number's digits, of a field that must have one; a validator of a model."""
    found = phone_of(value)
    if found is None:
        raise broken(Text("Cần số điện thoại để gọi lại.", "A number to call is needed."))
    return found


def _soon(value: datetime | None) -> datetime | None:
    if value is not None and value > datetime.now(UTC) + timedelta(days=DAYS_AHEAD):
        raise broken(
            Text(
                f"Trong vòng {DAYS_AHEAD} ngày tới.", f"Must be within {DAYS_AHEAD} days from now."
            )
        )
    return value


def _lately(value: date | None) -> date | None:
    now = datetime.now(UTC).date()
    if value is not None and not now - timedelta(days=DAYS_BACK) <= value <= now + timedelta(1):
        raise broken(
            Text(
                f"Phải là một ngày trong {DAYS_BACK} ngày qua.",
                f"Must be a day of the last {DAYS_BACK} days.",
            )
        )
    return value


def short(most: int, least: int = 0) -> Any:
    """The type of a text of so many characters."""
    return Annotated[str, StringConstraints(min_length=least, max_length=most)]


class Consultation(Given):
    """A request to be called by a doctor. The same `id` and content again is the same request."""

    id: Annotated[UUID, Field(strict=False, description="Made by the sender.")]
    name: Annotated[short(120, 1), BeforeValidator(clean)]  # type: ignore[valid-type]
    phone: Annotated[short(40), AfterValidator(needed_phone)]  # type: ignore[valid-type]
    age: Annotated[int, Field(ge=0, le=130, description="Years.")]
    sex: Literal["female", "male", "other"] | None = None
    commune_code: Annotated[str, StringConstraints(pattern=r"^[\w-]{1,16}$")]
    address: Annotated[short(300) | None, BeforeValidator(clean)] = None  # type: ignore[valid-type]
    symptoms: Annotated[
        list[Literal[*SYMPTOM.values]],  # type: ignore[valid-type]
        Field(min_length=1, max_length=len(SYMPTOM.values)),
    ]
    spo2: Annotated[int | None, Field(ge=50, le=100, description="Saturation of oxygen, %.")] = None
    since: Annotated[date | None, Field(strict=False), AfterValidator(_lately)] = None
    pregnant: bool = False
    conditions: Annotated[
        list[Literal[*CONDITION.values]],  # type: ignore[valid-type]
        Field(max_length=len(CONDITION.values), default_factory=list),
    ]
    note: Annotated[short(LONGEST_NOTE) | None, BeforeValidator(clean)] = None  # type: ignore[valid-type]
    call_from: Annotated[
        AwareDatetime | None,
        Field(strict=False, description="Not to be called before; None: as soon as may be."),
        AfterValidator(_soon),
    ] = None
    consent: Annotated[bool, AfterValidator(_agreed)]

    def facts(self) -> Facts:
        """What decides the order."""
        return Facts(self.symptoms, self.age, self.spo2, self.pregnant, self.conditions)

    def content(self) -> bytes:
        """A digest by which the same request is told from another one."""
        whole = self.model_dump(mode="json", exclude={"id"})
        return sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).digest()


class Following(Given):
    """What the one with the code wants done; nothing: only to see."""

    do: Literal["cancel", "sos"] | None = None


class Result(Given):
    """What came of a call."""

    result: Literal[
        "not_reached",
        "give_back",
        "follow_up",
        "advice",
        "prescribed",
        "no_need",
        "facility",
        "sos",
    ]
    note: Annotated[short(2000) | None, BeforeValidator(clean)] = None  # type: ignore[valid-type]
    due_at: Annotated[AwareDatetime | None, Field(strict=False)] = None
    facility: Annotated[short(24) | None, BeforeValidator(clean)] = None  # type: ignore[valid-type]
