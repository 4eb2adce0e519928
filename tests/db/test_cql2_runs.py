"""Whatever compiles runs, on rows that are as hostile as PostGIS lets them be."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.cluster import Cluster
from spatial.cql2 import BadFilter, Queryable, compile_filter, parse_filter
from spatial.crs import CRS84, crs_from_srid, listed_crs
from spatial.sql import Sql, raw, sql
from tests.cql2_strategies import FILTER, SHAPE, SPATIAL
from tests.db.cql2_database import QUERYABLES, FilterDatabase, filter_database

RANDOM = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module")
def database(cluster: Cluster, migrated_template: str) -> Iterator[FilterDatabase]:
    with filter_database(cluster, migrated_template) as opened:
        yield opened


def run(database: FilterDatabase, text: str, **options: Any) -> set[int]:
    """The ids of the rows that a filter in text matches."""
    return database.matching(parse_filter(text, "cql2-text"), **options)


def run_or_refuse(database: FilterDatabase, expression: Any, **options: Any) -> None:
    """Anything but `BadFilter` is a failure, the database's errors too."""
    with contextlib.suppress(BadFilter):
        database.matching(expression, "hostile", **options)


@RANDOM
@given(FILTER)
def test_random_filters_on_hostile_rows(database: FilterDatabase, expression: Any) -> None:
    run_or_refuse(database, expression)


@pytest.mark.parametrize("relation", [*SPATIAL, "s_dwithin", "s_beyond"])
def test_spatial_functions_on_hostile_rows(database: FilterDatabase, relation: str) -> None:
    shapes = [
        {"type": "Point", "coordinates": [1, 1]},
        {"type": "LineString", "coordinates": [[0, 0], [2, 2], [3, 0]]},
        {"type": "Polygon", "coordinates": [[[0.5, 0], [2, 0], [2, 1.5], [0, 1], [0.5, 0]]]},
        {"bbox": [170, -20, -170, 20]},
        {"bbox": [1, 1, 1, 3]},
        {"bbox": [-180, -90, 180, 90]},
        {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Point", "coordinates": [1, 2]},
                {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]},
            ],
        },
        {"property": "area"},
        {"property": "spot"},
    ]
    metres = [5000.0] if relation in ("s_dwithin", "s_beyond") else []
    for shape in shapes:
        for column in ("area", "spot"):
            sides: list[Any] = [{"property": column}, shape]
            for pair in (sides, sides[::-1]):
                run_or_refuse(database, {"op": relation, "args": [*pair, *metres]})


@settings(RANDOM, max_examples=100)
@given(
    st.sampled_from(SPATIAL),
    SHAPE,
    st.sampled_from(listed_crs((4756, 3405, 3406, 5899))),
    st.floats(-1e7, 1e7),
)
def test_shapes_in_every_crs(
    database: FilterDatabase, relation: str, shape: Any, crs: Any, scale: float
) -> None:
    def scaled(value: Any) -> Any:
        return [scaled(one) for one in value] if isinstance(value, list) else value * scale

    for key in ("coordinates", "bbox"):
        if key in shape:
            shape = {**shape, key: scaled(shape[key])}
    run_or_refuse(database, {"op": relation, "args": [{"property": "area"}, shape]}, filter_crs=crs)


NAMES = st.sampled_from([*QUERYABLES, "gone"]).map(lambda name: {"property": name})
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2021-08-15", "..", "Tam%", "\\", "＼", "\x00", "\ud800", "infinity"])
)
OPS = st.sampled_from(
    [
        *("and", "or", "not", "=", "<>", "<", ">", "like", "between", "in", "isNull", "casei"),
        *("accenti", "+", "-", "*", "/", "%", "div", "^", "s_intersects", "s_equals", "s_dwithin"),
        *("s_beyond", "t_after", "t_during", "t_intersects", "a_contains", "avg", "S_INTERSECTS"),
    ]
)
KINDS = st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection"])
NODES = st.recursive(
    SCALARS | NAMES,
    lambda inner: (
        st.builds(lambda op, args: {"op": op, "args": args}, OPS, st.lists(inner, max_size=4))
        | st.lists(inner, max_size=4)
        | st.builds(lambda kind, inner: {"type": kind, "coordinates": inner}, KINDS, inner)
        | st.dictionaries(
            st.sampled_from(["date", "timestamp", "interval", "bbox", "op", "args", "type"]),
            inner,
            max_size=2,
        )
    ),
    max_leaves=12,
)


