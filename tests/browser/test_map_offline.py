"""The map without a network: what was seen stays, its age is said, nothing private is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, expect

from api.cli.database import create_database
from tests.browser.chromium import DESKTOP, open_page, wait_for_map
from tests.browser.test_ogc_pages import faults
from tests.conftest import serving
from tests.people import PASSWORD, person

KEPT = """async () => {
  const found = {};
  for (const name of await caches.keys())
    if (/^map-(data|tiles|looks)$/.test(name))
      found[name] = (await (await caches.open(name)).keys()).map(({ url }) => url);
  return found;
}"""
READ = """async (address) => {
  const answer = await fetch(address);
  return [answer.status, answer.headers.get('x-kept-at'), (await answer.text()).length];
}"""
BESIDE: FloatRect = {"x": 500, "y": 80, "width": 700, "height": 600}
"""A part of the map that no notice covers."""
STATE = ".notice-trouble"


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[tuple[str, str]]:
    """A database with the demo, and a server on it."""
    url = create_database(cluster, "browser_map_offline", template_database)
    person(url, "admin", password=PASSWORD, login="quan.tri")
    with serving(url) as address:
        yield url, address


def watched(browser: Browser, address: str) -> tuple[Page, BrowserContext]:
    """The map under the service worker, all drawn."""
    page, _ = open_page(browser, address, DESKTOP)
    page.goto("/sos")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.goto("/#map=10/15.75/108.3")
    wait_for_map(page)
    return page, page.context


def test_the_age_of_what_is_shown_is_said_until_the_network_is_back(
    browser: Browser, site: tuple[str, str]
) -> None:
    page, context = watched(browser, site[1])
    notice = page.locator(STATE)
    expect(notice).to_be_hidden()
    before = page.screenshot(clip=BESIDE)
    context.set_offline(True)
    expect(notice).to_contain_text(
        re.compile(r"Dữ liệu lúc \d\d:\d\d, \d\d/\d\d/\d{4} \(.*phút trước\)")
    )
    # What was seen stays on the map.
    assert page.screenshot(clip=BESIDE) == before
    assert faults(page) == []
    # The menu cannot learn who is signed in; the rest of it works.
    page.locator(".site-tools button.head-button").click()
    page.locator("#site-menu").get_by_role("button", name="English").click()
    expect(notice).to_contain_text("Data of")
    context.set_offline(False)
    expect(notice).to_be_hidden()
    wait_for_map(page)


def test_it_recovers_by_itself_from_a_server_that_was_away(
    browser: Browser, site: tuple[str, str]
) -> None:
    # Without a worker, whose requests a test cannot hold up.
    page, _ = open_page(browser, site[1], DESKTOP, workers=False)
    page.goto("/#map=10/15.75/108.3")
    wait_for_map(page)
    away = True

    def gate(route: Any) -> None:
        if away:
            route.abort()
        else:
            route.continue_()

    page.route(re.compile("/tiles/|/readyz|/api/map"), gate)
    page.get_by_role("button", name="Phóng to").click()
    notice = page.locator(STATE)
    expect(notice).to_contain_text("Mất kết nối tới máy chủ")
    away = False
    # No event of the browser's tells that the server answers again: the page finds out.
    expect(notice).to_be_hidden()
    wait_for_map(page)


def test_what_was_seen_is_kept_under_one_address_for_all_versions(
    browser: Browser, site: tuple[str, str]
) -> None:
    page, context = watched(browser, site[1])
    page.goto("about:blank")
    page.goto("/#map=10/15.75/108.3&feature=checkpoints/1")
    wait_for_map(page)
    expect(page.locator("#feature dl.fields")).to_be_visible()
    kept = page.evaluate(KEPT)
    assert any(url.endswith("/api/map") for url in kept["map-data"])
    assert any("/checkpoints/items/1?" in url for url in kept["map-data"])
    assert len(kept["map-tiles"]) > 5
    assert all("v=" not in url for url in kept["map-tiles"])
    assert any("/ogc/sprites/" in url for url in kept["map-looks"])
    context.set_offline(True)
    tile = kept["map-tiles"][0] + "&v=999"
    for address in ("/api/map", tile):
        status, at, size = page.evaluate(READ, address)
        assert status in (200, 204)
        assert re.match(r"\d{4}-\d\d-\d\dT", at)
        assert size > 0 or status == 204
    # What is for people is no data, and a download of a layer is not the map's.
    assert page.evaluate("fetch('/ogc').then(() => 'came', () => 'away')") == "away"
    context.set_offline(False)


def test_what_is_kept_is_shown_with_its_age(browser: Browser, site: tuple[str, str]) -> None:
    page, context = watched(browser, site[1])
    page.evaluate(
        """async () => {
          const cache = await caches.open('map-data');
          for (const request of await cache.keys()) {
            const answer = await cache.match(request);
            const headers = new Headers(answer.headers);
            headers.set('x-kept-at', new Date(Date.now() - 3 * 3600e3).toISOString());
            await cache.put(request, new Response(answer.body, { headers }));
          }
        }"""
    )
    context.set_offline(True)
    page.evaluate("fetch('/api/map').then((answer) => answer.text())")
    expect(page.locator(STATE)).to_contain_text("(3 giờ trước)")
    context.set_offline(False)
    expect(page.locator(STATE)).to_be_hidden()


def test_nobodys_own_data_is_kept_and_who_signs_out_leaves_nothing(
    browser: Browser, site: tuple[str, str]
) -> None:
    page, context = watched(browser, site[1])
    page.goto("/sign-in?next=/")
    page.get_by_label("Tên đăng nhập").fill("quan.tri")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    public = page.evaluate(KEPT)
    assert public["map-tiles"]
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site[1]}/")
    page.goto("about:blank")
    page.goto("/#map=12/15.57/108.48&feature=checkpoints/2")
    wait_for_map(page)
    expect(page.get_by_role("button", name="Sửa", exact=True)).to_be_visible()
    # Another view and another feature than the public has seen: nothing of them is kept.
    now = page.evaluate(KEPT)
    for cache in ("map-data", "map-tiles", "map-looks"):
        assert now[cache] == public[cache]
    page.goto("/sign-in")
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_label("Tên đăng nhập")).to_be_visible()
    page.wait_for_function(
        "async () => !(await caches.keys()).some((name) => /^map-(data|tiles|looks)$/.test(name))"
    )
    context.set_offline(True)
    assert page.evaluate("fetch('/api/map').then(() => 'came', () => 'away')") == "away"
    context.set_offline(False)


def test_the_map_opens_without_a_network_and_says_how_old_it_is(
    browser: Browser, site: tuple[str, str]
) -> None:
    page, context = watched(browser, site[1])
    page.wait_for_function("async () => (await (await caches.open('map-files')).keys()).length > 5")
    context.set_offline(True)
    page.reload()
    wait_for_map(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Quảng Nam")
    expect(page.locator(STATE)).to_contain_text("Dữ liệu lúc")
    context.set_offline(False)
    expect(page.locator(STATE)).to_be_hidden()
    wait_for_map(page)
