"""What the tests of privacy share: marks in every private place, and a server that may leak."""

from __future__ import annotations

import io
import json
import random
import re
import secrets
import struct
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import psycopg2.sql
import pytest

from api.cluster import Cluster
from layers.catalogue import CATALOGUE
from layers.layer import Audience, sql_type
from tests.conftest import ROOT, environment, free_port, wait_until_ready
from tests.people import person

EXACT = (108.3335791, 15.8886429)
OWN_KEYS = {"card_key", "trace_rule"}
"""Tables of the server's own keys and rules, which it reads itself: a mark there would be none."""
PLANTED = {"text", "jsonb", "bytea", "_text"}
"""PostgreSQL's names of the types that take a mark."""


@dataclass
class Marks:
    """The words that must not be seen, and where each was put."""

    words: dict[bytes, str] = field(default_factory=dict)

    def new(self, place: str) -> str:
        """A word nobody uses, for a place. Digits only where only those are taken."""
        word = f"zq{secrets.token_hex(6)}"
        self.words[word.encode()] = place
        return word

    def found_in(self, data: bytes) -> set[str]:
        """The places whose marks are in some bytes, as they are, or as hexadecimal digits."""
        lower = data.lower()
        return {
            place
            for word, place in self.words.items()
            if word in lower or word.hex().encode() in lower
        }


def plant_tables(connection: Any, marks: Marks) -> set[str]:
    """Put a row of marks into every table of the schema `private`; the tables that have one."""
    planted = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'private' AND table_type = 'BASE TABLE'"
        )
        tables = [row[0] for row in cursor.fetchall() if row[0] not in OWN_KEYS]
        # What others refer to comes first: each round plants what it can.
        for _ in range(3):
            for table in (name for name in tables if name not in planted):
                cursor.execute("SAVEPOINT row")
                try:
                    if _plant_row(cursor, table, marks):
                        planted.add(table)
                except (psycopg2.Error, LookupError):
                    cursor.execute("ROLLBACK TO row")
    connection.commit()
    return planted


def _plant_row(cursor: Any, table: str, marks: Marks) -> bool:
    cursor.execute(
        "SELECT a.attname, t.typname, a.attidentity <> '' OR a.attgenerated <> '',"
        " a.attnotnull,"
        " (SELECT string_agg(pg_get_constraintdef(c.oid), ' ') FROM pg_constraint AS c"
        "  WHERE c.conrelid = a.attrelid AND a.attnum = ANY (c.conkey) AND c.contype <> 'p')"
        " FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid"
        " WHERE a.attrelid = format('private.%%I', %s::text)::regclass AND a.attnum > 0"
        " AND NOT a.attisdropped",
        (table,),
    )
    values: dict[str, Any] = {}
    for name, kind, kept, needed, rules in cursor.fetchall():
        # Times that may be missing say that something has ended.
        if not kept and (needed or kind != "timestamptz"):
            with nullcontext() if needed else suppress(LookupError):
                values[name] = _value(cursor, f"{table}.{name}", kind, rules or "", marks)
    values = {name: value for name, value in values.items() if value is not None}
    names = psycopg2.sql.SQL(", ").join(map(psycopg2.sql.Identifier, values))
    places = psycopg2.sql.SQL(", ").join([psycopg2.sql.Placeholder()] * len(values))
    statement = psycopg2.sql.SQL("INSERT INTO private.{} ({}) VALUES ({})").format(
        psycopg2.sql.Identifier(table), names, places
    )
    cursor.execute(statement, list(values.values()))
    return True


