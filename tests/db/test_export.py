"""Exports: what is read back from each format is what the table holds."""

from __future__ import annotations

import csv
import json
import struct
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import psycopg2
import pyarrow.parquet
import pyogrio
import pytest
import shapely

from layers.catalogue import CATALOGUE
from layers.database import DatabaseUnavailable
from layers.exporting import Export, ExportError, export_query
from layers.query import Query
from spatial.crs import crs_from_srid
from tests.conftest import DEMO_SOS, ROOT, command, environment

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HOTELS = CATALOGUE["hotels"]
NAMES = [column.name for column in HOTELS.columns]


@pytest.fixture
def stored(database_url: str) -> dict[str, tuple[Any, ...]]:
    """The hotels by code: the public columns, longitude and latitude."""
    connection = psycopg2.connect(database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(NAMES)}, ST_X(geom), ST_Y(geom) FROM layer.hotels")
        rows = {row[1]: row for row in cursor.fetchall()}
    connection.close()
    return rows


def _utc(moment: datetime) -> datetime:
    """FlatGeobuf's reader gives times in UTC without saying so."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def comparable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_utc(value) if isinstance(value, datetime) else value for value in row)


@pytest.mark.parametrize("ending", ["gpkg", "fgb"])
def test_gdal_formats_read_back(
    database_url: str, tmp_path: Path, stored: dict[str, tuple[Any, ...]], ending: str
) -> None:
    path = tmp_path / f"hotels.{ending}"
    assert export_query(database_url, Query(HOTELS), path) == len(stored)
    meta, table = pyogrio.read_arrow(path)
    assert meta["crs"] == "EPSG:4326"
    assert meta["geometry_type"] == "Point"
    assert list(meta["fields"]) == NAMES
    assert table.num_rows == len(stored)
    shapes = table.column(meta["geometry_name"] or "wkb_geometry").to_pylist()
    for record, octets in zip(table.to_pylist(), shapes, strict=True):
        point = shapely.from_wkb(octets)
        found = (*(record[name] for name in NAMES), point.x, point.y)
        assert comparable(found) == comparable(stored[record["code"]])


def test_geoparquet_reads_back(
    database_url: str, tmp_path: Path, stored: dict[str, tuple[Any, ...]]
) -> None:
    path = tmp_path / "hotels.parquet"
    export_query(database_url, Query(HOTELS), path)
    file = pyarrow.parquet.ParquetFile(path)
    geo = json.loads(file.metadata.metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    column = geo["columns"][geo["primary_column"]]
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Point"])
    assert "crs" not in column  # OGC:CRS84, the default
    lons, lats = ([row[at] for row in stored.values()] for at in (-2, -1))
    assert column["bbox"] == [min(lons), min(lats), max(lons), max(lats)]
    records = file.read().to_pylist()
    assert len(records) == len(stored)
    for record in records:
        x, y = struct.unpack("<Bi2d", record["geometry"])[2:]
        found = (*(record[name] for name in NAMES), x, y)
        assert comparable(found) == comparable(stored[record["code"]])


def test_csv_reads_back(
    database_url: str, tmp_path: Path, stored: dict[str, tuple[Any, ...]]
) -> None:
    path = tmp_path / "hotels.csv"
    export_query(database_url, Query(HOTELS), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = list(csv.DictReader(file))
    assert len(records) == len(stored)
    for record in records:
        row = dict(zip([*NAMES, "lon", "lat"], stored[record["code"]], strict=True))
        assert record["name"] == row["name"]
        assert record["paid_quarantine"] == str(row["paid_quarantine"]).lower()
        assert datetime.fromisoformat(record["updated_at"]) == row["updated_at"]
        assert (float(record["lon"]), float(record["lat"])) == (row["lon"], row["lat"])


def test_xlsx_reads_back(
    database_url: str, tmp_path: Path, stored: dict[str, tuple[Any, ...]]
) -> None:
    path = tmp_path / "hotels.xlsx"
    export_query(database_url, Query(HOTELS), path, time_zone=ZONE)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    head, *records = sheet.iter_rows(values_only=True)
    assert list(head) == [*NAMES, "lon", "lat"]
    assert len(records) == len(stored)
    for record in records:
        found = tuple(
            one.replace(tzinfo=ZONE) if isinstance(one, datetime) else one for one in record
        )
        assert comparable(found) == comparable(stored[str(record[1])])


def test_geojson_is_what_the_service_sends(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "units.geojson"
    export_query(database_url, Query(CATALOGUE["admin_units"]), path)
    collection = json.loads(path.read_text(encoding="utf-8"))
    assert len(collection["features"]) == 97
    province = next(one for one in collection["features"] if one["id"] == "49")
    assert province["properties"]["name"] == "Tỉnh Quảng Nam"
    assert pyogrio.read_info(path)["crs"] == "EPSG:4326"


@pytest.mark.parametrize("ending", ["gpkg", "fgb", "geojson", "parquet"])
def test_another_crs_is_named_and_x_comes_first(
    database_url: str, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"hotels.{ending}"
    export_query(database_url, Query(HOTELS, crs=crs_from_srid(5899)), path)
    if ending == "parquet":
        file = pyarrow.parquet.ParquetFile(path)
        column = json.loads(file.metadata.metadata[b"geo"])["columns"]["geometry"]
        assert column["crs"]["id"]["code"] == 5899
        bounds = column["bbox"]
    else:
        info = pyogrio.read_info(path, force_total_bounds=True)
        assert info["crs"] == "EPSG:5899"
        bounds = info["total_bounds"]
    west, south, east, north = bounds
    assert 440_000 < west < east < 620_000
    assert 1_650_000 < south < north < 1_800_000


def test_columns_that_are_not_public_stay_in(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "sos.csv"
    assert export_query(database_url, Query(CATALOGUE["sos_requests"]), path) == DEMO_SOS
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = next(csv.reader(file))
    assert {"category", "priority", "people"} <= set(head)
    assert not {"injured", "children", "elderly", "channel", "accuracy_m"} & set(head)


def test_text_never_becomes_a_formula(fresh_database_url: str, tmp_path: Path) -> None:
    connection = psycopg2.connect(fresh_database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE layer.hotels SET name = '=1+1' WHERE code = 'KS-001'")
    connection.close()
    path = tmp_path / "hotels.xlsx"
    export_query(fresh_database_url, Query(HOTELS), path)
    cells = [
        cell
        for row in openpyxl.load_workbook(path).worksheets[0].iter_rows()
        for cell in row
        if cell.value == "=1+1"
    ]
    assert [cell.data_type for cell in cells] == ["s"]


def test_a_sheet_that_is_too_small_is_refused(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layers.exporting.MAX_ROWS", 39)
    with pytest.raises(ExportError, match="39"):
        export_query(database_url, Query(HOTELS), tmp_path / "hotels.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_export_leaves_the_old_file(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hotels.gpkg"
    path.write_text("old")
    monkeypatch.setattr("layers.exporting.BATCH", 10)

    def stop(done: int, total: int) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_query(database_url, Query(HOTELS), path, progress=stop)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["hotels.gpkg"]


def test_an_export_cancelled_before_it_began_leaves_nothing(
    database_url: str, tmp_path: Path
) -> None:
    work = Export(database_url, Query(HOTELS), tmp_path / "hotels.gpkg")
    work.cancel()
    with pytest.raises(ExportError, match="cancelled"):
        work.run()
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_dies_is_an_error(database_url: str, tmp_path: Path) -> None:
    work = Export(database_url, Query(HOTELS), tmp_path / "hotels.gpkg")
    with pytest.raises(RuntimeError, match="status"):
        work.run(lambda done, total: work.cancel())
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    nowhere = f"postgresql://nobody@/none?host={tmp_path}"
    with pytest.raises(DatabaseUnavailable, match="No such file"):
        export_query(nowhere, Query(HOTELS), tmp_path / "hotels.csv")


@pytest.mark.parametrize("ending", ["gpkg", "parquet", "geojson"])
def test_the_command_needs_little_memory(database_url: str, tmp_path: Path, ending: str) -> None:
    """The most that it or its writer held; what it takes grows little with the layer."""
    command = ["-m", "api.cli", "export", "sos_requests", str(tmp_path / f"sos.{ending}")]
    # A process between, since the kernel also counts what the one that starts another holds.
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, sys.executable, *command],
        cwd=ROOT,
        env=environment(database_url, {}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout.split()[-1]) * 1024 < 150_000_000


def export(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return command("export", *arguments, database_url=database_url)


def test_the_command_filters(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "sos.geojson"
    done = export(
        database_url, "sos_requests", str(path), "--filter", "priority IN ('critical', 'none')",
        "--bbox", "108,15.5,109,16", "--columns", "code,priority", "--datetime", "../2100-01-01",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert 0 < len(features) < DEMO_SOS
    for feature in features:
        assert feature["properties"].keys() == {"code", "priority"}
        assert feature["properties"]["priority"] == "critical"
        assert feature["geometry"]["coordinates"][0] >= 108


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("hotels", "h.doc"), ".gpkg"),
        (("nothing", "h.csv"), "checkpoints"),
        (("hotels", "h.csv", "--filter", "rooms >"), "The filter ends"),
        (("hotels", "h.csv", "--filter", "depth = 1"), "depth"),
        (("sos_requests", "h.csv", "--columns", "code,injured"), "injured"),
        (("sos_requests", "h.csv", "--filter", "injured > 0"), "injured"),
        (("hotels", "h.csv", "--bbox", "1,2,3"), "bbox"),
        (("hotels", "h.csv", "--crs", "EPSG:1"), "EPSG:1"),
        (("admin_units", "h.csv", "--datetime", "2021-01-01"), "admin_units"),
        (("hotels", "no/such/folder/h.csv"), "no/such/folder"),
    ],
)
def test_what_is_wrong_is_one_line(
    database_url: str, arguments: tuple[str, ...], said: str
) -> None:
    done = export(database_url, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
