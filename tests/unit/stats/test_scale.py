"""The distance band that data suggest, and the reason given for it."""

from __future__ import annotations

import numpy as np
import pytest

from spatial.errors import BadInput
from spatial.stats.grid import grid_over
from spatial.stats.inputs import Floats
from spatial.stats.moran import global_i
from spatial.stats.scale import distance_band_for
from spatial.stats.weights import distance_band, nearest_distances


def bumps(xy: Floats, size: float, every: float) -> Floats:
    """Round hills of one size, as far apart as told."""
    offset = (xy + every / 2) % every - every / 2
    return np.exp(-(offset**2).sum(axis=1) / (2 * size**2))


def test_the_band_grows_with_the_size_of_the_clusters() -> None:
    centres = grid_over("hexagon", 500, (0, 0, 20_000, 20_000)).centres()
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.05, len(centres))
    small, large = (
        distance_band_for(centres, bumps(centres, size, 5 * size) + noise) for size in (800, 1_600)
    )
    assert small.reason == large.reason == "autocorrelation_peak"
    assert 500 < small.distance_m < large.distance_m < 6_000
    assert large.distance_m == pytest.approx(2 * small.distance_m, rel=0.35)


def test_the_deviates_are_those_of_morans_i_at_each_distance() -> None:
    rng = np.random.default_rng(2)
    xy = rng.random((120, 2)) * 10_000
    values = bumps(xy, 1_000, 5_000) + rng.normal(0, 0.2, 120)
    found = distance_band_for(xy, values, steps=6)
    for distance, z in zip(found.distances_m, found.deviates, strict=True):
        again = global_i(values, distance_band(xy, distance))
        assert z == pytest.approx(again.z)
    best = int(np.searchsorted(found.distances_m, found.distance_m))
    if found.reason == "autocorrelation_peak":
        assert found.deviates[best] > found.deviates[best - 1]
        assert found.deviates[best] > found.deviates[best + 1]


def test_without_clustering_it_is_the_mean_distance_to_a_twentieth_of_the_units() -> None:
    rng = np.random.default_rng(3)
    xy = rng.random((200, 2)) * 10_000
    found = distance_band_for(xy, np.ones(200))
    assert found.reason == "mean_distance_to_neighbours"
    assert found.neighbours == 10
    assert found.distance_m == pytest.approx(nearest_distances(xy, 10).mean())


def test_few_scattered_units_are_looked_at_within_a_standard_distance() -> None:
    xy = np.array([[0, k] for k in range(5)] + [[100_000.0, 100_000 + k] for k in range(5)])
    xy = np.concatenate((xy[:8], [[5e5, 5e5], [-5e5, 3e5]]))
    found = distance_band_for(xy, np.ones(10))
    standard = np.sqrt(((xy - xy.mean(axis=0)) ** 2).sum(axis=1).mean())
    assert found.distance_m <= standard * (1 + 1e-12)


def test_what_has_no_scale_is_said() -> None:
    with pytest.raises(BadInput, match="At least 10 units are needed; there are 3"):
        distance_band_for([[0, 0], [1, 1], [2, 2]], [1, 2, 3])
    with pytest.raises(BadInput, match="share their places"):
        distance_band_for(np.zeros((12, 2)), np.arange(12))
    with pytest.raises(BadInput, match="steps must be from 3 to 100, not 1"):
        distance_band_for(np.random.default_rng(0).random((12, 2)), np.arange(12), 1)
