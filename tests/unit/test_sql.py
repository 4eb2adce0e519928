"""SQL as a value: composition, placeholders, quoting."""

from __future__ import annotations

import pytest

from spatial.sql import bind, join, literal, quote, raw, sql


def test_equal_values_of_a_type_share_a_placeholder() -> None:
    text, values = sql(
        "a = {} AND b = {} AND c = {} AND d = {}",
        bind(1, "int8"),
        bind(1, "int8"),
        bind(1, "text"),
        bind(True, "int8"),
    ).render()
    assert text == "a = $1::int8 AND b = $1::int8 AND c = $2::text AND d = $3::int8"
    assert values == [1, 1, True]


def test_values_never_become_text() -> None:
    hostile = "'; DROP TABLE x; --"
    text, values = join(" OR ", [sql("a = {}", bind(hostile, "text"))] * 2).render()
    assert hostile not in text
    assert values == [hostile]


def test_a_list_is_bound_as_something_that_can_be_hashed() -> None:
    piece = bind([1, 2], "int8[]")
    assert hash(piece) == hash(bind((1, 2), "int8[]"))
    assert piece.render() == ("$1::int8[]", [(1, 2)])


def test_braces_of_a_value_are_not_places() -> None:
    assert sql("x = {}", sql("{}", bind("{}", "text"))).render() == ("x = $1::text", ["{}"])


def test_places_and_pieces_must_agree() -> None:
    with pytest.raises(ValueError, match="1 places for 2 pieces"):
        sql("{}", raw("a"), raw("b"))


@pytest.mark.parametrize(
    ("name", "quoted"), [("a", '"a"'), ('a"b', '"a""b"'), ("Tên", '"Tên"'), ("a b;--", '"a b;--"')]
)
def test_identifiers_are_quoted(name: str, quoted: str) -> None:
    assert quote(name) == quoted


def test_literals_are_quoted() -> None:
    assert literal("it's") == "'it''s'"
    assert literal("a\\b'") == "E'a\\\\b'''"


@pytest.mark.parametrize("make", [quote, literal])
def test_nul_is_refused(make: object) -> None:
    with pytest.raises(ValueError, match="NUL"):
        make("a\x00b")  # type: ignore[operator]
