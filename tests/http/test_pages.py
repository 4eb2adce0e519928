"""The map page, the built files, downloads, and what each address takes."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.http.pages import HtmlPage


@pytest.mark.parametrize("form", ["fgb", "gpkg", "xlsx", "parquet"])
def test_a_download_is_there_every_time(client: httpx.Client, form: str) -> None:
    for _ in range(12):
        answer = client.get("/ogc/collections/hotels/export", params={"f": form})
        assert answer.status_code == 200
        assert len(answer.content) > 1000


def test_map_page_and_its_files(client: httpx.Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    page = HtmlPage(answer.text)
    files = [one.attributes["src"] for one in page.all("script")]
    files += [one.attributes["href"] for one in page.all("link")]
    files = [name for name in files if not name.startswith("/api/")]  # data that is asked for ahead
    assert any(name.endswith(".js") for name in files)
    for name in files:
        file = client.get(name, headers={"Accept-Encoding": "br"})
        assert file.status_code == 200
        hashed = name.startswith("/assets/") and name != "/assets/theme.js"
        kept = "public, max-age=31536000, immutable" if hashed else "no-cache"
        assert file.headers["cache-control"] == kept, name
        again = client.get(name, headers={"If-None-Match": file.headers["etag"]})
        assert again.status_code == 304
    script = next(name for name in files if name.endswith(".js") and "theme" not in name)
    packed = client.get(script, headers={"Accept-Encoding": "br"})
    plain = client.get(script, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "br"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < len(plain.content)


def test_the_sos_page_and_what_keeps_it(client: httpx.Client) -> None:
    answer = client.get("/sos")
    assert answer.status_code == 200
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-cache"
    page = HtmlPage(answer.text)
    assert all("src" in one.attributes for one in page.all("script"))
    files = [one.attributes["src"] for one in page.all("script")]
    files += [one.attributes["href"] for one in page.all("link")]
    assert "/manifest.webmanifest" in files
    worker = client.get("/sw.js")
    assert worker.status_code == 200
    assert worker.headers["content-type"].startswith("text/javascript")
    # A browser that asks again gets the newest one.
    assert worker.headers["cache-control"] == "no-cache"
    for name in files:
        assert client.get(name).status_code == 200
        # What the page loads at once opens without a network too.
        if name.endswith((".js", ".css")):
            assert name in worker.text
    manifest = client.get("/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")


@pytest.mark.parametrize("path", ["/team", "/checkpoint", "/declare"])
def test_the_pages_of_the_field_open_without_a_network(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    page = HtmlPage(answer.text)
    worker = client.get("/sw.js").text
    assert re.search(rf'["`]{path}["`]', worker)
    files = [one.attributes["src"] for one in page.all("script")]
    files += [one.attributes["href"] for one in page.all("link")]
    for name in files:
        assert client.get(name).status_code == 200
        if name.endswith((".js", ".css")):
            assert name in worker
    manifest = client.get("/team.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    assert manifest.json()["start_url"] == "/team"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/nothing.js",
        "/assets/../.vite/manifest.json",
        "/assets/..%2f.vite%2fmanifest.json",
        "/assets/%2e%2e/%2e%2e/package.json",
        "/assets/",
        "/assets/%00",
    ],
)
def test_only_built_files_are_served(client: httpx.Client, path: str) -> None:
    request = client.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    assert client.send(request).status_code == 404


def test_options_say_what_an_address_takes(client: httpx.Client) -> None:
    for address in ("/ogc", "/ogc/collections/hotels/items", "/ogc/collections/hotels/items/1"):
        answer = client.options(address)
        assert answer.status_code in (200, 204)
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.options("/ogc/nothing").status_code == 404
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    preflight = client.options("/ogc/collections", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
