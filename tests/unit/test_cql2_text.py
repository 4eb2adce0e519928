"""CQL2 text is read as the standard's grammar says, and as another implementation reads it."""

import json
from typing import Any

import cql2
import pytest

from spatial.cql2 import BadFilter, Limits, parse_filter

SAME_AS_THE_CQL2_PACKAGE = [
    "a = 1",
    "a <> 'x'",
    "a >= -3.5e2",
    "a = 'it''s'",
    "a = ''",
    "tên = 'Hội An'",
    "\"tên đường\" = 'Đường'",
    "eo:cloud_cover.max > 1",
    "a = TRUE and not b = false",
    "a",
    "NOT a",
    "not a is null",
    "a is null and b IS NOT NULL",
    "a = 1 or b = 2 and c = 3 or d = 4",
    "a = 1 and b = 2 and c = 3",
    "NOT a = 1 AND b = 2 OR c = 3",
    "not (a=1 or b=2) and c=3",
    "(a = 1) = (b = 2)",
    "a BETWEEN 1 AND 2 and b = 1",
    "a NOT BETWEEN b+1 AND -2",
    "a IN (1,2,3)",
    "a NOT IN ('a','b')",
    "a in (b, 1, 'c')",
    "name LIKE casei('x%') or b",
    "a not like 'x'",
    r"a like '%x\%'",
    "casei(accenti(name)) = accenti(casei('Tam Kỳ'))",
    "a + b * 3 - 4 / 5 % 2 div 3 ^ 2 = 1",
    "a = 1 - 2 - 3",
    "a = 8 / 4 / 2",
    "a = 2^3^2",
    "a = -2^2",
    "a = -(b+1)",
    "a = 2 * -b",
    "foo(a, 1) = 3",
    "S_INTERSECTS(geom, POLYGON((0 0,1 0,1 1,0 0),(0.2 0.1,0.3 0.1,0.3 0.2,0.2 0.1)))",
    "S_INTERSECTS(geom, POLYGON Z((0 0 1,1 0 1,1 1 1,0 0 1)))",
    "S_WITHIN(geom, MULTIPOINT(0 0, 1 1))",
    "S_WITHIN(geom, MULTIPOINT((0 0), (1 1)))",
    "s_touches(geom, LINESTRING(0 0, 1 -1.5))",
    "s_crosses(geom, MULTILINESTRING((0 0,1 1),(2 2,3 3)))",
    "s_overlaps(geom, MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5))))",
    "s_disjoint(geom, GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1)))",
    "s_intersects(geom, bbox(170,-20,-170,20))",
    "s_contains(geom, other)",
    "ts > TIMESTAMP('2021-01-01T00:00:00Z')",
    "date = DATE('2021-01-01')",
    "t_after(ts, DATE('2021-01-01'))",
    "t_during(ts, INTERVAL('2021-01-01', '..'))",
    "t_during(INTERVAL(a, b), INTERVAL('..', c))",
]


@pytest.mark.parametrize("text", SAME_AS_THE_CQL2_PACKAGE)
def test_same_as_the_cql2_package(text: str) -> None:
    theirs = cql2.parse_text(text).to_json()
    assert _all_floats(parse_filter(text, "cql2-text")) == theirs


