"""The query parameters of coverages and maps, one function each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from PIL import ImageColor

from api.negotiation import JSON, PNG, SVG, TILEJSON, Media
from api.ogc import parameters as p
from api.ogc.operations import Parameter, shorten
from spatial.crs import Crs
from spatial.errors import BadInput

GEOTIFF = Media("geotiff", "image/tiff; application=geotiff", "GeoTIFF")
COVERAGE_JSON = Media("covjson", "application/prs.coverage+json", "CoverageJSON")
COVERAGE_MEDIA = (GEOTIFF, PNG, COVERAGE_JSON)
MAP_MEDIA = (PNG,)
LEGEND_MEDIA = (JSON, SVG)
TILESET_MEDIA = (JSON, TILEJSON)

DEGREES = ("Lon", "Lat")
METRES = ("E", "N")
"""Names of axes: in degrees of CRS84, and in the raster's own CRS."""
LARGEST_SIDE = 20_000
LEAST_FACTOR, MOST_FACTOR = 0.01, 100_000
_PART = re.compile(r"([A-Za-z]{1,3})\(([^()]{1,60})\)", re.ASCII)
_COLOUR = re.compile(r"(?:0x|#)?([0-9a-fA-F]{6})|([a-zA-Z]{3,20})", re.ASCII)

Range = tuple[float | None, float | None]


class Size(NamedTuple):
    """Pixels along the axes of a grid, and whether these were named as degrees."""

    width: int
    height: int
    in_degrees: bool


def _parts(text: str) -> dict[str, str]:
    """`A(x),B(y)` by names.

    Raises:
        BadInput: it is written otherwise, or names an axis that no raster has, or one twice.
    """
    found: dict[str, str] = {}
    rest = text
    while rest:
        match = _PART.match(rest)
        if match is None:
            raise BadInput(
                "must be like Lat(15.5:16),Lon(108:108.5)", "phải như Lat(15.5:16),Lon(108:108.5)"
            )
        name = match[1]
        if name not in (*DEGREES, *METRES) or name in found:
            raise BadInput(
                f"the axes are {', '.join((*DEGREES, *METRES))}, each once, not {name!r}",
                f"các trục là {', '.join((*DEGREES, *METRES))}, mỗi trục một lần, không phải"
                f" {name!r}",
            )
        found[name] = match[2].strip()
        rest = rest[match.end() :]
        if rest:
            if not rest.startswith(",") or rest == ",":
                raise BadInput("axes are separated by commas", "các trục cách nhau bằng dấu phẩy")
            rest = rest[1:].lstrip()
    if not found:
        raise BadInput("must name an axis", "phải nêu một trục")
    if set(found) - set(DEGREES) and set(found) - set(METRES):
        raise BadInput(
            "Lon and Lat cannot be mixed with E and N", "không dùng lẫn Lon, Lat với E, N"
        )
    return found


def subset() -> Parameter:
    """`subset` (Coverages, subsetting): intervals of axes."""

    def bound(text: str) -> float | None:
        return None if text == "*" else p.finite(text)

    def parse(text: str) -> dict[str, Range]:
        ranges: dict[str, Range] = {}
        for name, between in _parts(text).items():
            low, colon, high = between.partition(":")
            if not colon:
                raise BadInput(
                    f"{name} must have an interval low:high",
                    f"{name} phải có khoảng thấp:cao",
                )
            ends = bound(low.strip()), bound(high.strip())
            if ends[0] is not None and ends[1] is not None and not ends[0] < ends[1]:
                raise BadInput(
                    f"{name}: {low} must be below {high}", f"{name}: {low} phải nhỏ hơn {high}"
                )
            ranges[name] = ends
        return ranges

    return Parameter(
        "subset",
        "Intervals of axes, such as `Lat(15.5:16),Lon(108:108.5)` in degrees or"
        " `E(550000:560000),N(1710000:1720000)` in the collection's storageCrs; `*` leaves an end"
        " open.",
        {"type": "string"},
        parse,
        shared=False,
    )


def scale_factor() -> Parameter:
    """`scale-factor` (Coverages, scaling): how many pixels become one along each axis."""
    return Parameter(
        "scale-factor",
        "Pixels of the raster that become one along each axis; below 1 they become several.",
        {"type": "number", "minimum": LEAST_FACTOR, "maximum": MOST_FACTOR},
        _factor,
        shared=False,
    )


def scale_axes() -> Parameter:
    """`scale-axes` (Coverages, scaling): the same, for each axis its own."""

    def parse(text: str) -> tuple[float, float]:
        parts = _parts(text)
        across, up = DEGREES if set(parts) <= set(DEGREES) else METRES
        return _factor(parts.get(across, "1")), _factor(parts.get(up, "1"))

    return Parameter(
        "scale-axes",
        "Pixels of the raster that become one, by axis, such as `Lon(2),Lat(4)` or `E(2),N(4)`.",
        {"type": "string"},
        parse,
        shared=False,
    )


