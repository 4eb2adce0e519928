"""Rasters of a real server: OGC API Coverages, Maps, map tiles, and the command that adds one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.io import MemoryFile

from api.cluster import Cluster
from tests.conftest import command, create_database, serving
from tests.http.abstract import abstract
from tests.http.test_conformance import rels
from tests.http.test_conformance_processes import execute, finished
from tests.people import Person, person
from tests.rasters import HOSTILE, NORTH, PIXEL, SRID, WEST, classes, geotiff, heights

COVERAGES = "ogcapi-coverages-1/1.0/conf"
MAPS = "ogcapi-maps-1/1.0/conf"
TILES = "ogcapi-tiles-1/1.0/conf"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
HEIGHTS = "/ogc/collections/heights"
FLOOD = "/ogc/collections/flood"


@dataclass(frozen=True)
class Site:
    """A server with two rasters for the public and one for staff."""

    client: httpx.Client
    url: str
    folder: Path
    analyst: Person

    def run(self, *arguments: str) -> Any:
        """Run `dieuhanh` on the site."""
        return command(*arguments, database_url=self.url, DIEUHANH_RASTERS=str(self.folder))

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        """A successful answer."""
        answer = self.client.get(path, params=parameters or None)
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture(scope="module")
def site(
    cluster: Cluster,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Site]:
    # Tests of clients have a site of their own.
    name = request.module.__name__.split(".")[1]
    url = create_database(cluster, f"rasters_{name}", template_database)
    folder = tmp_path_factory.mktemp("rasters")
    analyst = person(url, "analyst")
    env = {"DIEUHANH_RASTERS": str(folder)}
    with serving(url, env) as address, httpx.Client(base_url=address, timeout=90) as client:
        made = Site(client, url, folder, analyst)
        plane = geotiff(folder / "plane.tif", heights())
        land = geotiff(folder / "land.tif", classes())
        for arguments in (
            (str(plane), "--id", "heights", "--title", "Độ cao", "--title-en", "Heights", "--unit",
             "m", "--ramp", "heights", "--low", "100", "--high", "1100"),
            (str(land), "--id", "flood", "--title", "Ngập", "--class", "1=#ff0000=Khô",
             "--class", "2=#0000ff=Ngập sâu"),
            (str(land), "--id", "secret", "--title", "Nội bộ", "--staff"),
        ):  # fmt: skip
            done = made.run("raster", "add", *arguments)
            assert done.returncode == 0, done.stderr
        yield made


def array(answer: httpx.Response) -> tuple[np.ma.MaskedArray[Any, Any], Any]:
    """The values of a GeoTIFF, and its profile."""
    with MemoryFile(answer.content) as memory, memory.open() as opened:
        return opened.read(1, masked=True), opened.profile


def picture(answer: httpx.Response) -> np.ndarray[Any, Any]:
    """The pixels of a PNG."""
    assert answer.headers["content-type"] == "image/png"
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))


@abstract(f"{COVERAGES}/core", "collection-desc", "links")
@abstract(f"{MAPS}/collection-map", "desc-links")
def test_rasters_are_collections(site: Site) -> None:
    listed = {
        one["id"]: one for one in site.get("/ogc/collections", f="json").json()["collections"]
    }
    assert {"heights", "flood"} <= listed.keys()
    assert "secret" not in listed
    alone = site.get(HEIGHTS, f="json").json()
    assert alone == listed["heights"]
    assert alone["storageCrs"].endswith(f"/{SRID}")
    assert alone["extent"]["spatial"]["storageCrsBbox"] == [
        [WEST, NORTH - 600 * PIXEL, WEST + 800 * PIXEL, NORTH]
    ]
    found = rels(alone)
    assert {"self", "enclosure", f"{REL}coverage", f"{REL}map", f"{REL}tilesets-map"} <= set(found)
    for link in alone["links"]:
        answer = site.get(link["href"])
        kind = answer.headers["content-type"].replace("; charset=utf-8", "")
        assert kind.partition(";")[0] == link["type"].partition(";")[0], link


@abstract(f"{COVERAGES}/core", "coverage-success")
@abstract(f"{COVERAGES}/geotiff", "content")
def test_a_coverage_is_the_raster(site: Site) -> None:
    answer = site.get(f"{HEIGHTS}/coverage")
    values, profile = array(answer)
    assert (values == heights()).all()
    assert profile["crs"].to_epsg() == SRID
    assert (profile["transform"].c, profile["transform"].f) == (WEST, NORTH)
    assert np.isnan(profile["nodata"])
    assert answer.headers["content-crs"].strip("<>").endswith(f"/{SRID}")


@abstract(f"{COVERAGES}/subsetting", "definition", "bbox-response", "subset-response")
@pytest.mark.parametrize(
    "asked",
    [
        {"subset": f"E({WEST + 1000}:{WEST + 2000}),N({NORTH - 5000}:{NORTH - 3000})"},
        {
            "bbox": f"{WEST + 1000},{NORTH - 5000},{WEST + 2000},{NORTH - 3000}",
            "bbox-crs": f"EPSG:{SRID}",
        },
    ],
)
def test_a_part_of_a_coverage(site: Site, asked: dict[str, str]) -> None:
    values, _ = array(site.get(f"{HEIGHTS}/coverage", **asked))
    assert (values == heights()[30:50, 10:20]).all()


@abstract(f"{COVERAGES}/subsetting", "subset-crs")
def test_a_part_by_degrees(site: Site) -> None:
    west, _, east, _ = site.get(HEIGHTS, f="json").json()["extent"]["spatial"]["bbox"][0]
    middle = (west + east) / 2
    values, profile = array(site.get(f"{HEIGHTS}/coverage", subset=f"Lon({middle}:*)"))
    assert 390 < values.shape[1] < 410
    assert values.shape[0] == 600
    assert profile["transform"].c == pytest.approx(WEST + 400 * PIXEL, abs=5 * PIXEL)
    outside = site.client.get(f"{HEIGHTS}/coverage", params={"subset": f"Lon({east + 1}:*)"})
    assert outside.status_code == 204
    outside = site.client.get(f"{HEIGHTS}/coverage", params={"bbox": "1,2,3,4"})
    assert outside.status_code == 204


def test_a_collection_tells_its_grid_in_degrees_and_is_read_by_it(site: Site) -> None:
    told = site.get(HEIGHTS, f="json").json()
    grid = told["domainSet"]["generalGrid"]
    assert grid["axisLabels"] == ["Lon", "Lat"]
    across, up = grid["axis"]
    west, east = across["lowerBound"], across["upperBound"]
    south, north = up["lowerBound"], up["upperBound"]
    assert [round(edge, 7) for edge in (west, south, east, north)] == (
        told["extent"]["spatial"]["bbox"][0]
    )
    (field,) = told["rangeType"]["field"]
    assert (field["definition"], field["uom"]["code"]) == ("ogcType:float32", "m")
    # Half of the box lies beyond the raster: the picture is of all of it, empty there.
    answer = site.get(
        f"{HEIGHTS}/coverage",
        subset=f"Lon({(west + east) / 2}:{east + (east - west) / 2}),Lat({south}:{north})",
        scaleSize="Lon(200),Lat(100)",
    )
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    values, profile = array(answer)
    assert (values.shape, profile["crs"].to_epsg()) == ((100, 200), 4326)
    empty = np.ma.getmaskarray(values)
    assert empty[:, 102:].all()
    assert not empty[10:90, 5:95].any()


@abstract(f"{COVERAGES}/scaling", "scale-factor", "scale-axes", "scale-size", "width-height")
@pytest.mark.parametrize(
    ("asked", "shape"),
    [
        ({"scale-factor": "4"}, (150, 200)),
        ({"scale-axes": "E(2),N(4)"}, (150, 400)),
        ({"scale-size": "Lon(80),Lat(30)"}, (30, 80)),
        ({"width": "100"}, (75, 100)),
        ({"width": "10", "height": "20"}, (20, 10)),
    ],
)
def test_a_coverage_in_another_size(
    site: Site, asked: dict[str, str], shape: tuple[int, int]
) -> None:
    values, profile = array(site.get(f"{HEIGHTS}/coverage", **asked))
    assert values.shape == shape
    assert float(values.mean()) == pytest.approx(float(heights().mean()), rel=0.01)
    assert profile["transform"].a == pytest.approx(800 * PIXEL / shape[1])


@abstract(f"{COVERAGES}/crs", "definition", "response")
@pytest.mark.parametrize("srid", [3857, 4326, 3405])
def test_a_coverage_in_another_system(site: Site, srid: int) -> None:
    values, profile = array(site.get(f"{HEIGHTS}/coverage", crs=f"EPSG:{srid}", f="geotiff"))
    assert profile["crs"].to_epsg() == srid
    assert 0.9 < values.count() / heights().size < 1.1
    assert float(values.mean()) == pytest.approx(float(heights().mean()), rel=0.01)
    classes_, _ = array(site.get(f"{FLOOD}/coverage", crs=f"EPSG:{srid}"))
    assert set(np.unique(classes_.compressed())) == {1, 2}


@abstract(f"{COVERAGES}/coveragejson", "content")
def test_a_coverage_as_coverage_json(site: Site) -> None:
    box = f"E({WEST}:{WEST + 300}),N({NORTH - 200}:{NORTH})"
    answer = site.get(f"{HEIGHTS}/coverage", subset=box, f="covjson")
    assert answer.headers["content-type"] == "application/prs.coverage+json"
    found = answer.json()
    axes = found["domain"]["axes"]
    assert axes["x"] == {"start": WEST + 50, "stop": WEST + 250, "num": 3}
    assert axes["y"] == {"start": NORTH - 50, "stop": NORTH - 150, "num": 2}
    assert found["ranges"]["value"]["values"] == [100, 100.5, 101, 101, 101.5, 102]
    assert found["parameters"]["value"]["unit"] == {"symbol": "m"}


@abstract(f"{COVERAGES}/png", "content")
@abstract(f"{MAPS}/core", "map-success")
@abstract(f"{MAPS}/png", "content")
@abstract(f"{MAPS}/crs", "crs-definition")
def test_a_map_is_a_picture_of_the_raster(site: Site) -> None:
    assert picture(site.get(f"{FLOOD}/coverage", f="png"))[0, 0].tolist() == [255, 0, 0, 255]
    answer = site.get(f"{FLOOD}/map", width=100)
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    found = picture(answer)
    assert found.shape == (round(100 * _shape(answer)), 100, 4)
    middle = found.shape[0] // 2
    assert found[middle, 10].tolist() == [255, 0, 0, 255]
    assert found[middle, 90].tolist() == [0, 0, 255, 255]
    # West of it the map is clear, or has the colour that is asked for.
    west = f"{WEST - 4000},{NORTH - 3000},{WEST + 4000},{NORTH - 1000}"
    asked = {"bbox": west, "bbox-crs": f"EPSG:{SRID}", "crs": "EPSG:3857", "width": "80"}
    clear = picture(site.get(f"{FLOOD}/map", **asked))
    assert clear[10, 10, 3] == 0
    assert clear[10, 70].tolist() == [255, 0, 0, 255]
    filled = picture(site.get(f"{FLOOD}/map", **asked, bgcolor="0x00FF00"))
    assert filled[10, 10].tolist() == [0, 255, 0, 255]


def _shape(answer: httpx.Response) -> float:
    west, south, east, north = map(float, answer.headers["content-bbox"].split(","))
    return (north - south) / (east - west)


@abstract(f"{MAPS}/tilesets", "desc-links", "tileset-metadata")
@abstract(f"{TILES}/png", "content")
def test_map_tiles(site: Site) -> None:
    (one, other) = site.get(f"{FLOOD}/map/tiles").json()["tilesets"]
    assert (one["dataType"], other["dataType"]) == ("map", "map")
    tilejson = site.get(f"{FLOOD}/map/tiles/WebMercatorQuad", f="tilejson").json()
    limits = site.get(f"{FLOOD}/map/tiles/WebMercatorQuad").json()["tileMatrixSetLimits"]
    last = limits[-1]
    assert int(last["tileMatrix"]) == tilejson["maxzoom"]
    z, y = tilejson["maxzoom"], last["minTileRow"]
    address = tilejson["tiles"][0]
    left = site.get(address.format(z=z, y=y, x=last["minTileCol"]))
    right = site.get(address.format(z=z, y=y, x=last["maxTileCol"]))
    assert picture(left).shape == (256, 256, 4)
    assert [255, 0, 0, 255] in picture(left).reshape(-1, 4).tolist()
    assert [0, 0, 255, 255] in picture(right).reshape(-1, 4).tolist()
    again = site.client.get(str(left.url), headers={"If-None-Match": left.headers["etag"]})
    assert again.status_code == 304
    assert site.client.get(address.format(z=z, y=y - 1, x=last["minTileCol"])).status_code == 204
    for place, status in (((z + 1, 0, 0), 404), ((2, 9, 0), 404), ((2, "a", 0), 400)):
        wrong = address.format(**dict(zip("zyx", place, strict=True)))
        assert site.client.get(wrong).status_code == status


def test_the_list_for_the_map(site: Site) -> None:
    found = {one["id"]: one for one in site.get("/api/rasters", lang="vi").json()}
    assert set(found) == {"heights", "flood"}
    flood = found["flood"]
    assert flood["title"] == {"vi": "Ngập", "en": "Ngập"}
    assert flood["legend"] == [
        {"value": 1, "color": "#ff0000", "label": "Khô"},
        {"value": 2, "color": "#0000ff", "label": "Ngập sâu"},
    ]
    assert [one["label"] for one in found["heights"]["legend"]][-1] == "1.100"
    assert site.client.get(flood["tiles"].format(z=flood["maxzoom"], y=0, x=0)).status_code == 204
    drawing = site.get(f"{FLOOD}/legend", f="svg")
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert "Ngập sâu" in drawing.text


def test_what_is_for_staff_is_for_staff(site: Site) -> None:
    for path in ("", "/map", "/coverage", "/legend", "/cog", "/map/tiles/WebMercatorQuad/0/0/0"):
        address = f"/ogc/collections/secret{path}"
        assert site.client.get(address, params={"f": "json"}).status_code == 404
        own = site.client.get(address, headers=site.analyst.headers)
        assert own.status_code in (200, 204), path
        assert "private" in own.headers["cache-control"]
        assert site.client.get(address).status_code == 404


def test_gdal_reads_parts_of_the_file_itself(site: Site) -> None:
    whole = site.get(f"{HEIGHTS}/cog")
    part = site.client.get(f"{HEIGHTS}/cog", headers={"Range": "bytes=0-99"})
    assert (part.status_code, part.content) == (206, whole.content[:100])
    with rasterio.open(f"/vsicurl/{site.client.base_url.join(HEIGHTS)}/cog") as opened:
        assert opened.overviews(1) == [2, 4]
        assert opened.read(1, window=((3, 5), (2, 4))).tolist() == [[104, 104.5], [105, 105.5]]


@abstract(f"{COVERAGES}/oas30", "definition")
@abstract(f"{MAPS}/oas30", "definition")
@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("coverage?bbox=1,2,3", "1,2,3"),
        ("coverage?bbox=3,2,1,4", "antimeridian"),
        ("coverage?subset=Lat(16:15)", "16"),
        ("coverage?subset=Lat(15)", "interval"),
        ("coverage?subset=Height(1:2)", "Height"),
        ("coverage?subset=Lat(1:2),E(1:2)", "mixed"),
        ("coverage?subset=E(1:2)&subset-crs=EPSG:4326", "Lon, Lat"),
        ("coverage?subset=Lat(15:16)&bbox=1,2,3,4", "combined"),
        ("coverage?scale-factor=0", "0.01"),
        ("coverage?scale-factor=2&width=9", "exclude"),
        ("coverage?scale-factor=0.02", "scale-size"),
        ("coverage?f=tiff", "geotiff"),
        ("coverage?crs=EPSG:32648", "32648"),
        ("coverage?band=1", "band"),
        ("map?width=0", "width"),
        ("map?width=20000&height=20000", "20000"),
        ("map?bgcolor=nice", "nice"),
        ("map?transparent=maybe", "maybe"),
        ("map/tiles/WebMercatorQuad?f=mvt", "mvt"),
    ],
)
def test_bad_requests_name_the_value_and_the_rule(site: Site, path: str, named: str) -> None:
    answer = site.client.get(f"{HEIGHTS}/{path}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert named in answer.json()["detail"]
    definition = site.get("/ogc/api").json()["paths"]
    asked = path.partition("?")[0].replace("WebMercatorQuad", "{tms}")
    assert "get" in definition[f"/collections/{{raster}}/{asked}"]


def test_the_command_refuses_bad_files_in_one_line(site: Site, tmp_path: Path) -> None:
    make, reason = HOSTILE["truncated"]
    make(tmp_path / "bad.tif")
    done = site.run("raster", "add", str(tmp_path / "bad.tif"), "--id", "bad", "--title", "Hỏng")
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if line.startswith("dieuhanh:")]
    assert len(said) == 1
    assert "Traceback" not in done.stderr
    assert reason in said[0]
    assert list(site.folder.glob("making/*")) == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--id", "heights", "--title", "x"), "heights"),
        (("--id", "hotels", "--title", "x"), "hotels"),
        (("--id", "a", "--title", "x", "--low", "9", "--high", "1"), "9"),
    ],
)
def test_the_command_says_what_is_wrong(site: Site, arguments: tuple[str, ...], named: str) -> None:
    done = site.run("raster", "add", str(site.folder / "land.tif"), *arguments)
    assert done.returncode == 2
    assert named in done.stderr


def test_density_is_kept_with_how_it_was_made_and_removed(site: Site) -> None:
    inputs = {"layer": "sos_requests", "bandwidth_m": 4000, "cell_m": 500}
    answer = execute(site.client, "density", inputs, Prefer="respond-async", **site.analyst.headers)
    job = answer.headers["location"]
    with httpx.Client(base_url=site.client.base_url, headers=site.analyst.headers) as own:
        assert finished(own, job)["status"] == "successful"
    result = site.client.get(f"{job}/results", headers=site.analyst.headers)
    assert result.headers["content-type"].startswith("image/tiff; application=geotiff")
    keep = {"job": job.rpartition("/")[2], "id": "density", "title": {"vi": "Mật độ"}}
    assert site.client.post("/api/rasters", json=keep).status_code == 401
    made = site.client.post("/api/rasters", json=keep, headers=site.analyst.headers)
    assert made.status_code == 201, made.text
    assert site.client.get(made.headers["location"], params={"f": "json"}).status_code == 404
    kept = site.client.get(f"{made.headers['location']}?f=json", headers=site.analyst.headers)
    assert kept.json()["provenance"]["inputs"]["bandwidth_m"] == 4000
    assert kept.json()["unit"] == "/km²"
    same = site.client.get("/ogc/collections/density/cog", headers=site.analyst.headers)
    assert same.content == result.content
    twice = site.client.post("/api/rasters", json=keep, headers=site.analyst.headers)
    assert twice.status_code == 400
    assert site.client.delete("/api/rasters/density").status_code == 401
    files = len(list(site.folder.glob("??/*.tif")))
    gone = site.client.delete("/api/rasters/density", headers=site.analyst.headers)
    assert gone.status_code == 204
    assert len(list(site.folder.glob("??/*.tif"))) == files - 1
    # The bytes of land.tif are two rasters', and stay as long as one of them does.
    assert site.get(f"{FLOOD}/cog").content


def test_zonal_statistics_of_districts(site: Site) -> None:
    inputs = {"layer": "admin_units", "raster": "heights", "filter": "level = 'district'"}
    found = execute(site.client, "zonal-statistics", inputs).json()
    inside = [one["properties"] for one in found["features"] if one["properties"]["count"]]
    assert len(inside) >= 5
    for one in inside:
        assert 100 <= one["min"] <= one["mean"] <= one["max"] <= 1100
        assert one["sum"] == pytest.approx(one["mean"] * one["count"], rel=1e-6)
    assert found["provenance"]["raster"]["id"] == "heights"
    for wrong, named in (
        ({**inputs, "raster": "secret"}, "secret"),
        ({**inputs, "layer": "hotels", "filter": None}, "hotels"),
    ):
        answer = execute(site.client, "zonal-statistics", wrong)
        assert answer.status_code == 400
        assert named in answer.json()["detail"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages(site: Site, lang: str) -> None:
    page = site.get(FLOOD, f="html", lang=lang)
    assert "Ngập sâu" in page.text
    assert "Chú giải" in page.text if lang == "vi" else "Legend" in page.text
    assert FLOOD in site.get("/ogc/collections", f="html", lang=lang).text
