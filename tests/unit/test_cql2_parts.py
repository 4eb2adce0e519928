"""A filter is taken apart into the conditions it joins, each with the properties it names."""

from __future__ import annotations

import pytest

from spatial.cql2 import parse_filter, without
from spatial.cql2.parts import conjuncts, properties


@pytest.mark.parametrize(
    ("text", "name", "left"),
    [
        ("a = 1 AND b = 2 AND c = 3", "b", "a = 1 AND c = 3"),
        ("a = 1 AND (b = 2 AND (b > 0 AND c = 3))", "b", "a = 1 AND c = 3"),
        ("a = 1 AND b = 2", "a", "b = 2"),
        ("a IN ('x', 'y')", "a", None),
        ("a = 1 OR a IS NULL", "a", None),
        ("a = 1 OR b = 2", "a", "a = 1 OR b = 2"),
        ("NOT (a = 1 AND b = 2)", "a", "NOT (a = 1 AND b = 2)"),
        ("a > b AND a = 1", "a", "a > b"),
        ("CASEI(ACCENTI(a)) LIKE CASEI(ACCENTI('%x%')) AND b", "a", "b"),
        ("a BETWEEN 1 AND 2 AND TRUE", "a", "TRUE"),
        ("S_INTERSECTS(geom, POINT(1 2)) AND a = 1", "geom", "a = 1"),
        ("a = 'b'", "b", "a = 'b'"),
    ],
)
def test_without_the_conditions_on_one_property_alone(
    text: str, name: str, left: str | None
) -> None:
    found = without(parse_filter(text, "cql2-text"), name)
    assert found == (None if left is None else parse_filter(left, "cql2-text"))


def test_json_is_taken_apart_as_text_is() -> None:
    text = '{"op":"AND","args":[{"op":"=","args":[{"property":"a"},1]},true]}'
    parts = conjuncts(parse_filter(text, "cql2-json"))
    assert [properties(part) for part in parts] == [{"a"}, set()]
