"""`bbox` and `datetime` find the rows that their definitions say, through the index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyproj
import pytest

from api.cluster import Cluster
from spatial.bbox import parse_bbox
from spatial.crs import CRS84, Crs, crs_from_srid, listed_crs
from spatial.sql import Sql, raw, sql
from spatial.temporal import parse_datetime
from tests.db.cql2_database import FilterDatabase, filter_database

SYSTEMS = listed_crs((4756, 3405, 3406, 5899))


@pytest.fixture(scope="module")
def database(cluster: Cluster, migrated_template: str) -> Iterator[FilterDatabase]:
    with filter_database(cluster, migrated_template) as opened:
        opened.execute(
            "CREATE TABLE spots AS SELECT i AS id, ST_SetSRID(ST_MakePoint("
            "   107 + (i * 7919 % 10000) / 6000.0, 14.9 + (i * 104729 % 10000) / 7000.0), 4326)"
            " AS geom FROM generate_series(1, 20000) AS i;"
            " CREATE INDEX spots_geom ON spots USING gist (geom); ANALYZE spots;"
            " CREATE TABLE shapes AS SELECT id, ST_Buffer(geom, 0.01)::geometry(Polygon, 4326)"
            " AS geom FROM spots WHERE id <= 2000;"
            " CREATE INDEX shapes_geom ON shapes USING gist (geom); ANALYZE shapes"
        )
        yield opened


def corners(crs: Crs, west: float, south: float, east: float, north: float) -> str:
    """A bbox around the middle of the province, as a client of a CRS writes it."""
    mover = pyproj.Transformer.from_crs(4326, crs.srid, always_xy=True)
    min_x, min_y = mover.transform(west, south)
    max_x, max_y = mover.transform(east, north)
    first, last = crs.east_north(min_x, min_y), crs.east_north(max_x, max_y)
    return ",".join(format(number, ".6f") for number in (*first, *last))


@pytest.mark.parametrize("crs", SYSTEMS, ids=lambda crs: crs.uri.rsplit("/", 1)[1])
@pytest.mark.parametrize("table", ["spots", "shapes"])
@pytest.mark.parametrize(
    "degrees", [(107.5, 15.2, 107.6, 15.3), (107.01, 14.95, 108.6, 16.3)], ids=["10km", "150km"]
)
def test_a_box_is_exact_in_its_own_crs(
    database: FilterDatabase, crs: Crs, table: str, degrees: tuple[float, float, float, float]
) -> None:
    bbox = parse_bbox(corners(crs, *degrees), crs)
    found = database.ids(bbox.sql(raw("geom"), points=table == "spots"), table)
    west, south, east, north = bbox.boxes[0]
    exact = database.ids(
        raw(
            f"ST_Intersects(ST_Transform(geom, {crs.srid}),"
            f" ST_MakeEnvelope({west!r}, {south!r}, {east!r}, {north!r}, {crs.srid}))"
        ),
        table,
    )
    assert found
    assert len(found ^ exact) <= (0 if crs.srid in (4326, 3857) else len(exact) // 5_000)


@pytest.mark.parametrize("points", [True, False])
def test_edges_belong_to_the_box(database: FilterDatabase, points: bool) -> None:
    for text in ("2,1,2,1", "2,0,2,1", "2,1,3,1", "2,1,3,2", "1,0,2,1", "1.9999999,1,2,1"):
        found = database.ids(parse_bbox(text).sql(raw("spot"), points=points))
        assert 2 in found, text


@pytest.mark.parametrize("points", [True, False])
def test_a_millimetre_outside_is_outside(database: FilterDatabase, points: bool) -> None:
    box = parse_bbox("2.00000001,0.5,2.5,1.5")
    assert 2 not in database.ids(box.sql(raw("spot"), points=points))
    assert 2 in database.ids(raw("spot && ST_MakeEnvelope(2.00000001, 0.5, 2.5, 1.5, 4326)"))


def test_heights_do_not_matter(database: FilterDatabase) -> None:
    flat = database.ids(parse_bbox("0,0,3,3").sql(raw("area")))
    assert flat == database.ids(parse_bbox("0,0,100,3,3,200").sql(raw("area")))


@pytest.mark.parametrize("points", [True, False])
def test_across_the_antimeridian(database: FilterDatabase, points: bool) -> None:
    around = database.ids(parse_bbox("7,0,1,8").sql(raw("spot"), points=points))
    assert around == database.ids(raw("ST_X(spot) >= 7 OR ST_X(spot) <= 1"))
    assert around


@pytest.mark.parametrize("text", ["0,0,3,3", "1,1,1,3", "1,2,1,2", "-180,-90,180,90"])
def test_hostile_rows_do_not_fail(database: FilterDatabase, text: str) -> None:
    assert database.ids(parse_bbox(text).sql(raw("area")), "hostile")


@pytest.mark.parametrize("crs", SYSTEMS, ids=lambda crs: crs.uri.rsplit("/", 1)[1])
def test_any_box_of_any_crs_runs(database: FilterDatabase, crs: Crs) -> None:
    texts = ["-1e300,-1e300,1e300,1e300", "-1e7,-1e7,1e7,1e7", "0,0,0,0", "1e9,1e9,2e9,2e9"]
    if crs.geographic:
        texts = ["-90,-90,90,90", "90,90,90,90", "-90,-90,-90,-90", "0,0,0,0"]
    for text in texts:
        bbox = parse_bbox(text, crs)
        database.ids(bbox.sql(raw("area")), "hostile")
        database.ids(bbox.sql(raw("spot"), points=True), "hostile")


@pytest.mark.parametrize("crs", SYSTEMS, ids=lambda crs: crs.uri.rsplit("/", 1)[1])
def test_pyproj_and_postgis_transform_alike(database: FilterDatabase, crs: Crs) -> None:
    """What a client copies from our answers, it must find again with a bbox or a filter."""
    ours = pyproj.Transformer.from_crs(4326, crs.srid, always_xy=True)
    for longitude, latitude in ((107.2, 15.0), (108.3, 15.6), (107.9, 16.1)):
        record = database.fetch(
            raw(
                f"SELECT ST_X(g) AS x, ST_Y(g) AS y FROM ST_Transform("
                f"ST_SetSRID(ST_MakePoint({longitude}, {latitude}), 4326), {crs.srid}) AS g"
            )
        )[0]
        tolerance = 1e-8 if crs.geographic else 1e-3
        assert ours.transform(longitude, latitude) == pytest.approx(
            (record["x"], record["y"]), abs=tolerance
        )


@pytest.mark.parametrize("crs", [CRS84, crs_from_srid(3857), crs_from_srid(5899)], ids=str)
@pytest.mark.parametrize("points", [True, False])
def test_the_index_serves(database: FilterDatabase, crs: Crs, points: bool) -> None:
    bbox = parse_bbox(corners(crs, 107.5, 15.2, 107.52, 15.22), crs)
    condition = bbox.sql(raw("geom"), points=points)
    explained = database.fetch(sql("EXPLAIN SELECT id FROM spots WHERE {}", condition))
    assert any("spots_geom" in record[0] for record in explained)


TIMES: list[tuple[str, Any, Any]] = [
    ("2021-08-02", datetime(2021, 8, 2), datetime(2021, 8, 2, 23, 59, 59, 999999)),
    ("2021-08-02T06:00:00Z", datetime(2021, 8, 2, 6), datetime(2021, 8, 2, 6)),
    ("2021-08-02T06:00:00Z/2021-08-04T00:00:00Z", datetime(2021, 8, 2, 6), datetime(2021, 8, 4)),
    ("../2021-08-02T06:00:00+07:00", None, datetime(2021, 8, 1, 23)),
    ("2021-08-03/..", datetime(2021, 8, 3), None),
    ("0000-01-01T00:00:00Z/9999-12-31T23:59:59Z", None, None),
]


@pytest.mark.parametrize(("text", "first", "last"), TIMES)
def test_times(database: FilterDatabase, text: str, first: Any, last: Any) -> None:
    low = (first or datetime.min).replace(tzinfo=UTC)
    high = (last or datetime.max).replace(tzinfo=UTC)
    interval = parse_datetime(text)
    records = database.fetch(raw("SELECT id, seen_at, left_at FROM feature"))
    instants = {r["id"] for r in records if r["seen_at"] and low <= r["seen_at"] <= high}
    assert database.ids(interval.sql(raw("seen_at"))) == instants
    intervals = {
        r["id"]
        for r in records
        if (r["seen_at"] or r["left_at"])
        and (r["seen_at"] is None or r["seen_at"] <= high)
        and (r["left_at"] is None or r["left_at"] >= low)
    }
    assert instants
    assert database.ids(interval.sql(raw("seen_at"), raw("left_at"))) == intervals


def test_dates_are_days_of_utc_in_any_session(database: FilterDatabase) -> None:
    database.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
    try:
        on_day = parse_datetime("2021-08-02T20:00:00Z").sql(raw("opened_on"), column_type="date")
        assert database.ids(on_day) == database.ids(raw("opened_on = '2021-08-02'"))
        since = parse_datetime("2021-08-03/..").sql(raw("opened_on"), column_type="date")
        assert database.ids(since) == database.ids(raw("opened_on >= '2021-08-03'"))
    finally:
        database.execute("RESET TimeZone")


def test_an_index_on_the_time_serves(database: FilterDatabase) -> None:
    database.execute(
        "CREATE TABLE moments AS SELECT i AS id, timestamptz '2021-08-01' + i * interval '1 min'"
        " AS at FROM generate_series(1, 20000) AS i;"
        " CREATE INDEX moments_at ON moments (at); ANALYZE moments"
    )
    condition: Sql = parse_datetime("2021-08-02").sql(raw("at"))
    explained = database.fetch(sql("EXPLAIN SELECT id FROM moments WHERE {}", condition))
    assert any("moments_at" in record[0] for record in explained)
