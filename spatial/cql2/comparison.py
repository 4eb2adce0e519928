"""Comparisons of two typed operands, so that PostgreSQL never meets types it cannot compare."""

from __future__ import annotations

from datetime import date, timedelta

from spatial.cql2.errors import BadFilter
from spatial.cql2.literals import as_decimal, coerced, in_int8
from spatial.cql2.types import NUMERIC, TEMPORAL, Operand, mismatch
from spatial.sql import Sql, bind, raw, sql
from spatial.temporal import day_start

OPERATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compare(op: str, left: Operand, right: Operand) -> Sql:
    """`left op right`.

    A date and a time are compared by days: the time is taken as its day in UTC.

    Raises:
        BadFilter: the two types cannot be compared.
    """
    if left.value is not None and right.value is None:
        op, left, right = _FLIPPED[op], right, left
    left, right = _aligned(left, right)
    kinds = {left.type, right.type}
    if kinds == TEMPORAL:
        return _by_day(op, left, right)
    if kinds <= NUMERIC:
        left, right = _numbers(left, right)
    elif len(kinds) != 1 or "geometry" in kinds:
        raise mismatch(left, right)
    return sql(f"({{}} {op} {{}})", left.sql, right.sql)


def _aligned(left: Operand, right: Operand) -> tuple[Operand, Operand]:
    """Text literals read as what they are compared with; a UUID beside other text as text."""
    if left.type == right.type:
        return left, right
    if right.type == "string" and left.type in TEMPORAL | {"uuid"}:
        if right.value is not None:
            return left, coerced(right, left)
        if left.type == "uuid":
            return as_text(left), right
    if left.type == "string" and right.type in TEMPORAL | {"uuid"}:
        flipped = _aligned(right, left)
        return flipped[1], flipped[0]
    return left, right


def as_text(operand: Operand) -> Operand:
    """A UUID as text; text as it is."""
    if operand.type != "uuid":
        return operand
    return Operand(sql("{}::text", operand.sql), "string", operand.label)


def _numbers(left: Operand, right: Operand) -> tuple[Operand, Operand]:
    if "decimal" in (left.type, right.type):
        return as_numeric(left), as_numeric(right)
    if left.type == "integer" and left.value is None:
        right = in_int8(right, left)
    if left.type == "number" and isinstance(right.value, int):
        right = Operand(
            bind(float(right.value), "float8"), "number", right.label, float(right.value)
        )
    return left, right


def as_numeric(operand: Operand) -> Operand:
    """A number as PostgreSQL's numeric, which neither overflows nor underflows."""
    if operand.type == "decimal":
        return operand
    if operand.value is not None:
        value = as_decimal(operand.value)
        exponent = int(value.as_tuple().exponent)
        digits = (max(value.adjusted() + 1, 1), max(-exponent, 0))
        return Operand(bind(value, "numeric"), "decimal", operand.label, operand.value, digits)
    digits = (19, 0) if operand.type == "integer" else (309, 340)
    return Operand(sql("{}::numeric", operand.sql), "decimal", operand.label, None, digits)


def _by_day(op: str, left: Operand, right: Operand) -> Sql:
    """A date with a time. Against a date that is a literal, an index on the time still serves."""
    if left.type == "date":
        op, left, right = _FLIPPED[op], right, left
    moment, day = left.sql, right.value
    if not isinstance(day, date):
        return sql(f"(({{}} AT TIME ZONE 'UTC')::date {op} {{}})", moment, right.sql)
    start = bind(day_start(day), "timestamptz")
    try:
        following = bind(day_start(day + timedelta(days=1)), "timestamptz")
    except OverflowError:
        following = raw("'infinity'::timestamptz")
    tests = {
        "=": lambda: sql("({} >= {} AND {} < {})", moment, start, moment, following),
        "<>": lambda: sql("({} < {} OR {} >= {})", moment, start, moment, following),
        "<": lambda: sql("({} < {})", moment, start),
        "<=": lambda: sql("({} < {})", moment, following),
        ">": lambda: sql("({} >= {})", moment, following),
        ">=": lambda: sql("({} >= {})", moment, start),
    }
    return tests[op]()


def ordered(value: Operand, low: Operand, high: Operand) -> Sql:
    """`value BETWEEN low AND high`.

    Raises:
        BadFilter: the types cannot be compared, or have no order.
    """
    if value.type == "boolean":
        raise BadFilter(
            f"BETWEEN needs values that have an order, and {value.label} is true or false.",
            f"BETWEEN cần giá trị có thứ tự, còn {value.label} là giá trị đúng/sai.",
        )
    return sql("({} AND {})", compare(">=", value, low), compare("<=", value, high))
