"""Distances by road: as the nearest teams are found, and what lies within reach."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from layers.analysis.perform import perform
from layers.analysis.processes import process_of
from layers.province import load_province
from layers.roles import Caller, Role
from spatial.errors import BadInput
from tests.db.land import APART, LONG, SHORT, Land

COORDINATOR = Caller(Role.COORDINATOR)


def run(land: Land, name: str, **inputs: Any) -> Any:
    process = process_of(name)
    asked = process.read({"layer": "rescue_teams", **inputs})
    found = perform(
        process,
        asked,
        database_url=land.url,
        province=load_province("quang-nam"),
        caller=COORDINATOR,
    )
    return json.loads(found.body)


def test_ways_are_those_of_the_nearest_teams(land: Land) -> None:
    land.roads(SHORT, LONG, APART)
    places = {"A": (3, 4), "C": (1004, 1003), "OFF": (-100, 0), "FAR": (5500, 0), "SIDE": (700, 40)}
    for code, place in places.items():
        land.team(code, place)
    codes = dict(land.run("SELECT id::text, code FROM layer.rescue_teams"))
    requests = [land.request(place) for place in ((990, 1005), (1050, 990), (-9, -8), (5400, 10))]
    found = run(land, "nearest", to="sos_requests", k=4)
    assert found["summary"]["along"] == "road"
    ways = {
        (codes[one["id"]], request): (along, metres, minutes)
        for one in found["features"]
        for request, along, metres, minutes in zip(
            *(one["properties"][name] for name in ("nearest", "along", "distance_m", "minutes")),
            strict=True,
        )
    }
    for request in requests:
        for row in land.nearest(request):
            along, metres, minutes = ways[row["code"], request]
            assert along == row["by"]
            assert metres == pytest.approx(row["distance_m"], abs=1)
            assert minutes == pytest.approx(row["travel_min"], abs=0.11)
    # The nearest stand first, by road or by 1.4 times the straight line.
    for one in found["features"]:
        lengths = [
            metres if along == "road" else 1.4 * metres
            for metres, along in zip(
                one["properties"]["distance_m"], one["properties"]["along"], strict=True
            )
        ]
        assert lengths == sorted(lengths)


def test_without_a_graph_it_is_the_straight_line(land: Land) -> None:
    land.team("A", (0, 0))
    request = land.request((300, 400))
    (one,) = run(land, "nearest", to="sos_requests")["features"]
    assert one["properties"] == {"nearest": [request], "distance_m": [pytest.approx(500, abs=0.2)]}
    with pytest.raises(BadInput, match="road graph in EPSG:5899"):
        run(land, "nearest", to="sos_requests", along="road")


def test_an_area_by_road_ends_where_the_minutes_do(land: Land) -> None:
    land.roads(SHORT, LONG)
    land.team("A", (0, 0))
    within = land.request((500, 20))
    # Two minutes from C to A by the one-way road at 60 km/h; by the long one one is 1 km away.
    for place in ((0, 1300), (1000, 1500), (3000, 3000)):
        land.request(place)
    asked = {"minutes": 2, "off_road_m": 50, "of": "sos_requests"}
    found = run(land, "service-area", **asked)
    (one,) = found["features"]
    assert one["properties"]["features_within"] == 1
    # A band of 100 m along 2 km of the short road and 1 km of the long one, with rounded ends.
    band = 0.1 * 3 + math.pi * 0.05**2
    assert one["properties"]["area_km2"] == pytest.approx(band, rel=0.03)
    assert found["summary"]["features"] == 4
    only = run(land, "service-area", **asked, of_filter=f"id <> '{within}'")
    assert only["summary"]["features_within"] == 0
    # The same by metres: 2 km of both roads.
    far = run(land, "service-area", distance_m=2000, off_road_m=50)
    assert far["features"][0]["properties"]["area_km2"] == pytest.approx(band + 0.1, rel=0.03)


def test_a_straight_area_is_a_circle(land: Land) -> None:
    land.roads(SHORT)
    land.team("A", (0, 0))
    land.team("B", (1000, 0))
    found = run(land, "service-area", distance_m=1000, along="straight")
    circle = math.pi
    assert [one["properties"]["area_km2"] for one in found["features"]] == [
        pytest.approx(circle, rel=0.002)
    ] * 2
    # What both reach counts once.
    lens = 2 * math.acos(0.5) - math.sqrt(3) / 2
    assert found["summary"]["area_km2"] == pytest.approx(2 * circle - lens, rel=0.003)
    with pytest.raises(BadInput, match="either distance_m or minutes"):
        run(land, "service-area", distance_m=1000, minutes=3)