@RANDOM
@given(NODES)
def test_any_json(database: FilterDatabase, node: Any) -> None:
    try:
        expression = parse_filter(json.dumps(node), "cql2-json")
    except BadFilter:
        return
    run_or_refuse(database, expression)


WORDS = st.sampled_from(
    [
        *(
            "name",
            "people",
            "depth",
            "open",
            "spot",
            "area",
            '"seen_at"',
            "gone",
            "AND",
            "OR",
            "NOT",
        ),
        *(
            "LIKE",
            "BETWEEN",
            "IN",
            "IS",
            "NULL",
            "TRUE",
            "DIV",
            "CASEI",
            "DATE",
            "INTERVAL",
            "BBOX",
        ),
        *("POINT", "POLYGON", "S_INTERSECTS", "T_AFTER", "S_DWITHIN", "'Tam%'", "'2021-08-15'"),
        *("0", "1.5", "1e308", "9223372036854775808", "(", "(", ")", ")", ",", "=", "<>", "<", "+"),
        *("-", "*", "/", "%", "^", "'", '"', "\\", "\x00", "\ud800", "ờ", ";", "--", "$1", "\n"),
    ]
)


@RANDOM
@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=30))
def test_any_text(database: FilterDatabase, text: str) -> None:
    try:
        expression = parse_filter(text, "cql2-text")
    except BadFilter:
        return
    run_or_refuse(database, expression)


@pytest.mark.parametrize(
    "text",
    [
        "people / 0 = 1 OR people % 0 = 1 OR people div 0 = 1",
        "0 ^ -1 = 1 OR (-8) ^ 0.5 = 1 OR 10 ^ 1000000 = 1 OR 10 ^ -1000000 = 1",
        "people ^ people > 1 OR depth ^ depth > 1 OR depth ^ rooms > 1 OR rooms ^ depth > 1",
        "-5 ^ depth > 1 OR depth ^ -0.5 > 1 OR 1e-200 ^ people > 1 OR 1e200 ^ people > 1",
        "rooms * rooms * rooms > 1 OR rooms + rooms > 1 OR -people > 1 OR -rooms > 1",
        "depth * depth > 1 OR depth / depth > 1 OR depth % 2 > 1 OR depth div 3 > 1",
        "1e308 * 1e308 > depth OR 1e-308 * 1e-308 > depth OR depth - depth = 0",
        "depth / 1e-300 > 1 OR people / depth > 1 OR people % depth > 1 OR people div depth > 1",
        "seen_at > DATE('9999-12-31') OR seen_at <= DATE('0001-01-01') OR opened_on = seen_at",
        "T_DURING(seen_at, INTERVAL('..', '..')) OR T_EQUALS(opened_on, INTERVAL('..','..'))",
        "accenti(name) LIKE accenti('＼') OR casei(accenti(name)) LIKE casei(accenti('％＿＼%'))",
        "name LIKE '%' OR name LIKE '' OR name LIKE '\\%' OR name LIKE '____'",
        "code = '00000000-0000-0000-0000-000000000001' OR code = name OR code LIKE '%1'",
        "S_DWITHIN(spot, POINT(180 0), 5000) OR S_DWITHIN(spot, POINT(0 90), 5000)",
        "S_DWITHIN(area, spot, 1e9) OR S_BEYOND(area, POINT(0 0), 0)",
        "1 = 1 OR 'a' < 'b' OR TRUE OR open = (1 = 2)",
        "S_INTERSECTS(POINT(1 1), POINT(1 1)) AND S_DWITHIN(POINT(1 1), POINT(1 2), 5)",
        "DATE('2021-01-01') < TIMESTAMP('2021-01-02T00:00:00Z')",
        "people IN (1, 2.5, 9223372036854775807) OR depth IN (1, 1e300) OR code IN (name)",
        "seen_at IN ('2021-08-01', DATE('2021-08-02'), TIMESTAMP('2021-08-01T06:00:00Z'))",
        "people BETWEEN depth AND rooms + 1 OR name BETWEEN 'a' AND note",
        " AND ".join(["people > 1"] * 1_000),
        "people" + " + people" * 60 + " > 1",
        "(" * 60 + "people > 1" + ")" * 60,
        "NOT " * 60 + "open",
    ],
)
def test_runs_on_hostile_rows(database: FilterDatabase, text: str) -> None:
    run(database, text, table="hostile")


