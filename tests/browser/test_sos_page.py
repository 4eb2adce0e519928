"""The SOS page in Chromium: three taps to send, and a queue that outlives network and browser."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from PIL import Image
from playwright.sync_api import (
    BrowserContext,
    BrowserType,
    FloatRect,
    Geolocation,
    Page,
    Route,
    ViewportSize,
    expect,
    sync_playwright,
)

from api.cli.database import create_database
from tests.browser.chromium import ARGUMENTS, DESKTOP, PATIENCE_MS, PHONE, Watch, executable
from tests.browser.test_ogc_pages import faults
from tests.conftest import serving

HERE: Geolocation = {"longitude": 108.4740, "latitude": 15.5736, "accuracy": 18}
WIDE = "document.documentElement.scrollWidth - innerWidth"
SMALL = """() => [...document.querySelectorAll('a, button, input, select, textarea, label.need')]
  .filter((one) => one.offsetParent && one.type !== 'checkbox' && one.className !== 'unseen')
  .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 48)
  .map((one) => one.outerHTML)"""
"""Controls that are smaller than a thumb wants: 48 CSS pixels."""

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def browsers() -> Iterator[BrowserType]:
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[tuple[str, str]]:
    """A database with the demo, and a server on it."""
    url = create_database(cluster, "browser_sos", template_database)
    with serving(url, {"DIEUHANH_SOS_PER_ADDRESS": "10000"}) as address:
        yield url, address


class Phone:
    """A browser whose storage stays in a folder, and the page it is at."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        context.set_default_timeout(PATIENCE_MS)
        self.context = context
        self.page = context.pages[0] if context.pages else context.new_page()
        self.watch = Watch(self.page, address)

    def offline(self, is_away: bool) -> None:
        self.context.set_offline(is_away)

    def write(self, category: str = "Cấp cứu y tế") -> Page:
        """The first two taps."""
        page = self.page
        page.get_by_role("button", name="Dùng vị trí của máy").click()
        page.get_by_role("button", name=category).click()
        expect(page.get_by_role("heading", name="Có bao nhiêu người?")).to_be_focused()
        return page

    def send(self) -> None:
        """The third tap."""
        self.page.get_by_role("button", name="GỬI SOS").click()

    def kept(self) -> list[dict[str, Any]]:
        """The requests in the queue."""
        found = self.page.evaluate(
            """() => new Promise((resolve) => {
                 indexedDB.open('dieuhanh-sos').onsuccess = ({ target }) => {
                   target.result.transaction('requests').objectStore('requests').getAll().onsuccess
                     = (answer) => { target.result.close(); resolve(answer.target.result); };
                 };
               })"""
        )
        assert isinstance(found, list)
        return found

    def installed(self) -> None:
        """Wait until the service worker keeps the page."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.wait_for_function("navigator.serviceWorker.controller !== null")


@contextmanager
def phone(
    browsers: BrowserType,
    address: str,
    folder: Path,
    *,
    size: ViewportSize = PHONE,
    language: str = "vi",
    permissions: tuple[str, ...] = ("geolocation",),
    dark: bool = False,
) -> Iterator[Phone]:
    """A browser on a folder, closed at the end; the next one on the folder finds what it kept."""
    context = browsers.launch_persistent_context(
        folder,
        executable_path=executable(),
        args=list(ARGUMENTS),
        viewport=size,
        has_touch=size["width"] < 700,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        reduced_motion="reduce",
        color_scheme="dark" if dark else "light",
        base_url=address,
        geolocation=HERE,
        permissions=list(permissions),
    )
    if language != "vi":
        context.add_init_script(f"localStorage.setItem('dieuhanh.language', '{language}')")
    try:
        opened = Phone(context, address)
        opened.page.goto("/sos")
        yield opened
    finally:
        context.close()


def rows(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a statement finds in the database."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())
    finally:
        connection.close()


def stored(url: str, request: str) -> list[tuple[Any, ...]]:
    """The rows of a request: category, people, phone, source of the position."""
    return rows(
        url,
        "SELECT q.category, q.people, r.phone, r.position_source FROM layer.sos_requests AS q"
        " JOIN private.sos_report AS r ON r.request_id = q.id WHERE q.id = %s",
        request,
    )


def picture() -> bytes:
    """A photo of 12 megapixels."""
    out = io.BytesIO()
    Image.effect_noise((4000, 3000), 60).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


def test_three_taps_send(browsers: BrowserType, site: tuple[str, str], tmp_path: Path) -> None:
    url, address = site
    with phone(browsers, address, tmp_path) as one:
        page = one.write("Mắc kẹt do ngập lụt")
        expect(page.get_by_text("sai số khoảng 18 m")).to_be_visible()
        one.send()
        code = page.locator(".big-code")
        expect(code).to_be_visible()
        (kept,) = one.kept()
        assert stored(url, kept["id"]) == [("trapped", 1, None, "gps")]
        assert kept["post"] == {"id": kept["id"], "category": "trapped", "people": 1}
        assert rows(url, "SELECT code FROM layer.sos_requests WHERE id = %s", kept["id"]) == [
            (code.inner_text(),)
        ]
        link = page.get_by_role("link", name="Theo dõi yêu cầu").get_attribute("href")
        assert link == f"{address}/sos/follow#{kept['receipt']['follow']['token']}"
        assert page.get_by_role("link", name="Gọi 1022").get_attribute("href") == "tel:1022"
        one.watch.assert_clean()


def test_details_and_photos_are_added_to_a_sent_request(
    browsers: BrowserType, site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = site
    with phone(browsers, address, tmp_path) as one:
        page = one.write()
        one.send()
        expect(page.locator(".big-code")).to_be_visible()
        page.get_by_label("Người bị thương").fill("hai")
        page.get_by_role("button", name="Gửi thông tin này").click()
        wrong = page.get_by_label("Người bị thương")
        expect(wrong).to_be_focused()
        expect(wrong).to_have_attribute("aria-describedby", "injured-fault")
        expect(page.locator("#injured-fault")).to_have_text("Phải là số nguyên từ 0 đến 10000.")
        wrong.fill("2")
        page.get_by_label("Xuồng, thuyền").check()
        page.get_by_label("Ghi chú").fill("Nước tới mái")
        page.get_by_role("button", name="Gửi thông tin này").click()
        expect(page.locator(".additions li.state-sent")).to_have_count(1)
        files = [
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()},
            {"name": "b.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"},
        ]
        page.get_by_label("Chụp hoặc chọn ảnh").set_input_files(files)  # type: ignore[arg-type]
        expect(page.locator(".additions li.state-sent")).to_have_count(2)
        expect(page.get_by_text("Không đọc được ảnh này.")).to_be_visible()
        (kept,) = one.kept()
        assert rows(
            url,
            "SELECT note FROM private.sos_step WHERE request_id = %s AND kind = 'note'",
            kept["id"],
        ) == [("Người bị thương: 2\nCần thêm: Xuồng, thuyền\nNước tới mái",)]
        ((size, width),) = rows(
            url,
            "SELECT bytes, width FROM private.sos_photo WHERE request_id = %s",
            kept["id"],
        )
        assert size < 700_000
        assert width <= 1600
        one.watch.assert_clean()


def test_a_request_without_a_network_outlives_the_browser(
    browsers: BrowserType, site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = site
    with phone(browsers, address, tmp_path) as one:
        one.installed()
        one.offline(True)
        one.page.reload()
        page = one.write()
        page.get_by_role("button", name="Thêm một người").click()
        page.get_by_label("Số điện thoại").fill("0905 123 456")
        one.send()
        expect(page.get_by_role("heading", name="Đang chờ gửi")).to_be_visible()
        expect(page.get_by_text("Không có mạng.")).to_be_visible()
        # Before the first try details are part of the request itself.
        page.get_by_label("Trẻ em", exact=True).fill("1")
        page.get_by_role("button", name="Gửi thông tin này").click()
        expect(page.get_by_text("Đã thêm vào yêu cầu.")).to_be_visible()
        photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}
        page.get_by_label("Chụp hoặc chọn ảnh").set_input_files([photo])  # type: ignore[list-item]
        expect(page.locator(".additions li.state-waiting")).to_have_count(1)
        (kept,) = one.kept()
        assert kept["state"] == "waiting"
        assert kept["post"]["children"] == 1
        assert one.watch.foreign == []
        request = kept["id"]
        assert stored(url, request) == []
    with phone(browsers, address, tmp_path) as again:
        page = again.page
        expect(page.locator(".requests .state-sent")).to_be_visible()
        page.locator(".requests a").click()
        expect(page.locator(".additions li.state-sent")).to_have_count(1)
        assert stored(url, request) == [("medical", 2, "0905123456", "gps")]
        assert rows(
            url,
            "SELECT count(*) FROM private.sos_photo WHERE request_id = %s",
            request,
        ) == [(1,)]
        again.watch.assert_clean()


def test_what_waits_is_sent_when_the_network_returns(
    browsers: BrowserType, site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = site
    with phone(browsers, address, tmp_path) as one:
        expect(one.page.get_by_role("heading", name="Bạn đang ở đâu?")).to_be_visible()
        one.offline(True)
        page = one.write()
        one.send()
        expect(page.get_by_role("heading", name="Đang chờ gửi")).to_be_visible()
        one.offline(False)
        expect(page.locator(".big-code")).to_be_visible()
        (kept,) = one.kept()
        assert len(stored(url, kept["id"])) == 1


def test_answers_that_are_lost_leave_one_request(
    browsers: BrowserType, site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = site
    with phone(browsers, address, tmp_path) as one:
        lost: list[str] = []

        def lose(route: Route) -> None:
            # The server takes it; the phone never hears of it.
            lost.append(route.fetch().text())
            route.abort()

        one.page.route("**/api/sos", lose)
        page = one.write()
        one.send()
        expect(page.get_by_role("heading", name="Đang chờ gửi")).to_be_visible()
        expect(page.get_by_text("Đã thử 1 lần")).to_be_visible()
        page.get_by_role("button", name="Gửi ngay").click()
        expect(page.get_by_text("Đã thử 2 lần")).to_be_visible()
        page.unroute("**/api/sos")
        page.get_by_role("button", name="Gửi ngay").click()
        expect(page.locator(".big-code")).to_have_text(json.loads(lost[0])["code"])
        (kept,) = one.kept()
        assert len(stored(url, kept["id"])) == 1
        assert kept["attempts"] >= 3


def test_a_refusal_leads_to_the_field_and_its_reason(
    browsers: BrowserType, site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = site
    with phone(browsers, address, tmp_path) as one:
        page = one.page
        page.get_by_role("button", name="Dán tọa độ hoặc liên kết").click()
        page.get_by_role("button", name="Tiếp tục").click()
        field = page.get_by_label("Tọa độ, plus code")
        expect(field).to_be_focused()
        expect(page.locator("#position-fault")).to_have_text("Hãy dán vị trí vào ô này.")
        field.fill("gần chợ")
        page.get_by_role("button", name="Tiếp tục").click()
        page.get_by_role("button", name="Cần sơ tán").click()
        page.get_by_label("Số người cần giúp", exact=True).fill("0")
        page.get_by_label("Số điện thoại").fill("không có")
        one.send()
        expect(page.locator("#people-fault")).to_have_text("Phải là số nguyên từ 1 đến 10000.")
        expect(page.locator("#phone-fault")).to_contain_text("từ 3 đến 15 chữ số")
        page.get_by_label("Số người cần giúp", exact=True).fill("7")
        page.get_by_label("Số điện thoại").fill("0905123456")
        one.send()
        # What only the server can read is refused by it, and the page leads back.
        expect(page.locator("#position-fault")).to_contain_text("Không đọc được vị trí")
        expect(field).to_have_value("gần chợ")
        assert faults(page) == []
        field.fill("https://www.google.com/maps?q=15.5736,108.4740")
        page.get_by_role("button", name="Tiếp tục").click()
        page.get_by_role("button", name="Cần sơ tán").click()
        one.send()
        expect(page.locator(".big-code")).to_be_visible()
        (kept,) = one.kept()
        assert stored(url, kept["id"]) == [("evacuation", 7, "0905123456", "map_link")]


def test_a_refused_position_leaves_other_ways(
    browsers: BrowserType, site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = site
    with phone(browsers, address, tmp_path, permissions=()) as one:
        page = one.page
        page.get_by_role("button", name="Dùng vị trí của máy").click()
        expect(page.get_by_text("Máy chưa cho trang này dùng vị trí.")).to_be_visible()
        page.get_by_role("button", name="Chọn xã, phường").click()
        page.get_by_role("button", name="Tiếp tục").click()
        expect(page.locator("#commune_code-fault")).to_have_text("Hãy chọn xã, phường.")
        page.get_by_label("Xã, phường", exact=True).select_option(index=3)
        page.get_by_label("Địa chỉ").fill("Thôn 3, gần cầu")
        page.get_by_role("button", name="Tiếp tục").click()
        page.get_by_role("button", name="Chỗ ở tạm").click()
        one.send()
        expect(page.locator(".big-code")).to_be_visible()
        (kept,) = one.kept()
        assert stored(url, kept["id"])[0][3] == "commune"
        one.watch.assert_clean()


def test_a_place_is_chosen_on_the_map(
    browsers: BrowserType, site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = site
    with phone(browsers, address, tmp_path, permissions=()) as one:
        page = one.page
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(request.url))
        page.get_by_role("button", name="Chọn trên bản đồ").click()
        page.locator(".picker-map[data-idle]").wait_for()
        assert any("maplibre" in name for name in loaded)
        assert faults(page) == []
        assert page.evaluate(SMALL) == []
        box: FloatRect | None = page.locator(".picker-map").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)
        page.wait_for_timeout(1000)
        page.get_by_role("button", name="Chọn điểm này").click()
        page.get_by_role("button", name="Khác").click()
        one.send()
        expect(page.locator(".big-code")).to_be_visible()
        (kept,) = one.kept()
        assert stored(url, kept["id"])[0][3] == "coordinates"
        one.watch.assert_clean()


def test_the_page_opens_without_a_network_and_can_be_installed(
    browsers: BrowserType, site: tuple[str, str], tmp_path: Path
) -> None:
    _, address = site
    with phone(browsers, address, tmp_path) as one:
        page = one.page
        one.installed()
        manifest = page.request.get("/manifest.webmanifest")
        assert manifest.headers["content-type"].startswith("application/manifest+json")
        described = manifest.json()
        assert described["start_url"] == "/sos"
        sizes = {(icon["sizes"], icon["purpose"]) for icon in described["icons"]}
        assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes
        for icon in described["icons"]:
            side = int(icon["sizes"].partition("x")[0])
            with Image.open(io.BytesIO(page.request.get(icon["src"]).body())) as opened:
                assert opened.size == (side, side)
        session = one.context.new_cdp_session(page)
        assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
        one.offline(True)
        page.goto("/sos?utm_source=sms")
        expect(page.get_by_role("heading", name="Bạn đang ở đâu?")).to_be_visible()
        expect(page.get_by_role("link", name="Gọi 1022")).to_be_visible()
        assert page.evaluate("document.fonts.check('600 16px \"Be Vietnam Pro\"', 'Điện Bàn')")
        page.get_by_role("button", name="Chọn xã, phường").click()
        assert page.get_by_label("Xã, phường", exact=True).locator("option").count() > 10
        one.watch.assert_clean()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_step_is_accessible_in_light_and_dark(
    browsers: BrowserType,
    site: tuple[str, str],
    tmp_path: Path,
    size: ViewportSize,
    dark: bool,
    language: str,
) -> None:
    _, address = site
    with phone(browsers, address, tmp_path, size=size, dark=dark, language=language) as one:
        page = one.page

        def look() -> None:
            assert faults(page) == []
            assert page.evaluate(WIDE) <= 0
            assert page.evaluate(SMALL) == []

        page.locator("#way-commune").click()
        page.locator("#commune_code").wait_for()
        look()
        page.locator(".gps-button").click()
        page.locator(".kind").first.wait_for()
        look()
        page.locator(".kind").first.click()
        page.locator(".send-button").wait_for()
        look()
        page.locator(".send-button").click()
        page.locator(".big-code").wait_for()
        look()
        one.watch.assert_clean()
        one.offline(True)
        page.get_by_role("button", name="another" if language == "en" else "khác").click()
        page.locator(".requests .state-sent").wait_for()
        look()
        page.locator(".gps-button").click()
        page.locator(".kind").first.click()
        page.locator(".send-button").click()
        page.locator(".request .state-waiting").wait_for()
        look()


def test_all_by_keyboard(browsers: BrowserType, site: tuple[str, str], tmp_path: Path) -> None:
    _, address = site
    with phone(browsers, address, tmp_path, size=DESKTOP) as one:
        page = one.page
        expect(page.get_by_role("heading", name="Bạn đang ở đâu?")).to_be_visible()

        def reach(name: str) -> None:
            for _ in range(30):
                page.keyboard.press("Tab")
                if name in page.evaluate("document.activeElement.textContent"):
                    return
            raise AssertionError(f"the keyboard does not reach {name}")

        reach("Dùng vị trí của máy")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Bạn cần giúp gì?")).to_be_focused()
        reach("Sạt lở đất")
        page.keyboard.press("Space")
        expect(page.get_by_role("heading", name="Có bao nhiêu người?")).to_be_focused()
        reach("GỬI SOS")
        page.keyboard.press("Enter")
        expect(page.locator(".big-code")).to_be_visible()
        expect(page.locator("#heading")).to_be_focused()
        page.go_back()
        expect(page.get_by_role("heading", name="Bạn đang ở đâu?")).to_be_visible()
        one.watch.assert_clean()
