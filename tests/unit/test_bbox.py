"""The `bbox` parameter's grammar and rules."""

import pytest

from spatial.bbox import BadBbox, parse_bbox
from spatial.crs import CRS84, crs_from_srid
from spatial.sql import raw


def test_four_and_six_numbers() -> None:
    flat = parse_bbox("107.5, 15,108.25,16.5")
    assert flat.boxes == ((107.5, 15.0, 108.25, 16.5),)
    solid = parse_bbox("107.5,15,-10,108.25,16.5,2e3")
    assert solid.boxes == flat.boxes
    assert (solid.min_z, solid.max_z) == (-10.0, 2000.0)


def test_axis_order_of_the_crs() -> None:
    assert parse_bbox("15,107,16,108", crs_from_srid(4326)).boxes == ((107.0, 15.0, 108.0, 16.0),)
    assert parse_bbox("107,15,108,16", CRS84).boxes == ((107.0, 15.0, 108.0, 16.0),)


def test_across_the_antimeridian() -> None:
    bbox = parse_bbox("170,-20,-170,20")
    assert bbox.boxes == ((170.0, -20.0, 180.0, 20.0), (-180.0, -20.0, -170.0, 20.0))
    assert " OR " in bbox.sql(raw("geom")).render()[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1,2,3",
        "1,2,3,4,5",
        "1,2,3,4,5,6,7",
        "1,2,3,",
        "1,2,3,x",
        "1,2,3,NaN",
        "1,2,3,inf",
        "1,2,3,1e999",
        "1,2,3,0x10",
        "1,2,3,1_0",
        "1,2,3,٤",
        "1,2,3,4\x00",
        "0,10,1,5",  # latitudes the wrong way round
        "0,0,181,1",
        "-181,0,1,1",
        "0,-91,1,1",
        "0,0,1,91",
        "0,0,5,1,1,4",  # heights the wrong way round
        "(0,0,1,1)",
        "0;0;1;1",
        "\ud800,0,1,1",
    ],
)
def test_bad_boxes(text: str) -> None:
    with pytest.raises(BadBbox) as caught:
        parse_bbox(text)
    assert caught.value.en.endswith(".")
    assert caught.value.vi != caught.value.en


def test_a_projected_box_has_no_antimeridian() -> None:
    with pytest.raises(BadBbox, match="lower x 500000 is above the upper x 400000"):
        parse_bbox("500000,1600000,400000,1700000", crs_from_srid(5899))


def test_latitude_first_is_told_apart() -> None:
    with pytest.raises(BadBbox, match="Latitude 107 is not between -90 and 90"):
        parse_bbox("107,15,108,16", crs_from_srid(4326))


def test_a_box_beyond_the_projection_matches_nothing() -> None:
    bbox = parse_bbox("1e8,1e8,2e8,2e8", crs_from_srid(5899))
    assert bbox.sql(raw("geom")).render() == ("FALSE", [])


def test_values_are_bound() -> None:
    text, values = parse_bbox("107.5,15,108.25,16.5").sql(raw("geom"), points=True).render()
    assert "107.5" not in text
    assert 107.5 in values
