"""The SOS page in Chromium: three taps to send, and what goes wrong said beside its field."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import (
    BrowserType,
    FloatRect,
    Route,
    ViewportSize,
    expect,
)

from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.sos_phone import HERE, SMALL, WIDE, phone, picture, rows, stored
from tests.browser.test_ogc_pages import faults


def test_three_taps_send(browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path) -> None:
    url, address = sos_site
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
        said = code.inner_text()
        page.get_by_role("link", name="Theo dõi yêu cầu").click()
        expect(page.locator("[data-follow]")).to_contain_text(said)
        one.watch.assert_clean()


def test_details_and_photos_are_added_to_a_sent_request(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
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
            "SELECT q.injured, r.needs FROM layer.sos_requests AS q"
            " JOIN private.sos_report AS r ON r.request_id = q.id WHERE q.id = %s",
            kept["id"],
        ) == [(2, ["Xuồng, thuyền"])]
        assert rows(
            url,
            "SELECT kind, note FROM private.sos_step WHERE request_id = %s"
            " AND kind IN ('details', 'note') ORDER BY id",
            kept["id"],
        ) == [
            ("details", "Bị thương: 2\nCần: Xuồng, thuyền"),
            ("note", "Nước tới mái"),
        ]
        ((size, width),) = rows(
            url,
            "SELECT bytes, width FROM private.sos_photo WHERE request_id = %s",
            kept["id"],
        )
        assert size < 700_000
        assert width <= 1600
        one.watch.assert_clean()


def test_a_refusal_leads_to_the_field_and_its_reason(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
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
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
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


def test_communes_that_come_late_are_shown(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    _, address = sos_site
    with phone(browsers, address, tmp_path, permissions=(), workers=False) as one:
        page = one.page
        page.goto("/ogc/conformance?f=json")
        page.evaluate("indexedDB.deleteDatabase('dieuhanh-sos')")
        held: list[Route] = []
        # A list's own append takes none of the attributes that Playwright hangs on a handler.
        page.route("**/admin_units/items*", lambda route: held.append(route))  # noqa: PLW0108
        page.goto("/sos")
        page.locator("#way-commune").click()
        expect(page.get_by_text("Chưa tải được danh sách xã, phường.")).to_be_visible()
        held[0].continue_()
        expect(page.locator("#commune_code")).to_be_visible()
        expect(page.locator("#way-commune")).to_be_focused()


def test_a_poor_position_is_said_to_be_poor(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    _, address = sos_site
    with phone(browsers, address, tmp_path) as one:
        page = one.page
        one.context.set_geolocation({**HERE, "accuracy": 2400})
        page.get_by_role("button", name="Dùng vị trí của máy").click()
        expect(page.get_by_text("Vị trí chỉ chính xác khoảng 2,4 km")).to_be_visible()
        assert faults(page) == []
        # A better one that comes meanwhile is taken, and the page goes on.
        one.context.set_geolocation({**HERE, "accuracy": 9})
        expect(page.get_by_text("sai số khoảng 9 m")).to_be_visible()
        one.watch.assert_clean()


def test_a_place_is_chosen_on_the_map(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
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


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_step_is_accessible_in_light_and_dark(
    browsers: BrowserType,
    sos_site: tuple[str, str],
    tmp_path: Path,
    size: ViewportSize,
    language: str,
) -> None:
    _, address = sos_site
    with phone(browsers, address, tmp_path, size=size, language=language) as one:
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


def test_all_by_keyboard(browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path) -> None:
    _, address = sos_site
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
