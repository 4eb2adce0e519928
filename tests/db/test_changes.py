"""The change feed: every writer is recorded, numbered in the order of commits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

INSERT = (
    "INSERT INTO layer.sos_requests (category, priority, geom)"
    " VALUES ('medical', 'high', ST_SetSRID(ST_MakePoint(108.33, 15.88), 4326)) RETURNING id::text"
)


@pytest.fixture
def connect(fresh_database_url: str) -> Iterator[Any]:
    opened = []

    def make() -> Any:
        connection = psycopg2.connect(fresh_database_url)
        opened.append(connection)
        return connection

    yield make
    for connection in opened:
        connection.close()


def changes(connection: Any, since: int) -> list[tuple[Any, ...]]:
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.version, c.layer, c.op, c.feature_id, c.before, c.after"
            " FROM dieuhanh.change AS c JOIN dieuhanh.commit_log AS l ON l.id = c.commit_id"
            " WHERE l.version > %s ORDER BY l.version, c.id",
            (since,),
        )
        return list(cursor.fetchall())


def latest(connection: Any) -> int:
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(version), 0) FROM dieuhanh.commit_log")
        return int(cursor.fetchone()[0])


def run(connection: Any, statement: str) -> Any:
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone() if cursor.description else None


def test_insert_update_delete_are_recorded_with_both_images(connect: Any) -> None:
    connection = connect()
    before = latest(connection)
    (identifier,) = run(connection, INSERT)
    run(connection, f"UPDATE layer.sos_requests SET state = 'verified' WHERE id = '{identifier}'")
    run(connection, f"DELETE FROM layer.sos_requests WHERE id = '{identifier}'")
    found = changes(connection, before)
    assert [row[2] for row in found] == ["insert", "update", "delete"]
    assert {row[3] for row in found} == {identifier}
    insert, update, delete = found
    assert insert[4] is None
    assert insert[5]["state"] == "new"
    assert (update[4]["state"], update[5]["state"]) == ("new", "verified")
    assert delete[4]["state"] == "verified"
    assert delete[5] is None
    assert "feature" not in insert[5]
    assert "tile_key" not in insert[5]
    assert insert[0] < update[0] < delete[0]


def test_one_transaction_has_one_version_and_a_rollback_none(connect: Any) -> None:
    connection = connect()
    before = latest(connection)
    with connection, connection.cursor() as cursor:
        cursor.execute(INSERT)
        cursor.execute("SAVEPOINT s")
        cursor.execute(
            "UPDATE layer.hotels SET stars = 1 WHERE id IN (SELECT min(id) FROM layer.hotels)"
        )
        cursor.execute("ROLLBACK TO s")
        cursor.execute(INSERT)
    connection.rollback()
    found = changes(connection, before)
    assert len({row[0] for row in found}) == 1
    assert [row[1] for row in found] == ["sos_requests", "sos_requests"]
    with connection.cursor() as cursor:
        cursor.execute(INSERT)
        connection.rollback()
    assert changes(connection, before) == found


def test_an_update_that_changes_nothing_is_no_change(connect: Any) -> None:
    connection = connect()
    before = latest(connection)
    run(connection, "UPDATE layer.sos_requests SET state = state, geom = geom")
    assert changes(connection, before) == []


def test_a_changed_id_is_one_feature_gone_and_one_come(connect: Any) -> None:
    connection = connect()
    (identifier,) = run(connection, INSERT)
    before = latest(connection)
    run(
        connection,
        f"UPDATE layer.sos_requests SET id = gen_random_uuid() WHERE id = '{identifier}'",
    )
    assert sorted(row[2] for row in changes(connection, before)) == ["delete", "insert"]


def test_versions_follow_the_order_of_commits_not_of_writes(connect: Any) -> None:
    early, late, reader = connect(), connect(), connect()
    before = latest(reader)
    early_cursor = early.cursor()
    early_cursor.execute(INSERT)
    (first_written,) = early_cursor.fetchone()
    (second_written,) = run(late, INSERT)
    seen = changes(reader, before)
    assert [row[3] for row in seen] == [second_written]
    early.commit()
    added = changes(reader, seen[-1][0])
    assert [row[3] for row in added] == [first_written]


def test_writers_at_once_leave_no_gap_for_a_reader(connect: Any) -> None:
    """A reader that asks only for what follows its last version misses nothing."""
    writers, each = 4, 40
    reader = connect()
    position = before = latest(reader)
    connections = [connect() for _ in range(writers)]

    def write(connection: Any) -> None:
        for _ in range(each):
            run(connection, INSERT)

    threads = [threading.Thread(target=write, args=(c,)) for c in connections]
    for thread in threads:
        thread.start()
    heard: list[str] = []
    while len(heard) < writers * each and (
        any(thread.is_alive() for thread in threads) or latest(reader) > position
    ):
        for row in changes(reader, position):
            heard.append(row[3])
            position = row[0]
    for thread in threads:
        thread.join()
    assert sorted(heard) == sorted(row[3] for row in changes(reader, before))
    assert len(set(heard)) == writers * each


def test_a_bulk_load_is_one_row(connect: Any) -> None:
    connection = connect()
    before = latest(connection)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL dieuhanh.bulk = 'on'")
        cursor.execute("UPDATE layer.hotels SET stars = 3")
    ((_, layer, operation, identifier, _, after),) = changes(connection, before)
    assert (layer, operation, identifier) == ("hotels", "load", None)
    assert after["rows"] == 40


def test_a_point_knows_its_place_also_when_the_units_change(connect: Any) -> None:
    connection = connect()
    (identifier,) = run(connection, INSERT)
    place = (
        "SELECT commune_code, district_code, feature::jsonb #>> '{properties,commune_code}'"
        f" FROM layer.sos_requests WHERE id = '{identifier}'"
    )
    commune, district, written = run(connection, place)
    assert commune is not None
    assert district is not None
    assert written == commune
    run(connection, f"UPDATE layer.admin_units SET code = 'zz' WHERE code = '{commune}'")
    assert run(connection, place) == ("zz", district, "zz")
    run(
        connection,
        "UPDATE layer.sos_requests SET geom = ST_SetSRID(ST_MakePoint(110, 15), 4326)"
        f" WHERE id = '{identifier}'",
    )
    assert run(connection, place) == (None, None, None)


FORGED = (
    "INSERT INTO layer.sos_requests (category, priority, commune_code, district_code, geom)"
    " VALUES ('medical', 'high', 'forged', 'forged',"
    " ST_SetSRID(ST_MakePoint(108.33, 15.88), 4326)) RETURNING commune_code, district_code"
)


@pytest.fixture
def writer(connect: Any) -> Iterator[Any]:
    """The owner's connection and the name of a role that may only write SOS requests."""
    connection = connect()
    run(connection, "CREATE ROLE test_writer LOGIN")
    run(connection, "GRANT USAGE ON SCHEMA layer TO test_writer")
    run(connection, "GRANT USAGE ON SEQUENCE layer.sos_requests_number TO test_writer")
    run(connection, "GRANT SELECT, INSERT ON layer.sos_requests TO test_writer")
    run(connection, "CREATE POLICY test_writer ON layer.sos_requests TO test_writer USING (true)")
    yield connection
    run(connection, "DROP OWNED BY test_writer")
    run(connection, "DROP ROLE test_writer")


@pytest.mark.parametrize("become", ["SET LOCAL ROLE", "SET LOCAL SESSION AUTHORIZATION"])
@pytest.mark.parametrize("bulk", [None, "on"])
def test_a_writer_cannot_forge_a_place_nor_hide_a_change(
    writer: Any, become: str, bulk: str | None
) -> None:
    before = latest(writer)
    with writer, writer.cursor() as cursor:
        cursor.execute(f"{become} test_writer")
        if bulk is not None:
            cursor.execute(f"SET LOCAL dieuhanh.bulk = '{bulk}'")
        cursor.execute(FORGED)
        commune, district = cursor.fetchone()
    assert "forged" not in (commune, district)
    assert commune is not None
    assert [row[2] for row in changes(writer, before)] == ["insert"]


def test_the_owner_loads_with_places_of_its_own(connect: Any) -> None:
    connection = connect()
    before = latest(connection)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL dieuhanh.bulk = 'on'")
        cursor.execute(FORGED)
        assert cursor.fetchone() == ("forged", "forged")
    assert [row[2] for row in changes(connection, before)] == ["load"]