def test_deepest_filter_runs(database: FilterDatabase) -> None:
    text = "people > 1"
    for number in range(20):
        text = f"({text} {'AND' if number % 2 else 'OR'} (people - {number}) ^ 2 > 1)"
    run(database, text)


def test_accents(database: FilterDatabase) -> None:
    same = run(database, "name = 'Tam Kỳ'")
    assert same
    folded = run(database, "casei(accenti(name)) = casei(accenti('TAM KY'))")
    assert folded == same | run(database, "name IN ('tam kỳ', 'TAM KY')")
    assert run(database, "casei(accenti(name)) LIKE 'dien%'") == run(database, "name = 'Điện Bàn'")
    assert run(database, "accenti(name) LIKE 'D_i%'") == run(database, "name = 'Đại Lộc'")
    assert run(database, "accenti(name) LIKE accenti('100％')") == run(database, "name = '100%'")
    assert run(database, "accenti(name) LIKE accenti('＿_＿')") == set()


def test_a_day_is_a_day_in_utc(database: FilterDatabase) -> None:
    on_the_day = run(database, "seen_at = DATE('2021-08-02')")
    assert on_the_day
    assert on_the_day == run(
        database,
        "seen_at >= TIMESTAMP('2021-08-02T00:00:00Z') AND seen_at < '2021-08-03T07:00:00+07:00'",
    )
    assert on_the_day == run(database, "T_INTERSECTS(seen_at, DATE('2021-08-02'))")
    database.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
    try:
        assert run(database, "seen_at = DATE('2021-08-02')") == on_the_day
        assert run(database, "opened_on < seen_at AND seen_at = DATE('2021-08-02')") == run(
            database, "opened_on < DATE('2021-08-02') AND seen_at = DATE('2021-08-02')"
        )
    finally:
        database.execute("RESET TimeZone")


def test_filter_crs(database: FilterDatabase) -> None:
    expected = run(database, "S_INTERSECTS(spot, BBOX(0,1,3,5))")
    assert expected
    assert expected == run(
        database, "S_INTERSECTS(spot, BBOX(1,0,5,3))", filter_crs=crs_from_srid(4326)
    )
    mercator = "S_INTERSECTS(spot, BBOX(-1000,110000,335000,558000))"
    assert expected == run(database, mercator, filter_crs=crs_from_srid(3857))


def test_across_the_antimeridian(database: FilterDatabase) -> None:
    around = "S_INTERSECTS(spot, BBOX(8,0,1,8))"
    assert run(database, around) == run(
        database, "S_INTERSECTS(spot, BBOX(8,0,180,8)) OR S_INTERSECTS(spot, BBOX(-180,0,1,8))"
    )
    assert run(database, around.replace("INTERSECTS", "DISJOINT")) == run(
        database, f"spot IS NOT NULL AND NOT {around}"
    )


