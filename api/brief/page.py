"""What stands on the page, ready to be drawn: texts in one language, numbers for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Heading:
    """The parts of an official document around its text (Decree 30/2020/NĐ-CP, annex I).

    Attributes:
        number: the document's number and symbol, for the clerk to fill in.
        motto: the lines of the country's name and motto.
        place_and_date: in italics.
    """

    parent: str
    issuer: str
    number: str
    motto: tuple[str, str]
    place_and_date: str
    kind: str
    subject: str


@dataclass(frozen=True, slots=True)
class Row:
    """A figure: its title, the number, and the change since what it is compared with."""

    title: str
    value: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows under a title."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A unit on the map.

    Attributes:
        path: its outline as an SVG path, in metres to the east and to the south.
        colour: `#rrggbb`.
        rank: of those that the list names; 0: not among them.
        place: a point inside, as the path has them.
    """

    path: str
    colour: str
    rank: int
    place: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Map:
    """The province coloured by a figure.

    Attributes:
        bounds: west, north, east, south, as paths have them.
        legend: colours and what they mean.
    """

    title: str
    areas: tuple[Area, ...]
    bounds: tuple[float, float, float, float]
    legend: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Lines over days.

    Attributes:
        days: labels of the first and the last day.
        lines: titles and values, one value a day.
        steps: values that the axis tells, from 0 up, with how they are written.
    """

    title: str
    days: tuple[str, str]
    lines: tuple[tuple[str, tuple[int, ...]], ...]
    steps: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Top:
    """The areas that have most: the heads of the columns, and a row for each area."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page.

    Attributes:
        marked: stands in a frame at the top where the data is made up; empty: it is not.
        columns: the blocks of the table's two halves.
        sections: titles of the two sections.
        notes: what the figures are compared with, where they come from, of what time.
        unknown: stands where there is no map, chart or list to be drawn.
        made: the instant that the figures are of.
    """

    language: str
    heading: Heading
    marked: str
    summary: str
    sections: tuple[str, str]
    columns: tuple[tuple[Block, ...], tuple[Block, ...]]
    heads: tuple[str, str, str]
    map: Map | None
    top: Top | None
    trend: Trend | None
    unknown: str
    notes: tuple[str, ...]
    recipients_title: str
    recipients: tuple[str, ...]
    signer: tuple[str, ...]
    made: datetime
