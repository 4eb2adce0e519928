"""The values of a filter expression: what a layer offers, and what a piece of a filter is."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from uuid import UUID

from spatial.cql2.errors import BadFilter, shown
from spatial.crs import Crs
from spatial.sql import Sql

QueryableType = Literal[
    "string", "integer", "number", "boolean", "date", "timestamp", "uuid", "geometry"
]
OperandType = Literal[
    "string", "integer", "number", "decimal", "boolean", "date", "timestamp", "uuid", "geometry"
]
"""`decimal` is the result of arithmetic: PostgreSQL's numeric."""

Expression: TypeAlias = dict[str, Any] | bool
"""A filter in CQL2 JSON."""

Scalar: TypeAlias = str | int | float | Decimal | bool | date | datetime | UUID

NUMERIC = frozenset({"integer", "number", "decimal"})
TEMPORAL = frozenset({"date", "timestamp"})

_NAMES = {
    "string": ("text", "chuỗi ký tự"),
    "integer": ("an integer", "số nguyên"),
    "number": ("a number", "số"),
    "decimal": ("a number", "số"),
    "boolean": ("true or false", "giá trị đúng/sai"),
    "date": ("a date", "ngày"),
    "timestamp": ("a time", "thời điểm"),
    "uuid": ("a UUID", "mã UUID"),
    "geometry": ("a geometry", "hình học"),
}


@dataclass(frozen=True, slots=True)
class Queryable:
    """A property that filters may name.

    Attributes:
        sql: the column (or expression) it stands for.
        srid: the SRID of a geometry.
        geometry_type: what a geometry's rows are, e.g. `Point`; `Geometry` if they vary.
        valid: every geometry is known to be valid (a table constraint says so); points always are.
            Without it, rows whose geometry is invalid are tested for it, and match nothing.
    """

    name: str
    sql: Sql
    type: QueryableType
    srid: int = 4326
    geometry_type: str = "Geometry"
    valid: bool = False


@dataclass(frozen=True, slots=True)
class Operand:
    """A scalar piece of a filter, compiled.

    Attributes:
        value: the value of a literal; None for anything else.
        label: how an error names it.
        digits: for numbers, the most digits there may be before and after the decimal point.
    """

    sql: Sql
    type: OperandType
    label: str
    value: Scalar | None = None
    digits: tuple[int, int] = (19, 0)


@dataclass(frozen=True, slots=True)
class Context:
    """What a filter is compiled against."""

    queryables: Mapping[str, Queryable]
    filter_crs: Crs

    def queryable(self, name: object) -> Queryable:
        """The queryable of that name.

        Raises:
            BadFilter: there is none; the sentence lists near names, or all of them.
        """
        found = self.queryables.get(name) if isinstance(name, str) else None
        if found is not None:
            return found
        near = difflib.get_close_matches(str(name), self.queryables, n=3, cutoff=0.6)
        listed = near or sorted(self.queryables)[:20]
        names = ", ".join(listed)
        raise BadFilter(
            f"There is no property '{shown(name)}'; "
            + (f"did you mean {names}?" if near else f"there are: {names}."),
            f"Không có thuộc tính '{shown(name)}'; "
            + (f"có phải ý bạn là {names}?" if near else f"các thuộc tính là: {names}."),
        )


def type_name(kind: str, language: str = "en") -> str:
    """What people call a type."""
    en, vi = _NAMES[kind]
    return vi if language == "vi" else en


def mismatch(left: Operand, right: Operand) -> BadFilter:
    """The refusal of two operands that cannot be compared."""
    return BadFilter(
        f"{left.label} is {type_name(left.type)} and {right.label} is {type_name(right.type)}: "
        "they cannot be compared.",
        f"{left.label} là {type_name(left.type, 'vi')} còn {right.label} là "
        f"{type_name(right.type, 'vi')}: không so sánh được với nhau.",
    )


def wanted(kind: str, operand: Operand, where: str) -> BadFilter:
    """The refusal of an operand of the wrong type in an operator."""
    return BadFilter(
        f"{where} works on {type_name(kind)}, and {operand.label} is {type_name(operand.type)}.",
        f"{where} chỉ dùng cho {type_name(kind, 'vi')}, còn {operand.label} là "
        f"{type_name(operand.type, 'vi')}.",
    )


def arguments(op: str, args: object, count: int) -> list[Any]:
    """The arguments of an operator, of which there must be `count`.

    Raises:
        BadFilter: they are not a list of so many.
    """
    if not isinstance(args, list) or len(args) != count:
        given = len(args) if isinstance(args, list) else 0
        raise BadFilter(
            f"{shown(op)} takes {count} arguments, not {given}.",
            f"{shown(op)} cần {count} đối số, không phải {given}.",
        )
    return args
