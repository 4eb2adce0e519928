"""The day's figures, each against plain SQL that was written apart from the records."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import psycopg2
import pytest
import shapely

from api.overview import limits
from tests.conftest import RunServer
from tests.http.conftest import Rows
from tests.http.figures_sql import BEFORE, EXPECTED, OPEN, RECALLED
from tests.people import person


class Site:
    """A server of a test's own, and its database."""

    def __init__(self, address: str, url: str) -> None:
        self.client = httpx.Client(base_url=address, timeout=30)
        self.url = url

    def run(self, statement: str, *values: Any) -> None:
        """Run a statement as the database's owner."""
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values or None)
        finally:
            connection.close()
        # A commit shows in answers within half a second.
        time.sleep(0.5)

    def value(self, name: str, **headers: str) -> Any:
        """A figure as it is now."""
        return figures(self.client, **headers)[name]["value"]

    def add(self, people: int, *, state: str = "new", hours: float = 0) -> None:
        """A request for help in Hội An, reported some hours ago."""
        self.run(
            "INSERT INTO layer.sos_requests"
            " (id, category, priority, state, people, reported_at, geom_exact)"
            " VALUES (%s, 'trapped', 'high', %s, %s, now() - %s * interval '1 hour',"
            " ST_SetSRID(ST_MakePoint(108.334, 15.88), 4326))",
            str(uuid4()),
            state,
            people,
            hours,
        )


@pytest.fixture
def site(empty_database_url: str, run_server: RunServer) -> Iterator[Site]:
    made = Site(run_server(empty_database_url), empty_database_url)
    yield made
    made.client.close()


@pytest.fixture
def demo_site(fresh_database_url: str, run_server: RunServer) -> Iterator[Site]:
    made = Site(run_server(fresh_database_url), fresh_database_url)
    yield made
    made.client.close()


def read(client: httpx.Client, path: str = "/api/figures", **parameters: Any) -> dict[str, Any]:
    """An answer that has to be right."""
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def figures(client: httpx.Client, **headers: str) -> dict[str, Any]:
    """The figures by their ids."""
    answer = client.get("/api/figures", headers=headers)
    assert answer.status_code == 200, answer.text
    return {figure["id"]: figure for figure in answer.json()["figures"]}


def asked(rows: Rows, expression: str, at: str) -> float | None:
    """What plain SQL says, rounded as figures are."""
    values = {"at": at} if ":at" in expression else {}
    ((found,),) = rows(f"SELECT {expression}", **values)
    return None if found is None else round(float(found), 1)


def test_every_figure_is_what_plain_sql_says(client: httpx.Client, rows: Rows) -> None:
    data = read(client)
    told = {figure["id"]: figure for figure in data["figures"]}
    assert set(told) == set(EXPECTED)
    for name, expression in EXPECTED.items():
        assert told[name]["value"] == asked(rows, expression, data["asOf"]), name
    for name, figure in told.items():
        before = BEFORE.get(name)
        assert (figure["compared"] is None) is (before is None and name not in RECALLED)
        wanted = None if before is None else asked(rows, before, data["asOf"])
        assert figure["before"] == wanted, name
    assert told["sos_open"]["value"] > 0
    assert told["rescue_minutes_week"]["value"] > 0
    assert data["audience"] == "public"
    assert data["synthetic"] is True


def test_the_change_feed_tells_yesterday_as_far_as_it_knows_it(demo_site: Site) -> None:
    def told(which: str) -> dict[str, Any]:
        return {name: figures(demo_site.client)[name][which] for name in RECALLED}

    yesterday = told("value")
    assert told("before") == dict.fromkeys(RECALLED), "the layers were loaded today"
    demo_site.run("UPDATE dieuhanh.commit_log SET at = at - interval '2 days'")
    # Places where the register lists somebody could not be emptied.
    demo_site.run("DELETE FROM register.stays")
    sites = "UPDATE layer.quarantine_sites SET occupied = capacity WHERE id <= 20"
    demo_site.run(f"{sites}; {sites.replace('capacity', '0')} AND id > 10")
    demo_site.run(
        "UPDATE layer.hotels SET state = 'closed' WHERE id % 3 = 0;"
        "DELETE FROM layer.hotels WHERE id % 3 = 1;"
        "UPDATE layer.hotels SET id = id + 100000, rooms = rooms + 1 WHERE id % 30 = 2"
    )
    assert told("before") == yesterday
    assert all(told("value")[name] != yesterday[name] for name in ("quarantine_occupancy",
               "hotel_rooms", "hotel_rooms_occupied", "hotel_rooms_quarantine"))  # fmt: skip

    demo_site.run(
        "INSERT INTO dieuhanh.audit (id, version, layer, op, at, actor)"
        " SELECT 0, 1, 'hotels', 'update', now(), 'x'; UPDATE dieuhanh.feed_floor SET version = 1;"
        "UPDATE layer.hotels SET rooms = rooms + 1"
    )
    assert told("before") == dict.fromkeys(RECALLED), "the feed begins after midnight"
    demo_site.run(
        "UPDATE dieuhanh.audit SET at = now() - interval '2 days';"
        "SET LOCAL dieuhanh.bulk = 'on'; UPDATE layer.hotels SET rooms = rooms + 1"
    )
    assert {name for name, value in told("before").items() if value is None} == {
        name for name in RECALLED if name.startswith("hotel")
    }, "what a load changed is not known, only for its layer"


