"""What a process gives back: features with columns, and the account of how they were made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

Progress = Callable[[float], None]
"""Told the done part of the work, from 0 to 1."""

GEOJSON = "application/geo+json"
JSON = "application/json"


@dataclass(frozen=True)
class Result:
    """The result of a process.

    Attributes:
        media_type: of the body.
        body: GeoJSON or JSON, complete.
        summary: a few numbers for people, such as how many cells are hot.
    """

    media_type: str
    body: bytes
    summary: Mapping[str, Any] = field(default_factory=dict)


def features(
    ids: Sequence[str],
    outlines: Sequence[str | None],
    columns: Mapping[str, Any],
    *,
    summary: Mapping[str, Any],
    provenance: Mapping[str, Any],
) -> Result:
    """A GeoJSON FeatureCollection.

    Args:
        ids: of the features.
        outlines: their geometries in CRS84, GeoJSON as text; None where there is none.
        columns: for each property n values; NaN becomes null.
        summary: goes into the collection as well.
        provenance: how it was made, which the collection carries.
    """
    lists = {name: _plain(values) for name, values in columns.items()}
    body = b'{"type":"FeatureCollection","features":[' + b",".join(_written(ids, outlines, lists))
    about = orjson.dumps({"summary": summary, "provenance": provenance})
    return Result(GEOJSON, body + b"]," + about[1:], summary)


def _written(
    ids: Sequence[str], outlines: Sequence[str | None], lists: Mapping[str, list[Any]]
) -> Iterator[bytes]:
    names = list(lists)
    for identifier, outline, *values in zip(ids, outlines, *lists.values(), strict=True):
        yield b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}' % (
            orjson.dumps(identifier),
            b"null" if outline is None else outline.encode(),
            orjson.dumps(dict(zip(names, values, strict=True))),
        )


def _plain(values: Any) -> list[Any]:
    """Values as JSON has them: NaN as null, no more digits than mean something."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        # Numbers of Python's own: NumPy's cost several times as much one by one.
        return [None if math.isnan(one) else float(f"{one:.10g}") for one in values.tolist()]
    return list(values.tolist() if isinstance(values, np.ndarray) else values)


def table(
    rows: Sequence[Mapping[str, Any]],
    *,
    summary: Mapping[str, Any],
    provenance: Mapping[str, Any],
) -> Result:
    """Rows without geometry, as a JSON object."""
    body = orjson.dumps({"rows": rows, "summary": summary, "provenance": provenance})
    return Result(JSON, body, summary)
