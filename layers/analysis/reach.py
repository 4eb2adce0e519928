"""Processes of distance: what is nearest, and who is too far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from layers.analysis.inputs import CoverageGapInputs, NearestInputs
from layers.analysis.reading import Reader
from layers.analysis.results import Progress, Result, features
from layers.analysis.roads import roads_of
from layers.analysis.snapshot import Floats
from spatial.errors import BadInput
from spatial.network import DETOUR, Network, off_road_minutes

ARC = 16
"""Segments of a quarter of a circle: its area is then within 0.2 % of the true one."""


BOUNDS = (1e-6, 0.25, 0.5, 0.75)
COVERED = ("none", "under_25", "under_50", "under_75", "most")
"""The classes of a share that is beyond reach, between the bounds."""

AT_ONCE = 4_000_000
"""Ways that are held at once, 32 MB for each number of them."""


def nearest(inputs: NearestInputs, reader: Reader, told: dict[str, Any], step: Progress) -> Result:
    """The nearest features of another layer, the ways going from the features to those.

    By road as the nearest teams are found (`dieuhanh.sos_teams`): the quickest way from the node
    nearest to one place to the node nearest to the other. Where the ways to the road are the longer
    part, or there is none, it is the straight line, which counts as 1.4 times as long.
    """
    ids, where, points = reader.named()
    others = reader.other(inputs.to, inputs.to_filter)
    other_ids, there, _ = others.named()
    if not other_ids:
        raise BadInput(
            f"no feature of {inputs.to} is left to be near",
            f"không còn đối tượng nào của {inputs.to}",
        )
    roads = roads_of(reader, inputs.along)
    step(0.2)
    k = min(inputs.k, len(other_ids))
    if roads is None:
        metres, index = cKDTree(there).query(where, k=range(1, k + 1))
        by_road: dict[str, Any] = {}
    else:
        told["roads"] = roads.loaded_at
        found = _by_road(roads.network, where, there, k, step)
        metres, index = found.metres, found.index
        by_road = {
            "minutes": np.round(found.minutes, 1).tolist(),
            "along": [["road" if one else "straight" for one in row] for row in found.is_road],
        }
    step(0.9)
    first = metres[:, 0] if len(ids) else np.zeros(0)
    return features(
        ids,
        points,
        {
            "nearest": [[other_ids[i] for i in row] for row in index],
            "distance_m": np.round(metres, 1).tolist(),
            **by_road,
        },
        summary={
            "n": len(ids),
            "along": "straight" if roads is None else "road",
            "median_m": round(float(np.median(first)), 1) if len(ids) else None,
            "farthest_m": round(float(first.max()), 1) if len(ids) else None,
        },
        provenance=told,
    )


@dataclass(frozen=True)
class _Ways:
    """The ways to the k nearest of each place, (n, k) each, the nearest first."""

    index: NDArray[np.intp]
    metres: Floats
    minutes: Floats
    is_road: NDArray[np.bool_]


def _by_road(network: Network, where: Floats, there: Floats, k: int, step: Progress) -> _Ways:
    node, away = network.enter(where)
    goal, there_away = network.enter(there)
    at_once = max(1, AT_ONCE // max(len(network.nodes), len(where), 1))
    best: _Ways | None = None
    for first in range(0, len(there), at_once):
        part = np.arange(first, min(first + at_once, len(there)))
        minutes, metres = (ways[:, node].T for ways in network.ways_to(goal[part]))
        straight = cdist(where, there[part])
        off_road = away[:, None] + there_away[part]
        is_road = np.isfinite(metres) & (off_road <= straight)
        ways = _Ways(
            np.broadcast_to(part, straight.shape),
            np.where(is_road, metres + off_road, straight),
            np.where(is_road, minutes + off_road_minutes(off_road), off_road_minutes(straight)),
            is_road,
        )
        best = _nearest_of(ways if best is None else _beside(best, ways), k)
        step(0.2 + 0.7 * (first + len(part)) / len(there))
    assert best is not None
    return best


def _beside(one: _Ways, other: _Ways) -> _Ways:
    return _Ways(
        *(
            np.concatenate((getattr(one, name), getattr(other, name)), axis=1)
            for name in ("index", "metres", "minutes", "is_road")
        )
    )


def _nearest_of(ways: _Ways, k: int) -> _Ways:
    length = np.where(ways.is_road, ways.metres, ways.metres * DETOUR)
    order = np.argsort(length, axis=1, kind="stable")[:, :k]
    return _Ways(
        *(
            np.take_along_axis(getattr(ways, name), order, axis=1)
            for name in ("index", "metres", "minutes", "is_road")
        )
    )


def coverage_gap(
    inputs: CoverageGapInputs, reader: Reader, told: dict[str, Any], step: Progress
) -> Result:
    """How many people of each unit live farther away than a distance."""
    units = reader.units(inputs.by)
    where, _ = reader.points()
    step(0.3)
    near = shapely.union_all(
        shapely.buffer(shapely.points(where), inputs.distance_m, quad_segs=ARC)
    )
    shapely.prepare(near)
    step(0.6)
    area = shapely.area(units.shapes)
    share = 1 - shapely.area(shapely.intersection(units.shapes, near)) / area
    share = np.clip(share, 0, 1).round(6)
    beyond = np.rint(share * units.population)
    known = np.isfinite(units.population)
    columns = {
        "name": units.names,
        "population": units.population,
        "share_beyond": share,
        "people_beyond": beyond,
        "class": [COVERED[int(one)] for one in np.searchsorted(BOUNDS, share, side="right")],
    }
    people = float(units.population[known].sum())
    return features(
        units.codes,
        units.outlines,
        columns,
        summary={
            "n": len(where),
            "people": int(people),
            "people_beyond": int(beyond[known].sum()),
            "area_beyond_km2": round(float((share * area).sum() / 1e6), 1),
        },
        provenance=told,
    )
