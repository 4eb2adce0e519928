"""Processes on a real database: what they count is what the database counts, and again the same."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from rasterio.io import MemoryFile

from layers.analysis.perform import perform
from layers.analysis.processes import PROCESSES, open_to, process_of
from layers.analysis.results import Result
from layers.analysis.surfaces import PROVENANCE
from layers.province import Province, load_province
from layers.rasters.registry import GEOTIFF
from layers.roles import ANYONE, Caller, Role
from spatial.errors import BadInput
from tests.conftest import command
from tests.people import person

ASKED: dict[str, dict[str, Any]] = {
    "hotspots": {"by": "hexagon", "size_m": 3000},
    "local-moran": {"by": "commune", "value": "rate", "seed": 7},
    "emerging-hotspots": {"step_days": 7},
    "clusters": {"distance_m": 800},
    "scan": {"permutations": 99},
    "nearest": {"to": "rescue_teams", "k": 2},
    "coverage-gap": {"distance_m": 4000},
    "service-area": {"minutes": 10, "filter": "category = 'medical'", "of": "rescue_teams"},
    "summary": {"period": "week", "value": "people"},
    "density": {"bandwidth_m": 3000, "cell_m": 400},
    "interpolate": {"layer": "shelters", "value": "capacity", "cell_m": 1000},
}
ELSEWHERE = {"zonal-statistics", "flows"}
"""Of rasters, which the shared database has none of (`tests/http/test_rasters.py`); for staff."""


@pytest.fixture(scope="session")
def province() -> Province:
    return load_province("quang-nam")


def run(
    database_url: str, province: Province, name: str, caller: Caller = ANYONE, **inputs: Any
) -> Any:
    process = process_of(name)
    asked = process.read({"layer": "sos_requests", **inputs})
    result = perform(process, asked, database_url=database_url, province=province, caller=caller)
    return json.loads(result.body)


def provenance(result: Result) -> Any:
    """How a result says it was made."""
    if result.media_type != GEOTIFF:
        return json.loads(result.body)["provenance"]
    with MemoryFile(result.body) as memory, memory.open() as opened:
        return json.loads(opened.tags()[PROVENANCE])


def value(database_url: str, text: str) -> Any:
    with psycopg2.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchone()[0]


def test_every_process_is_asked_here() -> None:
    assert ASKED.keys() | ELSEWHERE == PROCESSES.keys()


@pytest.mark.parametrize("name", ASKED)
def test_the_same_request_gives_the_same_octets(
    database_url: str, province: Province, name: str
) -> None:
    process = process_of(name)
    asked = process.read({"layer": "sos_requests"} | ASKED[name])
    first, second = (
        perform(process, asked, database_url=database_url, province=province, caller=ANYONE)
        for _ in range(2)
    )
    assert first.body == second.body
    assert first.media_type == process.media_type
    told = provenance(first)
    assert told["process"] == name
    assert told["version"] == process.version
    assert told["layer_version"] > 0
    # What the result tells of its inputs asks for the same result again.
    assert process.read(told["inputs"]) == asked


@pytest.mark.parametrize("by", ["commune", "district", "hexagon", "square"])
def test_no_event_is_lost(database_url: str, province: Province, by: str) -> None:
    found = run(database_url, province, "hotspots", by=by)
    counted = sum(one["properties"]["n"] for one in found["features"])
    outside = found["summary"].get("outside", 0)
    column = f"{by}_code" if by in ("commune", "district") else "id"
    total = value(database_url, f"SELECT count({column}) FROM layer.sos_requests")
    assert counted + outside == total
    assert sum(found["summary"]["classes"].values()) == len(found["features"])


@pytest.mark.parametrize(
    ("name", "asked"),
    [("hotspots", {}), ("emerging-hotspots", {"step_days": 7})],
)
def test_p_is_taken_from_what_is_asked_for(
    database_url: str, province: Province, name: str, asked: dict[str, Any]
) -> None:
    usual = run(database_url, province, name, **asked)
    normal = run(database_url, province, name, **asked, inference="normal")
    assert usual["provenance"]["inputs"]["inference"] == "permutation"
    assert normal["provenance"]["inputs"]["inference"] == "normal"
    pairs = [
        (one["properties"], other["properties"])
        for one, other in zip(usual["features"], normal["features"], strict=True)
        if one["properties"]["z"] is not None
    ]
    assert all(one["z"] == other["z"] for one, other in pairs)
    assert any(one["p"] > 1.2 * other["p"] for one, other in pairs)
    for _, other in pairs:
        assert other["p"] == pytest.approx(math.erfc(abs(other["z"]) / 2**0.5), rel=1e-6)
    with pytest.raises(BadInput, match="inference 'gamma'"):
        process_of(name).read({"layer": "sos_requests", "inference": "gamma"})


def test_a_filter_and_a_time_choose_the_events(database_url: str, province: Province) -> None:
    found = run(
        database_url, province, "summary", filter="category = 'medical'", datetime="2000-01-01/.."
    )
    expected = value(
        database_url, "SELECT count(*) FROM layer.sos_requests WHERE category = 'medical'"
    )
    assert found["summary"]["n"] == expected > 0


def test_weeks_are_the_provinces(database_url: str, province: Province) -> None:
    found = run(database_url, province, "summary", period="week", value="people")
    zone = province.time_zone.key
    expected = value(
        database_url,
        "SELECT json_agg(json_build_array(d, w, n, s) ORDER BY d, w) FROM (SELECT district_code d,"
        f" date_trunc('week', reported_at AT TIME ZONE '{zone}')::date w, count(*) n,"
        " sum(people) s FROM layer.sos_requests WHERE district_code IS NOT NULL GROUP BY 1, 2) x",
    )
    assert [[row["unit"], row["period"], row["n"], row["sum"]] for row in found["rows"]] == expected


@pytest.mark.parametrize("caller", [ANYONE, Caller(role=Role.ANALYST)], ids=["public", "staff"])
def test_a_process_reads_as_its_caller(
    database_url: str, province: Province, caller: Caller
) -> None:
    if caller is ANYONE:
        with pytest.raises(BadInput, match="accuracy_m"):
            run(database_url, province, "hotspots", caller, filter="accuracy_m > 1")
    else:
        run(database_url, province, "hotspots", caller, filter="accuracy_m > 1")


def test_a_planted_hotspot_is_found(fresh_database_url: str, province: Province) -> None:
    """Three hundred more requests within 2 km of one place: it becomes the hottest of all."""
    with psycopg2.connect(fresh_database_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform(ST_Centroid(geom), 5899) AS p"
            " FROM layer.admin_units WHERE level = 'district' ORDER BY area_km2 DESC LIMIT 1) AS d"
        )
        east, north = cursor.fetchone()
        rng = np.random.default_rng(1)
        angle, away = rng.uniform(0, 2 * np.pi, 300), 2000 * np.sqrt(rng.uniform(0, 1, 300))
        for x, y in zip(east + away * np.cos(angle), north + away * np.sin(angle), strict=True):
            cursor.execute(
                "INSERT INTO layer.sos_requests (id, code, category, priority, state, people,"
                " reported_at, geom_exact, geom) SELECT gen_random_uuid(),"
                " 'P' || substr(md5(random()::text), 1, 9), category, priority, 'new', 1, now(),"
                " g, g FROM (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), 5899), 4326) g)"
                " AS p, (SELECT category, priority FROM layer.sos_requests LIMIT 1) AS r",
                (float(x), float(y)),
            )
    found = run(
        fresh_database_url, province, "hotspots", by="hexagon", size_m=2000,
        filter="people = 1", datetime="2000-01-01/..",
    )  # fmt: skip
    hot = [one for one in found["features"] if one["properties"]["class"] == "hot_99"]
    assert max(one["properties"]["n"] for one in hot) >= 50
    top = max(found["features"], key=lambda one: one["properties"]["z"])
    assert top["properties"]["class"] == "hot_99"
    longitude = np.mean([x for x, _ in top["geometry"]["coordinates"][0]])
    latitude = np.mean([y for _, y in top["geometry"]["coordinates"][0]])
    away_m = value(
        fresh_database_url,
        f"SELECT ST_Distance(ST_Transform(ST_SetSRID(ST_MakePoint({longitude}, {latitude}), 4326),"
        f" 5899), ST_SetSRID(ST_MakePoint({east}, {north}), 5899))",
    )
    assert away_m < 3000


@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
def test_no_event_is_lost_in_a_density(database_url: str, province: Province, kernel: str) -> None:
    mass = {}
    for edge in ("reflected", "clipped"):
        process = process_of("density")
        asked = {"layer": "sos_requests", "kernel": kernel, "bandwidth_m": 4000, "edge": edge}
        result = perform(
            process, process.read(asked), database_url=database_url, province=province,
            caller=ANYONE,
        )  # fmt: skip
        with MemoryFile(result.body) as memory, memory.open() as opened:
            assert opened.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert opened.crs.to_epsg() == province.metric_srid
            assert np.isnan(opened.nodata)
            cell_km2 = opened.res[0] * opened.res[1] / 1e6
            found = opened.read(1, masked=True)
            # The corner of the box is not the province: there is no value, not 0.
            assert found.mask[0, 0]
        mass[edge] = float(found.sum(dtype=float)) * cell_km2
        assert result.summary["mass"] == pytest.approx(mass[edge], rel=1e-6)
    total = value(database_url, "SELECT count(*) FROM layer.sos_requests")
    assert mass["reflected"] == pytest.approx(total, rel=1e-5)
    assert 0.8 * total < mass["clipped"] < 0.999 * total


def test_coverage_adds_up(database_url: str, province: Province) -> None:
    found = run(database_url, province, "coverage-gap", layer="vaccination_points", distance_m=4000)
    people = [one["properties"]["people_beyond"] for one in found["features"]]
    assert sum(people) == found["summary"]["people_beyond"]
    far = run(database_url, province, "coverage-gap", layer="vaccination_points", distance_m=200000)
    assert far["summary"]["people_beyond"] == 0


def test_the_command_line_runs_the_same(
    database_url: str, province: Province, tmp_path: Path
) -> None:
    file = tmp_path / "hotspots.geojson"
    done = command(
        "analyse", "hotspots", str(file), "-i", "layer=sos_requests", "-i", "by=hexagon",
        "-i", "size_m=3000", database_url=database_url,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    own = json.loads(file.read_text())
    other = run(
        database_url, province, "hotspots", Caller(role=Role.ANALYST), by="hexagon", size_m=3000
    )
    assert own == other


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["none", "x.json"], "none"),
        (["hotspots", "x.json", "-i", "layer"], "layer"),
        (["hotspots", "x.json", "-i", "layer=none"], "none"),
        (["hotspots", "no/folder/x.json", "-i", "layer=sos_requests"], "no/folder"),
        (["hotspots", "x.json", "-i", "layer=sos_requests", "-i", "by=town"], "town"),
    ],
)
def test_the_command_line_says_what_is_wrong(
    database_url: str, arguments: list[str], named: str
) -> None:
    done = command("analyse", *arguments, database_url=database_url)
    assert done.returncode == 2
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_flows_are_for_staff_and_of_five_persons_or_more(
    database_url: str, province: Province, tmp_path: Path
) -> None:
    first, last = value(
        database_url,
        "SELECT ARRAY[min(day), max(day)]::text[] FROM private.check_in_day",
    )
    someone = person(database_url, Role.ANALYST)
    analyst = someone.caller

    def asked(caller: Caller, **inputs: Any) -> Any:
        process = process_of("flows")
        read = process.read({"first": first, "last": last, **inputs})
        made = perform(process, read, database_url=database_url, province=province, caller=caller)
        return json.loads(made.body)

    found = asked(analyst, by="district")
    flows = [one["properties"] for one in found["features"]]
    assert flows
    assert all(one["persons"] >= 5 and one["from"] != one["to"] for one in flows)
    assert found["summary"]["n"] == sum(one["n"] for one in flows)
    assert {one["geometry"]["type"] for one in found["features"]} == {"LineString"}
    file = tmp_path / "flows.geojson"
    days = ("-i", f"first={first}", "-i", f"last={last}", "-i", "by=district")
    done = command("analyse", "flows", str(file), "--as", someone.login, *days,
                   database_url=database_url)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(file.read_text()) == found
    more = asked(analyst, by="district", fewest=200)
    assert len(more["features"]) < len(flows)
    for role in Role:
        caller = ANYONE if role is Role.PUBLIC else person(database_url, role).caller
        if "flows" in open_to(role):
            assert asked(caller, by="district")["summary"] == found["summary"]
        else:
            with pytest.raises(BadInput):
                asked(caller, by="district")
    for wrong in ({"fewest": 4}, {"last": "2020-01-01"}, {"filter": "true"}, {"first": "x"}):
        with pytest.raises(BadInput):
            asked(analyst, **wrong)
