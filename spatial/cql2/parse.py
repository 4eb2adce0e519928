"""A filter in CQL2 text or JSON to CQL2 JSON, within limits that keep any text harmless.

OGC 21-065r2 (Common Query Language, CQL2).
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from spatial.cql2.errors import BadFilter, shown
from spatial.cql2.text import parse_text
from spatial.cql2.types import Expression

FilterLang = Literal["cql2-text", "cql2-json"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a filter may be.

    Attributes:
        size: bytes of its text in UTF-8.
        depth: operators, parentheses and functions inside each other.
        members: values in one IN list.
        vertices: positions in all its geometries.
    """

    size: int = 16_384
    depth: int = 64
    members: int = 1_000
    vertices: int = 20_000


DEFAULT_LIMITS = Limits()

_NOT_STORED = re.compile("[\x00\ud800-\udfff]")
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def parse_filter(text: str, lang: FilterLang, limits: Limits = DEFAULT_LIMITS) -> Expression:
    """The filter as CQL2 JSON, its shape not yet checked against any queryables.

    Raises:
        BadFilter: it does not parse, holds a character that PostgreSQL cannot store, or exceeds a
            limit.
    """
    _check_characters(text)
    size = len(text.encode())
    if size > limits.size:
        raise BadFilter(
            f"The filter has {size:,} bytes; at most {limits.size:,} are allowed.",
            f"Bộ lọc dài {size:,} byte; tối đa là {limits.size:,}.",
        )
    if not text.strip():
        raise BadFilter("The filter is empty.", "Bộ lọc đang để trống.")
    if lang == "cql2-text":
        parsed = parse_text(text, limits.depth)
    elif lang == "cql2-json":
        _check_json_nesting(text, limits)
        parsed = _parse_json(text)
    else:
        raise BadFilter(
            f"'{shown(lang)}' is no filter language; use cql2-text or cql2-json.",
            f"'{shown(lang)}' không phải là ngôn ngữ lọc; hãy dùng cql2-text hoặc cql2-json.",
        )
    _check_tree(parsed, limits)
    if not isinstance(parsed, dict | bool):
        raise BadFilter(
            "A filter is a condition, like people > 5.",
            "Bộ lọc phải là một điều kiện, ví dụ people > 5.",
        )
    return parsed


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise BadFilter(
            f"The filter is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.",
            f"Bộ lọc không phải là JSON: dòng {error.lineno}, cột {error.colno}: {error.msg}.",
        ) from None
    except (ValueError, RecursionError):  # an integer of thousands of digits
        raise _too_large() from None


def _no_constant(name: str) -> Any:
    raise BadFilter(f"{name} is not a JSON number.", f"{name} không phải là số trong JSON.")


def _check_characters(text: str) -> None:
    found = _NOT_STORED.search(text)
    if found:
        code = f"U+{ord(found[0]):04X}"
        raise BadFilter(
            f"The filter holds the character {code}, which cannot be stored.",
            f"Bộ lọc chứa ký tự {code} không lưu được.",
        )


def _too_deep(limits: Limits) -> BadFilter:
    return BadFilter(
        f"The filter is nested deeper than {limits.depth} levels.",
        f"Bộ lọc lồng nhau quá {limits.depth} tầng.",
    )


def _check_json_nesting(text: str, limits: Limits) -> None:
    depth = 0
    for match in _JSON_TOKEN.finditer(text):
        if match[0] in "[{":
            depth += 1
        elif match[0] in "]}":
            depth -= 1
        # an operator is an object and its list of arguments
        if depth > 2 * limits.depth + 8:
            raise _too_deep(limits)


def _check_tree(parsed: Any, limits: Limits) -> None:
    """Walk the parsed filter without recursion: depth, lists, vertices, characters, numbers."""
    vertices = 0
    nodes: list[tuple[Any, int]] = [(parsed, 0)]
    while nodes:
        node, depth = nodes.pop()
        if depth > limits.depth:
            raise _too_deep(limits)
        if isinstance(node, dict):
            for key, value in node.items():
                _check_characters(key)
                nodes.append((value, depth + 1))
            if str(node.get("op")).lower() == "in":
                _check_members(node.get("args"), limits)
        elif isinstance(node, list):
            if node and all(_is_number(member) for member in node):
                vertices += 1
            nodes.extend((member, depth) for member in node)
        elif isinstance(node, str):
            _check_characters(node)
        elif _is_number(node):
            _check_number(node)
    if vertices > limits.vertices:
        raise BadFilter(
            f"The filter's geometries have more than {limits.vertices:,} positions.",
            f"Các hình trong bộ lọc có hơn {limits.vertices:,} đỉnh.",
        )


def _check_members(args: Any, limits: Limits) -> None:
    if not isinstance(args, list) or len(args) != 2 or not isinstance(args[1], list):
        return
    count = len(args[1])
    if count > limits.members:
        raise BadFilter(
            f"An IN list has {count:,} values; at most {limits.members:,} are allowed.",
            f"Danh sách IN có {count:,} giá trị; tối đa là {limits.members:,}.",
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_number(number: float) -> None:
    try:
        finite = math.isfinite(number)
    except OverflowError:  # an int that no float can hold
        finite = False
    if not finite:
        raise _too_large()


def _too_large() -> BadFilter:
    return BadFilter("The filter holds a number that is too large.", "Bộ lọc chứa một số quá lớn.")
