"""The ledger of counts: always what the table says, and in nobody's way."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from layers.clusters import compact_sql, ledger_name, rebuild_sql, total_sql
from layers.feed import Feed
from layers.layer import Layer
from layers.rows import table_name
from layers.upkeep import Upkeep
from spatial.mvt import LEDGER_LEVELS
from spatial.zorder import GRID_BITS
from tests.db.places import AREAS, PLACES, create

TABLE = table_name(PLACES)
LEDGER = ledger_name(PLACES)
ROWS = f"INSERT INTO {TABLE} (id, name, geom)"
BOX = "ST_MakeEnvelope(1, 1, 2, 2, 4326)"


class Session:
    """One connection, in a transaction until it commits or rolls back."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg2.connect(url)
        self.cursor = self.connection.cursor()
        self.run("SET lock_timeout = '3s'")
        self.connection.commit()

    def run(self, text: str) -> None:
        self.cursor.execute(text)

    def rows(self, text: str) -> list[Any]:
        self.run(text)
        found: list[Any] = self.cursor.fetchall()
        return found


@pytest.fixture
def url(empty_database_url: str) -> str:
    create(empty_database_url)
    return empty_database_url


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    opened = Session(url)
    yield opened
    opened.connection.close()


def point(lon: float, lat: float) -> str:
    return f"ST_SetSRID(ST_Point({lon}, {lat}), 4326)"


def fill(session: Session, count: int) -> None:
    """Points around the province, half of them in one street."""
    session.run("SELECT setseed(0.5)")
    session.run(
        f"{ROWS} SELECT i, 'n' || i, ST_SetSRID(CASE WHEN i % 2 = 0"
        " THEN ST_Point(107.3 + random(), 15 + random())"
        " ELSE ST_Point(108.33 + random() / 500, 15.88 + random() / 500) END, 4326)"
        f" FROM generate_series(1, {count}) AS i"
    )


