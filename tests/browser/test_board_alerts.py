"""Alerts on the board in Chromium: drawn, issued once, seen by others at once, taken back."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from tests.browser.chromium import DESKTOP, PATIENCE_MS, PHONE
from tests.browser.test_board import SIZES, Site, board, site
from tests.browser.test_ogc_pages import faults

__all__ = ["site"]

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


@pytest.fixture(autouse=True)
def _no_alerts(site: Site) -> None:
    site.sql("DELETE FROM layer.alerts")


def form(page: Page) -> None:
    page.get_by_role("tab", name="Cảnh báo").click()
    page.get_by_role("button", name="Vẽ vùng cảnh báo").click()
    expect(page.get_by_role("heading", name="Vẽ vùng cảnh báo")).to_be_focused()


def write(page: Page, headline: str) -> None:
    page.get_by_label("Tiêu đề", exact=True).fill(headline)
    page.get_by_label("Tiêu đề (tiếng Anh)").fill("Deep flood")
    page.get_by_label("Sự kiện", exact=True).fill("Ngập lụt")
    page.get_by_label("Sự kiện (tiếng Anh)").fill("Flood")
    page.get_by_label("Nội dung", exact=True).fill("Nước lên nhanh.")
    page.get_by_label("Mức nghiêm trọng").select_option("Extreme")
    page.get_by_label("Có hiệu lực trong").select_option("6")


@SIZES
def test_an_alert_is_drawn_issued_seen_and_cancelled(
    browser: Browser, site: Site, size: ViewportSize
) -> None:
    page, watch = board(browser, site, size)
    other, other_watch = board(browser, site, DESKTOP, "operator")
    other.get_by_role("tab", name="Cảnh báo").click()
    expect(other.get_by_text("Không có cảnh báo nào đang có hiệu lực.")).to_be_visible()
    form(page)
    write(page, "Ngập sâu")
    page.get_by_label("Vùng", exact=True).fill("Hạ lưu")
    assert faults(page) == []
    page.get_by_role("button", name="Ban hành cảnh báo").click()
    expect(page.get_by_text("Hãy vẽ vùng với ít nhất 3 đỉnh")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Vẽ trên bản đồ").click()
    page.wait_for_selector("#map[data-idle]", timeout=PATIENCE_MS)
    box = page.locator("#map canvas").bounding_box()
    assert box is not None
    # Below what says how to draw.
    for x, y in ((0.3, 0.55), (0.7, 0.55), (0.7, 0.8), (0.3, 0.8), (0.5, 0.9)):
        at = (box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        if size is PHONE:
            page.touchscreen.tap(*at)
        else:
            page.mouse.click(*at)
        # Two clicks in a short time are one to come closer.
        page.wait_for_timeout(500)
    drawing = page.locator(".area-drawing")
    expect(drawing.get_by_role("status")).to_have_text("5 đỉnh")
    drawing.get_by_role("button", name="Bỏ đỉnh cuối").click()
    expect(drawing.get_by_role("status")).to_have_text("4 đỉnh")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    drawing.get_by_role("button", name="Xong").click()
    expect(page.get_by_label("Tiêu đề", exact=True)).to_have_value("Ngập sâu")
    # Another language keeps what is written and drawn.
    page.get_by_role("button", name="English").click()
    expect(page.locator("#alert-headline")).to_have_value("Ngập sâu")
    expect(page.locator("#alert-unit")).to_contain_text("4 corners")
    page.get_by_role("button", name="Tiếng Việt").click()
    page.get_by_role("button", name="Ban hành cảnh báo").click()
    expect(page.locator(".said")).to_have_text("Đã ban hành: Ngập sâu")
    item = page.locator(".alert")
    expect(item).to_contain_text("Đặc biệt nghiêm trọng")
    expect(other.locator(".alert")).to_contain_text("Ngập sâu")
    assert faults(other) == []
    ((alert, kind, corners, hours),) = site.sql(
        "SELECT id::text, ST_GeometryType(geom), ST_NPoints(geom),"
        " round(extract(epoch FROM expires - onset) / 3600) FROM layer.alerts"
    )
    assert (kind, corners, hours) == ("ST_MultiPolygon", 5, 6)
    cap = ET.fromstring(page.request.get(f"/api/alerts/{alert}.cap").text())
    languages = [info.findtext(f"{CAP}language") for info in cap.findall(f"{CAP}info")]
    assert languages == ["vi-VN", "en"]
    assert cap.findtext(f"{CAP}msgType") == "Alert"
    # Who may not take it back is not offered to.
    expect(other.get_by_role("button", name="Hủy cảnh báo")).to_have_count(0)
    item.get_by_role("button", name="Hủy cảnh báo").click()
    item.get_by_role("button", name="Bấm lần nữa để hủy").click()
    expect(page.locator(".alert")).to_have_count(0)
    expect(other.locator(".alert")).to_have_count(0)
    cap = ET.fromstring(page.request.get(f"/api/alerts/{alert}.cap").text())
    assert cap.findtext(f"{CAP}msgType") == "Cancel"
    watch.assert_clean()
    other_watch.assert_clean()
    for one in (page, other):
        one.context.close()


def test_an_area_is_drawn_by_keyboard_or_is_a_unit(browser: Browser, site: Site) -> None:
    page, watch = board(browser, site, DESKTOP)
    form(page)
    write(page, "Sạt lở")
    page.get_by_label("Vùng", exact=True).fill("Ven đồi")
    page.get_by_role("button", name="Vẽ trên bản đồ").click()
    expect(page.locator("#map canvas")).to_be_focused()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press("Enter")
        page.keyboard.press(key)
        page.wait_for_timeout(600)
    page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    expect(page.locator(".area-drawing").get_by_role("status")).to_have_text("3 đỉnh")
    page.get_by_role("button", name="Xong").click()
    expect(page.locator("#alert-severity")).to_be_focused()
    page.get_by_role("button", name="Ban hành cảnh báo").click()
    expect(page.locator(".said")).to_have_text("Đã ban hành: Sạt lở")
    assert site.sql("SELECT ST_NPoints(geom), ST_IsValid(geom) FROM layer.alerts") == [(4, True)]
    # The shape is gone from the map, and the next form is empty.
    page.get_by_role("button", name="Vẽ vùng cảnh báo").click()
    expect(page.get_by_label("Tiêu đề", exact=True)).to_have_value("")
    write(page, "Ngập cả xã")
    page.get_by_label("Vùng là").select_option(label="Thành phố Hội An")
    expect(page.get_by_label("Vùng", exact=True)).to_have_value("Thành phố Hội An")
    page.get_by_role("button", name="Ban hành cảnh báo").click()
    expect(page.locator(".said")).to_have_text("Đã ban hành: Ngập cả xã")
    ((same,),) = site.sql(
        "SELECT ST_Equals(a.geom, u.geom) FROM layer.alerts AS a, layer.admin_units AS u"
        " WHERE a.headline = 'Ngập cả xã' AND u.name = 'Thành phố Hội An'"
    )
    assert same
    watch.assert_clean()
    page.context.close()


def test_an_alert_whose_answer_is_lost_is_issued_once(browser: Browser, site: Site) -> None:
    page, _ = board(browser, site, DESKTOP)
    form(page)
    write(page, "Lũ quét")
    page.get_by_label("Vùng là").select_option(label="Thành phố Hội An")
    lost: list[int] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/collections/alerts/items", lose)
    page.get_by_role("button", name="Ban hành cảnh báo").click()
    told = page.get_by_role("alert").filter(has_text="Máy chủ không trả lời")
    expect(told).to_be_visible()
    expect(page.get_by_label("Tiêu đề", exact=True)).to_have_value("Lũ quét")
    assert lost == [201]
    page.unroute("**/collections/alerts/items")
    page.get_by_role("button", name="Ban hành cảnh báo").click()
    expect(page.locator(".said")).to_have_text("Đã ban hành: Lũ quét")
    assert site.sql("SELECT count(*) FROM layer.alerts") == [(1,)]
    page.context.close()


def test_what_the_server_finds_wrong_is_beside_its_field(browser: Browser, site: Site) -> None:
    page, _ = board(browser, site, DESKTOP)
    form(page)
    write(page, "Áp thấp")
    page.get_by_label("Vùng là").select_option(label="Thành phố Hội An")
    headline = page.locator("#alert-headline")
    headline.evaluate("one => one.removeAttribute('maxlength')")
    headline.fill("x" * 161)
    page.get_by_role("button", name="Ban hành cảnh báo").click()
    expect(page.locator("#alert-headline-fault")).to_contain_text("160")
    expect(headline).to_be_focused()
    assert faults(page) == []
    headline.fill("Áp thấp gần bờ")
    page.get_by_role("button", name="Ban hành cảnh báo").click()
    expect(page.locator(".said")).to_have_text("Đã ban hành: Áp thấp gần bờ")
    page.context.close()
