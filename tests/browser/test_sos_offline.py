"""The SOS page in Chromium without a network: a queue that outlives network and browser."""

from __future__ import annotations

import io
import json
from pathlib import Path

from PIL import Image
from playwright.sync_api import (
    BrowserType,
    Route,
    expect,
)

from tests.browser.sos_phone import phone, picture, rows, stored, wake_worker


def test_a_request_without_a_network_outlives_the_browser(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
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
        page.get_by_label("Chụp hoặc chọn ảnh").set_input_files([photo])  # type: ignore[arg-type]
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
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
    # Without a worker, as in a browser that has no Background Sync.
    with phone(browsers, address, tmp_path, workers=False) as one:
        expect(one.page.get_by_role("heading", name="Bạn đang ở đâu?")).to_be_visible()
        one.offline(True)
        page = one.write()
        one.send()
        expect(page.get_by_role("heading", name="Đang chờ gửi")).to_be_visible()
        one.offline(False)
        expect(page.locator(".big-code")).to_be_visible()
        (kept,) = one.kept()
        assert len(stored(url, kept["id"])) == 1


def test_background_sync_sends_what_the_page_could_not(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
    with phone(browsers, address, tmp_path) as one:
        one.installed()
        page = one.page
        # The page's own requests fail; those of the worker do not go through this route.
        held: list[Route] = []

        def fail(route: Route) -> None:
            if held:
                route.abort()
            held.append(route)

        page.route("**/api/sos", fail)
        with page.expect_request("**/api/sos"):
            one.write()
            one.send()
        # The page is sending still as the worker wakes.
        wake_worker(page, address, "dieuhanh-sos")
        held[0].abort()
        expect(page.locator(".big-code")).to_be_visible()
        (kept,) = one.kept()
        assert len(stored(url, kept["id"])) == 1


def test_answers_that_are_lost_leave_one_request(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
    # The page alone: the worker would send past the route that loses answers.
    with phone(browsers, address, tmp_path, workers=False) as one:
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


def test_the_page_opens_without_a_network_and_can_be_installed(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    _, address = sos_site
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


def test_the_help_is_there_without_a_network(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    with phone(browsers, sos_site[1], tmp_path) as one:
        one.installed()
        one.offline(True)
        one.page.goto("/help")
        expect(one.page.get_by_role("heading", level=1)).to_have_text("Trợ giúp")
        expect(one.page.get_by_role("link", name="1022").first).to_be_visible()
        letters = one.page.evaluate("getComputedStyle(document.body).fontFamily")
        assert "Be Vietnam Pro" in letters
