"""A filter taken apart: the conditions that it joins by AND, and the properties they name."""

from __future__ import annotations

from typing import Any

from spatial.cql2.types import Expression


def conjuncts(expression: Expression) -> list[Expression]:
    """The conditions of which all must hold, those of nested ANDs among them.

    Args:
        expression: what `parse_filter` returned, within whose limits this recursion is bounded.
    """
    if isinstance(expression, dict) and str(expression.get("op")).lower() == "and":
        args = expression.get("args")
        if isinstance(args, list) and len(args) > 1:
            return [part for arg in args for part in conjuncts(arg)]
    return [expression]


def properties(node: Any) -> frozenset[str]:
    """The names of all properties in a piece of a filter."""
    if isinstance(node, list):
        return frozenset[str]().union(*(properties(inner) for inner in node))
    if not isinstance(node, dict):
        return frozenset()
    name = node.get("property")
    if isinstance(name, str):
        return frozenset({name})
    return frozenset[str]().union(*(properties(inner) for inner in node.values()))


def without(expression: Expression, name: str) -> Expression | None:
    """The filter without the conditions on one property alone; None if no other is left.

    A condition that names other properties beside it stays: it is not that property's own.
    """
    kept = [part for part in conjuncts(expression) if properties(part) != {name}]
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else {"op": "and", "args": kept}
