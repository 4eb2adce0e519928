"""The same random filter in PostGIS and in Python and shapely finds the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings

from api.cluster import Cluster
from spatial.cql2 import BadFilter
from tests.cql2_strategies import FILTER, INSTANT, INTERVAL, RELATIONS, SHAPE, SPATIAL
from tests.db.cql2_database import FilterDatabase, filter_database, rows
from tests.db.cql2_oracle import Unsure, matching

ROWS = rows()
RANDOM = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module")
def database(cluster: Cluster, migrated_template: str) -> Iterator[FilterDatabase]:
    with filter_database(cluster, migrated_template) as opened:
        yield opened


def agrees(database: FilterDatabase, expression: Any) -> None:
    """Both find the same rows, or the filter is refused or hangs on rounding."""
    try:
        expected = matching(expression, ROWS)
    except Unsure:
        assume(False)
    try:
        found = database.matching(expression)
    except BadFilter as error:
        event(f"refused: {error.en[:25]}")
        assume("valid" in error.en or "two different" in error.en or "before" in error.en)
        return
    event("some rows" if expected else "no row")
    assert found == expected


@RANDOM
@given(FILTER)
def test_random_filters(database: FilterDatabase, expression: Any) -> None:
    agrees(database, expression)


@pytest.mark.parametrize("relation", SPATIAL)
@settings(RANDOM, max_examples=25)
@given(shape=SHAPE)
def test_each_spatial_function(database: FilterDatabase, relation: str, shape: Any) -> None:
    for column in ("spot", "area"):
        agrees(database, {"op": relation, "args": [{"property": column}, shape]})


@pytest.mark.parametrize("relation", RELATIONS)
@settings(RANDOM, max_examples=25)
@given(first=INSTANT | INTERVAL, second=INSTANT | INTERVAL)
def test_each_temporal_function(
    database: FilterDatabase, relation: str, first: Any, second: Any
) -> None:
    agrees(database, {"op": f"t_{relation}", "args": [first, second]})
