"""CQL2 text to CQL2 JSON (OGC 21-065r2, annex B: the BNF).

A parser of our own, for three reasons: a native parser that recurses lets one long filter end the
process, a parser that reads every number as a float loses integers beyond 2^53, and people are told
in their language what is wrong and where.
"""

from __future__ import annotations

from typing import Any, NoReturn

from spatial.cql2.errors import BadFilter, shown
from spatial.cql2.tokens import KEYWORDS, Token, tokens
from spatial.cql2.wkt import GEOMETRIES, read_geometry

_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _POWER = range(1, 8)

_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ARITHMETIC = {
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "%": _PRODUCT,
    "DIV": _PRODUCT,
    "^": _POWER,
}
_JOINED = {"OR": _OR, "AND": _AND}
_TESTS = ("LIKE", "ILIKE", "BETWEEN", "IN")


def parse_text(text: str, depth: int) -> Any:
    """The filter as CQL2 JSON.

    Args:
        depth: how deep parentheses, functions, NOT and minus signs may be nested.

    Raises:
        BadFilter: it does not follow the grammar, or is nested too deep.
    """
    parser = TextParser(text, depth)
    parsed = parser.expression(_OR)
    if parser.token.kind != "end":
        parser.expected("AND, OR", "AND, OR")
    return parsed


