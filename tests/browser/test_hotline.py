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


def test_an_operator_points_at_where_the_caller_is(
    browser: Browser, sos_site: tuple[str, str]
) -> None:
    operator = person(
        sos_site[0], "operator", departments=("rescue_coordination",), password=PASSWORD
    )
    page, watch = signed_in(browser, sos_site, operator.login, "/hotline", PHONE)
    page.get_by_label("Số điện thoại").fill("0905 777 124")
    toggle = page.get_by_role("button", name="Chọn trên bản đồ")
    toggle.focus()
    page.keyboard.press("Enter")
    canvas = page.locator(".picker-map[data-idle] canvas")
    canvas.wait_for()
    expect(page.get_by_role("button", name="Đóng bản đồ")).to_be_focused()
    assert faults(page) == []
    assert not page.evaluate(WIDE)
    # A tap brings a place under the cross, the keyboard moves it; it is told in words.
    canvas.click()
    canvas.focus()
    page.keyboard.press("ArrowUp")
    words = page.locator(".hotline-words")
    expect(words.locator("b")).not_to_be_empty()
    expect(words.locator("li")).to_have_count(3)
    page.get_by_role("button", name="Chọn điểm này").click()
    expect(toggle).to_be_focused()
    position = page.get_by_label("Tọa độ hoặc liên kết bản đồ")
    lat, lon = position.input_value().split(", ")
    ((commune, name),) = known(
        sos_site,
        "SELECT code, name FROM layer.admin_units WHERE level = 'commune'"
        " AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
        *(float(lon), float(lat)),
    )
    expect(words.locator("b")).to_contain_text(name)
    # The other forms ask for the commune: it is there, as nobody had told one.
    expect(page.get_by_label("Xã, phường", exact=True)).to_have_value(
        words.locator("b").inner_text()
    )
    page.get_by_label("Cần giúp gì").select_option("medical")
    page.keyboard.press("Control+Enter")
    code = page.locator(".hotline-code").inner_text().replace(" ", "")
    assert known(
        sos_site,
        "SELECT q.commune_code, r.position_source, q.accuracy_m > 0 FROM layer.sos_requests AS q"
        " JOIN private.sos_report AS r ON r.request_id = q.id WHERE q.code = %s",
        code,
    ) == [(commune, "coordinates", True)]
    page.keyboard.press("Alt+0")
    expect(words).to_be_empty()
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
