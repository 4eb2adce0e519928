"""Positions as people paste them."""

from __future__ import annotations

import pytest

from api.sos.fields import phone_number
from api.sos.position import PositionError, read_position
from layers.province import load_province

PROVINCE = load_province("quang-nam")


@pytest.mark.parametrize(
    ("text", "lon", "lat", "source"),
    [
        ("15.5736, 108.4740", 108.474, 15.5736, "coordinates"),
        ("15,5736; 108,4740", 108.474, 15.5736, "coordinates"),
        ("108.4740 15.5736", 108.474, 15.5736, "coordinates"),
        ("15.5736° N, 108.4740° E", 108.474, 15.5736, "coordinates"),
        ("15.5736 B 108.4740 Đ", 108.474, 15.5736, "coordinates"),
        ("-33.86, 151.21", 151.21, -33.86, "coordinates"),
        ("15°34'24.96\"N 108°28'26.4\"E", 108.474, 15.5736, "coordinates"),
        ("15° 34′ 24,96″ B, 108° 28′ 26,4″ Đ", 108.474, 15.5736, "coordinates"),
        ("https://www.google.com/maps?q=15.5736,108.4740", 108.474, 15.5736, "map_link"),
        ("https://www.google.com/maps/@15.5736,108.4740,17z", 108.474, 15.5736, "map_link"),
        (
            "https://www.google.com/maps/place/X/@15.6,108.5,17z/data=!3m1!4b1!4m5!3m4!1s0x0:0x0"
            "!8m2!3d15.5736!4d108.474",
            108.474,
            15.5736,
            "map_link",
        ),
        ("https://maps.google.com/?ll=15.5736,108.474", 108.474, 15.5736, "map_link"),
        (
            "https://www.google.com/maps/search/?api=1&query=15.5736%2C108.474",
            108.474,
            15.5736,
            "map_link",
        ),
        ("https://www.google.com/maps/search/15.5736,+108.474", 108.474, 15.5736, "map_link"),
        ("geo:15.5736,108.474;u=20", 108.474, 15.5736, "map_link"),
        (
            "https://www.openstreetmap.org/?mlat=15.5736&mlon=108.474#map=17/15.57/108.47",
            108.474,
            15.5736,
            "map_link",
        ),
        ("7P7CHFFF+CJ", 108.474, 15.5736, "plus_code"),
        ("HFFF+CJ Tam Kỳ", 108.474, 15.5736, "plus_code"),
        ("https://plus.codes/7P7CHFFF+CJ", 108.474, 15.5736, "plus_code"),
    ],
)
def test_position(text: str, lon: float, lat: float, source: str) -> None:
    found = read_position(text, PROVINCE)
    assert (found.lon, found.lat) == pytest.approx((lon, lat), abs=1.5e-4)
    assert found.source == source


@pytest.mark.parametrize(
    "text",
    [
        "", "sau trường học", "15.5736", "https://maps.app.goo.gl/abcdef", "https://example.org/",
        "95, 200", "1e999, 5", "15°N 16°N", "geo:a,b", "nan, nan", "https://[::1",
        "15°34'N 16°34'N",
    ],
)  # fmt: skip
def test_no_position(text: str) -> None:
    with pytest.raises(PositionError) as raised:
        read_position(text, PROVINCE)
    assert raised.value.text.vi
    assert raised.value.text.en


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("0905 123 456", "0905123456"),
        ("+84905123456", "0905123456"),
        ("0084 905.123.456", "0905123456"),
        ("84905123456", "0905123456"),
        ("(0235) 3852 123", "02353852123"),
        ("+1 212 555 0100", "12125550100"),
        ("113", "113"),
        (905123456, "905123456"),
        ("call me", None),
        ("٠٩٠٥١٢٣٤٥٦", None),
        ("1" * 16, None),
        (True, None),
    ],
)
def test_phone_numbers(text: object, digits: str | None) -> None:
    assert phone_number(text) == digits
