"""A briefing in Chromium: opened as a file without a network, and from the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from api.briefing.making import make
from tests.browser.chromium import DESKTOP, PHONE, Watch, open_page
from tests.db.test_briefing import ordered, result_of
from tests.http.test_conformance_processes import execute, finished

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>`${alert(3)}`"


def opened(browser: Browser, file: Path) -> tuple[Page, Watch, list[str]]:
    """A page that has opened the file with the network off, and the addresses it asked for."""
    page, watch = open_page(browser, "http://nowhere.invalid", DESKTOP)
    page.context.set_offline(True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    return page, watch, asked


def shapes(page: Page) -> int:
    """The features that the map has drawn: those that answer to the pointer."""
    return page.locator("path.leaflet-interactive").count()


@pytest.fixture(scope="module")
def job(server: str) -> tuple[str, dict[str, Any]]:
    """The number of a public job, and its result."""
    with httpx.Client(base_url=server, timeout=90) as client:
        answer = execute(client, "hotspots", {"layer": "sos_requests", "by": "commune"})
        address = answer.headers["location"]
        assert finished(client, address)["status"] == "successful"
        return address.rpartition("/")[2], client.get(f"{address}/results").json()


def test_the_file_needs_no_network(
    browser: Browser, server: str, job: tuple[str, dict[str, Any]], tmp_path: Path
) -> None:
    number, result = job
    file = tmp_path / "briefing.html"
    file.write_bytes(httpx.get(f"{server}/briefing/{number}.html?lang=vi", timeout=90).content)
    page, watch, asked = opened(browser, file)
    expect(page.get_by_role("heading", level=1)).to_have_text("Điểm nóng (Getis-Ord Gi*)")
    assert shapes(page) == len(result["features"])
    top = max(result["features"], key=lambda one: one["properties"]["z"] or -9)["properties"]
    expect(page.locator("tbody th").first).to_have_text(top["name"])
    expect(page.locator(".summary")).to_contain_text(top["name"])
    # The most notable lies on top, and tells its numbers.
    page.locator("path.leaflet-interactive").last.dispatch_event("click")
    popup = page.locator(".leaflet-popup-content")
    expect(popup).to_contain_text(top["name"])
    expect(popup).to_contain_text(str(top["n"]))
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        serious = [
            (one["id"], one["nodes"][0]["html"])
            for one in Axe().run(page).response["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == []
    assert asked == [file.as_uri()]
    watch.assert_clean()


def test_the_server_shows_it_as_a_stranger(
    browser: Browser, server: str, job: tuple[str, dict[str, Any]]
) -> None:
    number, result = job
    page, watch = open_page(browser, server, PHONE)
    answer = page.goto(f"/briefing/{number}.html?lang=en")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "sandbox allow-scripts" in policy
    expect(page.get_by_role("heading", level=1)).to_have_text("Hotspots (Getis-Ord Gi*)")
    assert shapes(page) == len(result["features"])
    assert page.evaluate("origin") == "null"
    watch.assert_clean()


def test_hostile_names_are_only_text(browser: Browser, database_url: str, tmp_path: Path) -> None:
    result = json.loads(result_of(database_url, "hotspots", by="district"))
    for feature in result["features"]:
        feature["id"] = HOSTILE
        feature["properties"]["name"] = HOSTILE
    result["provenance"]["inputs"]["filter"] = HOSTILE
    file = tmp_path / "hostile.html"
    file.write_bytes(make(ordered(database_url, json.dumps(result).encode())))
    page, watch, asked = opened(browser, file)
    page.on("dialog", lambda dialog: watch.errors.append(f"dialog: {dialog.message}"))
    assert shapes(page) == len(result["features"])
    expect(page.locator("tbody th").first).to_have_text(HOSTILE)
    expect(page.locator(".subject")).to_contain_text(HOSTILE)
    page.locator("path.leaflet-interactive").last.dispatch_event("click")
    expect(page.locator(".leaflet-popup-content td").first).to_have_text(HOSTILE)
    assert page.locator("img").count() == 0
    assert asked == [file.as_uri()]
    watch.assert_clean()
