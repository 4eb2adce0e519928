"""The run's own database: the product's layers, plain copies for the peers, and what to ask."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent
from urllib.parse import urlsplit

import psycopg2
from psycopg2.extensions import parse_dsn

from api.cluster import Cluster
from api.settings import load_settings
from bench.cases import DEEP, SOS, UNITS, Inputs
from bench.processes import BenchError, run
from bench.servers import dieuhanh_command, product_env
from layers.catalogue import CATALOGUE
from layers.rows import table_name
from spatial.sql import quote
from spatial.tiles import WEB_MERCATOR_QUAD

SOS_COUNT = 100_000
SEED = 49
POINT_ZOOM = 13
UNIT_ZOOM = 8
BOX_DEGREES = 0.1
"""The side of a random box: some 11 km."""
FILL_TIMEOUT = 300.0


@dataclass(frozen=True, slots=True)
class Database:
    """A database of the run.

    Attributes:
        url: its address in the form that the product's settings take.
    """

    url: str

    @property
    def parts(self) -> dict[str, str]:
        """The address in libpq's words: host, port, user, password, dbname."""
        found: dict[str, str] = parse_dsn(self.url)
        return found

    @property
    def strict_url(self) -> str:
        """The address with a socket's folder in the place of the host, as tipg wants it."""
        parts = self.parts
        secret = f":{percent(parts['password'], safe='')}" if "password" in parts else ""
        host = percent(parts.get("host", "127.0.0.1"), safe="")
        port = f":{parts['port']}" if "port" in parts else ""
        user = percent(parts.get("user", ""), safe="")
        return f"postgresql://{user}{secret}@{host}{port}/{parts['dbname']}"

    def execute(self, text: str) -> list[tuple[Any, ...]]:
        """Run trusted SQL outside any transaction and return its rows, if it has any."""
        with closing(psycopg2.connect(self.url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else []


@contextmanager
def fresh_database(data: Path) -> Iterator[Database]:
    """An empty database, dropped afterwards.

    It is made beside the one of `DIEUHANH_DATABASE_URL`, else in the private cluster in `data`.

    Raises:
        BenchError: the account may not create a database there.
    """
    url = load_settings().database_url
    if url:
        with _beside(Database(url)) as database:
            yield database
        return
    cluster = Cluster(data, die_with_parent=True)
    with cluster.running(), _beside(Database(cluster.url("postgres"))) as database:
        yield database


@contextmanager
def _beside(server: Database) -> Iterator[Database]:
    name = f"dieuhanh_bench_{secrets.token_hex(4)}"
    try:
        server.execute(f"CREATE DATABASE {quote(name)}")
    except psycopg2.Error as error:
        raise BenchError(f"cannot create a database for the run: {error}") from error
    try:
        yield Database(urlsplit(server.url)._replace(path=f"/{name}").geturl())
    finally:
        with suppress(psycopg2.Error):
            server.execute(f"DROP DATABASE IF EXISTS {quote(name)} WITH (FORCE)")


def fill(database: Database, log: Path) -> None:
    """Make the schema and the demo province with 100,000 SOS requests by the product's commands.

    Raises:
        BenchError: a command failed, or there are not as many SOS requests as asked for.
    """
    env = product_env(database.url)
    run([*dieuhanh_command(), "migrate"], env, log, FILL_TIMEOUT)
    run([*dieuhanh_command(), "demo", "--sos", str(SOS_COUNT)], env, log, FILL_TIMEOUT)
    ((count,),) = database.execute(f"SELECT count(*) FROM {table_name(CATALOGUE[SOS])}")
    if count != SOS_COUNT:
        raise BenchError(f"the demo has {count} SOS requests, not {SOS_COUNT}")
    copy_for_peers(database)


def copy_for_peers(database: Database) -> None:
    """Give the peers plain tables of what the public reads here, in the schema `bench`.

    Same rows in the same physical order, same indexes, without the columns that this server
    keeps for itself or shows to staff only. Those would cost the peers time for nothing.
    """
    database.execute("CREATE SCHEMA bench")
    for layer in (CATALOGUE[SOS], CATALOGUE[UNITS]):
        source, copy = table_name(layer), f"bench.{quote(layer.table.name)}"
        kept = [*(column.name for column in layer.readable()), layer.geometry_column]
        held = database.execute(
            "SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped"
            f" AND attrelid = '{source}'::regclass"
        )
        dropped = [name for (name,) in held if name not in kept]
        names = ", ".join(quote(name) for name in kept)
        database.execute(f"CREATE TABLE {copy} (LIKE {source} INCLUDING INDEXES)")
        drops = ", ".join(f"DROP COLUMN {quote(name)}" for name in dropped)
        database.execute(f"ALTER TABLE {copy} {drops}")
        database.execute(f"INSERT INTO {copy} ({names}) SELECT {names} FROM {source}")
        for table in (source, copy):
            database.execute(f"VACUUM (ANALYZE) {table}")


def draw(database: Database) -> Inputs:
    """Choose what the cases ask for; the same database gives the same choice."""
    chance = random.Random(SEED)
    rows = database.execute(
        "SELECT id::text, ST_X(geom), ST_Y(geom) FROM bench.sos_requests ORDER BY id"
    )
    counts: dict[tuple[int, int, int], int] = {}
    for _, lon, lat in rows:
        tile = WEB_MERCATOR_QUAD.tile_at(lon, lat, POINT_ZOOM)
        place = (tile.z, tile.row, tile.col)
        counts[place] = counts.get(place, 0) + 1
    half = BOX_DEGREES / 2
    centres = chance.sample(rows, 5000)  # more than are remembered anywhere
    tiles = sorted(counts)
    chance.shuffle(tiles)
    categories = database.execute("SELECT DISTINCT category FROM bench.sos_requests ORDER BY 1")
    ((west, south, east, north),) = database.execute(
        "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)"
        " FROM (SELECT ST_Extent(geom) AS e FROM bench.admin_units) AS t"
    )
    limits = WEB_MERCATOR_QUAD.limits((west, south, east, north), UNIT_ZOOM)
    return Inputs(
        ids=tuple(row[0] for row in chance.sample(rows, 2000)),
        before_deep=rows[DEEP - 1][0],
        boxes=tuple(
            (round(x - half, 4), round(y - half, 4), round(x + half, 4), round(y + half, 4))
            for _, x, y in centres
        ),
        categories=tuple(row[0] for row in categories),
        point_tiles=tuple(tiles[:500]),
        densest_tile=max(counts, key=lambda tile: (counts[tile], tile)),
        unit_tiles=tuple(
            (UNIT_ZOOM, row, column)
            for row in range(limits.min_row, limits.max_row + 1)
            for column in range(limits.min_col, limits.max_col + 1)
        ),
        tile_columns=tuple(
            column.name
            for column in CATALOGUE[SOS].readable()
            if column.in_tiles or column.name == CATALOGUE[SOS].id_column
        ),
    )
