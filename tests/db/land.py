"""A land with roads, teams and requests for help at places in metres."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg2

from tests.conftest import command
from tests.people import person

# A place in the province, in VN-2000 / TM-3 107-45; the graph below is in metres from here.
EAST, NORTH = 560_000.0, 1_757_000.0
SRID = 5899
Place = tuple[float, float]

# A and C are joined by a short road which leads from C to A alone, and by a long one.
SHORT = ([(1000.0, 1000.0), (1000.0, 0.0), (0.0, 0.0)], {"speed_kmh": 60, "oneway": "yes"})
LONG = (
    [(0.0, 0.0), (0.0, 2000.0), (1000.0, 2000.0), (1000.0, 1000.0)],
    {"speed_kmh": None, "oneway": "no"},
)
# Meets the short road in its middle, at a vertex of its own that is not one of the other's ends.
SIDE = ([(1000.0, -500.0), (1000.0, 0.3)], {"speed_kmh": 30, "oneway": None})
APART = ([(5000.0, 0.0), (6000.0, 0.0)], {"speed_kmh": 60, "oneway": None})


class Land:
    """A database of a test's own: roads, teams and a request at places in metres."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self._folder = url, folder
        self.connection = psycopg2.connect(url)
        self.operator = person(url, "operator")

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []

    def roads(self, *roads: tuple[list[Place], dict[str, Any]], said: int = 0) -> str:
        """Import roads; what the command said."""
        file = self._folder / "roads.geojson"
        file.write_text(
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "crs": {
                        "type": "name",
                        "properties": {"name": f"urn:ogc:def:crs:EPSG::{SRID}"},
                    },
                    "features": [
                        {
                            "type": "Feature",
                            "properties": properties,
                            "geometry": {
                                "type": "LineString",
                                "coordinates": [[EAST + x, NORTH + y] for x, y in line],
                            },
                        }
                        for line, properties in roads
                    ],
                }
            )
        )
        done = command("roads", "import", str(file), database_url=self.url)
        assert done.returncode == said, done.stderr
        return done.stdout + done.stderr

    def team(self, code: str, place: Place, **columns: Any) -> None:
        names = ["code", "name", "kind", *columns]
        self.run(
            f"INSERT INTO layer.rescue_teams ({', '.join(names)}, geom)"
            f" VALUES ({', '.join(['%s'] * len(names))}, ST_Transform(ST_SetSRID("
            f"ST_MakePoint(%s, %s), {SRID}), 4326))",
            *(code, f"Đội {code}", "militia", *columns.values()),
            *(EAST + place[0], NORTH + place[1]),
        )

    def request(self, place: Place, category: str = "other") -> str:
        found = self.run(
            "INSERT INTO layer.sos_requests (category, priority, people, geom) VALUES (%s, 'high',"
            f" 2, ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), {SRID}), 4326))"
            " RETURNING id::text",
            category,
            EAST + place[0],
            NORTH + place[1],
        )
        return str(found[0][0])

    def nearest(self, request: str, srid: int = SRID, most: int = 10) -> list[dict[str, Any]]:
        """The teams as the operator is told of them."""
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('role', 'dieuhanh_operator', true),"
                " set_config('dieuhanh.account', %s, true)",
                (str(self.operator.id),),
            )
            cursor.execute("SELECT * FROM dieuhanh.sos_teams(%s, %s, %s)", (request, srid, most))
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
