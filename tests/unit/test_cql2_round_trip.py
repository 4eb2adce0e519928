"""A filter written as text is read back as it was."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, assume, given, settings

from spatial.cql2 import parse_filter
from tests.cql2_strategies import FILTER


def written(node: Any) -> str:
    """CQL2 text, with all the parentheses there can be."""
    if isinstance(node, bool):
        return str(node).upper()
    if isinstance(node, str):
        doubled = node.replace("'", "''")
        return f"'{doubled}'"
    if isinstance(node, int | float):
        return repr(node)
    if "property" in node:
        return f'"{node["property"]}"'
    for name in ("date", "timestamp"):
        if name in node:
            return f"{name.upper()}('{node[name]}')"
    for name in ("bbox", "interval"):
        if name in node:
            return f"{name.upper()}({', '.join(map(written, node[name]))})"
    if "coordinates" in node:
        return f"{node['type'].upper()}{positions(node['coordinates'])}"
    return operator(node["op"], node["args"])


def operator(op: str, args: list[Any]) -> str:
    if op == "isNull":
        return f"({written(args[0])}) IS NULL"
    if op == "not":
        return f"NOT ({written(args[0])})"
    if op == "between":
        value, low, high = (f"({written(arg)})" for arg in args)
        return f"{value} BETWEEN {low} AND {high}"
    if op == "in":
        return f"({written(args[0])}) IN ({', '.join(map(written, args[1]))})"
    if op == "like":
        return f"{written(args[0])} LIKE {written(args[1])}"
    if op[:2] in ("s_", "t_") or op in ("casei", "accenti"):
        return f"{op.upper()}({', '.join(map(written, args))})"
    return f" {op} ".join(f"({written(arg)})" for arg in args)


def positions(value: Any) -> str:
    if not isinstance(value[0], list):
        return "(" + " ".join(map(repr, value)) + ")"
    members = [positions(member) for member in value]
    if not isinstance(value[0][0], list):  # positions in a list stand without parentheses
        members = [member[1:-1] for member in members]
    return "(" + ", ".join(members) + ")"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILTER)
def test_round_trip(expression: Any) -> None:
    text = written(expression)
    # The standard reads backslash, quote as a quote: no text can end in a backslash.
    assume("\\'" not in text)
    assert parse_filter(text, "cql2-text") == expression
