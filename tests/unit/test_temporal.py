"""The `datetime` parameter's grammar and rules."""

from datetime import UTC, datetime

import pytest

from spatial.sql import raw
from spatial.temporal import BadDatetime, Interval, parse_datetime


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


DAY_END = (23, 59, 59, 999999)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2021-08-15T07:00:00Z", at(2021, 8, 15, 7), at(2021, 8, 15, 7)),
        ("2021-08-15t07:00:00z", at(2021, 8, 15, 7), at(2021, 8, 15, 7)),
        ("2021-08-15T07:00:00+07:00", at(2021, 8, 15), at(2021, 8, 15)),
        ("2021-08-15T07:00:00.25-00:30", *[at(2021, 8, 15, 7, 30, 0, 250000)] * 2),
        ("2021-08-15T07:00:00.1234567899Z", *[at(2021, 8, 15, 7, 0, 0, 123456)] * 2),
        ("2016-12-31T23:59:60Z", at(2017, 1, 1), at(2017, 1, 1)),
        ("2021-08-15", at(2021, 8, 15), at(2021, 8, 15, *DAY_END)),
        ("2020-02-29", at(2020, 2, 29), at(2020, 2, 29, *DAY_END)),
        ("2021-08-15/2021-08-16", at(2021, 8, 15), at(2021, 8, 16, *DAY_END)),
        ("2021-08-15/2021-08-15T12:00:00Z", at(2021, 8, 15), at(2021, 8, 15, 12)),
        ("../2021-08-15", None, at(2021, 8, 15, *DAY_END)),
        ("/2021-08-15", None, at(2021, 8, 15, *DAY_END)),
        ("2021-08-15/..", at(2021, 8, 15), None),
        ("2021-08-15/", at(2021, 8, 15), None),
        ("0000-01-01T00:00:00Z/2021-08-15", None, at(2021, 8, 15, *DAY_END)),
        ("2021-08-15/9999-12-31T23:59:59Z", at(2021, 8, 15), None),
        ("0000-01-01T00:00:00Z/9999-12-31T23:59:59Z", None, None),
        ("0001-01-01T00:00:00+14:00", *[datetime.min.replace(tzinfo=UTC)] * 2),
        ("9999-12-31T23:59:59-14:00", *[datetime.max.replace(tzinfo=UTC)] * 2),
    ],
)
def test_times(text: str, start: datetime | None, end: datetime | None) -> None:
    assert parse_datetime(text) == Interval(start, end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "/",
        "../..",
        "../",
        "/..",
        "yesterday",
        "2021",
        "2021-08",
        "2021-13-01",
        "2021-02-29",
        "2021-8-1",
        "20210815",
        "2021-08-15T",
        "2021-08-15T07:00:00",
        "2021-08-15T07:00Z",
        "2021-08-15 07:00:00Z",
        "2021-08-15T25:00:00Z",
        "2021-08-15T24:00:00Z",
        "2021-08-15T07:60:00Z",
        "2021-08-15T07:00:60Z",
        "2021-08-15T07:00:61Z",
        "2021-08-15T07:00:00+7",
        "2021-08-15T07:00:00+0700",
        "2021-08-15T07:00:00+24:00",
        "2021-08-15T07:00:00+07:60",
        "2021-08-15T07:00:00.Z",
        "2021-08-15T07:00:00,5Z",
        "07:00:00Z",
        "2021-08-16/2021-08-15",
        "2021-08-15/2021-08-16/2021-08-17",
        "0000-01-01",
        "0000-01-01T00:00:00Z",
        "0000-13-01/2021-08-15",
        "0000-rubbish/2021-08-15",
        "2021-08-15/9999-12-32",
        "2021-08-15/9999-rubbish",
        "２０２１-08-15",
        "2021-08-15\n",
        "2021-08-15\x00",
        "\ud800",
    ],
)
def test_bad_times(text: str) -> None:
    with pytest.raises(BadDatetime) as caught:
        parse_datetime(text)
    assert caught.value.en.endswith(".")
    assert caught.value.vi != caught.value.en


def test_an_open_interval_still_wants_a_time() -> None:
    everything = Interval(None, None)
    assert everything.sql(raw("at")).render() == ("at IS NOT NULL", [])
    assert everything.sql(raw("a"), raw("b")).render()[0] == "((a IS NOT NULL OR b IS NOT NULL))"
