"""Rates of areas: raw, shrunk towards the mean, and against what would be expected.

A raw rate of a commune of few people says more of chance than of risk; the empirical Bayes rate
moves it towards the overall rate, the more so the fewer the people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv

from spatial.errors import BadInput
from spatial.stats.inputs import Floats, numbers, within


@dataclass(frozen=True, slots=True)
class Ratios:
    """Observed over expected events: indirectly standardised ratios.

    Attributes:
        ratio: NaN where nothing is expected.
        low, high: the limits of the exact Poisson interval (Garwood 1936).
    """

    ratio: Floats
    low: Floats
    high: Floats


def raw(events: ArrayLike, population: ArrayLike) -> Floats:
    """Events for each person; NaN where there are none to count.

    Raises:
        BadInput: a number is negative, or there are not as many of both.
    """
    e, people = _pair(events, population)
    return _over(e, people)


def empirical_bayes(events: ArrayLike, population: ArrayLike) -> Floats:
    """Rates shrunk towards the overall rate by the method of moments.

    Marshall (1991), "Mapping disease and mortality rates using empirical Bayes estimators",
    Applied Statistics 40(2). Where rates vary less than chance alone makes them, all are the
    overall rate. NaN where there are no people.

    Raises:
        BadInput: a number is negative, there are not as many of both, or no people at all.
    """
    e, people = _pair(events, population)
    known = people > 0
    if not known.any():
        raise BadInput("No unit has any people.", "Không đơn vị nào có dân.")
    e, people = e[known], people[known]
    mean, variance = _moments(e, people)
    of_chance = mean / people
    own = np.divide(variance, variance + of_chance, out=np.zeros_like(e), where=of_chance > 0)
    found = np.full(len(known), np.nan)
    found[known] = own * (e / people) + (1 - own) * mean
    return found


def standardised(events: ArrayLike, population: ArrayLike) -> Floats:
    """Rates as deviates that may be compared between areas of few and of many people.

    Assunção and Reis (1999), "A new proposal to adjust Moran's I for population density",
    Statistics in Medicine 18: give these to Moran's I instead of raw rates. NaN where there are no
    people; 0 for all if nothing happened.

    Raises:
        BadInput: as `empirical_bayes`.
    """
    e, people = _pair(events, population)
    known = people > 0
    if not known.any():
        raise BadInput("No unit has any people.", "Không đơn vị nào có dân.")
    mean, variance = _moments(e[known], people[known], floor=False)
    spread = variance + mean / people[known]
    # a negative between-area variance may outweigh chance in large areas: then chance alone counts
    spread = np.where(spread > 0, spread, mean / people[known])
    found = np.full(len(known), np.nan)
    apart = e[known] / people[known] - mean
    found[known] = np.divide(apart, np.sqrt(spread), out=np.zeros_like(apart), where=spread > 0)
    return found


def expected(population: ArrayLike, reference_rates: ArrayLike) -> Floats:
    """Events to expect in each area if each group had the reference's rate.

    Args:
        population: n × groups, the people of each age and sex group.
        reference_rates: events for each person of each group in the reference population.

    Raises:
        BadInput: the shapes do not fit, or a number is negative.
    """
    people = np.asarray(population, dtype=np.float64)
    groups = people.shape[1] if people.ndim == 2 else 1
    rates = numbers(reference_rates, groups, least=0)
    flat = numbers(people.ravel(), least=0)
    return np.asarray(flat.reshape(-1, groups) @ rates)


def ratios(events: ArrayLike, expectation: ArrayLike, confidence: float = 0.95) -> Ratios:
    """Standardised ratios with their exact limits.

    Raises:
        BadInput: a number is negative, or the confidence is not from 0.5 to 0.999.
    """
    within(confidence, 0.5, 0.999, "The confidence", "Độ tin cậy")
    e, basis = _pair(events, expectation)
    tail = (1 - confidence) / 2

    low = np.where(e > 0, gammaincinv(np.maximum(e, 1), tail), 0.0)
    return Ratios(_over(e, basis), _over(low, basis), _over(gammaincinv(e + 1, 1 - tail), basis))


def _moments(e: Floats, people: Floats, floor: bool = True) -> tuple[float, float]:
    """The overall rate, and the variance of rates beyond chance."""
    mean = float(e.sum() / people.sum())
    between = float((people * (e / people - mean) ** 2).sum() / people.sum())
    variance = between - mean / float(people.mean())
    return mean, max(variance, 0.0) if floor else variance


def _over(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats]:
    one = numbers(first, least=0)
    return one, numbers(second, len(one), least=0)
