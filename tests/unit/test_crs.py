"""Names, axis order and precision of coordinate reference systems."""

import pytest

from spatial.crs import CRS84, UnknownCrs, crs_from_srid, crs_from_uri, listed_crs


@pytest.mark.parametrize(
    ("text", "uri", "axis"),
    [
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", CRS84.uri, "xy"),
        ("https://www.opengis.net/def/crs/OGC/1.3/CRS84", CRS84.uri, "xy"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", CRS84.uri, "xy"),
        ("urn:ogc:def:crs:OGC::CRS84", CRS84.uri, "xy"),
        ("[OGC:CRS84]", CRS84.uri, "xy"),
        ("crs84", CRS84.uri, "xy"),
        (
            "http://www.opengis.net/def/crs/EPSG/0/4326",
            "http://www.opengis.net/def/crs/EPSG/0/4326",
            "yx",
        ),
        (
            "https://www.opengis.net/def/crs/EPSG/9.9.1/4326",
            "http://www.opengis.net/def/crs/EPSG/0/4326",
            "yx",
        ),
        ("[EPSG:4326]", "http://www.opengis.net/def/crs/EPSG/0/4326", "yx"),
        ("urn:ogc:def:crs:EPSG::3857", "http://www.opengis.net/def/crs/EPSG/0/3857", "xy"),
        (" EPSG:3405 ", "http://www.opengis.net/def/crs/EPSG/0/3405", "xy"),
        ("epsg:5899", "http://www.opengis.net/def/crs/EPSG/0/5899", "xy"),
        ("EPSG:4756", "http://www.opengis.net/def/crs/EPSG/0/4756", "yx"),
        ("EPSG:2326", "http://www.opengis.net/def/crs/EPSG/0/2326", "yx"),  # northing first
    ],
)
def test_names(text: str, uri: str, axis: str) -> None:
    crs = crs_from_uri(text)
    assert (crs.uri, crs.axis) == (uri, axis)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "EPSG:0000",
        "EPSG:999999",
        "EPSG:4979",  # three axes
        "EPSG:5773",  # heights only
        "[EPSG:4326",
        "http://www.opengis.net/def/crs/EPSG/0/4326/",
        "http://example.org/def/crs/EPSG/0/4326",
        "http://www.opengis.net/def/crs/OGC/0/CRS84h",
        "4326",
        "EPSG:٤٣٢٦",
        "EPSG:4326\x00",
        "\ud800",
    ],
)
def test_unknown_names(text: str) -> None:
    with pytest.raises(UnknownCrs) as caught:
        crs_from_uri(text)
    assert caught.value.value == text.strip()
    assert caught.value.en != caught.value.vi


def test_listed_systems_of_quang_nam() -> None:
    listed = listed_crs((4756, 3405, 3406, 5899))
    assert [crs.srid for crs in listed] == [4326, 4326, 3857, 4756, 3405, 3406, 5899]
    assert listed[0] == CRS84
    assert [crs.axis for crs in listed] == ["xy", "yx", "xy", "yx", "xy", "xy", "xy"]
    assert [crs.decimals for crs in listed] == [7, 7, 2, 7, 2, 2, 2]
    assert [crs.geographic for crs in listed] == [True, True, False, True, False, False, False]


def test_a_code_listed_twice_is_listed_once() -> None:
    assert len(listed_crs((3857, 5899, 5899))) == 4


def test_domain_holds_the_province_and_ends() -> None:
    crs = crs_from_srid(5899)
    assert crs.covers(480_000, 1_700_000)
    assert not crs.covers(1e9, 1_700_000)


def test_equality_is_of_the_name() -> None:
    assert crs_from_uri("EPSG:4326") == crs_from_srid(4326)
    assert crs_from_srid(4326) != CRS84
