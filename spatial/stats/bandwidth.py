"""The reference bandwidth of a kernel density in the plane.

Silverman (1986), "Density Estimation for Statistics and Data Analysis", 4.3.2: the best one if the
points were normally distributed. Data in several clusters are smoothed too much by it, so take a
smaller one to look inside.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from spatial.errors import BadInput
from spatial.stats.inputs import points
from spatial.stats.kernel import Kernel

_IQR = 1.349
"""The interquartile range of a normal distribution of deviation 1."""
_QUARTIC = 2.78 / 0.96
"""The quartic kernel's radius that smooths as a Gaussian of deviation 1 does: the ratio of the
constants A(K) of Silverman's table 4.1."""


def reference_bandwidth(xy: ArrayLike, kernel: Kernel) -> float:
    """The bandwidth in metres: the radius of the quartic kernel, the Gaussian's deviation.

    Raises:
        BadInput: there are fewer than two places.
    """
    where = points(xy)
    if len(np.unique(where, axis=0)) < 2:
        raise BadInput(
            "a bandwidth needs at least two places: give bandwidth_m",
            "cần ít nhất hai vị trí để chọn bán kính: hãy nêu bandwidth_m",
        )
    quarters = np.percentile(where, (25, 75), axis=0)
    robust = (quarters[1] - quarters[0]) / _IQR
    spread = np.where(robust > 0, np.minimum(robust, where.std(axis=0)), where.std(axis=0))
    width: float = math.sqrt(float(np.mean(spread**2))) * 0.96 * len(where) ** (-1 / 6)
    return width * (1.0 if kernel == "gaussian" else _QUARTIC)
