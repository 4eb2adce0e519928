"""The pages under `/ogc` in Chromium: readable by everybody, on a desk and on a phone."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.accessible import faults_of
from tests.browser.chromium import DESKTOP, PATIENCE_MS, PHONE, choose_language, open_page

PAGES = (
    "/ogc",
    "/ogc/collections",
    "/ogc/collections/checkpoints",
    "/ogc/collections/sos_requests/items?lang=en",
    "/ogc/collections/hotels/items?q=khongcogi",
    "/ogc/collections/admin_units/items/49",
    "/ogc/collections/hotels/schema",
    "/ogc/collections/hotels/tiles/WebMercatorQuad",
    "/ogc/tileMatrixSets/WebMercatorQuad",
    "/ogc/styles",
    "/ogc/styles/vaccination_points",
    "/ogc/conformance",
)
THEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")


def drawn(page: Page) -> None:
    """Wait until every small map of the page has drawn."""
    for place in page.locator("[data-map]").all():
        place.scroll_into_view_if_needed()
    waiting = "() => !document.querySelector('[data-map]:not([data-ready])')"
    page.wait_for_function(waiting, timeout=PATIENCE_MS)


def faults(page: Page, exclude: str | None = None) -> list[str]:
    """What axe finds wrong in either theme: the theme, the rule, and where.

    It begins with the theme in use and leaves the page in the other: a change draws maps anew.
    """
    told: list[str] = []
    begun = page.locator("html").get_attribute("data-theme")
    for theme in sorted(THEMES, key=lambda theme: theme != begun):
        page.emulate_media(color_scheme=theme)
        page.locator(f"html[data-theme={theme}]").wait_for(state="attached")
        told += [f"{theme}, {fault}" for fault in faults_of(page, exclude)]
    return told


@pytest.mark.parametrize("address", PAGES)
def test_page_is_accessible_and_clean(browser: Browser, server: str, address: str) -> None:
    page, watch = open_page(browser, server, DESKTOP)
    page.goto(address)
    drawn(page)
    assert "Be Vietnam Pro" in page.evaluate("getComputedStyle(document.body).fontFamily")
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert faults(page) == []
    watch.assert_clean()
    page.context.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_problem_page(browser: Browser, server: str, size: ViewportSize) -> None:
    page, watch = open_page(browser, server, size)
    answer = page.goto("/ogc/collections/hotels/items?filter=stars+%3E")
    assert answer is not None
    assert answer.status == 400
    assert page.get_by_role("heading", level=1).inner_text() == "Yêu cầu chưa đúng"
    assert faults(page) == []
    assert watch.foreign == []
    page.context.close()


def test_reader_filters_sorts_and_pages(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, DESKTOP)
    page.goto("/ogc/collections/vaccination_points/items")
    page.get_by_label("Trạng thái").select_option(label="Đang tiêm")
    page.get_by_role("button", name="Lọc").click()
    page.wait_for_url("**/items?*state=open*")
    page.get_by_role("link", name="Tên điểm tiêm").click()
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Tên điểm tiêm")
    first = page.locator("tbody th").first.inner_text()
    page.get_by_role("link", name="Trang sau").click()
    page.wait_for_url("**cursor=*")
    assert page.locator("tbody th").first.inner_text() > first
    assert page.get_by_label("Trạng thái").input_value() == "open"
    choose_language(page, "English")
    expect(page.locator("html[lang=en]")).to_be_attached()
    assert page.get_by_label("State").input_value() == "open"
    drawn(page)
    watch.assert_clean()
    page.context.close()


def test_address_for_qgis_can_be_copied(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, DESKTOP)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/ogc")
    page.get_by_role("button", name="Sao chép").first.click()
    page.get_by_role("button", name="Đã sao chép").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{server}/ogc"
    watch.assert_clean()
    page.context.close()


def test_requests_can_be_tried_in_the_documentation(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, DESKTOP)
    page.goto("/ogc/api")
    page.get_by_role("button", name="Expand operation").first.wait_for(state="attached")
    assert faults(page, ".swagger-ui") == []
    page.locator(".opblock-tag[data-tag=capabilities]").click()
    page.locator(".opblock-tag[data-tag=public]").click()
    for name in ("capabilities-conformance", "public-post_form"):
        _try_out(page, name)
    watch.assert_clean()
    page.context.close()


def _try_out(page: Page, name: str) -> None:
    operation = page.locator(f"#operations-{name}")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    status = operation.locator(".live-responses-table tbody .response-col_status")
    status.wait_for()
    assert status.inner_text().startswith("200")
