"""Geometries in CQL2 text: well-known text to GeoJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spatial.cql2.errors import BadFilter

if TYPE_CHECKING:
    from spatial.cql2.text import TextParser

GEOMETRIES = {
    "POINT": ("Point", 0),
    "LINESTRING": ("LineString", 1),
    "POLYGON": ("Polygon", 2),
    "MULTIPOINT": ("MultiPoint", 1),
    "MULTILINESTRING": ("MultiLineString", 2),
    "MULTIPOLYGON": ("MultiPolygon", 3),
    "GEOMETRYCOLLECTION": ("GeometryCollection", 0),
}
"""The GeoJSON type, and how many lists hold its positions."""


def read_geometry(parser: TextParser, name: str) -> dict[str, Any]:
    """The geometry whose name the parser has just read.

    Raises:
        BadFilter: it does not follow the grammar, or is empty.
    """
    kind, nesting = GEOMETRIES[name]
    if parser.token.is_keyword("Z", "M", "ZM"):
        parser.take()
    if parser.token.is_keyword("EMPTY"):
        raise BadFilter(f"The filter's {name} is empty.", f"{name} trong bộ lọc không có toạ độ.")
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": _members(parser)}
    parser.take_sign("(")
    if nesting == 0:
        position = _position(parser)
        parser.take_sign(")")
        return {"type": kind, "coordinates": position}
    return {"type": kind, "coordinates": _positions(parser, nesting, kind == "MultiPoint")}


def _members(parser: TextParser) -> list[dict[str, Any]]:
    parser.take_sign("(")
    members: list[dict[str, Any]] = []
    while True:
        name = parser.token.value.upper()
        if parser.token.kind != "word" or name not in GEOMETRIES or name == "GEOMETRYCOLLECTION":
            parser.expected("a geometry like POINT", "hình học như POINT")
        parser.take()
        members.append(read_geometry(parser, name))
        if not parser.token.is_sign(","):
            break
        parser.take()
    parser.take_sign(")")
    return members


def _positions(parser: TextParser, nesting: int, bracketed: bool) -> list[Any]:
    """The lists of positions whose opening parenthesis has been read."""
    found: list[Any] = []
    while True:
        if nesting > 1:
            parser.take_sign("(")
            found.append(_positions(parser, nesting - 1, bracketed=False))
        elif bracketed and parser.token.is_sign("("):
            parser.take()
            found.append(_position(parser))
            parser.take_sign(")")
        else:
            found.append(_position(parser))
        if not parser.token.is_sign(","):
            break
        parser.take()
    parser.take_sign(")")
    return found


def _position(parser: TextParser) -> list[float]:
    numbers: list[float] = []
    while parser.token.kind == "number" or parser.token.is_sign("-", "+"):
        sign = -1.0 if parser.token.is_sign("-") else 1.0
        if parser.token.kind == "sign":
            parser.take()
        if parser.token.kind != "number":
            parser.expected("a number", "một số")
        numbers.append(sign * float(parser.take().value))
    if not 2 <= len(numbers) <= 4:
        parser.expected("two or three numbers of a position", "hai hoặc ba số của một vị trí")
    return numbers
