"""Events counted in cells: the units of the province, or a grid over it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from layers.analysis.inputs import CellInputs, EmergingInputs
from layers.analysis.reading import Reader
from layers.analysis.snapshot import Floats
from spatial.errors import BadInput
from spatial.projecting import DEGREES, projected
from spatial.stats import rates
from spatial.stats.grid import Grid, grid_over
from spatial.stats.weights import Weights, contiguity, distance_band, on_outline

TOUCHING_M = 5.0
"""Metres that the drawn boundaries of two units may be apart and still be one."""

USUAL_CELLS = 2500
"""Grid cells of the province where no size is asked for."""


@dataclass(frozen=True)
class Cells:
    """Cells with what was found in them.

    Attributes:
        ids: stable for the units, and for a grid of a kind and size.
        names: of units; None for a grid.
        shapes: of units, the areas in metres, shapely's, as an object array; a grid has none, since
            it knows its neighbours and centres.
        outlines: GeoJSON geometries in CRS84, as text.
        events: the number of events in each.
        values: what is compared.
        edge: which cells lie at the province's edge and lack neighbours there.
        parameters: what was decided where the request left it open.
    """

    ids: list[str]
    names: list[str] | None
    shapes: NDArray[np.object_]
    outlines: list[str]
    events: NDArray[np.int64]
    values: Floats
    edge: NDArray[np.bool_]
    grid: Grid | None
    parameters: dict[str, object]

    def weights(self, distance_m: float | None) -> Weights:
        """Who is whose neighbour: cells that touch, or whose centres are near."""
        if distance_m is not None:
            return distance_band(self.centres, distance_m)
        if self.grid is not None:
            return self.grid.neighbours()
        return contiguity(list(self.shapes), tolerance_m=TOUCHING_M)

    @property
    def centres(self) -> Floats:
        """Centres of the cells in metres, (n, 2)."""
        if self.grid is not None:
            return self.grid.centres()
        return shapely.get_coordinates(shapely.centroid(self.shapes))


def cells_of(reader: Reader, inputs: CellInputs) -> Cells:
    """Count the events of a request in its cells.

    Raises:
        BadInput: the request cannot be met; the sentence says why.
    """
    if inputs.by in ("hexagon", "square"):
        return _in_grid(reader, inputs, inputs.by)
    return _in_units(reader, inputs, inputs.by)


MAX_STEPS = 1000
"""Steps of time of a cube."""


def cube_of(reader: Reader, inputs: EmergingInputs) -> tuple[Cells, NDArray[np.int64], list[date]]:
    """Count the events of a request in its cells and steps of time.

    Returns:
        The cells, counts (cells, steps), and the first day of each step in the province's zone.

    Raises:
        BadInput: the layer has no time, or there are too few or too many steps.
    """
    cells = cells_of(reader, inputs)
    if cells.grid is None:
        place = {code: i for i, code in enumerate(cells.ids)}
        rows = [row for row in reader.counted(inputs.by, period="day") if row[0] in place]
        where = np.array([place[row[0]] for row in rows], dtype=np.int64)
        weight = np.array([row[1] for row in rows], dtype=np.int64)
        days = np.array([row[3].toordinal() for row in rows], dtype=np.int64)
    else:
        where, days, weight = reader.daily(cells.grid)
    return cells, *stepped(where, days, weight, len(cells.ids), inputs.step_days)


def stepped(
    where: NDArray[np.int64],
    days: NDArray[np.int64],
    weight: NDArray[np.int64],
    cells: int,
    step_days: int,
) -> tuple[NDArray[np.int64], list[date]]:
    """Counts by cell and step; the last step ends with the last day, the first may be part empty.

    Raises:
        BadInput: there are fewer than two steps, or more than `MAX_STEPS`.
    """
    last = int(days.max(initial=0))
    steps = (last - int(days.min(initial=last))) // step_days + 1
    if not 2 <= steps <= MAX_STEPS:
        raise BadInput(
            f"the events make {steps} steps of {step_days} days; 2 to {MAX_STEPS} are possible",
            f"các sự kiện cho {steps} bước {step_days} ngày; cần từ 2 đến {MAX_STEPS} bước",
        )
    step = steps - 1 - (last - days) // step_days
    counts = np.bincount(where * steps + step, weight, minlength=cells * steps)
    starts = [date.fromordinal(last + 1 - step_days * (steps - number)) for number in range(steps)]
    return counts.astype(np.int64).reshape(cells, steps), starts


def _in_units(reader: Reader, inputs: CellInputs, level: str) -> Cells:
    units = reader.units(level)
    if not units.codes:
        raise BadInput(f"there are no units of level {level}", f"không có đơn vị cấp {level}")
    column = None if inputs.value in ("count", "rate") else inputs.value
    place = {code: i for i, code in enumerate(units.codes)}
    events = np.zeros(len(units.codes), dtype=np.int64)
    sums = np.full(len(units.codes), np.nan)
    for code, count, total, _ in reader.counted(level, column):
        if code in place:
            events[place[code]] = count
            sums[place[code]] = np.nan if total is None else total
    outline = shapely.union_all(shapely.buffer(units.shapes, TOUCHING_M))
    return Cells(
        units.codes,
        units.names,
        units.shapes,
        units.outlines,
        events,
        _values(inputs.value, events, sums, units.population),
        on_outline(list(units.shapes), outline, 2 * TOUCHING_M),
        None,
        {},
    )


def _in_grid(reader: Reader, inputs: CellInputs, kind: Literal["hexagon", "square"]) -> Cells:
    if inputs.value == "rate":
        raise BadInput(
            "value rate needs the population of units: take by=commune or by=district",
            "value=rate cần dân số theo đơn vị: chọn by=commune hoặc by=district",
        )
    province = shapely.union_all(reader.units("district").shapes)
    size, chosen = inputs.size_m, {}
    if size is None:
        size = float(round(math.sqrt(province.area / USUAL_CELLS), -1))
        chosen = {"size_m": size}
    grid = grid_over(kind, size, province.bounds).clipped(province)
    events, sums, outside = reader.binned(grid, None if inputs.value == "count" else inputs.value)
    return Cells(
        grid.ids,
        None,
        np.empty(0, dtype=object),
        outlines(grid, reader.province.metric_srid),
        events,
        _values(inputs.value, events, sums, np.empty(0)),
        grid.edge(),
        grid,
        {**chosen, "outside": outside},
    )


def _values(value: str, events: NDArray[np.int64], sums: Floats, population: Floats) -> Floats:
    if value == "count":
        return events.astype(np.float64)
    if value == "rate":
        if not np.isfinite(population).all() or not population.any():
            raise BadInput(
                "value rate needs the population of every unit, which is not known here",
                "value=rate cần dân số của mọi đơn vị, mà ở đây chưa có",
            )
        return rates.empirical_bayes(events, population)
    # A cell without events has no mean: it takes no part.
    means = np.full(len(events), np.nan)
    np.divide(sums, events, out=means, where=events > 0)
    return means


def outlines(grid: Grid, srid: int) -> list[str]:
    """The grid's cells as GeoJSON geometries in CRS84."""
    rings = grid.rings()
    degrees = projected(rings.reshape(-1, 2), srid, DEGREES).round(7).reshape(rings.shape)
    # All in one text, which is parted: tens of times as fast as a geometry for each.
    text = orjson.dumps(degrees, option=orjson.OPT_SERIALIZE_NUMPY).decode()
    written = text.removeprefix("[[[").removesuffix("]]]").split("]],[[")
    return [f'{{"type":"Polygon","coordinates":[[[{ring}]]]}}' for ring in written]
