"""Values as people read them: numbers, dates in the province's zone, code titles, place names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from api.texts import TYPES, UNITS
from layers.layer import Column, Layer, Text, json_type
from layers.places import UNITS as UNITS_LAYER

Kind = Literal["none", "text", "number", "code", "time", "place"]

PLACE_COLUMNS: Mapping[str, str | None] = {
    "commune_code": "commune",
    "district_code": "district",
    "parent_code": None,
}
"""Columns that hold the code of an administrative unit, and the level of the units they name."""


@dataclass(frozen=True, slots=True)
class Unit:
    """An administrative unit: what its code stands for."""

    code: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A value ready to be shown.

    Attributes:
        machine: an RFC 3339 date or time for `<time datetime>`, where the value is one.
        href: the page of the thing that the value names.
    """

    text: str
    kind: Kind = "text"
    machine: str | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Presenter:
    """Writes values for people.

    Attributes:
        language: `vi` or `en`.
        zone: the province's time zone.
        units: the administrative units by their codes.
    """

    language: str
    zone: ZoneInfo
    units: Mapping[str, Unit]

    def say(self, text: Text) -> str:
        """A text in the language."""
        return text.in_language(self.language)

    def number(self, value: float) -> str:
        """`1.234.567,5` in Vietnamese, `1,234,567.5` in English; at most six decimals."""
        text = f"{value:,}" if isinstance(value, int) else f"{value:,.6f}".rstrip("0").rstrip(".")
        if self.language == "en":
            return text
        return text.translate(_SWAPPED)

    def significant(self, value: float) -> str:
        """A number to six significant digits, never in powers of ten."""
        text = f"{Decimal(f'{value:.6g}'):,f}"
        return text if self.language == "en" else text.translate(_SWAPPED)

    def day(self, value: date) -> str:
        """`17/08/2021` in Vietnamese, `17 Aug 2021` in English."""
        if self.language == "en":
            return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
        return f"{value.day:02}/{value.month:02}/{value.year}"

    def instant(self, value: datetime) -> str:
        """The hour first, as Vietnamese notices have it: `14:05, 17/08/2021`."""
        local = value.astimezone(self.zone)
        return f"{local:%H:%M}, {self.day(local.date())}"

    def time(self, value: str) -> str:
        """An RFC 3339 time, as `instant` has it."""
        return self.instant(datetime.fromisoformat(value))

    def unit(self, unit: str | None) -> str:
        """A UCUM unit as people write it; empty for none."""
        if unit is None:
            return ""
        known = UNITS.get(unit)
        return self.say(known) if known else unit.strip("{}")

    def type(self, layer: Layer, name: str) -> str:
        """What people call the type of a column."""
        kind, form = json_type(layer, name)
        return self.say(TYPES[form or kind])

    def cell(self, layer: Layer, column: Column, value: Any) -> Cell:
        """A value of a column, as GeoJSON carries it."""
        if value is None or value == "":
            return Cell("–", "none")
        if column.codes is not None:
            return Cell(column.codes.title_of(str(value), self.language), "code")
        if isinstance(value, bool):
            yes_no = Text("Có", "Yes") if value else Text("Không", "No")
            return Cell(self.say(yes_no), "code")
        if isinstance(value, int | float):
            is_name = column.name == layer.id_column
            return Cell(str(value) if is_name else self.number(value), "number")
        if column.name in PLACE_COLUMNS:
            return self._place(str(value))
        return self._text(layer, column, str(value))

    def _place(self, code: str) -> Cell:
        unit = self.units.get(code)
        if unit is None:
            return Cell(code)
        return Cell(unit.name, "place", href=f"/ogc/collections/{UNITS_LAYER}/items/{unit.code}")

    def _text(self, layer: Layer, column: Column, value: str) -> Cell:
        form = json_type(layer, column.name)[1]
        try:
            if form == "date-time":
                instant = datetime.fromisoformat(value)
                if instant.tzinfo is None:
                    instant = instant.replace(tzinfo=UTC)
                return Cell(self.instant(instant), "time", value)
            if form == "date":
                return Cell(self.day(date.fromisoformat(value)), "time", value)
        except (ValueError, OverflowError):
            pass  # `infinity`, or a year that Python's dates do not reach: shown as it is
        return Cell(value)


_SWAPPED = str.maketrans(",.", ".,")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
