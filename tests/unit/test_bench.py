"""The bench's own arithmetic: addresses, checks, medians, goals and the page it writes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import mapbox_vector_tile
import orjson
import psutil
import pytest
from shapely.geometry import Point

from bench.answers import Answer, differences, read
from bench.cases import CASES, Addresses, Ask, Case, Inputs
from bench.data import Database
from bench.limits import as_text
from bench.load import Load, parse, write_script
from bench.processes import BenchError, Server, run
from bench.report import BEGIN, END, Cached, Report, Result, page_part, speed_rows, write_page
from bench.servers import pygeoapi_config
from spatial.sql import bind, raw, sql

ROOT = Path(__file__).resolve().parents[2]
INPUTS = Inputs(
    ids=("a", "b"),
    before_deep="c",
    boxes=((108.0, 15.5, 108.1, 15.6),),
    categories=("medical", "other"),
    point_tiles=((13, 3737, 6564),),
    densest_tile=(13, 3737, 6564),
    unit_tiles=((8, 116, 204), (8, 117, 204)),
    tile_columns=("id", "category"),
)


def case(name: str) -> Case:
    return next(each for each in CASES if each.id == name)


def result(name: str, rates: dict[str, list[float]]) -> Result:
    found = Result(case(name), features=1)
    for server, rounds in rates.items():
        for rate in rounds:
            found.add(server, Load(rate, 100, 1, 2))
    return found


def test_each_server_is_asked_in_its_own_words() -> None:
    box = case("bbox").asks(INPUTS)[0]
    tile = case("tile_same_columns").asks(INPUTS)[0]
    ours = Addresses("dieuhanh", cursor={"limit": "10", "cursor": "x"})
    assert (
        ours.path(box) == "/ogc/collections/sos_requests/items?limit=100&bbox=108,15.5,108.1,15.6"
    )
    assert ours.path(tile) == "/ogc/collections/sos_requests/tiles/WebMercatorQuad/13/3737/6564"
    tipg = Addresses("tipg")
    assert tipg.path(tile) == (  # the column before the row, unlike the standard
        "/collections/bench.sos_requests/tiles/WebMercatorQuad/13/6564/3737?properties=id,category"
    )
    pygeoapi = Addresses("pygeoapi")
    assert pygeoapi.path(tile).endswith("/WebMercatorQuad/13/3737/6564?f=mvt")


def test_the_deep_page_is_reached_by_our_cursor_and_by_the_peers_offset() -> None:
    (deep,) = case("deep").asks(INPUTS)
    ours = Addresses("dieuhanh", cursor={"limit": "10", "cursor": "x"})
    assert ours.path(deep).endswith("/items?limit=10&cursor=x")
    assert Addresses("tipg").path(deep).endswith("/items?limit=10&offset=90000")
    (by_offset,) = case("deep_offset").asks(INPUTS)
    assert ours.path(by_offset).endswith("/items?limit=10&offset=90000")


def test_the_page_names_every_case() -> None:
    page = (ROOT / "docs" / "performance.md").read_text()
    for each in CASES:
        assert f"`{each.id}`" in page


def test_values_are_written_into_sql_as_pgbench_leaves_them_alone() -> None:
    query = sql(
        "SELECT '{\"a\":null}' || E'\\n:x' WHERE id = {} AND name = {} AND n = ANY({})",
        bind("5b", "uuid"),
        bind("it's 12:30", "text"),
        bind([1, 2], "int8[]"),
    )
    text = as_text(query)
    assert text == (
        "SELECT E'{\"a\"\\x3anull}' || E'\\n\\x3ax' WHERE id = '5b'::uuid"
        " AND name = E'it''s 12\\x3a30'::text AND n = ANY(ARRAY['1', '2']::int8[])"
    )
    assert as_text(raw("SELECT 'plain', a::text")) == "SELECT 'plain', a::text"


@pytest.mark.parametrize("kind", ["refused", "failed", "timeout"])
def test_an_error_under_load_fails_the_run(kind: str) -> None:
    seen = {"duration": 2_000_000, "requests": 100, "bytes": 5000, "p50": 1500, "p99": 9000}
    fine = {**seen, "refused": 0, "failed": 0, "timeout": 0}
    load = parse("noise\n" + orjson.dumps(fine).decode() + "\n", "here")
    assert load == Load(rate=50, size=50, p50=1.5, p99=9)
    with pytest.raises(BenchError, match=kind):
        parse(orjson.dumps({**fine, kind: 1}).decode(), "here")


def test_many_addresses_are_cycled_by_the_script_and_one_is_not(tmp_path: Path) -> None:
    script, path = write_script(tmp_path, "one", ["/a"])
    assert path == "/a"
    assert "function request" not in script.read_text()
    script, path = write_script(tmp_path, "two", ["/a", "/b"])
    assert (tmp_path / "two.paths").read_text() == "/a\n/b\n"
    assert str(tmp_path / "two.paths") in script.read_text()


def page(*ids: str, names: tuple[str, ...] = ("id", "state"), x: float = 108.1) -> bytes:
    geometry = {"type": "Point", "coordinates": [x, 15.5]}
    properties = dict.fromkeys(names)
    features = [{"id": each, "geometry": geometry, "properties": properties} for each in ids]
    return orjson.dumps({"features": features})


def test_pages_agree_whether_or_not_the_id_is_repeated() -> None:
    ask = Ask("page", "sos_requests")
    ours = read(ask, page("a", "b", names=("state",)), "id")
    assert ours == Answer(("a", "b"), 2, 0, frozenset({"state"}), (108.1, 15.5))
    assert differences(ask, ours, read(ask, page("a", "b", x=108.1000004), "id")) == []


@pytest.mark.parametrize(
    "theirs",
    [
        page("b", "a"),
        page("a"),
        page("a", "b", names=("id", "other")),
        page("a", "b", x=108.10001),
    ],
    ids=["order", "count", "columns", "place"],
)
def test_pages_that_differ_are_found(theirs: bytes) -> None:
    ask = Ask("page", "sos_requests")
    ours = read(ask, page("a", "b"), "id")
    assert differences(ask, ours, read(ask, theirs, "id"))


def tile(*points: tuple[str, int, int], clusters: tuple[int, ...] = ()) -> bytes:
    features = [{"geometry": Point(x, y).wkt, "properties": {"id": name}} for name, x, y in points]
    features += [{"geometry": "POINT (99 99)", "properties": {"n": n}} for n in clusters]
    encoded: bytes = mapbox_vector_tile.encode([{"name": "layer", "features": features}])
    return encoded


def test_tiles_may_differ_on_their_edge_only() -> None:
    ask = Ask("tile", "sos_requests")
    ours = read(ask, tile(("a", 10, 20), ("b", 2000, 2000)), "id")
    assert ours == Answer(("a", "b"), 2)
    on_edge = read(ask, tile(("b", 2000, 2000), ("a", 10, 20), ("c", 4096, 50)), "id")
    assert on_edge.edge == 1
    assert differences(ask, ours, on_edge) == []
    inside = read(ask, tile(("b", 2000, 2000), ("a", 10, 20), ("c", 4000, 50)), "id")
    assert differences(ask, ours, inside)


def test_clusters_count_as_what_they_stand_for() -> None:
    ask = Ask("tile", "sos_requests")
    ours = read(ask, tile(("a", 10, 20), clusters=(2,)), "id")
    assert ours.ids == ()
    three = tile(("a", 10, 20), ("b", 30, 30), ("c", 40, 40))
    assert differences(ask, ours, read(ask, three, "id")) == []
    assert differences(ask, ours, read(ask, tile(("a", 10, 20)), "id"))


def test_an_empty_tile_has_no_features() -> None:
    assert read(Ask("tile", "sos_requests"), b"", "id") == Answer((), 0)


def test_medians_decide_whether_a_goal_is_reached() -> None:
    reached = result("feature", {"dieuhanh": [5, 100, 500], "tipg": [10, 10, 1], "pygeoapi": [2]})
    assert reached.ratio("tipg") == 10
    assert reached.missed() == []
    missed = result("feature", {"dieuhanh": [99], "tipg": [10], "pygeoapi": [9.95]})
    assert missed.missed() == [
        "feature: 9.9 × tipg, goal 10 ×",
        "feature: 9.9 × pygeoapi, goal 10 ×",
    ]


def test_a_peer_that_cannot_do_a_case_has_a_dash() -> None:
    row = speed_rows([result("tile_same_columns", {"dieuhanh": [700], "tipg": [100]})])[1]
    assert row == [
        "the same, tipg asked for our columns only",
        "1",
        "700",
        "100",
        "–",
        "–",
        "7.0 ×",
        "–",
    ]


def test_the_page_is_written_between_its_markers(tmp_path: Path) -> None:
    report = Report({"cores": "2"})
    report.results.append(result("page10", {"dieuhanh": [3000], "tipg": [50], "pygeoapi": [30]}))
    report.cached.append(Cached("a feature", 600, [30_000], [80_000]))
    target = tmp_path / "page.md"
    target.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n")
    write_page(target, page_part(report))
    text = target.read_text()
    assert text.startswith("above\n")
    assert text.endswith("below\n")
    assert "old" not in text
    assert "60.0 × ✓ 30" in text
    assert "- cached a feature: 0.38 × nginx, goal 0.4 ×" in text
    assert orjson.loads(report.as_json())["cases"][0]["ratios"] == {"tipg": 60, "pygeoapi": 100}
    target.write_text("no markers")
    with pytest.raises(ValueError, match="bench:begin"):
        write_page(target, "new")


def test_an_address_of_a_socket_is_put_in_the_place_of_the_host() -> None:
    database = Database("postgresql://me@/name?host=/run/a%20b")
    assert database.strict_url == "postgresql://me@%2Frun%2Fa%20b/name"
    assert Database("postgresql://u:p%40@h:5433/d").strict_url == "postgresql://u:p%40@h:5433/d"
    config = pygeoapi_config("http://h", 1, database.parts, {"sos_requests": "id"})
    (feature, tiles) = config["resources"]["sos_requests"]["providers"]
    assert feature["data"]["host"] == "/run/a b"
    assert tiles["id_field"] == "id"


def test_a_process_is_ended_with_its_children(tmp_path: Path) -> None:
    child = "import subprocess,sys,time;subprocess.Popen([sys.executable,'-c','import time;"
    child += "time.sleep(60)']);print('up',flush=True);time.sleep(60)"
    log = tmp_path / "log"
    with Server("parent", [sys.executable, "-c", child], {}, log) as server:
        while "up" not in log.read_text():
            pass
        pids = [process.pid for process in server.processes()]
    assert len(pids) == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_command_that_fails_tells_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no luck')"]
    with pytest.raises(BenchError, match="exit status 1\nno luck"):
        run(command, {}, tmp_path / "log", timeout=20)
    with pytest.raises(BenchError, match="not done after"):
        run([sys.executable, "-c", "import time; time.sleep(60)"], {}, tmp_path / "log", timeout=1)


def test_an_unknown_case_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--case", "fast"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert re.search("no case fast", done.stderr)
