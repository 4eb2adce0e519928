"""The records, the catalogue and the province's folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from layers.catalogue import CATALOGUE, Catalogue
from layers.layer import Audience, Layer
from layers.province import PROVINCES, ProvinceError, load_province
from layers.tables import metadata
from spatial.crs import listed_crs

EVERY = pytest.mark.parametrize("layer", CATALOGUE.values(), ids=list(CATALOGUE))
PRIVATE = {"name", "full_name", "phone", "note", "address", "photo", "reporter", "email"}


def test_the_layers_of_the_card_are_there() -> None:
    assert set(CATALOGUE) == {
        "admin_units", "checkpoints", "control_points", "quarantine_sites", "hotels",
        "vaccination_points",
        "medical_facilities", "network_assets", "sos_requests", "rescue_teams", "shelters",
        "alerts", "directives", "outbreak_zones", "risk_levels", "testing_sites",
        "hotspots", "emerging_hotspots", "local_moran", "event_clusters", "scan_clusters",
        "coverage_gaps",
    }  # fmt: skip
    grouped = [layer for layers in CATALOGUE.themes().values() for layer in layers]
    assert grouped == list(CATALOGUE.values())


def test_two_layers_cannot_share_an_id() -> None:
    layer = CATALOGUE["hotels"]
    with pytest.raises(ValueError, match="hotels"):
        Catalogue([layer, replace(layer)])


@EVERY
def test_everything_people_read_is_in_both_languages(layer: Layer) -> None:
    texts = [layer.title, layer.description, layer.theme.title]
    for column in layer.columns:
        texts.append(column.title)
        if column.codes is not None:
            texts += [column.codes.title, *(code.title for code in column.codes.codes)]
    assert all(text.vi.strip() and text.en.strip() for text in texts)
    assert all(ord(letter) < 0x250 for text in texts for letter in text.en)


@EVERY
def test_a_record_says_all_of_its_table_that_is_not_the_databases_own(layer: Layer) -> None:
    kept = {"geom", "geom_exact", "geom_3857", "feature", "search"}
    described = {column.name for column in layer.columns}
    left_out = set(layer.table.c.keys()) - kept - described
    assert left_out <= {"updated_at"}


@EVERY
def test_codes_and_ranges_of_a_record_are_checks_of_its_table(layer: Layer) -> None:
    checks = [
        str(constraint.sqltext)
        for constraint in layer.table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    ]
    for column in layer.columns:
        if column.codes is not None:
            (check,) = (text for text in checks if text.startswith(f'"{column.name}" IN'))
            assert all(f"'{value}'" in check for value in column.codes.values)
        if column.minimum is not None:
            assert f'"{column.name}" >= {column.minimum:g}' in checks


@EVERY
def test_a_steward_is_a_department_of_the_province(layer: Layer) -> None:
    assert load_province("quang-nam").department(layer.steward) is not None


@EVERY
def test_the_class_and_the_title_come_with_the_tiles(layer: Layer) -> None:
    assert layer.column(layer.title_column).in_tiles
    assert layer.class_column is not None
    assert layer.column(layer.class_column).in_tiles
    assert layer.column(layer.class_column).codes is not None


def test_an_sos_request_has_no_column_for_personal_data() -> None:
    table = CATALOGUE["sos_requests"].table
    assert not PRIVATE & set(table.c.keys())
    public = {column.name for column in CATALOGUE["sos_requests"].readable(Audience.PUBLIC)}
    assert not public & {"injured", "children", "elderly", "channel", "accuracy_m"}


def test_all_tables_lie_in_one_schema() -> None:
    assert {table.schema for table in metadata.tables.values()} == {"layer"}


def test_the_province_is_read_from_its_folder() -> None:
    province = load_province("quang-nam")
    assert (province.code, province.hotline, province.metric_srid) == ("49", "1022", 5899)
    assert province.name.vi == "Quảng Nam"
    assert str(province.time_zone) == "Asia/Ho_Chi_Minh"
    assert province.base_map is None
    assert {crs.srid for crs in listed_crs(province.crs_srids)} >= {4326, 3857, 4756, 5899}
    units = json.loads(province.admin_units_file.read_text(encoding="utf-8"))["features"]
    west, south, east, north = province.bbox
    for unit in units:
        for polygon in unit["geometry"]["coordinates"]:
            for lon, lat in polygon[0]:
                assert west <= lon <= east
                assert south <= lat <= north


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('code = "49"\n', "", "'code' is missing"),
        ("[107.21, ", "[109.21, ", "bbox"),
        ("Asia/Ho_Chi_Minh", "Asia/Nowhere", "Asia/Nowhere"),
        ('"communes_2021.csv"', '"missing.csv"', "missing.csv"),
        ('name = { vi = "Quảng Nam", en = "Quang Nam" }', 'name = "Quảng Nam"', "name"),
        ("[files]", "[files", "province.toml"),
        ("https://www.apache.org", "ftp://www.apache.org", "licence"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    source = PROVINCES / "quang-nam"
    settings = (source / "province.toml").read_text(encoding="utf-8")
    assert old in settings
    (tmp_path / "province.toml").write_text(settings.replace(old, new), encoding="utf-8")
    for name in ("admin_units.geojson", "communes_2021.csv"):
        (tmp_path / name).symlink_to(source / name)
    with pytest.raises(ProvinceError, match=said):
        load_province(tmp_path)


def test_a_province_that_is_not_there_is_named() -> None:
    with pytest.raises(ProvinceError, match="atlantis"):
        load_province("atlantis")
