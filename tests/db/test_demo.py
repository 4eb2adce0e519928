"""The demo: how much, where, the same again, and never over anybody's own data."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

import asyncpg
import psycopg2
import pytest

from layers.catalogue import CATALOGUE
from layers.demo import DemoRefused, load_demo
from layers.demo.yesterday import give_yesterday
from layers.figures import Moment, yesterday_sql
from layers.layer import Audience
from layers.overview import FIGURES
from layers.province import load_province
from tests.conftest import DEMO_SOS

PROVINCE = load_province("quang-nam")
UNTIL = datetime(2021, 11, 1, 12, tzinfo=PROVINCE.time_zone)
POINTS = (
    "checkpoints", "quarantine_sites", "hotels", "vaccination_points", "sos_requests",
    "rescue_teams", "shelters", "medical_facilities", "network_assets", "control_points",
    "testing_sites",
)  # fmt: skip
LAYERS = (*POINTS, "alerts", "directives", "outbreak_zones")


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def value(url: str, query: str) -> object:
    return rows(url, query)[0][0]


def fingerprint(url: str, table: str) -> object:
    return value(
        url,
        f"SELECT md5(string_agg((to_jsonb(t) - 'updated_at')::text, '|' ORDER BY id::text))"
        f" FROM layer.{table} AS t",
    )


def test_there_is_as_much_as_promised(database_url: str) -> None:
    leasts = (120, 60, 40, 260, DEMO_SOS, 50, 90, 60, 200, 48, 30, 18, 12, 18)
    for table, least in zip(LAYERS, leasts, strict=True):
        assert int(str(value(database_url, f"SELECT count(*) FROM layer.{table}"))) >= least
    paid, watched = rows(
        database_url,
        "SELECT count(*) FILTER (WHERE paid_quarantine), count(*) FILTER (WHERE cameras > 0)"
        " FROM layer.hotels",
    )[0]
    assert (paid, watched) == (20, 18)


def test_cameras_are_those_that_the_places_show(database_url: str) -> None:
    for table in ("quarantine_sites", "hotels"):
        astray = value(
            database_url,
            f"SELECT count(*) FROM layer.{table} AS s, LATERAL (SELECT count(*) AS n,"
            " count(*) FILTER (WHERE a.state = 'up') AS up FROM layer.network_assets AS a"
            " WHERE a.kind = 'camera' AND a.site_code = s.code) AS c"
            " WHERE (s.cameras, s.cameras_working) <> (c.n, c.up)",
        )
        assert astray == 0
    assert value(database_url, "SELECT count(*) > 0 FROM layer.network_assets WHERE state = 'down'")


def test_who_has_been_in_an_area_outside_is_flagged(database_url: str) -> None:
    areas = [name for (name,) in rows(database_url, "SELECT name FROM register.outside_areas")]
    assert sorted(areas) == ["Bình Dương", "Hà Nội", "Hồ Chí Minh", "Long An", "Đồng Nai"]
    been = dict(
        rows(
            database_url,
            "SELECT d.elsewhere[1], bool_and(EXISTS (SELECT FROM private.flag AS f"
            " WHERE f.declaration_id = d.id AND 'zone_travel' = ANY (f.kinds)))"
            " FROM private.declaration AS d WHERE d.elsewhere <> '{}' AND d.said_name IS NULL"
            " GROUP BY 1",
        )
    )
    # That of Hà Nội was lifted more than two weeks ago.
    assert been == {name: name != "Hà Nội" for name in areas}


@pytest.mark.parametrize("table", POINTS)
def test_every_point_lies_in_its_commune_and_district(database_url: str, table: str) -> None:
    place = f"t.{CATALOGUE[table].geometry_for(Audience.STAFF)}"
    astray = value(
        database_url,
        f"SELECT count(*) FROM layer.{table} AS t WHERE NOT EXISTS (SELECT FROM layer.admin_units"
        " AS c WHERE c.code = t.commune_code AND c.level = 'commune' AND"
        f" ST_Covers(c.geom, {place}) AND c.parent_code = t.district_code)",
    )
    assert astray == 0


def test_points_are_denser_where_people_live(database_url: str) -> None:
    dense, sparse = (
        float(str(value(database_url, f"SELECT sum(n) / sum(area) FROM ({query}) AS d")))
        for query in (
            "SELECT count(s.id) AS n, max(c.area_km2) AS area FROM layer.admin_units AS c"
            " LEFT JOIN layer.sos_requests AS s ON s.commune_code = c.code"
            f" WHERE c.level = 'commune' AND c.kind = '{kind}' GROUP BY c.code"
            for kind in ("ward", "commune")
        )
    )
    assert dense > 4 * sparse


def test_sos_requests_are_believable(database_url: str) -> None:
    first, last, categories, priorities, states = rows(
        database_url,
        "SELECT min(reported_at), max(reported_at), count(DISTINCT category),"
        " count(DISTINCT priority), count(DISTINCT state) FROM layer.sos_requests",
    )[0]
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    assert 60 < (last - first).days <= 90
    assert (categories, priorities) == (9, 4)
    assert int(str(states)) >= 7
    assert value(
        database_url,
        "SELECT bool_and((state = 'resolved') = (resolved_at IS NOT NULL)"
        " AND updated_at >= reported_at AND injured + children + elderly <= people)"
        " FROM layer.sos_requests",
    )
    # Old requests are settled; open ones are recent.
    assert (
        value(
            database_url,
            "SELECT count(*) FROM layer.sos_requests WHERE state IN ('new', 'verified')"
            " AND reported_at < (SELECT max(reported_at) FROM layer.sos_requests)"
            " - interval '21 days'",
        )
        == 0
    )


def test_what_is_under_way_has_a_team_that_can_do_it(database_url: str) -> None:
    ((tasks, given, able),) = rows(
        database_url,
        "SELECT count(*), count(a.id), count(*) FILTER (WHERE dieuhanh.team_can(t, r.category)"
        " AND t.state = 'busy' AND a.at BETWEEN r.reported_at AND r.updated_at)"
        " FROM layer.sos_requests AS r"
        " LEFT JOIN private.sos_assignment AS a ON a.request_id = r.id AND a.ended_at IS NULL"
        " LEFT JOIN layer.rescue_teams AS t ON t.id = a.team_id"
        " WHERE r.state IN ('assigned', 'en_route', 'on_site')",
    )
    assert tasks == given == able
    assert int(str(tasks)) > 0
    busy = value(
        database_url,
        "SELECT count(*) FROM layer.rescue_teams AS t WHERE (t.state = 'busy') <> EXISTS"
        " (SELECT FROM private.sos_assignment AS a WHERE a.team_id = t.id AND a.ended_at IS NULL)",
    )
    assert busy == 0
    states = rows(database_url, "SELECT DISTINCT state FROM layer.rescue_teams ORDER BY 1")
    assert states == [("busy",), ("free",), ("off",)]


def test_check_ins_are_those_that_the_sites_show(database_url: str) -> None:
    events, people = rows(
        database_url, "SELECT count(*), count(DISTINCT person_id) FROM private.check_in"
    )[0]
    assert int(str(events)) > 8_000
    assert int(str(people)) > 1_000
    shown, counted = (
        value(database_url, query)
        for query in (
            "SELECT (SELECT sum(in_today + out_today) FROM layer.checkpoints)"
            " + (SELECT sum(in_today + out_today) FROM layer.control_points)",
            "SELECT coalesce(sum(n_in + n_out), 0) FROM private.check_in_hours"
            f" WHERE (hour AT TIME ZONE '{PROVINCE.time_zone}')::date ="
            f" (SELECT (loaded_at AT TIME ZONE '{PROVINCE.time_zone}')::date"
            " FROM dieuhanh.dataset WHERE layer = 'checkpoints')",
        )
    )
    assert shown == counted
    assert value(
        database_url,
        "SELECT sum(n_in + n_out) = (SELECT count(*) FROM private.check_in)"
        " FROM private.check_in_hours",
    )


def test_it_is_labelled_synthetic_and_the_units_are_not(database_url: str) -> None:
    found = rows(database_url, "SELECT layer, synthetic FROM dieuhanh.dataset")
    assert set(found) == {*((table, True) for table in LAYERS), ("admin_units", False)}


def test_the_same_seed_makes_the_same_rows_and_a_large_load_too(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = empty_database_url
    indexes = (
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'layer'"
        " AND tablename = 'sos_requests' ORDER BY 1"
    )
    triggers = "SELECT tgname, tgenabled FROM pg_trigger ORDER BY tgrelid, tgname"
    table = rows(url, indexes), rows(url, triggers)
    load_demo(url, PROVINCE, sos=300, seed=7, until=UNTIL)
    before = {layer: fingerprint(url, layer) for layer in LAYERS}
    again = load_demo(url, PROVINCE, sos=300, seed=7, until=UNTIL)
    assert again.unchanged
    with monkeypatch.context() as large:
        large.setattr("layers.demo.load.LARGE", 100)
        large.setattr("layers.demo.load.BATCH", 70)
        load_demo(url, PROVINCE, sos=300, seed=7, until=UNTIL, replace=True)
    assert (rows(url, indexes), rows(url, triggers)) == table
    assert {layer: fingerprint(url, layer) for layer in LAYERS} == before
    load_demo(url, PROVINCE, sos=200, seed=8, until=UNTIL)
    assert value(url, "SELECT count(*) FROM layer.sos_requests") == 200
    assert fingerprint(url, "hotels") != before["hotels"]


@pytest.mark.parametrize(
    "own",
    [
        "INSERT INTO layer.hotels (code, name, rooms, geom)"
        " VALUES ('X-1', 'Nhà khách', 9, 'SRID=4326;POINT(108.3 15.88)')",
        "UPDATE layer.hotels SET rooms = rooms + 1 WHERE code = 'KS-001'",
        "UPDATE dieuhanh.dataset SET synthetic = false WHERE layer = 'hotels'",
    ],
)
def test_it_replaces_only_what_it_made(fresh_database_url: str, own: str) -> None:
    url = fresh_database_url
    rows(url, own)
    before = fingerprint(url, "hotels")
    with pytest.raises(DemoRefused, match="hotels"):
        load_demo(url, PROVINCE, sos=10, seed=3, until=UNTIL)
    assert fingerprint(url, "hotels") == before
    load_demo(url, PROVINCE, sos=10, seed=3, until=UNTIL, replace=True)
    assert value(url, "SELECT count(*) FROM layer.hotels") == 40


def test_the_next_row_gets_a_number_of_its_own(fresh_database_url: str) -> None:
    url = fresh_database_url
    rows(
        url,
        "INSERT INTO layer.sos_requests (category, priority, geom)"
        " VALUES ('medical', 'high', 'SRID=4326;POINT(108.3 15.88)')",
    )
    rows(
        url,
        "INSERT INTO layer.hotels (code, name, rooms, geom)"
        " VALUES ('X-1', 'Nhà khách', 9, 'SRID=4326;POINT(108.3 15.88)')",
    )
    assert value(url, "SELECT id FROM layer.hotels WHERE code = 'X-1'") == 41
    number = value(url, "SELECT max(substr(code, 2)::int) FROM layer.sos_requests")
    assert number == 100_001 + DEMO_SOS


def test_it_leaves_the_tables_vacuumed(empty_database_url: str) -> None:
    """What tiles read from the index alone depends on it."""
    load_demo(empty_database_url, PROVINCE, sos=10, seed=3, until=UNTIL)
    neglected = rows(
        empty_database_url,
        "SELECT relname FROM pg_stat_user_tables WHERE (schemaname = 'layer' OR relname LIKE"
        " 'ledger\\_%' OR relname LIKE 'overview\\_%')"
        " AND (last_vacuum IS NULL OR last_analyze IS NULL)",
    )
    # What the server computes comes after the demo's rows, or not at all.
    kept = {layer.id for layer in CATALOGUE.values() if layer.computed}
    neglected = [
        one for one in neglected if re.sub("^(ledger|overview)_", "", str(one[0])) not in kept
    ]
    assert neglected == []


def test_a_fresh_demo_gets_a_yesterday_once(empty_database_url: str) -> None:
    url = empty_database_url
    moment = Moment(datetime.now(UTC), PROVINCE.time_zone)
    sites = [one for one in FIGURES if one.recalled and one.layer.id == "quarantine_sites"]

    async def told() -> list[object]:
        connection = await asyncpg.connect(url)
        text, values = yesterday_sql(sites, moment).render()
        found = await connection.fetch(text, *values)
        await connection.close()
        return [value for row in found for value in row.values()]

    load_demo(url, PROVINCE, sos=10, seed=3, until=UNTIL)
    now = rows(url, "SELECT * FROM layer.quarantine_sites ORDER BY id")
    assert asyncio.run(told()) == []
    give_yesterday(url)
    occupied, capacity, percent = asyncio.run(told())
    ((today, room),) = rows(
        url,
        "SELECT sum(occupied), sum(capacity) FROM layer.quarantine_sites WHERE state <> 'closed'",
    )
    assert capacity == room
    assert occupied != today
    assert float(str(percent)) == pytest.approx(
        float(str(occupied)) / float(str(room)) * 100, abs=0.1
    )
    changes = value(url, "SELECT count(*) FROM dieuhanh.change")
    give_yesterday(url)
    assert value(url, "SELECT count(*) FROM dieuhanh.change") == changes
    assert rows(url, "SELECT * FROM layer.quarantine_sites ORDER BY id") == now
    assert load_demo(url, PROVINCE, sos=10, seed=3, until=UNTIL).unchanged
