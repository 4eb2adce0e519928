"""CQL2 JSON to Arrow: the filters that a scan of GeoParquet can do by itself.

Comparisons, IN, BETWEEN, LIKE, IS NULL, AND, OR and NOT of columns and literals, with the three
values of SQL. The types are taken as checked, by `compile_filter`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from spatial.cql2.errors import BadFilter, shown
from spatial.cql2.types import Expression
from spatial.temporal import parse_date, parse_timestamp

_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def arrow_filter(expression: Expression, schema: pa.Schema) -> pc.Expression:
    """The condition of a parsed filter on the rows of Arrow tables.

    Args:
        expression: what `parse_filter` returned and `compile_filter` accepted.
        schema: of the tables.

    Raises:
        BadFilter: a column that is not there, or a condition that only the database can test.
    """
    return _condition(expression, schema)


def _condition(expression: Any, schema: pa.Schema) -> pc.Expression:
    if isinstance(expression, bool):
        return pc.scalar(expression)
    if "property" in expression:
        return _field(expression, schema)
    op = str(expression.get("op")).lower()
    args = expression.get("args") or []
    if op in ("and", "or"):
        joined = operator.and_ if op == "and" else operator.or_
        return reduce(joined, [_condition(arg, schema) for arg in args])
    if op == "not":
        return ~_condition(args[0], schema)
    if op in _COMPARED:
        return _compared(op, args[0], args[1], schema)
    if op == "between":
        value, low, high = args
        return _compared(">=", value, low, schema) & _compared("<=", value, high, schema)
    if op == "in":
        return reduce(operator.or_, [_compared("=", args[0], one, schema) for one in args[1]])
    if op == "like" and isinstance(args[1], str):
        return pc.match_like(_field(args[0], schema), args[1])
    if op == "isnull":
        return _field(args[0], schema).is_null()
    raise _refused(expression.get("op"))


def _compared(op: str, left: Any, right: Any, schema: pa.Schema) -> pc.Expression:
    if not (isinstance(left, dict) and "property" in left):
        flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        op, left, right = flipped.get(op, op), right, left
    field = _field(left, schema)
    if isinstance(right, dict) and "property" in right:
        return _COMPARED[op](field, _field(right, schema))
    return _COMPARED[op](field, pc.scalar(_literal(right, schema.field(left["property"]).type)))


def _field(node: Any, schema: pa.Schema) -> pc.Expression:
    name = node.get("property") if isinstance(node, dict) else None
    if name is None:
        raise _refused(node.get("op") if isinstance(node, dict) else node)
    if name not in schema.names:
        raise BadFilter(
            f"The archive has no column '{shown(name)}'.",
            f"Kho lưu không có cột '{shown(name)}'.",
        )
    return pc.field(name)


def _literal(node: Any, kind: pa.DataType) -> Any:
    value: str | float | bool | date | datetime = node
    if isinstance(node, dict):
        if "timestamp" in node:
            value = parse_timestamp(node["timestamp"])
        elif "date" in node:
            value = parse_date(node["date"])
        else:
            raise _refused(node.get("op"))
    elif isinstance(node, str) and pa.types.is_timestamp(kind):
        value = parse_timestamp(node)
    elif isinstance(node, str) and pa.types.is_date(kind):
        value = parse_date(node)
    if pa.types.is_date(kind) == isinstance(value, datetime) and pa.types.is_temporal(kind):
        raise _refused("DATE")
    return value


def _refused(what: Any) -> BadFilter:
    return BadFilter(
        f"'{shown(str(what))}' cannot be tested over an archive: there are comparisons, IN,"
        " BETWEEN, LIKE, IS NULL, AND, OR and NOT of columns and literals.",
        f"Không xét được '{shown(str(what))}' trên kho lưu: chỉ có so sánh, IN, BETWEEN, LIKE,"
        " IS NULL, AND, OR và NOT của cột và giá trị.",
    )
