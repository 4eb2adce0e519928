"""Writes the numbers of a briefing as people read them, in one language."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from api.present import Presenter
from layers.layer import Text

NONE = "–"


class Writer:
    """Writes texts and numbers in one language; what is no number is written as it is."""

    def __init__(self, presenter: Presenter) -> None:
        self._presenter = presenter
        self.language = presenter.language

    def say(self, text: Text, **parts: Any) -> str:
        """A text with its places filled; no line ends before a per cent sign."""
        return text.in_language(self.language).format(**parts).replace(" %", "\u00a0%")

    def number(self, value: Any, decimals: int = 0) -> str:
        """A number with so many decimals at most."""
        if value is None or not isinstance(value, int | float):
            return NONE if value is None else str(value)
        rounded = round(value, decimals) or 0
        return self._presenter.number(rounded if decimals else int(rounded))

    def significant(self, value: Any) -> str:
        """A number to three significant digits: rates are small, sums are large."""
        if not isinstance(value, int | float):
            return NONE if value is None else str(value)
        return self._presenter.significant(float(f"{value:.3g}") if abs(value) < 1000 else value)

    def probability(self, value: Any) -> str:
        """A p-value: three decimals, and below them only that it is below."""
        if isinstance(value, int | float) and value < 0.001:
            return f"< {self.number(0.001, 3)}"
        return self.number(value, 3)

    def related(self, value: Any) -> str:
        """A p-value after its letter: `= 0,03`, `< 0,001`."""
        told = self.probability(value)
        return told if told.startswith("<") else f"= {told}"

    def percent(self, value: Any) -> str:
        """A share of 1."""
        if not isinstance(value, int | float):
            return NONE
        return f"{self.number(100 * value, 1)}\u00a0%"

    def metres(self, value: Any) -> str:
        """A distance; from a kilometre on in kilometres."""
        if not isinstance(value, int | float):
            return NONE
        if value < 1000:
            return f"{self.number(value)} m"
        return f"{self.number(value / 1000, 1)} km"

    def unit(self, unit: str) -> str:
        """A UCUM unit as people write it."""
        return self._presenter.unit(unit)

    def day(self, value: Any) -> str:
        """A day as `YYYY-MM-DD`."""
        try:
            return self._presenter.day(date.fromisoformat(value))
        except (TypeError, ValueError):
            return NONE if value is None else str(value)

    def instant(self, value: datetime) -> str:
        """A minute of a day in the province."""
        return self._presenter.instant(value)
