"""The page of declarations in Chromium: without a network, then a QR that a checkpoint reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from tests.browser.accessible import faults_of
from tests.browser.chromium import DESKTOP, PHONE, open_page
from tests.browser.sos_phone import SMALL, WIDE, phone, rows
from tests.conftest import ROOT
from tests.declaring import a_declaration, card_of, declare
from tests.people import PASSWORD, person

NAME = "Người Khai Thử"
READ = """async ([decoder, octets]) => {
  const { BarcodeDetector } = await import(decoder);
  const image = await createImageBitmap(new Blob([new Uint8Array(octets)]));
  const [code] = await new BarcodeDetector({ formats: ["qr_code"] }).detect(image);
  return code?.rawValue;
}"""
"""Reads a picture with the decoder that the checkpoint's page loads."""


def read_qr(page: Page) -> str:
    """What the QR on a page says, from how it looks."""
    (decoder,) = (ROOT / "web" / "dist" / "assets").glob("decode-*.js")
    picture = page.locator(".qr-frame").screenshot()
    found = page.evaluate(READ, [f"/assets/{decoder.name}", list(picture)])
    assert isinstance(found, str)
    return found


def first_step(page: Page, name: str = NAME) -> None:
    page.get_by_label("Họ và tên").fill(name)
    page.get_by_label("Năm sinh").fill("1984")
    page.get_by_label("Số điện thoại").fill("0900 000 111")
    page.get_by_label("Xã, phường nơi đang ở").select_option("20335")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("heading", name="Sức khỏe")).to_be_focused()


def rest(page: Page) -> None:
    page.get_by_role("button", name="Khó thở").click()
    page.get_by_role("button", name="Không", exact=True).click()
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Xã, phường trong tỉnh").select_option("20341")
    page.get_by_label("Tỉnh, thành phố hoặc nước khác").fill("Đà Nẵng")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="GỬI TỜ KHAI").click()


def test_a_declaration_without_a_network_becomes_a_qr_that_is_read(
    browsers: BrowserType, sos_site: tuple[str, str], tmp_path: Path
) -> None:
    url, address = sos_site
    kept = "SELECT id, symptoms, places, elsewhere, card_id FROM private.declaration AS d"
    mine = f"{kept} WHERE person_id IN (SELECT id FROM private.person WHERE name = %s)"
    with phone(browsers, address, tmp_path, path="/declare") as one:
        page = one.page
        expect(page.get_by_label("Xã, phường nơi đang ở")).to_be_visible()
        one.installed()
        one.offline(True)
        page.reload()
        first_step(page)
        assert page.evaluate(SMALL) == []
        assert faults_of(page) == []
        rest(page)
        expect(page.get_by_text("Đang chờ gửi")).to_be_visible()
        assert faults_of(page) == []
        assert rows(url, mine, NAME) == []
        one.offline(False)
        expect(page.locator("svg.qr")).to_be_visible()
        expect(page.get_by_text("Nếu khó thở, hãy gọi 115")).to_be_visible()
        assert faults_of(page) == []
        assert page.evaluate(WIDE) <= 0
        ((_, symptoms, places, elsewhere, card),) = rows(url, mine, NAME)
        assert (symptoms, places, elsewhere) == (["breathless"], ["20341"], ["Đà Nẵng"])
        token = read_qr(page)
        assert card_of(url, token) == card
        assert NAME not in page.url
        one.watch.assert_clean()
    # Another day, without a network: the code is there, and no more of what was declared.
    with phone(browsers, address, tmp_path, path="/declare", dark=True) as again:
        page = again.page
        again.installed()
        again.offline(True)
        page.reload()
        page.get_by_role("link", name=re.compile(NAME)).click()
        assert read_qr(page) == token
        assert faults_of(page) == []
        held = page.evaluate(
            "() => new Promise((done) => { indexedDB.open('dieuhanh-declare').onsuccess ="
            " ({ target }) => { target.result.transaction('declarations')"
            ".objectStore('declarations').getAll().onsuccess = (all) => {"
            " target.result.close(); done(JSON.stringify(all.target.result)); }; }; })"
        )
        assert "0900 000 111" not in held
        with page.expect_download() as download:
            page.get_by_role("button", name="Tải ảnh PNG").click()
        assert re.fullmatch(r"qr-[0-9a-f]{8}\.png", download.value.suggested_filename)
        # Given back: that needs the server.
        again.offline(False)
        page.get_by_role("button", name="Hủy mã").click()
        page.get_by_role("button", name="Bấm lần nữa").click()
        expect(page.get_by_role("heading", name="Khai cho ai?")).to_be_visible()
        assert page.evaluate("localStorage.getItem('dieuhanh.cards')") == "[]"
    assert rows(url, "SELECT revoked_at IS NULL FROM private.card WHERE id = %s", card) == [
        (False,)
    ]


