"""Directives over HTTP: files in and out, who may, finding, which apply where, the feed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.cli.database import create_database
from layers.roles import Role
from tests import pdfs
from tests.conftest import serving
from tests.http.conftest import Rows
from tests.people import Person, person

HOI_AN = "503"
PDF = {"Content-Type": "application/pdf"}
ITEMS = "/ogc/collections/directives/items"
LIMITS = {
    "DIEUHANH_DIRECTIVE_MB": "3",
    "DIEUHANH_DIRECTIVE_PAGES": "4",
    "DIEUHANH_DIRECTIVE_FILES": "2",
    "DIEUHANH_DIRECTIVE_MEMORY_MB": "256",
}


@dataclass
class Site:
    """A server on a database of the module's own, and somebody of each kind."""

    client: httpx.Client
    admin: Person
    it: Person
    district: Person
    health: Person
    viewer: Person

    def issue(self, number: str, who: Person | None = None, **given: Any) -> Any:
        """Send a new directive; the answer."""
        properties = {
            "number": number,
            "kind": "notice",
            "title": "Về việc thử nghiệm",
            "issued_on": "2021-08-01",
            "issuer": "UBND tỉnh",
            "field": "other",
            "valid_from": "2021-08-01T00:00:00+07:00",
            **given,
        }
        body = {"type": "Feature", "geometry": None, "properties": properties}
        headers = {**(who or self.it).headers, "Content-Type": "application/geo+json"}
        return self.client.post(ITEMS, json=body, headers=headers)

    def issued(self, number: str, **given: Any) -> int:
        """A new directive; its id."""
        answer = self.issue(number, **given)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def upload(self, directive: int, body: bytes, who: Person | None = None, **asked: str) -> Any:
        """Send a file; the answer."""
        headers = {**(who or self.it).headers, **PDF}
        path = f"/api/directives/{directive}/files"
        return self.client.post(path, content=body, headers=headers, params=asked)


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[Site]:
    url = create_database(cluster, "http_directives", template_database)
    with serving(url, LIMITS) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield Site(
            client,
            person(url, Role.ADMIN),
            person(url, Role.OFFICER, departments=["it"]),
            person(url, Role.OFFICER, departments=["district"], districts=[HOI_AN]),
            person(url, Role.OFFICER, departments=["health"]),
            person(url, Role.VIEWER),
        )


def test_a_directive_is_issued_without_a_geometry(site: Site) -> None:
    one = site.client.get(f"/api/directives/{site.issued('1/TB', unit_codes=HOI_AN)}").json()
    assert (one["scope"], [unit["code"] for unit in one["units"]]) == ("units", [HOI_AN])
    drawn = site.client.get(one["picture"])
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
    assert drawn.text.count("<path") == 2
    assert site.client.get("/api/directives/99999/area.svg").status_code == 404
    item = site.client.get(one["item"], headers={"Accept": "application/geo+json"}).json()
    assert item["geometry"]["type"] == "MultiPolygon"
    # One without a summary and without files has a page as well.
    records = "/ogc/collections/records/items"
    for path in (f"{records}/{one['id']}?f=html", f"{records}?f=html&externalIds=1/TB"):
        assert "1/TB" in site.client.get(path).text
    unknown = site.issue("2/TB", unit_codes="9999")
    assert unknown.status_code == 422
    assert "9999" in unknown.json()["detail"]
    again = site.issue("1/TB")
    assert again.status_code == 409
    fewer = site.issue("3/TB", valid_until="2021-07-01T00:00:00Z")
    assert {fault["column"] for fault in fewer.json()["errors"]} == {"valid_from", "valid_until"}


def test_districts_issue_for_their_own_area(site: Site) -> None:
    assert site.issue("4/TB", site.district, unit_codes=HOI_AN).status_code == 201
    assert site.issue("5/TB", site.district, unit_codes="502").status_code == 403
    assert site.issue("6/TB", site.district).status_code == 403
    assert site.issue("7/TB", site.health).status_code == 403


