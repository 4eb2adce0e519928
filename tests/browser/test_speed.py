"""The map's first visit, later visits and live changes: what can be told without a clock.

Times depend on the machine: `python -m bench.browser` measures them.
"""

from __future__ import annotations

import json
import re
import threading
import urllib.request
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, Request, Route, ViewportSize, expect

from tests.browser.chromium import DESKTOP, PATIENCE_MS, PHONE, open_page, wait_for_map

BUDGET = 600 * 1024
"""Octets of bodies, compressed, until the map is drawn. What the service worker keeps for later
visits is no part of it."""
SIGHT_BUDGET = 200 * 1024
"""The same until the province, the points and the panel can be seen."""
BEFORE_SIGHT = """() => {
  const [{ startTime }] = performance.getEntriesByName('first-sight');
  return ['navigation', 'resource']
    .flatMap((kind) => performance.getEntriesByType(kind))
    .filter(({ responseEnd }) => responseEnd <= startTime)
    .map(({ name, transferSize }) => ({ name, size: transferSize }));
}"""
LETTERS = """() => performance.getEntriesByType('resource')
  .map(({ name }) => name).filter((name) => name.includes('/ogc/fonts/'))"""
HANOI = "#map=15/15.88/108.334"


def hold(page: Page) -> Callable[[], None]:
    """Hold the drawing library and its worker back until the function that this gives is called."""
    held: list[Route] = []
    open_now = threading.Event()

    def take(route: Route) -> None:
        if open_now.is_set():
            route.continue_()
        else:
            held.append(route)

    page.route(re.compile(r"/assets/(library-[^/]*\.js|maplibre-gl-worker-[^/]*\.mjs)$"), take)

    def release() -> None:
        open_now.set()
        for route in held:
            route.continue_()

    return release


def marked(page: Page, name: str) -> None:
    """Wait until the page has marked a moment."""
    page.wait_for_function(
        "name => performance.getEntriesByName(name, 'mark').length > 0",
        arg=name,
        timeout=PATIENCE_MS,
    )


@pytest.mark.parametrize(("size", "scale"), [(DESKTOP, 1), (PHONE, 2)], ids=["desktop", "phone"])
def test_the_first_visit_stays_within_its_budget(
    browser: Browser, server: str, size: ViewportSize, scale: float
) -> None:
    page, watch = open_page(browser, server, size, scale=scale)
    answered: list[Request] = []

    def note(request: Request) -> None:
        answered.append(request)

    page.on("requestfinished", note)
    page.goto("/")
    wait_for_map(page)
    assert page.locator(".sight").count() == 0
    assert 300_000 < sum(one.sizes()["responseBodySize"] for one in list(answered)) < BUDGET
    loaded = page.evaluate(BEFORE_SIGHT)
    assert any("/api/sight.svg" in one["name"] for one in loaded)
    assert not any("/assets/library-" in one["name"] for one in loaded)
    assert 20_000 < sum(one["size"] for one in loaded) < SIGHT_BUDGET
    watch.assert_clean()


def test_the_panel_is_of_use_before_the_library_has_come(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, PHONE)
    release = hold(page)
    page.goto("/", wait_until="commit")
    marked(page, "first-sight")
    assert page.locator(".sight[data-drawn]").is_visible()
    page.get_by_role("combobox").fill("hoi an")
    expect(page.get_by_role("option").first).to_contain_text("Hội An")
    release()
    wait_for_map(page)
    # The map's letters are drawn with the page's own font.
    assert page.evaluate(LETTERS) == []
    watch.assert_clean()


def test_the_first_sight_lies_where_the_map_draws(browser: Browser, server: str) -> None:
    page, _ = open_page(browser, server, DESKTOP)
    release = hold(page)
    page.goto("/", wait_until="commit")
    marked(page, "first-sight")
    picture = page.locator(".sight").bounding_box()
    natural = page.locator(".sight").evaluate("one => one.naturalWidth / one.naturalHeight")
    assert picture is not None
    release()
    wait_for_map(page)
    west, south, east, north = read(server, "/api/map")["province"]["bbox"]
    # The address has no view before one was chosen: the province, as it was.
    page.get_by_role("button", name="Xem toàn tỉnh").click()
    page.wait_for_function("location.hash.includes('map=')")
    zoom, latitude, longitude = page.evaluate(
        """() => {
          const said = decodeURIComponent(/map=([^&]+)/.exec(location.hash)?.[1] ?? '');
          return said.split('/').map(Number);
        }"""
    )
    # The view is fitted: its middle is the picture's, and so is its scale.
    assert longitude == pytest.approx((west + east) / 2, abs=0.02)
    assert latitude == pytest.approx((south + north) / 2, abs=0.02)
    width = min(picture["width"], picture["height"] * natural)
    assert 512 * 2**zoom * (east - west) / 360 == pytest.approx(width, rel=0.02)