def test_breakdowns_add_up(client: httpx.Client, rows: Rows) -> None:
    data = read(client)
    told = {one["id"]: one["items"] for one in data["breakdowns"]}
    for name, column in (("sos_open_by_priority", "priority"), ("sos_open_by_state", "state")):
        wanted = dict(
            rows(f"SELECT {column}, count(*) FROM layer.sos_requests WHERE {OPEN} GROUP BY 1")
        )
        assert {one["code"]: one["value"] for one in told[name] if one["value"]} == wanted
    assert [one["title"]["vi"] for one in told["sos_open_by_priority"]] == [
        "Nguy cấp",
        "Cao",
        "Trung bình",
        "Thấp",
    ]
    points = sum(one["value"] for one in told["vaccination_points_by_state"])
    assert [(points,)] == rows("SELECT count(*) FROM layer.vaccination_points")


@pytest.mark.parametrize("days", [30, 90])
def test_daily_series_are_by_the_days_of_the_province(
    client: httpx.Client, rows: Rows, days: int
) -> None:
    data = read(client, days=days)
    for series, column in zip(data["series"], ("reported_at", "resolved_at"), strict=True):
        assert len(series["days"]) == len(series["values"]) == days
        assert series["days"][-1] == data["day"]
        wanted = {
            str(day): number
            for day, number in rows(
                f"SELECT ({column} AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, count(*)"
                f" FROM layer.sos_requests WHERE {column} IS NOT NULL GROUP BY 1"
            )
        }
        assert series["values"] == [wanted.get(day, 0) for day in series["days"]]
    assert sum(data["series"][0]["values"]) > 0


@pytest.mark.parametrize("level", ["district", "commune"])
def test_every_unit_has_its_figures(client: httpx.Client, rows: Rows, level: str) -> None:
    data = read(client, "/api/figures/areas", level=level)
    code = f"{level}_code"
    units = {
        row[0]: row[1:]
        for row in rows(
            "SELECT code, name, coalesce(area_km2, ST_Area(geom::geography) / 1e6)"
            " FROM layer.admin_units WHERE level = :level",
            level=level,
        )
    }
    assert {area["code"]: area["name"] for area in data["areas"]} == {
        one: name for one, (name, _) in units.items()
    }
    wanted = {
        "sos_open": f"SELECT {code}, count(*) FROM layer.sos_requests WHERE {OPEN} GROUP BY 1",
        "people_waiting": f"SELECT {code}, sum(people) FROM layer.sos_requests"
        f" WHERE {OPEN} GROUP BY 1",
        "doses_given": f"SELECT {code}, sum(doses_given) FROM layer.vaccination_points GROUP BY 1",
        "hotel_rooms": f"SELECT {code}, sum(rooms) FROM layer.hotels WHERE state <> 'closed'"
        " GROUP BY 1",
    }
    for name, query in wanted.items():
        counted = dict(rows(query))
        for area in data["areas"]:
            value = counted.get(area["code"]) or 0
            hidden = name == "people_waiting" and 0 < value < 5
            assert area["values"][name] == (None if hidden else value), (name, area)
            assert (name in area["suppressed"]) is hidden
            rate = None if hidden else pytest.approx(value / units[area["code"]][1] * 100, abs=0.01)
            assert area["rates"][name] == rate
    measures = {one["id"]: one for one in data["measures"]}
    assert "rescue_minutes_day" not in measures
    for name, measure in measures.items():
        for kind in ("values", "rates"):
            told = [area[kind][name] for area in data["areas"] if area[kind][name]]
            edges = measure["classes"][kind]
            assert edges == sorted(edges)
            assert len(edges) <= 6
            if told:
                assert edges[0] <= min(told)
                assert edges[-1] == max(told)


@pytest.mark.parametrize("level", ["district", "commune"])
def test_outlines_are_those_of_the_units_in_the_province_box(
    client: httpx.Client, rows: Rows, level: str
) -> None:
    data = read(client, "/api/figures/outlines", level=level)
    box = read(client)["province"]["bbox"]
    places = {
        code: (float(x), float(y))
        for code, x, y in rows(
            "SELECT code, (ST_X(p) - ST_XMin(b)) / 100, (ST_YMax(b) - ST_Y(p)) / 100 FROM"
            " (SELECT code, ST_Transform(ST_PointOnSurface(geom), 3857) AS p FROM layer.admin_units"
            " WHERE level = :level) AS u, (SELECT ST_Transform(ST_MakeEnvelope(:west, :south,"
            " :east, :north, 4326), 3857) AS b) AS box",
            level=level,
            **dict(zip(("west", "south", "east", "north"), box, strict=True)),
        )
    }
    assert {one["code"] for one in data["areas"]} == set(places)
    for one in data["areas"]:
        outline = shapely.unary_union(
            [shapely.make_valid(shapely.Polygon(ring)) for ring in drawn(one["path"])]
        )
        assert outline.distance(shapely.Point(places[one["code"]])) < 5, one["code"]
        assert shapely.box(0, 0, data["width"], data["height"]).buffer(2).contains(outline)


