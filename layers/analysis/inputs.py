"""What an analysis is asked: one model for each process, by the names that all share.

The JSON Schema of a process's inputs, the options of the command line and the checking of what
comes in are all these models.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from spatial.stats.inputs import Inference

MAX_SEED = 2**31 - 1


class Inputs(BaseModel):
    """Which features of which layer an analysis is of.

    Attributes:
        layer: the id of a layer.
        filter: CQL2 text.
        datetime: an instant or interval as OGC API Features writes it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    layer: Annotated[str, Field(max_length=64, description="The id of a collection.")]
    filter: Annotated[str | None, Field(max_length=10_000, description="A CQL2 text.")] = None
    datetime: Annotated[
        str | None,
        Field(max_length=100, description="An RFC 3339 time, or an interval a/b."),
    ] = None


class CellInputs(Inputs):
    """An analysis of cells: the units or grid cells in which events are counted.

    Attributes:
        by: what the cells are.
        size_m: of grid cells, in metres: a square's side, the distance of a hexagon's opposite
            sides. Missing: such that the province has about 2,500 cells.
        value: what is compared: `count`, `rate` (per person, shrunk by empirical Bayes; only
            where the units' population is known), or the name of a column, whose mean it is.
    """

    by: Annotated[
        Literal["commune", "district", "hexagon", "square"],
        Field(description="What the cells are."),
    ] = "commune"
    size_m: Annotated[
        float | None,
        Field(ge=50, le=100_000, description="Size of grid cells in metres."),
    ] = None
    value: Annotated[
        str,
        Field(max_length=64, description="`count`, `rate`, or a column, whose mean it is."),
    ] = "count"

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        if self.size_m is not None and self.by not in ("hexagon", "square"):
            raise ValueError("size_m is for `by` hexagon or square")
        return self


Correction = Literal["fdr", "none"]


class ComparedInputs(CellInputs):
    """Cells compared with their neighbours.

    Attributes:
        distance_m: cells whose centres are this near are neighbours; missing: cells that touch.
        correction: of the p-values for many tests: `fdr` is Benjamini and Hochberg's.
    """

    distance_m: Annotated[
        float | None,
        Field(ge=50, le=200_000, description="Neighbours by distance of centres, in metres."),
    ] = None
    correction: Annotated[
        Correction, Field(description="`fdr`: Benjamini and Hochberg's; or `none`.")
    ] = "fdr"


GiInference = Annotated[
    Inference,
    Field(
        description="What the p-values of Gi* are taken from: all permutations of the values, or"
        " the normal distribution, under which counts are found hot by chance too often."
    ),
]


class HotspotInputs(ComparedInputs):
    """Getis-Ord Gi*."""

    inference: GiInference = "permutation"


class LocalMoranInputs(ComparedInputs):
    """Local Moran's I, tested by conditional permutation."""

    permutations: Annotated[int, Field(ge=99, le=9999)] = 999
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0


class EmergingInputs(CellInputs):
    """Hotspots over time: events counted in cells and steps of time.

    Attributes:
        step_days: of a step; the last one ends with the last event's day.
        steps_back: earlier steps that belong to a neighbourhood.
    """

    value: Literal["count"] = "count"
    distance_m: Annotated[float | None, Field(ge=50, le=200_000)] = None
    step_days: Annotated[int, Field(ge=1, le=366)] = 1
    steps_back: Annotated[int, Field(ge=0, le=10)] = 1
    alpha: Annotated[float, Field(ge=1e-6, le=0.5)] = 0.05
    inference: GiInference = "permutation"


class ScanInputs(Inputs):
    """Kulldorff's scan of units and their population.

    Attributes:
        max_share: of the population in a window, at most.
        max_radius_m: of a window, at most.
        step_days: with it, windows are cylinders in space and time of such steps.
        max_steps: the longest cylinder.
    """

    by: Literal["commune", "district"] = "commune"
    max_share: Annotated[float, Field(gt=0, le=0.5)] = 0.5
    max_radius_m: Annotated[float | None, Field(ge=100, le=1_000_000)] = None
    step_days: Annotated[int | None, Field(ge=1, le=366)] = None
    max_steps: Annotated[int, Field(ge=1, le=200)] = 7
    permutations: Annotated[int, Field(ge=99, le=9999)] = 999
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0


Along = Annotated[
    Literal["road", "straight"] | None,
    Field(description="How distances are taken; missing: by road where a road graph is loaded."),
]
"""Ways go by the roads, or as the crow flies."""


class NearestInputs(Inputs):
    """The nearest features of another layer.

    Attributes:
        to: the id of the other layer.
        to_filter: which of its features count.
        k: how many are given, the nearest first.
        along: whether ways go by road.
    """

    to: Annotated[str, Field(max_length=64, description="The id of the other collection.")]
    to_filter: Annotated[str | None, Field(max_length=10_000, description="A CQL2 text.")] = None
    k: Annotated[int, Field(ge=1, le=20)] = 1
    along: Along = None


