"""Text: casei, accenti and LIKE.

`casei` is `lower`, `accenti` is `dieuhanh.unaccent`; both together are `dieuhanh.fold`, however the
filter nests them, so that an index on that expression serves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from spatial.cql2.comparison import as_text
from spatial.cql2.errors import BadFilter, shown
from spatial.cql2.types import Operand, arguments, wanted
from spatial.sql import Sql, bind, join, raw, sql

FOLDS = frozenset({"casei", "accenti"})

_PATTERN = re.compile(r"(%|_)|((?:[^%_\\]|\\.)+)", re.DOTALL)


def folded(node: dict[str, Any], compile_operand: Callable[[Any], Operand]) -> Operand:
    """`casei(…)` or `accenti(…)`, of text or of each other.

    Raises:
        BadFilter: the argument is no text.
    """
    inner, folds = _unwrapped(node)
    operand = as_text(compile_operand(inner))
    if operand.type != "string":
        raise wanted("string", operand, next(iter(sorted(folds))))
    return replace(operand, sql=_fold(operand.sql, folds), value=None)


def like(args: Any, compile_operand: Callable[[Any], Operand]) -> Sql:
    r"""`text LIKE pattern`: `%` any run of characters, `_` any one, `\` takes the next as it is.

    Raises:
        BadFilter: not text, or a pattern that is not a literal or ends in a lone backslash.
    """
    subject, pattern = arguments("LIKE", args, 2)
    operand = as_text(compile_operand(subject))
    if operand.type != "string":
        raise wanted("string", operand, "LIKE")
    inner, folds = _unwrapped(pattern)
    if not isinstance(inner, str):
        raise BadFilter(
            "The pattern of LIKE is a text in quotes, like 'Tam%'.",
            "Mẫu của LIKE phải là chuỗi trong dấu nháy, ví dụ 'Tam%'.",
        )
    return sql("({} LIKE {})", operand.sql, _pattern(inner, folds))


def _unwrapped(node: Any) -> tuple[Any, frozenset[str]]:
    """What is inside nested casei and accenti, and which of the two there were."""
    folds: set[str] = set()
    while isinstance(node, dict) and str(node.get("op")).lower() in FOLDS:
        name = str(node["op"]).lower()
        folds.add(name)
        (node,) = arguments(name, node.get("args"), 1)
    return node, frozenset(folds)


def _fold(text: Sql, folds: frozenset[str]) -> Sql:
    if folds == FOLDS:
        return sql("dieuhanh.fold({})", text)
    if "accenti" in folds:
        return sql("dieuhanh.unaccent({})", text)
    return sql("lower({})", text) if folds else text


def _pattern(pattern: str, folds: frozenset[str]) -> Sql:
    pieces = list(_PATTERN.finditer(pattern))
    if sum(len(piece[0]) for piece in pieces) != len(pattern):
        raise BadFilter(
            f"The pattern '{shown(pattern)}' ends in a lone backslash; write \\\\ for a backslash.",
            f"Mẫu '{shown(pattern)}' kết thúc bằng một dấu \\; hãy viết \\\\ để chỉ dấu \\.",
        )
    if "accenti" not in folds or pattern.isascii():
        folded_text = bind(pattern, "text")
        return sql("lower({})", folded_text) if "casei" in folds else folded_text
    # unaccent turns full-width ％ ＿ ＼ to wildcards and escapes: fold the plain text, then escape
    parts = []
    for piece in pieces:
        if piece[1]:
            parts.append(raw(f"'{piece[1]}'"))
            continue
        plain = bind(re.sub(r"\\(.)", r"\1", piece[2], flags=re.DOTALL), "text")
        parts.append(
            sql(
                r"replace(replace(replace({}, E'\\', E'\\\\'), '%', E'\\%'), '_', E'\\_')",
                _fold(plain, folds),
            )
        )
    return sql("({})", join(" || ", parts))