def _all_floats(parsed: Any) -> Any:
    return json.loads(json.dumps(parsed), parse_int=float)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("a = 9007199254740993", {"op": "=", "args": [{"property": "a"}, 9007199254740993]}),
        ("a = .5", {"op": "=", "args": [{"property": "a"}, 0.5]}),
        (r"a = 'it\'s'", {"op": "=", "args": [{"property": "a"}, "it's"]}),
        ("a != +1", {"op": "<>", "args": [{"property": "a"}, 1]}),
        ('"a""b" = 1', {"op": "=", "args": [{"property": 'a"b'}, 1]}),
        ("true", True),
        ("\n a\t=\u00a01 ", {"op": "=", "args": [{"property": "a"}, 1]}),
        ("point = 1", {"op": "=", "args": [{"property": "point"}, 1]}),
        ("interval IS NULL", {"op": "isNull", "args": [{"property": "interval"}]}),
    ],
)
def test_exact(text: str, parsed: Any) -> None:
    assert parse_filter(text, "cql2-text") == parsed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("a =", "ends where a property, a value"),
        ("= 1", "'=' at character 1"),
        ("a = 1 b", "'b' at character 7"),
        ("a = b = c", "'=' at character 7"),
        ("a = 1)", r"'\)' at character 6"),
        ("(a = 1", "ends where '\\)'"),
        ("a IN ()", r"'\)' at character 7"),
        ("a IN 1", "where '\\(' is expected"),
        ("a IS 1", "where NULL is expected"),
        ("a BETWEEN 1, 2", "where AND is expected"),
        ("a = 'x", "quote ' at character 5 is not closed"),
        ('"a = 1', 'quote " at character 1 is not closed'),
        ("a = 1;", "';' at character 6"),
        ("a = $1", "'\\$' at character 5"),
        ("a = 5abc", "'abc' at character 6"),
        ("a = ٤", "'٤' at character 5 is no number"),
        ("a = " + "9" * 500, "is no number"),
        ("a = " + "9" * 399, "too large"),
        ("a = 1e400", "too large"),
        ("DATE(2021) = a", "DATE takes a text"),
        ("s_intersects(a, POINT EMPTY)", "is empty"),
        ("s_intersects(a, POINT(1))", "two or three numbers"),
        ("s_intersects(a, POINT(1 2 3 4 5))", "two or three numbers"),
        ("s_intersects(a, POINT(1 x))", "two or three numbers"),
        ("s_intersects(a, POINT(1 -))", "a number"),
        ("s_intersects(a, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 1))))", "like POINT"),
        ("a = 1 AND", "ends where"),
        ("AND a = 1", "'AND' at character 1"),
        ("a = 'x\x00'", r"U\+0000"),
        ("a = '\ud800'", r"U\+D800"),
        ("'abc", "not closed"),
        ("5", "A filter is a condition"),
        ("'x'", "A filter is a condition"),
    ],
)
def test_refused(text: str, why: str) -> None:
    with pytest.raises(BadFilter, match=why) as caught:
        parse_filter(text, "cql2-text")
    assert caught.value.en.endswith(".")
    assert caught.value.vi.endswith(".")
    assert caught.value.vi != caught.value.en


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "(" * 8_000 + "a=1" + ")" * 8_000,
        "NOT " * 4_000 + "a",
        "a = " + "-" * 16_000 + "1",
        "a" + "=a" * 8_000,
        "a = 1" + "+1" * 8_000,
        "a = 1" + "^1" * 8_000,
        "f(" * 5_000,
        "a IN (" * 2_500,
        "a AND (" * 2_000,
        "a BETWEEN " * 1_600,
        "INTERVAL(" * 1_600,
        "GEOMETRYCOLLECTION(" * 800,
        "'" * 16_001,
        '"' * 16_001,
        "a" * 16_000 + "(",
    ],
)
def test_deep_or_long_text_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        parse_filter(text, "cql2-text")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 64 + "a" + ")" * 64,
        "NOT " * 63 + "a",
        " AND ".join(["a = 1"] * 1_500),
        "a IN (" + ",".join(["1"] * 1_000) + ")",
        "a = 1" + "+1" * 62,
    ],
)
def test_within_the_limits(text: str) -> None:
    assert parse_filter(text, "cql2-text")


@pytest.mark.parametrize(
    ("text", "limits", "why"),
    [
        ("a = 'ờ'", Limits(size=8), "9 bytes; at most 8"),
        ("((a))", Limits(depth=1), "deeper than 1 levels"),
        ("a IN (1,2,3)", Limits(members=2), "has 3 values; at most 2"),
        ("s_within(a, LINESTRING(0 0,1 1,2 2))", Limits(vertices=2), "more than 2 positions"),
    ],
)
def test_limits_can_be_set(text: str, limits: Limits, why: str) -> None:
    with pytest.raises(BadFilter, match=why):
        parse_filter(text, "cql2-text", limits)
