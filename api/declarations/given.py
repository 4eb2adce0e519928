"""What is sent about declarations, as models; faults are told by field, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from api.sos.given import Given, Reason, broken, clean, phone_of
from layers.declarations.codes import SYMPTOM
from layers.declarations.posting import Declared
from layers.layer import Text
from layers.persons import Person, identity_number

MOST_PLACES = 30
MOST_ELSEWHERE = 10
LONGEST_PLACE = 80
DAYS_BACK = 14
"""Days back to which places count, and to which a device may have kept a declaration."""
EARLIEST_YEAR = 1900

Sex = Literal["female", "male", "other"]
Who = Literal["self", "family", "other"]


def _year(value: int | None) -> int | None:
    if value is not None and value > datetime.now(UTC).year + 1:
        raise broken(Text("Không được ở tương lai.", "Must not be in the future."))
    return value


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


def _recent(value: datetime) -> datetime:
    if value < datetime.now(UTC) - timedelta(days=DAYS_BACK):
        raise broken(
            Text(
                f"Đã quá {DAYS_BACK} ngày; hãy kiểm tra đồng hồ của máy rồi khai lại.",
                f"Is more than {DAYS_BACK} days ago; check the clock and declare again.",
            )
        )
    return value


def _agreed(value: bool) -> bool:
    if not value:
        raise broken(Text("Cần đồng ý để khai báo.", "Consent is needed to declare."))
    return value


Commune = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,16}$")]
Place = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PLACE)],
    BeforeValidator(clean),
]


PersonName = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=120)], BeforeValidator(clean)
]
BirthYear = Annotated[int | None, Field(ge=EARLIEST_YEAR), AfterValidator(_year)]
Telephone = Annotated[
    Annotated[str, StringConstraints(max_length=40)] | None, AfterValidator(phone_of)
]
Identity = Annotated[
    Annotated[str, StringConstraints(max_length=40)] | None, AfterValidator(_identity)
]
Address = Annotated[
    Annotated[str, StringConstraints(max_length=300)] | None, BeforeValidator(clean)
]
CardText = Annotated[str, StringConstraints(max_length=400)]
Consent = Annotated[bool, AfterValidator(_agreed)]


class Declaration(Given):
    """A health declaration of one person."""

    id: Annotated[UUID, Field(strict=False, description="Made by the sender.")]
    who: Who
    name: PersonName
    birth_year: BirthYear = None
    sex: Sex | None = None
    phone: Telephone = None
    identity: Identity = None
    commune_code: Commune
    address: Address = None
    symptoms: Annotated[
        list[Literal[*SYMPTOM.values]],  # type: ignore[valid-type]
        Field(max_length=len(SYMPTOM.values)),
    ]
    contact: bool
    places: Annotated[list[Commune], Field(max_length=MOST_PLACES, default_factory=list)]
    elsewhere: Annotated[list[Place], Field(max_length=MOST_ELSEWHERE, default_factory=list)]
    made_at: Annotated[AwareDatetime, Field(strict=False), AfterValidator(_recent)]
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

    def declared(self, *, by_staff: bool) -> Declared:
        """What is declared of the person."""
        return Declared(
            self.id,
            "officer" if by_staff else self.who,
            self.commune_code,
            list(dict.fromkeys(self.symptoms)),
            self.contact,
            list(dict.fromkeys(self.places)),
            list(dict.fromkeys(self.elsewhere)),
            self.made_at,
        )

    def content(self) -> bytes:
        """A digest by which the same declaration is told from another one."""
        whole: dict[str, Any] = self.model_dump(mode="json", exclude={"id", "card"})
        return sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).digest()


class Closing(Given):
    """What came of a flag."""

    note: Reason


class Shown(Given):
    """A card as its QR says it."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=400)]
