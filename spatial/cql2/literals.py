"""Literals of a filter: CQL2 JSON values to typed, bound values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from spatial.cql2.errors import BadFilter, shown
from spatial.cql2.types import Operand, OperandType, Scalar, mismatch, type_name
from spatial.sql import bind, raw
from spatial.temporal import BadDatetime, parse_date, parse_timestamp

INT8 = range(-(2**63), 2**63)

_BOUND_AS = {
    "string": "text",
    "integer": "int8",
    "number": "float8",
    "decimal": "numeric",
    "boolean": "bool",
    "date": "date",
    "timestamp": "timestamptz",
    "uuid": "uuid",
}


def literal(value: Scalar, kind: OperandType) -> Operand:
    """A value bound as a type."""
    label = f"'{shown(value)}'" if kind in ("string", "uuid") else shown(value)
    return Operand(bind(value, _BOUND_AS[kind]), kind, label, value)


def scalar(node: Any) -> Operand:
    """The literal of a JSON scalar, or of a `date` or `timestamp` object.

    Raises:
        BadFilter: null, an invalid date, or not a scalar.
    """
    if isinstance(node, bool):
        return Operand(raw("TRUE" if node else "FALSE"), "boolean", str(node).lower(), node)
    if isinstance(node, str):
        return literal(node, "string")
    if isinstance(node, int):
        if node in INT8:
            return literal(node, "integer")
        return literal(float(node), "number")
    if isinstance(node, float):
        if node.is_integer() and int(node) in INT8:
            return literal(int(node), "integer")
        return literal(node, "number")
    if isinstance(node, dict) and len(node) == 1:
        for kind in ("date", "timestamp"):
            text = node.get(kind)
            if isinstance(text, str):
                return temporal(text, kind)
    if node is None:
        raise BadFilter(
            "Nothing equals NULL; use IS NULL.", "Không có gì bằng NULL; hãy dùng IS NULL."
        )
    raise BadFilter(
        f"A single value is wanted where the filter has {_kind_of(node)}.",
        f"Cần một giá trị đơn ở chỗ bộ lọc có {_kind_of(node, 'vi')}.",
    )


def temporal(text: str, kind: str) -> Operand:
    """The date or timestamp of an RFC 3339 text.

    Raises:
        BadFilter: it is not one.
    """
    try:
        if kind == "date":
            return literal(parse_date(text), "date")
        return literal(parse_timestamp(text), "timestamp")
    except BadDatetime as error:
        raise BadFilter(error.en, error.vi) from None


def coerced(text: Operand, other: Operand) -> Operand:
    """A text literal compared with a date, time or UUID, read as one.

    Raises:
        BadFilter: it does not read as one.
    """
    value = str(text.value)
    if other.type == "uuid":
        try:
            return literal(UUID(value), "uuid")
        except ValueError:
            raise BadFilter(
                f"{other.label} is a UUID, and {text.label} is not.",
                f"{other.label} là mã UUID, còn {text.label} thì không phải.",
            ) from None
    if other.type in ("date", "timestamp"):
        return temporal(value, "date" if len(value) <= 10 else "timestamp")
    raise mismatch(other, text)


def as_decimal(value: Scalar) -> Decimal:
    """A number's shortest decimal form."""
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))


def in_int8(operand: Operand, column: Operand) -> Operand:
    """An integral literal compared with an integer, refused if no integer can be so large.

    Raises:
        BadFilter: it is beyond 64 bits.
    """
    value = operand.value
    if isinstance(value, float) and value.is_integer():
        raise BadFilter(
            f"{value:.0f} is beyond the 64-bit integers that {column.label} can hold.",
            f"{value:.0f} vượt quá số nguyên 64 bit mà {column.label} có thể chứa.",
        )
    return operand


def _kind_of(node: Any, language: str = "en") -> str:
    if isinstance(node, list):
        return "danh sách" if language == "vi" else "a list"
    if isinstance(node, dict):
        if "type" in node or "bbox" in node:
            return type_name("geometry", language)
        if "interval" in node:
            return "khoảng thời gian" if language == "vi" else "an interval of time"
        return "đối tượng" if language == "vi" else "an object"
    return shown(node)
