"""Alerts pushed to who is inside of them, and to nobody else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import RunServer
from tests.people import on_database
from tests.sse import Listener

# A triangle: the place "beside" is inside of its box, and not of it.
TRIANGLE = "MULTIPOLYGON(((108 15, 109 15, 108 16, 108 15)))"
FARTHER = "MULTIPOLYGON(((110 15, 111 15, 110 16, 110 15)))"
INSERT = (
    "INSERT INTO layer.alerts (headline, event, severity, urgency, certainty, category, area_desc,"
    " geom) VALUES ($1, 'Bão', 'Severe', 'Expected', 'Likely', 'Met', 'Ven biển',"
    " ST_GeomFromText($2, 4326)) RETURNING id::text"
)


def test_an_alert_is_told_to_those_inside(fresh_database_url: str, run_server: RunServer) -> None:
    address = run_server(fresh_database_url)

    def run(statement: str, *values: Any) -> Any:
        async def work(connection: Any) -> Any:
            return await connection.fetchval(statement, *values)

        return on_database(fresh_database_url, work)

    with (
        Listener(address, "layers=alerts&lon=108.2&lat=15.2") as inside,
        Listener(address, "lon=108.2&lat=15.2") as of_all_areas,
        Listener(address, "layers=alerts&lon=108.9&lat=15.9") as beside,
        Listener(address, "layers=alerts&lon=110.2&lat=15.2") as far,
    ):
        alert = run(INSERT, "Bão số 5", TRIANGLE)
        for listener in (inside, of_all_areas):
            listener.wait(lambda heard=listener: len(heard.changes()) == 1)
            (change,) = listener.changes()
            assert (change["op"], change["id"]) == ("insert", alert)
            assert change["feature"]["properties"]["headline"] == "Bão số 5"
        # It moves: who was inside is told that it left, who is now that it came.
        run(
            "UPDATE layer.alerts SET geom = ST_GeomFromText($1, 4326) WHERE id::text = $2",
            FARTHER,
            alert,
        )
        far.wait(lambda: len(far.changes()) == 1)
        inside.wait(lambda: len(inside.changes()) == 2)
        assert (far.changes()[0]["op"], far.changes()[0]["feature"]["properties"]["message"]) == (
            "update",
            "Update",
        )
        assert (inside.changes()[1]["op"], "feature" in inside.changes()[1]) == ("leave", False)
        run("DELETE FROM layer.alerts WHERE id::text = $1", alert)
        far.wait(lambda: len(far.changes()) == 2)
        assert far.changes()[1]["op"] == "delete"
        # In the box of where it was, and never inside.
        assert {change["op"] for change in beside.changes()} <= {"leave"}


@pytest.mark.parametrize(
    "query",
    [
        "lon=108",
        "lat=15",
        "lon=108&lat=15&bbox=108,15,109,16",
        "lon=181&lat=15",
        "lon=108&lat=-91",
        "lon=nan&lat=15",
        "lon=1e2&lat=15",
        "lon=108&lat=15&layers=sos_requests",
    ],
)
def test_what_is_no_place(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/api/live?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
