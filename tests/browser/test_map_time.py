"""The time slider of the map in Chromium: windows, play and pause, the address, both sizes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import DESKTOP, Watch, choose_language
from tests.browser.test_map import SIZES, faults, opened, read, redrawn

STATE = re.compile(r"time=(\d{4}-\d\d-\d\d)_(\w+)~(\d+)~([\d.]+)((?:~\w+)*)")


def opened_tool(
    browser: Browser, server: str, size: ViewportSize, view: str = ""
) -> tuple[Page, Watch, Any]:
    """The map with the time slider open, and its panel."""
    page, watch = opened(browser, server, size, view)
    if not view:
        page.locator("[data-tool=time].map-button").click()
    panel = page.locator("section.tool")
    expect(panel.locator(".tool-status")).to_contain_text("đối tượng trong khoảng")
    return page, watch, panel


def state(page: Page) -> tuple[str, str, list[str]]:
    """The last day, the window and the layers that the address has."""
    found = STATE.search(page.url)
    assert found is not None, page.url
    return found[1], found[2], found[5].strip("~").split("~")


def matched(server: str, days: list[str]) -> int:
    """How many requests the server itself finds on these days of the province."""
    interval = f"{days[0]}T00:00:00%2B07:00/{days[-1]}T23:59:59.999999%2B07:00"
    address = f"/ogc/collections/sos_requests/items?resultType=hits&datetime={interval}&f=json"
    return int(read(server, address)["numberMatched"])


@SIZES
def test_the_slider_narrows_the_map_to_its_window(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page, watch, panel = opened_tool(browser, server, size)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    last, window, layers = state(page)
    assert (window, sorted(layers)) == ("week", ["alerts", "outbreak_zones", "sos_requests"])
    for other in ("Vùng cảnh báo", "Vùng dịch"):
        panel.get_by_label(other).uncheck()
    slider = panel.get_by_role("slider")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowLeft")
    earlier = (date.fromisoformat(last) - timedelta(3)).isoformat()
    expect(page).to_have_url(re.compile(f"time={earlier}_week"))
    days = [(date.fromisoformat(earlier) - timedelta(n)).isoformat() for n in range(6, -1, -1)]
    number = f"{matched(server, days):,}".replace(",", ".")
    expect(panel.locator(".tool-status")).to_have_text(f"{number} đối tượng trong khoảng này")
    redrawn(page)
    tiles = [url for url in asked if "/sos_requests/tiles/" in url]
    narrowed = {parse_qs(urlsplit(url).query).get("datetime", [""])[0] for url in tiles}
    utc = (date.fromisoformat(days[0]) - timedelta(1)).isoformat()
    assert f"{utc}T17:00:00Z/{earlier}T16:59:59.999999Z" in narrowed
    assert not [url for url in asked if "/hotels/tiles/" in url and "datetime" in url]
    assert panel.locator(".time-bars rect.shown").count() >= 1
    assert faults(page) == []
    watch.assert_clean()


@pytest.mark.parametrize("window", ["day", "days3", "week", "month", "all"])
def test_a_link_opens_the_same_window(browser: Browser, server: str, window: str) -> None:
    first = read(server, "/api/layers/sos_requests/timeline")["days"][40]
    link = f"#map=9.3/15.75/108.3&time={first}_{window}~3~2~sos_requests"
    page, watch, panel = opened_tool(browser, server, DESKTOP, link)
    assert state(page) == (first, window, ["sos_requests"])
    length = {"day": 1, "days3": 3, "week": 7, "month": 30, "all": 41}[window]
    days = [
        (date.fromisoformat(first) - timedelta(n)).isoformat() for n in range(length - 1, -1, -1)
    ]
    number = f"{matched(server, days):,}".replace(",", ".")
    expect(panel.locator(".tool-status")).to_have_text(f"{number} đối tượng trong khoảng này")
    assert panel.get_by_label("Yêu cầu cứu trợ").is_checked()
    assert not panel.get_by_label("Vùng cảnh báo").is_checked()
    watch.assert_clean()


def test_it_plays_by_keyboard_pauses_and_shows_frames_that_were_preloaded(
    browser: Browser, server: str
) -> None:
    days = read(server, "/api/layers/sos_requests/timeline")["days"]
    link = f"#map=9.3/15.75/108.3&time={days[20]}_day~1~1~sos_requests"
    page, watch, panel = opened_tool(browser, server, DESKTOP, link)
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.resource_type, request.url)))
    play = panel.get_by_role("button", name="Phát")
    play.focus()
    play.press("Enter")
    expect(panel.get_by_role("button", name="Dừng")).to_be_visible()
    expect(page).to_have_url(re.compile(f"time={days[23]}_day"))
    panel.get_by_role("button", name="Dừng").press("Space")
    expect(panel.get_by_role("button", name="Phát")).to_be_visible()
    stopped = state(page)[0]
    page.wait_for_timeout(1500)
    assert state(page)[0] == stopped
    # Each frame's tiles were asked for before it was shown: twice, the second time for the map.
    interval = f"{days[21]}T16%3A59%3A59.999999Z"
    tiles = [url for _, url in asked if "/sos_requests/tiles/" in url and interval in url]
    assert tiles
    assert all(tiles.count(url) >= 2 for url in tiles)
    watch.assert_clean()


def test_showing_all_times_again_puts_the_slider_away(browser: Browser, server: str) -> None:
    page, watch, panel = opened_tool(browser, server, DESKTOP)
    panel.get_by_role("button", name="Bỏ lọc thời gian").click()
    expect(panel).to_be_hidden()
    assert "time=" not in page.url
    expect(page.locator("[data-tool=time].map-button")).to_be_focused()
    watch.assert_clean()


def test_in_english(browser: Browser, server: str) -> None:
    page, watch, panel = opened_tool(browser, server, DESKTOP)
    choose_language(page, "English")
    expect(panel.get_by_role("heading")).to_have_text("Over time")
    expect(panel.get_by_role("button", name="Play")).to_be_visible()
    assert panel.get_by_label("SOS requests: Reported").is_checked()
    watch.assert_clean()
