"""Arithmetic, in PostgreSQL's numeric, so that no row can make it fail.

Division and remainder by zero are null, and so is a power that has no real value or is beyond
about 1e300.
"""

from __future__ import annotations

from spatial.cql2.comparison import as_numeric
from spatial.cql2.errors import BadFilter
from spatial.cql2.types import NUMERIC, Operand, wanted
from spatial.sql import Sql, sql

OPERATORS = frozenset({"+", "-", "*", "/", "%", "div", "^"})

_MOST_DIGITS = 2_000
"""Longer results are refused: they could take seconds a row."""

_POWER = """(SELECT CASE
 WHEN e = 0 THEN CASE WHEN b IS NOT NULL THEN 1 END
 WHEN b = 0 THEN CASE WHEN e > 0 THEN 0 END
 WHEN abs(b) < 1e-100 OR abs(b) > 1e100 OR abs(e) < 1e-100 OR abs(e) > 1e6 THEN NULL
 WHEN b < 0 AND e <> trunc(e) THEN NULL
 WHEN abs(e::float8 * ln(abs(b::float8))) > 690 THEN NULL
 ELSE power(b::float8, e::float8)::numeric END
 FROM (VALUES ({}, {})) AS v(b, e))"""


def arithmetic(op: str, left: Operand, right: Operand) -> Operand:
    """`left op right`, a number.

    Raises:
        BadFilter: an operand is no number, or the result could have too many digits.
    """
    for operand in (left, right):
        if operand.type not in NUMERIC:
            raise wanted("number", operand, op)
    left, right = as_numeric(left), as_numeric(right)
    digits = _digits(op, left.digits, right.digits)
    if sum(digits) > _MOST_DIGITS:
        raise BadFilter(
            "The filter's arithmetic could give numbers that are too large.",
            "Phép tính trong bộ lọc có thể cho ra số quá lớn.",
        )
    return Operand(_sql(op, left.sql, right.sql), "decimal", f"({op})", None, digits)


def _sql(op: str, left: Sql, right: Sql) -> Sql:
    if op == "^":
        return sql(_POWER, left, right)
    if op == "div":
        return sql("div({}, NULLIF({}, 0))", left, right)
    if op in ("/", "%"):
        return sql(f"({{}} {op} NULLIF({{}}, 0))", left, right)
    return sql(f"({{}} {op} {{}})", left, right)


def _digits(op: str, left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    """The most digits before and after the point that a result can have."""
    if op in ("+", "-"):
        return max(left[0], right[0]) + 1, max(left[1], right[1])
    if op == "*":
        return left[0] + right[0], left[1] + right[1]
    if op == "%":
        return min(left[0], right[0]), max(left[1], right[1])
    if op == "div":
        return left[0] + right[1], 0
    if op == "/":
        return left[0] + right[1], min(left[1] + right[0] + 20, 1_000)
    return 301, 320
