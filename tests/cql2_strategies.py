"""Random filters in CQL2 JSON over the table of `tests/db/cql2_database.py`."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.db.cql2_database import NAMES

COMPARISONS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])


def op(name: Any, *args: Any) -> Any:
    """An operator of CQL2 JSON on strategies."""
    name = name if isinstance(name, st.SearchStrategy) else st.just(name)
    return st.builds(lambda name, args: {"op": name, "args": list(args)}, name, st.tuples(*args))


def prop(*names: str) -> Any:
    return st.sampled_from([{"property": name} for name in names])


LETTERS = st.text(alphabet="aăâđêôơưĂÂĐÊÔƠƯỳỷỗẾTtaAmM %_", max_size=6)
TEXTS = st.sampled_from([name for name in NAMES if name is not None]) | LETTERS
PATTERNS = st.lists(
    st.sampled_from(
        ["%", "_", "\\%", "\\_", "\\\\", "tam", "Tam", "K", "ỳ", "y", "Đ", " ", "a", "b"]
    ),
    max_size=5,
).map("".join)


def folded(text: Any) -> Any:
    return text | op(st.sampled_from(["casei", "accenti"]), text)


def folded_twice(text: Any) -> Any:
    return folded(folded(text))


TEXT = folded_twice(prop("name", "note") | TEXTS)
INTEGERS = st.integers(-4, 8)
LITERALS = INTEGERS | st.sampled_from([0.5, 2.5, -0.1, 1.5, 3.0])
NUMBER = st.recursive(
    prop("people", "rooms", "depth") | LITERALS,
    lambda inner: (
        op(st.sampled_from(["+", "-", "*", "/", "%", "div"]), inner, inner)
        | op("^", inner, INTEGERS)
    ),
    max_leaves=4,
)
DATES = st.integers(1, 7).map(lambda day: f"2021-08-{day:02}")
TIMESTAMPS = st.builds(
    lambda day, hour: f"2021-08-{day:02}T{hour:02}:00:00Z", st.integers(1, 7), st.integers(0, 23)
)
INSTANT = (
    prop("opened_on", "seen_at", "left_at")
    | DATES.map(lambda text: {"date": text})
    | TIMESTAMPS.map(lambda text: {"timestamp": text})
)
END = prop("seen_at", "left_at", "opened_on") | DATES | TIMESTAMPS
INTERVAL = st.builds(
    lambda start, end: {"interval": [start, end]}, END | st.just(".."), END | st.just("..")
)
RELATIONS = [
    *("after", "before", "contains", "during", "equals", "finishedby", "finishes", "intersects"),
    *("meets", "metby", "overlappedby", "overlaps", "startedby", "starts", "disjoint"),
]

GRID = st.integers(0, 8).map(float)
POSITION = st.tuples(GRID, GRID).map(list)
POINT = POSITION.map(lambda position: {"type": "Point", "coordinates": position})
BOX = st.builds(
    lambda x, y, width, height: {"bbox": [x, y, x + width, y + height]},
    GRID,
    GRID,
    st.integers(0, 4).map(float),
    st.integers(0, 4).map(float),
)
SHAPE = (
    POINT
    | BOX
    | st.lists(POSITION, min_size=2, max_size=4).map(
        lambda positions: {"type": "LineString", "coordinates": positions}
    )
    | st.lists(POSITION, min_size=3, max_size=5).map(
        lambda positions: {"type": "Polygon", "coordinates": [[*positions, positions[0]]]}
    )
    | st.lists(POSITION, min_size=1, max_size=3).map(
        lambda positions: {"type": "MultiPoint", "coordinates": positions}
    )
)
SPATIAL = [
    f"s_{name}"
    for name in ("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses")
] + ["s_contains"]

LEAF = (
    op(COMPARISONS, NUMBER, NUMBER)
    | op(COMPARISONS, TEXT, TEXT)
    | op(COMPARISONS, INSTANT, INSTANT)
    | op(COMPARISONS, prop("code"), prop("code", "note"))
    | op(COMPARISONS, prop("open"), st.booleans())
    | op("between", NUMBER, NUMBER, NUMBER)
    | op("between", INSTANT, INSTANT, INSTANT)
    | op("in", NUMBER, st.lists(LITERALS | prop("rooms"), min_size=1, max_size=4))
    | op("in", TEXT, st.lists(TEXTS, min_size=1, max_size=4))
    | op("like", TEXT, folded_twice(PATTERNS))
    | op("isNull", prop("name", "depth", "spot", "area", "open", "code", "seen_at") | NUMBER)
    | op(
        st.sampled_from([f"t_{name}" for name in RELATIONS]), INSTANT | INTERVAL, INSTANT | INTERVAL
    )
    | op(st.sampled_from(SPATIAL), prop("spot", "area"), SHAPE | prop("spot", "area"))
    | op(st.sampled_from(SPATIAL), SHAPE, prop("spot", "area"))
    | op(
        st.sampled_from(["s_dwithin", "s_beyond"]),
        prop("spot"),
        POINT | prop("spot"),
        st.sampled_from([0, 0.5, 111_000, 111_500, 250_000, 5e5, 1e8]),
    )
    | prop("open")
)
FILTER = st.recursive(
    LEAF,
    lambda inner: (
        op(st.sampled_from(["and", "or"]), inner, inner)
        | op("and", inner, inner, inner)
        | op("not", inner)
        | op(st.sampled_from(["=", "<>"]), inner, inner)
    ),
    max_leaves=6,
)