def test_a_file_comes_in_is_found_and_goes_out(site: Site) -> None:
    directive = site.issued("10/TB")
    body = pdfs.with_text("Trang một: rà soát dân cư.", "Trang hai: sơ tán trước 17 giờ.")
    answer = site.upload(directive, body, name="C:\\Văn bản.pdf")
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["name"] == "Văn bản.pdf"
    assert (told["pages"], told["hasText"], told["bytes"]) == (2, True, len(body))
    assert answer.headers["location"] == told["href"]
    # The same again is the same file.
    assert site.upload(directive, body).json()["id"] == told["id"]
    found = site.client.get("/api/directives", params={"q": "so tan truoc 17"}).json()
    (one,) = [x for x in found["directives"] if x["id"] == directive]
    assert (one["fileCount"], one["excerpt"]["page"]) == (1, 2)
    assert one["excerpt"]["file"] == told["id"]
    marked = [text for text, hit in one["excerpt"]["parts"] if hit]
    assert marked[:2] == ["sơ", "tán"]
    (file,) = site.client.get(f"/api/directives/{directive}").json()["files"]
    assert file == told
    got = site.client.get(file["href"])
    assert got.content == body
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"].startswith('inline; filename="10-TB.pdf"; filename*=')
    assert got.headers["x-content-type-options"] == "nosniff"
    tag = got.headers["etag"]
    assert site.client.get(file["href"], headers={"If-None-Match": tag}).status_code == 304
    part = site.client.get(file["href"], headers={"Range": "bytes=0-7", "If-Range": tag})
    assert (part.status_code, part.content) == (206, body[:8])
    kept = site.client.get(file["href"], params={"download": "true"})
    assert kept.headers["content-disposition"].startswith("attachment")
    links = site.client.get(f"/ogc/collections/records/items/{directive}").json()["links"]
    (enclosed,) = [link for link in links if link["rel"] == "enclosure"]
    assert (enclosed["type"], enclosed["length"]) == ("application/pdf", len(body))
    other = site.issued("11/TB")
    assert site.client.get(f"/api/directives/{other}/files/{file['id']}").status_code == 404


def test_a_scanned_file_is_taken_and_said_to_have_no_text(site: Site) -> None:
    answer = site.upload(site.issued("12/TB"), pdfs.scanned())
    assert (answer.status_code, answer.json()["hasText"]) == (201, False)


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"<script>alert(1)</script>", 422, "no PDF"),
        (b"", 422, "no PDF"),
        (pdfs.with_text("a")[:900], 422, "damaged"),
        (pdfs.encrypted(), 422, "encrypted"),
        (pdfs.with_script(), 422, "script"),
        (pdfs.launching(), 422, "program"),
        (pdfs.with_attachment(), 422, "other files"),
        (pdfs.with_text(*"abcde"), 422, "5 pages"),
        (b"%PDF-1.4\n" + b"x" * (3 * 1024 * 1024), 413, "larger than 3 MB"),
    ],
    ids=["html", "empty", "cut", "locked", "script", "launch", "carrier", "long", "large"],
)
def test_hostile_files_are_refused_with_the_reason(
    site: Site, body: bytes, status: int, reason: str
) -> None:
    found = site.client.get(ITEMS, params={"number": "13/TB"}).json()["features"]
    directive = int(found[0]["id"]) if found else site.issued("13/TB")
    answer = site.upload(directive, body)
    assert answer.status_code == status
    problem = answer.json()
    assert reason in problem["detail"]
    assert problem["rule"]["vi"]
    assert problem["rule"]["en"]
    assert site.client.get(f"/api/directives/{directive}").json()["files"] == []


def test_a_bomb_harms_no_worker(site: Site) -> None:
    answer = site.upload(site.issued("14/TB"), pdfs.bomb(300))
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:
        assert answer.json()["hasText"] is False
    assert site.client.get("/readyz").status_code == 200


def test_what_is_sent_wrongly_is_refused(site: Site) -> None:
    path = f"/api/directives/{site.issued('15/TB')}/files"
    as_it = {**site.it.headers, **PDF}
    assert site.client.post(path, content=b"x", headers=PDF).status_code == 401
    assert site.client.post(path, content=b"x", headers=site.it.headers).status_code == 415
    assert site.client.post(f"{path}?name=", content=b"x", headers=as_it).status_code == 400
    missing = site.client.post("/api/directives/99999/files", content=b"x", headers=as_it)
    assert missing.status_code == 404
    for name in ("99999999999999999999", "0"):
        assert site.client.get(f"/api/directives/{name}").status_code == 404


