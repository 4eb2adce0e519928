"""What a briefing says, ready to be drawn: texts in one language, numbers for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Geometry = Mapping[str, Any]
"""A GeoJSON geometry in CRS84."""


@dataclass(frozen=True, slots=True)
class Group:
    """Features that are drawn alike.

    Attributes:
        colour: `#rrggbb`.
        count: how many there are; `told` says it for people.
    """

    title: str
    colour: str
    count: int
    told: str


@dataclass(frozen=True, slots=True)
class Item:
    """A feature of the result.

    Attributes:
        group: the place of its group in the legend.
        values: in the order of the heads, the first its name.
    """

    group: int
    geometry: Geometry
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A unit of the base map: its outline, its name, and a point inside, longitude first."""

    name: str
    outline: Geometry
    inside: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that lies on the map: PNG in Web Mercator, and its bounds in degrees."""

    png: bytes
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Map:
    """The result on the units of the province.

    Attributes:
        bounds: west, south, east, north in degrees.
        legend: all groups that the method knows, also those without a feature.
        items: the last of them lie on top.
        land: the area of all places.
        places: the districts.
        left_out: says how many features are not drawn; empty: all are.
        picture: of a surface, below the items.
    """

    title: str
    bounds: tuple[float, float, float, float]
    legend: tuple[Group, ...]
    items: tuple[Item, ...]
    land: Geometry
    places: tuple[Place, ...]
    left_out: str = ""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads.

    Attributes:
        numeric: which columns hold numbers.
        note: stands below; may be empty.
    """

    title: str
    heads: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the chart: its label, its length in units of the chart, the number, its colour."""

    label: str
    length: float
    value: str
    colour: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under a title.

    Attributes:
        is_time: the bars are steps of time, drawn side by side; else they lie below each other.
    """

    title: str
    bars: tuple[Bar, ...]
    is_time: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph about the method, with its heading."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Briefing:
    """All of it.

    Attributes:
        marked: stands in a frame at the top where the data is made up; empty: it is not.
        summary: sentences.
        heads: of the values of the map's items.
        method: how it was computed, and what to beware of.
        facts: terms and what is to be said of them: how the result was made.
        footer: a line about this file.
        made: when the briefing was made.
        words: further texts that the drawing needs, by name.
    """

    language: str
    issuer: str
    title: str
    subject: str
    marked: str
    summary: tuple[str, ...]
    map: Map | None
    heads: tuple[str, ...]
    table: Table
    charts: tuple[Chart, ...]
    method: tuple[Note, ...]
    facts: tuple[tuple[str, str], ...]
    footer: str
    made: datetime
    words: Mapping[str, str]
