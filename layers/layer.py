"""The record of a layer: everything about it, said once.

The OGC collection, queryables, schema, tiles, form, import template, SQL objects and access
policy are all derived from these records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Literal

import sqlalchemy as sa
from geoalchemy2 import Geometry

GeometryType = Literal[
    "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "Geometry"
]
JsonType = Literal["string", "integer", "number", "boolean"]
JsonFormat = Literal["date", "date-time", "uuid", "uri"]

LAYER_SCHEMA = "layer"
"""The PostgreSQL schema that holds the tables of the layers."""

EXACT_GEOMETRY = "geom_exact"
"""The column with exact positions, in a layer whose public positions are coarse."""

RESERVED = frozenset(
    {
        "geom",
        EXACT_GEOMETRY,
        "geom_3857",
        "feature",
        "search",
        "tile_x",
        "tile_y",
        "tile_key",
    }
)
"""Columns the database keeps for each layer; a record does not list them."""


class Audience(IntEnum):
    """Who may read a column, from everybody to the fewest. Enforced by PostgreSQL grants."""

    PUBLIC = 0
    STAFF = 1
    COORDINATION = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A text people see, in Vietnamese and English."""

    vi: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in `vi` or `en`."""
        return self.en if language == "en" else self.vi


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a code list: what is stored, and what people read."""

    value: str
    title: Text


@dataclass(frozen=True, slots=True)
class CodeList:
    """The closed set of values of a state, category or kind."""

    id: str
    title: Text
    codes: tuple[Code, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The stored values, in the order of the list."""
        return tuple(code.value for code in self.codes)

    def title_of(self, value: str, language: str) -> str:
        """What people read for a stored value; the value itself if it is not in the list."""
        for code in self.codes:
            if code.value == value:
                return code.title.in_language(language)
        return value


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a layer as its readers and editors see it."""

    name: str
    title: Text
    description: Text | None = None
    codes: CodeList | None = None
    unit: str | None = None
    """UCUM unit, e.g. `m`, `{person}`, `VND`."""
    audience: Audience = Audience.PUBLIC
    editable: bool = True
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    in_search: bool = False
    """Part of the accent-insensitive full search `q`."""
    in_tiles: bool = False
    """Carried by vector tiles, because the style or the popup's title needs it."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A group of layers in the layer list."""

    id: str
    title: Text


@dataclass(frozen=True, eq=False, kw_only=True)
class Record:
    """What a layer and a register have in common. Two are the same only if they are one object.

    Attributes:
        id: in addresses.
        table: the SQLAlchemy table.
        columns: the readable columns, the id column included, in the order people see them.
        title_column: the column that names one row to a person.
        steward: the id of the department that owns the data; its officers may edit.
        edited_by_districts: whether districts' officers may edit too, in their own districts.
    """

    id: str
    theme: Theme
    title: Text
    description: Text
    table: sa.Table
    columns: tuple[Column, ...]
    title_column: str
    steward: str
    edited_by_districts: bool = False
    id_column: str = "id"

    def held(self, name: str) -> sa.Column[Any]:
        """The column of the table that keeps a column of the record.

        Raises:
            KeyError: there is none.
        """
        return self.table.c[name]

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by their names."""
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: the record has no such column.
        """
        return self.by_name[name]

    def readable(self, audience: Audience = Audience.PUBLIC) -> tuple[Column, ...]:
        """The columns that an audience may read."""
        return tuple(column for column in self.columns if column.audience <= audience)


@dataclass(frozen=True, eq=False, kw_only=True)
class Layer(Record):
    """A layer that the server serves.

    Attributes:
        id: the collection's id in addresses; also the style's name.
        table: its geometry column is `geom` in EPSG:4326.
        time: the column (an instant) or the two columns (an interval) of the layer's time.
        time_of: what that time tells: when an event was, or since when a state is known.
        editors: the ids of other roles that may edit (`layers/roles.py`).
        public_decimals: of a degree, to which the public's positions are rounded; the exact
            ones are then in `geom_exact`, for `Audience.STAFF`. None: positions are public.
        computed: whether the server makes the features, so that nobody edits them.
        shown: whether a map that opens draws the layer before anybody asks for it.
        allows_outside: whether features may lie outside of the province.
        area_column: the column whose codes of administrative units the database makes the geometry
            of, where none is sent; None: a geometry is always sent.
        commune_mark: the column that says `commune` where an import put a point somewhere in its
            commune, as it tells no place of its own, and else `exact`; None: there is none.
        requires_match: whether an edit must say by If-Match which version it was made from.
        class_column: the code column that tells symbols apart (state, kind, priority).
        cluster: points may be gathered into clusters where a tile would hold too many.
        min_zoom, max_zoom: the zoom levels at which tiles are offered.
        page: the address of a page about one feature, `{id}` standing for it; None: there is none.
    """

    geometry_type: GeometryType
    editors: tuple[str, ...] = ()
    public_decimals: int | None = None
    computed: bool = False
    shown: bool = True
    allows_outside: bool = False
    area_column: str | None = None
    commune_mark: str | None = None
    requires_match: bool = False
    time: str | tuple[str, str] | None = None
    time_of: Literal["event", "state"] = "event"
    class_column: str | None = None
    cluster: bool = False
    min_zoom: int = 0
    max_zoom: int = 22
    keywords: tuple[str, ...] = ()
    geometry_column: str = "geom"
    page: str | None = None
    synthetic: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"layer {self.id}: a column is listed twice")
        for name in names:
            if name in RESERVED:
                raise ValueError(f"layer {self.id}: column {name} is the database's own")
            if name not in self.table.c:
                raise ValueError(f"layer {self.id}: table has no column {name}")
        for part in (self.id_column, self.title_column, self.class_column, *self.time_columns):
            if part is not None and part not in names:
                raise ValueError(f"layer {self.id}: {part} is not among its columns")

    @property
    def time_columns(self) -> tuple[str, ...]:
        """The columns of the layer's time: none, an instant, or a start and an end."""
        if self.time is None:
            return ()
        return (self.time,) if isinstance(self.time, str) else self.time

    def geometry_for(self, audience: Audience) -> str:
        """The geometry column that an audience reads."""
        exact = self.public_decimals is not None and audience >= Audience.STAFF
        return EXACT_GEOMETRY if exact else self.geometry_column

    @property
    def is_point(self) -> bool:
        """Whether every feature is a single point."""
        return self.geometry_type == "Point"


def sql_type(record: Record, name: str) -> str:
    """The PostgreSQL type that values compared with a column are cast to."""
    kind = record.held(name).type
    if isinstance(kind, sa.Uuid):
        return "uuid"
    if isinstance(kind, sa.BigInteger | sa.SmallInteger | sa.Integer):
        return "int8"
    if isinstance(kind, sa.Boolean):
        return "bool"
    if isinstance(kind, sa.Numeric | sa.Float):
        return "float8"
    if isinstance(kind, sa.DateTime):
        return "timestamptz"
    if isinstance(kind, sa.Date):
        return "date"
    if isinstance(kind, Geometry):
        return "geometry"
    return "text"


def json_type(record: Record, name: str) -> tuple[JsonType, JsonFormat | None]:
    """The JSON Schema type and format of a column."""
    kinds: dict[str, tuple[JsonType, JsonFormat | None]] = {
        "uuid": ("string", "uuid"),
        "int8": ("integer", None),
        "bool": ("boolean", None),
        "float8": ("number", None),
        "timestamptz": ("string", "date-time"),
        "date": ("string", "date"),
    }
    return kinds.get(sql_type(record, name), ("string", None))
