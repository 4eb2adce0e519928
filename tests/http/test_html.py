"""The pages that people read under `/ogc`."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa

from layers.catalogue import CATALOGUE
from layers.layer import Audience
from layers.migrate import sqlalchemy_url
from tests.conftest import RunServer
from tests.http.conftest import LAYERS, Rows
from tests.http.pages import HtmlPage

ZONE = "Asia/Ho_Chi_Minh"
A_BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
HTML = {"Accept": A_BROWSER}

PAGES = (
    "/ogc",
    "/ogc/conformance",
    "/ogc/api",
    "/ogc/collections",
    *(f"/ogc/collections/{layer}" for layer in LAYERS),
    *(f"/ogc/collections/{layer}/items" for layer in LAYERS),
    "/ogc/collections/checkpoints/items/1",
    "/ogc/collections/admin_units/items/49",
    "/ogc/collections/hotels/queryables",
    "/ogc/collections/hotels/schema",
    "/ogc/collections/hotels/sortables",
    "/ogc/collections/hotels/tiles",
    "/ogc/collections/hotels/tiles/WebMercatorQuad",
    "/ogc/tileMatrixSets",
    "/ogc/tileMatrixSets/WorldCRS84Quad",
    "/ogc/styles",
    "/ogc/styles/hotels",
    "/ogc/styles/hotels/metadata",
)


def get(client: httpx.Client, address: str, status: int = 200, languages: str = "") -> HtmlPage:
    """The page that a browser gets."""
    headers = {**HTML, "Accept-Language": languages}
    answer = client.get(address, headers=headers, follow_redirects=True)
    assert answer.status_code == status, f"{address}: {answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return HtmlPage(answer.text)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_page_is_whole_and_safe(client: httpx.Client, address: str, language: str) -> None:
    answer = client.get(address, params={"lang": language}, headers=HTML)
    assert answer.status_code == 200
    page = HtmlPage(answer.text)
    assert page.one("html").attributes["lang"] == language
    assert answer.headers["content-language"] == language
    assert page.one("title").text.strip()
    assert page.one("h1").text.strip()
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert all("src" in script.attributes for script in page.all("script"))
    assert page.all("style") == []
    for element in page.elements:
        assert "style" not in element.attributes
        assert not any(name.startswith("on") for name in element.attributes)
        if element.tag == "img":
            assert "alt" in element.attributes
    identifiers = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
    assert len(set(identifiers)) == len(identifiers)
    assert len(page.all("table")) == len(page.all("caption"))
    assert "None" not in page.text
    assert "{{" not in page.text


def test_languages(client: httpx.Client) -> None:
    assert get(client, "/ogc").one("html").attributes["lang"] == "vi"
    english = "fr;q=0.5, en-GB;q=0.4"
    assert get(client, "/ogc", languages=english).one("html").attributes["lang"] == "en"
    assert get(client, "/ogc?lang=vi", languages=english).one("html").attributes["lang"] == "vi"
    assert get(client, "/ogc?lang=xx", status=400)


def test_the_cookie_says_the_language_before_the_header_and_after_the_address(
    client: httpx.Client,
) -> None:
    # The same address for each: what is remembered for one language is not given to the other.
    for chosen in ("en", "vi", "en"):
        headers = {**HTML, "Accept-Language": "vi", "Cookie": f"a=b; dieuhanh_language={chosen}"}
        assert client.get("/ogc", headers=headers).headers["Content-Language"] == chosen
    headers["Cookie"] = "dieuhanh_language=xx"
    assert client.get("/ogc", headers=headers).headers["Content-Language"] == "vi"
    headers["Cookie"] = "dieuhanh_language=vi"
    assert client.get("/ogc?lang=en", headers=headers).headers["Content-Language"] == "en"


def test_language_switch_keeps_the_address(client: httpx.Client) -> None:
    query = {"state": "open", "limit": "7", "sortby": "-in_today", "q": "chốt"}
    page = get(client, str(httpx.URL("/ogc/collections/checkpoints/items", params=query)))
    target = urlsplit(page.one("a", hreflang="en").attributes["href"])
    assert target.path == "/ogc/collections/checkpoints/items"
    assert parse_qs(target.query) == {name: [v] for name, v in {**query, "lang": "en"}.items()}
    english = get(client, target.geturl())
    onward = [one.attributes["href"] for one in english.all("a") if one.path[-1] == "th"]
    assert onward
    assert all("lang=en" in address for address in onward)


def test_no_link_is_dead(client: httpx.Client) -> None:
    """From the landing page on, every link on this server answers."""
    seen: set[str] = set()
    waiting = ["/ogc"]
    while waiting and len(seen) < 320:
        address = waiting.pop(0)
        path = urlsplit(address).path
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(address, headers=HTML)
        assert answer.status_code == 200, f"{address}: {answer.status_code} {answer.text[:200]}"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        for link in HtmlPage(answer.text).all("a"):
            target = httpx.URL(str(client.base_url)).join(link.attributes["href"])
            if target.host == client.base_url.host and target.scheme == "http":
                waiting.append(target.raw_path.decode())
    assert {"/", "/ogc/api", "/ogc/styles", "/ogc/collections/hotels/export"} <= seen
    assert len(seen) > 60


def test_landing_counts_the_layers(client: httpx.Client, rows: Rows) -> None:
    text = get(client, "/ogc").text
    for layer in CATALOGUE.values():
        (count,) = rows(f'SELECT count(*) FROM layer."{layer.table.name}"')[0]
        assert layer.title.vi in text
        assert f"{count:,}".replace(",", ".") + " đối tượng" in text
    copied = [one.text for one in get(client, "/ogc").all("code")]
    assert f"{client.base_url}/ogc".replace("//ogc", "/ogc") in copied


def test_collection_tells_columns_units_and_codes(client: httpx.Client) -> None:
    page = get(client, "/ogc/collections/hotels")
    layer = CATALOGUE["hotels"]
    table = {row[1]: row for row in page.table()}
    assert list(table) == [column.name for column in layer.readable()]
    assert table["price_vnd"][0] == "Giá phòng một đêm"
    assert table["price_vnd"][2:4] == ["số nguyên", "đồng"]
    assert "available" in table["state"][4]
    assert "Còn phòng" in table["state"][4]
    assert "Sở Văn hóa, Thể thao và Du lịch" in page.text
    files = [a for a in page.all("a") if "/export?" in a.attributes["href"]]
    assert {a.text for a in files} >= {"GeoPackage", "CSV", "FlatGeobuf", "XLSX"}


@pytest.mark.parametrize("layer", LAYERS)
def test_examples_work_as_they_stand(client: httpx.Client, layer: str) -> None:
    page = get(client, f"/ogc/collections/{layer}")
    examples = [a for a in page.all("a") if "filter=" in a.attributes["href"]]
    assert len(examples) >= 3
    for example in examples:
        get(client, example.attributes["href"])
    curl = page.one("code", id="curl-command").text.removeprefix("curl '").removesuffix("'")
    answer = client.get(curl)
    assert answer.status_code == 200
    assert answer.json()["type"] == "FeatureCollection"


def test_values_are_written_for_people(client: httpx.Client, rows: Rows) -> None:
    (row,) = rows(
        "SELECT h.id, h.name, h.state, h.price_vnd, h.paid_quarantine, u.name AS district,"
        f" to_char(h.updated_at AT TIME ZONE '{ZONE}', 'HH24:MI, DD/MM/YYYY') AS updated"
        " FROM layer.hotels AS h JOIN layer.admin_units AS u ON u.code = h.district_code"
        " WHERE price_vnd > 100000 ORDER BY h.id LIMIT 1"
    )
    page = get(client, f"/ogc/collections/hotels/items?limit=1&id={row.id}")
    (cells,) = page.table()
    titles = [one.text.strip() for one in page.all("a", class_="sort")]
    shown = dict(zip(titles, cells, strict=True))
    state = CATALOGUE["hotels"].column("state").codes
    assert state is not None
    assert titles[0] == "Tên cơ sở"
    assert shown["Tên cơ sở"] == row.name
    assert shown["Trạng thái"] == state.title_of(row.state, "vi")
    assert shown["Giá phòng một đêm (đồng)"] == f"{row.price_vnd:,}".replace(",", ".")
    assert shown["Cách ly có trả phí"] == ("Có" if row.paid_quarantine else "Không")
    assert shown["Quận, huyện"] == row.district
    assert shown["Cập nhật lúc"] == row.updated
    english = get(client, f"/ogc/collections/hotels/items/{row.id}?lang=en").text
    assert state.title_of(row.state, "en") in english
    assert f"{row.price_vnd:,}" in english


def test_pages_follow_each_other_to_the_end(client: httpx.Client, rows: Rows) -> None:
    names: list[str] = []
    address: str | None = "/ogc/collections/vaccination_points/items?limit=50&sortby=-stock_doses"
    while address:
        page = get(client, address)
        links = [one.attributes["href"] for one in page.all("a") if one.path[-1] == "th"]
        names += [link for link in links if "/items/" in link]
        following = page.all("a", rel="next")
        address = following[0].attributes["href"] if following else None
        assert len(names) <= 2000
    (count,) = rows("SELECT count(*) FROM layer.vaccination_points")[0]
    assert len(names) == len(set(names)) == count


def test_headings_sort(client: httpx.Client, rows: Rows) -> None:
    start = get(client, "/ogc/collections/checkpoints/items?limit=5&state=open")
    (heading,) = [a for a in start.all("a", class_="sort") if a.text.startswith("Lượt vào")]
    rising = get(client, heading.attributes["href"])
    assert rising.one("th", aria_sort="ascending").text.startswith("Lượt vào hôm nay")
    again = next(a for a in rising.all("a", class_="sort") if a.text.startswith("Lượt vào"))
    falling = get(client, again.attributes["href"])
    assert falling.one("th", aria_sort="descending")
    expected = rows(
        "SELECT name FROM layer.checkpoints WHERE state = 'open' ORDER BY in_today DESC, id LIMIT 5"
    )
    assert [row[0] for row in falling.table()] == [name for (name,) in expected]


def test_form_sends_what_it_shows(client: httpx.Client, rows: Rows) -> None:
    page = get(client, "/ogc/collections/sos_requests/items?sortby=-people&lang=vi")
    fields = dict(page.form())
    assert fields["sortby"] == "-people"
    assert fields["q"] == fields["state"] == fields["from"] == ""
    (day,) = rows(
        f"SELECT (reported_at AT TIME ZONE '{ZONE}')::date FROM layer.sos_requests"
        " WHERE priority = 'high' LIMIT 1"
    )[0]
    fields |= {"priority": "high", "from": str(day), "to": str(day)}
    action = page.one("form").attributes["action"]
    found = get(client, str(httpx.URL(action, params=fields)))
    (count,) = rows(
        "SELECT count(*) FROM layer.sos_requests WHERE priority = 'high'"
        f" AND (reported_at AT TIME ZONE '{ZONE}')::date = :day",
        day=day,
    )[0]
    assert count > 0
    assert f"Tìm thấy {count} đối tượng" in found.text
    after = dict(found.form())
    assert {name: after[name] for name in ("priority", "from", "to", "sortby")} == {
        "priority": "high",
        "from": str(day),
        "to": str(day),
        "sortby": "-people",
    }


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=abc", 400),
        ("to=2021-02-30", 400),
        ("from=0001-01-01", 400),
        ("from=9999-12-31&to=9999-12-31", 200),
        ("to=2021-01-01", 200),
        ("q=%00", 400),
        ("state=nothing", 400),
        ("limit=", 200),
    ],
)
def test_form_refuses_with_a_page(client: httpx.Client, query: str, status: int) -> None:
    page = get(client, f"/find/sos_requests?{query}", status=status)
    assert page.one("h1").text


def test_conditions_beyond_the_form_can_be_dropped(client: httpx.Client) -> None:
    query = {"filter": "in_today > 5", "bbox": "107,14,109,17", "limit": "3"}
    page = get(client, str(httpx.URL("/ogc/collections/checkpoints/items", params=query)))
    assert "filter = in_today > 5" in page.text
    (drop,) = page.all("a", aria_label="Bỏ điều kiện filter")
    kept = parse_qs(urlsplit(drop.attributes["href"]).query)
    assert kept == {"bbox": ["107,14,109,17"], "limit": ["3"]}


def test_empty_result_has_words(client: httpx.Client) -> None:
    page = get(client, "/ogc/collections/hotels/items?q=khongcogi")
    assert "Không có đối tượng nào." in page.text
    assert page.all("table") == []
    assert (
        "There is nothing to show."
        in get(client, "/ogc/collections/hotels/items?q=khongcogi&lang=en").text
    )


def test_only_public_columns_are_shown(client: httpx.Client) -> None:
    layer = CATALOGUE["sos_requests"]
    hidden = [c for c in layer.columns if c.audience > Audience.PUBLIC]
    assert hidden
    pages = ("", "/items", "/schema", "/queryables")
    for address in (f"/ogc/collections/{layer.id}{page}" for page in pages):
        page = get(client, address)
        names = {one.text.strip() for one in page.all("code") + page.all("a") + page.all("th")}
        assert not names & {c.name for c in hidden}
        assert not names & {c.title.vi for c in hidden}


def test_problems_are_pages_for_browsers_only(client: httpx.Client) -> None:
    address = "/ogc/collections/hotels/items?limit=%3Cb%3Eten"
    page = get(client, address, status=400)
    assert page.one("h1").text == "Yêu cầu chưa đúng"
    assert "limit='<b>ten'" in page.one("p", class_="detail").text
    assert page.all("b") == []
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/geo+json"}):
        assert client.get(address, headers=headers).headers["content-type"] == (
            "application/problem+json"
        )
    forced = client.get(f"{address}&f=json", headers=HTML)
    assert forced.headers["content-type"] == "application/problem+json"
    assert get(client, "/ogc/collections/nothing", 404).one("h1").text
    assert get(client, "/nowhere", 404).one("h1").text
    assert get(client, "/ogc/collections/hotels/items/999999", 404).one("h1").text


@pytest.mark.parametrize(
    ("address", "vi", "en"),
    [
        ("/ogc/collections/hotels/items?limit=ten", "limit='ten': phải là số nguyên", "whole"),
        ("/ogc/collections/hotels/items?state=x", "phải là một trong: available", "one of"),
        ("/ogc/collections/hotels/items?filter=stars+%3E", "filter: ", "filter: "),
        ("/ogc/collections/hotels/items?bbox=1,2", "bbox='1,2': ", "bbox='1,2': "),
        ("/find/hotels?from=abc", "'abc' không phải là ngày", "'abc' is not a day"),
    ],
)
def test_mistakes_are_told_in_both_languages(
    client: httpx.Client, address: str, vi: str, en: str
) -> None:
    said = [
        get(client, f"{address}&lang={language}", 400).one("p", class_="detail").text
        for language in ("vi", "en")
    ]
    assert vi in said[0]
    assert en in said[1]
    assert said[0].removeprefix("Chi tiết: ") != said[1].removeprefix("Details: ")


def test_hostile_names_stay_text(run_server: RunServer, fresh_database_url: str) -> None:
    name = "<script>alert('1')</script>\" onmouseover=\"x & {{ 7*7 }}"
    address = run_server(fresh_database_url)
    with httpx.Client(base_url=address, timeout=30) as client:
        before = get(client, "/ogc/collections/checkpoints/items/1")
        engine = sa.create_engine(sqlalchemy_url(fresh_database_url))
        with engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE layer.checkpoints SET name = :name WHERE id = 1"), {"name": name}
            )
        engine.dispose()
        wait_for_change(client, "/ogc/collections/checkpoints/items/1", before.one("h1").text)
        feature = get(client, "/ogc/collections/checkpoints/items/1")
        assert feature.one("h1").text == name
        items = get(client, "/ogc/collections/checkpoints/items?id=1")
        assert items.table()[0][0] == name
        for page in (feature, items):
            assert all("src" in script.attributes for script in page.all("script"))
            assert not any("onmouseover" in one.attributes for one in page.elements)


def wait_for_change(client: httpx.Client, address: str, old: str) -> None:
    """Ask until the page's heading is another; half a second is what the server promises."""
    for _ in range(25):
        if get(client, address).one("h1").text != old:
            return
        time.sleep(0.02)
    raise AssertionError(f"{address} still says {old!r}")
