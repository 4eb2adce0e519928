"""CQL2 JSON is read exactly, and whatever is wrong with it is said."""

from typing import Any

import pytest

from spatial.cql2 import BadFilter, Queryable, compile_filter, parse_filter
from spatial.sql import raw

QUERYABLES = {
    "n": Queryable("n", raw("n"), "integer"),
    "name": Queryable("name", raw("name"), "string"),
    "geom": Queryable("geom", raw("geom"), "geometry", geometry_type="Point"),
    "at": Queryable("at", raw("at"), "timestamp"),
}


def test_integers_are_exact() -> None:
    parsed = parse_filter('{"op":"=","args":[{"property":"n"},9223372036854775807]}', "cql2-json")
    assert compile_filter(parsed, QUERYABLES).render() == ("(n = $1::int8)", [2**63 - 1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nul",
        "NaN",
        "[]",
        "null",
        "1",
        '"a = 1"',
        '{"op":"=","args":[{"property":"n"},NaN]}',
        '{"op":"=","args":[{"property":"n"},Infinity]}',
        '{"op":"=","args":[{"property":"n"},1e400]}',
        '{"op":"=","args":[{"property":"n"},' + "9" * 5_000 + "]}",
        '{"op":"=","args":[{"property":"n"},' + "9" * 400 + "]}",
        '{"op":"=","args":[{"property":"name"},"\\u0000"]}',
        '{"op":"=","args":[{"property":"name"},"\\ud800"]}',
        '{"op":"=","args":[{"property":"\\ud800"},1]}',
        "[" * 8_000,
        "[" * 8_000 + "]" * 8_000,
        '{"op":"not","args":[' * 800 + "true" + "]}" * 800,
        '{"a":' * 3_000 + "1" + "}" * 3_000,
    ],
)
def test_unreadable(text: str) -> None:
    with pytest.raises(BadFilter) as caught:
        parse_filter(text, "cql2-json")
    assert caught.value.vi != caught.value.en


def geometry(kind: str, coordinates: Any) -> Any:
    shape = {"type": kind, "coordinates": coordinates}
    return {"op": "s_intersects", "args": [{"property": "geom"}, shape]}