def _value(cursor: Any, place: str, kind: str, rules: str, marks: Marks) -> Any:
    reference = re.search(r"REFERENCES (\S+?)\((\w+)\)", rules)
    if reference and "<>" in rules:
        raise LookupError("it must be another one than a column beside it")
    if reference:
        table, _, column = place.partition(".")
        # One that no row stands for yet comes first: there may be one row for each.
        cursor.execute(
            f"SELECT {reference[2]} FROM {reference[1]}"
            f" ORDER BY {reference[2]} IN (SELECT {column} FROM private.{table}) LIMIT 1"
        )
        found = cursor.fetchone()
        if found is None:
            raise LookupError(f"{reference[1]} is not planted yet")
        return found[0]
    choice = re.search(r"= ANY \(+ARRAY\['([^']+)'::text", rules)
    if choice:
        return choice[1]
    numbers = re.search(r"ARRAY\[(\d+)", rules)
    if numbers:
        return int(numbers[1])
    if kind in ("int4", "int8", "int2"):
        least, most = (re.search(rf"{sign} (\d+)", rules) for sign in (">=", "<="))
        return random.randint(int(least[1]) if least else 1, int(most[1]) if most else 30_000)
    if kind == "bool":
        return False
    if kind == "uuid":
        return str(uuid.uuid4())
    if kind in ("timestamptz", "date"):
        is_later = re.search(rf"\({place.partition('.')[2]} > ", rules)
        return f"2021-09-{25 if is_later else 24}T00:00:00Z"
    word = marks.new(place) if kind in PLANTED else ""
    made: dict[str, Any] = {
        "text": word,
        "_text": [word],
        "jsonb": json.dumps({"note": word}),
        "bytea": psycopg2.Binary(word.encode()),
    }
    return made.get(kind)


def plant_layers(connection: Any, marks: Marks) -> None:
    """Put marks into what of the layers is not the public's: columns, and exact positions."""
    with connection.cursor() as cursor:
        for layer in CATALOGUE.values():
            table = f"layer.{layer.table.name}"
            for column in layer.columns:
                open_text = sql_type(layer, column.name) == "text" and column.codes is None
                if column.audience is not Audience.PUBLIC and open_text:
                    word = marks.new(f"{layer.id}.{column.name}")
                    cursor.execute(f"UPDATE {table} SET {column.name} = %s", (word,))
            if layer.public_decimals is not None:
                cursor.execute(
                    f"UPDATE {table} SET geom = ST_SetSRID(ST_MakePoint(%s, %s), 4326)"
                    f" WHERE {layer.id_column} IN (SELECT {layer.id_column} FROM {table} LIMIT 20)",
                    EXACT,
                )
    connection.commit()


def plant_positions(marks: Marks) -> None:
    """Look for the exact position as digits, and as floating-point numbers of either order."""
    for degrees in EXACT:
        marks.words[str(degrees).partition(".")[2].encode()] = "exact position"
        for order in "<>":
            marks.words[struct.pack(f"{order}d", degrees)] = "exact position, binary"


class Site:
    """A server with an access log in a file, on a database full of marks."""

    def __init__(self, url: str, cluster: Cluster, folder: Path) -> None:
        self.marks = Marks()
        self.connection = psycopg2.connect(url)
        self.staff = person(url, "coordinator", login=self.marks.new("account.login"))
        self.planted = plant_tables(self.connection, self.marks)
        plant_layers(self.connection, self.marks)
        plant_positions(self.marks)
        self.url = url
        self.log = folder / "server.log"
        self._database_log = cluster.home / "postgresql.log"
        self._database_log_start = self._database_log.stat().st_size
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        settings = {
            "PORT": str(port),
            "DIEUHANH_WORKERS": "2",
            "DIEUHANH_WEBHOOK_PRIVATE": "1",
            "DIEUHANH_PHOTOS": str(folder / "photos"),
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve"],
                cwd=ROOT,
                env=environment(url, settings),
                stderr=log,
                stdout=log,
            )
        wait_until_ready(self.process, self.address)
        self.client = httpx.Client(base_url=self.address, timeout=60)

    def close(self) -> None:
        self.client.close()
        self.connection.close()
        self.process.terminate()
        self.process.wait(20)

    def database_log(self) -> bytes:
        """What PostgreSQL has logged since all was planted."""
        return self._database_log.read_bytes()[self._database_log_start :]

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """A transaction of the owner's."""
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture(scope="module")
def site(
    request: Any, cluster: Cluster, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    from api.cli.database import create_database

    name = request.module.__name__.rpartition(".")[2]
    url = create_database(cluster, name, template_database)
    opened = Site(url, cluster, tmp_path_factory.mktemp("privacy"))
    yield opened
    opened.close()


def contents(answer: httpx.Response) -> bytes:
    """An answer's headers and body; what a workbook or an archive holds, unpacked."""
    body = answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"".join(archive.read(name) for name in archive.namelist())
    return repr(answer.headers.multi_items()).encode() + body


def assert_clean(site: Site, place: str, data: bytes) -> None:
    """No mark is in some bytes, and no private column by its name in an answer of features."""
    assert site.marks.found_in(data) == set(), place
