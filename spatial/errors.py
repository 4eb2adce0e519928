"""What is wrong with a value that a client sent, said in one sentence."""

from __future__ import annotations


class BadInput(ValueError):
    """A value that a client sent breaks a rule.

    Attributes:
        en: the sentence in English; also `str(error)`.
        vi: the same sentence in Vietnamese.
    """

    def __init__(self, en: str, vi: str) -> None:
        super().__init__(en)
        self.en = en
        self.vi = vi

    def in_language(self, language: str) -> str:
        """The sentence in `vi` or `en`."""
        return self.en if language == "en" else self.vi


def shown(value: object, length: int = 80) -> str:
    """A value as an error quotes it: printable, and cut when it is long."""
    text = "".join(
        character if character.isprintable() else f"\\u{ord(character):04x}"
        for character in str(value)[: length + 1]
    )
    return text if len(str(value)) <= length else text[:length] + "…"
