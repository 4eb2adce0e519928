"""Tiles, decoded: every point once at each zoom, shapes without gaps, plans by index."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import asyncpg
import mapbox_vector_tile
import psycopg2
import pytest
import shapely
import shapely.affinity

from api.cli.database import create_database
from api.cluster import Cluster
from layers.catalogue import CATALOGUE
from layers.clusters import compact_sql
from layers.layer import Layer
from layers.overviews import overview_name
from layers.query import Query, conditions, hits_sql
from layers.rows import table_name
from layers.tiles import tile_source
from spatial.mvt import EXTENT, tile_sql
from spatial.mvt_parts import CLUSTER_LIMIT
from spatial.sql import Sql, raw
from spatial.temporal import parse_datetime
from spatial.tiles import MERCATOR_LATITUDE, TILE_MATRIX_SETS, WEB_MERCATOR_QUAD, Tile
from tests.db.places import AREAS, PLACES, create

SOS = CATALOGUE["sos_requests"]
TABLE, AREA_TABLE = table_name(PLACES), table_name(AREAS)
DENSE = 30_000
SETS = pytest.mark.parametrize("name", TILE_MATRIX_SETS)

SPECIAL = (
    "(0 0), (180 0), (-180 0), (180 90), (-180 -90), (0 85.0511), (0 85.06), (12 89), (12 -86),"
    " (90 45), (-90 -45), (108.28125 15.46875), (107.9296875 15.6230368), (22.5 66.51326044)"
)
"""Edges and corners of tiles of both sets, the antimeridian, the poles, beyond Web Mercator."""


class Reader:
    """Reads tiles as the public role, on a connection set up as the server's are."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        settings = {"role": "dieuhanh_public", "jit": "off", "max_parallel_workers_per_gather": "0"}
        self.connection = self.loop.run_until_complete(
            asyncpg.connect(url, server_settings=settings)
        )

    def fetch(self, text: str, *values: Any) -> list[Any]:
        return list(self.loop.run_until_complete(self.connection.fetch(text, *values)))

    def bytes(
        self, name: str, tile: Tile, layer: Layer = PLACES, where: Sql | None = None
    ) -> bytes:
        query = tile_sql(tile_source(layer), TILE_MATRIX_SETS[name], tile, where=where)
        text, values = query.render()
        ((found,),) = self.fetch(text, *values)
        return found or b""

    def features(
        self, name: str, tile: Tile, layer: Layer = PLACES, where: Sql | None = None
    ) -> list[dict[str, Any]]:
        body = self.bytes(name, tile, layer, where)
        options = {"y_coord_down": True}
        decoded = mapbox_vector_tile.decode(body, default_options=options) if body else {}
        found: list[dict[str, Any]] = decoded.get(layer.id, {"features": []})["features"]
        return found

    def plan(self, name: str, tile: Tile, layer: Layer = PLACES, where: Sql | None = None) -> str:
        """The steps that ran."""
        query = tile_sql(tile_source(layer), TILE_MATRIX_SETS[name], tile, where=where)
        text, values = query.render()
        rows = self.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {text}", *values)
        return "\n".join(row[0] for row in rows if "never executed" not in row[0])

    def close(self) -> None:
        self.loop.run_until_complete(self.connection.close())
        self.loop.close()


@pytest.fixture(scope="module")
def url(cluster: Cluster, migrated_template: str) -> str:
    """A database with one dense town, a sparse world, and points in awkward places."""
    address = create_database(cluster, "tiles", migrated_template)
    create(address)
    with psycopg2.connect(address) as opened, opened.cursor() as cursor:
        cursor.execute("SET LOCAL dieuhanh.bulk = 'on'")
        # Else VACUUM may find the rows' commit not flushed yet, and call no page all-visible.
        cursor.execute("SET LOCAL synchronous_commit = on")
        cursor.execute("SELECT setseed(0.25)")
        cursor.execute(
            f"INSERT INTO {TABLE} (id, name, geom) SELECT i, 'Điểm ' || i, ST_SetSRID(CASE"
            f" WHEN i <= {DENSE} THEN ST_Point(108.2 + (random() + random()) / 15,"
            " 15.5 + (random() + random()) / 15)"
            " ELSE ST_Point(random() * 360 - 180, random() * 170 - 85) END, 4326)"
            f" FROM generate_series(1, {DENSE + 150}) AS i"
        )
        cursor.execute(
            f"INSERT INTO {TABLE} (id, geom) SELECT -row_number() OVER (), dumped.geom FROM"
            f" ST_Dump('SRID=4326;MULTIPOINT({SPECIAL})'::geometry) AS dumped"
        )
        cursor.execute(
            f"INSERT INTO {TABLE} (id, name, geom) VALUES (-100, 'no place', NULL),"
            " (-101, 'empty', 'SRID=4326;POINT EMPTY')"
        )
    opened.autocommit = True
    with opened.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {TABLE}")
        cursor.execute(compact_sql(PLACES))
        cursor.execute("ANALYZE dieuhanh.ledger_places")
    opened.close()
    return address


