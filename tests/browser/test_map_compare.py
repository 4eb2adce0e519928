"""Two dates side by side on the map in Chromium: the divider, the numbers, the address."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import DESKTOP, Watch, only
from tests.browser.test_map import SIZES, faults, opened, read, redrawn


@pytest.fixture
def days(server: str) -> tuple[str, str]:
    """Two days of the demo's requests, three weeks apart."""
    found = read(server, "/api/layers/sos_requests/timeline")["days"]
    return found[30], found[51]


def compared(
    browser: Browser, server: str, size: ViewportSize, days: tuple[str, str]
) -> tuple[Page, Watch, Any]:
    """A link to the comparison of two weeks, opened; and its panel."""
    few = only("admin_units", "sos_requests")
    view = f"#map=9.3/15.75/108.3&{few}&compare={days[0]}_week~{days[1]}_week~50~sos_requests"
    page, watch = opened(browser, server, size, view)
    page.locator(".swipe-map[data-idle]").wait_for()
    page.locator(".compare-table").nth(1).wait_for()
    return page, watch, page.locator("section.tool")


def numbers(panel: Any, table: int) -> list[list[str]]:
    """The cells of a table's rows."""
    rows = panel.locator(".compare-table").nth(table).locator("tbody tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def expected(server: str, day: str, district: str = "") -> int:
    """How many requests lie in the week that ends with a day of the province."""
    values = read(server, f"/api/layers/sos_requests/timeline?step=day{district}")
    by_day = dict(zip(values["days"], values["values"], strict=True))
    at = values["days"].index(day)
    return sum(by_day[one] for one in values["days"][max(0, at - 6) : at + 1])


@SIZES
def test_both_windows_and_their_differences_are_shown(
    browser: Browser, server: str, size: ViewportSize, days: tuple[str, str]
) -> None:
    page, watch, panel = compared(browser, server, size, days)
    a, b = (expected(server, day) for day in days)
    ((name, *cells),) = numbers(panel, 0)
    assert name == "Yêu cầu cứu trợ SOS"
    sign = f"+{b - a}" if b > a else f"−{a - b}" if b < a else "0"
    assert cells == [str(a), str(b), sign]
    districts = numbers(panel, 1)
    assert sum(int(row[1]) for row in districts) == a
    assert sum(int(row[2]) for row in districts) == b
    assert all(not row[0].isdigit() for row in districts)
    assert page.evaluate("document.querySelectorAll('canvas.maplibregl-canvas').length") == 2
    left, right = page.locator(".swipe-name").all_inner_texts()
    assert left.startswith("A: ")
    assert right.startswith("B: ")
    assert faults(page) == []
    watch.assert_clean()


def test_the_divider_follows_the_keyboard_and_the_pointer(
    browser: Browser, server: str, days: tuple[str, str]
) -> None:
    page, watch, _ = compared(browser, server, DESKTOP, days)
    divider = page.get_by_role("separator")
    for key, value in (("ArrowRight", 52), ("PageDown", 42), ("Home", 5), ("End", 95)):
        divider.press(key)
        expect(divider).to_have_attribute("aria-valuenow", str(value))
    assert "~95~" in page.url
    box = divider.bounding_box()
    stage = page.locator("#map").bounding_box()
    assert box is not None
    assert stage is not None
    page.mouse.move(box["x"] + 22, 300)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] * 0.7, 310, steps=4)
    page.mouse.up()
    expect(divider).to_have_attribute("aria-valuenow", "70")
    expect(page.locator(".swipe-map")).to_have_css("clip-path", "inset(0px 0px 0px 70%)")
    watch.assert_clean()


def test_the_second_map_moves_with_the_first_and_asks_for_its_own_window(
    browser: Browser, server: str, days: tuple[str, str]
) -> None:
    page, watch, _ = compared(browser, server, DESKTOP, days)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Phóng to").click()
    redrawn(page)
    page.locator(".swipe-map[data-idle]").wait_for()
    tiles = [url for url in asked if "/sos_requests/tiles/" in url]
    ends = {parse_qs(urlsplit(url).query)["datetime"][0].split("/")[1][:10] for url in tiles}
    assert ends == set(days)
    asked.clear()
    # Dragging the right map moves the left one, too, so both ask for what comes into view.
    page.mouse.move(1300, 600)
    page.mouse.down()
    page.mouse.move(1000, 300, steps=6)
    page.mouse.up()
    redrawn(page)
    page.locator(".swipe-map[data-idle]").wait_for()
    tiles = [url for url in asked if "/sos_requests/tiles/" in url]
    ends = {parse_qs(urlsplit(url).query)["datetime"][0].split("/")[1][:10] for url in tiles}
    assert ends == set(days)
    watch.assert_clean()


def test_closing_leaves_the_map_as_it_was(
    browser: Browser, server: str, days: tuple[str, str]
) -> None:
    page, watch, panel = compared(browser, server, DESKTOP, days)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    panel.get_by_role("button", name="Đóng").click()
    expect(panel).to_be_hidden()
    redrawn(page)
    assert page.locator(".swipe-map, .swipe-divider").count() == 0
    assert "compare=" not in page.url
    tiles = [url for url in asked if "/sos_requests/tiles/" in url]
    assert tiles
    assert all("datetime" not in url for url in tiles)
    watch.assert_clean()


def test_a_day_can_be_changed_and_one_that_is_none_is_refused(
    browser: Browser, server: str, days: tuple[str, str]
) -> None:
    page, watch, panel = compared(browser, server, DESKTOP, days)
    other = read(server, "/api/layers/sos_requests/timeline")["days"][60]
    field = panel.get_by_label("Ngày cuối khoảng B")
    field.fill(other)
    field.dispatch_event("change")
    total = str(expected(server, other))
    expect(panel.locator(".compare-table").first.locator("tbody td").nth(1)).to_have_text(total)
    field.fill("")
    field.dispatch_event("change")
    expect(panel.get_by_role("status")).to_have_text("Hãy chọn một ngày có thật.")
    assert f"~{other}_week~" in page.url
    watch.assert_clean()
