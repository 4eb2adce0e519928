"""Neighbours: by touch, by distance, by rank; equal to libpysal's, islands told."""

from __future__ import annotations

import libpysal
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from spatial.errors import BadInput
from spatial.stats import weights as module
from spatial.stats.inputs import Floats
from spatial.stats.weights import (
    Weights,
    contiguity,
    distance_band,
    nearest,
    nearest_distances,
    on_outline,
)
from tests.unit.stats.reference import adjacency, from_libpysal, polygons


def same(one: Weights, other: Weights) -> bool:
    return one.n == other.n and sparse.csr_array(one.matrix != other.matrix).nnz == 0


def places(seed: int, n: int, distinct: bool = True) -> Floats:
    rng = np.random.default_rng(seed)
    return rng.random((n, 2)) * 1000 if distinct else rng.integers(0, 4, (n, 2)).astype(float)


@pytest.mark.parametrize("example", ["columbus", "sids2"])
def test_queen_contiguity_of_real_areas_is_libpysals(example: str) -> None:
    areas = polygons(example)
    queen = libpysal.weights.Queen.from_iterable(areas)
    rook = libpysal.weights.Rook.from_iterable(areas)
    assert same(contiguity(areas), from_libpysal(queen))
    assert same(contiguity(areas, "rook"), from_libpysal(rook))


def test_the_adjacency_that_columbus_ships_is_its_queen_contiguity() -> None:
    assert same(contiguity(polygons("columbus")), adjacency("columbus"))


def test_a_corner_is_enough_for_the_queen_and_a_gap_within_the_tolerance_for_both() -> None:
    squares = [
        shapely.box(x, y, x + 10, y + 10) for x, y in ((0, 0), (10, 10), (10.5, -1), (60, 0))
    ]
    assert contiguity(squares).matrix.nnz == 2
    assert contiguity(squares, "rook").matrix.nnz == 0
    wide = contiguity(squares, tolerance_m=1.5)
    assert wide.matrix.toarray().astype(int).tolist() == [
        [0, 1, 1, 0],
        [1, 0, 1, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
    ]
    assert wide.islands.tolist() == [False, False, False, True]
    rook = contiguity(squares, "rook", tolerance_m=1.5).matrix.toarray()
    assert rook[0].tolist() == [0, 0, 1, 0]


def test_units_on_the_outline_are_told() -> None:
    squares = [shapely.box(x, y, x + 1, y + 1) for y in range(3) for x in range(3)]
    inner = on_outline(squares, shapely.box(0, 0, 3, 3))
    assert inner.tolist() == [True] * 4 + [False] + [True] * 4


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 60), st.floats(1, 500))
def test_a_distance_band_holds_who_is_within_the_distance(seed: int, n: int, radius: float) -> None:
    xy = places(seed, n)
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    near = (apart <= radius) & ~np.eye(n, dtype=bool)
    found = distance_band(xy, radius)
    assert (found.matrix.toarray() == near).all()
    assert (found.islands == ~near.any(axis=1)).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 60), st.booleans(), st.data())
def test_the_nearest_are_k_others_none_further_than_who_was_left_out(
    seed: int, n: int, distinct: bool, data: st.DataObject
) -> None:
    xy = places(seed, n, distinct)
    k = data.draw(st.integers(1, n - 1))
    matrix = nearest(xy, k).matrix.toarray()
    assert (matrix.sum(axis=1) == k).all()
    assert (matrix.diagonal() == 0).all()
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    kth = np.sort(apart, axis=1)[:, k - 1]
    assert (np.where(matrix > 0, apart, 0).max(axis=1) <= kth + 1e-9).all()
    np.testing.assert_allclose(nearest_distances(xy, k), kth)


def test_rows_are_standardised_and_islands_keep_none() -> None:
    band = distance_band([[0, 0], [1, 0], [2, 0], [50, 0]], 1)
    rows = np.asarray(band.row_standardised().matrix.sum(axis=1)).ravel()
    assert rows.tolist() == [1, 1, 1, 0]
    assert band.with_self().diagonal().tolist() == [1, 1, 1, 1]
    assert band.cardinalities.tolist() == [1, 2, 1, 0]


def test_a_radius_with_too_many_pairs_is_refused_before_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_PAIRS", 1_000)
    with pytest.raises(BadInput, match=r"1,600 pairs .* at most 1,000"):
        distance_band(places(1, 40), 5_000)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: distance_band([[0, 0]], 0), "above 0, not 0"),
        (lambda: distance_band([[0, np.nan]], 1), "not a finite number"),
        (lambda: distance_band([0, 1], 1), "pairs of x and y"),
        (lambda: nearest([[0, 0], [1, 1]], 2), "from 1 to 1, not 2"),
        (lambda: contiguity([], tolerance_m=-1), "from 0 to inf, not -1"),
    ],
)
def test_what_is_out_of_range_is_said(call: object, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        call()  # type: ignore[operator]