@pytest.fixture(scope="module")
def reader(url: str) -> Iterator[Reader]:
    opened = Reader(url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def points(reader: Reader) -> list[tuple[int, float, float]]:
    rows = reader.fetch(
        f"SELECT id, ST_X(geom) AS x, ST_Y(geom) AS y FROM {TABLE} WHERE NOT ST_IsEmpty(geom)"
    )
    return [tuple(row) for row in rows]


def tiles_of(name: str, z: int, points: list[tuple[int, float, float]]) -> set[Tile]:
    """The tiles that hold points, and the eight around each: a point may be on an edge."""
    tile_matrix_set = TILE_MATRIX_SETS[name]
    found = {tile_matrix_set.tile_at(x, y, z) for _, x, y in points}
    awkward = {tile_matrix_set.tile_at(x, y, z) for i, x, y in points if i < 0}
    around = {
        Tile(z, tile.row + down, tile.col + right)
        for tile in awkward
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    }
    return found | {tile for tile in around if tile_matrix_set.holds(tile)}


@SETS
@pytest.mark.parametrize("z", range(17))
def test_every_point_is_in_one_tile(
    reader: Reader, points: list[tuple[int, float, float]], name: str, z: int
) -> None:
    seen: set[int] = set()
    count = 0
    for tile in tiles_of(name, z, points):
        for feature in reader.features(name, tile):
            x, y = feature["geometry"]["coordinates"]
            assert 0 <= x < EXTENT
            assert 0 <= y < EXTENT
            properties = feature["properties"]
            count += properties.get("n", 1)
            if "n" in properties:
                assert properties.keys() == {"n"}
                continue
            assert properties["id"] not in seen
            seen.add(properties["id"])
    inside = [p for p in points if name == "WorldCRS84Quad" or abs(p[2]) <= MERCATOR_LATITUDE]
    assert count == len(inside)
    assert seen <= {p[0] for p in inside}


@SETS
def test_points_are_where_they_are(
    reader: Reader, points: list[tuple[int, float, float]], name: str
) -> None:
    tile_matrix_set = TILE_MATRIX_SETS[name]
    places = {i: (x, y) for i, x, y in points}
    checked = 0
    for z in (3, 9, 14, 17):
        columns, rows = tile_matrix_set.size(z)
        for tile in sorted(tiles_of(name, z, points[-60:]))[:40]:
            for feature in reader.features(name, tile):
                if "n" in feature["properties"]:
                    continue
                lon, lat = places[feature["properties"]["id"]]
                across, down = tile_matrix_set.position(lon, lat)
                x, y = feature["geometry"]["coordinates"]
                if lon < 180:
                    assert x == pytest.approx((across * columns - tile.col) * EXTENT, abs=1.1)
                if abs(lat) < 85:
                    assert y == pytest.approx((down * rows - tile.row) * EXTENT, abs=1.1)
                checked += 1
    assert checked > 50


@SETS
def test_clusters_are_few_and_apart(reader: Reader, name: str) -> None:
    tile = TILE_MATRIX_SETS[name].tile_at(108.2667, 15.5667, 11)
    features = reader.features(name, tile)
    assert all("n" in feature["properties"] for feature in features)
    assert 20 < len(features) <= 17 * 17
    places = {tuple(feature["geometry"]["coordinates"]) for feature in features}
    assert len(places) == len(features)


def test_dense_tiles_are_read_from_the_index_alone(reader: Reader) -> None:
    plan = reader.plan("WebMercatorQuad", WEB_MERCATOR_QUAD.tile_at(108.2667, 15.5667, 15))
    assert "Index Only Scan using" in plan, plan
    assert "Seq Scan" not in plan


@SETS
def test_filtered_tiles_count_what_matches(reader: Reader, name: str) -> None:
    tile_matrix_set = TILE_MATRIX_SETS[name]
    by_key = f"SELECT tile_key FROM {TABLE} WHERE id BETWEEN 1 AND {DENSE} ORDER BY 1 DESC"
    ((late,),) = reader.fetch(f"{by_key} OFFSET {2 * CLUSTER_LIMIT} LIMIT 1")
    ((south,),) = reader.fetch(
        f"SELECT count(*) FROM {TABLE} WHERE ST_Y(geom) < 15.54 AND id BETWEEN 1 AND {DENSE}"
    )
    assert south > CLUSTER_LIMIT
    for where, expected in (
        ("id % 7 = 0 AND id > 0", DENSE // 7),
        ("id BETWEEN 1 AND 50", 50),
        (f"tile_key > {late} AND id > 0", 2 * CLUSTER_LIMIT),
        # Of a column that the index does not hold.
        ('ST_Y("geom") < 15.54 AND id > 0', south),
    ):
        for z in (6, 11, 14):
            first = tile_matrix_set.tile_at(108.2, 15.5 + 2 / 15, z)
            last = tile_matrix_set.tile_at(108.2 + 2 / 15, 15.5, z)
            count = sum(
                feature["properties"].get("n", 1)
                for row in range(first.row, last.row + 1)
                for col in range(first.col, last.col + 1)
                for feature in reader.features(
                    name, Tile(z, row, col), where=raw(f"{where} AND id <= {DENSE}")
                )
            )
            assert count == expected


FILTERED = (
    Query(SOS, equals=(("state", "resolved"),)),
    Query(SOS, equals=(("district_code", "503"), ("priority", "high"))),
    Query(SOS, interval=parse_datetime("2020-01-01T00:00:00Z/..")),
    Query(SOS, filter=raw('"people" > 2')),
)


@SETS
@pytest.mark.parametrize("query", FILTERED)
def test_filters_by_codes_times_and_numbers_need_the_index_alone(
    database_url: str, name: str, query: Query
) -> None:
    opened = Reader(database_url)
    opened.fetch("SET enable_seqscan = off")
    opened.fetch("SET enable_bitmapscan = off")
    tile = TILE_MATRIX_SETS[name].tile_at(108.2, 15.5, 6)
    where = conditions(query)
    plan = opened.plan(name, tile, SOS, where)
    ((expected,),) = opened.fetch(*count_sql(query))
    found = sum(f["properties"].get("n", 1) for f in opened.features(name, tile, SOS, where))
    opened.close()
    assert found == expected > 0
    if len(query.equals) < 2:  # so few that the planner rightly reads them by another index
        assert "Index Only Scan using ix_sos_requests_tile" in plan, plan
    assert "Seq Scan on" not in plan, plan


def count_sql(query: Query) -> tuple[Any, ...]:
    """The text and the values of the statement that counts a query's matches."""
    text, values = hits_sql(query).render()
    return text, *values


@SETS
def test_no_tile_is_large_or_slow(
    reader: Reader, points: list[tuple[int, float, float]], name: str
) -> None:
    for z in range(17):
        tile = TILE_MATRIX_SETS[name].tile_at(108.2667, 15.5667, z)
        times = []
        for _ in range(4):
            begun = time.perf_counter()
            body = reader.bytes(name, tile)
            times.append(time.perf_counter() - begun)
        assert len(body) < 500_000
        assert min(times) < 0.2


@SETS
@pytest.mark.parametrize("z", [0, 4, 7, 11])
def test_low_zooms_are_read_from_the_ledger(reader: Reader, name: str, z: int) -> None:
    plan = reader.plan(name, TILE_MATRIX_SETS[name].tile_at(108.2667, 15.5667, z))
    assert "ledger_places" in plan or "ix_places" in plan
    assert "Seq Scan on" not in plan


def test_an_empty_layer_has_empty_tiles(empty_database_url: str) -> None:
    create(empty_database_url)
    opened = Reader(empty_database_url)
    for name in TILE_MATRIX_SETS:
        for layer in (PLACES, AREAS):
            for z in (0, 5, 12, 14):
                assert opened.bytes(name, Tile(z, 0, 0), layer) == b""
    opened.close()


AREA_ROWS = {
    1: "POLYGON((107 15, 109 15, 109 16, 107 16, 107 15))",
    2: "POLYGON((107 15, 109 16, 109 15, 107 16, 107 15))",  # crosses itself
    3: "POLYGON((108 15, 108.000001 15, 108.000001 15.000001, 108 15))",  # a decimetre
    4: "POLYGON((170 -10, 190 -10, 190 10, 170 10, 170 -10))",  # over the antimeridian
    5: "POLYGON((-180 -85, 180 -85, 180 85, -180 85, -180 -85))",
    6: None,
    7: "POLYGON EMPTY",
    8: "POLYGON((107 15, 108 15, 107 15, 107 15))",  # no area
    9: "POLYGON((100 10, 101 10, 101 11, 100 11, 100 10), (100.2 10.2, 100.4 10.2, 100.4 10.4,"
    " 100.2 10.4, 100.2 10.2))",
}


@pytest.fixture
def areas(empty_database_url: str) -> Iterator[tuple[Any, Reader]]:
    create(empty_database_url)
    opened = psycopg2.connect(empty_database_url)
    opened.autocommit = True
    with opened.cursor() as cursor:
        for identifier, text in AREA_ROWS.items():
            shape = "NULL" if text is None else f"ST_GeomFromText('{text}', 4326)"
            cursor.execute(f"INSERT INTO {AREA_TABLE} (id, geom) VALUES ({identifier}, {shape})")
        reader = Reader(empty_database_url)
        yield cursor, reader
        reader.close()
    opened.close()


def ids(reader: Reader, tile: Tile, name: str = "WebMercatorQuad") -> set[int]:
    return {feature["properties"]["id"] for feature in reader.features(name, tile, AREAS)}


def test_awkward_areas_make_tiles(areas: tuple[Any, Reader]) -> None:
    _, reader = areas
    for name, tile_matrix_set in TILE_MATRIX_SETS.items():
        at = tile_matrix_set.tile_at
        for z in range(0, 19, 2):
            for lon, lat in ((108.5, 15.5), (108, 15), (179.9, 0), (-179.9, 0), (0, 84)):
                assert 5 in ids(reader, at(lon, lat, z), name)
        assert ids(reader, at(108.2, 15.2, 9), name) >= {1, 2, 5}
        assert ids(reader, at(108.2, 15.2, 14), name) >= {1, 5}
        assert ids(reader, at(100.5, 10.5, 7), name) >= {5, 9}
        assert not {1, 2} & ids(reader, at(100.5, 10.5, 7), name)
    assert 3 in ids(reader, WEB_MERCATOR_QUAD.tile_at(108.0000005, 15.0000003, 18))
    assert 3 not in ids(reader, WEB_MERCATOR_QUAD.tile_at(108.0000005, 15.0000003, 8))


def test_holes_stay_holes(areas: tuple[Any, Reader]) -> None:
    _, reader = areas
    for z in (6, 8):
        tile = WEB_MERCATOR_QUAD.tile_at(100.3, 10.3, z)
        (feature,) = reader.features("WebMercatorQuad", tile, AREAS, raw("id = 9"))
        assert feature["geometry"]["type"] == "Polygon"
        assert len(feature["geometry"]["coordinates"]) == 2
    assert 9 not in ids(reader, WEB_MERCATOR_QUAD.tile_at(100.3, 10.3, 13))


def test_simplified_shapes_follow_the_table(areas: tuple[Any, Reader]) -> None:
    cursor, reader = areas
    here, there = (WEB_MERCATOR_QUAD.tile_at(x, 15.5, 9) for x in (108.5, 120.5))
    assert 1 in ids(reader, here)
    cursor.execute(f"UPDATE {AREA_TABLE} SET geom = ST_Translate(geom, 12, 0) WHERE id = 1")
    assert 1 not in ids(reader, here)
    assert 1 in ids(reader, there)
    cursor.execute(f"UPDATE {AREA_TABLE} SET name = 'renamed' WHERE id = 1")
    (found,) = reader.features("WebMercatorQuad", there, AREAS, raw("id = 1"))
    assert found["properties"] == {"id": 1, "name": "renamed"}
    cursor.execute(f"UPDATE {AREA_TABLE} SET id = 77 WHERE id = 1")
    assert ids(reader, there) == {5, 77}
    cursor.execute(f"SELECT count(*) FROM {overview_name(AREAS)} WHERE shape_of = 1")
    assert cursor.fetchone() == (0,)
    cursor.execute(f"DELETE FROM {AREA_TABLE} WHERE id = 77")
    assert 77 not in ids(reader, there)
    cursor.execute(f"TRUNCATE {AREA_TABLE}")
    assert ids(reader, here) == set()
    cursor.execute(f"SELECT count(*) FROM {overview_name(AREAS)}")
    assert cursor.fetchone() == (0,)


def test_simplified_units_are_valid_and_without_gaps(database_url: str) -> None:
    """A gap between neighbours, or an overlap, is nowhere wider than a pixel of 8 units."""
    units = CATALOGUE["admin_units"]
    opened = Reader(database_url)
    whole = "dieuhanh.overview(ST_Transform(geom, 3857), z)"
    rows = opened.fetch(
        f"SELECT z, level, code, ST_AsBinary({whole}) FROM {table_name(units)},"
        f" generate_series(0, 12) AS z WHERE {whole} IS NOT NULL"
    )
    pieces = opened.fetch(
        "SELECT shape_zoom, shape_of, tile_col, tile_row, ST_AsBinary(shape)"
        f" FROM {overview_name(units)}"
    )
    opened.close()
    for z in range(13):
        shapes = {row[2]: shapely.from_wkb(row[3]) for row in rows if row[0] == z}
        assert all(shape.is_valid for shape in shapes.values())
        if z < 4:
            continue
        districts = [shapely.from_wkb(row[3]) for row in rows if row[:2] == (z, "district")]
        province = shapes["49"]
        missing = province.difference(shapely.union_all(districts))
        assert missing.buffer(-4).is_empty
        assert shapely.union_all(districts).difference(province).buffer(-4).is_empty
        for code, shape in shapes.items():
            cut = [(row[2], row[3], row[4]) for row in pieces if row[:2] == (z, code)]
            assert len(cut) == len({each[:2] for each in cut})
            inside = [
                shapely.from_wkb(piece).intersection(shapely.box(0, 0, EXTENT, EXTENT)).buffer(0)
                for _, _, piece in cut
            ]
            # Each part of a shape lies in one tile, and nothing is lost or added.
            assert sum(part.area for part in inside) == pytest.approx(shape.area, rel=1e-9)
            for (col, row, _), part in zip(cut, inside, strict=True):
                placed = shapely.affinity.translate(part, EXTENT * col, EXTENT * row)
                assert placed.difference(shape).area <= 1e-6 * max(shape.area, 1)


def test_winding_tells_exteriors_from_holes(database_url: str) -> None:
    """MVT 2.1, 4.3.4.4: an exterior ring has a positive area where y points down."""
    opened = Reader(database_url)
    units = CATALOGUE["admin_units"]
    checked = 0
    for z in (6, 8, 9, 12):
        for place in ((108.1, 15.6), (108.5, 15.95), (107.6, 15.3)):
            tile = WEB_MERCATOR_QUAD.tile_at(*place, z)
            for feature in opened.features("WebMercatorQuad", tile, units):
                geometry = feature["geometry"]
                parts = geometry["coordinates"]
                for rings in [parts] if geometry["type"] == "Polygon" else parts:
                    assert shapely.LinearRing(rings[0]).is_ccw
                    assert not any(shapely.LinearRing(ring).is_ccw for ring in rings[1:])
                    checked += 1
    opened.close()
    assert checked > 100
