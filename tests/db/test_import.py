"""Imports: each format, good rows and bad ones, all or nothing."""

from __future__ import annotations

import csv
import json
import time
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import psycopg2
import pyarrow as pa
import pyogrio
import pyproj
import pytest
import shapely

from layers.catalogue import CATALOGUE
from layers.exporting import export_query, psycopg2_text
from layers.importing import ImportFailed, ImportResult, Problem, import_file
from layers.province import load_province
from layers.query import Query
from layers.tiles import tile_source
from spatial.mvt import tile_sql
from spatial.tiles import WEB_MERCATOR_QUAD
from tests.conftest import DEMO_SOS, command

PROVINCE = load_province("quang-nam")
HOTELS = CATALOGUE["hotels"]
HEAD = ("Mã cơ sở", "Tên cơ sở", "Trạng thái", "Cách ly có trả phí", "Tổng số phòng", "Kinh độ",
        "Vĩ độ")  # fmt: skip
GOOD = (
    ("X-1", "Nhà khách Một", "Còn phòng", "có", 20, 108.33, 15.88),
    ("X-2", "Nhà khách Hai", "full", "no", 30, 108.48, 15.57),
)


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def count(url: str, table: str = "hotels") -> int:
    return int(rows(url, f"SELECT count(*) FROM layer.{table}")[0][0])


def load(url: str, path: Path, layer: str = "hotels", **options: Any) -> ImportResult:
    return import_file(url, PROVINCE, CATALOGUE[layer], path, **options)


def write_csv(
    path: Path, head: Sequence[str], body: Iterable[Sequence[object]], encoding: str = "utf-8"
) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([head, *body])
    return path


def write_xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["DANH SÁCH CƠ SỞ LƯU TRÚ"])
    sheet.append([])
    for row in (HEAD, *GOOD):
        sheet.append(list(row))
    book.save(path)
    return path


def write_vector(path: Path, driver: str, crs: str, points: Sequence[tuple[float, float]]) -> Path:
    table = pa.table(
        {
            "code": [row[0] for row in GOOD],
            "name": [row[1] for row in GOOD],
            "state": ["available", "full"],
            "rooms": [row[4] for row in GOOD],
            "geometry": shapely.to_wkb(shapely.points(points)),
        }
    )
    pyogrio.write_arrow(
        table, path, driver=driver, geometry_name="geometry", geometry_type="Point", crs=crs,
        encoding="UTF-8",
    )  # fmt: skip
    return path


def zipped(path: Path) -> Path:
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as file:
        for part in path.parent.glob(f"{path.stem}.*"):
            if part.suffix != ".zip":
                file.write(part, part.name)
    return archive


DEGREES = [(row[5], row[6]) for row in GOOD]
METRES = [
    pyproj.Transformer.from_crs(4326, 5899, always_xy=True).transform(*place) for place in DEGREES
]


@pytest.mark.parametrize("kind", ["csv", "bom", "utf16", "semicolon", "xlsx", "geojson", "gpkg",
                                  "shp", "zip"])  # fmt: skip
def test_every_format_arrives(empty_loaded: str, tmp_path: Path, kind: str) -> None:
    url = empty_loaded
    if kind == "xlsx":
        path = write_xlsx(tmp_path / "h.xlsx")
    elif kind == "geojson":
        path = write_vector(tmp_path / "h.geojson", "GeoJSON", "EPSG:4326", DEGREES)
    elif kind == "gpkg":
        path = write_vector(tmp_path / "h.gpkg", "GPKG", "EPSG:5899", METRES)
    elif kind in ("shp", "zip"):
        path = write_vector(tmp_path / "h.shp", "ESRI Shapefile", "EPSG:5899", METRES)
        path = zipped(path) if kind == "zip" else path
    elif kind == "semicolon":
        path = tmp_path / "h.csv"
        body = [";".join(str(cell).replace(".", ",") for cell in row) for row in (HEAD, *GOOD)]
        path.write_text("\r\n".join(body), encoding="utf-8-sig")
    else:
        encoding = {"csv": "utf-8", "bom": "utf-8-sig", "utf16": "utf-16"}[kind]
        path = write_csv(tmp_path / "h.csv", HEAD, GOOD, encoding)
    result = load(url, path)
    assert (result.read, result.inserted, result.bad, result.problems) == (2, 2, 0, [])
    found = rows(
        url,
        "SELECT code, name, state, rooms, district_code, round(ST_X(geom)::numeric, 2),"
        " round(ST_Y(geom)::numeric, 2) FROM layer.hotels ORDER BY code",
    )
    assert [row[:5] for row in found] == [
        ("X-1", "Nhà khách Một", "available", 20, "503"),
        ("X-2", "Nhà khách Hai", "full", 30, "502"),
    ]
    places = [float(number) for *_, x, y in found for number in (x, y)]
    assert places == pytest.approx([number for place in DEGREES for number in place], abs=0.006)


