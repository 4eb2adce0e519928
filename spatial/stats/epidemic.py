"""An epidemic from its daily counts: mean of seven days, doubling time, reproduction number.

Series are counts of consecutive days, the oldest first; a time is told in days.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, stdtrit

from spatial.errors import BadInput
from spatial.stats.inputs import Floats, numbers, within

PRIOR_SHAPE, PRIOR_SCALE = 1.0, 5.0
"""Of the gamma prior of the reproduction number: mean 5 and standard deviation 5 (Cori 2013)."""
LONGEST = 1000
"""Days that a serial interval may last, at most."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How quickly counts grow, by a line through their logarithms.

    Attributes:
        rate, low, high: growth a day of the natural logarithm, and its confidence limits.
        days: days that the line goes through.
    """

    rate: float
    low: float
    high: float
    days: int

    @property
    def doubling(self) -> float | None:
        """Days in which counts double, negative where they halve; None where they stand still."""
        return None if self.rate == 0 else log(2) / self.rate

    @property
    def doubling_limits(self) -> tuple[float, float] | None:
        """The confidence limits of the doubling time; None where growth may be none at all."""
        if self.low <= 0 <= self.high:
            return None
        return log(2) / self.high, log(2) / self.low


@dataclass(frozen=True, slots=True)
class Reproduction:
    """Reproduction numbers by day, each of the window that ends with it; NaN where not told.

    Attributes:
        mean, low, high: of the posterior, and the limits of its credible interval.
    """

    mean: Floats
    low: Floats
    high: Floats


def trailing_mean(counts: ArrayLike, days: int = 7) -> Floats:
    """The mean of each day and the days before it; NaN while there are fewer than `days`.

    Raises:
        BadInput: a count is negative or no number, or `days` is not from 1 to 366.
    """
    within(days, 1, 366, "The window", "Cửa sổ")
    series = numbers(counts, least=0)
    return _trailing_sum(series, int(days)) / days


def growth(
    counts: ArrayLike, *, fewest_cases: float = 20, fewest_days: int = 7, confidence: float = 0.95
) -> Growth:
    """The growth of counts by ordinary least squares of their logarithms on the days.

    The usual estimate of exponential growth, r = d ln I / dt; its interval is that of the slope
    by Student's t. See Wallinga and Lipsitch (2007), "How generation intervals shape the
    relationship between growth rates and reproductive numbers", Proc. R. Soc. B 274:599-604. Days
    without a case have no logarithm and are left out, which flattens a line through small counts:
    so few cases and few days are refused.

    Raises:
        BadInput: a count is negative, or there are too few cases or days with any.
    """
    within(confidence, 0.5, 0.999, "The confidence", "Độ tin cậy")
    series = numbers(counts, least=0)
    at = np.flatnonzero(series > 0).astype(np.float64)
    if series.sum() < fewest_cases or len(at) < max(3, fewest_days):
        raise BadInput(
            f"There are too few cases to tell their growth: {series.sum():g} on {len(at)} days,"
            f" {fewest_cases:g} on {max(3, fewest_days)} are needed.",
            f"Quá ít ca để tính tốc độ tăng: {series.sum():g} ca trong {len(at)} ngày, cần"
            f" {fewest_cases:g} ca trong {max(3, fewest_days)} ngày.",
        )
    logs = np.log(series[at.astype(np.intp)])
    centred = at - at.mean()
    spread = float(centred @ centred)
    rate = float(centred @ logs) / spread
    left = logs - logs.mean() - rate * centred
    freedom = len(at) - 2
    error = (float(left @ left) / freedom / spread) ** 0.5
    reach = float(stdtrit(freedom, (1 + confidence) / 2)) * error
    return Growth(rate, rate - reach, rate + reach, len(at))


def serial_interval(mean: float, sd: float, least: float = 1e-6) -> Floats:
    """The chance of each whole number of days from one case's onset to the next's, from day 0.

    A gamma distribution shifted by one day, spread to days as both onsets are known to the day
    only: Cori et al. (2013), web appendix 11. The tail is cut where a day has less than `least`,
    and what is left adds up to 1.

    Args:
        mean: in days, more than 1.
        sd: in days, more than 0.

    Raises:
        BadInput: they are not.
    """
    within(mean, 1.001, 100, "The mean serial interval", "Khoảng thế hệ trung bình")
    within(sd, 0.05, 100, "Its standard deviation", "Độ lệch chuẩn của khoảng thế hệ")
    shape, scale = ((mean - 1) / sd) ** 2, sd**2 / (mean - 1)
    days = np.arange(LONGEST, dtype=np.float64)

    def within_days(of: float, until: Floats) -> Floats:
        return np.asarray(gammainc(of, np.maximum(until, 0) / scale))

    chance = (
        days * within_days(shape, days)
        + (days - 2) * within_days(shape, days - 2)
        - 2 * (days - 1) * within_days(shape, days - 1)
        + shape
        * scale
        * (
            2 * within_days(shape + 1, days - 1)
            - within_days(shape + 1, days - 2)
            - within_days(shape + 1, days)
        )
    )
    chance = np.maximum(chance, 0)
    after = np.flatnonzero(chance >= least)
    kept = chance[: after[-1] + 1]
    return np.asarray(kept / kept.sum())


def reproduction(
    counts: ArrayLike,
    interval: ArrayLike,
    *,
    window: int = 7,
    fewest_cases: float = 11,
    confidence: float = 0.95,
) -> Reproduction:
    """The instantaneous reproduction number by day, by epyestim.

    Cori, Ferguson, Fraser and Cauchemez (2013), "A new framework and software to estimate
    time-varying reproduction numbers during epidemics", Am. J. Epidemiol. 178(9):1505-1512: with a
    gamma prior the posterior of a window is gamma, too. The first day's cases came from elsewhere.

    Args:
        interval: the chance of each serial interval, from 0 days on; of 0 days it must be 0.
        window: days that a number is estimated from.
        fewest_cases: of a window, below which nothing is told. From 11 on the posterior's
            coefficient of variation is below 0.3 (the paper's aim).

    Raises:
        BadInput: a count is negative, or the interval's chances are not ones.
    """
    # With pandas and statsmodels it takes a second and 100 MB: only who estimates pays.
    import pandas as pd
    from epyestim.estimate_r import estimate_r, gamma_quantiles

    within(window, 1, 366, "The window", "Cửa sổ")
    within(confidence, 0.5, 0.999, "The confidence", "Độ tin cậy")
    series, chances = numbers(counts, least=0), numbers(interval, least=0)
    if chances[0] != 0 or abs(chances.sum() - 1) >= 0.001:
        raise BadInput(
            "The serial interval's chances must begin with 0 and add up to 1.",
            "Xác suất của khoảng thế hệ phải bắt đầu bằng 0 và có tổng bằng 1.",
        )
    days = int(window)
    posterior = estimate_r(
        pd.Series(series), chances, PRIOR_SHAPE, PRIOR_SCALE, window_size=days
    ).reindex(range(len(series)))
    shape, scale = posterior["a_posterior"].to_numpy(), posterior["b_posterior"].to_numpy()
    # A window of the first day has cases whom nobody here infected.
    told = (np.arange(len(series)) >= days) & (shape - PRIOR_SHAPE >= fewest_cases)
    told &= scale < PRIOR_SCALE
    shape = np.where(told, shape, np.nan)
    tail = (1 - confidence) / 2
    return Reproduction(
        shape * scale, gamma_quantiles(tail, shape, scale), gamma_quantiles(1 - tail, shape, scale)
    )


def _trailing_sum(series: Floats, days: int) -> Floats:
    """The sum of each day and those before it; NaN while there are fewer than `days`."""
    found = np.full(len(series), np.nan)
    if len(series) >= days:
        found[days - 1 :] = np.lib.stride_tricks.sliding_window_view(series, days).sum(axis=1)
    return found