def assert_true(session: Session, layer: Layer = PLACES) -> None:
    """The ledger says what a count of the table says, at every level."""
    table, ledger = table_name(layer), ledger_name(layer)
    assert session.rows(total_sql(layer)) == session.rows(f"SELECT count(*) FROM {table}")
    if not layer.is_point:
        return
    for level in LEDGER_LEVELS:
        kept = session.rows(
            "SELECT key, sum(n), sum(sum_x)::int8, sum(sum_y)::int8"
            f" FROM {ledger} WHERE level = {level} GROUP BY key HAVING sum(n) <> 0 ORDER BY key"
        )
        counted = session.rows(
            f"SELECT tile_key >> {2 * (GRID_BITS - level)}, count(*), sum(tile_x), sum(tile_y)"
            f" FROM {table} WHERE tile_key IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        assert kept == counted


def test_every_way_of_writing_is_counted(session: Session) -> None:
    fill(session, 500)
    assert_true(session)
    session.run(f"UPDATE {TABLE} SET geom = ST_Translate(geom, 0.3, -0.2) WHERE id % 3 = 0")
    assert_true(session)
    session.run(f"DELETE FROM {TABLE} WHERE id % 7 = 0")
    session.run(f"UPDATE {TABLE} SET geom = NULL WHERE id = 5")
    session.run(f"UPDATE {TABLE} SET geom = {point(108, 15)} WHERE id IN (5, 8)")
    assert_true(session)
    session.run(
        f"{ROWS} SELECT i, 'again', {point(107.5, 15.5)} FROM generate_series(495, 510) AS i"
        " ON CONFLICT (id) DO UPDATE SET geom = excluded.geom"
    )
    assert_true(session)
    text = "".join(
        f"{i}\tcopied\tSRID=4326;POINT({107 + i % 9 / 9} 15.1)\n" for i in range(900, 990)
    )
    session.cursor.copy_expert(f"COPY {TABLE} (id, name, geom) FROM STDIN", io.StringIO(text))
    assert_true(session)
    session.run(
        f"MERGE INTO {TABLE} AS t USING generate_series(980, 1000) AS s (id) ON t.id = s.id"
        f" WHEN MATCHED AND s.id < 985 THEN DELETE"
        f" WHEN MATCHED THEN UPDATE SET geom = {point(100, 10)}"
        f" WHEN NOT MATCHED THEN INSERT (id, name, geom) VALUES (s.id, 'm', {point(-70, -10)})"
    )
    assert_true(session)
    session.run(f"TRUNCATE {TABLE}")
    assert_true(session)
    fill(session, 10)
    assert_true(session)


def test_what_is_undone_is_not_counted(session: Session) -> None:
    fill(session, 50)
    session.run("SAVEPOINT before")
    session.run(f"DELETE FROM {TABLE} WHERE id > 10")
    assert session.rows(total_sql(PLACES)) == [(10,)]
    session.run("ROLLBACK TO before")
    assert session.rows(total_sql(PLACES)) == [(50,)]
    assert_true(session)


def test_rows_that_are_in_no_cell_are_in_the_total(session: Session) -> None:
    for number, place in enumerate(
        ("NULL", "'SRID=4326;POINT EMPTY'", point(0, 86), point(0, -89.9), point(181, 0))
    ):
        session.run(f"{ROWS} VALUES ({number}, 'x', {place})")
    assert session.rows(total_sql(PLACES)) == [(5,)]
    assert session.rows(f"SELECT count(*) FROM {LEDGER} WHERE level >= 0") == [(0,)]
    assert_true(session)


def test_layers_of_areas_have_a_total(session: Session) -> None:
    session.run(
        f"INSERT INTO {table_name(AREAS)} (id, geom) VALUES (1, {BOX}), (2, NULL), (3, {BOX})"
    )
    session.run(f"DELETE FROM {table_name(AREAS)} WHERE id = 1")
    assert session.rows(total_sql(AREAS)) == [(2,)]
    session.run(f"TRUNCATE {table_name(AREAS)}")
    assert session.rows(total_sql(AREAS)) == [(0,)]


def test_an_update_that_moves_nothing_adds_nothing(session: Session) -> None:
    fill(session, 50)
    ((before,),) = session.rows(f"SELECT count(*) FROM {LEDGER}")
    session.run(f"UPDATE {TABLE} SET name = 'other'")
    assert session.rows(f"SELECT count(*) FROM {LEDGER}") == [(before,)]


def test_writers_do_not_wait_for_one_another(url: str, session: Session) -> None:
    other = Session(url)
    session.run(f"{ROWS} VALUES (1, 'a', {point(108, 15)})")
    other.run(f"{ROWS} VALUES (2, 'b', {point(108, 15)})")
    other.connection.commit()
    session.connection.commit()
    assert_true(session)
    other.connection.close()


def test_compaction_keeps_the_sums_and_blocks_nobody(url: str, session: Session) -> None:
    for _ in range(3):
        fill(session, 40)
        session.run(f"DELETE FROM {TABLE} WHERE id % 2 = 0")
        session.run(f"UPDATE {TABLE} SET id = id + 1000 + (SELECT max(id) FROM {TABLE})")
    session.connection.commit()
    writer, janitor = Session(url), Session(url)
    writer.run(f"{ROWS} VALUES (1, 'open', {point(108.33, 15.88)})")
    ((removed,),) = janitor.rows(compact_sql(PLACES))
    assert removed > 0
    writer.run(f"{ROWS} VALUES (2, 'during', {point(108.33, 15.88)})")
    second = Session(url)
    assert second.rows(compact_sql(PLACES)) == [(0,)], "only one compacts at a time"
    second.connection.commit()
    writer.connection.commit()
    janitor.connection.commit()
    assert_true(session)
    session.connection.commit()
    session.rows(compact_sql(PLACES))
    doubles = f"SELECT level, key FROM {LEDGER} GROUP BY level, key HAVING count(*) > 1"
    assert session.rows(doubles) == []
    assert session.rows(f"SELECT count(*) FROM {LEDGER} WHERE n = 0 AND level >= 0") == [(0,)]
    assert_true(session)
    for opened in (writer, janitor, second):
        opened.connection.close()


async def test_upkeep_compacts_what_changed(url: str) -> None:
    feed = Feed(url)
    await feed.open()
    upkeep = Upkeep(url, feed, [PLACES], feed_days=30, every=0.1)
    upkeep.open()
    writer = Session(url)
    for number in range(20):
        writer.run(f"{ROWS} VALUES ({number}, 'x', {point(108, 15)})")
        writer.connection.commit()
    deadline = time.monotonic() + 20
    while writer.rows(f"SELECT count(*) FROM {LEDGER}") != [(1 + len(LEDGER_LEVELS),)]:
        assert time.monotonic() < deadline
        writer.connection.commit()
        await asyncio.sleep(0.1)
    assert_true(writer)
    writer.connection.close()
    await upkeep.close()
    await feed.close()


def test_a_rebuild_repairs_the_ledger(session: Session) -> None:
    fill(session, 100)
    session.run(f"DELETE FROM {LEDGER} WHERE level IN (-1, 12)")
    session.run(rebuild_sql(PLACES))
    assert_true(session)


def test_the_total_is_read_by_index(session: Session) -> None:
    fill(session, 20_000)
    session.run(f"ANALYZE {LEDGER}")
    plan = "\n".join(row[0] for row in session.rows(f"EXPLAIN {total_sql(PLACES)}"))
    assert "ix_" in plan
    assert "Seq Scan" not in plan
