"""What a filter in CQL2 JSON means, worked out in Python and shapely, without SQL.

Each function gives None for what SQL calls unknown. Where rounding decides, `Unsure` is raised.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from tests.db.cql2_database import Row

_GEOD = pyproj.Geod(ellps="WGS84")
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


class Unsure(Exception):
    """The answer hangs on how a division or a distance is rounded."""


@dataclass(frozen=True)
class Number:
    """A number, and whether it is exact."""

    value: Fraction
    exact: bool = True


def evaluate(node: Any, row: Row) -> bool | None:
    """Whether a row matches: True, False or unknown."""
    if isinstance(node, bool):
        return node
    if "property" in node:
        found = getattr(row, node["property"])
        assert found is None or isinstance(found, bool)
        return found
    op, args = node["op"], node["args"]
    if op in ("and", "or"):
        return _joined(op, [evaluate(arg, row) for arg in args])
    if op == "not":
        inner = evaluate(args[0], row)
        return None if inner is None else not inner
    if op == "isNull":
        return _value(args[0], row) is None
    if op == "like":
        return _like(_value(args[0], row), args[1])
    if op == "between":
        value, low, high = (_value(arg, row) for arg in args)
        return _joined("and", [_compare(">=", value, low), _compare("<=", value, high)])
    if op == "in":
        value = _value(args[0], row)
        return _joined("or", [_compare("=", value, _value(one, row)) for one in args[1]])
    if op.startswith("s_"):
        return _spatial(op, args, row)
    if op.startswith("t_"):
        return _temporal(op, _ends(args[0], row), _ends(args[1], row))
    return _compare(op, _value(args[0], row), _value(args[1], row))


def _joined(op: str, answers: list[bool | None]) -> bool | None:
    decisive = op == "or"
    if decisive in answers:
        return decisive
    return None if None in answers else not decisive


def _value(node: Any, row: Row) -> Any:
    if isinstance(node, bool | str):
        return node
    if isinstance(node, int | float):
        return Number(Fraction(str(node)))
    if "property" in node:
        found = getattr(row, node["property"])
        if isinstance(found, int | float) and not isinstance(found, bool):
            return Number(Fraction(format(found, ".15g")))  # as numeric takes a float8
        return found
    if "date" in node:
        return date.fromisoformat(node["date"])
    if "timestamp" in node:
        return datetime.fromisoformat(node["timestamp"])
    op, args = node["op"], node["args"]
    if op in ("casei", "accenti"):
        text = _value(args[0], row)
        return None if text is None else _fold(op, text)
    if op in ("+", "-", "*", "/", "%", "div", "^"):
        return _arithmetic(op, _value(args[0], row), _value(args[1], row))
    return evaluate(node, row)


def _fold(op: str, text: str) -> str:
    if op == "casei":
        return text.lower()
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _arithmetic(op: str, left: Number | None, right: Number | None) -> Number | None:
    if left is None or right is None:
        return None
    a, b, exact = left.value, right.value, left.exact and right.exact
    if op in ("/", "%", "div") and b == 0:
        if not right.exact:
            raise Unsure
        return None
    if op in ("%", "div"):
        if not exact:
            raise Unsure
        quotient = Fraction(int(a / b))
        return Number(quotient if op == "div" else a - b * quotient)
    if op == "^":
        return _power(left, right)
    results: dict[str, Callable[[], Fraction]] = {
        "+": lambda: a + b,
        "-": lambda: a - b,
        "*": lambda: a * b,
        "/": lambda: a / b,
    }
    return Number(results[op](), exact and op != "/")


def _power(base: Number, exponent: Number) -> Number | None:
    b, e = base.value, exponent.value
    if not (base.exact and exponent.exact):
        raise Unsure
    if e == 0:
        return Number(Fraction(1))
    if b == 0:
        return Number(Fraction(0)) if e > 0 else None
    if e.denominator != 1 or abs(e) > 50 or not Fraction(1, 1000) < abs(b) < 1000:
        raise Unsure
    return Number(b ** int(e), exact=False)


def _compare(op: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(left, Number) and isinstance(right, Number):
        a, b = left.value, right.value
        if not (left.exact and right.exact) and abs(a - b) <= abs(a) / 10**9 + Fraction(1, 10**12):
            raise Unsure
        left, right = a, b
    elif isinstance(left, UUID) or isinstance(right, UUID):
        left, right = str(left), str(right)
    elif isinstance(left, datetime) and not isinstance(right, datetime):
        left = left.astimezone(UTC).date()
    elif isinstance(right, datetime) and not isinstance(left, datetime):
        right = right.astimezone(UTC).date()
    answers: dict[str, Callable[[], bool]] = {
        "=": lambda: left == right,
        "<>": lambda: left != right,
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
    }
    answer: bool = answers[op]()
    return answer


def _like(text: Any, pattern: Any) -> bool | None:
    if text is None:
        return None
    folds = []
    while not isinstance(pattern, str):
        folds.append(pattern["op"])
        pattern = pattern["args"][0]
    for op in reversed(folds):
        pattern = _fold(op, pattern)
    wildcards = {"%": ".*", "_": "."}
    pieces = re.findall(r"\\.|.", pattern, re.DOTALL)
    expression = "".join(wildcards.get(piece) or re.escape(piece[-1]) for piece in pieces)
    return re.fullmatch(expression, str(text), re.DOTALL) is not None


def _shape(node: Any, row: Row) -> BaseGeometry | None:
    if "property" in node:
        found = getattr(row, node["property"])
        assert found is None or isinstance(found, BaseGeometry)
        return found
    if "bbox" in node:
        west, south, east, north = node["bbox"]
        if west == east and south == north:
            node = {"type": "Point", "coordinates": [west, south]}
        elif west == east or south == north:
            node = {"type": "LineString", "coordinates": [[west, south], [east, north]]}
        else:
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            node = {"type": "Polygon", "coordinates": [ring]}
    shape: BaseGeometry = shapely.geometry.shape(node)
    return shape


def _spatial(op: str, args: list[Any], row: Row) -> bool | None:
    left, right = _shape(args[0], row), _shape(args[1], row)
    if left is None or right is None:
        return None
    if op in ("s_dwithin", "s_beyond"):
        assert isinstance(left, shapely.Point)
        assert isinstance(right, shapely.Point)
        metres: float = _GEOD.inv(left.x, left.y, right.x, right.y)[2]
        if abs(metres - args[2]) < 0.01:
            raise Unsure
        is_near: bool = metres <= args[2]
        return is_near == (op == "s_dwithin")
    return bool(getattr(left, op.removeprefix("s_"))(right))


def _ends(node: Any, row: Row) -> tuple[Any, Any]:
    if isinstance(node, dict) and "interval" in node:
        start, end = node["interval"]
        return (
            _FIRST if start == ".." else _instant(start, row),
            _LAST if end == ".." else _instant(end, row),
        )
    instant = _instant(node, row)
    return instant, instant


def _instant(node: Any, row: Row) -> Any:
    if isinstance(node, str):
        return datetime.fromisoformat(node) if "T" in node else date.fromisoformat(node)
    return _value(node, row)


def _temporal(op: str, a: tuple[Any, Any], b: tuple[Any, Any]) -> bool | None:
    """The relations of Allen's interval algebra, as CQL2 names them."""
    starts, ends = _order(a[0], b[0]), _order(a[1], b[1])
    start_to_end, end_to_start = _order(a[0], b[1]), _order(a[1], b[0])
    relations: dict[str, list[tuple[int | None, tuple[int, ...]]]] = {
        "t_after": [(start_to_end, (1,))],
        "t_before": [(end_to_start, (-1,))],
        "t_contains": [(starts, (-1,)), (ends, (1,))],
        "t_during": [(starts, (1,)), (ends, (-1,))],
        "t_equals": [(starts, (0,)), (ends, (0,))],
        "t_finishedby": [(starts, (-1,)), (ends, (0,))],
        "t_finishes": [(starts, (1,)), (ends, (0,))],
        "t_meets": [(end_to_start, (0,))],
        "t_metby": [(start_to_end, (0,))],
        "t_overlappedby": [(starts, (1,)), (start_to_end, (-1,)), (ends, (1,))],
        "t_overlaps": [(starts, (-1,)), (end_to_start, (1,)), (ends, (-1,))],
        "t_startedby": [(starts, (0,)), (ends, (1,))],
        "t_starts": [(starts, (0,)), (ends, (-1,))],
        "t_intersects": [(start_to_end, (-1, 0)), (end_to_start, (0, 1))],
    }
    if op == "t_disjoint":
        inner = _temporal("t_intersects", a, b)
        return None if inner is None else not inner
    return _joined(
        "and", [None if sign is None else sign in wanted for sign, wanted in relations[op]]
    )


def _order(left: Any, right: Any) -> int | None:
    if left is None or right is None:
        return None
    if isinstance(left, datetime) != isinstance(right, datetime):
        left, right = (
            one.astimezone(UTC).date() if isinstance(one, datetime) else one
            for one in (left, right)
        )
    return int(left > right) - int(left < right)


def matching(node: Any, rows: list[Row]) -> set[int]:
    """The ids of the rows that a filter matches."""
    return {row.id for row in rows if evaluate(node, row)}