@pytest.fixture
def empty_loaded(fresh_database_url: str) -> str:
    """A database with the administrative units and no hotel."""
    rows(fresh_database_url, "DELETE FROM register.stays; DELETE FROM layer.hotels")
    return fresh_database_url


def test_the_place_can_be_a_commune(empty_loaded: str, tmp_path: Path) -> None:
    head = ("code", "name", "rooms", "Mã xã")
    body = [("X-1", "Một", 5, "20410"), ("X-2", "Hai", 5, "Phường Hội An"), ("X-3", "Ba", 5, "1")]
    path = write_csv(tmp_path / "h.csv", head, body)
    result = load(empty_loaded, path, valid_only=True)
    assert (result.inserted, result.bad) == (2, 1)
    assert rows(empty_loaded, "SELECT DISTINCT commune_code FROM layer.hotels") == [("20410",)]


BAD: dict[str, tuple[dict[str, object], str]] = {
    "required": ({"Tên cơ sở": ""}, "required"),
    "code": ({"Trạng thái": "sập"}, "one of"),
    "number": ({"Tổng số phòng": "nhiều"}, "whole number"),
    "fraction": ({"Tổng số phòng": "2.5"}, "whole number"),
    "minimum": ({"Tổng số phòng": -1}, "0 or more"),
    "maximum": ({"Tổng số phòng": 10_001}, "or less"),
    "too large": ({"Tổng số phòng": 10**18}, "too large"),
    "boolean": ({"Cách ly có trả phí": "có lẽ"}, "yes or no"),
    "too long": ({"Mã cơ sở": "X" * 25}, "longer than 24"),
    "NUL": ({"Tên cơ sở": "a\0b"}, "cannot be stored"),
    "no place": ({"Kinh độ": "", "Vĩ độ": ""}, "no place"),
    "half a place": ({"Kinh độ": ""}, "number"),
    "swapped": ({"Kinh độ": 15.88, "Vĩ độ": 108.33}, "swapped"),
    "not degrees": ({"Kinh độ": 562_085, "Vĩ độ": 1_755_930}, "--crs"),
    "infinite": ({"Kinh độ": "inf"}, "number"),
    "outside": ({"Kinh độ": 105.8, "Vĩ độ": 21.0}, "outside"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_told_with_its_line(empty_loaded: str, tmp_path: Path, case: str) -> None:
    change, said = BAD[case]
    bad: dict[str, object] = dict(zip(HEAD, GOOD[1], strict=True)) | change
    path = write_csv(tmp_path / "h.csv", HEAD, [GOOD[0], list(bad.values())])
    told: list[Problem] = []
    result = load(empty_loaded, path, report=told.append)
    assert (result.read, result.bad, result.written) == (2, 1, False)
    assert {problem.line for problem in told} == {3}
    assert any(said in problem.reason.en for problem in told)
    assert all(problem.reason.vi for problem in told)
    assert count(empty_loaded) == 0
    result = load(empty_loaded, path, valid_only=True)
    assert (result.inserted, result.bad, result.written) == (1, 1, True)
    assert rows(empty_loaded, "SELECT code FROM layer.hotels") == [("X-1",)]


def test_rules_between_rows_and_columns(empty_loaded: str, tmp_path: Path) -> None:
    head = ("code", "name", "rooms", "occupied", "lon", "lat")
    body = [
        ("X-1", "Một", 5, 5, 108.33, 15.88),
        ("X-1", "Hai", 5, 5, 108.33, 15.88),
        ("X-3", "Ba", 5, 6, 108.33, 15.88),
    ]
    told: list[Problem] = []
    load(empty_loaded, write_csv(tmp_path / "h.csv", head, body), report=told.append)
    assert {(problem.line, problem.column) for problem in told} == {(3, "code"), (4, None)}


def test_a_row_that_is_there_is_updated_or_refused(empty_loaded: str, tmp_path: Path) -> None:
    url = empty_loaded
    load(url, write_csv(tmp_path / "a.csv", HEAD, GOOD))
    (number,) = (row[0] for row in rows(url, "SELECT id FROM layer.hotels WHERE code = 'X-1'"))
    renamed = [("X-1", "Nhà khách Mới", *GOOD[0][2:]), GOOD[1]]
    path = write_csv(tmp_path / "b.csv", HEAD, renamed)
    refused = load(url, path, update=False)
    assert (refused.bad, refused.written) == (2, False)
    tried = load(url, path, dry_run=True)
    assert (tried.updated, tried.written) == (1, False)
    changes = "SELECT count(*) FROM dieuhanh.change WHERE layer = 'hotels'"
    before = rows(url, changes)[0][0]
    done = load(url, path)
    assert (done.inserted, done.updated, done.bad) == (0, 1, 0)
    assert rows(url, changes)[0][0] == before + 1  # the row that says the same is left alone
    found = rows(url, "SELECT id, name FROM layer.hotels WHERE code = 'X-1'")
    assert found == [(number, "Nhà khách Mới")]


@pytest.mark.parametrize("ending", ["gpkg", "fgb", "csv", "geojson", "xlsx"])
@pytest.mark.parametrize("layer", ["hotels", "quarantine_sites"])
def test_an_export_comes_back_unchanged(
    fresh_database_url: str, tmp_path: Path, layer: str, ending: str
) -> None:
    url, path = fresh_database_url, tmp_path / f"export.{ending}"
    export_query(url, Query(CATALOGUE[layer]), path, time_zone=PROVINCE.time_zone)
    result = load(url, path, layer)
    assert (result.inserted, result.updated, result.bad) == (0, 0, 0)
    assert result.read == count(url, layer)
    picture = f"SELECT md5(string_agg(feature, '|' ORDER BY code)) FROM layer.{layer}"
    before = rows(url, picture)
    rows(url, f"DELETE FROM register.stays; DELETE FROM layer.{layer}")
    again = load(url, path, layer)
    assert again.inserted == result.read
    if ending != "geojson":  # whose numbers as ids GDAL keeps to itself
        assert rows(url, picture) == before


def test_sos_requests_keep_their_ids(fresh_database_url: str, tmp_path: Path) -> None:
    url, path = fresh_database_url, tmp_path / "sos.geojson"
    export_query(url, Query(CATALOGUE["sos_requests"]), path)
    ids = rows(url, "SELECT md5(string_agg(id || code, ',' ORDER BY id)) FROM layer.sos_requests")
    rows(url, "DELETE FROM layer.sos_requests")
    assert load(url, path, "sos_requests").inserted == DEMO_SOS
    again = "SELECT md5(string_agg(id || code, ',' ORDER BY id)) FROM layer.sos_requests"
    assert rows(url, again) == ids


def test_areas_are_made_to_fit_or_refused(fresh_database_url: str, tmp_path: Path) -> None:
    def unit(code: str, parent: str, shape: dict[str, Any]) -> dict[str, Any]:
        properties = {"code": code, "name": "Xã Thử", "level": "commune", "kind": "commune"}
        properties |= {"parent_code": parent, "structure": "2025"}
        return {"type": "Feature", "properties": properties, "geometry": shape}

    ring = [[108.0, 15.0], [108.1, 15.0], [108.1, 15.1], [108.0, 15.0]]
    bow = [[108.0, 15.0], [108.1, 15.1], [108.1, 15.0], [108.0, 15.1], [108.0, 15.0]]
    features = [
        unit("T-1", "49", {"type": "Polygon", "coordinates": [ring]}),
        unit("T-2", "49", {"type": "Polygon", "coordinates": [bow]}),
        unit("T-3", "T-9", {"type": "Polygon", "coordinates": [ring]}),
        unit("T-4", "49", {"type": "Point", "coordinates": [108.0, 15.0]}),
    ]
    path = tmp_path / "units.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    told: list[Problem] = []
    result = load(fresh_database_url, path, "admin_units", valid_only=True, report=told.append)
    assert (result.inserted, result.bad) == (1, 3)
    reasons = {problem.line: problem.reason.en for problem in told}
    assert "invalid" in reasons[2]
    assert "is not in" in reasons[3]
    assert "Point" in reasons[4]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("h.doc", b"", "names no format"),
        ("h.csv", b"", "empty"),
        ("h.csv", b"code,name,rooms,lon,lat\n", "no rows"),
        ("h.csv", b"code,name\nX-1,A\n", "rooms"),
        ("h.csv", b"code,name,rooms\nX-1,A,5\n", "place"),
        ("h.csv", "code,name,rooms,lon,lat\nX-1,Nhà,5,108,15".encode("cp1258"), "UTF-8"),
        ("h.xlsx", b"not a workbook", "XLSX"),
        ("h.geojson", b"{", "cannot be read"),
        ("h.gpkg", b"SQLite format 3\0", "cannot be read"),
        ("h.zip", b"PK", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    database_url: str, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImportFailed, match=said):
        load(database_url, path)


def test_a_crs_that_proj_does_not_know_is_refused(database_url: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "h.csv", HEAD, GOOD)
    with pytest.raises(ImportFailed, match="EPSG:0"):
        load(database_url, path, crs="EPSG:0")


def test_any_crs_of_proj_will_do(empty_loaded: str, tmp_path: Path) -> None:
    body = [(*row[:5], *point) for row, point in zip(GOOD, METRES, strict=True)]
    path = write_csv(tmp_path / "h.csv", (*HEAD[:5], "x", "y"), body)
    definition = "+proj=tmerc +lat_0=0 +lon_0=107.75 +k=0.9999 +x_0=500000 +ellps=WGS84"
    assert load(empty_loaded, path, crs=definition).inserted == 2
    x, y = rows(empty_loaded, "SELECT ST_X(geom), ST_Y(geom) FROM layer.hotels ORDER BY code")[0]
    assert (x, y) == pytest.approx(DEGREES[0], abs=0.02)


def test_where_rows_came_from_is_noted(fresh_database_url: str, tmp_path: Path) -> None:
    url, query = fresh_database_url, "SELECT synthetic, source FROM dieuhanh.dataset"
    path = write_csv(tmp_path / "mine.csv", HEAD, GOOD)
    load(url, path)
    synthetic, source = rows(url, f"{query} WHERE layer = 'hotels'")[0]
    assert synthetic
    assert source.endswith("; mine.csv")
    rows(url, "DELETE FROM register.stays; DELETE FROM layer.hotels")
    load(url, path)
    assert rows(url, f"{query} WHERE layer = 'hotels'") == [(False, "mine.csv")]


def test_the_command_reports_and_refuses(empty_loaded: str, tmp_path: Path) -> None:
    bad = ("X-2", "", "sập", "no", 30, 108.48, 15.57)
    path = write_csv(tmp_path / "h.csv", HEAD, [GOOD[0], bad])
    report = tmp_path / "report.csv"
    arguments = ("import", "hotels", str(path), "--report", str(report))
    done = command(*arguments, database_url=empty_loaded)
    assert done.returncode == 2
    assert "1 / 2" in done.stderr
    with report.open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file))
    assert [(row["line"], row["column"]) for row in told] == [
        ("3", "Tên cơ sở"),
        ("3", "Trạng thái"),
    ]
    assert count(empty_loaded) == 0
    done = command(*arguments, "--valid-only", database_url=empty_loaded)
    assert done.returncode == 0, done.stderr
    assert count(empty_loaded) == 1


