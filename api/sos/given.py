"""What staff send: pydantic models, read with all faults by field, in both languages."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from api.problems import Problem
from api.sos.bodies import read_json
from api.sos.fields import phone_number, unprocessable
from layers.layer import Text
from layers.rescue.requests import PRIORITY, STATE
from layers.rescue.teams import STATE as TEAM_STATE

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LONGEST_NOTE = 4000
"""Characters of a note or a reason at most."""
MOST_MEMBERS = 200
MOST_LISTED = 100
"""Entries of a list that is answered, at most."""
DEFAULT_LISTED = 20

_RULES = {
    "missing": Text("Cần có trường này.", "This field is needed."),
    "extra_forbidden": Text("Không có trường này ở đây.", "There is no such field here."),
    "string_type": Text("Phải là văn bản.", "Must be a text."),
    "string_too_short": Text("Không được để trống.", "Must not be empty."),
    "string_too_long": Text("Nhiều nhất {max_length} ký tự.", "{max_length} characters at most."),
    "string_pattern_mismatch": Text("Không đúng dạng.", "Is not of the right form."),
    "literal_error": Text("Phải là một trong: {expected}.", "Must be one of: {expected}."),
    "int_type": Text("Phải là số nguyên.", "Must be a whole number."),
    "float_type": Text("Phải là số.", "Must be a number."),
    "finite_number": Text("Phải là số hữu hạn.", "Must be a finite number."),
    "bool_type": Text("Phải là true hoặc false.", "Must be true or false."),
    "list_type": Text("Phải là danh sách.", "Must be a list."),
    "too_long": Text("Nhiều nhất {max_length} mục.", "{max_length} entries at most."),
    "greater_than_equal": Text("Ít nhất là {ge}.", "Must be {ge} or more."),
    "less_than_equal": Text("Nhiều nhất là {le}.", "Must be {le} or less."),
    "uuid_parsing": Text("Phải là một UUID.", "Must be a UUID."),
    "uuid_type": Text("Phải là một UUID.", "Must be a UUID."),
    "timezone_aware": Text("Cần có múi giờ.", "Needs a time zone."),
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing"),
        Text("Phải là thời điểm theo RFC 3339.", "Must be an instant of RFC 3339."),
    ),
    "phone": Text(
        "Phải là số điện thoại từ 3 đến 15 chữ số.", "Must be a telephone number of 3 to 15 digits."
    ),
}
_OTHER = Text("Giá trị không hợp lệ.", "The value is not valid.")
_BROKEN = "rule"


def broken(rule: Text) -> PydanticCustomError:
    """What a model's validator raises for a rule of its own."""
    return PydanticCustomError(_BROKEN, "{en}", {"vi": rule.vi, "en": rule.en})


def clean(value: Any) -> Any:
    """A text without control characters and spaces around it; anything else as it is."""
    return _CONTROL.sub("", value).strip() if isinstance(value, str) else value


def phone_of(value: str | None) -> str | None:
    """A telephone number's digits; a validator of a model."""
    if not value:
        return None
    found = phone_number(value)
    if found is None:
        raise ValueError("phone")
    return found


Note = Annotated[
    Annotated[str, StringConstraints(max_length=LONGEST_NOTE)] | None, BeforeValidator(clean)
]
Reason = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NOTE)], BeforeValidator(clean)
]
Name = Annotated[Annotated[str, StringConstraints(max_length=120)] | None, BeforeValidator(clean)]
Named = Annotated[str, BeforeValidator(clean), StringConstraints(min_length=1, max_length=40)]
Team = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Given(BaseModel):
    """A body: no field but its own, no value turned into another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Noted(Given):
    """A note that may be left out."""

    note: Note = None


class Reported(Noted):
    """What may be sent again with the same `id`, made by the sender, and is then taken once."""

    id: Annotated[UUID, Field(strict=False)] | None = None


class Step(Reported):
    """The next state of a request."""

    state: Literal[*STATE.values]  # type: ignore[valid-type]


class Priority(Given):
    """Another priority, and why."""

    priority: Literal[*PRIORITY.values]  # type: ignore[valid-type]
    reason: Reason


class Said(Given):
    """A note for the timeline."""

    note: Reason


class Assignment(Noted):
    """The team that gets a request; with `also`, one that has a task already."""

    team: Team
    also: bool = False


class Merge(Noted):
    """Which request the one of the address is a duplicate of: its id or code."""

    into: Named


class Decision(Noted):
    """What becomes of a post that waits."""

    decision: Literal["release", "reject"]


class Spot(Given):
    """A place in degrees (EPSG:4326)."""

    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class Position(Spot):
    """Where a team is, and within how many metres."""

    accuracy_m: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] | None = None


class TeamState(Given):
    """Whether a team can be sent."""

    state: Literal[*TEAM_STATE.values]  # type: ignore[valid-type]


class TeamPeople(Given):
    """Who leads a team, how to reach it, and the logins of who belongs to it."""

    leader: Name = None
    phone: Annotated[
        Annotated[str, StringConstraints(max_length=40)] | None, AfterValidator(phone_of)
    ] = None
    members: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=64)]],
        Field(max_length=MOST_MEMBERS),
    ]


Body = TypeVar("Body", bound=Given)


async def read(request: Request, model: type[Body]) -> Body:
    """The body of a request as a model; none at all is as good as `{}`.

    Raises:
        Problem: 400, 413 or 415 as `read_json`; 422 with every fault by field in `errors`.
    """
    given = await read_json(request, may_be_empty=True)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise unprocessable(faults_of(error)) from None


def faults_of(error: ValidationError) -> list[dict[str, str]]:
    """What is wrong with what was given, by field, in both languages."""
    return [fault(dict(one)) for one in error.errors()]


def fault(error: dict[str, Any]) -> dict[str, str]:
    """What pydantic found wrong, in both languages: `field`, `vi` and `en`."""
    kind = error["type"]
    context = error.get("ctx", {})
    if kind == "value_error":
        kind = str(context.get("error"))
    rule = _RULES.get(kind, _OTHER)
    if kind == _BROKEN:
        rule = Text(context["vi"], context["en"])
    place = ".".join(str(part) for part in error["loc"] if not str(part).startswith("function-"))
    return {
        "field": place or "body",
        "vi": rule.vi.format_map(context),
        "en": rule.en.format_map(context),
    }


def limit(request: Request) -> int:
    """The query parameter `limit`, the only one there is.

    Raises:
        Problem: 400, it is no whole number from 1, or there is another parameter.
    """
    other = next((name for name in request.query_params if name != "limit"), None)
    if other is not None:
        raise Problem(400, f"There is no parameter {other[:40]!r} here; there is limit.")
    text = request.query_params.get("limit", str(DEFAULT_LISTED))
    if not re.fullmatch(r"[1-9]\d{0,5}", text, re.ASCII):
        raise Problem(400, f"limit: {text[:40]!r} must be a whole number from 1 to {MOST_LISTED}.")
    return min(int(text), MOST_LISTED)
