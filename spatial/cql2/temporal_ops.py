"""Temporal functions of CQL2 (OGC 21-065r2, table of temporal relations).

An instant is an interval whose two ends are equal. `..` is an end at infinity. Where a date meets a
time they are compared by days in UTC, as in `comparison`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from spatial.cql2.comparison import compare
from spatial.cql2.errors import BadFilter, shown
from spatial.cql2.literals import temporal
from spatial.cql2.types import TEMPORAL, Operand, arguments, wanted
from spatial.sql import Sql, join, raw, sql

Ends = tuple[Operand, Operand]

# each relation as comparisons of an end of a with an end of b; all of them must hold
_RELATIONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "t_after": (("start", ">", "end"),),
    "t_before": (("end", "<", "start"),),
    "t_contains": (("start", "<", "start"), ("end", ">", "end")),
    "t_during": (("start", ">", "start"), ("end", "<", "end")),
    "t_equals": (("start", "=", "start"), ("end", "=", "end")),
    "t_finishedby": (("start", "<", "start"), ("end", "=", "end")),
    "t_finishes": (("start", ">", "start"), ("end", "=", "end")),
    "t_intersects": (("start", "<=", "end"), ("end", ">=", "start")),
    "t_meets": (("end", "=", "start"),),
    "t_metby": (("start", "=", "end"),),
    "t_overlappedby": (("start", ">", "start"), ("start", "<", "end"), ("end", ">", "end")),
    "t_overlaps": (("start", "<", "start"), ("end", ">", "start"), ("end", "<", "end")),
    "t_startedby": (("start", "=", "start"), ("end", ">", "end")),
    "t_starts": (("start", "=", "start"), ("end", "<", "end")),
}

OPERATORS = frozenset({*_RELATIONS, "t_disjoint"})


def temporal_relation(op: str, args: Any, compile_operand: Callable[[Any], Operand]) -> Sql:
    """A temporal function of two instants or intervals.

    Raises:
        BadFilter: an argument is neither, or a literal interval ends before it starts.
    """
    first, second = (_ends(node, op, compile_operand) for node in arguments(op.upper(), args, 2))
    if op == "t_disjoint":
        return sql(
            "({} OR {})", compare("<", first[1], second[0]), compare(">", first[0], second[1])
        )
    tests = [compare(sign, first[a == "end"], second[b == "end"]) for a, sign, b in _RELATIONS[op]]
    return sql("({})", join(" AND ", tests))


def _ends(node: Any, op: str, compile_operand: Callable[[Any], Operand]) -> Ends:
    if not (isinstance(node, dict) and "interval" in node):
        instant = _instant(node, op, compile_operand)
        return instant, instant
    members = arguments("INTERVAL", node["interval"], 2)
    start = _unbounded("-") if members[0] == ".." else _instant(members[0], op, compile_operand)
    end = _unbounded("") if members[1] == ".." else _instant(members[1], op, compile_operand)
    _check_order(start, end)
    return start, end


def _instant(node: Any, op: str, compile_operand: Callable[[Any], Operand]) -> Operand:
    if isinstance(node, str):
        return temporal(node, "date" if len(node) <= 10 else "timestamp")
    operand = compile_operand(node)
    if operand.type not in TEMPORAL:
        raise wanted("timestamp", operand, op.upper())
    return operand


def _unbounded(sign: str) -> Operand:
    return Operand(raw(f"'{sign}infinity'::timestamptz"), "timestamp", "'..'")


def _check_order(start: Operand, end: Operand) -> None:
    first, last = start.value, end.value
    if isinstance(first, datetime) and not isinstance(last, datetime):
        first = first.date()
    elif isinstance(last, datetime) and not isinstance(first, datetime):
        last = last.date()
    if isinstance(first, date) and isinstance(last, date) and first > last:
        raise BadFilter(
            f"The interval from {shown(first)} to {shown(last)} ends before it starts.",
            f"Khoảng từ {shown(first)} đến {shown(last)} kết thúc trước khi bắt đầu.",
        )
