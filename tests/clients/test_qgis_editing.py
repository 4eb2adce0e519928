"""QGIS edits a layer's table in PostGIS as an officer with a database login: policy holds there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.clients import headless
from tests.conftest import ROOT, command, environment
from tests.people import PASSWORD, person

LOGIN = "qgis.officer"
PLACE = "ST_SetSRID(ST_MakePoint({}), 4326)"
INSIDE, OUTSIDE = PLACE.format("108.48, 15.56"), PLACE.format("108.33, 15.88")


class Table:
    """The table of checkpoints, as its owner sees it."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True
        self.dsn = self._connection.get_dsn_parameters()

    def ask(self, text: str, *values: Any) -> list[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    def add(self, code: str, place: str) -> int:
        ((number,),) = self.ask(
            "INSERT INTO layer.checkpoints (code, name, kind, geom)"
            f" VALUES (%s, 'Chốt', 'lockdown', {place}) RETURNING id",
            code,
        )
        return int(number)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def table(fresh_database_url: str) -> Iterator[Table]:
    opened = Table(fresh_database_url)
    yield opened
    opened.close()


def run(dsn: dict[str, str], folder: Path, own: int, other: int) -> dict[str, Any]:
    """A session of headless QGIS."""
    where = (dsn["host"], dsn["port"], dsn["dbname"], LOGIN, PASSWORD)
    return headless.session("qgis_editing.py", folder, *where, str(own), str(other))


def test_an_officer_edits_the_district_and_nothing_else(
    fresh_database_url: str, table: Table, tmp_path: Path
) -> None:
    url = fresh_database_url
    ((district,),) = table.ask(f"SELECT (dieuhanh.locate({INSIDE})).district_code")
    person(url, "officer", departments=("district",), districts=(district,), login=LOGIN)
    given = subprocess.run(
        [sys.executable, "-m", "api.cli", "user", "database-login", LOGIN, "--password-stdin"],
        cwd=ROOT,
        input=f"{PASSWORD}\n",
        env=environment(url, {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert given.returncode == 0, given.stderr
    own, other = table.add("OWN", INSIDE), table.add("OTHER", OUTSIDE)
    ((before,),) = table.ask("SELECT max(id) FROM dieuhanh.change")
    try:
        found = run(table.dsn, tmp_path, own, other)
    finally:
        taken = command("user", "database-login", LOGIN, "--revoke", database_url=url)
        assert taken.returncode == 0, taken.stderr
    assert found["valid"]
    assert found["may"] == {"add": True, "change": True, "move": True, "delete": True}
    assert found["add inside"] is True
    assert found["add outside"] is False
    assert found["change own"] is True
    assert found["move out"] is False
    assert found["move"] is True
    # Row-level security hides the other's row from change: nothing is updated or deleted.
    rows = dict(table.ask("SELECT code, officers FROM layer.checkpoints WHERE code ~ 'O|QGIS'"))
    assert {"OWN", "OTHER", "QGIS-1"} <= rows.keys()
    assert "QGIS-2" not in rows
    assert (rows["OWN"], rows["OTHER"]) == (7, None)
    # QGIS takes an update of no row for done; the database has the last word.
    ((longitude,),) = table.ask("SELECT ST_X(geom) FROM layer.checkpoints WHERE code = 'OWN'")
    assert longitude == 108.481
    made = table.ask(
        "SELECT op, actor, coalesce(after, before) ->> 'code' FROM dieuhanh.change"
        " WHERE id > %s ORDER BY id",
        before,
    )
    assert made == [
        ("insert", LOGIN, "QGIS-1"),
        ("update", LOGIN, "OWN"),
        ("update", LOGIN, "OWN"),
    ]
