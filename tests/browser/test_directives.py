"""The page of directives in Chromium: finding and reading, and writing by those who may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from api.cli.database import create_database
from tests import pdfs
from tests.browser.accessible import faults_of
from tests.browser.chromium import DESKTOP, PHONE, open_page
from tests.conftest import serving
from tests.people import PASSWORD, person

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[tuple[str, str]]:
    url = create_database(cluster, "browser_directives", template_database)
    with serving(url, {"DIEUHANH_DIRECTIVE_FILES": "2"}) as address:
        yield url, address


def is_wide(page: Page) -> bool:
    """Whether something sticks out at the side."""
    wide = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return bool(page.evaluate(wide))


@SIZES
def test_somebody_finds_and_reads_a_directive(
    browser: Browser, site: tuple[str, str], size: ViewportSize
) -> None:
    page, watch = open_page(browser, site[1], size)
    page.goto("/directives")
    entries = page.locator(".entry")
    expect(entries.nth(11)).to_be_visible()
    assert faults_of(page) == []
    expect(page.get_by_role("link", name="Thêm văn bản")).to_have_count(0)

    # Without accents; by keyboard.
    page.get_by_label("Tìm trong số").fill('"gian cach xa hoi"')
    page.keyboard.press("Enter")
    expect(entries).to_have_count(1)
    expect(page).to_have_url(f"{site[1]}/directives?q=%22gian+cach+xa+hoi%22")
    entries.first.click()
    expect(page.get_by_role("heading", name="14/CT-UBND")).to_be_focused()
    expect(page.locator(".one")).to_contain_text("Đã bị thay thế")
    assert page.locator(".area").evaluate("(one) => one.complete || one.decode().then(() => true)")
    assert faults_of(page) == []
    assert not is_wide(page)

    # What replaced it is one step away, and a step back leads here again.
    page.locator(".facts").get_by_role("link", name="18/CT-UBND").click()
    expect(page.get_by_role("heading", name="18/CT-UBND")).to_be_visible()
    expect(page.locator(".one")).to_contain_text("Đang có hiệu lực")
    page.go_back()
    expect(page.get_by_role("heading", name="14/CT-UBND")).to_be_visible()

    # By facts instead of words.
    page.goto("/directives")
    page.get_by_label("Lĩnh vực").select_option("disaster")
    expect(entries).to_have_count(1)
    expect(entries.first).to_contain_text("07/CĐ-UBND")
    page.get_by_role("button", name="Bỏ lọc").click()
    expect(entries.nth(11)).to_be_visible()

    # At a place; in English.
    page.goto("/directives#at=108.335,15.88")
    page.reload()
    expect(page.locator(".here")).to_contain_text("15.8800, 108.3350")
    expect(entries.first).to_be_visible()
    assert set(page.locator(".entry .badge.state-in_force").all_inner_texts()) == {
        "Đang có hiệu lực"
    }
    page.evaluate("localStorage.setItem('dieuhanh.language', 'en')")
    page.reload()
    expect(page.get_by_role("heading", name="Directives", exact=True)).to_be_visible()
    expect(page.locator(".here")).to_contain_text("In force at")
    watch.assert_clean()


@SIZES
def test_an_officer_issues_a_directive_with_its_file(
    browser: Browser, site: tuple[str, str], size: ViewportSize, tmp_path: Path
) -> None:
    url, address = site
    officer = person(url, "officer", departments=["it"], password=PASSWORD)
    number = f"77/TB-{size['width']}"
    page, watch = open_page(browser, address, size)
    page.goto("/sign-in?next=%2Fdirectives")
    page.get_by_label("Tên đăng nhập").fill(officer.login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Thêm văn bản").click()
    page.get_by_label("Số, ký hiệu").fill(number)
    page.get_by_role("button", name="Lưu").click()
    # What is missing is said beside its field, where the keyboard goes.
    expect(page.get_by_label("Loại văn bản").last).to_be_focused()
    assert faults_of(page) == []
    form = page.locator(".directive-form")
    form.get_by_label("Loại văn bản").select_option("notice")
    form.get_by_label("Trích yếu").fill("Về việc diễn tập")
    form.get_by_label("Ngày ban hành").fill("2021-08-01")
    expect(form.get_by_label("Có hiệu lực từ")).to_have_value("2021-08-01T00:00")
    form.get_by_label("Cơ quan ban hành").fill("UBND tỉnh")
    form.get_by_label("Lĩnh vực").select_option("rescue")
    form.get_by_label("Đơn vị áp dụng").select_option(label="Thành phố Hội An")
    form.get_by_role("button", name="Thêm đơn vị").click()
    expect(form.locator(".chosen-units")).to_contain_text("Thành phố Hội An")
    form.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("heading", name=number)).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("Thành phố Hội An")

    good, bad = tmp_path / "dien-tap.pdf", tmp_path / "kich-ban.pdf"
    good.write_bytes(pdfs.with_text("Nội dung buổi diễn tập."))
    bad.write_bytes(pdfs.with_script())
    page.get_by_label("Tải tệp PDF lên").set_input_files([good, bad])
    said = page.locator(".said")
    expect(said).to_contain_text("Đã nhận tệp dien-tap.pdf")
    expect(said).to_contain_text("tệp chạy mã lệnh")
    expect(page.locator(".file")).to_have_count(1)
    assert faults_of(page) == []
    assert not is_wide(page)
    # A browser notes the refusal in the console.
    assert len(watch.errors) == 1
    watch.errors.clear()

    page.get_by_role("link", name="Sửa").click()
    form.get_by_label("Trích yếu").fill("Về việc diễn tập sơ tán")
    form.get_by_role("button", name="Lưu").click()
    expect(page.locator(".subject")).to_have_text("Về việc diễn tập sơ tán")
    page.get_by_role("button", name="Gỡ tệp dien-tap.pdf").click()
    page.get_by_role("dialog").get_by_role("button", name="Gỡ tệp").click()
    expect(page.locator(".file")).to_have_count(0)
    page.get_by_role("button", name="Xóa").click()
    page.get_by_role("dialog").get_by_role("button", name="Xóa").click()
    expect(page.get_by_role("heading", name=number)).to_have_count(0)
    watch.assert_clean()
