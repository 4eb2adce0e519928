"""The board in Chromium: teams at work, hand-overs, spam, photos, what is added, the demo."""

from __future__ import annotations

import io

import httpx
from PIL import Image
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.test_board import SIZES, Site, board, choose, row, site
from tests.browser.test_ogc_pages import faults

__all__ = ["site"]


@SIZES
def test_a_team_at_work_gets_a_second_task(
    browser: Browser, site: Site, size: ViewportSize
) -> None:
    site.sql("UPDATE layer.rescue_teams SET state = 'off'")
    site.teams(f"Đội một {size['width']}")
    page, watch = board(browser, site, size)
    first, first_code = site.report()
    second, second_code = site.report()
    task = page.locator(".task")
    choose(page, first_code)
    page.locator(".detail").get_by_role("button", name="Phân công").click()
    task.get_by_role("button", name="Giao: Đội một").click()
    expect(page.locator(".detail-lead")).to_contain_text("Đã phân công")
    if size is PHONE:
        page.get_by_role("button", name="Danh sách", exact=True).click()
    choose(page, second_code)
    page.locator(".detail").get_by_role("button", name="Phân công").click()
    # No team is free: those at work are shown, with what each has.
    expect(task).to_contain_text("Không có đội rảnh nào")
    expect(task.locator("details")).to_have_attribute("open", "")
    expect(task).to_contain_text(f"Đang có: {first_code} (Đã phân công)")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    task.get_by_role("button", name="Giao thêm: Đội một").click()
    expect(page.locator(".detail-lead")).to_contain_text("Đã phân công")
    assert site.state(first) == site.state(second)
    watch.assert_clean()
    page.context.close()


def test_a_request_is_handed_over(browser: Browser, site: Site) -> None:
    site.sql("UPDATE layer.rescue_teams SET state = 'off'")
    site.teams("Đội cũ", "Đội mới")
    first, watch = board(browser, site, DESKTOP)
    second, second_watch = board(browser, site, DESKTOP, "operator")
    request, code = site.report()
    for page in (first, second):
        choose(page, code)
    first.keyboard.press("a")
    expect(first.locator(".near-teams li")).to_have_count(2)
    first.keyboard.press("1")
    expect(row(second, code)).to_contain_text("Đội cũ")
    first.locator(".detail").get_by_role("button", name="Bàn giao").click()
    expect(first.locator(".near-teams li")).to_have_count(1)
    first.keyboard.press("1")
    expect(first.locator(".timeline")).to_contain_text("bàn giao Đội cũ → Đội mới")
    expect(first.locator(".facts")).to_contain_text("Đội mới")
    expect(row(first, code)).to_contain_text("Đội mới")
    # The other coordinator sees it, and whose hands are free again.
    expect(second.locator(".facts")).to_contain_text("Đội mới")
    expect(row(second, code)).to_contain_text("Đội mới")
    assert site.state(request) == ("assigned", "Đội mới")
    assert site.sql("SELECT state FROM layer.rescue_teams WHERE name = 'Đội cũ'") == [("free",)]
    watch.assert_clean()
    second_watch.assert_clean()
    for page in (first, second):
        page.context.close()


def test_spam_is_taken_out(browser: Browser, site: Site) -> None:
    page, watch = board(browser, site, DESKTOP)
    request, code = site.report(phone="0905 666 555", note="Mua hàng giá rẻ")
    choose(page, code)
    page.keyboard.press("c")
    page.get_by_label("Tin rác").check()
    assert faults(page) == []
    page.get_by_role("button", name="Đóng yêu cầu").click()
    expect(page.locator(".said")).to_contain_text(f"{code} đã được lấy ra")
    expect(row(page, code)).to_have_count(0)
    assert site.sql("SELECT count(*) FROM layer.sos_requests WHERE id = %s", request) == [(0,)]
    # The next post of that phone waits to be checked.
    _, next_code = site.report(phone="0905 666 555")
    page.get_by_role("tab", name="Chờ duyệt").click()
    expect(page.locator(".waiting").filter(has_text=next_code)).to_contain_text("từng bị bỏ")
    # A browser notes the answer of status 404 to the reading of what is gone.
    assert all("404" in error for error in watch.errors), watch.errors
    page.context.close()


@SIZES
def test_photos_are_in_the_detail(browser: Browser, site: Site, size: ViewportSize) -> None:
    page, watch = board(browser, site, size)
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), (40, 90, 160)).save(picture, "JPEG")
    request, code = site.report()
    posted = httpx.post(
        f"{site.address}/api/sos",
        json={
            "id": request, "lon": 108.33421, "lat": 15.88012, "category": "trapped", "people": 4,
        },
    )  # fmt: skip
    answer = httpx.post(
        f"{site.address}/api/sos/follow",
        files={"photos": ("a.jpg", picture.getvalue(), "image/jpeg")},
        headers={"X-Follow-Token": posted.json()["follow"]["token"]},
    )
    assert answer.status_code == 200, answer.text
    choose(page, code)
    shown = page.get_by_role("img", name=f"Ảnh 1 của yêu cầu {code}, mở lớn")
    shown.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.photos img').naturalWidth === 640")
    assert faults(page) == []
    with page.context.expect_page() as opened:
        shown.click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("document.contentType") == "image/jpeg"
    watch.assert_clean()
    page.context.close()


def test_what_is_added_later_is_a_fact_at_once(browser: Browser, site: Site) -> None:
    page, watch = board(browser, site, DESKTOP)
    request, code = site.report(phone="0905 111 222")
    posted = httpx.post(
        f"{site.address}/api/sos",
        json={
            "id": request, "lon": 108.33421, "lat": 15.88012, "category": "trapped", "people": 4,
            "phone": "0905 111 222",
        },
    )  # fmt: skip
    choose(page, code)
    body = {"phone": "0905 333 444", "address": "Thôn 3, gần cầu", "needs": ["áo phao"]}
    token = posted.json()["follow"]["token"]
    httpx.post(f"{site.address}/api/sos/follow", json=body, headers={"X-Follow-Token": token})
    facts = page.locator(".facts")
    expect(facts.get_by_role("link", name="0905333444")).to_be_visible(timeout=5_000)
    expect(facts).to_contain_text("Thôn 3, gần cầu")
    expect(facts).to_contain_text("áo phao")
    expect(page.locator(".timeline")).to_contain_text("bổ sung thông tin")
    expect(page.locator(".timeline")).to_contain_text("Điện thoại: 0905111222 → 0905333444")
    watch.assert_clean()
    page.context.close()


def test_no_request_under_way_is_without_its_team(browser: Browser, site: Site) -> None:
    page, watch = board(browser, site, DESKTOP)
    page.locator("summary").filter(has_text="Bộ lọc").click()
    for state in ("Đã phân công", "Đang đến", "Tại hiện trường"):
        page.get_by_label("Trạng thái").select_option(label=state)
        expect(page.locator(".row-button").first).to_contain_text(state)
        assert "chưa rõ đội" not in page.locator(".rows").inner_text()
    watch.assert_clean()
    page.context.close()