def test_who_may_change_files(site: Site) -> None:
    directive = site.issued("20/TB", unit_codes=HOI_AN)
    body = pdfs.with_text("Nội dung")
    for who, status in ((site.health, 403), (site.viewer, 403), (site.district, 201)):
        assert site.upload(directive, body, who).status_code == status, who.login
    file = site.client.get(f"/api/directives/{directive}").json()["files"][0]
    refused = site.client.delete(file["href"], headers=site.health.headers)
    assert refused.status_code == 403
    assert site.client.delete(file["href"]).status_code == 401
    assert site.upload(directive, pdfs.with_text("Hai")).status_code == 201
    third = site.upload(directive, pdfs.with_text("Ba"))
    assert (third.status_code, "2 files" in third.json()["detail"]) == (409, True)
    assert site.client.delete(file["href"], headers=site.district.headers).status_code == 204
    assert site.client.get(file["href"]).status_code == 404
    assert site.client.delete(file["href"], headers=site.district.headers).status_code == 404


def test_internal_files_are_for_staff(site: Site) -> None:
    directive = site.issued("21/TB", audience="internal", summary="Tóm tắt công khai")
    told = site.upload(directive, pdfs.with_text("Danh sách tuyệt mật")).json()
    asked = {"q": "tuyet mat"}
    assert site.client.get("/api/directives", params=asked).json()["matched"] == 0
    assert site.client.get(told["href"]).status_code == 404
    one = site.client.get(f"/api/directives/{directive}").json()
    assert (one["files"], one["fileCount"]) == ([], 1)
    record = f"/ogc/collections/records/items/{directive}"
    assert "enclosure" not in {x["rel"] for x in site.client.get(record).json()["links"]}
    assert told["id"] not in site.client.get("/api/directives.atom").text
    headers = site.viewer.headers
    found = site.client.get("/api/directives", params=asked, headers=headers).json()
    assert [x["id"] for x in found["directives"]] == [directive]
    got = site.client.get(told["href"], headers=headers)
    assert got.status_code == 200
    assert got.headers["cache-control"] == "private, no-cache"
    links = site.client.get(record, headers=headers).json()["links"]
    assert "enclosure" in {link["rel"] for link in links}


def test_a_deleted_directive_comes_back_with_its_files(site: Site) -> None:
    directive = site.issued("22/TB")
    href = site.upload(directive, pdfs.with_text("Trở lại")).json()["href"]
    item = f"{ITEMS}/{directive}"
    assert site.client.delete(item, headers=site.admin.headers).status_code == 204
    assert site.client.get(href).status_code == 404
    deleted = site.client.get("/ogc/collections/directives/deleted", headers=site.admin.headers)
    (gone,) = [x for x in deleted.json()["deleted"] if str(x["id"]) == str(directive)]
    restored = site.client.post(
        f"{item}/restore", json={"version": gone["lastVersion"]}, headers=site.admin.headers
    )
    assert restored.status_code == 200, restored.text
    assert site.client.get(href).status_code == 200
    assert site.client.get(f"/api/directives/{directive}").json()["fileCount"] == 1


def test_which_apply_at_a_place(client: httpx.Client, rows: Rows) -> None:
    (place,) = rows(
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p"
        " FROM layer.admin_units WHERE code = '503') AS s"
    )
    answer = client.get("/api/directives/at", params={"lon": place[0], "lat": place[1]})
    found = answer.json()["directives"]
    point = f"ST_SetSRID(ST_MakePoint({place[0]}, {place[1]}), 4326)"
    wanted = {
        row[0]
        for row in rows(
            f"SELECT id FROM layer.directives WHERE ST_Covers(geom, {point})"
            " AND valid_from <= now() AND (ends_at IS NULL OR ends_at > now())"
        )
    }
    assert {one["id"] for one in found} == wanted
    assert {one["state"] for one in found} == {"in_force"}
    # The closest first: units before the whole province.
    scopes = [one["scope"] for one in found]
    assert scopes == sorted(scopes, key=lambda scope: scope == "province")
    assert client.get("/api/directives/at?lon=100&lat=10").json()["matched"] == 0
    long_ago = {"lon": place[0], "lat": place[1], "datetime": "2001-01-01T00:00:00Z"}
    assert client.get("/api/directives/at", params=long_ago).json()["directives"] == []
    for bad in ("?lon=108", "?lon=nan&lat=1", "?lon=181&lat=1", "?lon=1&lat=1&datetime=2021-08-01"):
        assert client.get(f"/api/directives/at{bad}").status_code == 400, bad