class FlowInputs(Inputs):
    """Flows between units, of people who checked in at one and then at another.

    Attributes:
        layer: of the units.
        by: the level of the units.
        first, last: days of the province's zone, both included.
        fewest: flows of fewer persons are left out; never fewer than five.
    """

    layer: Literal["admin_units"] = "admin_units"
    by: Literal["commune", "district"] = "commune"
    first: Annotated[date, Field(strict=False, description="The first day.")]
    last: Annotated[date, Field(strict=False, description="The last day.")]
    fewest: Annotated[
        int, Field(ge=5, le=1000, description="Flows of fewer persons are left out.")
    ] = 5

    @model_validator(mode="after")
    def _check_window(self) -> Self:
        if not timedelta(0) <= self.last - self.first < timedelta(days=31):
            raise ValueError("the days must run forward, 31 at most")
        if self.filter is not None or self.datetime is not None:
            raise ValueError("flows takes days: first and last, no filter and no datetime")
        return self


class ServiceAreaInputs(Inputs):
    """What lies within a distance or a time of the features of a layer.

    Attributes:
        distance_m: of the way to the feature, at most.
        minutes: of the way to the feature, at most; either of the two is given.
        along: whether ways go by road.
        off_road_m: so far beside a road one still is on the way.
        by: the units whose people are told; people are taken to live evenly in each.
        of: a layer whose features within are counted.
        of_filter: which of its features count.
    """

    distance_m: Annotated[float | None, Field(ge=50, le=200_000)] = None
    minutes: Annotated[float | None, Field(gt=0, le=600)] = None
    along: Along = None
    off_road_m: Annotated[
        float, Field(ge=10, le=20_000, description="Metres beside a road that still belong to it.")
    ] = 500.0
    by: Literal["commune", "district"] = "commune"
    of: Annotated[
        str | None,
        Field(max_length=64, description="A collection whose features within are counted."),
    ] = None
    of_filter: Annotated[str | None, Field(max_length=10_000, description="A CQL2 text.")] = None

    @model_validator(mode="after")
    def _check_bound(self) -> Self:
        if (self.distance_m is None) == (self.minutes is None):
            raise ValueError("give either distance_m or minutes")
        if self.of_filter is not None and self.of is None:
            raise ValueError("of_filter is for the collection in `of`")
        return self


class CoverageGapInputs(Inputs):
    """People farther from the features of a layer than a distance.

    Attributes:
        distance_m: straight, from the nearest feature.
        by: the units; people are taken to live evenly in each.
    """

    distance_m: Annotated[float, Field(ge=50, le=200_000)]
    by: Literal["commune", "district"] = "commune"


class SummaryInputs(Inputs):
    """Counts and sums by unit, and by period where one is given."""

    by: Annotated[Literal["commune", "district"], Field(description="The units.")] = "district"
    period: Annotated[
        Literal["day", "week", "month"] | None, Field(description="Counted by period as well.")
    ] = None
    value: Annotated[
        str, Field(max_length=64, description="`count`, or a column, whose sum is given too.")
    ] = "count"


class SurfaceInputs(Inputs):
    """A raster over the province.

    Attributes:
        cell_m: a cell's side; missing: such that there are a million cells at most.
    """

    cell_m: Annotated[
        float | None, Field(ge=10, le=10_000, description="A cell's side in metres.")
    ] = None


class DensityInputs(SurfaceInputs):
    """Kernel density.

    Attributes:
        bandwidth_m: the radius of the quartic kernel, the deviation of the Gaussian; missing:
            Silverman's reference, which smooths clustered events much.
        edge: what a kernel would spread beyond the province is put back inside (`reflected`), so
            that nothing is lost, or cut off (`clipped`).
        value: `count`, or a column, whose sum is spread instead of the number of events.
    """

    bandwidth_m: Annotated[
        float | None, Field(ge=20, le=200_000, description="Of the kernel, in metres.")
    ] = None
    kernel: Literal["quartic", "gaussian"] = "quartic"
    edge: Annotated[
        Literal["reflected", "clipped"],
        Field(description="What would fall beyond the province: put back inside, or cut off."),
    ] = "reflected"
    value: Annotated[
        str, Field(max_length=64, description="`count`, or a column, whose sum is spread.")
    ] = "count"


class InterpolateInputs(SurfaceInputs):
    """A surface through values at points.

    Attributes:
        value: the column.
        method: `idw`: inverse distances, `linear`: planes over triangles, between the points only.
        power: of the inverse distance.
        neighbours: that count for a cell.
    """

    value: Annotated[str, Field(max_length=64, description="A numeric column.")]
    method: Annotated[
        Literal["idw", "linear"],
        Field(description="Inverse distances, or planes between the points."),
    ] = "idw"
    power: Annotated[float, Field(ge=0.5, le=10, description="Of the inverse distance.")] = 2.0
    neighbours: Annotated[int, Field(ge=1, le=100, description="Places for each cell.")] = 12


class ZonalInputs(Inputs):
    """A raster's values in the areas of a layer."""

    raster: Annotated[str, Field(max_length=64, description="The id of a raster's collection.")]


class ClusterInputs(Inputs):
    """Clusters of events by density: DBSCAN where a distance is given, else HDBSCAN."""

    distance_m: Annotated[float | None, Field(ge=1, le=100_000)] = None
    least: Annotated[int, Field(ge=2, le=10_000, description="Events of a cluster, at least.")] = 5


def describe(model: type[Inputs]) -> dict[str, Any]:
    """The inputs of a process as OGC API Processes part 1 describes them, by name."""
    schema = model.model_json_schema()
    required = set(schema.get("required", ()))
    described = {}
    for name, part in schema["properties"].items():
        title = part.pop("title", name)
        description = part.pop("description", "")
        described[name] = {
            "title": title,
            "description": description,
            "schema": part,
            "minOccurs": 1 if name in required else 0,
            "maxOccurs": 1,
        }
    return described
