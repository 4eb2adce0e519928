"""The page of the epidemic in Chromium: a district's officer reports, corrects and imports."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from playwright.sync_api import Browser, expect

from tests.browser.chromium import DESKTOP, PHONE, open_page
from tests.browser.test_ogc_pages import faults
from tests.browser.test_team import SMALL
from tests.http.register import Ward, ward
from tests.people import PASSWORD, person

__all__ = ["ward"]

WIDE = "() => document.documentElement.scrollWidth > innerWidth"


def test_an_officer_reports_corrects_and_imports(browser: Browser, ward: Ward) -> None:
    ward.sql("DELETE FROM register.case_reports WHERE day >= dieuhanh.today() - 1")
    login = person(
        ward.url, "officer", departments=("district",), districts=("503",), password=PASSWORD
    ).login
    page, watch = open_page(browser, ward.address, DESKTOP)
    page.goto(f"{ward.address}/sign-in?next=/epidemic")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    count = page.locator("input[data-count=community]").first
    expect(count).to_have_value("")
    expect(page.locator(".epi-picture svg")).to_have_count(3)
    assert faults(page) == []
    said, save = page.locator(".epi-said"), page.get_by_role("button", name="Lưu báo cáo")
    count.fill("12")
    save.click()
    expect(said).to_contain_text("1 báo cáo mới")
    count.fill("14")
    save.click()
    expect(said).to_contain_text("phải ghi lý do")
    page.get_by_label("Lý do sửa").fill("Đếm sót hai ca")
    save.click()
    expect(said).to_contain_text("1 số đã sửa")
    _import(page)
    page.locator(".epi-part a[href='#unit=503']").click()
    expect(page.locator(".epi-top h2")).to_contain_text("Hội An")
    page.set_viewport_size(PHONE)
    expect(page.locator(".epi-part").first).to_be_visible()
    assert not page.evaluate(WIDE)
    assert page.evaluate(SMALL) == []
    assert faults(page) == []
    assert [one for one in watch.errors if "Failed to load resource" not in one] == []


def _import(page: Any) -> None:
    """Fill the form in wrongly, then rightly."""
    page.locator(".epi-reports summary").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Tải biểu mẫu").click()
    book = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    sheet = book.worksheets[0]
    said = page.locator(".epi-said")
    for cell, words in (("nhiều", "nhiều"), (3, "1 báo cáo mới")):
        sheet["O3"] = cell
        kept = io.BytesIO()
        book.save(kept)
        page.locator("#epi-file").set_input_files(
            {"name": "bieu.xlsx", "mimeType": "", "buffer": kept.getvalue()}
        )
        page.get_by_role("button", name="Ghi vào hệ thống").click()
        expect(said).to_contain_text(words)


def test_the_public_sees_the_province_and_no_form(browser: Browser, server: str) -> None:
    page, watch = open_page(browser, server, PHONE)
    page.goto(f"{server}/epidemic")
    expect(page.locator(".epi-numbers [data-figure=rt] strong")).to_be_visible()
    expect(page.locator(".epi-risk tbody tr").first).to_be_visible()
    assert page.locator(".epi-reports").count() == 0
    assert page.locator(".epi-part a[href^='#unit']").count() == 0
    page.locator(".epi-spans button").first.click()
    expect(page.locator(".epi-spans [aria-pressed=true]")).to_have_text("30 ngày")
    assert page.evaluate(SMALL) == []
    assert not page.evaluate(WIDE)
    assert watch.errors == []
