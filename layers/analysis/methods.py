"""The processes: each reads what it needs, lets `spatial.stats` compute, and writes the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from layers.analysis.cells import Cells, cells_of
from layers.analysis.inputs import (
    HotspotInputs,
    LocalMoranInputs,
    SummaryInputs,
)
from layers.analysis.reading import Floats, Reader
from layers.analysis.results import Result, features, table
from spatial.errors import BadInput
from spatial.stats import getis_ord, moran
from spatial.stats.weights import Weights

Progress = Callable[[float], None]
"""Told the done part of the work, from 0 to 1."""


def hotspots(inputs: HotspotInputs, reader: Reader, told: dict[str, Any], step: Progress) -> Result:
    """Getis-Ord Gi* of each cell."""
    cells, kept, weights = _prepared(inputs, reader, step)
    found = getis_ord.local_g(cells.values[kept], weights)
    q = found.q if inputs.correction == "fdr" else found.p
    classes = _spread(getis_ord.classify(found.z, q), kept, getis_ord.NOT_COMPUTED)
    columns = {
        "z": _spread(found.z, kept),
        "p": _spread(found.p, kept),
        "q": _spread(q, kept),
        "class": [getis_ord.CLASSES[int(code)] for code in classes],
        "neighbours": _spread(weights.cardinalities.astype(float), kept),
    }
    step(0.9)
    return _of_cells(cells, columns, told)


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
        "neighbours": _spread(binary.cardinalities.astype(float), kept),
    }
    step(0.9)
    overview = {"global_i": overall.value, "global_z": overall.z, "global_p": overall.p}
    return _of_cells(cells, columns, told, overview)


def summary(inputs: SummaryInputs, reader: Reader, told: dict[str, Any], step: Progress) -> Result:
    """Counts, and sums of a column, by unit and period."""
    column = None if inputs.value == "count" else inputs.value
    units = reader.units(inputs.by)
    names = dict(zip(units.codes, units.names, strict=True))
    rows = [
        {
            "unit": code,
            "name": names.get(code),
            **({} if inputs.period is None else {"period": start}),
            "n": count,
            **({} if column is None else {"sum": total}),
        }
        for code, count, total, start in reader.counted(inputs.by, column, inputs.period)
    ]
    step(0.9)
    total = sum(row["n"] for row in rows)
    return table(rows, summary={"n": total, "rows": len(rows)}, provenance=told)


def _prepared(inputs: HotspotInputs, reader: Reader, step: Progress) -> tuple[Cells, Any, Weights]:
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
