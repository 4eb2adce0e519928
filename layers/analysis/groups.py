"""Processes that look for groups of events: by density, and by Kulldorff's scan."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from layers.analysis.cells import TOUCHING_M, stepped
from layers.analysis.inputs import ClusterInputs, ScanInputs
from layers.analysis.reading import Reader
from layers.analysis.results import Progress, Result, features
from layers.analysis.snapshot import Floats
from layers.analysis.units import Units
from spatial.errors import BadInput
from spatial.projecting import DEGREES, projected
from spatial.stats import clusters as density
from spatial.stats import scan as windows


def clusters(inputs: ClusterInputs, reader: Reader, told: dict[str, Any], step: Progress) -> Result:
    """Clusters by density, each with its hull and members."""
    ids, where, _ = reader.named()
    step(0.4)
    if inputs.distance_m is not None:
        found = density.dbscan(where, inputs.distance_m, inputs.least)
    else:
        found = density.hdbscan(where, inputs.least)
    step(0.8)
    members = [found.members(number) for number in range(found.count)]
    columns = {
        "n": [len(each) for each in members],
        "class": ["hdbscan" if inputs.distance_m is None else "dbscan"] * found.count,
        "core": [int(found.core[each].sum()) for each in members],
        "strength": np.array([found.strength[each].mean() for each in members]),
        "members": [[ids[i] for i in each] for each in members],
    }
    hulls = found.hulls(around_m=max(TOUCHING_M, (inputs.distance_m or 100) / 2))
    return features(
        [str(number + 1) for number in range(found.count)],
        outlines(np.array(hulls, dtype=object), reader.province.metric_srid),
        columns,
        summary={
            "clusters": found.count,
            "n": len(ids),
            "noise": int((found.label == density.NOISE).sum()),
        },
        provenance=told,
    )


def outlines(shapes: Any, srid: int) -> list[str]:
    """Shapes in metres as GeoJSON geometries in CRS84."""

    def turned(xy: Floats) -> Floats:
        return projected(xy, srid, DEGREES).round(7)

    return [str(text) for text in shapely.to_geojson(shapely.transform(shapes, turned))]


def scan(inputs: ScanInputs, reader: Reader, told: dict[str, Any], step: Progress) -> Result:
    """Units or times of more events than their population lets expect."""
    units = reader.units(inputs.by)
    people = units.population
    if not np.isfinite(people).all() or not people.any():
        raise BadInput(
            "a scan needs the population of every unit, which is not known here",
            "quét Kulldorff cần dân số của mọi đơn vị, mà ở đây chưa có",
        )
    centres = shapely.get_coordinates(shapely.centroid(units.shapes))
    circles = windows.circles(
        centres, people, inputs.max_share, inputs.max_radius_m or float("inf")
    )
    step(0.2)
    starts = None
    if inputs.step_days is None:
        cases = _cases(reader, units, inputs.by)
        found = windows.scan(cases, people, circles, inputs.permutations, inputs.seed)
    else:
        cases, starts = _cases_by_step(reader, units, inputs.by, inputs.step_days)
        found = windows.space_time_scan(
            cases, people, circles, inputs.max_steps, inputs.permutations, inputs.seed
        )
    step(0.9)
    columns: dict[str, Any] = {
        "n": [each.observed for each in found],
        "expected": np.array([each.expected for each in found]),
        "population": np.array([each.population for each in found]),
        "relative_risk": np.array([each.relative_risk for each in found]),
        "llr": np.array([each.log_likelihood_ratio for each in found]),
        "p": np.array([each.p for each in found]),
        "class": ["significant" if each.p <= 0.05 else "not_significant" for each in found],
        "radius_m": np.array([each.radius_m for each in found]),
        "units": [[units.codes[i] for i in each.members] for each in found],
    }
    if starts is not None:
        columns["first"] = [starts[each.first].isoformat() for each in found]
        columns["last"] = [starts[each.last].isoformat() for each in found]
    areas = [shapely.union_all(units.shapes[each.members]) for each in found]
    return features(
        [str(number + 1) for number in range(len(found))],
        outlines(np.array(areas, dtype=object), reader.province.metric_srid),
        columns,
        summary={"clusters": len(found), "n": int(cases.sum()), "windows": circles.windows},
        provenance=told,
    )


def _cases(reader: Reader, units: Units, level: str) -> Any:
    place = {code: i for i, code in enumerate(units.codes)}
    cases = np.zeros(len(units.codes), dtype=np.int64)
    for code, count, _, _ in reader.counted(level):
        if code in place:
            cases[place[code]] = count
    return cases


def _cases_by_step(reader: Reader, units: Units, level: str, step_days: int) -> Any:
    place = {code: i for i, code in enumerate(units.codes)}
    rows = [row for row in reader.counted(level, period="day") if row[0] in place]
    return stepped(
        np.array([place[row[0]] for row in rows], dtype=np.int64),
        np.array([row[3].toordinal() for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.int64),
        len(units.codes),
        step_days,
    )
