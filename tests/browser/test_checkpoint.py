"""The checkpoint page in Chromium: choosing a checkpoint, a camera with a code, and without one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserType, Page, ViewportSize, expect

from tests.browser.chromium import ARGUMENTS, DESKTOP, PHONE, Watch, executable, open_page
from tests.browser.sos_phone import WIDE
from tests.browser.test_ogc_pages import faults
from tests.browser.test_team import SMALL, installed

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
CODE = "DH1.TEST-0001"
# The modules of a QR code (version 1, level M) that says CODE.
MODULES = """
#######..##.#.#######
#.....#.###.#.#.....#
#.###.#..#..#.#.###.#
#.###.#..####.#.###.#
#.###.#.##.##.#.###.#
#.....#..###..#.....#
#######.#.#.#.#######
.........##..........
#.#.#.#..#..#...#..#.
#.##...#.#.#.#.#.#.##
#....##.####..#.#.#..
#..#.#.###.###...##..
.##..####..#..###..##
........##...#..#.###
#######..##.#.#.##...
#.....#......##.#..##
#.###.#.#.#.#.##..###
#.###.#....#.#.#.###.
#.###.#.#.##..#####.#
#.....#..#####.#..###
#######.####..#.....#
"""


def film(folder: Path) -> Path:
    """What a camera sees: the code, held still in front of it."""
    rows = MODULES.split()
    module, margin = 12, 60
    side = len(rows) * module
    picture = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(picture)
    left, top = (640 - side) // 2, max(margin, (480 - side) // 2)
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if value == "#":
                at = (left + x * module, top + y * module)
                draw.rectangle((*at, at[0] + module - 1, at[1] + module - 1), fill="black")
    frame = io.BytesIO()
    picture.save(frame, "JPEG", quality=90)
    path = folder / "camera.mjpeg"
    path.write_bytes(frame.getvalue() * 10)
    return path


@contextmanager
def with_camera(browsers: BrowserType, address: str, shown: Path) -> Iterator[Page]:
    """The checkpoint page on a phone whose camera sees a film, and may be used."""
    camera = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={shown}",
    )
    browser = browsers.launch(executable_path=executable(), args=[*ARGUMENTS, *camera])
    try:
        page, _ = open_page(browser, address, PHONE)
        page.context.grant_permissions(["camera"])
        yield page
    finally:
        browser.close()


def checkpoint(server: str) -> tuple[str, str]:
    """The name and the code of a checkpoint of the demo."""
    answer = httpx.get(f"{server}/ogc/collections/checkpoints/items?f=json&limit=1", timeout=30)
    properties = answer.json()["features"][0]["properties"]
    return properties["name"], properties["code"]


def chosen(page: Page, server: str) -> str:
    """Go to the page and choose a checkpoint; its name."""
    name, code = checkpoint(server)
    page.goto("/checkpoint")
    page.get_by_label("Tìm tên, mã").fill(code)
    page.locator(".place").filter(has_text=code).click()
    expect(page.get_by_role("heading", name=name)).to_be_focused()
    return name


def assert_good(page: Page, watch: Watch | None = None) -> None:
    assert faults(page) == []
    assert page.evaluate(WIDE) <= 0
    assert page.evaluate(SMALL) == []
    if watch:
        watch.assert_clean()


@SIZES
def test_a_checkpoint_is_found_without_accents_and_remembered(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page, watch = open_page(browser, server, size)
    name, code = checkpoint(server)
    page.goto("/checkpoint")
    expect(page.locator(".place").first).to_be_visible()
    assert_good(page, watch)
    page.get_by_label("Tìm tên, mã").fill("chot " + code.lower())
    expect(page.locator(".place")).to_have_count(1)
    page.locator(".place").click()
    expect(page.get_by_role("heading", name=name)).to_be_focused()
    expect(page.locator(".honest")).to_contain_text("chưa được ghi")
    page.get_by_role("button", name="RA", exact=True).click()
    page.get_by_label("Hoặc gõ mã").fill(CODE)
    page.keyboard.press("Enter")
    reading = page.locator(".reading")
    expect(reading).to_contain_text(CODE)
    expect(reading).to_contain_text("RA · chưa được ghi lại")
    assert_good(page, watch)
    installed(page)
    # Without a network it opens with the checkpoint that was chosen, and reads on.
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("button", name="Đổi chốt").click()
    expect(page.locator(".place").first).to_be_visible()
    page.context.close()


def test_a_camera_reads_a_code(browsers: BrowserType, server: str, tmp_path: Path) -> None:
    with with_camera(browsers, server, film(tmp_path)) as page:
        sent: list[str] = []
        page.on("request", lambda one: sent.append(one.url) if one.method != "GET" else None)
        chosen(page, server)
        page.get_by_role("button", name="Bật máy quay để quét").click()
        expect(page.locator(".reading")).to_contain_text(CODE)
        expect(page.locator(".reading")).to_contain_text("VÀO · chưa được ghi lại")
        assert_good(page)
        assert page.evaluate("document.querySelector('video').srcObject.active")
        page.get_by_role("button", name="Tắt máy quay").click()
        expect(page.locator("video")).to_be_hidden()
        assert page.evaluate("document.querySelector('video').srcObject") is None
        # No picture and no reading leaves the device.
        assert sent == []


@SIZES
def test_without_a_camera_codes_are_typed(
    browser: Browser, server: str, size: ViewportSize
) -> None:
    page, watch = open_page(browser, server, size)
    chosen(page, server)
    page.get_by_role("button", name="Bật máy quay để quét").click()
    told = page.get_by_role("alert")
    expect(told).to_have_text(re.compile("Không thấy máy quay nào|không được dùng máy quay"))
    assert_good(page, watch)
    page.get_by_label("Hoặc gõ mã").fill(CODE)
    page.get_by_role("button", name="Đọc mã").click()
    expect(page.locator(".reading")).to_contain_text(CODE)
    page.context.close()


def test_a_camera_that_may_not_be_used(browsers: BrowserType, server: str, tmp_path: Path) -> None:
    camera = (
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film(tmp_path)}",
        "--deny-permission-prompts",
    )
    browser = browsers.launch(executable_path=executable(), args=[*ARGUMENTS, *camera])
    try:
        page, watch = open_page(browser, server, PHONE)
        chosen(page, server)
        page.get_by_role("button", name="Bật máy quay để quét").click()
        expect(page.get_by_role("alert")).to_contain_text("không được dùng máy quay")
        assert_good(page, watch)
    finally:
        browser.close()
