"""Clusters of points: the core of each found, nothing in noise, hulls around their members."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csgraph

from spatial.errors import BadInput
from spatial.stats import clusters as module
from spatial.stats import weights
from spatial.stats.clusters import NOISE, dbscan, hdbscan
from spatial.stats.inputs import Floats

CENTRES = ((2_000.0, 2_000.0), (8_000.0, 3_000.0), (5_000.0, 8_000.0))


def towns(seed: int) -> tuple[Floats, Floats]:
    """Three dense places of 60 points and 60 points anywhere; and which place each is of."""
    rng = np.random.default_rng(seed)
    dense = [rng.normal(centre, 150, (60, 2)) for centre in CENTRES]
    xy = np.concatenate([*dense, rng.random((60, 2)) * 10_000])
    return xy, np.repeat([0, 1, 2, NOISE], 60)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 80), st.integers(2, 6))
def test_core_points_are_the_connected_dense_ones(seed: int, n: int, least: int) -> None:
    xy = np.random.default_rng(seed).random((n, 2)) * 100
    near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) <= 15
    core = near.sum(axis=1) >= least
    found = dbscan(xy, 15, least)
    assert (found.core == core).all()
    count, part = csgraph.connected_components(near[core][:, core])
    assert found.count == count
    pairs = set(zip(part, found.label[core], strict=True))
    assert len(pairs) == count
    reached = near[:, core].any(axis=1)
    assert ((found.label != NOISE) == reached).all()


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_dense_places_are_found(method: str) -> None:
    xy, truth = towns(1)
    found = dbscan(xy, 200, 8) if method == "dbscan" else hdbscan(xy, 25)
    assert found.count == 3
    for place in range(3):
        labels = found.label[truth == place]
        main = np.bincount(labels[labels >= 0]).argmax()
        assert (labels == main).mean() > 0.8
        assert (truth[found.members(int(main))] == place).mean() > 0.8
    assert ((found.strength > 0) <= (found.label != NOISE)).all()


def test_scattered_points_are_no_cluster() -> None:
    xy = np.random.default_rng(2).random((200, 2)) * 10_000
    assert dbscan(xy, 200, 8).count == 0


def test_hulls_cover_their_members() -> None:
    xy, _ = towns(3)
    found = dbscan(xy, 200, 8)
    for cluster, (hull, wide) in enumerate(zip(found.hulls(), found.hulls(50), strict=True)):
        own = shapely.multipoints(xy[found.members(cluster)])
        assert hull.covers(own)
        assert wide.covers(hull)
        assert wide.area > hull.area > 0


def test_a_cluster_on_one_line_has_a_line_for_a_hull_until_it_is_widened() -> None:
    found = dbscan([[k * 10.0, 0] for k in range(6)], 10, 3)
    assert found.count == 1
    assert found.hulls()[0].geom_type == "LineString"
    assert found.hulls(5)[0].geom_type == "Polygon"


def test_too_few_points_are_no_cluster() -> None:
    assert dbscan(np.empty((0, 2)), 10, 3).count == 0
    assert hdbscan([[0, 0], [1, 1]], 5).label.tolist() == [NOISE, NOISE]
    assert hdbscan([[0, 0], [1, 1]], 5).hulls() == []


def test_what_is_out_of_range_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    xy = np.random.default_rng(0).random((50, 2))
    with pytest.raises(BadInput, match="radius must be above 0, not -1"):
        dbscan(xy, -1)
    with pytest.raises(BadInput, match="number of points must be from 2"):
        dbscan(xy, 1, 1)
    monkeypatch.setattr(module, "MAX_HDBSCAN_POINTS", 40)
    with pytest.raises(BadInput, match="at most 40 points, not 50"):
        hdbscan(xy)
    monkeypatch.setattr(weights, "MAX_PAIRS", 100)
    with pytest.raises(BadInput, match="Take a smaller radius"):
        dbscan(xy, 5)