def test_metres_over_the_ellipsoid(database: FilterDatabase) -> None:
    spot = run(database, "S_EQUALS(spot, POINT(2 1))")
    assert spot
    # at the equator a degree is 110,574 m of meridian and 111,303 m of this parallel
    assert run(database, "S_DWITHIN(spot, POINT(2 0), 110580)") == spot
    assert run(database, "S_DWITHIN(spot, POINT(2 0), 110570)") == set()
    assert run(database, "S_DWITHIN(spot, POINT(1 1), 111310)") == spot
    assert run(database, "S_DWITHIN(spot, POINT(1 1), 111290)") == set()
    assert run(database, "S_DWITHIN(spot, POINT(0 4.5), 1e6)") == run(
        database, "NOT S_BEYOND(spot, POINT(0 4.5), 1e6)"
    )
    polygon = "POLYGON((0 0,1 0,1 1,0 1,0 0))"
    inside = run(database, f"S_DWITHIN(spot, {polygon}, 0)")
    assert inside == run(database, f"S_INTERSECTS(spot, {polygon})")


def plan(database: FilterDatabase, text: str) -> str:
    """How PostgreSQL finds the rows of a filter in the table `indexed`."""
    queryables = {
        "id": Queryable("id", raw("id"), "integer"),
        "name": Queryable("name", raw("name"), "string"),
        "at": Queryable("at", raw("at"), "timestamp"),
        "geom": Queryable("geom", raw("geom"), "geometry", geometry_type="Point"),
    }
    condition = compile_filter(parse_filter(text, "cql2-text"), queryables, CRS84)
    explained = database.fetch(sql("EXPLAIN SELECT id FROM indexed WHERE {}", condition))
    return "\n".join(record[0] for record in explained)


@pytest.fixture(scope="module")
def indexed(database: FilterDatabase) -> FilterDatabase:
    database.execute(
        "CREATE TABLE indexed AS SELECT i AS id, 'Xã ' || i AS name,"
        " timestamptz '2021-08-01' + i * interval '1 minute' AS at,"
        " ST_SetSRID(ST_MakePoint(107 + i % 200 / 100.0, 15 + i % 199 / 100.0), 4326) AS geom"
        " FROM generate_series(1, 20000) AS i;"
        " CREATE UNIQUE INDEX indexed_id ON indexed (id);"
        " CREATE INDEX indexed_at ON indexed (at);"
        " CREATE INDEX indexed_geom ON indexed USING gist (geom);"
        " CREATE INDEX indexed_fold ON indexed USING gin (dieuhanh.fold(name) gin_trgm_ops);"
        " ANALYZE indexed"
    )
    return database


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("id = 5", "indexed_id"),
        ("id IN (5, 6)", "indexed_id"),
        ("id BETWEEN 5 AND 9", "indexed_id"),
        ("5 > id", "indexed_id"),
        ("at = DATE('2021-08-02')", "indexed_at"),
        ("at > '2021-08-14T20:00:00Z'", "indexed_at"),
        ("T_INTERSECTS(at, INTERVAL('2021-08-02', '2021-08-02T08:00:00Z'))", "indexed_at"),
        ("S_INTERSECTS(geom, BBOX(107.5,15.5,107.51,15.51))", "indexed_geom"),
        ("S_WITHIN(geom, POLYGON((107.5 15.5,107.6 15.5,107.6 15.6,107.5 15.5)))", "indexed_geom"),
        ("S_EQUALS(geom, POINT(107.5 15.5))", "indexed_geom"),
        ("S_DWITHIN(geom, POINT(107.5 15.5), 500)", "indexed_geom"),
        ("casei(accenti(name)) LIKE casei(accenti('%xã 1234%'))", "indexed_fold"),
        ("casei(accenti(name)) = casei(accenti('XÃ 12345'))", "indexed_fold"),
    ],
)
def test_indexes_serve(indexed: FilterDatabase, text: str, index: str) -> None:
    assert index in plan(indexed, text)


def test_sql_of_constants() -> None:
    assert isinstance(compile_filter(True, {}), Sql)
