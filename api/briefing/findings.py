"""A result of a process, read back: its features with names, and the account of their making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import shapely
import shapely.errors

from api.briefing import texts
from layers.analysis.processes import Process, process_of
from layers.analysis.surroundings import Surroundings, Unit
from spatial.errors import BadInput

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""The first octets of a TIFF: a result that is a raster."""
Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A feature of a result.

    Attributes:
        name: of its unit, or of the unit that it lies in; empty: it lies in none.
    """

    id: str
    name: str
    geometry: Mapping[str, Any] | None
    properties: Properties


@dataclass(frozen=True, slots=True)
class Finding:
    """A result.

    Attributes:
        periods: starts of periods with their counts, where it tells of some.
    """

    process: Process
    inputs: Mapping[str, Any]
    summary: Mapping[str, Any]
    provenance: Mapping[str, Any]
    found: tuple[Found, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    periods: tuple[tuple[str, int], ...] = ()

    @property
    def layer(self) -> str:
        """The id of the layer that was analysed."""
        return str(self.inputs["layer"])


WITHOUT = frozenset({"flows"})
"""Processes whose results are for staff alone, and so for no briefing."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A result as it was written, checked for its outer form."""

    process: Process
    layer: str
    version: int
    content: Mapping[str, Any]


def opened(body: bytes) -> Opened:
    """A result as the process wrote it.

    Raises:
        BadInput: it is no result of a process; the sentence says what it lacks.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise lacking(f"JSON ({error})") from None
    if not isinstance(content, dict):
        raise lacking("provenance")
    told, summary = content.get("provenance"), content.get("summary")
    if not isinstance(told, dict) or not isinstance(summary, dict):
        raise lacking("provenance")
    inputs = told.get("inputs")
    if not isinstance(inputs, dict) or not isinstance(inputs.get("layer"), str):
        raise lacking("provenance.inputs.layer")
    rows = content.get("features", content.get("rows"))
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise lacking("features")
    if told.get("process") in WITHOUT:
        raise BadInput(*(texts.NO_BRIEFING.in_language(one) for one in ("en", "vi")))
    version = told.get("layer_version")
    return Opened(
        process_of(str(told.get("process"))),
        inputs["layer"],
        version if isinstance(version, int) else -1,
        content,
    )


def lacking(what: str) -> BadInput:
    """What is to be said of a result that lacks something."""
    return BadInput(
        texts.NOT_A_RESULT.en.format(what=what), texts.NOT_A_RESULT.vi.format(what=what)
    )


def read_finding(result: Opened, around: Surroundings) -> Finding:
    """The features of a result with their names.

    Raises:
        BadInput: a feature is not what the process writes.
    """
    content = result.content
    names = {unit.code: unit.name for unit in around.units}
    periods: dict[str, int] = {}
    try:
        if "features" in content:
            found = _named(content["features"], names, around.units)
        else:
            found, periods = _by_unit(content["rows"], around.units)
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        raise lacking(f"features ({type(error).__name__}: {error})") from None
    return Finding(
        result.process,
        content["provenance"]["inputs"],
        content["summary"],
        content["provenance"],
        tuple(found),
        names,
        tuple(sorted(periods.items())),
    )


def _named(
    features: Sequence[Mapping[str, Any]], names: Mapping[str, str], units: Sequence[Unit]
) -> list[Found]:
    located = _Locator([unit for unit in units if unit.level == "commune"])
    found = []
    for feature in features:
        properties, geometry = feature["properties"], feature["geometry"]
        if "units" in properties:
            name = ", ".join(names.get(code, code) for code in properties["units"])
        else:
            name = properties.get("name") or located.name(geometry)
        found.append(Found(str(feature["id"]), str(name), geometry, properties))
    return found


def _by_unit(
    rows: Sequence[Mapping[str, Any]], units: Sequence[Unit]
) -> tuple[list[Found], dict[str, int]]:
    """Rows of a table added up by unit, with the outlines of the units, and by period."""
    outlines = {unit.code: unit.outline for unit in units}
    totals: dict[str, dict[str, Any]] = {}
    periods: dict[str, int] = {}
    for row in rows:
        code = str(row["unit"])
        total = totals.setdefault(code, {"name": row.get("name") or code, "n": 0})
        total["n"] += row["n"]
        if row.get("sum") is not None:
            total["sum"] = total.get("sum", 0) + row["sum"]
        if "period" in row:
            periods[row["period"]] = periods.get(row["period"], 0) + row["n"]
    found = [Found(code, str(one["name"]), outlines.get(code), one) for code, one in totals.items()]
    return found, periods


class _Locator:
    """Tells in which unit a feature lies: where its middle is, else one that it touches."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._names = [unit.name for unit in units]
        shapes = [shapely.from_geojson(orjson.dumps(unit.outline)) for unit in units]
        self._tree = shapely.STRtree(shapes)

    def name(self, geometry: Mapping[str, Any] | None) -> str:
        if geometry is None:
            return ""
        shape = shapely.from_geojson(orjson.dumps(geometry))
        for part in (shapely.centroid(shape), shape):
            within = np.sort(self._tree.query(part, predicate="intersects"))
            if len(within):
                return self._names[int(within[0])]
        return ""
