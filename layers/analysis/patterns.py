"""Processes that compare cells with their neighbours: hotspots, local Moran, emerging hotspots."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from layers.analysis.cells import Cells, cells_of, cube_of
from layers.analysis.inputs import (
    ComparedInputs,
    EmergingInputs,
    HotspotInputs,
    LocalMoranInputs,
)
from layers.analysis.reading import Reader
from layers.analysis.results import Progress, Result, features
from layers.analysis.snapshot import Floats
from spatial.errors import BadInput
from spatial.stats import emerging, getis_ord, moran
from spatial.stats.weights import Weights


def hotspots(inputs: HotspotInputs, reader: Reader, told: dict[str, Any], step: Progress) -> Result:
    """Getis-Ord Gi* of each cell."""
    cells, kept, weights = _prepared(inputs, reader, step)
    found = getis_ord.local_g(cells.values[kept], weights, inputs.inference)
    q = found.q if inputs.correction == "fdr" else found.p
    classes = _spread(getis_ord.classify(found.z, q), kept, getis_ord.NOT_COMPUTED)
    columns = {
        "z": _spread(found.z, kept),
        "p": _spread(found.p, kept),
        "q": _spread(q, kept),
        "class": [getis_ord.CLASSES[int(code)] for code in classes],
        **_around(cells.values[kept], weights, kept),
    }
    step(0.9)
    return _of_cells(cells, columns, told, _overall(cells.values[kept]))


def local_moran(
    inputs: LocalMoranInputs, reader: Reader, told: dict[str, Any], step: Progress
) -> Result:
    """Local Moran's I of each cell, and the global I."""
    cells, kept, binary = _prepared(inputs, reader, step)
    weights = binary.row_standardised()
    overall = moran.global_i(cells.values[kept], weights)
    found = moran.local_i(cells.values[kept], weights, inputs.permutations, inputs.seed)
    q = found.q if inputs.correction == "fdr" else found.p
    quadrants = np.where(q <= 0.05, found.quadrant, -1)
    quadrants[found.quadrant == 0] = 0
    names = {**moran.QUADRANTS, -1: "not_significant"}
    columns = {
        "i": _spread(found.value, kept),
        "p": _spread(found.p, kept),
        "q": _spread(q, kept),
        "class": [names[int(code)] for code in _spread(quadrants, kept, 0)],
        **_around(cells.values[kept], binary, kept),
    }
    step(0.9)
    overview = {
        **_overall(cells.values[kept]),
        "global_i": overall.value,
        "global_z": overall.z,
        "global_p": overall.p,
    }
    return _of_cells(cells, columns, told, overview)


def emerging_hotspots(
    inputs: EmergingInputs, reader: Reader, told: dict[str, Any], step: Progress
) -> Result:
    """Gi* in space and time, and the class of each cell's history."""
    cells, cube, starts = cube_of(reader, inputs)
    step(0.5)
    weights = cells.weights(inputs.distance_m)
    found = emerging.emerging(cube, weights, inputs.steps_back, inputs.alpha, inputs.inference)
    step(0.8)
    columns = {
        "z": found.g.z[:, -1],
        "p": found.g.p[:, -1],
        "q": found.g.q[:, -1],
        "class": found.names,
        "trend_z": found.trend.z,
        "trend_p": found.trend.p,
        "z_by_step": np.round(found.g.z, 4).tolist(),
        "n_by_step": cube.tolist(),
        **_around(cells.values, weights, np.ones(len(cells.ids), dtype=bool)),
    }
    steps = {"steps": [start.isoformat() for start in starts]}
    return _of_cells(cells, columns, told, {**_overall(cells.values), **steps})


def _prepared(inputs: ComparedInputs, reader: Reader, step: Progress) -> tuple[Cells, Any, Weights]:
    """The cells, which of them have a value, and the weights of those."""
    cells = cells_of(reader, inputs)
    step(0.5)
    kept = ~np.isnan(cells.values)
    if kept.sum() < 3:
        raise BadInput(
            f"only {int(kept.sum())} cells have a value; at least 3 are needed",
            f"chỉ {int(kept.sum())} ô có giá trị; cần ít nhất 3",
        )
    weights = cells.weights(inputs.distance_m)
    if not kept.all():
        weights = Weights(weights.matrix[kept][:, kept])
    step(0.6)
    return cells, kept, weights


def _around(values: Floats, weights: Weights, kept: Any) -> dict[str, Any]:
    """How many neighbours each cell has, and the mean of their values; None where it has none."""
    binary = (weights.matrix != 0).astype(float)
    cards = weights.cardinalities
    means = np.full(len(values), np.nan)
    np.divide(binary @ values, cards, out=means, where=cards > 0)
    counts = _spread(cards.astype(float), kept)
    return {
        "neighbours": [None if np.isnan(one) else int(one) for one in counts],
        "neighbour_mean": _spread(means, kept),
    }


def _overall(values: Floats) -> dict[str, float]:
    """What a cell is compared with."""
    return {"mean": float(f"{values.mean():.10g}")}


def _spread(values: Any, kept: Any, missing: float = np.nan) -> Floats:
    """Values of the kept cells among all of them."""
    found = np.full(len(kept), missing, dtype=float)
    found[kept] = values
    return found


def _of_cells(
    cells: Cells,
    columns: dict[str, Any],
    told: dict[str, Any],
    overview: dict[str, Any] | None = None,
) -> Result:
    own: dict[str, Any] = {} if cells.names is None else {"name": cells.names}
    classes = Counter(columns["class"])
    return features(
        cells.ids,
        cells.outlines,
        {**own, "n": cells.events, "value": cells.values, **columns, "edge": cells.edge},
        summary={
            "cells": len(cells.ids),
            "n": int(cells.events.sum()),
            "classes": dict(sorted(classes.items())),
            **(overview or {}),
            **cells.parameters,
        },
        provenance=told,
    )
