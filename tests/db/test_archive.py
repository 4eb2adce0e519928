"""Archives of events in GeoParquet: counted in parts, the same as in the database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from layers.analysis import archive as archives
from layers.analysis.archive import Archive
from layers.analysis.perform import perform
from layers.analysis.processes import process_of
from layers.province import load_province
from layers.roles import ANYONE
from spatial.errors import BadInput
from tests.conftest import command

ASKED: list[tuple[str, dict[str, Any]]] = [
    ("hotspots", {"by": "hexagon", "size_m": 4000}),
    ("hotspots", {"by": "square", "size_m": 5000, "value": "people"}),
    ("hotspots", {"by": "district", "value": "people", "filter": "NOT (people < 3)"}),
    ("local-moran", {"by": "commune", "filter": "category IN ('medical', 'food') AND people > 1"}),
    ("emerging-hotspots", {"by": "hexagon", "size_m": 8000, "step_days": 5}),
    ("emerging-hotspots", {"by": "district", "filter": "category LIKE 'm%' OR people IS NULL"}),
    ("scan", {"permutations": 99, "step_days": 7, "max_steps": 3}),
    ("summary", {"period": "week", "value": "people", "filter": "people BETWEEN 2 AND 4"}),
    ("summary", {"period": "month"}),
]


@pytest.fixture(scope="module")
def folder(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The requests for help as an archive of two files."""
    folder = tmp_path_factory.mktemp("archive")
    whole = folder / "whole"
    done = command("export", "sos_requests", str(whole) + ".parquet", database_url=database_url)
    assert done.returncode == 0, done.stderr
    table = pq.read_table(str(whole) + ".parquet")
    parts = folder / "parts"
    parts.mkdir()
    pq.write_table(table.slice(0, 700), parts / "1.parquet", row_group_size=300)
    pq.write_table(table.slice(700), parts / "2.parquet", row_group_size=450)
    return parts


def run(database_url: str, name: str, archive: Archive | None, **inputs: Any) -> Any:
    process = process_of(name)
    found = perform(
        process,
        process.read({"layer": "sos_requests", **inputs}),
        database_url=database_url,
        province=load_province("quang-nam"),
        caller=ANYONE,
        archive=archive,
    )
    return json.loads(found.body)


@pytest.mark.parametrize(("name", "inputs"), ASKED)
def test_an_archive_gives_what_the_database_gives(
    database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, inputs: Any
) -> None:
    monkeypatch.setattr(archives, "PART_ROWS", 400)
    one = run(database_url, name, None, **inputs)
    other = run(database_url, name, Archive(folder), **inputs)
    told = other.pop("provenance")
    assert one.pop("provenance").keys() - told.keys() == {
        "layer_version",
        "layer_versions",
    }
    assert told["archive"]["events"] == sum(
        pq.read_metadata(file).num_rows for file in folder.iterdir()
    )
    assert one == other


def test_workers_count_the_same(database_url: str, folder: Path) -> None:
    from distributed import LocalCluster

    asked: dict[str, Any] = {"by": "hexagon", "size_m": 4000, "value": "people"}
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        shared = Archive(folder, cluster.scheduler_address)
        by_workers = run(database_url, "hotspots", shared, **asked)
    assert by_workers == run(database_url, "hotspots", Archive(folder), **asked)


@pytest.mark.parametrize(
    ("name", "inputs", "said"),
    [
        ("clusters", {}, "needs each event by itself"),
        ("hotspots", {"filter": "S_INTERSECTS(geom, BBOX(107, 15, 108, 16))"}, "s_intersects"),
        ("hotspots", {"filter": "CASEI(category) = CASEI('x')"}, "casei"),
        ("hotspots", {"filter": "no_column = 1"}, "no_column"),
    ],
)
def test_what_an_archive_cannot_do_is_said(
    database_url: str, folder: Path, name: str, inputs: Any, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        run(database_url, name, Archive(folder), **inputs)


def test_the_command_refuses_what_is_no_archive(database_url: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.parquet"
    bad.write_text("no parquet")
    for path, said in ((tmp_path / "none", "holds no .parquet"), (bad, "bad.parquet: ")):
        done = command(
            *("analyse", "hotspots", str(tmp_path / "out.geojson"), "-i", "layer=sos_requests"),
            *("--archive", str(path)),
            database_url=database_url,
        )
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out.geojson").exists()
