"""Kept results: whose they are, what layers show of them, how long, and the same again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from layers.analysis import kept
from layers.analysis.keeping import PURGE_RESULTS
from layers.analysis.layers import LAYERS
from layers.analysis.perform import perform
from layers.analysis.processes import PROCESSES, process_of
from layers.province import load_province
from layers.roles import ANYONE, Caller, Role
from tests.conftest import command
from tests.db.test_analysis import ASKED

PROVINCE = load_province("quang-nam")
STAFF = Caller(role=Role.ANALYST)
LIMITS = kept.Limits(20, 20_000)


def made(url: str, name: str, caller: Caller = ANYONE, **inputs: Any) -> Any:
    process = process_of(name)
    asked = process.read({"layer": "sos_requests", **inputs})
    return perform(process, asked, database_url=url, province=PROVINCE, caller=caller)


def keep(
    cursor: Any, name: str, result: Any, caller: Caller = ANYONE, limits: kept.Limits = LIMITS
) -> UUID:
    return kept.keep(
        cursor, process_of(name), result, caller, title=f"Thử {name}",
        expires=datetime.now(UTC) + timedelta(days=1), limits=limits,
    )  # fmt: skip


def rows(cursor: Any, text: str, *values: Any) -> list[Any]:
    cursor.execute(text, values)
    return list(cursor.fetchall())


def test_each_process_with_areas_has_a_layer() -> None:
    shown = {one.collection for one in PROCESSES.values() if one.collection}
    assert shown == {layer.id for layer in LAYERS}


def test_a_result_is_a_layer_until_it_expires(fresh_database_url: str) -> None:
    url = fresh_database_url
    results = {
        name: made(url, name, **ASKED[name]) for name, one in PROCESSES.items() if one.collection
    }
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        numbers = {name: keep(cursor, name, result) for name, result in results.items()}
        for name, result in results.items():
            body = json.loads(result.body)
            collection = PROCESSES[name].collection
            found = rows(
                cursor,
                f"SELECT cell, (feature::jsonb)->'properties', current FROM layer.{collection}"
                " WHERE result = %s",
                str(numbers[name]),
            )
            there = {one["id"]: one["properties"] for one in body["features"]}
            assert {row[0] for row in found} == there.keys()
            assert all(row[2] for row in found)
            for cell, properties, _ in found:
                told = there[cell]
                assert properties["class"] == told["class"]
                for column in {"z", "i", "p", "q", "n", "edge", "llr"} & told.keys():
                    assert properties[column] == told[column], (name, column)
        again = keep(cursor, "hotspots", results["hotspots"])
        current = "SELECT DISTINCT result FROM layer.hotspots WHERE current"
        assert rows(cursor, current) == [(str(again),)]
        cursor.execute(
            "UPDATE dieuhanh.analysis_result SET expires = kept_at + interval '1 microsecond'"
            " WHERE id = %s",
            (str(again),),
        )
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(PURGE_RESULTS)
        # The one before has not expired: it is what the layer shows again.
        assert rows(cursor, current) == [(str(numbers["hotspots"]),)]
        gone = "SELECT count(*) FROM layer.hotspots WHERE result = %s"
        assert rows(cursor, gone, str(again)) == [(0,)]


def test_what_staff_computes_is_never_public(fresh_database_url: str) -> None:
    url = fresh_database_url
    result = made(url, "hotspots", STAFF, by="district", filter="accuracy_m > 1")
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        number = str(keep(cursor, "hotspots", result, STAFF))
        assert rows(cursor, "SELECT count(*) FROM layer.hotspots") == [(0,)]
        for role, seen in (("public", 0), ("viewer", 1), ("coordinator", 1)):
            cursor.execute(f"SET LOCAL ROLE dieuhanh_{role}")
            assert rows(cursor, "SELECT count(*) FROM dieuhanh.analysis_result") == [(seen,)]
            cursor.execute("RESET ROLE")
        connection.commit()
        # Kept flows are for those who may count check-ins.
        cursor.execute("UPDATE dieuhanh.analysis_result SET process = 'flows'")
        for role, seen in (("viewer", 1), ("rescuer", 0), ("operator", 0), ("coordinator", 1)):
            cursor.execute(f"SET LOCAL ROLE dieuhanh_{role}")
            assert rows(cursor, "SELECT count(*) FROM dieuhanh.analysis_result") == [(seen,)], role
            cursor.execute("RESET ROLE")
        connection.rollback()
        # Not even who owns the tables makes features of it.
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute("SELECT private.show_result(%s, 'hotspots')", (number,))
        assert refused.value.pgcode == "DH403"
        connection.rollback()
        cursor.execute("SET LOCAL ROLE dieuhanh_public")
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute("SELECT kept_by FROM dieuhanh.analysis_result")
        assert refused.value.pgcode == "42501"
        connection.rollback()
        with pytest.raises(psycopg2.Error, match="1 results are kept") as refused:
            keep(cursor, "hotspots", result, STAFF, kept.Limits(1, 20_000))
        assert refused.value.pgcode == "DH409"
        connection.rollback()
        with pytest.raises(psycopg2.Error, match="areas, more than 5"):
            keep(cursor, "hotspots", result, STAFF, kept.Limits(9, 5))


def test_the_command_line_keeps_repeats_and_removes(fresh_database_url: str) -> None:
    def said(*arguments: str) -> Any:
        return command(*arguments, database_url=fresh_database_url)

    asked = ("-i", "layer=sos_requests", "-i", "by=district", "-i", "seed=3")
    done = said("analyse", "local-moran", "--keep", "Moran theo huyện", *asked)
    assert done.returncode == 0, done.stderr
    number = done.stdout.split()[0]
    assert json.loads(said("result", "show", number).stdout)["inputs"]["seed"] == 3
    same = said("result", "repeat", number[:8])
    assert (same.returncode, "bit for bit" in same.stdout) == (0, True), same.stderr
    with psycopg2.connect(fresh_database_url) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM layer.sos_requests WHERE id IN (SELECT id FROM"
                       " layer.sos_requests ORDER BY id LIMIT 40)")  # fmt: skip
    moved = said("result", "repeat", number)
    assert (moved.returncode, "sos_requests has moved on" in moved.stdout) == (1, True)
    assert said("result", "remove", number).returncode == 0
    missing = said("result", "show", number)
    assert (missing.returncode, number in missing.stderr) == (2, True)