class TextParser:
    """Reads expressions by precedence climbing over the words of one filter."""

    def __init__(self, text: str, depth: int) -> None:
        self._tokens = tokens(text)
        self._next = 0
        self._levels = depth
        self._level = 0

    @property
    def token(self) -> Token:
        """The word that is to be read next."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """Read one word; the end is never passed."""
        token = self.token
        if token.kind != "end":
            self._next += 1
        return token

    def take_sign(self, sign: str) -> None:
        """Read this sign.

        Raises:
            BadFilter: the next word is another.
        """
        if not self.token.is_sign(sign):
            self.expected(f"'{sign}'", f"'{sign}'")
        self.take()

    def enter(self) -> None:
        """Go one level deeper.

        Raises:
            BadFilter: that is one too many.
        """
        self._level += 1
        if self._level > self._levels:
            raise BadFilter(
                f"The filter is nested deeper than {self._levels} levels.",
                f"Bộ lọc lồng nhau quá {self._levels} tầng.",
            )

    def leave(self) -> None:
        """Come one level up."""
        self._level -= 1

    def expected(self, en: str, vi: str) -> NoReturn:
        """Refuse the next word."""
        token = self.token
        if token.kind == "end":
            raise BadFilter(
                f"The filter ends where {en} is expected.", f"Bộ lọc kết thúc ở chỗ cần có {vi}."
            )
        raise BadFilter(
            f"The filter has '{shown(token.value, 30)}' at character {token.start + 1}, "
            f"where {en} is expected.",
            f"Bộ lọc có '{shown(token.value, 30)}' ở ký tự thứ {token.start + 1}, "
            f"trong khi cần có {vi}.",
        )

    def expression(self, lowest: int) -> Any:
        """An expression of operators that bind at least as tightly as `lowest`."""
        left = self._prefix()
        compared = False
        while True:
            token = self.token
            word = token.value.upper() if token.kind in ("word", "sign") else ""
            if word in _JOINED and _JOINED[word] >= lowest:
                left, compared = self._joined(left, word), True
            elif word in _ARITHMETIC and _ARITHMETIC[word] >= lowest and not compared:
                left = self._arithmetic(left, word)
            elif self._is_comparison(word) and lowest <= _COMPARISON and not compared:
                left, compared = self._comparison(left, word), True
            else:
                return left

    def _is_comparison(self, word: str) -> bool:
        if word == "NOT":
            following = self._tokens[self._next + 1]
            return following.is_keyword(*_TESTS)
        return word in _COMPARISONS or word in _TESTS or word == "IS"

    def _joined(self, left: Any, word: str) -> Any:
        args = [left]
        while self.token.is_keyword(word):
            self.take()
            args.append(self.expression(_JOINED[word] + 1))
        return {"op": word.lower(), "args": args}

    def _arithmetic(self, left: Any, word: str) -> Any:
        self.take()
        right = self.expression(_ARITHMETIC[word] + 1)
        return {"op": word.lower(), "args": [left, right]}

    def _comparison(self, left: Any, word: str) -> Any:
        self.take()
        if word in _COMPARISONS:
            return {"op": _COMPARISONS[word], "args": [left, self.expression(_SUM)]}
        if word == "IS":
            negated = self._optional("NOT")
            if not self._optional("NULL"):
                self.expected("NULL", "NULL")
            found: Any = {"op": "isNull", "args": [left]}
            return {"op": "not", "args": [found]} if negated else found
        if word == "NOT":
            return {"op": "not", "args": [self._comparison(left, self.token.value.upper())]}
        if word == "LIKE":
            return {"op": "like", "args": [left, self.expression(_SUM)]}
        if word == "ILIKE":  # not CQL2, but what GDAL makes of a filter with ILIKE
            folded = [{"op": "casei", "args": [each]} for each in (left, self.expression(_SUM))]
            return {"op": "like", "args": folded}
        if word == "BETWEEN":
            low = self.expression(_SUM)
            if not self._optional("AND"):
                self.expected("AND", "AND")
            return {"op": "between", "args": [left, low, self.expression(_SUM)]}
        self.take_sign("(")
        return {"op": "in", "args": [left, self._listed()]}

    def _optional(self, keyword: str) -> bool:
        if not self.token.is_keyword(keyword):
            return False
        self.take()
        return True

    def _prefix(self) -> Any:
        """An operand with the NOT or the sign before it."""
        token = self.token
        if token.is_keyword("NOT"):
            self.take()
            self.enter()
            inner = self.expression(_COMPARISON)
            self.leave()
            return {"op": "not", "args": [inner]}
        if token.is_sign("-", "+"):
            self.take()
            self.enter()
            inner = self._prefix()
            self.leave()
            if token.value == "+":
                return inner
            if isinstance(inner, int | float) and not isinstance(inner, bool):
                return -inner
            return {"op": "*", "args": [-1, inner]}
        return self._primary()

    def _primary(self) -> Any:
        token = self.token
        if token.kind == "text":
            return self.take().value
        if token.kind == "name":
            return {"property": self.take().value}
        if token.kind == "number":
            return number(self.take().value)
        if token.is_sign("("):
            self.take()
            members = self._listed()
            return members[0] if len(members) == 1 else members
        if token.is_keyword("TRUE", "FALSE"):
            return self.take().value.upper() == "TRUE"
        if token.is_keyword("NULL"):
            self.take()
            return None
        if token.kind != "word" or token.value.upper() in KEYWORDS:
            self.expected("a property, a value or '('", "thuộc tính, giá trị hoặc '('")
        return self._named()

    def _named(self) -> Any:
        """A property, or what is written like a function: a geometry, a time, a function."""
        name = self.take().value
        upper = name.upper()
        if upper in GEOMETRIES and (
            self.token.is_sign("(") or self.token.is_keyword("Z", "M", "ZM", "EMPTY")
        ):
            return read_geometry(self, upper)
        if not self.token.is_sign("("):
            return {"property": name}
        self.take()
        if self.token.is_sign(")"):
            self.take()
            args: list[Any] = []
        else:
            args = self._listed()
        if upper in ("DATE", "TIMESTAMP"):
            if len(args) != 1 or not isinstance(args[0], str):
                raise BadFilter(
                    f"{upper} takes a text, like {upper}('2021-08-15…').",
                    f"{upper} cần một chuỗi, ví dụ {upper}('2021-08-15…').",
                )
            return {upper.lower(): args[0]}
        if upper in ("INTERVAL", "BBOX"):
            return {upper.lower(): args}
        return {"op": name.lower(), "args": args}

    def _listed(self) -> list[Any]:
        """Expressions between commas, up to the closing parenthesis."""
        self.enter()
        members = [self.expression(_OR)]
        while self.token.is_sign(","):
            self.take()
            members.append(self.expression(_OR))
        self.take_sign(")")
        self.leave()
        return members


def number(digits: str) -> int | float:
    """The number of its digits: an int, with nothing lost, if they have no point or exponent."""
    return int(digits) if digits.isdecimal() else float(digits)