def test_a_shared_view_has_no_first_sight_of_another(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, DESKTOP)
    page.goto(f"/{HANOI}")
    marked(page, "first-sight")
    assert page.locator(".sight").count() == 0
    wait_for_map(page)
    watch.assert_clean()


SLOW = """() => {
  const burn = () => {
    const until = performance.now() + 60;
    while (performance.now() < until);
    if (!window.rested) requestAnimationFrame(burn);
  };
  burn();
}"""
WIDTH = "document.querySelector('#map canvas').width"


def test_a_slow_device_draws_coarser_while_it_moves(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, DESKTOP)
    page.goto(f"/{HANOI}")
    wait_for_map(page)
    fine = page.evaluate(WIDTH)
    page.evaluate(SLOW)
    page.mouse.move(900, 450)
    page.mouse.down()
    for step in range(1, 200):
        page.mouse.move(900 - step, 450)
        if page.evaluate(WIDTH) < 0.6 * fine:
            break
    else:
        raise AssertionError("the map is as fine as at rest")
    # The hand has not let go: the map follows it on.
    before = page.locator("#map canvas").screenshot()
    page.mouse.move(600, 450, steps=3)
    page.wait_for_timeout(200)
    assert page.locator("#map canvas").screenshot() != before
    page.evaluate("window.rested = true")
    page.mouse.up()
    page.wait_for_function(f"fine => {WIDTH} === fine", arg=fine, timeout=PATIENCE_MS)
    wait_for_map(page)
    zoom, latitude, longitude = (float(part) for part in page.url.split("map=")[1].split("/"))
    # From 900 to 600: 300 pixels, but for those by which the library tells a drag from a click.
    moved = (longitude - 108.334) * 512 * 2**15 / 360
    assert zoom == 15
    assert latitude == pytest.approx(15.88, abs=1e-4)
    assert moved == pytest.approx(300, abs=8)
    watch.assert_clean()


def read(server: str, address: str) -> Any:
    """The JSON at an address of the server."""
    with urllib.request.urlopen(f"{server}{address}", timeout=30) as answer:
        return json.load(answer)


def test_a_change_shows_on_the_open_map(browser: Browser, sos_site: tuple[str, str]) -> None:
    url, address = sos_site
    page, watch = open_page(browser, address, DESKTOP)
    with page.expect_response(lambda answer: "/api/live" in answer.url):
        page.goto("/#map=17/15.2/107.6")
    wait_for_map(page)
    count = page.locator("[data-layer=sos_requests] .count [aria-hidden]")
    before = int(count.inner_text().replace(".", ""))
    page.evaluate("window.stays = true")
    empty = page.locator("#map canvas").screenshot()
    posted = post(address, 107.6, 15.2)
    expect(count).to_have_text(f"{before + 1:,}".replace(",", "."))
    wait_for_map(page)
    shown = page.locator("#map canvas").screenshot()
    assert shown != empty
    # It is the symbol that is there now: a click on it opens its card.
    page.mouse.click(*middle(page))
    expect(page.locator(".card")).to_contain_text(posted["code"])
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM layer.sos_requests WHERE id = %s", (posted["id"],))
    connection.close()
    expect(count).to_have_text(f"{before:,}".replace(",", "."))
    assert page.evaluate("window.stays") is True
    # The open card has asked for its feature again, and was told that it is gone.
    assert all("404" in error for error in watch.errors), watch.errors
    assert watch.foreign == []


def middle(page: Page) -> tuple[float, float]:
    """The middle of the map on the screen."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def post(address: str, longitude: float, latitude: float) -> dict[str, Any]:
    """Ask for help as a phone does; the answer."""
    body = {
        "id": str(uuid4()),
        "lon": longitude,
        "lat": latitude,
        "accuracy_m": 10,
        "category": "trapped",
        "people": 2,
        "phone": "0905123456",
    }
    request = urllib.request.Request(
        f"{address}/api/sos",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def test_what_is_made_for_one_person_is_not_kept(browser: Browser, server: str) -> None:
    page, _ = open_page(browser, server, DESKTOP)
    page.goto("/")
    wait_for_map(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.route(
        "**/api/map",
        lambda route: route.fulfill(
            json={"secret": 1}, headers={"Cache-Control": "private, no-cache"}
        ),
    )
    page.evaluate("fetch('/api/map').then(answer => answer.json())")
    kept = page.evaluate(
        """async () => {
          const data = await caches.open('map-data');
          const found = await Promise.all((await data.keys()).map(one => data.match(one)));
          return (await Promise.all(found.map(one => one.text()))).join();
        }"""
    )
    assert "secret" not in kept