def test_what_is_missing_is_told_where_it_is(browser: Browser, sos_site: tuple[str, str]) -> None:
    page, watch = open_page(browser, sos_site[1], DESKTOP, language="en")
    page.goto("/declare")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Full name")).to_be_focused()
    expect(page.get_by_text("Write the full name.")).to_be_visible()
    assert faults_of(page) == []
    page.goto("/declare#places")
    page.get_by_role("button", name="SEND").click()
    expect(page.get_by_text("Consent is needed")).to_be_visible()
    watch.assert_clean()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_officer_works_on_a_flag(browser: Browser, sos_site: tuple[str, str], size: Any) -> None:
    url, address = sos_site
    given = a_declaration(symptoms=["fever"], name=f"Người có sốt {size['width']}")
    declare(url, given)
    login = f"flags{size['width']}"
    person(url, "officer", departments=["health"], login=login, password=PASSWORD)
    page, watch = open_page(browser, address, size)
    page.goto("/flags")
    page.get_by_role("link", name="Đăng nhập").click()
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".flag-table")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_role("link", name=re.compile(given["name"])).click()
    expect(page.get_by_role("heading", name=given["name"])).to_be_focused()
    call = page.get_by_role("link", name=f"Gọi {given['phone']}")
    assert call.get_attribute("href") == f"tel:{given['phone']}"
    assert faults_of(page) == []
    assert page.evaluate(WIDE) <= 0
    page.get_by_role("button", name="Nhận xử lý").click()
    expect(page.get_by_text(f"{login} nhận xử lý")).to_be_visible()
    page.get_by_role("button", name="Đóng cảnh báo").click()
    expect(page.get_by_text("Hãy ghi kết quả")).to_be_visible()
    page.get_by_label("Kết quả").fill("Đã gọi")
    page.get_by_role("button", name="Đóng cảnh báo").click()
    expect(page.get_by_text(f"{login} đóng lúc")).to_be_visible()
    found = rows(
        url,
        "SELECT state, note, closed_by FROM private.flag WHERE declaration_id = %s",
        given["id"],
    )
    assert found == [("closed", "Đã gọi", login)]
    # What comes while the page is open is told, at the latest when somebody looks at it again.
    page.goto("/flags")
    expect(page.locator(".flag-list a").first).to_be_visible()
    late = a_declaration(symptoms=["cough"], name="Người vừa khai")
    declare(url, late)
    rows(
        url,
        "INSERT INTO register.samples (person_id, place, code, method, result)"
        " SELECT d.person_id, 'testing_sites/' || (SELECT min(id) FROM layer.testing_sites),"
        " 'MAU-' || left(d.id::text, 8), 'pcr', 'positive' FROM private.declaration AS d"
        " WHERE d.id = %s RETURNING id",
        late["id"],
    )
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("1 cảnh báo mới")).to_be_visible()
    expect(page.locator(".flag-list a").first).to_contain_text("Người vừa khai")
    page.locator(".flag-list a").first.click()
    expect(page.locator(".flag-detail .flag-kinds")).to_contain_text("Mẫu dương tính")
    expect(page.locator(".flag-detail dl")).to_contain_text(f"MAU-{late['id'][:8]}, RT-PCR")
    watch.assert_clean()
