"""The menu in the head of every page: account, language, theme, the other pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from api.cli.database import create_database
from tests.browser.chromium import DESKTOP, PHONE, Watch, choose_language, open_menu, open_page
from tests.browser.test_ogc_pages import faults
from tests.conftest import serving
from tests.people import PASSWORD, person

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
PAGES = ("/", "/sos", "/sos/follow", "/dashboard", "/sign-in", "/ogc", "/ogc/api?f=html", "/help")
SMALL = (
    "[...document.querySelectorAll('.site-tools a, .site-tools button')]"
    ".filter((one) => { const box = one.getBoundingClientRect();"
    " return box.width < 44 || box.height < 44; }).map((one) => one.outerHTML)"
)
# Notes when the theme is set, to compare with the first paint.
NOTE = """
new MutationObserver(() => { window.themedAt ??= performance.now(); })
  .observe(document.documentElement ?? document, {attributes: true, subtree: true,
    attributeFilter: ['data-theme']});
"""


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[tuple[str, str]]:
    """A database with the demo and a server on it."""
    url = create_database(cluster, "browser_menu", template_database)
    with serving(url, {}) as address:
        yield url, address


def opened(browser: Browser, address: str, size: ViewportSize, path: str) -> tuple[Page, Watch]:
    """A page with its menu, which is not open yet."""
    page, watch = open_page(browser, address, size)
    page.goto(path)
    page.locator(".site-tools button.head-button").wait_for()
    return page, watch


@SIZES
@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_menu(
    browser: Browser, site: tuple[str, str], size: ViewportSize, path: str
) -> None:
    page, watch = opened(browser, site[1], size, path)
    assert page.locator(".site-tools").count() == 1
    expect(page.get_by_role("link", name="Trợ giúp", exact=True)).to_have_attribute("href", "/help")
    page.locator(".site-tools button.head-button").focus()
    page.keyboard.press("Enter")
    menu = page.locator("#site-menu")
    expect(menu.get_by_text("Chưa đăng nhập")).to_be_visible()
    assert faults(page, ".swagger-ui") == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(SMALL) == []
    box = menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] + box["height"] <= size["height"]
    # From the button, whatever the checks above have touched.
    page.locator(".site-tools button.head-button").focus()
    page.keyboard.press("Tab")
    assert menu.evaluate("(menu) => menu.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(page.locator(".site-tools button.head-button")).to_be_focused()
    watch.assert_clean()
    page.context.close()


def test_a_theme_is_chosen_once_for_all_pages_and_is_there_before_the_first_paint(
    browser: Browser, site: tuple[str, str]
) -> None:
    page, watch = opened(browser, site[1], DESKTOP, "/")
    page.add_init_script(NOTE)
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-theme", "dark")
    page.emulate_media(color_scheme="light")
    open_menu(page).get_by_role("button", name="Tối").click()
    expect(root).to_have_attribute("data-theme", "dark")
    for path in ("/dashboard", "/ogc", "/sos"):
        page.goto(path)
        assert root.get_attribute("data-theme") == "dark"
        colour = page.evaluate("getComputedStyle(document.documentElement).colorScheme")
        assert colour == "dark", path
        bar = page.locator("meta[name=theme-color]")
        assert bar.get_attribute("content") == bar.get_attribute("data-dark")
        page.wait_for_function("() => performance.getEntriesByName('first-paint').length > 0")
        first = page.evaluate("performance.getEntriesByName('first-paint')[0].startTime")
        assert page.evaluate("window.themedAt") <= first, path
    open_menu(page).get_by_role("button", name="Theo máy").click()
    expect(root).to_have_attribute("data-theme", "light")
    watch.assert_clean()
    page.context.close()


def test_a_language_is_chosen_once_for_the_pages_of_script_and_of_server(
    browser: Browser, site: tuple[str, str]
) -> None:
    page, watch = opened(browser, site[1], DESKTOP, "/")
    choose_language(page, "English")
    page.goto("/ogc/collections")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    choose_language(page, "Tiếng Việt")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    page.goto("/dashboard")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bảng số liệu trong ngày")
    watch.assert_clean()
    page.context.close()


@SIZES
def test_who_is_signed_in_sees_the_pages_of_the_role_and_signs_out(
    browser: Browser, site: tuple[str, str], size: ViewportSize
) -> None:
    url, address = site
    one = person(url, "coordinator", departments=["rescue_coordination"], password=PASSWORD)
    page, watch = opened(browser, address, size, "/sign-in?next=/dashboard")
    page.get_by_label("Tên đăng nhập").fill(one.login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard")
    menu = open_menu(page)
    expect(menu).to_contain_text(one.login)
    expect(menu.get_by_role("link", name="Điều phối cứu hộ")).to_have_attribute("href", "/board")
    expect(menu.get_by_role("link", name="Quản lý tài khoản")).to_have_count(0)
    expect(menu.locator("[aria-current=page]")).to_have_text("Số liệu trong ngày")
    assert faults(page) == []
    menu.get_by_role("button", name="Đăng xuất").click()
    # The page loads anew: until then it is the old one, whose menu is open.
    expect(menu).to_be_hidden()
    expect(open_menu(page)).to_contain_text("Chưa đăng nhập")
    expect(page.get_by_role("link", name="Điều phối cứu hộ")).to_have_count(0)
    watch.assert_clean()
    page.context.close()
