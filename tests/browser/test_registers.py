"""The page of registers in Chromium: a site's officer from signing in to a release."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import httpx
import openpyxl
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.chromium import DESKTOP, PHONE, open_page
from tests.browser.test_ogc_pages import faults
from tests.browser.test_team import SMALL
from tests.http.register import STAYS, Ward, ward
from tests.people import PASSWORD, person

__all__ = ["ward"]

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
WIDE = "() => document.documentElement.scrollWidth > innerWidth"


def signed_in(browser: Browser, ward: Ward, login: str, size: ViewportSize = DESKTOP) -> Page:
    """The page for somebody who signs in by the form."""
    page, watch = open_page(browser, ward.address, size)
    page.goto(f"{ward.address}/sign-in?next=/registers")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.locator(".list [role=status]")).to_contain_text("dòng")
    page.watch = watch  # type: ignore[attr-defined]
    return page


@pytest.fixture(scope="module")
def officers(ward: Ward) -> tuple[str, str]:
    """The logins of the officers of two sites."""
    made = [
        person(
            ward.url,
            "officer",
            departments=("military_command",),
            places=(place,),
            password=PASSWORD,
        ).login
        for place in (ward.site, ward.other)
    ]
    return made[0], made[1]


def settled(page: Page) -> None:
    """Nothing went wrong on the page, but for what the server was to refuse."""
    watch: Any = page.watch  # type: ignore[attr-defined]
    assert [one for one in watch.errors if "Failed to load resource" not in one] == []


def test_a_sites_officer_from_admission_to_release(
    browser: Browser, ward: Ward, officers: tuple[str, str]
) -> None:
    page = signed_in(browser, ward, officers[0])
    expect(page.locator(".list .empty")).to_be_visible()
    page.get_by_role("button", name="Tiếp nhận").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Tiếp nhận").click()
    expect(sheet.locator("[data-column=name] .fault")).to_have_text("Bắt buộc phải có giá trị.")
    expect(sheet.get_by_label("Họ và tên")).to_be_focused()
    sheet.get_by_label("Họ và tên").fill("Lê Thị Duyệt Web")
    sheet.get_by_label("Điện thoại").fill("12")
    sheet.get_by_label("Nơi cách ly").select_option(ward.site)
    sheet.get_by_label("Chế độ cách ly").select_option("contact_14")
    sheet.get_by_role("button", name="Tiếp nhận").click()
    # What the server finds stands beside the field.
    expect(sheet.locator("[data-column=phone] .fault")).to_contain_text("số điện thoại")
    sheet.get_by_label("Điện thoại").fill("0905 123 987")
    sheet.get_by_role("button", name="Tiếp nhận").click()
    expect(sheet.get_by_role("status")).to_have_text("Đã lưu.")
    assert ward.occupied(ward.site) == 1
    options = sheet.get_by_role("button", name="Chuyển nơi khác")
    options.click()
    sheet.get_by_label("Nơi cách ly").select_option(ward.other)
    sheet.get_by_role("button", name="Chuyển nơi khác").click()
    expect(sheet.locator(".row-facts")).to_contain_text("Đã chuyển đi")
    assert (ward.occupied(ward.site), ward.occupied(ward.other)) == (0, 1)
    sheet.locator("summary").click()
    expect(sheet.locator(".history-list li").first).to_contain_text(officers[0])
    page.keyboard.press("Escape")
    # The list is of those who are there; she is not any more.
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".list .empty")).to_be_visible()
    page.get_by_label("Trạng thái cách ly").select_option("transferred")
    expect(page.get_by_role("button", name="Mở Lê Thị Duyệt Web")).to_be_visible()
    settled(page)

    other = signed_in(browser, ward, officers[1])
    other.get_by_role("button", name="Mở Lê Thị Duyệt Web").click()
    sheet = other.get_by_role("dialog")
    sheet.get_by_role("button", name="Cho về").click()
    sheet.get_by_role("button", name="Cho về").click()
    other.get_by_role("dialog").last.get_by_role("button", name="Cho về").click()
    # Before the day it is due, it takes a reason; the rule says so in words.
    expect(sheet.get_by_role("alert")).to_contain_text("phải ghi lý do")
    sheet.get_by_label("Lý do").fill("Xét nghiệm âm tính")
    sheet.get_by_role("button", name="Cho về").click()
    other.get_by_role("dialog").last.get_by_role("button", name="Cho về").click()
    expect(sheet.locator(".row-facts")).to_contain_text("Đã hoàn thành")
    assert ward.occupied(ward.other) == 0


def test_another_sites_officer_sees_nothing_of_it(
    browser: Browser, ward: Ward, officers: tuple[str, str]
) -> None:
    ward.admit(ward.site, name="Chỉ Ở Một Nơi")
    page = signed_in(browser, ward, officers[1])
    page.get_by_label("Tìm trong sổ").fill("chi o mot noi")
    page.get_by_role("button", name="Tìm", exact=True).click()
    expect(page.locator(".list .empty")).to_be_visible()
    assert "mot noi" not in page.url
    page.get_by_label("Tìm trong sổ").fill("")
    page.get_by_role("button", name="Tìm", exact=True).click()
    expect(page.get_by_text("Chỉ Ở Một Nơi")).to_have_count(0)


@SIZES
def test_the_page_can_be_used_by_everybody(
    browser: Browser, ward: Ward, officers: tuple[str, str], size: ViewportSize
) -> None:
    ward.admit(ward.site, name="Người Xem Trang")
    ward.cameras(ward.site, "up", "down")
    page = signed_in(browser, ward, officers[0], size)
    expect(page.locator(".numbers")).to_be_visible()
    page.locator(".figures summary").last.click()
    expect(page.locator(".figures table").last).to_contain_text("CM-THU-")
    assert faults(page) == []
    assert not page.evaluate(WIDE)
    if size is PHONE:
        assert page.evaluate(SMALL) == []
    page.get_by_role("button", name="Mở Người Xem Trang").first.click()
    expect(page.locator(".row-facts")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Sửa").click()
    expect(page.locator(".record-form")).to_be_visible()
    assert faults(page) == []
    settled(page)


def test_a_sheet_is_checked_then_taken(
    browser: Browser, ward: Ward, officers: tuple[str, str]
) -> None:
    page = signed_in(browser, ward, officers[0])
    page.get_by_role("button", name="Nhập từ Excel").click()
    sheet = page.get_by_role("dialog")
    site = ward.sql(
        "SELECT name FROM layer.quarantine_sites WHERE id = %s", ward.site.split("/")[1]
    )[0][0]

    def choose(*regimes: str) -> None:
        book = openpyxl.Workbook()
        assert book.active is not None
        book.active.append(["Họ và tên", "Nơi cách ly", "Chế độ cách ly"])
        for number, regime in enumerate(regimes):
            book.active.append([f"Người Từ Tệp {number}", site, regime])
        out = io.BytesIO()
        book.save(out)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        sheet.get_by_label("Tệp .xlsx hoặc .csv").set_input_files(
            {"name": "ds.xlsx", "mimeType": kind, "buffer": out.getvalue()}
        )

    before = ward.occupied(ward.site)
    choose("contact_14", "mãi mãi")
    sheet.get_by_role("button", name="Ghi vào sổ").click()
    expect(sheet.locator(".faults tbody tr")).to_have_count(1)
    expect(sheet.locator(".faults tbody")).to_contain_text("Chế độ cách ly")
    assert ward.occupied(ward.site) == before
    choose("contact_14", "vaccinated_7")
    sheet.get_by_role("button", name="Kiểm tra").click()
    expect(sheet.locator(".row-said")).to_contain_text("2 dòng đều đúng")
    sheet.get_by_role("button", name="Ghi vào sổ").click()
    expect(sheet.locator(".row-said")).to_contain_text("Đã ghi 2 dòng")
    assert ward.occupied(ward.site) == before + 2


def test_who_is_overtaken_keeps_what_was_typed_and_takes_either(
    browser: Browser, ward: Ward, officers: tuple[str, str]
) -> None:
    stay = ward.admit(ward.site, name="Người Hai Bên Sửa", room="A1")
    address = f"{STAYS}/{stay['id']}"
    page = signed_in(browser, ward, officers[0])
    page.get_by_role("button", name="Mở Người Hai Bên Sửa").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Sửa").click()
    sheet.get_by_label("Phòng, giường").fill("B2")
    sheet.get_by_label("Năm sinh").fill("1984")
    theirs = {"room": "C3", "decision": "9/QĐ"}
    assert ward.send("PATCH", address, "health", theirs).status_code == 200
    sheet.get_by_role("button", name="Lưu").click()
    expect(sheet.get_by_role("heading", name="Vừa có người khác sửa dòng này")).to_be_focused()
    room = sheet.locator("tr[data-column=room] td")
    expect(room).to_contain_text(["C3", "B2"])
    expect(room.first).to_contain_text(ward.people["health"].login)
    expect(sheet.locator("tr[data-column=decision] td.kept")).to_contain_text("9/QĐ")
    expect(sheet.locator("tr[data-column=birth_year] td.kept")).to_have_text("1984")
    assert faults(page) == []
    room.last.get_by_role("radio").check()
    sheet.get_by_role("button", name="Lưu theo lựa chọn").click()
    expect(sheet.get_by_role("status")).to_have_text("Đã lưu.")
    row = ward.get(address)
    assert (row["room"], row["decision"], row["birth_year"]) == ("B2", "9/QĐ", 1984)
    # Of an action, too, what was filled in stays; it is done to the row as it is now.
    sheet.get_by_role("button", name="Gia hạn").click()
    until = (date.fromisoformat(row["due_until"]) + timedelta(days=7)).isoformat()
    sheet.get_by_label("Hết hạn mới").fill(until)
    sheet.get_by_label("Lý do").fill("Thêm một tuần")
    assert ward.send("PATCH", address, "health", {"room": "D4"}).status_code == 200
    sheet.get_by_role("button", name="Gia hạn").click()
    expect(sheet.get_by_role("alert")).to_contain_text("B2 → D4")
    expect(sheet.get_by_label("Lý do")).to_have_value("Thêm một tuần")
    sheet.get_by_role("button", name="Gia hạn").click()
    expect(sheet.get_by_role("status")).to_have_text("Đã làm xong: Gia hạn.")
    assert ward.get(address)["due_until"] == until
    # The first state comes back, once it is said why.
    sheet.locator("summary").click()
    sheet.get_by_role("button", name="Khôi phục").last.click()
    sheet.get_by_role("button", name="Khôi phục").click()
    expect(sheet.locator("[data-column=reason] .fault")).to_be_visible()
    sheet.get_by_label("Vì sao khôi phục").fill("Nhầm hồ sơ")
    sheet.get_by_role("button", name="Khôi phục").click()
    expect(sheet.get_by_role("status")).to_have_text("Đã khôi phục.")
    expect(sheet.locator(".row-facts")).to_contain_text("A1")
    sheet.locator("summary").click()
    expect(sheet.locator(".history-list li").first).to_contain_text("Lý do: Nhầm hồ sơ")
    settled(page)


def test_a_deleted_row_comes_back(browser: Browser, ward: Ward) -> None:
    ((site,),) = ward.sql("SELECT min(id) FROM layer.testing_sites")
    facts = {"code": "NHAM-1", "method": "pcr", "place": f"testing_sites/{site}"}
    assert ward.send("POST", "/api/registers/samples", "health", facts).status_code == 201
    login = person(ward.url, "officer", departments=("health",), password=PASSWORD).login
    page = signed_in(browser, ward, login, PHONE)
    page.get_by_label("Sổ", exact=True).select_option("samples")
    expect(page.get_by_role("button", name="Nhận mẫu")).to_be_visible()
    page.get_by_label("Tìm trong sổ").fill("NHAM-1")
    page.get_by_role("button", name="Tìm", exact=True).click()
    page.get_by_role("button", name="Mở NHAM-1").click()
    page.get_by_role("dialog").get_by_role("button", name="Xóa").click()
    page.get_by_role("dialog").last.get_by_role("button", name="Xóa").click()
    expect(page.locator(".list .empty")).to_be_visible()
    page.get_by_role("button", name="Đã xóa gần đây").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.locator("li")).to_contain_text(["NHAM-1"])
    assert faults(page) == []
    sheet.get_by_role("button", name="Khôi phục “NHAM-1”").click()
    sheet.get_by_label("Vì sao khôi phục").fill("Xóa nhầm mẫu")
    sheet.get_by_role("button", name="Khôi phục").click()
    expect(sheet.get_by_role("status")).to_have_text("Đã khôi phục.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Mở NHAM-1")).to_be_visible()
    settled(page)


def test_the_public_is_asked_to_sign_in(browser: Browser, ward: Ward) -> None:
    page, _ = open_page(browser, ward.address, PHONE)
    page.goto(f"{ward.address}/registers")
    expect(page.get_by_role("link", name="Đăng nhập")).to_be_visible()
    assert httpx.get(f"{ward.address}/api/registers").status_code == 401
