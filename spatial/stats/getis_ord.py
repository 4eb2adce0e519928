"""Getis and Ord's local Gi*: where high values, or low ones, lie together.

Ord and Getis (1995), "Local spatial autocorrelation statistics: distributional issues and an
application", Geographical Analysis 27(4), formula 14*. The unit itself belongs to its
neighbourhood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.stats.inputs import Flags, Floats, Inference, numbers
from spatial.stats.permutation import Neighbourhoods, permuted
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
    """Gi* of n units, or of units at steps of time.

    Attributes:
        z: standard deviates; NaN for an island, and for all if the values are all the same or the
            neighbourhood is everything.
        p: two-sided.
        q: p corrected for as many tests as there are (Benjamini and Hochberg).
    """

    z: Floats
    p: Floats
    q: Floats

    @property
    def classes(self) -> NDArray[np.int8]:
        """The codes of `CLASSES`, of the corrected p-values."""
        return classify(self.z, self.q)


def local_g(values: ArrayLike, weights: Weights, inference: Inference = "permutation") -> LocalG:
    """Gi* of each unit.

    Args:
        values: n numbers; counts want a grid of equal cells, areas want rates.
        weights: binary or any other; the unit itself is added with weight 1.
        inference: what p is taken from. Under `normal` skewed values, as counts are, are found hot
            by chance more often than p says.

    Raises:
        BadInput: the values are not n finite numbers.
    """
    x = numbers(values, weights.n)
    return gi_star(x, Neighbourhoods.of(weights), weights.islands, inference)


def gi_star(x: Floats, around: Neighbourhoods, islands: Flags, inference: Inference) -> LocalG:
    """Gi* of each neighbourhood.

    Args:
        x: the values, all of which are the null's.
        islands: which units have no neighbour; an island has no value.
    """
    z = _deviates(x, around)
    z[islands] = np.nan
    p = two_sided(z) if inference == "normal" else permuted(z, x, around)
    return LocalG(z, p, false_discovery(p))


def _deviates(x: Floats, around: Neighbourhoods) -> Floats:
    n, mean, deviation = x.size, x.mean(), x.std()
    spread = (n * around.squares - around.total**2) / max(n - 1, 1)
    scale = deviation * np.sqrt(np.maximum(spread, 0))
    # what rounding leaves of 0 is no variation
    varies = (scale > 1e-9 * max(abs(mean), deviation)) & (spread > 1e-9)
    z = np.full(x.shape, np.nan)
    np.divide(around.sums(x) - mean * around.total, scale, out=z, where=varies)
    return z


def classify(z: Floats, p: Floats) -> NDArray[np.int8]:
    """The codes of `CLASSES` for deviates and their (corrected) p-values, of any shape."""
    confidence = sum((p <= level).astype(np.int8) for level in (0.10, 0.05, 0.01))
    found = np.where(z > 0, confidence, -np.asarray(confidence))
    return np.where(np.isnan(z), NOT_COMPUTED, found).astype(np.int8)