@contextmanager
def no_autovacuum(url: str) -> Iterator[None]:
    """What PostgreSQL does by itself would still see rows as they come as not committed."""
    switched = psycopg2.connect(url)
    switched.autocommit = True
    with closing(switched), switched.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET autovacuum = off")
        try:
            cursor.execute("SELECT pg_reload_conf()")
            deadline = time.monotonic() + 20
            while rows(url, OTHERS) != [(0,)]:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield
        finally:
            cursor.execute("ALTER SYSTEM RESET autovacuum")
            cursor.execute("SELECT pg_reload_conf()")


OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'autovacuum%'"
    " OR datname = current_database() AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()"
)


def visible(url: str, table: str) -> tuple[int, int]:
    """The pages of a table, and those that VACUUM found all rows of to be seen by everybody."""
    query = f"SELECT relpages, relallvisible FROM pg_class WHERE oid = '{table}'::regclass"
    ((pages, seen),) = rows(url, query)
    return pages, seen


def test_tiles_read_what_was_loaded_by_index_alone(empty_loaded: str, tmp_path: Path) -> None:
    body = [(f"N-{i}", f"Nhà khách {i}", "full", "no", 20, 108.33, 15.88) for i in range(300)]
    with no_autovacuum(empty_loaded):
        assert load(empty_loaded, write_csv(tmp_path / "h.csv", HEAD, body)).inserted == 300
    pages, seen = visible(empty_loaded, "layer.hotels")
    assert pages == seen > 0
    statement = tile_sql(
        tile_source(HOTELS), WEB_MERCATOR_QUAD, WEB_MERCATOR_QUAD.tile_at(108.33, 15.88, 13)
    )
    text, values = psycopg2_text(statement)
    connection = psycopg2.connect(empty_loaded)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {text}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    connection.close()
    assert "Index Only Scan" in plan
    assert "Heap Fetches: 0" in plan
