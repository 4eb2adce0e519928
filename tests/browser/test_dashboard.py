"""The dashboard in Chromium: its numbers, its map, its news, and the wall screen."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Response, ViewportSize, expect

from tests.browser.chromium import DESKTOP, PATIENCE_MS, PHONE, choose_language, open_page
from tests.browser.test_ogc_pages import faults
from tests.conftest import ROOT, RunServer, environment, free_port, wait_until_ready

LIVE = {"vi": "Đang cập nhật trực tiếp", "en": "Updating live"}


def painted(page: Page, measure: str, level: str) -> None:
    """Wait until the map shows a figure at a level."""
    page.wait_for_selector(f"[data-painted='{measure} {level}']")


def written(value: float, unit: str, language: str) -> str:
    """A figure as the page has to write it, without the word of its unit."""
    if unit == "min":
        hours, minutes = divmod(int(value + 0.5), 60)  # halves up, as pages round
        words = ("giờ", "phút") if language == "vi" else ("h", "min")
        short = f"{minutes} {words[1]}"
        return f"{number(hours, language)} {words[0]} {short}" if hours else short
    return number(value, language) + ("%" if unit == "%" else "")


def number(value: float, language: str) -> str:
    """A number with the language's marks."""
    text = f"{value:,}"
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


class Told:
    """What the server has told a page; each minute it is asked again, and figures grow older."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._answers: list[Response] = []
        page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.url.endswith("/api/figures?days=30"):
            self._answers.append(response)

    def is_shown(self, check: Callable[[Any], None]) -> None:
        """Wait until a check of the page holds with what it was told last."""
        for _ in range(20):
            with suppress(AssertionError):
                return check(self._answers[-1].json())
            self._page.wait_for_timeout(200)
        check(self._answers[-1].json())


def shows_figures(page: Page, data: Any, language: str) -> None:
    """Compare the cards, the breakdowns and the chart with what the server tells."""
    wholes = {figure["whole"] for figure in data["figures"]}
    cards = [figure for figure in data["figures"] if figure["id"] not in wholes]
    # Those of the epidemic are of another address: tests/browser/test_epidemic.py.
    shown = page.locator("[data-scene]:not([data-scene=epidemic]) [data-figure]")
    assert shown.count() == len(cards)
    for figure in cards:
        card = page.locator(f"[data-figure={figure['id']}]")
        assert (card.locator("h3").text_content() or "").strip() == figure["title"][language]
        if figure["value"] is not None:
            text = written(figure["value"], figure["unit"], language)
            assert card.locator(".number").inner_text().startswith(text), figure["id"]
        if figure["compared"] and figure["before"] is not None and figure["value"] is not None:
            compared = card.locator(".change").text_content() or ""
            assert figure["compared"][language] in compared
            assert written(figure["before"], figure["unit"], language) in compared
    for one in data["breakdowns"]:
        told = page.locator(f"[data-breakdown={one['id']}] dd strong").all_inner_texts()
        assert told == [number(item["value"], language) for item in one["items"]]
    chart = page.locator(".trend-picture svg")
    assert chart.get_attribute("role") == "img"
    top = number(max(data["series"][0]["values"]), language)
    assert top in (chart.get_attribute("aria-label") or "")


def shows_rows(page: Page, data: Any, language: str) -> None:
    """Compare the table of the days with what the server tells."""
    rows = page.locator(".trend tbody tr")
    assert rows.count() == 30
    assert rows.first.locator("td").all_inner_texts() == [
        number(series["values"][-1], language) for series in data["series"]
    ]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_shows_what_the_server_tells(
    browser: Browser, server: str, size: ViewportSize, language: str
) -> None:
    page, watch = open_page(browser, server, size, language=language)
    told = Told(page)
    page.goto("/dashboard")
    painted(page, "sos_open", "district")
    expect(page.locator(".live-state")).to_have_text(LIVE[language])
    told.is_shown(lambda data: shows_figures(page, data, language))
    assert faults(page) == []
    for summary in page.locator("summary").all():
        summary.click()
    told.is_shown(lambda data: shows_rows(page, data, language))
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    small = (
        "[...document.querySelectorAll('main button, main select, header button, header a')]"
        ".filter((one) => { const box = one.getBoundingClientRect();"
        " return box.width > 0 && (box.width < 40 || box.height < 40); })"
        ".map((one) => one.outerHTML)"
    )
    assert page.evaluate(small) == []
    watch.assert_clean()
    page.context.close()


def test_map_and_table_follow_the_choices(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, DESKTOP)
    page.goto("/dashboard")
    painted(page, "sos_open", "district")
    page.get_by_label("Số liệu", exact=True).select_option("doses_given")
    painted(page, "doses_given", "district")
    page.get_by_role("button", name="Xã, phường (2025)").click()
    painted(page, "doses_given", "commune")
    data = httpx.get(f"{server}/api/figures/areas?level=commune").json()
    page.locator(".scene-map summary").click()
    for area in data["areas"][:20]:
        cells = page.locator(f"tr[data-code='{area['code']}'] td").all_inner_texts()
        assert cells[:2] == [
            number(area["values"]["doses_given"], "vi"),
            number(area["rates"]["doses_given"], "vi").removesuffix(",0"),
        ]
    legend = page.locator(".choropleth-legend")
    (measure,) = [one for one in data["measures"] if one["id"] == "doses_given"]
    expect(legend).to_contain_text(number(measure["classes"]["values"][-1], "vi"))
    page.get_by_role("button", name="Trên 100 km²").click()
    expect(legend.locator("h3")).to_contain_text("trên 100 km²")
    canvas = page.locator(".choropleth-map canvas")
    canvas.scroll_into_view_if_needed()
    canvas.hover()
    readout = page.locator(".choropleth-readout b")
    expect(readout.first).to_be_visible()
    names = {area["name"]: area for area in data["areas"]}
    area = names[readout.first.inner_text()]
    rate = number(area["rates"]["doses_given"], "vi").removesuffix(",0")
    assert readout.nth(1).inner_text() == rate
    page.get_by_role("button", name="90 ngày").click()
    expect(page.locator(".trend tbody tr")).to_have_count(90)
    choose_language(page, "English")
    expect(page.get_by_role("heading", level=1)).to_have_text("The day's figures")
    expect(page.get_by_label("Figure", exact=True)).to_have_value("doses_given")
    watch.assert_clean()
    page.context.close()


def test_paper_has_the_figures_without_what_is_pressed(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, DESKTOP)
    page.goto("/dashboard")
    painted(page, "sos_open", "district")
    page.emulate_media(media="print")
    expect(page.locator("button:visible, select:visible, summary:visible")).to_have_count(0)
    for kept in ("[data-figure=sos_open]", ".trend-picture svg", ".choropleth-legend"):
        expect(page.locator(kept)).to_be_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    watch.assert_clean()
    page.context.close()


def test_paper_is_light_in_the_dark_theme_too(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, DESKTOP)
    page.emulate_media(color_scheme="dark")
    page.goto("/dashboard")
    painted(page, "sos_open", "district")
    night, paper, after = page.evaluate(
        """() => {
          const seen = () => {
            const copy = document.createElement('canvas').getContext('2d');
            copy.drawImage(document.querySelector('.choropleth-map canvas'), 0, 0);
            const swatch = document.querySelector('.swatch rect').getAttribute('fill');
            return [copy.getImageData(5, 5, 1, 1).data[0], swatch];
          };
          return ['afterprint', 'beforeprint', 'afterprint'].map((moment) => {
            dispatchEvent(new Event(moment));
            return seen();
          });
        }"""
    )
    assert night == after
    assert night[0] < 100 < 200 < paper[0], "the sea"
    assert night[1] != paper[1], "the order of the shades turns with the theme"
    # Chosen while the page is open, the theme leaves the areas their colours.
    page.emulate_media(color_scheme="light")
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(1000)
    assert colours_of_the_map(page) > 3
    watch.assert_clean()
    page.context.close()


def colours_of_the_map(page: Page) -> int:
    """How many colours stand for a hundredth of the map at least."""
    picture = Image.open(io.BytesIO(page.locator(".choropleth-map canvas").screenshot()))
    found = picture.convert("RGB").getcolors(picture.width * picture.height) or []
    return sum(count > picture.width * picture.height / 100 for count, _ in found)


def post(address: str) -> None:
    """A request for help of five people, as a phone posts it."""
    request = {"id": str(uuid4()), "lon": 108.334, "lat": 15.88, "category": "trapped", "people": 5}
    answer = httpx.post(f"{address}/api/sos", json=request)
    assert answer.status_code == 201, answer.text


def shown(page: Page, figure: str) -> int:
    """A whole number on its card."""
    text = page.locator(f"[data-figure={figure}] strong").first.inner_text()
    return int(text.replace(".", ""))


def test_a_posted_request_is_counted_without_a_reload(
    browser: Browser, fresh_database_url: str, run_server: RunServer
) -> None:
    address = run_server(fresh_database_url)
    page, watch = open_page(browser, address, DESKTOP)
    page.goto("/dashboard")
    expect(page.locator(".live-state")).to_have_text(LIVE["vi"])
    painted(page, "sos_open", "district")
    before = shown(page, "sos_open")
    page.evaluate("window.same = true")
    post(address)
    expect(page.locator("[data-figure=sos_open] strong")).to_have_text(number(before + 1, "vi"))
    assert page.evaluate("window.same") is True
    watch.assert_clean()
    page.context.close()


SCENES = (
    "rescue",
    "epidemic",
    "control",
    "tracing",
    "quarantine",
    "vaccination",
    "health",
    "documents",
    "infrastructure",
    "map",
)


def scene(page: Page) -> str:
    """The only scene that is seen."""
    (found,) = page.evaluate(
        "[...document.querySelectorAll('[data-scene]')].filter((one) => one.offsetParent)"
        ".map((one) => one.dataset.scene)"
    )
    return str(found)


def fits(page: Page, size: ViewportSize) -> None:
    """The scene is whole on a screen that was higher before, or lower than is usual."""
    for height in (size["height"] + 400, size["height"], 620):
        page.set_viewport_size({"width": size["width"], "height": height})
        tall = (
            "Math.max(...[document.body, document.querySelector('main')]"
            ".map((one) => one.scrollHeight - one.clientHeight))"
        )
        # The page hears of its new size a moment later.
        deadline = time.monotonic() + 10
        while page.evaluate(tall) > 0 and time.monotonic() < deadline:
            page.wait_for_timeout(50)
        assert page.evaluate(tall) <= 0, (scene(page), height)
    page.set_viewport_size(size)


@pytest.mark.parametrize("size", [{"width": 1920, "height": 1080}, PHONE], ids=["wall", "phone"])
def test_the_wall_screen_cycles_and_pauses(browser: Browser, server: str, size: Any) -> None:
    page, watch = open_page(browser, server, size)
    page.clock.install()
    page.goto("/dashboard?wall=1")
    page.wait_for_selector("[data-figure]")
    page.get_by_role("button", name="Tạm dừng chuyển trang").click()
    for _ in SCENES:
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        if size is not PHONE:
            fits(page, size)
        page.keyboard.press("ArrowRight")
    first = SCENES.index(scene(page))
    # From here on the page's time goes on only as the test says.
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=2))
    page.clock.fast_forward(65_000)
    assert scene(page) == SCENES[first]
    page.get_by_role("button", name="Tiếp tục chuyển trang").click()
    for step in range(1, len(SCENES) + 1):
        page.clock.fast_forward(20_000)
        assert scene(page) == SCENES[(first + step) % len(SCENES)]
    page.get_by_role("button", name="Trang sau").click()
    assert scene(page) == SCENES[(first + 1) % len(SCENES)]
    page.get_by_role("button", name="Thoát màn hình lớn").click()
    expect(page.locator("[data-scene]:visible")).to_have_count(len(SCENES))
    assert "wall" not in page.url
    page.get_by_role("button", name="Màn hình lớn").click()
    assert "wall=1" in page.url
    watch.assert_clean()
    page.context.close()


@contextmanager
def serving_on(port: int, database_url: str) -> Iterator[None]:
    """A server on a port, ready; gone at the end."""
    settings = {"PORT": str(port), "DIEUHANH_WORKERS": "1", "DIEUHANH_ACCESS_LOG": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve"],
        cwd=ROOT,
        env=environment(database_url, settings),
    )
    try:
        wait_until_ready(process, f"http://127.0.0.1:{port}")
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_the_page_says_that_the_server_is_away_and_comes_back_by_itself(
    browser: Browser, fresh_database_url: str
) -> None:
    port = free_port()
    page, watch = open_page(browser, f"http://127.0.0.1:{port}", DESKTOP)
    with serving_on(port, fresh_database_url):
        page.goto("/dashboard?wall=1")
        expect(page.locator(".live-state")).to_have_text(LIVE["vi"], timeout=PATIENCE_MS)
        before = shown(page, "sos_open")
    expect(page.locator(".live-state")).to_contain_text("Mất kết nối", timeout=PATIENCE_MS)
    assert shown(page, "sos_open") == before
    with serving_on(port, fresh_database_url):
        expect(page.locator(".live-state")).to_have_text(LIVE["vi"], timeout=PATIENCE_MS)
        post(f"http://127.0.0.1:{port}")
        now = page.locator("[data-figure=sos_open] strong")
        expect(now).to_have_text(number(before + 1, "vi"), timeout=PATIENCE_MS)
    assert watch.foreign == []
    page.context.close()
