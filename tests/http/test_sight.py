"""The province at first sight: real outlines and real counts, in the map's projection."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import httpx
import pytest

from api.sight import UNIT_M, WORLD_M, mercator
from tests.http.conftest import Rows

SVG = "{http://www.w3.org/2000/svg}"


def picture(client: httpx.Client) -> ElementTree.Element:
    """The picture, parsed."""
    answer = client.get("/api/sight.svg")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "admin_units:" in answer.headers["etag"]
    return ElementTree.fromstring(answer.text)


def test_it_has_the_box_of_the_province(client: httpx.Client) -> None:
    west, south, east, north = client.get("/api/map").json()["province"]["bbox"]
    width = (east - west) / 360 * 2 * WORLD_M / UNIT_M
    height = sum(
        sign * math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))
        for sign, latitude in ((1, north), (-1, south))
    ) * (WORLD_M / math.pi / UNIT_M)
    box = [float(number) for number in picture(client).attrib["viewBox"].split()]
    assert box == pytest.approx([0, 0, width, height], abs=1)


def test_it_has_a_dot_for_each_cell_with_features(client: httpx.Client, rows: Rows) -> None:
    groups = picture(client).findall(f"{SVG}g")
    layers = [
        one["id"]
        for one in client.get("/api/map").json()["layers"]
        if one["geometryType"] == "Point"
    ]
    assert len(groups) == len(layers)
    west, _, _, north = client.get("/api/map").json()["province"]["bbox"]
    left, top = mercator(west, north)
    for layer, group in zip(reversed(layers), groups, strict=True):
        places = rows(f"SELECT ST_X(geom), ST_Y(geom) FROM layer.{layer}")
        cells: dict[tuple[int, int], list[tuple[float, float]]] = {}
        side = 2 * WORLD_M / UNIT_M / 4096
        for x, y in places:
            across, down = mercator(x, y)
            cell = (math.floor(across / side), math.floor(down / side))
            cells.setdefault(cell, []).append((across - left, down - top))
        dots = sorted(
            (float(dot.attrib["cx"]), float(dot.attrib["cy"]))
            for dot in group.findall(f"{SVG}circle")
        )
        wanted = sorted(
            (sum(x for x, _ in held) / len(held), sum(y for _, y in held) / len(held))
            for held in cells.values()
        )
        assert len(dots) == len(wanted)
        for dot, middle in zip(dots, wanted, strict=True):
            assert dot[0] == pytest.approx(middle[0], abs=1.5)
    assert len(groups[-1].findall(f"{SVG}circle")) > 10


def test_parameters_are_refused(client: httpx.Client) -> None:
    assert client.get("/api/sight.svg?x=1").status_code == 400
