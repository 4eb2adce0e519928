"""p-values: of known distributions, of simulations, and corrected for many tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaincc, ndtr

from spatial.stats.inputs import Floats, Ints


def two_sided(z: ArrayLike) -> Floats:
    """The two-sided p-value of a standard normal deviate; NaN stays NaN."""
    return np.asarray(2.0 * ndtr(-np.abs(np.asarray(z, dtype=np.float64))))


def pearson3(z: ArrayLike, skewness: ArrayLike) -> Floats:
    """The chance of at least z under Pearson's type III distribution of mean 0 and variance 1.

    It is a gamma distribution moved and, for a negative skewness, turned round; the normal one
    where the skewness is 0. NaN stays NaN.
    """
    deviate, skew = np.broadcast_arrays(np.asarray(z, np.float64), np.asarray(skewness, np.float64))
    skewed = np.abs(skew) > 1e-4
    shape = 4 / np.where(skewed, skew, 1.0) ** 2
    at = np.maximum(shape + np.sign(skew) * deviate * np.sqrt(shape), 0)
    tail = np.where(skew > 0, gammaincc(shape, at), gammainc(shape, at))
    return np.asarray(np.where(skewed, tail, ndtr(-deviate)))


def simulated(greater: Ints, less: Ints, simulations: int) -> Floats:
    """The two-sided p-value of a simulated test.

    Args:
        greater, less: how many simulated values are at least, and at most, the observed one.
        simulations: their number; the observed value counts as one more (Davison and Hinkley
            1997, 4.2), so p is never 0.
    """
    tail = np.minimum(greater, less) + 1
    return np.minimum(1.0, 2.0 * tail / (simulations + 1))


def false_discovery(p: ArrayLike) -> Floats:
    """Benjamini and Hochberg's (1995) corrected p-values, in the shape of the given ones.

    Where the corrected value is at most α, the expected share of false findings among the findings
    is at most α. NaN is no test and stays NaN.
    """
    from scipy.stats import false_discovery_control  # slow to load: only who corrects pays

    found = np.array(p, dtype=np.float64)
    tested = ~np.isnan(found)
    if tested.any():
        found[tested] = false_discovery_control(found[tested], method="bh")
    return found
