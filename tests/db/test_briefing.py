"""Briefings of every process on a real database: they say what the result says."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from math import asinh, radians, tan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader
from rasterio.io import MemoryFile
from rasterio.warp import transform

from api.briefing.findings import WITHOUT
from api.briefing.kinds import KINDS
from api.briefing.making import make, written
from api.briefing.methods import METHODS
from api.briefing.order import Form, Order
from api.briefing.page import Briefing
from api.cli.briefing import briefing as briefing_command
from api.cli.errors import UserError
from api.present import Presenter
from layers.analysis.perform import perform
from layers.analysis.processes import PROCESSES, process_of
from layers.analysis.results import GEOJSON, Result
from layers.province import Province, load_province
from layers.roles import ANYONE, Caller, Role
from spatial.errors import BadInput
from tests.conftest import command
from tests.db.test_analysis import ASKED, provenance

PROVINCE = load_province("quang-nam")
FEATURES = 20_000
VI = Presenter("vi", PROVINCE.time_zone, {})


def performed(database_url: str, name: str, caller: Caller = ANYONE, **inputs: Any) -> Result:
    """What a process gives for the requests for help, with the inputs of its test."""
    process = process_of(name)
    asked = process.read({"layer": "sos_requests"} | (inputs or ASKED[name]))
    return perform(process, asked, database_url=database_url, province=PROVINCE, caller=caller)


def result_of(database_url: str, name: str, caller: Caller = ANYONE, **inputs: Any) -> bytes:
    """Its body."""
    return performed(database_url, name, caller, **inputs).body


def ordered(
    database_url: str,
    result: bytes,
    form: Form = "html",
    language: str = "vi",
    drawn: int = FEATURES,
    province: Province = PROVINCE,
) -> Order:
    now = datetime.now(UTC)
    return Order(form, language, database_url, province, result, now, None, drawn)


def said(briefing: Briefing) -> str:
    """The summary, with spaces for those at which no line may end."""
    return " ".join(briefing.summary).replace("\u00a0", " ")


def test_every_process_has_its_form() -> None:
    assert KINDS.keys() == METHODS.keys() == PROCESSES.keys() - WITHOUT


@pytest.mark.parametrize("name", ASKED)
def test_each_process_has_a_briefing_in_both_languages(database_url: str, name: str) -> None:
    made = performed(database_url, name)
    result, told = made.body, provenance(made)
    order = replace(ordered(database_url, result), summary=made.summary)
    briefing = written(order)
    assert briefing.summary
    total = made.summary.get("people", made.summary["n"])
    assert VI.number(total) in said(briefing)
    assert briefing.marked == "DỮ LIỆU MÔ PHỎNG"
    assert briefing.map is not None
    if made.media_type == GEOJSON:
        features = json.loads(result)["features"]
        assert len(briefing.map.items) == len(features)
        assert sum(group.count for group in briefing.map.legend) == len(features)
    facts = " ".join(told for _, told in briefing.facts)
    for part in (name, told["version"], told["source"], *map(str, told["inputs"].values())):
        assert part in facts
    assert "Apache" in facts
    texts = " ".join(note.text for note in briefing.method)
    for author in re.findall(r"[A-Z][a-z]{4,}(?= \(?\d{4})", told["source"]):
        assert author in texts
    english = written(replace(order, language="en"))
    assert english.method != briefing.method
    assert {len(row) for row in briefing.table.rows} == {len(briefing.heads)}
    for text in (said(briefing), said(english), texts, facts):
        assert "{" not in text
        assert "None" not in text


def test_hotspots_are_counted_named_and_ordered(database_url: str) -> None:
    result = result_of(database_url, "hotspots", by="commune")
    content = json.loads(result)
    cells = [one["properties"] for one in content["features"]]
    hot = sorted(
        (one for one in cells if one["class"].startswith("hot_")), key=lambda one: -one["z"]
    )
    assert hot
    briefing = written(ordered(database_url, result))
    assert f"{len(hot)} nơi là điểm nóng" in said(briefing)
    confident = sum(one["class"] == "hot_99" for one in hot)
    assert f"{confident} ở mức tin cậy 99 %" in said(briefing)
    assert hot[0]["name"] in said(briefing)
    assert [row[0] for row in briefing.table.rows][: len(hot)] == [one["name"] for one in hot][:15]
    assert any("Benjamini" in note.text for note in briefing.method)
    raw = result_of(database_url, "hotspots", by="commune", correction="none")
    assert any("KHÔNG" in note.text for note in written(ordered(database_url, raw)).method)


def test_a_surface_lies_where_it_belongs(database_url: str) -> None:
    result = result_of(database_url, "density")
    briefing = written(ordered(database_url, result))
    assert briefing.map is not None
    picture = briefing.map.picture
    assert picture is not None
    with MemoryFile(result) as memory, memory.open() as raster:
        values = raster.read(1, masked=True)
        row, column = np.unravel_index(np.argmax(values.filled(-1)), values.shape)
        (longitude,), (latitude,) = transform(
            raster.crs, 4326, *([each] for each in raster.xy(row, column))
        )
    assert VI.significant(float(f"{values.max():.3g}")) in said(briefing)
    # The darkest of the picture is where the raster has most: by the picture's own bounds.
    pixels = np.asarray(Image.open(io.BytesIO(picture.png))).astype(int)
    west, south, east, north = picture.bounds
    height, width, _ = pixels.shape
    down = asinh(tan(radians(north))) - asinh(tan(radians(latitude)))
    whole = asinh(tan(radians(north))) - asinh(tan(radians(south)))
    found = pixels[int(down / whole * height), int((longitude - west) / (east - west) * width)]
    darkest = pixels[pixels[..., 3] == 255][:, :3].sum(axis=1).min()
    assert found[:3].sum() == darkest
    paper = PdfReader(io.BytesIO(make(ordered(database_url, result, "pdf"))))
    assert len(paper.pages[0].images) == 1


def test_zonal_statistics_are_classed_by_their_means(database_url: str) -> None:
    content = json.loads(result_of(database_url, "hotspots", by="district"))
    content["provenance"] |= {
        "process": "zonal-statistics",
        "inputs": {"layer": "admin_units", "raster": "heights"},
    }
    content["summary"] = {"areas": 18, "areas_without_values": 1, "pixels": 1700}
    for at, feature in enumerate(content["features"]):
        mean = None if at == 0 else 10.0 * at
        statistics = {"count": 100 if at else 0, "mean": mean, "min": 0.5, "max": 200.0}
        feature["properties"] = {"name": feature["properties"]["name"], **statistics}
    briefing = written(ordered(database_url, json.dumps(content).encode()))
    assert "18 vùng" in said(briefing)
    assert briefing.table.rows[0][0] == content["features"][-1]["properties"]["name"]
    assert briefing.map is not None
    assert [group.count for group in briefing.map.legend] == [4, 3, 3, 3, 4, 1]


def test_staffs_data_are_marked_and_a_large_map_is_bounded(database_url: str) -> None:
    staff = Caller(role=Role.ANALYST)
    result = result_of(database_url, "hotspots", staff, by="hexagon", size_m=5000)
    briefing = written(ordered(database_url, result, drawn=100))
    assert "LƯU HÀNH NỘI BỘ" in briefing.marked
    assert briefing.map is not None
    assert len(briefing.map.items) == 100
    assert "100" in briefing.map.left_out
    # What is left out is what says least.
    drawn = {item.values for item in briefing.map.items}
    assert set(briefing.table.rows) <= drawn


def test_the_paper_has_the_same_words(database_url: str) -> None:
    result = result_of(database_url, "hotspots", by="district")
    pages = PdfReader(io.BytesIO(make(ordered(database_url, result, "pdf")))).pages
    assert 1 < len(pages) < 5
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))
    briefing = written(ordered(database_url, result))
    for wanted in (briefing.title, *briefing.table.rows[0], briefing.method[0].heading):
        assert wanted.replace("\u00a0", " ") in text
    assert "Trang 1/" in text


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"{", "JSON"),
        (b"[]", "provenance"),
        (b'{"type":"FeatureCollection","features":[]}', "provenance"),
        (
            b'{"summary":{},"provenance":{"inputs":{"layer":"hotels"},"process":"hotspots"}}',
            "featur",
        ),
        (
            b'{"summary":{},"provenance":{"inputs":{"layer":"hotels"},"process":"none-such"},'
            b'"features":[]}',
            "none-such",
        ),
        (
            b'{"summary":{},"provenance":{"inputs":{"layer":"hotels"},"process":"hotspots"},'
            b'"features":[{"id":1,"properties":{},"geometry":{"type":"Point"}}]}',
            "features",
        ),
    ],
)
def test_what_is_no_result_is_told_so(database_url: str, body: bytes, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        written(ordered(database_url, body))


def test_the_command_runs_a_process_or_takes_its_result(database_url: str, tmp_path: Path) -> None:
    result, page, paper = (tmp_path / name for name in ("gi.geojson", "gi.html", "gi.pdf"))
    asked = ("-i", "layer=sos_requests", "-i", "by=district")
    done = command("briefing", str(page), "-p", "hotspots", *asked, database_url=database_url)
    assert done.returncode == 0, done.stderr
    assert "Điểm nóng" in page.read_text()
    result.write_bytes(result_of(database_url, "hotspots", by="district"))
    told = ("--result", str(result), "--lang", "en")
    done = command("briefing", str(paper), *told, database_url=database_url)
    assert done.returncode == 0, done.stderr
    assert "Hotspots" in PdfReader(paper).pages[0].extract_text()
    done = command("briefing", str(page), "--result", str(paper), database_url=database_url)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "JSON" in done.stderr


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    cases: tuple[tuple[Path, dict[str, Any], str], ...] = (
        (tmp_path / "gi.doc", {}, "must end in .html or .pdf"),
        (tmp_path / "none" / "gi.pdf", {}, "no folder"),
        (tmp_path / "gi.pdf", {}, "either --result or --process"),
        (tmp_path / "gi.pdf", {"result": tmp_path, "inputs": ["by=district"]}, "--input"),
        (tmp_path / "gi.pdf", {"result": tmp_path / "none"}, "none"),
    )
    for file, options, why in cases:
        with pytest.raises(UserError, match=why):
            briefing_command(file, **{"result": None, "process": None, "inputs": None, **options})
