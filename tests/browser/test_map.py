"""The operations map in Chromium, on a desk and on a phone."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, expect

from tests.browser.accessible import faults_of as faults
from tests.browser.chromium import (
    DESKTOP,
    PHONE,
    Watch,
    choose_language,
    open_menu,
    open_page,
)
from tests.browser.chromium import wait_for_map as wait

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
COAST = "#map=9.3/15.75/108.3"
# Where its size is not the matter: drawing in software costs by the pixel.
SMALL: ViewportSize = {"width": 960, "height": 600}
NO_WEBGL = """
const real = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return String(kind).startsWith("webgl") ? null : real.call(this, kind, ...rest);
};
"""


def opened(
    browser: Browser, server: str, size: ViewportSize = SMALL, view: str = ""
) -> tuple[Page, Watch]:
    """The map at a view, all drawn."""
    page, watch = open_page(browser, server, size, workers=False)
    page.goto(f"/{view}")
    wait(page)
    return page, watch


def read(server: str, address: str) -> Any:
    """The JSON at an address of the server."""
    with urllib.request.urlopen(f"{server}{address}", timeout=30) as answer:
        return json.load(answer)


def redrawn(page: Page) -> None:
    """Wait until the map has drawn again after the last change."""
    page.wait_for_timeout(200)
    wait(page)


def becomes(page: Page, wanted: Callable[[bytes], bool]) -> bool:
    """Whether the map comes to look as wanted, once it has drawn what was changed."""
    for _ in range(10):
        redrawn(page)
        if wanted(page.locator("#map").screenshot()):
            return True
    return False


def find(page: Page, text: str) -> None:
    """Look for something, and take the first that is found, by keyboard alone."""
    box = page.get_by_role("combobox")
    box.fill(text)
    page.get_by_role("option").first.wait_for()
    box.press("ArrowDown")
    assert page.get_by_role("option").first.get_attribute("aria-selected") == "true"
    box.press("Enter")


@SIZES
def test_map_loads_without_a_fault_or_another_host(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page, watch = open_page(browser, server, size)
    answers: dict[str, list[int]] = {}
    page.on("response", lambda answer: answers.setdefault(answer.url, []).append(answer.status))
    answer = page.goto("/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    wait(page)
    config = read(server, "/api/map")
    assert len(config["layers"]) >= 6
    for layer in config["layers"]:
        tiles = [url for url in answers if f"/collections/{layer['id']}/tiles/" in url]
        assert bool(tiles) == layer["shown"], f"tiles of {layer['id']}: {tiles}"
        assert page.locator(f"[data-layer={layer['id']}] .count").count() == 1
    assert {status for all in answers.values() for status in all} <= {200, 204}
    assert page.title() == "Bản đồ điều hành · Quảng Nam"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.get_by_text("Dữ liệu mô phỏng").is_visible()
    assert page.locator(".maplibregl-ctrl-scale").is_visible()
    assert page.evaluate("document.fonts.check('600 16px \"Be Vietnam Pro\"', 'Điện Bàn')")
    watch.assert_clean()
    page.context.close()


def test_every_layer_draws(browser: Browser, server: str) -> None:
    # The layers of results are empty until somebody keeps one.
    layers = [one["id"] for one in read(server, "/api/map")["layers"] if one["count"]]
    page, watch = opened(browser, server, view=f"{COAST}&off={','.join(layers)}")
    empty = page.locator("#map").screenshot()
    for layer in layers:
        switch = page.locator(f"#layer-{layer}")
        switch.check()
        assert becomes(page, lambda picture: picture != empty), f"{layer} draws nothing"
        switch.uncheck()
    assert becomes(page, lambda picture: picture == empty)
    watch.assert_clean()
    page.context.close()


@SIZES
def test_search_without_accents_finds_a_place(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page, watch = opened(browser, server, size)
    find(page, "tam ky")
    title = page.locator("#feature h2")
    expect(title).to_contain_text("Tam Kỳ")
    fields = page.locator("#feature dl")
    expect(fields).to_be_visible()
    assert "Cấp" in fields.locator("dt").all_inner_texts()
    assert "commune" not in fields.inner_text()
    redrawn(page)
    assert re.search(r"feature=admin_units/\d+", page.url)
    page.locator("#feature").press("Escape")
    assert page.locator("#feature").is_hidden()
    assert "feature=" not in page.url
    watch.assert_clean()
    page.context.close()


def test_search_says_so_when_it_finds_nothing(browser: Browser, server: str) -> None:
    page, watch = opened(browser, server)
    page.get_by_role("combobox").fill("<b>khongcogi</b>")
    expect(page.locator(".search-status")).to_contain_text("<b>khongcogi</b>")
    page.get_by_role("combobox").press("Escape")
    expect(page.locator(".search-status")).to_be_empty()
    watch.assert_clean()
    page.context.close()


@SIZES
def test_a_click_on_a_symbol_opens_its_labelled_fields(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    others = ",".join(
        one["id"] for one in read(server, "/api/map")["layers"] if one["id"] != "checkpoints"
    )
    wanted = read(server, "/ogc/collections/checkpoints/items?f=json&limit=1")["features"][0]
    lon, lat = wanted["geometry"]["coordinates"]
    page, watch = opened(browser, server, size, f"#map=18/{lat}/{lon}&off={others}")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    fields = page.locator("#feature dl")
    expect(fields).to_be_visible()
    assert page.locator("#feature h2").inner_text() == wanted["properties"]["name"]
    names, values = (fields.locator(part).all_inner_texts() for part in ("dt", "dd"))
    shown = dict(zip(names, values, strict=True))
    assert shown["Trạng thái"] in {"Đang hoạt động", "Ùn ứ", "Tạm đóng"}
    assert shown["Lượt vào hôm nay"].endswith("người")
    assert re.match(r"(Xã|Phường) ", shown["Xã, phường"])
    assert re.fullmatch(r"\d\d:\d\d, \d\d/\d\d/\d{4}", shown["Cập nhật lúc"])
    source = page.get_by_role("link", name="Xem dữ liệu gốc").get_attribute("href")
    assert source == f"/ogc/collections/checkpoints/items/{wanted['id']}?f=html"
    watch.assert_clean()
    page.context.close()


def test_a_link_opens_the_same_view_and_feature(browser: Browser, server: str) -> None:
    view = "#map=11/15.6/108.4&off=hotels&feature=quarantine_sites/1"
    page, watch = opened(browser, server, view=view)
    expect(page.locator("#feature dl")).to_be_visible()
    assert page.locator("#layer-hotels").is_checked() is False
    assert page.locator("#layer-checkpoints").is_checked()
    page.locator("label[for=layer-hotels]").click()
    assert "off=" not in page.url
    assert re.search(r"map=11/15\.6\d*/108\.4\d*", page.url)
    watch.assert_clean()
    page.context.close()


def test_the_open_feature_is_marked_on_the_map(browser: Browser, server: str) -> None:
    layers = ",".join(layer["id"] for layer in read(server, "/api/map")["layers"])
    view = f"#map=11/15.57/108.5&off={layers}"
    page, watch = opened(browser, server, DESKTOP, view)
    beside: FloatRect = {"x": 400, "y": 60, "width": 600, "height": 700}
    before = page.screenshot(clip=beside)
    page.goto("about:blank")
    page.goto(f"/{view}&feature=admin_units/502")
    expect(page.locator("#feature dl")).to_be_visible()
    redrawn(page)
    assert page.screenshot(clip=beside) != before
    page.get_by_role("button", name="Đóng").click()
    redrawn(page)
    assert page.screenshot(clip=beside) == before
    watch.assert_clean()
    page.context.close()


def test_a_feature_that_is_gone_is_said_to_be_gone(browser: Browser, server: str) -> None:
    page, watch = opened(browser, server, view="#feature=hotels/999999999")
    expect(page.get_by_role("alert")).to_have_text("Đối tượng này không còn nữa.")
    assert watch.foreign == []
    page.context.close()


@SIZES
def test_language_changes_everywhere_and_is_remembered(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page, watch = opened(browser, server, size)
    find(page, "hoi an")
    expect(page.locator("#feature dl")).to_be_visible()
    page.get_by_role("button", name="Đóng").click()
    english = open_menu(page).get_by_role("button", name="English")
    english.click()
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(english).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#layers-title")).to_have_text("Map layers")
    assert page.get_by_role("listbox").is_hidden()
    assert page.get_by_text("Synthetic data").is_visible()
    letters = page.locator("#panel, .controls").all_inner_texts()
    assert not re.search("Lớp|Chốt|Điểm", "".join(letters))
    page.reload()
    wait(page)
    choose_language(page, "Tiếng Việt")
    expect(page.locator("#layers-title")).to_have_text("Lớp bản đồ")
    watch.assert_clean()
    page.context.close()


def test_legend_opens_and_closes(browser: Browser, server: str) -> None:
    page, watch = opened(browser, server)
    opener = page.get_by_role("button", name="Xem chú giải: Chốt kiểm soát")
    opener.click()
    legend = page.locator("#legend-checkpoints")
    assert legend.locator("li").all_inner_texts() == ["Đang hoạt động", "Ùn ứ", "Tạm đóng"]
    page.get_by_role("button", name="Ẩn chú giải: Chốt kiểm soát").click()
    assert legend.is_hidden()
    watch.assert_clean()
    page.context.close()


def test_phone_sheet_opens_and_its_targets_are_large(browser: Browser, server: str) -> None:
    page, watch = opened(browser, server, PHONE)
    assert not page.get_by_role("heading", name="Lớp bản đồ").is_visible()
    page.get_by_role("button", name="Mở rộng bảng lớp bản đồ").click()
    expect(page.get_by_role("heading", name="Lớp bản đồ")).to_be_visible()
    for target in page.locator("button:visible, .layer-row label:visible").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24, target.evaluate("one => one.outerHTML")
    page.get_by_role("button", name="Thu gọn bảng lớp bản đồ").click()
    expect(page.get_by_role("heading", name="Lớp bản đồ")).to_be_hidden()
    watch.assert_clean()
    page.context.close()


@SIZES
def test_map_page_is_accessible(browser: Browser, server: str, size: ViewportSize) -> None:
    page, watch = opened(browser, server, size)
    if size is PHONE:
        page.get_by_role("button", name="Mở rộng bảng lớp bản đồ").click()
    assert faults(page) == []
    find(page, "tam ky")
    expect(page.locator("#feature dl")).to_be_visible()
    assert faults(page) == []
    watch.assert_clean()
    page.context.close()


def test_a_server_that_is_away_is_said_to_be_away(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, DESKTOP)
    page.route("**/api/map", lambda route: route.abort())
    page.goto("/")
    expect(page.get_by_role("alert")).to_contain_text("Máy chủ chưa trả lời")
    assert faults(page) == []
    page.unroute("**/api/map")
    page.get_by_role("button", name="Thử lại").click()
    wait(page)
    assert page.get_by_role("heading", level=1).inner_text() == "Quảng Nam"
    assert watch.foreign == []
    page.context.close()


def test_without_webgl_the_data_can_still_be_found(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, DESKTOP)
    page.add_init_script(NO_WEBGL)
    page.goto("/")
    expect(page.get_by_role("alert")).to_contain_text("không vẽ được bản đồ")
    choose_language(page, "English")
    expect(page.get_by_role("alert")).to_contain_text("cannot draw the map")
    find(page, "tam ky")
    expect(page.locator("#feature dl")).to_be_visible()
    assert faults(page) == []
    assert watch.foreign == []
    page.context.close()
