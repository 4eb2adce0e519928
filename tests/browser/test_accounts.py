"""Signing in and looking after accounts in Chromium: by keyboard, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from api.cli.database import create_database
from tests.browser.chromium import DESKTOP, PHONE, open_page
from tests.browser.test_ogc_pages import faults
from tests.conftest import serving
from tests.people import PASSWORD, person


@pytest.fixture(scope="module")
def site(cluster: Any, migrated_template: str) -> Iterator[tuple[str, str]]:
    """A database and a server on it."""
    url = create_database(cluster, "browser_accounts", migrated_template)
    with serving(url, {}) as address:
        yield url, address


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_administrator_makes_an_account_and_moves_it(
    browser: Browser, site: tuple[str, str], size: ViewportSize
) -> None:
    url, address = site
    admin = person(url, "admin", password=PASSWORD)
    page, watch = open_page(browser, address, size)
    page.goto("/admin")
    expect(page).to_have_url(f"{address}/sign-in?next=%2Fadmin")
    assert faults(page) == []
    page.get_by_label("Tên đăng nhập").fill(admin.login)
    page.get_by_label("Mật khẩu").fill("không phải mật khẩu này")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("không đúng")
    assert faults(page) == []
    # A browser notes every answer of status 401 in the console.
    assert len(watch.errors) == 1
    watch.errors.clear()
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/admin")

    login = f"y.te.{size['width']}"
    page.locator("summary").filter(has_text="Tạo tài khoản").click()
    form = page.locator("form[action='/admin/accounts']")
    form.get_by_label("Tên đăng nhập").fill(login)
    form.get_by_label("Mật khẩu").fill(PASSWORD)
    form.get_by_label("Vai trò").select_option("officer")
    form.get_by_label("Sở Y tế", exact=True).check()
    assert faults(page) == []
    form.get_by_role("button").click()
    card = page.locator("li").filter(has=page.get_by_role("heading", name=login, exact=True))
    expect(card).to_contain_text("Sở Y tế")

    card.locator("summary").filter(has_text="Đổi vai trò").click()
    card.get_by_label("Thành phố Hội An").check()
    assert faults(page) == []
    card.get_by_role("button", name="Lưu").click()
    expect(card).to_contain_text("Thành phố Hội An")
    card.get_by_role("button", name="Khóa").click()
    expect(card).to_contain_text("đã khóa")

    wide = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    page.goto("/sign-in")
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_label("Tên đăng nhập")).to_be_visible()
    page.goto("/admin")
    expect(page).to_have_url(f"{address}/sign-in?next=%2Fadmin")
    watch.assert_clean()
