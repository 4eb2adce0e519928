"""Reads on the one path: pages, order, counts, plans."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from layers.catalogue import CATALOGUE
from layers.pages import page_sql
from layers.query import Query, SortKey, feature_sql, hits_sql, key_type
from spatial.bbox import Bbox, parse_bbox
from spatial.crs import crs_from_uri
from spatial.sql import Sql
from spatial.temporal import parse_datetime

SOS = CATALOGUE["sos_requests"]


class Reader:
    """Runs SQL as the public role, as the server does."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        settings = {"role": "dieuhanh_public", "jit": "off", "max_parallel_workers_per_gather": "0"}
        self.connection = self.loop.run_until_complete(
            asyncpg.connect(url, server_settings=settings)
        )

    def rows(self, query: Sql) -> list[Any]:
        text, values = query.render()
        return list(self.loop.run_until_complete(self.connection.fetch(text, *values)))

    def plan(self, query: Sql) -> str:
        text, values = query.render()
        found = self.loop.run_until_complete(
            self.connection.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {text}", *values)
        )
        return "\n".join(row[0] for row in found)

    def close(self) -> None:
        self.loop.run_until_complete(self.connection.close())
        self.loop.close()


@pytest.fixture
def reader(database_url: str) -> Iterator[Reader]:
    opened = Reader(database_url)
    yield opened
    opened.close()


def features(rows: list[Any]) -> list[dict[str, Any]]:
    return [json.loads(row["feature"]) for row in rows]


def walk(reader: Reader, query: Query) -> list[str]:
    """The ids of all pages, each reached by the key of the last row before it."""
    found: list[str] = []
    while True:
        rows = reader.rows(page_sql(query))
        page = rows[: query.limit]
        found += [json.loads(row["feature"])["id"] for row in page]
        if len(rows) <= query.limit:
            return found
        query = replace(query, after=_typed(query, list(page[-1])[2:]))


def _typed(query: Query, keys: list[Any]) -> tuple[Any, ...]:
    from api.ogc.parameters import typed

    return tuple(
        None if key is None else typed(str(key), key_type(query, sort_key))
        for sort_key, key in zip(query.keys, keys, strict=True)
    )


@pytest.mark.parametrize(
    "sort",
    [
        (),
        (SortKey("reported_at", True),),
        (SortKey("resolved_at"),),
        (SortKey("resolved_at", True), SortKey("priority")),
        (SortKey("state"), SortKey("people", True), SortKey("resolved_at")),
        (SortKey("id", True),),
    ],
    ids=lambda sort: ",".join(f"{'-' if k.descending else ''}{k.column}" for k in sort) or "id",
)
@pytest.mark.parametrize("filtered", [False, True])
def test_pages_by_key_give_every_feature_once_in_order(
    reader: Reader, sort: tuple[SortKey, ...], filtered: bool
) -> None:
    query = Query(SOS, sort=sort, limit=97)
    if filtered:
        query = replace(query, equals=(("category", "trapped"),))
    paged = walk(reader, query)
    whole = features(reader.rows(page_sql(replace(query, limit=10_000))))
    assert paged == [feature["id"] for feature in whole]
    assert len(paged) == len(set(paged)) > 300


BOXES = ["107,14.9,108.9,16.2", "108.2,15.4,108.5,15.9", "170,10,-110,20", "108.4,15,108.4,16"]


@pytest.mark.parametrize("box", BOXES)
def test_a_box_gives_each_of_its_points_once_by_place(reader: Reader, box: str) -> None:
    query = Query(SOS, bbox=parse_bbox(box), limit=97)
    assert query.is_by_place
    paged = walk(reader, query)
    by_id = walk(reader, replace(query, sort=(SortKey("id"),)))
    assert sorted(paged) == sorted(by_id)
    assert len(paged) == len(set(paged))
    every = {
        feature["id"]: feature["geometry"]["coordinates"]
        for feature in features(reader.rows(page_sql(Query(SOS, limit=10_000))))
    }
    west, south, east, north = (float(number) for number in box.split(","))
    assert set(paged) == {
        name
        for name, (x, y) in every.items()
        if south <= y <= north and (west <= x <= east if west <= east else x >= west or x <= east)
    }


def test_the_edge_of_a_box_belongs_to_it(reader: Reader) -> None:
    (row, *_) = features(reader.rows(page_sql(Query(SOS, limit=1))))
    x, y = row["geometry"]["coordinates"]
    assert row["id"] in walk(reader, Query(SOS, bbox=parse_bbox(f"{x},{y},{x},{y}")))


@pytest.mark.parametrize("bbox", [None, parse_bbox("107,14.9,108.9,16.2")])
def test_offset_agrees_with_keys(reader: Reader, bbox: Bbox | None) -> None:
    query = Query(SOS, limit=50, bbox=bbox)
    assert walk(reader, query)[150:200] == [
        f["id"] for f in features(reader.rows(page_sql(replace(query, offset=150)))[:50])
    ]


