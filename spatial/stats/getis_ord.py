"""Getis and Ord's local Gi*: where high values, or low ones, lie together.

Ord and Getis (1995), "Local spatial autocorrelation statistics: distributional issues and an
application", Geographical Analysis 27(4), formula 14*. The unit itself belongs to its
neighbourhood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.stats.inputs import Floats, numbers
from spatial.stats.significance import false_discovery, two_sided
from spatial.stats.weights import Weights

CLASSES = {
    3: "hot_99",
    2: "hot_95",
    1: "hot_90",
    0: "not_significant",
    -1: "cold_90",
    -2: "cold_95",
    -3: "cold_99",
    -9: "not_computed",
}
"""The codes of `classify`: hot or cold, and with what confidence in percent."""

NOT_COMPUTED = -9


@dataclass(frozen=True, slots=True)
class LocalG:
    """Gi* of n units.

    Attributes:
        z: standard deviates; NaN for an island, and for all if the values are all the same or the
            neighbourhood is everything.
        p: two-sided, from the normal distribution.
        q: p corrected for n tests (Benjamini and Hochberg).
    """

    z: Floats
    p: Floats
    q: Floats

    @property
    def classes(self) -> NDArray[np.int8]:
        """The codes of `CLASSES`, of the corrected p-values."""
        return classify(self.z, self.q)


def local_g(values: ArrayLike, weights: Weights) -> LocalG:
    """Gi* of each unit.

    Args:
        values: n numbers; counts want a grid of equal cells, areas want rates.
        weights: binary or any other; the unit itself is added with weight 1.

    Raises:
        BadInput: the values are not n finite numbers.
    """
    x = numbers(values, weights.n)
    around = weights.with_self()
    squares = around.copy()
    squares.data **= 2
    total, total_squares = _row_sums(around), _row_sums(squares)
    z = deviates(around @ x, total, total_squares, x)
    z[weights.islands] = np.nan
    p = two_sided(z)
    return LocalG(z, p, false_discovery(p))


def deviates(lag: Floats, total: Floats, total_squares: Floats, x: Floats) -> Floats:
    """z of weighted sums of neighbourhoods.

    Args:
        lag, total, total_squares: for each neighbourhood the weighted sum of values, the sum of
            weights, the sum of their squares; all of one shape.
        x: all values, whose mean and (population) variance are the null's.
    """
    n, mean, deviation = x.size, x.mean(), x.std()
    spread = (n * total_squares - total**2) / max(n - 1, 1)
    scale = deviation * np.sqrt(np.maximum(spread, 0))
    # what rounding leaves of 0 is no variation
    varies = (scale > 1e-9 * max(abs(mean), deviation)) & (spread > 1e-9)
    z = np.full(np.shape(lag), np.nan)
    np.divide(lag - mean * total, scale, out=z, where=varies)
    return z


def classify(z: Floats, p: Floats) -> NDArray[np.int8]:
    """The codes of `CLASSES` for deviates and their (corrected) p-values, of any shape."""
    confidence = sum((p <= level).astype(np.int8) for level in (0.10, 0.05, 0.01))
    found = np.where(z > 0, confidence, -np.asarray(confidence))
    return np.where(np.isnan(z), NOT_COMPUTED, found).astype(np.int8)


def _row_sums(matrix: Any) -> Floats:
    return np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
