"""Paths of SVG as numbers; apart from what reads them, since processes that draw need no more."""

from __future__ import annotations

from collections.abc import Iterator


def rings(path: str) -> Iterator[list[tuple[float, float]]]:
    """The rings of an area's SVG path, as PostGIS writes it: `M x y L x y x y … Z` for each."""
    for part in path.split("M")[1:]:
        numbers = [float(word) for word in part.replace("L", " ").replace("Z", " ").split()]
        yield list(zip(numbers[::2], numbers[1::2], strict=True))