def _factor(text: str) -> float:
    number = p.finite(text)
    if not LEAST_FACTOR <= number <= MOST_FACTOR:
        raise BadInput(
            f"must be from {LEAST_FACTOR} to {MOST_FACTOR}",
            f"phải từ {LEAST_FACTOR} đến {MOST_FACTOR}",
        )
    return number


def scale_size() -> Parameter:
    """`scale-size` (Coverages, scaling): pixels along each axis."""

    def parse(text: str) -> Size:
        parts = _parts(text)
        if len(parts) != 2:
            raise BadInput(
                "must name both axes, such as Lon(800),Lat(600)",
                "phải nêu cả hai trục, như Lon(800),Lat(600)",
            )
        in_degrees = DEGREES[0] in parts
        axes = DEGREES if in_degrees else METRES
        width, height = (p.whole(parts[one], 1, LARGEST_SIDE) for one in axes)
        return Size(width, height, in_degrees)

    return Parameter(
        "scale-size",
        "Pixels along the axes, such as `Lon(800),Lat(600)` or `E(800),N(600)`.",
        {"type": "string"},
        parse,
        shared=False,
    )


def scale_size_exact() -> Parameter:
    """`scaleSize`, as drafts of Coverages and GDAL write it."""
    return replace(
        scale_size(),
        name="scaleSize",
        description="As scale-size, of exactly the box that is asked for, also beyond the raster,"
        " in the system whose axes are named: what GDAL asks of OGC API Coverages.",
    )


def side(name: str) -> Parameter:
    """`width` or `height` (Maps, scaling): pixels."""
    return Parameter(
        name,
        "Pixels; where only one of width and height is given, the other follows.",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_SIDE},
        lambda text: p.whole(text, 1, LARGEST_SIDE),
        shared=False,
    )


def bbox() -> Parameter:
    """`bbox`: read with `bbox-crs`, hence kept as text here."""
    return replace(
        p.bbox(),
        description="The box that is wanted: four numbers, in CRS84 (longitude, latitude) unless"
        " bbox-crs says otherwise.",
        schema={"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
        shared=False,
    )


def transparent() -> Parameter:
    """`transparent` (Maps, background)."""
    return Parameter(
        "transparent",
        "Whether the map is transparent where the raster has no value; false where bgcolor is"
        " given.",
        {"type": "boolean", "default": True},
        p.boolean,
        shared=False,
    )


def bgcolor() -> Parameter:
    """`bgcolor` (Maps, background): a colour in hexadecimal, or by its name in CSS."""

    def parse(text: str) -> tuple[int, int, int]:
        match = _COLOUR.fullmatch(text)
        try:
            if match is None:
                raise ValueError
            found = ImageColor.getrgb(f"#{match[1]}" if match[1] else match[2])
        except ValueError:
            raise BadInput(
                "must be a colour like 0xFFEEDD or a name such as white",
                "phải là màu như 0xFFEEDD hoặc tên như white",
            ) from None
        return found[0], found[1], found[2]

    return Parameter(
        "bgcolor",
        "The colour behind the raster, such as `0xFFFFFF` or `white`.",
        {"type": "string"},
        parse,
        shared=False,
    )


def version() -> Parameter:
    """`v`: a version for caches, which selects nothing."""
    return Parameter(
        "v",
        "The version of the rasters, so that an address names one content; it selects nothing.",
        {"type": "string", "maxLength": 64},
        lambda text: shorten(text, 64),
        shared=False,
    )


def coverage_parameters(crs: tuple[Crs, ...] = ()) -> tuple[Parameter, ...]:
    """The parameters of a coverage."""
    return (
        p.f(COVERAGE_MEDIA),
        bbox(),
        _crs("bbox-crs", crs, "The coordinate reference system of bbox."),
        subset(),
        _crs("subset-crs", crs, "The system of subset, where it is not CRS84 or the raster's own."),
        scale_factor(),
        scale_axes(),
        scale_size(),
        scale_size_exact(),
        side("width"),
        side("height"),
        _crs("crs", crs, "The system of the answer; the collection's storageCrs by default."),
    )


def map_parameters(crs: tuple[Crs, ...] = ()) -> tuple[Parameter, ...]:
    """The parameters of a map."""
    return (
        p.f(MAP_MEDIA),
        bbox(),
        _crs("bbox-crs", crs, "The coordinate reference system of bbox."),
        side("width"),
        side("height"),
        _crs("crs", crs, "The coordinate reference system of the map; CRS84 by default."),
        transparent(),
        bgcolor(),
    )


def tile_parameters() -> tuple[Parameter, ...]:
    """The parameters of a map tile."""
    return (p.f(MAP_MEDIA), version())


def _crs(name: str, listed: tuple[Crs, ...], description: str) -> Parameter:
    made = p.crs(name, listed, description)
    # Which ones there are depends on the raster; the definition is of all rasters.
    schema = made.schema if listed else {"type": "string", "format": "uri"}
    return replace(made, schema=schema, shared=False)
