"""The words of CQL2 text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from spatial.cql2.errors import BadFilter, shown

TokenKind = Literal["text", "name", "word", "number", "sign", "end"]

KEYWORDS = frozenset(
    {"AND", "OR", "NOT", "LIKE", "ILIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DIV"}
)

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:''|\\'|[^'])*+'(?!'))
    | (?P<name>"(?:""|[^"])+")
    | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>(?:[^\W\d]|:)[\w.:\u0300-\u036f]*)
    | (?P<sign><>|<=|>=|!=|[-+*/%^=<>(),])
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ASCII_NUMBER = re.compile(r"[\d.eE+-]+", re.ASCII)
_LONGEST_NUMBER = 400


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the filter, where it starts, and what it stands for.

    Attributes:
        value: the text without its quotes, the name, the number's digits, the keyword in capitals
            or the sign.
        start: the index of its first character.
    """

    kind: TokenKind
    value: str
    start: int

    def is_sign(self, *signs: str) -> bool:
        """Whether this is one of these signs."""
        return self.kind == "sign" and self.value in signs

    def is_keyword(self, *keywords: str) -> bool:
        """Whether this is one of these keywords, unquoted."""
        return self.kind == "word" and self.value.upper() in keywords


def tokens(text: str) -> list[Token]:
    """The filter's words, and an `end` after the last.

    Raises:
        BadFilter: a character that starts no word, an open quote, an endless number.
    """
    found: list[Token] = []
    position = 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _bad_character(text, position)
        token = _token(match)
        found.append(token)
        if token.kind == "end":
            return found
        position = match.end()


def _token(match: re.Match[str]) -> Token:
    value, start = match[match.lastgroup or 0], match.start(match.lastgroup or 0)
    if match["text"] is not None:
        return Token("text", re.sub(r"''|\\'", "'", value[1:-1]), start)
    if match["name"] is not None:
        return Token("name", value[1:-1].replace('""', '"'), start)
    if match["number"] is not None:
        if len(value) > _LONGEST_NUMBER or not _ASCII_NUMBER.fullmatch(value):
            raise BadFilter(
                f"'{shown(value, 20)}' at character {start + 1} is no number.",
                f"'{shown(value, 20)}' ở ký tự thứ {start + 1} không phải là số.",
            )
        return Token("number", value, start)
    if match["word"] is not None:
        return Token("word", value, start)
    return Token("sign" if match["sign"] is not None else "end", value, start)


def _bad_character(text: str, position: int) -> BadFilter:
    rest = text[position:]
    start = position + len(rest) - len(rest.lstrip())
    character = text[start]
    if character in "'\"":
        return BadFilter(
            f"The quote {character} at character {start + 1} is not closed.",
            f"Dấu nháy {character} ở ký tự thứ {start + 1} chưa được đóng.",
        )
    return BadFilter(
        f"'{shown(character)}' at character {start + 1} has no meaning in a filter.",
        f"'{shown(character)}' ở ký tự thứ {start + 1} không có nghĩa trong bộ lọc.",
    )
