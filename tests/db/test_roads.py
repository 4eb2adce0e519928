"""The road graph: what a file of lines becomes, and which teams are nearest on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg2
import pytest

from layers.roles import Role
from tests.conftest import command
from tests.db.land import APART, EAST, LONG, NORTH, SHORT, SIDE, SRID, Land, Place


def told(rows: list[dict[str, Any]]) -> list[tuple[str, str, float, float]]:
    return [(row["code"], row["by"], row["distance_m"], row["travel_min"]) for row in rows]


def test_a_way_goes_with_the_traffic(land: Land) -> None:
    said = land.roads(SHORT, LONG, APART)
    assert "3 đoạn" in said
    land.team("A", (0, 0))
    land.team("FAR", (5500, 0))
    to_c = told(land.nearest(land.request((1000, 1000))))
    # Against the one-way road: round by the long one, 4 km at 30 km/h.
    assert to_c[0] == ("A", "road", pytest.approx(4000, abs=1), pytest.approx(8, abs=0.1))
    # On roads of their own that lead nowhere: by straight line, and 1.4 times as long a way.
    straight = (4500**2 + 1000**2) ** 0.5
    assert to_c[1] == (
        "FAR",
        "straight",
        pytest.approx(straight, abs=1),
        pytest.approx(straight * 1.4 / 500, abs=0.1),
    )
    land.run("UPDATE layer.rescue_teams SET state = 'off'")
    land.team("C", (1000, 1000))
    to_a = told(land.nearest(land.request((0, 0))))
    assert to_a == [("C", "road", pytest.approx(2000, abs=1), pytest.approx(2, abs=0.1))]


def test_ways_to_the_road_count(land: Land) -> None:
    land.roads(SHORT, LONG)
    # 100 m from the corner at A, 50 m from the one at C; both off the roads.
    land.team("OFF", (-100, 0))
    (row,) = told(land.nearest(land.request((1050, 1000))))
    assert row == (
        "OFF",
        "road",
        pytest.approx(4150, abs=1),
        pytest.approx(8 + 150 * 1.4 / 500, abs=0.1),
    )


def test_what_is_beside_each_other_needs_no_road(land: Land) -> None:
    land.roads(SHORT, LONG)
    # Both 3 km off the roads, and 100 m apart.
    land.team("NEAR", (-3000, -3000))
    (row,) = told(land.nearest(land.request((-3000, -3100))))
    assert row == ("NEAR", "straight", pytest.approx(100, abs=1), pytest.approx(0.3, abs=0.1))


def test_roads_meet_at_shared_vertices_and_within_the_tolerance(land: Land) -> None:
    corner = ([(1000.0, -500.0), (1000.0, 0.0)], SIDE[1])
    assert "4 đoạn" in land.roads(SHORT, LONG, corner)
    land.team("S", (1000, -500))
    # Up the side road, then with the one-way road to A.
    (row,) = told(land.nearest(land.request((0, 0))))
    assert row == ("S", "road", pytest.approx(1500, abs=1), pytest.approx(2, abs=0.1))
    # Ends of roads within a metre are one node; without that they do not meet.
    ends = (
        ([(0.0, 0.0), (1000.0, 0.0)], {}),
        ([(1000.0, 0.6), (1000.0, 1000.0)], {}),
    )
    land.roads(*ends)
    assert land.run("SELECT count(*) FROM road.node") == [(3,)]
    assert told(land.nearest(land.request((1000, 1000))))[0][1] == "road"
    file = land._folder / "roads.geojson"
    done = command("roads", "import", str(file), "--tolerance", "0.1", database_url=land.url)
    assert done.returncode == 0, done.stderr
    assert land.run("SELECT count(*) FROM road.node") == [(4,)]


def test_without_a_graph_or_pgrouting_it_is_by_straight_line(land: Land) -> None:
    land.team("A", (0, 0))
    request = land.request((3000, 4000))
    expected = [("A", "straight", pytest.approx(5000, abs=1), pytest.approx(14, abs=0.1))]
    assert told(land.nearest(request)) == expected
    land.roads(([(0.0, 0.0), (3000.0, 0.0), (3000.0, 4000.0)], {}))
    assert told(land.nearest(request))[0][1:3] == ("road", pytest.approx(7000, abs=1))
    # Another metric system than the graph's.
    assert told(land.nearest(request, srid=3405))[0][1] == "straight"
    land.run("DROP EXTENSION pgrouting")
    assert told(land.nearest(request)) == expected


def test_boats_and_others_are_suitable_as_before(land: Land) -> None:
    land.roads(SHORT, LONG)
    land.team("BOAT", (5000, 5000), boat=True, capacity=8)
    land.team("TRUCK", (0, 0), transport=True)
    rows = land.nearest(land.request((1000, 1000), "trapped"))
    assert [row["code"] for row in rows] == ["BOAT"]
    assert rows[0]["carries_all"] is True


GRID = 160


def test_a_graph_of_50000_edges(land: Land) -> None:
    step = 250.0
    rows = [([(x * step, y * step) for x in range(GRID)], {"speed_kmh": 30}) for y in range(GRID)]
    columns = [
        ([(x * step, y * step) for y in range(GRID)], {"speed_kmh": 30}) for x in range(GRID)
    ]
    land.roads(*rows, *columns)
    assert land.run("SELECT count(*) FROM road.edge") == [(2 * GRID * (GRID - 1),)]
    assert land.run("SELECT count(*) FROM road.node") == [(GRID * GRID,)]
    for number in range(30):
        land.team(f"T{number}", (number * step, 0))
    found = told(land.nearest(land.request((29 * step, 100 * step)), most=5))
    # On a grid a way is as long as both sides together.
    assert found == [
        (f"T{29 - n}", "road", pytest.approx((100 + n) * step, abs=10), pytest.approx(
            (100 + n) * step / 500, abs=0.2))
        for n in range(5)
    ]  # fmt: skip
    plan = "\n".join(
        row[0]
        for row in land.run(
            "EXPLAIN SELECT n.id FROM road.node AS n ORDER BY n.geom <->"
            f" ST_SetSRID(ST_MakePoint({EAST}, {NORTH}), {SRID}) LIMIT 1"
        )
    )
    assert "Index Scan" in plan


@pytest.mark.parametrize(
    ("road", "said"),
    [
        (([(0.0, 0.0), (1.0, 0.0)], {"speed_kmh": "fast"}), "speed_kmh 'fast'"),
        (([(0.0, 0.0), (1.0, 0.0)], {"speed_kmh": 0}), "speed_kmh '0'"),
        (([(0.0, 0.0), (1.0, 0.0)], {"speed_kmh": 500}), "from 1 to 130"),
        (([(0.0, 0.0), (1.0, 0.0)], {"oneway": "maybe"}), "oneway 'maybe'"),
        (([(9e9, 0.0), (9e9, 1.0)], {}), "outside"),
    ],
)
def test_all_roads_or_none(land: Land, road: Any, said: str) -> None:
    land.roads(SHORT, LONG)
    before = land.run("SELECT count(*), sum(length_m) FROM road.edge")
    text = land.roads(LONG, road, said=2)
    assert said in text
    assert "feature 2" in text
    assert len(text.strip().splitlines()) == 1
    assert land.run("SELECT count(*), sum(length_m) FROM road.edge") == before


def test_files_that_hold_no_roads(land: Land, tmp_path: Path) -> None:
    points = tmp_path / "points.geojson"
    points.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},'
        '"geometry":{"type":"Point","coordinates":[108,15]}}]}'
    )
    table = tmp_path / "table.csv"
    table.write_text("a,b\n1,2\n")
    for arguments, said in (
        ((str(points),), "must be a line"),
        ((str(table),), "no geometries"),
        ((str(tmp_path / "none.gpkg"),), "no file"),
        ((str(points), "--speed-column", "v"), "no column"),
        ((str(points), "--crs", "EPSG:0"), "EPSG:0"),
        ((str(points), "--tolerance", "-1"), "--tolerance"),
    ):
        done = command("roads", "import", *arguments, database_url=land.url)
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    done = command("roads", "import", str(points), database_url=land.url, DIEUHANH_ROAD_LINES="1")
    assert "must be a line" in done.stderr


def test_roads_are_everybodys_to_read_and_nobodys_to_change(land: Land) -> None:
    land.roads(SHORT, LONG)
    for role in Role:
        become = f"SET LOCAL ROLE {role.database_role}"
        assert land.run(f"{become}; SELECT count(*) FROM road.edge") == [(2,)]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            land.run(f"{become}; DELETE FROM road.edge")


def test_the_way_of_a_team_follows_the_roads(land: Land) -> None:
    land.roads(SHORT, LONG, APART)
    request = land.request((1000, 1000))

    def way(place: Place, srid: int = SRID) -> dict[str, Any]:
        with land.connection, land.connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('role', 'dieuhanh_operator', true),"
                " set_config('dieuhanh.account', %s, true)",
                (str(land.operator.id),),
            )
            cursor.execute(
                "SELECT dieuhanh.sos_way(%s, ST_X(p), ST_Y(p), %s) FROM (SELECT ST_Transform("
                f"ST_SetSRID(ST_MakePoint(%s, %s), {SRID}), 4326) AS p) AS place",
                (request, srid, EAST + place[0], NORTH + place[1]),
            )
            found: dict[str, Any] = cursor.fetchone()[0]
            return found

    def metres(line: dict[str, Any]) -> list[Place]:
        return [
            (round(x - EAST), round(y - NORTH))
            for ((x, y),) in (
                land.run(
                    f"SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform(ST_SetSRID("
                    f"ST_MakePoint(%s, %s), 4326), {SRID}) AS p) AS place",
                    *point,
                )
                for point in line["coordinates"]
            )
        ]

    # Against the one-way road: round by the long one, from 100 m off the corner.
    found = way((-100, 0))
    assert (found["by"], found["distance_m"]) == ("road", pytest.approx(4100, abs=1))
    assert found["travel_min"] == pytest.approx(8 + 0.28, abs=0.1)
    corners = metres(found["line"])
    assert corners[0] == pytest.approx((-100, 0), abs=1)
    assert corners[-1] == pytest.approx((1000, 1000), abs=1)
    assert (0, 2000) in corners
    assert (1000, 2000) in corners
    # From roads of their own, and where no graph is in the system asked for.
    apart = way((5500, 0))
    assert (apart["by"], apart["travel_min"]) == ("straight", None)
    assert way((-100, 0), 3405)["by"] == "straight"
