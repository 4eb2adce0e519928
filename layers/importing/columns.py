"""Which column of a layer each column of a file is: by name or by title, without accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from layers.importing.problems import ImportFailed
from layers.layer import Column, Layer, Record
from layers.tables import PLACE

_OTHER = re.compile(r"[^a-z0-9]+")

LONGITUDE = ("lon", "lng", "long", "longitude", "kinh do", "x", "easting", "toa do x")
LATITUDE = ("lat", "latitude", "vi do", "y", "northing", "toa do y")
WKT = ("wkt", "geometry", "geom", "the geom", "hinh hoc")
COMMUNE = ("commune code", "ma xa", "ma xa phuong", "ma phuong xa", "xa phuong", "commune", "xa")


@dataclass(frozen=True, slots=True)
class Matching:
    """What each column of the file is.

    Attributes:
        columns: the file's names of the layer's columns, by the layer's names.
        longitude, latitude, wkt, commune: the file's names of what tells the place, if any.
        ignored: the file's columns that are none of these.
    """

    columns: dict[str, str]
    longitude: str | None
    latitude: str | None
    wkt: str | None
    commune: str | None
    ignored: tuple[str, ...]


def fold(text: str) -> str:
    """Lower case, without accents, signs or repeated spaces: `Mã QR` → `ma qr`."""
    plain = text.replace("đ", "d").replace("Đ", "d")
    letters = unicodedata.normalize("NFD", plain)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _OTHER.sub(" ", plain.lower()).strip()


def importable(layer: Layer) -> tuple[Column, ...]:
    """The columns that a file may set: all but those the database works out."""
    derived = {column.name for column in PLACE} if layer.is_point else set()
    return tuple(column for column in layer.columns if column.name not in derived)


def score(layer: Layer, names: Iterable[str]) -> int:
    """How many of the names are columns of the layer or tell a place."""
    known = {alias for column in importable(layer) for alias in aliases(column)}
    known.update(LONGITUDE, LATITUDE, WKT, COMMUNE)
    return len({fold(name) for name in names} & known)


def aliases(column: Column) -> tuple[str, ...]:
    """What a file may call a column, folded: by name, by either title."""
    return fold(column.name), fold(column.title.vi), fold(column.title.en)


def match(layer: Layer, fields: tuple[str, ...], *, has_shapes: bool) -> Matching:
    """Match a file's columns to a layer's.

    A name counts before a title, and the first column of the file before a later one.

    Raises:
        ImportFailed: a column that every row must have is missing, or nothing tells the place.
    """
    folded: dict[str, str] = {}
    for name in fields:
        folded.setdefault(fold(name), name)
    columns: dict[str, str] = {}
    taken: set[str] = set()
    for rank in range(3):
        for column in importable(layer):
            found = folded.get(aliases(column)[rank])
            if column.name not in columns and found is not None and found not in taken:
                columns[column.name] = found
                taken.add(found)

    def first(names: Iterable[str]) -> str | None:
        found = (folded[name] for name in names if name in folded)
        return next((name for name in found if name not in taken), None)

    longitude, latitude, wkt = (
        None if has_shapes else first(names) for names in (LONGITUDE, LATITUDE, WKT)
    )
    commune = first(COMMUNE) if layer.is_point else None
    used = {*taken, longitude, latitude, wkt, commune}
    ignored = tuple(name for name in fields if name and name not in used)
    matching = Matching(columns, longitude, latitude, wkt, commune, ignored)
    _check_complete(layer, matching, has_shapes)
    return matching


def required(record: Record, column: Column) -> bool:
    """Whether every row must have a value, because the table has no default for it."""
    stored = record.held(column.name)
    return not stored.nullable and stored.server_default is None and stored.identity is None


def _check_complete(layer: Layer, matching: Matching, has_shapes: bool) -> None:
    missing = [
        column
        for column in importable(layer)
        if required(layer, column) and column.name not in matching.columns
    ]
    if missing:
        en = ", ".join(f"{column.name} ({column.title.en})" for column in missing)
        vi = ", ".join(f"{column.name} ({column.title.vi})" for column in missing)
        raise ImportFailed(
            f"the file lacks columns that the layer {layer.id} must have: {en}",
            f"tệp thiếu các cột bắt buộc của lớp {layer.id}: {vi}",
        )
    pair = matching.longitude and matching.latitude
    placed = has_shapes or pair or matching.wkt or matching.commune
    if not placed and layer.area_column is None:
        raise ImportFailed(
            "nothing in the file tells the place: it needs geometries, lon and lat, wkt"
            + (", or commune_code" if layer.is_point else ""),
            "tệp không có vị trí: cần hình học, kinh độ và vĩ độ, wkt"
            + (", hoặc mã xã" if layer.is_point else ""),
        )


def key_column(layer: Layer, matching: Matching) -> str | None:
    """The column that tells which existing row a row of the file is: the id, else a unique code."""
    if layer.id_column in matching.columns:
        return layer.id_column
    unique = [name for name in unique_columns(layer) if name in matching.columns]
    return unique[0] if unique else None


def unique_columns(layer: Layer) -> list[str]:
    """The columns that no two rows may share, the id first."""
    names = [layer.id_column]
    for constraint in sorted(
        (one for one in layer.table.constraints if isinstance(one, sa.UniqueConstraint)),
        key=lambda one: str(one.name),
    ):
        if len(constraint.columns) == 1:
            names.append(constraint.columns[0].name)
    return names