@pytest.mark.parametrize(
    "query",
    [
        Query(SOS),
        Query(SOS, bbox=parse_bbox("108.2,15.4,108.5,15.9")),
        Query(SOS, bbox=parse_bbox("108.2,15.4,108.5,15.9"), sort=(SortKey("id"),)),
        Query(SOS, interval=parse_datetime("2000-01-01T00:00:00Z/..")),
        Query(SOS, equals=(("state", "resolved"),)),
        Query(SOS, words=("s10",)),
        Query(SOS, equals=(("state", "resolved"),), offset=5),
    ],
    ids=["all", "bbox", "sorted bbox", "datetime", "equals", "words", "offset"],
)
def test_the_page_counts_what_hits_counts(reader: Reader, query: Query) -> None:
    (hits,) = reader.rows(hits_sql(query))
    page = reader.rows(page_sql(query))
    assert page[0]["matched"] == hits["matched"] > 0


def test_beyond_the_count_limit_the_order_still_holds(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = Query(SOS, interval=parse_datetime("2000-01-01T00:00:00Z/.."), limit=20)
    counted = reader.rows(page_sql(query))
    monkeypatch.setattr("layers.pages.COUNT_LIMIT", 100)
    uncounted = reader.rows(page_sql(query))
    assert uncounted[0]["matched"] is None
    assert features(uncounted) == features(counted)


def test_stored_and_composed_features_are_the_same(reader: Reader) -> None:
    """The text that the trigger wrote equals what the columns give now."""
    for layer in CATALOGUE.values():
        query = Query(layer, limit=10_000)
        names = tuple(c.name for c in layer.readable(query.audience))
        stored = reader.rows(page_sql(query))
        composed = reader.rows(page_sql(replace(query, properties=names)))
        assert [r["feature"] for r in stored] == [r["feature"] for r in composed], layer.id


def test_coordinates_follow_the_authoritys_axis_order(reader: Reader) -> None:
    (row,) = reader.rows(page_sql(Query(SOS, limit=1)))[:1]
    lon, lat = json.loads(row["feature"])["geometry"]["coordinates"]
    latlon = replace(Query(SOS, limit=1), crs=crs_from_uri("EPSG:4326"))
    (row,) = reader.rows(page_sql(latlon))[:1]
    assert json.loads(row["feature"])["geometry"]["coordinates"] == [lat, lon]


def test_no_private_column_can_be_read(reader: Reader) -> None:
    for layer in CATALOGUE.values():
        hidden = {c.name for c in layer.columns} - {c.name for c in layer.readable()}
        for name in hidden:
            text = f'SELECT "{name}" FROM layer."{layer.table.name}"'
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                reader.loop.run_until_complete(reader.connection.fetch(text))
    assert {c.name for c in SOS.columns} - {c.name for c in SOS.readable()}


def test_the_public_role_cannot_write(reader: Reader) -> None:
    for statement in (
        "UPDATE layer.hotels SET stars = 5",
        "DELETE FROM layer.sos_requests",
        "INSERT INTO dieuhanh.commit_log (layer) VALUES ('hotels')",
        "SELECT * FROM dieuhanh.change",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            reader.loop.run_until_complete(reader.connection.execute(statement))


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (Query(SOS), "pk_sos_requests"),
        (Query(SOS, after=(uuid.UUID(int=2**127),)), "pk_sos_requests"),
        (Query(SOS, bbox=parse_bbox("108.3,15.8,108.31,15.81")), "ix_sos_requests_tile"),
        (
            Query(SOS, bbox=parse_bbox("108.3,15.8,108.31,15.81"), sort=(SortKey("id"),)),
            "ix_sos_requests_geom",
        ),
        (Query(SOS, equals=(("state", "new"),)), "ix_sos_requests_state"),
        (Query(SOS, words=("s100123",)), "ix_sos_requests_search"),
        (Query(SOS, sort=(SortKey("reported_at"),)), "ix_sos_requests_reported_at"),
        (
            Query(SOS, interval=parse_datetime("2021-08-01T00:00:00Z/2021-08-01T01:00:00Z")),
            "ix_sos_requests_reported_at",
        ),
    ],
    ids=[
        "first page",
        "deep page",
        "bbox",
        "sorted bbox",
        "attribute",
        "words",
        "sorted",
        "datetime",
    ],
)
def test_hot_queries_use_their_index(large: Reader, query: Query, index: str) -> None:
    plan = large.plan(page_sql(query))
    executed = "\n".join(line for line in plan.splitlines() if "never executed" not in line)
    assert index in executed, plan
    assert "Seq Scan on sos_requests" not in executed, plan


def test_a_feature_by_id_uses_the_key(large: Reader) -> None:
    plan = large.plan(feature_sql(Query(SOS), uuid.uuid4()))
    assert "pk_sos_requests" in plan
    assert "Seq Scan" not in plan


@pytest.fixture(scope="module")
def large(cluster: Any, template_database: str) -> Iterator[Reader]:
    """A layer large enough for the planner to care: 20,000 requests."""
    import psycopg2

    from api.cli.database import create_database

    url = create_database(cluster, "large", template_database)
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO layer.sos_requests (category, priority, state, reported_at, geom)"
            " SELECT 'medical', 'high', 'verified', timestamptz '2021-01-01'"
            " + i * interval '10 min',"
            " ST_SetSRID(ST_MakePoint(107.5 + random(), 15 + random()), 4326)"
            " FROM generate_series(1, 18000) AS i"
        )
        cursor.execute("VACUUM ANALYZE layer.sos_requests")
    connection.close()
    opened = Reader(url)
    yield opened
    opened.close()
