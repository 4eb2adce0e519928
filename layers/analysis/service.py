"""The process that finds what lies within a distance or minutes of features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from layers.analysis.groups import outlines
from layers.analysis.inputs import ServiceAreaInputs
from layers.analysis.reach import ARC
from layers.analysis.reading import Reader
from layers.analysis.results import Progress, Result, features
from layers.analysis.roads import Roads, roads_of
from layers.analysis.snapshot import Floats
from layers.analysis.units import Units
from spatial.errors import BadInput
from spatial.network import DETOUR, OFF_ROAD_KMH, off_road_minutes

MOST = 2000
"""Features of which the areas are found at once."""

TOLERANCE_M = 10.0
"""An area by road is drawn so exactly."""


def service_area(
    inputs: ServiceAreaInputs, reader: Reader, told: dict[str, Any], step: Progress
) -> Result:
    """For each feature the area from which it is reached, with the people who live there.

    By road, the area is what lies within `off_road_m` of the parts of roads from which the rest of
    the way is left; the way between the feature and its nearest node counts. Else it is a circle,
    of minutes one whose way is 1.4 times the straight line at 30 km/h.
    """
    ids, where, _ = reader.named()
    if len(ids) > MOST:
        raise BadInput(
            f"{len(ids)} features are too many for service areas, {MOST} at most: give a filter",
            f"{len(ids)} đối tượng là quá nhiều, nhiều nhất {MOST}: hãy dùng filter",
        )
    units = reader.units(inputs.by)
    roads = roads_of(reader, inputs.along)
    step(0.1)
    if roads is None:
        areas = _circles(where, _radius(inputs))
    else:
        told["roads"] = roads.loaded_at
        areas = np.empty(len(ids), dtype=object)
        for number, area in enumerate(_by_road(inputs, roads, where)):
            areas[number] = area
            step(0.1 + 0.6 * (number + 1) / len(ids))
    everywhere = shapely.union_all(areas)
    columns: dict[str, Any] = {
        "area_km2": (shapely.area(areas) / 1e6).round(3),
        "people": _people(units, areas),
    }
    summary: dict[str, Any] = {
        "n": len(ids),
        "along": "straight" if roads is None else "road",
        "area_km2": round(everywhere.area / 1e6, 3),
        "people": _whole(_people(units, np.array([everywhere], dtype=object))[0]),
    }
    step(0.8)
    if inputs.of is not None:
        _, others, _ = reader.other(inputs.of, inputs.of_filter).named()
        tree = shapely.STRtree([shapely.Point(one) for one in others])
        within, _ = tree.query(areas, predicate="intersects")
        columns["features_within"] = np.bincount(within, minlength=len(ids))
        summary["features"] = len(others)
        summary["features_within"] = len(tree.query(everywhere, predicate="intersects"))
    return features(
        ids,
        outlines(areas, reader.province.metric_srid),
        columns,
        summary=summary,
        provenance=told,
    )


def _circles(where: Floats, radius_m: float) -> NDArray[np.object_]:
    return np.asarray(shapely.buffer(shapely.points(where), radius_m, quad_segs=ARC))


def _radius(inputs: ServiceAreaInputs) -> float:
    if inputs.distance_m is not None:
        return inputs.distance_m
    assert inputs.minutes is not None
    return inputs.minutes / 60 * OFF_ROAD_KMH * 1000 / DETOUR


def _by_road(inputs: ServiceAreaInputs, roads: Roads, where: Floats) -> Iterator[Any]:
    network = roads.network
    by = "minutes" if inputs.distance_m is None else "metres"
    budget = inputs.distance_m or inputs.minutes or 0.0
    nodes, aways = network.enter(where)
    spent = aways if by == "metres" else off_road_minutes(aways)
    around = _circles(where, min(inputs.off_road_m, _radius(inputs)))
    for node, start, near in zip(nodes, spent, around, strict=True):
        left = network.left_at(int(node), float(start), budget, by)
        edges, from_source, from_target = network.reached(left, by)
        parts = list(_parts(roads.lines(edges), from_source, from_target))
        wide = shapely.buffer(shapely.multilinestrings(parts), inputs.off_road_m)
        yield shapely.simplify(shapely.union(wide, near), TOLERANCE_M)


def _parts(lines: NDArray[np.object_], from_source: Floats, from_target: Floats) -> Iterator[Any]:
    for line, begin, end in zip(lines, from_source, from_target, strict=True):
        if begin + end >= 1:
            yield line
            continue
        if begin > 0:
            yield substring(line, 0, begin, normalized=True)
        if end > 0:
            yield substring(line, 1 - end, 1, normalized=True)


def _people(units: Units, areas: NDArray[np.object_]) -> Floats:
    """People in areas, who are taken to live evenly in their units; NaN where unknown."""
    if not len(units.codes) or not np.isfinite(units.population).all():
        return np.full(len(areas), np.nan)
    tree = shapely.STRtree(units.shapes)
    number, unit = tree.query(areas, predicate="intersects")
    shared = shapely.area(shapely.intersection(areas[number], units.shapes[unit]))
    density = units.population / shapely.area(units.shapes)
    return np.rint(np.bincount(number, shared * density[unit], minlength=len(areas)))


def _whole(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None
