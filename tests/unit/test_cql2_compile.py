"""What filters compile to: typed, bound, in forms that plain indexes serve."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from spatial.cql2 import BadFilter, Queryable, compile_filter, parse_filter
from spatial.cql2.types import QueryableType
from spatial.crs import crs_from_srid
from spatial.sql import quote, raw

TYPES: dict[str, QueryableType] = {
    "name": "string",
    "people": "integer",
    "depth": "number",
    "open": "boolean",
    "opened_on": "date",
    "seen_at": "timestamp",
    "id": "uuid",
    "geom": "geometry",
}
QUERYABLES = {name: Queryable(name, raw(quote(name)), kind) for name, kind in TYPES.items()}
ID = "7b4c3f36-3f4a-4c3e-9d3c-0a3f5d1d2b11"


def compiled(text: str) -> tuple[str, list[Any]]:
    return compile_filter(parse_filter(text, "cql2-text"), QUERYABLES).render()


@pytest.mark.parametrize(
    ("text", "sql", "values"),
    [
        ("people > 5", '("people" > $1::int8)', [5]),
        ("5 < people", '("people" > $1::int8)', [5]),
        ("people > 2.5", '("people" > $1::float8)', [2.5]),
        ("people = 5.0", '("people" = $1::int8)', [5]),
        ("depth = 5", '("depth" = $1::float8)', [5.0]),
        ("name = 'x'", '("name" = $1::text)', ["x"]),
        ("open", '"open"', []),
        ("open = false", '("open" = FALSE)', []),
        (f"id = '{ID}'", '("id" = $1::uuid)', [UUID(ID)]),
        ("opened_on >= DATE('2021-08-15')", '("opened_on" >= $1::date)', [date(2021, 8, 15)]),
        ("opened_on = '2021-08-15'", '("opened_on" = $1::date)', [date(2021, 8, 15)]),
        (
            "seen_at < TIMESTAMP('2021-08-15T07:00:00+07:00')",
            '("seen_at" < $1::timestamptz)',
            [datetime(2021, 8, 15, tzinfo=UTC)],
        ),
        (
            "seen_at = DATE('2021-08-15')",
            '("seen_at" >= $1::timestamptz AND "seen_at" < $2::timestamptz)',
            [datetime(2021, 8, 15, tzinfo=UTC), datetime(2021, 8, 16, tzinfo=UTC)],
        ),
        (
            "seen_at <= DATE('9999-12-31')",
            "(\"seen_at\" < 'infinity'::timestamptz)",
            [],
        ),
        ("people IN (1, 2)", '("people" = ANY($1::int8[]))', [(1, 2)]),
        ("name IN ('a', 'b')", '("name" = ANY($1::text[]))', [("a", "b")]),
        ("people IS NULL", '("people" IS NULL)', []),
        ("geom IS NOT NULL", '(NOT ("geom" IS NULL))', []),
        (
            "casei(accenti(name)) LIKE casei(accenti('Tam%'))",
            '(dieuhanh.fold("name") LIKE lower($1::text))',
            ["Tam%"],
        ),
        (
            "accenti(casei(name)) = accenti(casei('Tam Kỳ'))",
            '(dieuhanh.fold("name") = dieuhanh.fold($1::text))',
            ["Tam Kỳ"],
        ),
        ("people + 1 > 2", '(("people"::numeric + $1::numeric) > $2::numeric)', [1, 2]),
        ("people / 0 = 1", '(("people"::numeric / NULLIF($1::numeric, 0)) = $2::numeric)', [0, 1]),
    ],
)
def test_forms(text: str, sql: str, values: list[Any]) -> None:
    assert compiled(text) == (sql, values)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("peopel = 5", "no property 'peopel'; did you mean people"),
        ("zzz = 5", "there are: depth, geom, id, name, open, opened_on, people, seen_at"),
        ("people = 'abc'", "people is an integer and 'abc' is text"),
        ("name = 5", "name is text and 5 is an integer"),
        ("name = depth", "name is text and depth is a number"),
        ("open = 1", "open is true or false and 1 is an integer"),
        ("geom = geom", "cannot be compared"),
        ("geom = 'POINT(1 1)'", "cannot be compared"),
        ("id = 'x'", "id is a UUID, and 'x' is not"),
        ("id = 5", "cannot be compared"),
        ("seen_at = 'noon'", "is not a time"),
        ("seen_at > 5", "cannot be compared"),
        ("opened_on = DATE('2021-02-30')", "no such day"),
        ("people = 9223372036854775808", "beyond the 64-bit integers"),
        ("people = 1e30", "beyond the 64-bit integers"),
        ("people = NULL", "use IS NULL"),
        ("people", "A condition is wanted, and people is an integer"),
        ("people AND open", "A condition is wanted"),
        ("name LIKE people", "pattern of LIKE is a text"),
        ("people LIKE '5%'", "LIKE works on text, and people is an integer"),
        ("open BETWEEN TRUE AND FALSE", "have an order"),
        ("name + 1 = 2", r"\+ works on a number, and name is text"),
        ("depth*depth*depth*depth*depth > 1", "too large"),
        ("avg(people) = 5", "There is no function 'avg'"),
        ("A_CONTAINS(name, ('a','b'))", "Array functions like A_CONTAINS are not supported"),
        ("S_INTERSECTS(people, POINT(1 1))", "works on geometries, and people is an integer"),
        ("S_INTERSECTS(geom, POINT(15 108))", "outside the area"),
        ("S_INTERSECTS(geom, POLYGON((0 0,2 2,2 0,0 2,0 0)))", "Self-intersection"),
        ("S_DWITHIN(geom, POINT(1 1), -5)", "0 or more"),
        ("S_DWITHIN(geom, POINT(1 1))", "takes 3 arguments, not 2"),
        ("T_AFTER(people, DATE('2021-01-01'))", "T_AFTER works on a time"),
        ("T_DURING(seen_at, INTERVAL('2021-02-01','2021-01-01'))", "ends before it starts"),
    ],
)
def test_refused(text: str, why: str) -> None:
    with pytest.raises(BadFilter, match=why) as caught:
        compiled(text)
    assert caught.value.vi != caught.value.en


def test_a_pattern_cannot_be_widened_by_folding() -> None:
    text, values = compiled("accenti(name) LIKE accenti('100％ Hội_')")
    assert "％" not in text
    assert values == ["100％ Hội"]
    assert text.endswith("|| '_'))")


def test_coordinates_follow_the_filter_crs() -> None:
    parsed = parse_filter("S_WITHIN(geom, POINT(15 108))", "cql2-text")
    _, latitude_first = compile_filter(parsed, QUERYABLES, crs_from_srid(4326)).render()
    parsed = parse_filter("S_WITHIN(geom, POINT(108 15))", "cql2-text")
    assert compile_filter(parsed, QUERYABLES).render()[1] == latitude_first


def test_nothing_of_the_client_is_in_the_text() -> None:
    text, _ = compiled("name = 'x''; DROP TABLE t; --' AND people IN (1,2) AND depth > 1e5")
    assert "DROP" not in text
    assert "1e5" not in text
