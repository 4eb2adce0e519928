"""SQL as a value: text and bound values that compose, rendered once for asyncpg.

Every value a client sends travels as a bound parameter (`$1`, `$2`, …); only identifiers and
constants from the layer records are ever part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Bound:
    """A value to bind and the PostgreSQL type it is cast to."""

    value: Any
    type: str


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL: a tuple of literal text and bound values, in order."""

    parts: tuple[str | Bound, ...]

    def __add__(self, other: Sql) -> Sql:
        return Sql(self.parts + other.parts)

    def render(self) -> tuple[str, list[Any]]:
        """Return the text with numbered parameters and the values in their order.

        Equal values of one type share a parameter, so that equal expressions stay equal
        to the planner.
        """
        text: list[str] = []
        values: list[Any] = []
        numbers: dict[tuple[str, str, Any], int] = {}
        for part in self.parts:
            if isinstance(part, str):
                text.append(part)
                continue
            key = (part.type, type(part.value).__name__, part.value)
            number = numbers.get(key)
            if number is None:
                values.append(part.value)
                number = numbers[key] = len(values)
            text.append(f"${number}::{part.type}")
        return "".join(text), values


def names(piece: Sql) -> frozenset[str]:
    """The quoted identifiers in a piece of SQL; values are bound, so nothing else is quoted so."""
    text = " ".join(part for part in piece.parts if isinstance(part, str))
    found = re.findall(r'"((?:[^"]|"")+)"', text)
    return frozenset(name.replace('""', '"') for name in found)


def raw(text: str) -> Sql:
    """Trusted SQL text. Never pass anything a client sent."""
    return Sql((text,))


def bind(value: Any, type: str) -> Sql:
    """A bound value cast to a PostgreSQL type, e.g. `bind(5, "int8")`.

    A list, for `ANY`, is bound as a tuple, so that all SQL can be compared and hashed.
    """
    return Sql((Bound(tuple(value) if isinstance(value, list) else value, type),))


def quote(name: str) -> str:
    """A PostgreSQL identifier, quoted.

    Raises:
        ValueError: the name holds a NUL character, which PostgreSQL cannot store.
    """
    if "\x00" in name:
        raise ValueError("an identifier cannot hold a NUL character")
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text constant of ours (a code, a column name) as an SQL literal."""
    if "\x00" in text:
        raise ValueError("a literal cannot hold a NUL character")
    escaped = text.replace("'", "''")
    return f"E'{escaped.replace(chr(92), chr(92) * 2)}'" if "\\" in text else f"'{escaped}'"


def sql(template: str, *pieces: Sql) -> Sql:
    """Fill each `{}` of a trusted template with a piece of SQL, in order."""
    texts = template.split("{}")
    if len(texts) != len(pieces) + 1:
        raise ValueError(f"{len(texts) - 1} places for {len(pieces)} pieces: {template!r}")
    parts: list[str | Bound] = [texts[0]]
    for piece, text in zip(pieces, texts[1:], strict=True):
        parts.extend(piece.parts)
        parts.append(text)
    return Sql(tuple(parts))


def join(separator: str, pieces: Iterable[Sql]) -> Sql:
    """The pieces with the separator's text between them."""
    parts: list[str | Bound] = []
    for piece in pieces:
        if parts:
            parts.append(separator)
        parts.extend(piece.parts)
    return Sql(tuple(parts))