@pytest.mark.parametrize(
    ("asked", "condition"),
    [
        ({"kind": "decision,plan"}, "kind IN ('decision', 'plan')"),
        ({"field": "epidemic"}, "field = 'epidemic'"),
        ({"year": "2021"}, "extract(year FROM issued_on) = 2021"),
        ({"state": "replaced"}, "replaced_by IS NOT NULL AND ends_at <= now()"),
        ({"state": "not_yet"}, "valid_from > now()"),
        ({"bbox": "108.3,15.85,108.4,15.95", "kind": "notice"},
         "kind = 'notice' AND ST_Intersects(geom, ST_MakeEnvelope(108.3,15.85,108.4,15.95,4326))"),
    ],
)  # fmt: skip
def test_filters(client: httpx.Client, rows: Rows, asked: Any, condition: str) -> None:
    found = client.get("/api/directives", params={**asked, "limit": "100"}).json()
    wanted = rows(
        f"SELECT id FROM layer.directives WHERE {condition} ORDER BY issued_on DESC, id DESC"
    )
    assert [one["id"] for one in found["directives"]] == [row[0] for row in wanted]
    assert found["matched"] == len(wanted)


def test_issuers_and_years_are_offered(client: httpx.Client) -> None:
    offered = client.get("/api/directives/choices").json()
    for one in offered["issuers"]:
        found = client.get("/api/directives", params={"issuer": one["name"], "limit": "1"}).json()
        assert found["matched"] == one["number"] > 0
    assert sum(one["number"] for one in offered["years"]) >= 12


@pytest.mark.parametrize("query", ["q=", "q=.", "kind=x", "limit=0", "limit=1000", "n=1", "year=x"])
def test_what_is_no_value_is_refused(client: httpx.Client, query: str) -> None:
    assert client.get(f"/api/directives?{query}").status_code == 400


def test_what_replaces_what_is_told(client: httpx.Client, rows: Rows) -> None:
    (old,) = rows("SELECT id FROM layer.directives WHERE number = '14/CT-UBND'")
    relations = client.get(f"/api/directives/{old[0]}").json()["relations"]
    told = {(one["relation"], one["number"]) for one in relations}
    assert told == {("replaced_by", "18/CT-UBND"), ("replaces", "11/CT-UBND")}


def test_the_product_search_finds_words_of_directives(site: Site) -> None:
    def found(words: str) -> list[tuple[str, int]]:
        results = site.client.get("/api/search", params={"q": words}).json()["results"]
        return [(one["layer"], one["id"]) for one in results]

    directive = site.issued("30/TB", title="Về việc họp giao ban")
    site.upload(directive, pdfs.with_text("Kiểm kê xuồng cứu sinh tại kho."))
    # By its name as any feature, and by what its file says.
    assert found("hop giao ban") == [("directives", directive)]
    assert found("xuong cuu sinh") == [("directives", directive)]
    internal = site.issued("31/TB", audience="internal")
    site.upload(internal, pdfs.with_text("Danh bạ nội bộ."))
    assert found("danh ba noi bo") == []


def test_the_feed(client: httpx.Client) -> None:
    answer = client.get("/api/directives.atom", params={"limit": "3", "field": "epidemic"})
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert answer.text.count("<entry>") == 3
    assert "18/CT-UBND" in answer.text
    tag = answer.headers["etag"]
    again = client.get(str(answer.url), headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert client.get("/api/directives.atom?field=x").status_code == 400
