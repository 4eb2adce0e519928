"""Volunteers and consultations in Chromium: a volunteer, a coordinator, a caller, a doctor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from api.cli.database import create_database
from tests.browser.accessible import faults_of
from tests.browser.chromium import DESKTOP, PHONE, open_page
from tests.browser.sos_phone import wake_worker
from tests.browser.test_team import eventually, installed
from tests.conftest import serving
from tests.db.test_sos_rules import owner
from tests.helping import doctor, task, volunteer
from tests.people import PASSWORD, person

WIDE = "() => document.documentElement.scrollWidth > innerWidth"
SMALL = """() => [...document.querySelectorAll('main :is(a.button, button, select, summary,'
  + ' input:not([type=hidden], [type=checkbox], [type=radio]))')].filter((one) => one.offsetParent
  && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML.slice(0, 99))"""


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[tuple[str, str]]:
    url = create_database(cluster, "browser_helping", template_database)
    owner(url, "DELETE FROM register.volunteer_tasks")
    owner(url, "DELETE FROM register.consultations")
    with serving(url) as address:
        yield url, address


def opened(browser: Browser, address: str, size: ViewportSize = PHONE, **more: Any) -> Page:
    page, watch = open_page(browser, address, size, **more)
    page.watch = watch  # type: ignore[attr-defined]
    return page


def signed_in(browser: Browser, address: str, login: str, path: str, size: ViewportSize) -> Page:
    """A page for somebody who signs in by the form."""
    page = opened(browser, address, size)
    page.goto(f"{address}/sign-in?next={path}")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.locator("h1")).to_be_visible()
    return page


def is_well(page: Page) -> None:
    """Nothing is wrong with the page as it is, for whoever reads it, on a phone too."""
    assert faults_of(page) == []
    assert not page.evaluate(WIDE)
    if page.viewport_size == PHONE:
        assert page.evaluate(SMALL) == []
    watch: Any = page.watch  # type: ignore[attr-defined]
    assert [one for one in watch.errors if "Failed to load resource" not in one] == []
    assert watch.foreign == []


def test_a_volunteer_from_registering_to_deletion_and_a_coordinator(
    browser: Browser, site: tuple[str, str]
) -> None:
    url, address = site
    task(url, title="Chở gạo thử", skill="driver", wanted=1)
    page = opened(browser, address)
    page.goto("/volunteer")
    page.get_by_label("Họ và tên").fill("Zhồ Văn Giúp")
    page.get_by_label("Số điện thoại").fill("12")
    page.get_by_label("Năm sinh").fill("1991")
    page.get_by_label("Xã, phường nơi ở").select_option("20335")
    page.get_by_label("Lái xe", exact=True).check()
    page.get_by_role("checkbox", name=re.compile("Tôi đồng ý")).check()
    is_well(page)
    page.get_by_role("button", name="Đăng ký").click()
    expect(page.get_by_label("Số điện thoại")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Số điện thoại").fill("0905 321 321")
    page.get_by_role("button", name="Đăng ký").click()
    page.get_by_role("link", name="Mở trang của tôi").click()
    expect(page.get_by_role("heading", name="Zhồ Văn Giúp")).to_be_visible()
    assert re.fullmatch(r".*/volunteer/mine#[\w-]{24}", page.url)

    union = person(url, "officer", departments=["youth_union"], password=PASSWORD)
    desk = signed_in(browser, address, union.login, "/volunteers", DESKTOP)
    desk.get_by_role("link", name="Chở gạo thử").click()
    row = desk.get_by_role("row", name="Zhồ Văn Giúp")
    expect(row).to_contain_text("0905321321")
    is_well(desk)
    row.get_by_role("button", name="Phân công").click()
    expect(desk.get_by_role("status")).to_contain_text("Đã phân công")
    expect(desk.locator("main")).to_contain_text("1/1 người đã phân công")

    page.reload()
    page.get_by_role("button", name="Nhận việc").click()
    expect(page.get_by_role("status")).to_contain_text("Đã nhận việc")
    is_well(page)
    desk.reload()
    expect(desk.get_by_role("row", name="Zhồ Văn Giúp")).to_contain_text("Nhận việc")
    page.get_by_text("Xóa tất cả về tôi").click()
    page.get_by_role("button", name="Xóa ngay").click()
    expect(page.get_by_role("heading", name="Đã xóa tất cả")).to_be_visible()
    assert owner(url, "SELECT count(*) FROM private.person WHERE name LIKE 'Zhồ%%'") == [(0,)]
    desk.reload()
    expect(desk.locator("main")).to_contain_text("(đã xóa)")
    expect(desk.locator("main")).not_to_contain_text("Zhồ")


def test_a_caller_in_danger_and_the_doctor_who_calls(
    browser: Browser, site: tuple[str, str]
) -> None:
    url, address = site
    page = opened(browser, address)
    page.goto("/consult")
    warning = page.get_by_text("Đây là dấu hiệu nguy hiểm: gọi 115 ngay.")
    expect(warning).to_be_hidden()
    page.get_by_label("Khó thở, thở hụt hơi").check()
    expect(warning).to_be_visible()
    page.get_by_label("Họ và tên người bệnh").fill("Zlê Thị Mệt")
    page.get_by_label("Tuổi").fill("71")
    page.get_by_label("Số điện thoại để gọi lại").fill("0905 654 654")
    page.get_by_label("Xã, phường đang ở").select_option("20335")
    page.get_by_role("checkbox", name=re.compile("Tôi đồng ý")).check()
    is_well(page)
    page.get_by_role("button", name="Gửi yêu cầu").click()
    expect(page.get_by_role("alert")).to_contain_text("Gọi 115 ngay")
    is_well(page)
    page.get_by_role("link", name="Mở trang của tôi").click()
    expect(page.locator("[data-status]")).to_contain_text("Chờ gọi lại")
    assert "0905" not in page.url

    who = doctor(url, password=PASSWORD)
    desk = signed_in(browser, address, who.login, "/consultations", PHONE)
    expect(desk.locator("main")).not_to_contain_text("Zlê")
    desk.get_by_role("button", name="Nhận ca tiếp theo").click()
    expect(desk.locator(".case-name")).to_contain_text("Zlê Thị Mệt")
    expect(desk.get_by_role("link", name="Gọi 0905654654")).to_be_visible()
    desk.get_by_label("Chuyển cơ sở y tế").check()
    sites = desk.get_by_label("Cơ sở y tế gần nhất còn giường")
    name = sites.locator("option").nth(1).inner_text().partition(" · ")[0]
    sites.select_option(index=1)
    is_well(desk)
    desk.get_by_role("button", name="Ghi kết quả").click()
    expect(desk.get_by_role("status")).to_contain_text("Đã ghi kết quả")
    page.reload()
    expect(page.locator("[data-status]")).to_contain_text(name)
    expect(page.locator("[data-status]")).to_contain_text("Đã kết thúc")


def test_the_pages_are_in_english_and_without_a_script(
    browser: Browser, site: tuple[str, str]
) -> None:
    url, address = site
    context = browser.new_context(base_url=address, java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto("/consult?lang=en")
    expect(page.get_by_role("heading", name="A doctor calls you")).to_be_visible()
    page.get_by_label("Cough").check()
    page.get_by_label("Name of the patient").fill("Somebody")
    page.locator("input[name=age]").fill("abc")
    page.get_by_label("Number to call").fill("0905654655")
    page.get_by_label("Commune where you are").select_option("20335")
    page.get_by_role("checkbox", name=re.compile("I agree")).check()
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator("main")).to_contain_text("Must be a whole number.")
    page.locator("input[name=age]").fill("40")
    page.get_by_role("button", name="Send the request").click()
    code = page.locator("#own-code").inner_text()
    page.goto("/consult/mine?lang=en")
    page.get_by_label("Link or code").fill(code)
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-status]")).to_contain_text("Waiting for the call")
    page.get_by_text("No need any more?").click()
    page.get_by_role("button", name="Cancel the request").click()
    expect(page.locator("[data-status]")).to_contain_text("Cancelled by the person")
    volunteer(url)
    page.goto("/volunteer/mine?lang=en")
    page.get_by_label("Link or code").fill("x" * 24)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert").first).to_contain_text("Nothing has this code")


def test_without_a_network_a_request_is_kept_and_sent_once_the_page_is_closed(
    browser: Browser, site: tuple[str, str]
) -> None:
    url, address = site
    count = "SELECT count(*) FROM register.consultations WHERE home_commune = '20341'"
    before = owner(url, count)[0][0]
    page = opened(browser, address)
    page.goto("/consult")
    installed(page)
    context = page.context
    context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="Bác sĩ gọi lại cho bạn")).to_be_visible()
    expect(page.get_by_text("Phiếu được giữ trên máy này")).to_be_visible()
    page.get_by_label("Khó thở, thở hụt hơi").check()
    page.get_by_label("Họ và tên người bệnh").fill("Zngười Xa Sóng")
    page.get_by_label("Tuổi").fill("abc")
    page.get_by_label("Số điện thoại để gọi lại").fill("0905 654 777")
    page.get_by_label("Xã, phường đang ở").select_option("20341")
    page.get_by_role("checkbox", name=re.compile("Tôi đồng ý")).check()
    page.get_by_role("button", name="Gửi yêu cầu").click()
    # The browser tells what is wrong; nothing is kept before it is mended.
    expect(page.get_by_label("Tuổi")).to_be_focused()
    page.get_by_label("Tuổi").fill("71")
    page.get_by_role("button", name="Gửi yêu cầu").click()
    mine = page.locator(".own-requests")
    expect(mine).to_contain_text("Đang chờ gửi")
    expect(mine).to_contain_text("gọi 115 ngay")
    expect(page.get_by_label("Họ và tên người bệnh")).to_have_value("")
    is_well(page)
    other = context.new_page()
    page.close()
    assert owner(url, count)[0][0] == before
    context.set_offline(False)
    wake_worker(other, address, "dieuhanh-consult")
    eventually(other, lambda: owner(url, count)[0][0], before + 1)
    other.goto("/consult")
    expect(other.locator(".own-requests")).to_contain_text("Đã nhận yêu cầu")
    # Who it was is not kept on the device; the page of the request is one touch away.
    assert "Zngười" not in other.content()
    other.get_by_role("link", name="Xem yêu cầu này").click()
    expect(other.locator("[data-status]")).to_contain_text("Có dấu hiệu nguy hiểm")
    assert owner(url, count)[0][0] == before + 1
    context.close()
