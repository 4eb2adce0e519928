"""CQL2 JSON to SQL: the walk over a filter, with every type checked before PostgreSQL sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spatial.cql2 import arithmetic, comparison, spatial_ops, temporal_ops, text_ops
from spatial.cql2.errors import BadFilter, shown
from spatial.cql2.literals import scalar
from spatial.cql2.types import (
    Context,
    Expression,
    Operand,
    Queryable,
    arguments,
    type_name,
)
from spatial.crs import CRS84, Crs
from spatial.sql import Sql, bind, join, sql

_JOINED = {"and": " AND ", "or": " OR "}
_ARRAYS = frozenset({"a_equals", "a_contains", "a_containedby", "a_overlaps"})
_PREDICATES = (
    frozenset({"and", "or", "not", "like", "between", "in", "isnull"})
    | comparison.OPERATORS
    | spatial_ops.OPERATORS
    | spatial_ops.DISTANCES
    | temporal_ops.OPERATORS
)
_ARRAY_TYPES = {"string": "text[]", "uuid": "uuid[]", "integer": "int8[]", "number": "float8[]"}


def compile_filter(
    expression: Expression, queryables: Mapping[str, Queryable], filter_crs: Crs = CRS84
) -> Sql:
    """The condition of a parsed filter, with all of its values bound.

    It runs on any rows: what could fail in PostgreSQL is refused here or is null there.

    Args:
        expression: what `parse_filter` returned, within whose limits this recursion is bounded.
        queryables: the properties a filter may name, by name.
        filter_crs: the CRS of the filter's coordinates.

    Raises:
        BadFilter: an unknown property or function, operands that do not fit together, an invalid
            literal.
    """
    return _predicate(expression, Context(queryables, filter_crs))


def _predicate(node: Any, context: Context) -> Sql:
    op = _operator(node)
    if op not in _PREDICATES:
        operand = _operand(node, context)
        if operand.type != "boolean":
            raise BadFilter(
                f"A condition is wanted, and {operand.label} is {type_name(operand.type)}.",
                f"Cần một điều kiện, còn {operand.label} là {type_name(operand.type, 'vi')}.",
            )
        return operand.sql
    args = node.get("args")
    if op in _JOINED:
        return _joined(op, args, context)
    if op == "not":
        (inner,) = arguments("NOT", args, 1)
        return sql("(NOT {})", _predicate(inner, context))
    if op in comparison.OPERATORS:
        left, right = arguments(op, args, 2)
        return comparison.compare(op, _operand(left, context), _operand(right, context))
    if op in spatial_ops.OPERATORS:
        return spatial_ops.spatial_relation(op, args, context)
    if op in spatial_ops.DISTANCES:
        return spatial_ops.distance(op, args, context)
    if op in temporal_ops.OPERATORS:
        return temporal_ops.temporal_relation(op, args, lambda inner: _operand(inner, context))
    return _tested(op, args, context)


def _tested(op: str, args: Any, context: Context) -> Sql:
    """like, between, in and isNull."""
    if op == "like":
        return text_ops.like(args, lambda inner: _operand(inner, context))
    if op == "between":
        value, low, high = arguments("BETWEEN", args, 3)
        return comparison.ordered(
            _operand(value, context), _operand(low, context), _operand(high, context)
        )
    if op == "in":
        return _in(args, context)
    (subject,) = arguments("IS NULL", args, 1)
    if isinstance(subject, dict) and "property" in subject:
        return sql("({} IS NULL)", context.queryable(subject["property"]).sql)
    return sql("({} IS NULL)", _operand(subject, context).sql)


def _operator(node: Any) -> str | None:
    op = node.get("op") if isinstance(node, dict) else None
    return op.lower() if isinstance(op, str) else None


def _joined(op: str, args: Any, context: Context) -> Sql:
    if not isinstance(args, list) or len(args) < 2:
        raise BadFilter(f"'{op}' joins two conditions or more.", f"'{op}' nối từ hai điều kiện.")
    return sql("({})", join(_JOINED[op], [_predicate(arg, context) for arg in args]))


def _operand(node: Any, context: Context) -> Operand:
    """A scalar piece of the filter; a condition is one too, of type boolean."""
    if isinstance(node, dict) and "property" in node:
        queryable = context.queryable(node["property"])
        return Operand(queryable.sql, queryable.type, queryable.name)
    op = _operator(node)
    if op is None:
        return scalar(node)
    if op in arithmetic.OPERATORS:
        left, right = arguments(op, node.get("args"), 2)
        return arithmetic.arithmetic(op, _operand(left, context), _operand(right, context))
    if op in text_ops.FOLDS:
        return text_ops.folded(node, lambda inner: _operand(inner, context))
    if op in _PREDICATES:
        return Operand(_predicate(node, context), "boolean", f"'{op}'")
    if op in _ARRAYS:
        raise BadFilter(
            f"Array functions like {op.upper()} are not supported.",
            f"Không hỗ trợ các hàm mảng như {op.upper()}.",
        )
    raise BadFilter(
        f"There is no function '{shown(node['op'])}'; there are CASEI, ACCENTI, S_DWITHIN, "
        "S_BEYOND and the spatial (S_…) and temporal (T_…) functions of CQL2.",
        f"Không có hàm '{shown(node['op'])}'; có CASEI, ACCENTI, S_DWITHIN, S_BEYOND "
        "cùng các hàm không gian (S_…) và thời gian (T_…) của CQL2.",
    )


def _in(args: Any, context: Context) -> Sql:
    subject, members = arguments("IN", args, 2)
    if not isinstance(members, list) or not members:
        raise BadFilter("IN needs at least one value.", "IN cần ít nhất một giá trị.")
    value = _operand(subject, context)
    operands = [_operand(member, context) for member in members]
    if all(operand.value is not None for operand in operands) and value.value is None:
        array = _array(value, operands)
        if array is not None:
            return sql("({} = ANY({}))", value.sql, array)
    return sql("({})", join(" OR ", [comparison.compare("=", value, one) for one in operands]))


def _array(value: Operand, members: list[Operand]) -> Sql | None:
    """The members as one bound array; None where each is better compared on its own."""
    kinds = {member.type for member in members}
    if value.type == "string" and kinds == {"string"}:
        return bind([member.value for member in members], _ARRAY_TYPES["string"])
    if value.type == "integer" and kinds == {"integer"}:
        return bind([member.value for member in members], _ARRAY_TYPES["integer"])
    if value.type == "number" and kinds <= {"integer", "number"}:
        numbers = [float(str(member.value)) for member in members]
        return bind(numbers, _ARRAY_TYPES["number"])
    return None
