"""What is sent about contact tracing, as models; faults are told by field, in both languages."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StringConstraints,
    model_validator,
)

from api.sos.given import Given, broken, clean, phone_of
from layers.layer import Text
from layers.persons import identity_number
from layers.tracing.codes import CONTACT_STATE

MOST_DAYS = 21
MOST_APART_MIN = 120
MOST_TOGETHER_MIN = 720
MOST_PAGE = 200


def _identity(value: str | None) -> str | None:
    found = identity_number(value) if value else None
    if value and found is None:
        raise broken(
            Text(
                "Phải là số căn cước (12 số), chứng minh nhân dân (9 số) hoặc hộ chiếu.",
                "Must be an identity number of 12 or 9 digits, or that of a passport.",
            )
        )
    return found


Line = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=80)], BeforeValidator(clean)
]
Reason = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=1000)], BeforeValidator(clean)
]
ContactState = Literal[*CONTACT_STATE.values]  # type: ignore[valid-type]


class Asking(Given):
    """A request for tracing: whom, why, and how far.

    `token`, `identity` or `phone` says who is sought. With `rule` `within`, two count who were at
    a place at most `minutes` apart; with `together`, who were there together for as long at least.
    """

    token: Annotated[str, StringConstraints(min_length=1, max_length=400)] | None = None
    identity: Annotated[
        Annotated[str, StringConstraints(max_length=40)] | None, AfterValidator(_identity)
    ] = None
    phone: Annotated[
        Annotated[str, StringConstraints(max_length=40)] | None, AfterValidator(phone_of)
    ] = None
    name: Annotated[
        Annotated[str, StringConstraints(max_length=120)] | None, BeforeValidator(clean)
    ] = None
    reason: Reason
    case_ref: Line
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]
    until: Annotated[AwareDatetime | None, Field(strict=False)] = None
    rule: Literal["within", "together"] = "within"
    minutes: Annotated[int, Field(ge=0, le=MOST_TOGETHER_MIN)] = 15
    orders: Literal[1, 2] = 1

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(bool(one) for one in (self.token, self.identity, self.phone)) != 1:
            raise broken(
                Text(
                    "Cần đúng một trong: mã QR, số căn cước, số điện thoại.",
                    "One of token, identity and phone is needed, and no more.",
                )
            )
        if self.rule == "within" and self.minutes > MOST_APART_MIN:
            raise broken(
                Text(
                    f"Cách nhau nhiều nhất {MOST_APART_MIN} phút.",
                    f"They may be {MOST_APART_MIN} minutes apart at most.",
                )
            )
        return self

    @property
    def least(self) -> timedelta:
        """What two must share; below zero, what may be between them."""
        return timedelta(minutes=self.minutes if self.rule == "together" else -self.minutes)


class Deciding(Given):
    """Whether a request is approved; why not."""

    approve: bool
    note: Annotated[
        Annotated[str, StringConstraints(max_length=1000)] | None, BeforeValidator(clean)
    ] = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if not self.approve and not self.note:
            raise broken(Text("Cần lý do khi từ chối.", "A refusal needs its reason."))
        return self


class Paging(Given):
    """Which contacts: of an order, in a state, after a place of the list."""

    degree: Literal[1, 2] = 1
    state: ContactState | None = None
    after: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_PAGE)] = 50


class Handed(Given):
    """Which of the contacts that were handed over."""

    state: ContactState | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_PAGE)] = 100


class Marking(Given):
    """What became of a contact."""

    state: ContactState
    note: Annotated[
        Annotated[str, StringConstraints(max_length=500)] | None, BeforeValidator(clean)
    ] = None


class Exporting(Given):
    """The form of the tracers' list."""

    format: Literal["xlsx", "csv"] = "xlsx"
