"""Processes of distance: what is nearest, and who is too far."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from layers.analysis.inputs import CoverageGapInputs, NearestInputs
from layers.analysis.reading import Reader
from layers.analysis.results import Progress, Result, features
from spatial.errors import BadInput

ARC = 16
"""Segments of a quarter of a circle: its area is then within 0.2 % of the true one."""


BOUNDS = (1e-6, 0.25, 0.5, 0.75)
COVERED = ("none", "under_25", "under_50", "under_75", "most")
"""The classes of a share that is beyond reach, between the bounds."""


def nearest(inputs: NearestInputs, reader: Reader, told: dict[str, Any], step: Progress) -> Result:
    """The nearest features of another layer, with straight distances."""
    ids, where, points = reader.named()
    others = reader.other(inputs.to, inputs.to_filter)
    other_ids, there, _ = others.named()
    if not other_ids:
        raise BadInput(
            f"no feature of {inputs.to} is left to be near",
            f"không còn đối tượng nào của {inputs.to}",
        )
    step(0.5)
    k = min(inputs.k, len(other_ids))
    distance, index = cKDTree(there).query(where, k=range(1, k + 1))
    step(0.8)
    columns = {
        "nearest": [[other_ids[i] for i in row] for row in index],
        "distance_m": np.round(distance, 1).tolist(),
    }
    first = distance[:, 0] if len(ids) else np.zeros(0)
    return features(
        ids,
        points,
        columns,
        summary={
            "n": len(ids),
            "median_m": round(float(np.median(first)), 1) if len(ids) else None,
            "farthest_m": round(float(first.max()), 1) if len(ids) else None,
        },
        provenance=told,
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
