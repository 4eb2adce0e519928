"""How likely a sum over a neighbourhood is when the values are dealt out anew among all places.

Gi* is the deviate of such a sum, so its p-value is a share of all ways to deal. With binary weights
the sum is that of a sample drawn without replacement, whose distribution is computed and not
simulated: p has no lower bound that a number of simulations would set, and needs no seed. With
other weights, and for large neighbourhoods, Pearson's type III distribution of the sum's own mean,
variance and skewness stands for it: Mielke and Berry (2007), Permutation Methods, chapter 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from spatial.stats.inputs import Flags, Floats, Ints
from spatial.stats.significance import pearson3
from spatial.stats.weights import Weights

LARGEST = 100
"""Members of a neighbourhood whose sum's distribution is computed: a second of work at most."""

POINTS = 2**15
"""Values that a computed sum may take. Where there would be more, as with values that are not
whole, the values are rounded to so many steps that it may not: p is exact of the rounded ones."""

LEAST = 1e-12
"""The smallest exact p: below it is what rounding leaves of 0."""


@dataclass(frozen=True, slots=True)
class Neighbourhoods:
    """Neighbourhoods among n values: one of each unit, or of each unit at each step of time.

    Attributes:
        sums: of values the weighted sum in each neighbourhood.
        total, squares, cubes: of each the sum of weights, of their squares and of their cubes, in
            shapes that broadcast to that of the sums.
    """

    sums: Callable[[Floats], Floats]
    total: Floats
    squares: Floats
    cubes: Floats

    @classmethod
    def of(cls, weights: Weights) -> Self:
        """The neighbours of each unit and the unit itself, with weight 1."""
        around: Any = weights.with_self()
        powers = (np.asarray(around.power(k).sum(axis=1)).ravel() for k in (1, 2, 3))
        return cls(lambda values: np.asarray(around @ values), *powers)

    @property
    def binary(self) -> Flags:
        """Which of them have no weights but 0 and 1: of all others Σ w (1 − w)² is above 0."""
        return np.asarray(self.total - 2 * self.squares + self.cubes == 0)


def permuted(z: Floats, x: Floats, around: Neighbourhoods) -> Floats:
    """The two-sided p-value of sums: twice the chance of one as far out on the same side.

    Args:
        z: the sums' deviates, which tell the side; NaN stays NaN.
        x: the values, in the shape that `around` sums.
    """
    p = np.full(z.shape, np.nan)
    exact = ~np.isnan(z) & around.binary & (around.total <= LARGEST)
    if exact.any():
        p[exact] = _exact(x, around, exact, z[exact] > 0)
    rest = ~np.isnan(z) & ~exact
    if rest.any():
        skewness = np.sign(z) * skewness_of(x, around)
        p[rest] = np.minimum(1.0, 2.0 * pearson3(np.abs(z[rest]), skewness[rest]))
    return p


def skewness_of(x: Floats, around: Neighbourhoods) -> Floats:
    """Of each sum under permutation; 0 where it does not vary.

    The third central moment of Σ a x, over all ways to deal x, is n Σ (a − ā)³ Σ (x − x̄)³ /
    ((n − 1) (n − 2)); the variance is Σ (a − ā)² Σ (x − x̄)² / (n − 1).
    """
    n, apart = x.size, x - x.mean()
    w1, w2, w3 = around.total, around.squares, around.cubes
    variance = (w2 - w1**2 / n) * (apart**2).sum() / max(n - 1, 1)
    third = (w3 - 3 * w1 * w2 / n + 2 * w1**3 / n**2) * (apart**3).sum()
    third *= n / max((n - 1) * (n - 2), 1)
    varies = variance > 0
    scale = np.where(varies, variance, 1.0) ** 1.5
    return np.asarray(np.where(varies, third / scale, 0.0))


def _exact(x: Floats, around: Neighbourhoods, which: Flags, above: Flags) -> Floats:
    """p of the binary neighbourhoods that are asked for, `above` telling their side."""
    sizes = np.broadcast_to(around.total, which.shape)[which].astype(np.intp)
    levels = _levels(x, int(sizes.max()))
    sums = np.rint(around.sums(levels.astype(np.float64))[which]).astype(np.intp)
    transforms = _transforms(levels.ravel(), int(sizes.max()))
    tail = np.empty(len(sizes))
    for size in np.unique(sizes):
        chances = np.fft.irfft(transforms[size])
        at, up = sizes == size, (sizes == size) & above
        tail[at] = np.cumsum(chances)[sums[at]]
        tail[up] = np.cumsum(chances[::-1])[::-1][sums[up]]
    return np.clip(2 * tail, LEAST, 1.0)


def _levels(x: Floats, largest: int) -> Ints:
    """The values as whole numbers from 0, of which no `largest` sum to `POINTS`."""
    rise = x - x.min()
    reach = np.partition(rise, rise.size - largest, axis=None)[-largest:].sum()
    if reach >= POINTS or (rise != np.rint(rise)).any():
        # rounding up may add a half each
        rise *= (POINTS - 1 - largest) / reach
    return np.asarray(np.rint(rise), dtype=np.intp)


def _transforms(levels: Ints, largest: int) -> NDArray[np.complex128]:
    """For each size up to the largest the Fourier transform of the distribution of the sum.

    For a frequency ω the mean of exp(iω Σ x) over all samples of k is e_k / C(n, k), with e_k the
    elementary symmetric polynomial of all exp(iωx). Newton's identities, k e_k = Σ_j (−1)^(j−1)
    e_(k−j) p_j, find it from the power sums p_j = Σ exp(ijωx): the values' own transform at jω.
    """
    n = levels.size
    reach = int(np.partition(levels, n - largest)[-largest:].sum())
    length = 1 << reach.bit_length()
    whole = np.fft.fft(np.bincount(levels, minlength=length))
    frequency = np.arange(length // 2 + 1)
    powers = [whole[j * frequency % length] for j in range(1, largest + 1)]
    found = np.zeros((largest + 1, len(frequency)), dtype=np.complex128)
    found[0] = 1
    for k in range(1, largest + 1):
        # C(n, k − j) / (k C(n, k)), with the sign
        share = 1 / (n - k + 1)
        for j in range(1, k + 1):
            found[k] += share * powers[j - 1] * found[k - j]
            share *= -(k - j) / (n - k + j + 1)
    return found