@pytest.mark.parametrize(
    "expression",
    [
        {},
        {"op": 1, "args": []},
        {"op": "and"},
        {"op": "and", "args": {}},
        {"op": "and", "args": [True]},
        {"op": "not", "args": [True, True]},
        {"op": "not", "args": [1]},
        {"op": "=", "args": [{"property": "n"}]},
        {"op": "=", "args": [{"property": "n"}, None]},
        {"op": "=", "args": [{"property": "n"}, [1]]},
        {"op": "=", "args": [{"property": "n"}, {}]},
        {"op": "=", "args": [{"property": ["n"]}, 1]},
        {"op": "=", "args": [{"property": None}, 1]},
        {"op": "=", "args": [{"property": "at"}, {"date": 5}]},
        {"op": "=", "args": [{"property": "at"}, {"date": "2021-13-01"}]},
        {"op": "=", "args": [{"property": "at"}, {"timestamp": "2021-01-01"}]},
        {"op": "=", "args": [{"property": "at"}, {"interval": ["..", ".."]}]},
        {"op": "in", "args": [{"property": "n"}, []]},
        {"op": "in", "args": [{"property": "n"}, 1]},
        {"op": "in", "args": [{"property": "n"}, [None]]},
        {"op": "in", "args": [{"property": "n"}, ["x"]]},
        {"op": "in", "args": [{"property": "geom"}, [1]]},
        {"op": "between", "args": [{"property": "n"}, 1]},
        {"op": "like", "args": [{"property": "name"}, 5]},
        {"op": "like", "args": [{"property": "name"}, {"property": "name"}]},
        {"op": "like", "args": [{"property": "n"}, "5%"]},
        {"op": "like", "args": [{"property": "name"}, "a\\"]},
        {"op": "like", "args": [{"property": "name"}, "a\\\\\\"]},
        {"op": "casei", "args": [{"property": "name"}]},
        {"op": "=", "args": [{"op": "casei", "args": []}, "x"]},
        {"op": "=", "args": [{"op": "casei", "args": [{"property": "n"}]}, "x"]},
        {"op": "=", "args": [{"op": "+", "args": [{"property": "name"}, 1]}, 1]},
        {"op": "=", "args": [{"op": "+", "args": [1]}, 1]},
        {"op": "isNull", "args": []},
        {"op": "isNull", "args": [{"property": "gone"}]},
        {"op": "t_after", "args": [{"property": "n"}, {"date": "2021-01-01"}]},
        {"op": "t_after", "args": [{"property": "at"}, "soon"]},
        {"op": "t_after", "args": [{"property": "at"}, {"interval": [".."]}]},
        {
            "op": "t_during",
            "args": [{"property": "at"}, {"interval": ["2021-02-01", "2021-01-01"]}],
        },
        {"op": "s_intersects", "args": [{"property": "geom"}]},
        {"op": "s_intersects", "args": [{"property": "n"}, {"property": "geom"}]},
        {"op": "s_intersects", "args": [{"property": "geom"}, "POINT(1 1)"]},
        {"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": [1, 2, 3]}]},
        {"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": [1, 2, 3, "4"]}]},
        {"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": [1, 2, 3, True]}]},
        {"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": [0, 5, 1, 4]}]},
        {"op": "s_dwithin", "args": [{"property": "geom"}, geometry("Point", [1, 1])["args"][1]]},
        {"op": "s_dwithin", "args": [{"property": "geom"}, {"bbox": [0, 0, 1, 1]}, -1]},
        {"op": "s_dwithin", "args": [{"property": "geom"}, {"bbox": [0, 0, 1, 1]}, "5"]},
        {"op": "s_dwithin", "args": [{"property": "geom"}, {"bbox": [0, 0, 1, 1]}, True]},
        {"op": "s_dwithin", "args": [{"property": "geom"}, {"bbox": [-90, 0, 90, 1]}, 5]},
        geometry("Circle", [1, 1]),
        geometry("Point", None),
        geometry("Point", []),
        geometry("Point", [1]),
        geometry("Point", [1, "2"]),
        geometry("Point", [1, 10**400]),
        geometry("Point", [1, 2, 3, 4, 5]),
        geometry("Point", [181, 0]),
        geometry("Point", [0, -90.1]),
        geometry("LineString", [[1, 1]]),
        geometry("LineString", [[1, 1], [1, 1]]),
        geometry("LineString", [[1, 1], 5]),
        geometry("Polygon", []),
        geometry("Polygon", [[]]),
        geometry("Polygon", [[[0, 0], [1, 0], [1, 1]]]),
        geometry("Polygon", [[[0, 0], [1, 0], [1, 1], [0, 1]]]),
        geometry("Polygon", [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]),
        geometry("Polygon", [[[0, 0], [0, 0], [0, 0], [0, 0]]]),
        geometry("MultiPolygon", [[[0, 0], [1, 0], [1, 1], [0, 0]]]),
        {"op": "s_intersects", "args": [{"property": "geom"}, {"type": "GeometryCollection"}]},
        {
            "op": "s_intersects",
            "args": [{"property": "geom"}, {"type": "GeometryCollection", "geometries": [1]}],
        },
        {"op": "a_contains", "args": [{"property": "name"}, ["x"]]},
        {"op": "avg", "args": [{"property": "n"}]},
        {"op": "=", "args": [{"op": "avg", "args": [{"property": "n"}]}, 1]},
        {"function": {"name": "avg", "args": []}},
        {"property": "n"},
    ],
)
def test_refused(expression: Any) -> None:
    with pytest.raises(BadFilter) as caught:
        compile_filter(expression, QUERYABLES)
    assert caught.value.en.endswith((".", "?"))
    assert caught.value.vi.endswith((".", "?"))
    assert caught.value.vi != caught.value.en
