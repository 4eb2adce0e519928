"""Processes whose result is a raster: the density of events, a surface through values."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from layers.analysis.inputs import DensityInputs, InterpolateInputs, SurfaceInputs
from layers.analysis.reading import Reader
from layers.analysis.results import Progress, Result
from layers.analysis.snapshot import Floats
from layers.rasters.registry import GEOTIFF, SUMMARY
from spatial.errors import BadInput
from spatial.rasters.cog import Form, strips_of, write_cog
from spatial.rasters.colours import Style
from spatial.stats import kernel
from spatial.stats.bandwidth import reference_bandwidth
from spatial.stats.inputs import Flags
from spatial.stats.surface import interpolate as through

LEAST_CELLS, MOST_CELLS = 100_000, 1_000_000
"""Cells over the province where no size is asked for: a map shows that many, and no more."""
CELLS_A_BANDWIDTH = 8
"""With as many the error of binning is under 1 % (`spatial.stats.kernel`)."""
PROVENANCE = "DIEUHANH_PROVENANCE"
"""The tag of a GeoTIFF that says how it was made, in JSON."""
_UNIT = "/km²"


def density(inputs: DensityInputs, reader: Reader, told: dict[str, Any], step: Progress) -> Result:
    """Events, or a column's sum, per square kilometre."""
    where, weights = _points(reader, inputs.value)
    if not len(where):
        raise BadInput("no event is left", "không còn sự kiện nào")
    width = inputs.bandwidth_m
    chosen: dict[str, Any] = {}
    if width is None:
        width = float(f"{reference_bandwidth(where, inputs.kernel):.2g}")
        chosen["bandwidth_m"] = width
    step(0.1)
    province, raster = _raster(reader, inputs, width / CELLS_A_BANDWIDTH, chosen)
    mask = raster.mask(province)
    step(0.4)
    found = kernel.density(
        where, raster, width, inputs.kernel, mask, weights, inputs.edge == "reflected"
    )
    step(0.7)
    cell_km2 = (raster.cell_m / 1000) ** 2
    summary = {
        "n": len(where),
        "mass": round(float(found.sum()) * cell_km2, 6),
        "maximum": float(f"{found.max():.6g}"),
        **chosen,
    }
    high = float(np.percentile(found[found > 0], 99)) if (found > 0).any() else 1.0
    style = Style("heat", 0.0, high, fades=True)
    return _result(reader, raster, found, mask, style, _UNIT, summary, told)


def interpolate(
    inputs: InterpolateInputs, reader: Reader, told: dict[str, Any], step: Progress
) -> Result:
    """The surface through a column's values at points."""
    where, known = reader.points(inputs.value)
    if not len(where):
        raise BadInput("no value is left", "không còn giá trị nào")
    step(0.2)
    chosen: dict[str, Any] = {}
    province, raster = _raster(reader, inputs, 0.0, chosen)
    mask = raster.mask(province)
    step(0.4)
    found = through(
        where, known[:, 0], raster, mask, inputs.method, inputs.power, inputs.neighbours
    )
    step(0.8)
    valid = mask & np.isfinite(found)
    if not valid.any():
        raise BadInput(
            "the places enclose no cell of the province; take method idw",
            "các vị trí không bao quanh ô nào của tỉnh; hãy chọn method idw",
        )
    low, high = np.percentile(found[valid], (2, 98))
    unit = reader.layer.column(inputs.value).unit or ""
    summary = {"n": len(where), **chosen}
    style = Style("viridis", float(low), float(high))
    return _result(reader, raster, found, valid, style, unit, summary, told)


def _points(reader: Reader, value: str) -> tuple[Floats, Floats | None]:
    if value == "count":
        return reader.points()[0], None
    where, found = reader.points(value)
    return where, found[:, 0]


def _raster(
    reader: Reader, inputs: SurfaceInputs, wanted_m: float, chosen: dict[str, Any]
) -> tuple[Any, kernel.Raster]:
    """The province's area, and the raster over it."""
    province = shapely.union_all(reader.units("district").shapes)
    if province.is_empty:
        raise BadInput("there are no units of level district", "không có đơn vị cấp district")
    cell = inputs.cell_m
    if cell is None:
        west, south, east, north = province.bounds
        area = (east - west) * (north - south)
        finest, coarsest = (math.sqrt(area / cells) for cells in (MOST_CELLS, LEAST_CELLS))
        cell = float(math.ceil(min(max(wanted_m, finest), coarsest) / 10) * 10)
        chosen["cell_m"] = cell
    return province, kernel.raster_over(province.bounds, cell)


def _result(
    reader: Reader,
    raster: kernel.Raster,
    values: Floats,
    valid: Flags,
    style: Style,
    unit: str,
    summary: dict[str, Any],
    told: dict[str, Any],
) -> Result:
    """A GeoTIFF that carries how it was made, and its facts in the summary."""
    west, north = float(raster.west), float(raster.north)
    bounds = (
        west,
        north - raster.rows * raster.cell_m,
        west + raster.cols * raster.cell_m,
        north,
    )
    form = Form(
        reader.province.metric_srid,
        bounds,
        raster.cols,
        raster.rows,
        "float32",
        unit=unit,
        description=f"{told['process']} {reader.layer.id}",
        tags={PROVENANCE: json.dumps(told, ensure_ascii=False, sort_keys=True)},
    )
    with tempfile.TemporaryDirectory(prefix="dieuhanh-surface-") as folder:
        path = Path(folder) / "surface.tif"
        facts = write_cog(path, form, strips_of(values, valid))
        body = path.read_bytes()
    about = {"facts": facts.to_json(), "style": style.to_json(), "unit": unit}
    shown = {"rows": raster.rows, "columns": raster.cols, "cell_m": raster.cell_m, **summary}
    return Result(GEOTIFF, body, {**shown, "provenance": told, SUMMARY: about})
