"""Which rows of a register are asked for, from the query parameters."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from api.ogc import parameters
from api.ogc.operations import Parameter
from layers.layer import json_type, sql_type
from layers.registers.queries import Listing, filter_columns
from layers.registers.record import Register
from spatial.errors import BadInput

MOST = 200
"""Rows of a page."""
DEFAULT = 50
_WORDS = 8
_FLAGS = {"true": True, "false": False}


@lru_cache(maxsize=64)
def filters(register: Register) -> Mapping[str, Parameter]:
    """The parameters that choose rows, of a list and of an export."""
    sortable = [column.name for column in register.told]
    return parameters.indexed(
        *(_filter(register, name) for name in filter_columns(register)),
        Parameter("kind", "The kind of place.", {"type": "string"}, parameters.no_nul(_kind)),
        Parameter(
            "sort",
            "A column; with `-` before it, the last first.",
            {"type": "string"},
            parameters.one_of([sign + name for name in sortable for sign in ("", "-")]),
        ),
    )


@lru_cache(maxsize=64)
def paged(register: Register) -> Mapping[str, Parameter]:
    """The parameters of a list."""
    own = parameters.indexed(
        Parameter(
            "limit",
            "Rows at most.",
            {"type": "integer"},
            lambda text: parameters.whole(text, 1, MOST),
        ),
        Parameter("after", "Where the page before ended.", {"type": "string"}, _after),
    )
    return {**filters(register), **own}


@lru_cache(maxsize=64)
def searched(register: Register) -> Mapping[str, Parameter]:
    """The members of a search, which is sent in a body: names of people are in no address."""
    words = Parameter("q", "Words to look for.", {"type": "string"}, parameters.no_nul(_words))
    return {**paged(register), "q": words}


def listing(register: Register, values: Mapping[str, Any]) -> Listing:
    """The rows that parsed parameters ask for.

    Raises:
        BadInput: `after` belongs to another order.
    """
    sign = "-" if register.last_first else ""
    sort = values.get("sort", f"{sign}{register.sort}")
    name = sort.removeprefix("-")
    after = values.get("after")
    if after is not None and after[0] is not None:
        _check(sql_type(register, name), after[0])
    return Listing(
        register,
        equal={one: values[one] for one in filter_columns(register) if one in values},
        kind=values.get("kind"),
        words=values.get("q", ()),
        sort=name,
        descending=sort.startswith("-"),
        after=after,
        limit=values.get("limit", DEFAULT),
    )


def cursor(after: tuple[str | None, str]) -> str:
    """Where the next page begins, for `after`."""
    return base64.urlsafe_b64encode(orjson.dumps(after)).decode().rstrip("=")


def _after(text: str) -> tuple[str | None, str]:
    rule = BadInput("must be `next` of a page before", "phải là `next` của trang trước")
    if len(text) > 2000:
        raise rule
    try:
        value, identifier = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        UUID(identifier)
    except (ValueError, TypeError, AttributeError):
        raise rule from None
    if not (value is None or isinstance(value, str)) or "\x00" in (value or ""):
        raise rule
    return value, identifier


_CHECKS: Mapping[str, Callable[[str], object]] = {
    "int8": int,
    "float8": float,
    "date": date.fromisoformat,
    "timestamptz": datetime.fromisoformat,
    "bool": lambda text: _FLAGS[text],
    "uuid": UUID,
}


def _check(kind: str, text: str) -> None:
    try:
        _CHECKS.get(kind, str)(text)
    except (ValueError, KeyError):
        raise BadInput("is of a page in another order", "là của một trang sắp xếp khác") from None


def _filter(register: Register, name: str) -> Parameter:
    is_flag = json_type(register, name)[0] == "boolean"
    column = register.column(name)

    def parse(text: str) -> list[Any]:
        found = text.split(",")
        if len(found) > 100:
            raise BadInput("names more than 100 values", "có hơn 100 giá trị")
        if is_flag:
            if text not in _FLAGS:
                raise BadInput("must be true or false", "phải là true hoặc false")
            return [_FLAGS[text]]
        known = column.codes.values if column.codes else None
        for value in found:
            if known is not None and value not in known:
                raise BadInput(
                    f"must be one of {', '.join(known)}", f"phải là một trong {', '.join(known)}"
                )
        return list(found)

    return Parameter(name, column.title.en, {"type": "string"}, parameters.no_nul(parse))


def _kind(text: str) -> str:
    if not text or len(text) > 60:
        raise BadInput("must be a kind of place", "phải là một loại nơi")
    return text


def _words(text: str) -> tuple[str, ...]:
    words = text.split()
    if len(text) > 200 or len(words) > _WORDS:
        raise BadInput("holds too many words", "có quá nhiều từ")
    return tuple(words)
