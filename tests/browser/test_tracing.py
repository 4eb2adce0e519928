"""The page of contact tracing in Chromium: asked by one, approved by another, worked on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.accessible import faults_of
from tests.browser.chromium import DESKTOP, PHONE, Watch, open_page
from tests.http.register import Ward, ward
from tests.people import PASSWORD, person

__all__ = ["ward"]

PHONE_NUMBER = "0905777009"


@pytest.fixture(scope="module")
def logins(ward: Ward) -> tuple[str, str]:
    """Two officers; somebody whose telephone is known stands for the one that the demo traces."""
    ward.sql(
        "UPDATE private.trace_request SET state = 'refused', decided_login = 'x',"
        " decided_at = now() WHERE state = 'asked'"
    )
    made = tuple(
        person(ward.url, "officer", departments=("health",), password=PASSWORD).login
        for _ in range(2)
    )
    return made[0], made[1]


def opened(browser: Browser, ward: Ward, login: str, size: ViewportSize) -> tuple[Page, Watch]:
    page, watch = open_page(browser, ward.address, size)
    body = {"login": login, "password": PASSWORD}
    assert page.request.post("/api/session", data=body).ok
    page.goto("/tracing")
    expect(page.locator(".flag-list a").first).to_be_visible()
    return page, watch


def know(ward: Ward, page: Page) -> None:
    """Let the server know the sought by their telephone, as declaring their health does."""
    ((sought,),) = ward.sql("SELECT person_id FROM private.trace_request WHERE state = 'searched'")
    near = (
        "device 1,device 2,start,minutes\n"
        f"{PHONE_NUMBER},bz-000001,{_now(ward)},5\n"
    )  # fmt: skip
    taken = page.request.post(
        "/api/tracing/proximity",
        data=near,
        headers={"Content-Type": "text/csv", **ward.people["health"].headers},
    )
    assert taken.ok, taken.text()
    # The two are one: the digest of the number goes to whom the demo knows.
    ward.sql(
        "WITH was AS (UPDATE private.person SET phone_hash = NULL WHERE phone = %s"
        " RETURNING (SELECT o.phone_hash FROM private.person AS o WHERE o.phone = %s) AS hash)"
        " UPDATE private.person AS p SET phone_hash = was.hash FROM was WHERE p.id = %s",
        PHONE_NUMBER, PHONE_NUMBER, sought,
    )  # fmt: skip


def _now(ward: Ward) -> str:
    ((at,),) = ward.sql("SELECT (now() - interval '1 hour')::timestamptz(0)")
    return str(at.isoformat())


def test_from_asking_to_a_contact_who_was_called(
    browser: Browser, ward: Ward, logins: tuple[str, str]
) -> None:
    page, watch = opened(browser, ward, logins[0], DESKTOP)
    know(ward, page)
    page.get_by_role("link", name="Đề nghị truy vết").click()
    page.get_by_role("button", name="Gửi đề nghị").click()
    expect(page.get_by_role("alert")).to_contain_text("Hãy sửa")
    assert faults_of(page) == []
    page.get_by_label("Số điện thoại").fill(PHONE_NUMBER)
    page.get_by_label("Số hồ sơ ca bệnh").fill("BN-99")
    page.get_by_label("Lý do").fill("Ca dương tính chưa rõ nguồn lây")
    page.get_by_label("Số ngày trở về trước").fill("4")
    page.get_by_role("button", name="Gửi đề nghị").click()
    heading = page.locator(".flag-detail h2")
    expect(heading).to_contain_text("BN-99")
    expect(page.locator(".flag-note")).to_have_text("Đang chờ người khác duyệt.")
    expect(page.get_by_role("button", name="Duyệt")).to_have_count(0)
    assert PHONE_NUMBER not in page.url
    address = page.url

    other, watched = opened(browser, ward, logins[1], DESKTOP)
    other.goto(address)
    other.get_by_role("button", name="Duyệt").click()
    other.get_by_role("button", name="Tìm người tiếp xúc").click()
    expect(other.locator(".trace-timeline")).to_be_visible()
    contact = other.locator(".trace-contact").first
    contact.get_by_role("button", name="Xem cách liên hệ").click()
    contact.get_by_label("Kết quả liên hệ").select_option("reached")
    contact.get_by_label("Ghi chú").fill("đã gọi")
    contact.get_by_role("button", name="Ghi lại").click()
    expect(contact.locator(".trace-state")).to_have_text("Đã liên hệ")
    other.get_by_text("Ai đã xem").click()
    expect(other.locator(".trace-looks li").first).to_contain_text(logins[1])
    assert faults_of(other) == []
    watch.errors = [one for one in watch.errors if "Failed to load resource" not in one]
    watch.assert_clean()
    watched.assert_clean()


def test_a_phone_shows_the_list_or_a_request(
    browser: Browser, ward: Ward, logins: tuple[str, str]
) -> None:
    page, watch = opened(browser, ward, logins[0], PHONE)
    page.locator(".flag-list a", has_text="TVDEMO1").click()
    expect(page.locator(".trace-contact").first).to_be_visible()
    expect(page.locator(".flag-list")).not_to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    small = page.locator(".flags :is(button, select, a.button, input):visible").evaluate_all(
        "(all) => all.filter((one) => one.getBoundingClientRect().height < 44)"
        ".map((one) => one.outerHTML)"
    )
    assert small == []
    assert faults_of(page) == []
    page.get_by_role("link", name="Về danh sách").click()
    expect(page.locator(".flag-list a").first).to_be_visible()
    watch.assert_clean()
