"""Colours of a raster's values: ramps over a range, or a colour for each class; and its legend.

The ramps are viridis and inferno of matplotlib (CC0), YlOrRd, Blues, Greens and RdBu of ColorBrewer
2.0 (Apache 2.0) by Cynthia Brewer, and one for heights; all but the last are even in lightness, so
that equal steps look equal, also to the colour-blind.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatial.errors import BadInput, shown

RAMPS: Mapping[str, tuple[str, ...]] = {
    "heat": ("#ffffcc", "#ffeda0", "#fed976", "#feb24c", "#fd8d3c", "#fc4e2a", "#e31a1c",
             "#bd0026", "#800026"),
    "viridis": ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962",
                "#addc30", "#fde725"),
    "inferno": ("#000004", "#210c4a", "#57106e", "#8a226a", "#bc3754", "#e45a31", "#f98e09",
                "#f9cb35", "#fcffa4"),
    "blues": ("#f7fbff", "#deebf7", "#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5",
              "#08519c", "#08306b"),
    "greens": ("#f7fcf5", "#e5f5e0", "#c7e9c0", "#a1d99b", "#74c476", "#41ab5d", "#238b45",
               "#006d2c", "#00441b"),
    "diverging": ("#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7", "#fddbc7", "#f4a582",
                  "#d6604d", "#b2182b"),
    "heights": ("#2b7a4b", "#6ba55a", "#b5c96a", "#e8dc8c", "#d8b26a", "#b98150", "#96614a",
                "#b9a59a", "#f5f3f0"),
}  # fmt: skip
"""Colours from the lowest to the highest value."""

STEPS = 256
_AT_ONCE = 1_000_000
"""Values that are coloured at a time."""
MOST_CLASSES = 64
LEGEND_STEPS = 6
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Class:
    """A value that stands for something, its colour `#rrggbb` and what people call it."""

    value: float
    colour: str
    label: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a raster is coloured: by its classes if it has any, else by a ramp from low to high.

    Attributes:
        fades: the lowest colours let the map show through, as a density does where nothing is.
    """

    ramp: str = "viridis"
    low: float = 0.0
    high: float = 1.0
    fades: bool = False
    classes: tuple[Class, ...] = field(default=())

    @property
    def is_categorical(self) -> bool:
        """Whether values are classes, between which nothing lies."""
        return bool(self.classes)

    def rgba(self, values: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """Red, green, blue and opacity of each value; what is not valid is transparent."""
        found = np.zeros((*values.shape, 4), dtype=np.uint8)
        if self.classes:
            for one in self.classes:
                found[valid & (values == one.value)] = (*rgb(one.colour), 255)
            return found
        table = self._table()
        rows = max(_AT_ONCE // max(values.shape[1], 1), 1)
        for start in range(0, values.shape[0], rows):
            part = slice(start, start + rows)
            found[part][valid[part]] = table[self._steps(values[part][valid[part]])]
        return found

    def _steps(self, values: NDArray[Any]) -> NDArray[np.intp]:
        """Where values lie between low and high, as numbers of colours."""
        span = self.high - self.low
        if span <= 0:
            return np.zeros(values.shape, dtype=np.intp)
        share = (values.astype(np.float64) - self.low) / span
        return np.asarray(np.clip(np.rint(share * (STEPS - 1)), 0, STEPS - 1), dtype=np.intp)

    def _table(self) -> NDArray[np.uint8]:
        colours = np.array([rgb(one) for one in RAMPS[self.ramp]], dtype=np.float64)
        at = np.linspace(0, len(colours) - 1, STEPS)
        table = np.empty((STEPS, 4))
        for band in range(3):
            table[:, band] = np.interp(at, np.arange(len(colours)), colours[:, band])
        table[:, 3] = 255
        if self.fades:
            fading = STEPS // 8
            table[:fading, 3] = np.linspace(0, 255, fading)
        return np.rint(table).astype(np.uint8)

    def legend(self) -> list[tuple[float, str, str | None]]:
        """Values from the lowest, their colours, and the names of classes."""
        if self.classes:
            return [(one.value, one.colour, one.label) for one in self.classes]
        table = self._table()
        values = (
            np.linspace(self.low, self.high, LEGEND_STEPS) if self.high > self.low else [self.low]
        )
        at = np.linspace(0, STEPS - 1, LEGEND_STEPS).astype(int)
        return [
            (float(f"{value:.4g}"), "#{:02x}{:02x}{:02x}".format(*table[index, :3]), None)
            for value, index in zip(values, at, strict=False)
        ]

    def to_json(self) -> dict[str, Any]:
        """The style as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Style:
        """The style that `to_json` wrote."""
        return cls(**{**kept, "classes": tuple(Class(**one) for one in kept["classes"])})


def rgb(colour: str) -> tuple[int, int, int]:
    """The three numbers of `#rrggbb`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def parse_colour(text: str) -> str:
    """A colour as `#rrggbb`, from that or `0xrrggbb`.

    Raises:
        BadInput: it is neither.
    """
    colour = text.lower().replace("0x", "#", 1)
    if not _COLOUR.fullmatch(colour):
        raise BadInput(
            f"'{shown(text)}' is no colour; write it like #3b528b",
            f"'{shown(text)}' không phải là màu; hãy viết như #3b528b",
        )
    return colour


def parse_class(text: str) -> Class:
    """A class from `value=#rrggbb=label`.

    Raises:
        BadInput: it is written otherwise.
    """
    value, _, rest = text.partition("=")
    colour, _, label = rest.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or not label.strip():
        raise BadInput(
            f"'{shown(text)}' is no class; write it like 1=#2171b5=Flooded",
            f"'{shown(text)}' không phải là lớp; hãy viết như 1=#2171b5=Ngập",
        )
    return Class(number, parse_colour(colour), label.strip())


def parse_style(
    ramp: str,
    low: float,
    high: float,
    classes: tuple[Class, ...] = (),
    *,
    fades: bool = False,
) -> Style:
    """A style of a known ramp over a range, or of classes.

    Raises:
        BadInput: there is no such ramp, the range is empty, or there are too many classes.
    """
    if ramp not in RAMPS:
        raise BadInput(
            f"there is no ramp '{shown(ramp)}'; there are {', '.join(RAMPS)}",
            f"không có dải màu '{shown(ramp)}'; hiện có: {', '.join(RAMPS)}",
        )
    if not low <= high:
        raise BadInput(
            f"the range of colours must go upwards, not from {low:g} to {high:g}",
            f"khoảng giá trị của dải màu phải tăng, không phải từ {low:g} đến {high:g}",
        )
    if len(classes) > MOST_CLASSES:
        raise BadInput(
            f"{len(classes)} classes are more than {MOST_CLASSES}",
            f"{len(classes)} lớp, nhiều hơn {MOST_CLASSES}",
        )
    return Style(ramp, low, high, fades, classes)
