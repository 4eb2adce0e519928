"""The pages of the hotline and of reports in Chromium: an operator's call, an officer's report."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import DESKTOP, PHONE, Watch, open_page
from tests.browser.test_ogc_pages import faults
from tests.people import PASSWORD, person

HERE = "502"
WIDE = "() => document.documentElement.scrollWidth > innerWidth"


def signed_in(
    browser: Browser, site: tuple[str, str], login: str, path: str, size: ViewportSize
) -> tuple[Page, Watch]:
    """A page for somebody who signs in by the form."""
    address = site[1]
    page, watch = open_page(browser, address, size)
    page.goto(f"{address}/sign-in?next={path}")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    return page, watch


def known(site: tuple[str, str], statement: str, *values: Any) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(site[0])
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())
    finally:
        connection.close()


def test_an_operator_enters_all_three_for_a_caller(
    browser: Browser, sos_site: tuple[str, str]
) -> None:
    operator = person(
        sos_site[0], "operator", departments=("rescue_coordination",), password=PASSWORD
    )
    page, watch = signed_in(browser, sos_site, operator.login, "/hotline", DESKTOP)
    page.get_by_label("Số điện thoại").fill("0905 777 123")
    page.get_by_label("Họ và tên").fill("Người gọi thử")
    page.get_by_label("Xã, phường", exact=True).fill("ban thach")
    page.keyboard.press("Control+Enter")
    # What is missing is told beside the fields, and the first is where the keyboard goes on.
    expect(page.locator("#address-fault")).to_have_text("Cần địa chỉ khi không có tọa độ.")
    expect(page.get_by_label("Địa chỉ")).to_be_focused()
    page.keyboard.type("12 Trần Phú")
    page.get_by_label("Cần giúp gì").select_option("medical")
    page.get_by_label("Số người").fill("2")
    page.keyboard.press("Control+Enter")
    outcome = page.locator(".hotline-outcome")
    expect(outcome).to_be_focused()
    code = page.locator(".hotline-code").inner_text().replace(" ", "")
    assert known(
        sos_site, "SELECT channel, category, people FROM layer.sos_requests WHERE code = %s", code
    ) == [("hotline", "medical", 2)]
    assert faults(page) == []

    page.keyboard.press("Alt+2")
    expect(page.get_by_label("Năm sinh")).to_be_focused()
    # Who calls is typed once.
    expect(page.get_by_label("Họ và tên")).to_have_value("Người gọi thử")
    page.keyboard.type("1980")
    page.get_by_label("Ho", exact=True).check()
    page.get_by_label("Có tiếp xúc ca bệnh").select_option("no")
    page.get_by_label("Người gọi đồng ý khai báo").check()
    page.keyboard.press("Control+Enter")
    expect(outcome).to_contain_text("Đã ghi nhận tờ khai.")
    assert known(
        sos_site,
        "SELECT declared_by, symptoms FROM private.declaration WHERE account_id = %s",
        operator.id,
    ) == [("officer", ["cough"])]

    page.keyboard.press("Alt+3")
    page.get_by_label("Tuổi").fill("41")
    page.locator("#symptoms input").first.check()
    page.get_by_label("Người gọi đồng ý để bác sĩ").check()
    page.keyboard.press("Control+Enter")
    expect(outcome).to_contain_text("Đọc mã này cho người gọi")
    # Short of breath: a doctor's call is not soon enough.
    expect(outcome).to_contain_text("gọi 115 ngay")
    consultation = page.locator(".hotline-code").inner_text().replace(" ", "")
    assert known(
        sos_site, "SELECT channel FROM register.consultations WHERE code = %s", consultation
    ) == [("hotline",)]
    listed = page.locator(".hotline-today li b")
    expect(listed).to_have_text([f"Tư vấn từ xa {consultation}", "Khai báo y tế", f"SOS {code}"])
    page.keyboard.press("Alt+0")
    expect(page.get_by_label("Số điện thoại")).to_be_focused()
    expect(page.get_by_label("Họ và tên")).to_have_value("")
    watch.assert_clean()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_district_officer_sends_a_report(
    browser: Browser, sos_site: tuple[str, str], size: ViewportSize
) -> None:
    officer = person(
        sos_site[0], "officer", departments=("district",), districts=(HERE,), password=PASSWORD
    )
    day = "2021-07-01" if size is DESKTOP else "2021-07-02"
    page, watch = signed_in(browser, sos_site, officer.login, f"/reports?day={day}", size)
    expect(page.locator(".report-list .report-state")).to_have_text(["Thiếu", "Thiếu"])
    assert faults(page) == []
    page.get_by_role("link", name="Khai báo y tế và cảnh báo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thành phố Tam Kỳ")
    assert not page.evaluate(WIDE)
    assert faults(page) == []
    page.get_by_label("Ghi chú (không bắt buộc)").fill("Đã kiểm tra")
    page.get_by_role("button", name="Gửi báo cáo").click()
    expect(page.get_by_role("status")).to_have_text("Đã gửi báo cáo.")
    expect(page.get_by_role("main")).to_contain_text("Ghi chú: Đã kiểm tra")
    page.get_by_role("link", name="Báo cáo", exact=True).click()
    page.get_by_label("Ngày").fill(day)
    page.get_by_role("button", name="Xem").click()
    expect(page.locator(".report-list .report-state")).to_have_text(["Thiếu", "Gửi trễ"])
    watch.assert_clean()
