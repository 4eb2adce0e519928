"""The data sets that ship with libpysal, as arrays."""

from __future__ import annotations

import contextlib
import csv
import warnings
from pathlib import Path
from typing import Any

import libpysal
import numpy as np
import pyogrio.raw
import shapely
from scipy import sparse

from spatial.stats.inputs import Floats
from spatial.stats.weights import Weights

DATA = Path(__file__).parent / "data"


def columns(example: str, *names: str) -> list[Floats]:
    """Columns of the attribute table of an example."""
    meta, _, _, fields = pyogrio.raw.read(_path(example, "shp"), read_geometry=False)
    table = dict(zip(meta["fields"], fields, strict=True))
    return [table[name].astype(np.float64) for name in names]


def polygons(example: str) -> list[Any]:
    """The areas of an example, as shapely polygons."""
    _, _, shapes, _ = pyogrio.raw.read(_path(example, "shp"), columns=[])
    return list(shapely.from_wkb(shapes))


def adjacency(example: str) -> Weights:
    """The binary weights that an example ships."""
    with contextlib.closing(libpysal.io.open(_path(example, "gal"))) as file:
        return from_libpysal(file.read())


def from_libpysal(weights: Any) -> Weights:
    """libpysal's weights as ours, as they stand."""
    return Weights(sparse.csr_array(weights.sparse))


def to_libpysal(weights: Weights) -> Any:
    """Our weights as libpysal's, whose units are 0 to n − 1."""
    matrix = weights.matrix
    neighbours, values = {}, {}
    for i in range(weights.n):
        row = slice(matrix.indptr[i], matrix.indptr[i + 1])
        neighbours[i] = matrix.indices[row].tolist()
        values[i] = matrix.data[row].tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return libpysal.weights.W(neighbours, values, silence_warnings=True)


def new_york() -> dict[str, Floats]:
    """The tracts of `new_york_leukaemia.csv`, by column."""
    with (DATA / "new_york_leukaemia.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def _path(example: str, extension: str) -> str:
    return str(libpysal.examples.get_path(f"{example}.{extension}"))
