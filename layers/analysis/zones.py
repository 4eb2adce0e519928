"""The process that sums up a raster in the areas of a layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from layers.analysis.inputs import ZonalInputs
from layers.analysis.reading import Reader
from layers.analysis.results import Progress, Result, features
from layers.rasters.raster import path_of
from spatial.errors import BadInput
from spatial.rasters.zones import zonal

POLYGONS = ("Polygon", "MultiPolygon")


def zonal_statistics(
    inputs: ZonalInputs, reader: Reader, told: dict[str, Any], step: Progress
) -> Result:
    """Count, mean, extremes, sum and deviation of a raster's values in each area."""
    if reader.layer.geometry_type not in POLYGONS:
        raise BadInput(
            f"the layer {inputs.layer} has no areas", f"lớp {inputs.layer} không có vùng"
        )
    raster, folder = reader.raster(inputs.raster)
    ids, titles, areas, outlines = reader.areas(raster.facts.crs)
    step(0.2)
    found = zonal(
        path_of(folder, raster.sha256), raster.facts, areas, lambda done: step(0.2 + 0.7 * done)
    )
    counts = found.pop("count").astype(np.int64)
    told["raster"] = {"id": raster.id, "sha256": raster.sha256, "unit": raster.unit}
    return features(
        ids,
        outlines,
        {"name": titles, "count": counts, **found},
        summary={
            "areas": len(ids),
            "areas_without_values": int((counts == 0).sum()),
            "pixels": int(counts.sum()),
            "unit": raster.unit,
        },
        provenance=told,
    )