def drawn(path: str) -> list[list[tuple[float, float]]]:
    """The rings of a path whose steps are relative, of more than two corners."""
    rings = []
    for part in path.split("z")[:-1]:
        start, steps = part[1:].split("l")
        numbers = [[float(one) for one in text.split()] for text in (start, steps)]
        x, y = numbers[0]
        ring = [(x, y)]
        for dx, dy in zip(numbers[1][::2], numbers[1][1::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        if len(ring) > 2:
            rings.append(ring)
    return rings


def test_classes_are_quantiles_of_what_there_is() -> None:
    assert limits([None, 0, 0]) == []
    assert limits([0, 3]) == [3, 3]
    assert limits([1, 1, 1]) == [1, 1]
    assert limits(range(1, 11)) == [1, 3, 5, 7, 9, 10]
    assert limits([0.5, 1.5]) == [0.5, 0.7, 0.9, 1.1, 1.3, 1.5]


def test_few_people_are_kept_from_the_public(site: Site) -> None:
    staff = person(site.url, "viewer").headers
    site.add(people=4)
    told = figures(site.client)["people_waiting"]
    assert (told["value"], told["suppressed"]) == (None, True)
    # The request itself is counted: it is no person.
    assert site.value("sos_open") == 1
    seen = figures(site.client, **staff)["people_waiting"]
    assert (seen["value"], seen["suppressed"]) == (4, False)
    site.add(people=1)
    assert site.value("people_waiting") == 5


def test_figures_of_private_columns_are_for_who_may_read_them(site: Site) -> None:
    site.add(people=9)
    site.run("UPDATE layer.sos_requests SET injured = 2")
    assert "injured_waiting" not in figures(site.client)
    headers = person(site.url, "viewer").headers
    assert site.value("injured_waiting", **headers) == 2
    answer = site.client.get("/api/figures", headers=headers)
    assert "private" in answer.headers["cache-control"]
    assert answer.json()["audience"] == "staff"


def test_an_empty_province_has_zeros_and_no_medians(site: Site) -> None:
    told = figures(site.client)
    assert told["sos_open"]["value"] == 0
    assert told["people_waiting"]["suppressed"] is False
    assert told["rescue_minutes_day"]["value"] is None
    assert told["quarantine_occupancy"]["value"] is None
    data = read(site.client, "/api/figures/areas")
    assert data["areas"] == []
    assert all(one["classes"] == {"values": [], "rates": []} for one in data["measures"])


def test_only_today_counts_as_today(site: Site) -> None:
    site.add(people=1, hours=0)
    site.add(people=1, hours=24 * 3)
    told = read(site.client, days=7)
    assert {one["id"]: one["value"] for one in told["figures"]}["sos_opened_today"] == 1
    assert told["series"][0]["values"][-1] == 1
    assert sum(told["series"][0]["values"]) == 2


def test_an_answer_holds_until_a_layer_changes(demo_site: Site) -> None:
    def tagged() -> tuple[str, str, dict[str, Any]]:
        answer = demo_site.client.get("/api/figures")
        return answer.json()["asOf"], answer.headers["etag"], answer.json()

    # Of two asked within one minute; the clock may pass from one to the next in between.
    for _ in range(3):
        first, second = tagged(), tagged()
        if first[0] == second[0]:
            break
    assert first == second
    etag = second[1]
    assert etag.startswith('"sos_requests:')
    assert "minute:" in etag
    answer = demo_site.client.get("/api/figures", headers={"If-None-Match": etag})
    assert answer.status_code == 304 or answer.headers["etag"] != etag
    before = demo_site.value("sos_open")
    demo_site.add(people=3)
    changed = demo_site.client.get("/api/figures", headers={"If-None-Match": etag})
    assert changed.status_code == 200
    told = {one["id"]: one["value"] for one in changed.json()["figures"]}
    assert told["sos_open"] == before + 1


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("/api/figures?days=0", "days"),
        ("/api/figures?days=367", "days"),
        ("/api/figures?days=thirty", "days"),
        ("/api/figures?day=3", "day"),
        ("/api/figures/areas?level=province", "level"),
        ("/api/figures/areas?days=3", "days"),
        ("/api/figures/outlines?level=province", "level"),
    ],
)
def test_what_breaks_its_rule_is_refused(
    client: httpx.Client, address: str, parameter: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert parameter in answer.json()["detail"]
