"""Values as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.ogc.view import TEMPLATES, environment
from api.pages import interval
from api.present import Cell, Presenter, Unit
from layers.catalogue import CATALOGUE

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = {"502": Unit("502", "Thành phố Tam Kỳ", "district")}
VI = Presenter("vi", ZONE, UNITS)
EN = Presenter("en", ZONE, UNITS)


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (0, "0", "0"),
        (-1234, "-1.234", "-1,234"),
        (1234567, "1.234.567", "1,234,567"),
        (1234.5, "1.234,5", "1,234.5"),
        (10.0, "10", "10"),
        (0.0000001, "0", "0"),
    ],
)
def test_numbers(value: float, vi: str, en: str) -> None:
    assert VI.number(value) == vi
    assert EN.number(value) == en


def test_significant_digits_without_powers_of_ten() -> None:
    assert VI.significant(156543.033928041) == "156.543"
    assert VI.significant(39135.758482010235) == "39.135,8"
    assert EN.significant(0.000037322767712) == "0.0000373228"


def test_days_and_instants() -> None:
    assert VI.day(date(2021, 8, 7)) == "07/08/2021"
    assert EN.day(date(2021, 8, 7)) == "7 Aug 2021"
    late = datetime(2021, 8, 7, 17, 30, tzinfo=UTC)
    assert VI.instant(late) == "00:30, 08/08/2021"
    assert EN.instant(late) == "00:30, 8 Aug 2021"


@pytest.mark.parametrize(
    ("layer", "column", "value", "vi"),
    [
        ("hotels", "state", "available", Cell("Còn phòng", "code")),
        ("hotels", "state", "unheard_of", Cell("unheard_of", "code")),
        ("hotels", "stars", None, Cell("–", "none")),
        ("hotels", "price_vnd", 1500000, Cell("1.500.000", "number")),
        ("hotels", "id", 12345, Cell("12345", "number")),
        ("hotels", "paid_quarantine", False, Cell("Không", "code")),
        ("hotels", "updated_at", "infinity", Cell("infinity")),
        ("hotels", "district_code", "999", Cell("999")),
        (
            "hotels",
            "district_code",
            "502",
            Cell("Thành phố Tam Kỳ", "place", href="/ogc/collections/admin_units/items/502"),
        ),
        (
            "quarantine_sites",
            "opened_on",
            "2021-05-01",
            Cell("01/05/2021", "time", "2021-05-01"),
        ),
    ],
)
def test_cells(layer: str, column: str, value: Any, vi: Cell) -> None:
    record = CATALOGUE[layer]
    assert VI.cell(record, record.column(column), value) == vi


def test_days_become_instants_of_the_zone() -> None:
    assert interval("2021-08-01", "2021-08-02", ZONE) == (
        "2021-07-31T17:00:00Z/2021-08-02T16:59:59Z"
    )
    assert interval("", "2021-08-02", ZONE) == "../2021-08-02T16:59:59Z"
    assert interval("2021-08-01", "", ZONE) == "2021-07-31T17:00:00Z/.."


def test_every_unit_of_a_record_has_words() -> None:
    for layer in CATALOGUE.values():
        for column in layer.columns:
            assert "{" not in VI.unit(column.unit)
            assert VI.type(layer, column.name)


@pytest.mark.parametrize("name", sorted(path.name for path in TEMPLATES.glob("*.html")))
def test_templates_compile(name: str) -> None:
    assert environment().get_template(name)
