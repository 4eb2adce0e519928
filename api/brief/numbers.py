"""Numbers of the brief as people read them, and what has become of them since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from api.brief import texts
from api.present import Presenter
from layers.layer import Text

Figure = Mapping[str, Any]
"""A figure as `/api/figures` answers it."""


class Writer:
    """Writes numbers, times and changes in one language."""

    def __init__(self, presenter: Presenter, fewest: int) -> None:
        self._presenter = presenter
        self.language = presenter.language
        self._fewest = fewest

    def say(self, text: Text, **parts: Any) -> str:
        """A text with its places filled."""
        return text.in_language(self.language).format(**parts)

    def title(self, texts: Mapping[str, str]) -> str:
        """A text as answers have it."""
        return texts[self.language]

    def count(self, value: float) -> str:
        """A plain number."""
        return self._presenter.number(value)

    def number(self, value: float, unit: str) -> str:
        """A number without the word of its unit; minutes as hours and minutes."""
        if unit == "%":
            return f"{self.count(value)}%"
        if unit != "min":
            return self.count(value)
        hours, minutes = divmod(round(value), 60)
        if not hours:
            return self.say(texts.MINUTES, m=minutes)
        return self.say(texts.HOURS, h=self.count(hours), m=minutes)

    def value(self, figure: Figure) -> str:
        """A figure's number, or why there is none."""
        if figure["value"] is not None:
            return self.number(figure["value"], figure["unit"])
        return self.fewer() if figure["suppressed"] else self.say(texts.NO_VALUE)

    def fewer(self) -> str:
        """What stands for a number of people that is not told."""
        return self.say(texts.FEWER, n=self._fewest)

    def change(self, figure: Figure) -> str:
        """What became of a figure; empty where the data has no past."""
        if figure["compared"] is None:
            return ""
        value, before = figure["value"], figure["before"]
        if value is None or before is None:
            return self.say(texts.NO_BEFORE)
        if value == before:
            return self.say(texts.SAME)
        size = self.number(round(abs(value - before), 1), figure["unit"])
        if figure["unit"] == "%":
            size = self.say(texts.POINTS, n=size.rstrip("%"))
        return self.say(texts.UP if value > before else texts.DOWN, n=size)

    def in_words(self, figure: Figure) -> str:
        """A figure inside a sentence, with its unit and its change."""
        title = _inside(self.title(figure["title"]))
        value = self.value(figure)
        unit = texts.UNITS.get(figure["unit"])
        if unit is not None and figure["value"] is not None:
            value = f"{value} {self.say(unit)}"
        told = self.say(texts.IN_WORDS, title=title, value=value)
        if figure["before"] is None or figure["value"] is None:
            return told
        return f"{told} ({self.change(figure)} {self.title(figure['compared'])})"

    def province(self, name: Text) -> str:
        """The province's full name inside a sentence: "tỉnh …", but no English name is small."""
        told = self.say(name)
        return told if self.language == "en" else _inside(told)

    def day(self, value: date) -> str:
        """A day in full."""
        return self._presenter.day(value)

    def short_day(self, value: date) -> str:
        """A day without its year."""
        return self.day(value).rpartition(" " if self.language == "en" else "/")[0]

    def at(self, value: datetime) -> str:
        """A minute of a day in the province."""
        local = value.astimezone(self._presenter.zone)
        day = self.day(local.date())
        return self.say(texts.AT, hour=local.hour, minute=local.minute, day=day)


def _inside(text: str) -> str:
    """A text that begins no sentence: "người", while "SOS" stays as it is."""
    return text[0].lower() + text[1:] if text[1:2].islower() else text
