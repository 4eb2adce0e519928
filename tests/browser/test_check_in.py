"""The page where people check in themselves: by a poster, one tap, also without a network."""

from __future__ import annotations

import io
import json
from pathlib import Path

import httpx
from playwright.sync_api import Browser, BrowserType, Page, expect

from tests.browser.chromium import PHONE, Watch, open_page
from tests.browser.sos_phone import wake_worker
from tests.browser.test_checkpoint import assert_good, film, site, with_camera
from tests.browser.test_team import eventually, installed
from tests.http.test_check_ins import Checkpoint

__all__ = ["site"]

OWN = "dieuhanh-check-in"


def opened(
    browser: Browser, site: Checkpoint, *names: str, code: str | None = None
) -> tuple[Page, Watch]:
    """The page as a phone with the cards of some people opens it from a poster."""
    page, watch = open_page(browser, str(site.client.base_url), PHONE)
    keep_cards(page, site, *names)
    page.goto(f"/check-in#{code or site.code}")
    return page, watch


def keep_cards(page: Page, site: Checkpoint, *names: str) -> None:
    cards = [
        {"token": site.token(), "name": name, "expires_at": "2199-01-01T00:00:00Z"}
        for name in names
    ]
    kept = json.dumps(json.dumps(cards))
    page.context.add_init_script(f"localStorage.setItem('dieuhanh.cards', {kept})")


def test_one_tap_in_and_one_out(browser: Browser, site: Checkpoint) -> None:
    page, watch = opened(browser, site, "Mẹ", "Con")
    expect(page.get_by_role("heading", name="Chợ T")).to_be_visible()
    assert_good(page, watch)
    before = site.counts(site.number)
    page.get_by_label("Con").check()
    page.get_by_role("button", name="VÀO", exact=True).click()
    said = page.locator(".verdict")
    expect(said).to_contain_text("VÀO: ĐÃ GHI")
    expect(said).to_contain_text("Con, lúc")
    assert_good(page, watch)
    page.get_by_role("button", name="RA", exact=True).click()
    expect(said).to_contain_text("RA: ĐÃ GHI")
    after = site.counts(site.number)
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)
    # The name stays on the device.
    assert "Con" not in json.dumps(site.sql("SELECT name FROM private.person"), ensure_ascii=False)
    page.context.close()


def test_without_a_network_it_is_sent_once_the_page_is_closed(
    browser: Browser, site: Checkpoint
) -> None:
    page, _ = opened(browser, site, "Mẹ")
    expect(page.get_by_role("heading", name="Chợ T")).to_be_visible()
    installed(page)
    came = site.counts(site.number)[0]
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="Chợ T")).to_be_visible()
    page.get_by_role("button", name="VÀO", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("ĐÃ GIỮ TRÊN MÁY")
    expect(page.locator(".verdict")).to_contain_text("đóng trang này cũng được")
    expect(page.locator(".waiting-events")).to_contain_text("1 lượt chờ gửi")
    assert_good(page)
    context = page.context
    other = context.new_page()
    page.close()
    assert site.counts(site.number)[0] == came
    context.set_offline(False)
    wake_worker(other, str(site.client.base_url), OWN)
    eventually(other, lambda: site.counts(site.number)[0], came + 1)
    # A page that opens now finds nothing left to send.
    other.goto(f"/check-in#{site.code}")
    expect(other.get_by_role("heading", name="Chợ T")).to_be_visible()
    expect(other.locator(".waiting-events")).to_have_count(0)
    assert site.counts(site.number)[0] == came + 1
    context.close()


def test_closed_sites_unknown_codes_and_phones_without_a_card(
    browser: Browser, site: Checkpoint
) -> None:
    closed, _ = site.site(state="closed")
    page, watch = opened(browser, site, code=closed)
    expect(page.locator(".honest")).to_contain_text("đang đóng")
    assert_good(page, watch)
    page.goto(f"/check-in#{site.code}")
    expect(page.locator(".honest")).to_contain_text("chưa có thẻ QR")
    assert_good(page, watch)
    page.goto("/check-in#KHONGCO")
    expect(page.get_by_role("alert")).to_contain_text("Không có điểm nào")
    assert_good(page)
    page.context.close()


def test_the_code_of_a_poster_leads_here(
    browsers: BrowserType, site: Checkpoint, tmp_path: Path
) -> None:
    # What the poster's own picture says, as a camera sees it.
    import pypdf
    from PIL import Image

    path = f"/api/control/control_points/{site.number // 2}/poster.pdf"
    poster = pypdf.PdfReader(io.BytesIO(httpx.get(f"{site.client.base_url}{path}").content))
    (picture,) = poster.pages[0].images
    code = Image.open(io.BytesIO(picture.data)).convert("RGB").resize((440, 440), 0)
    frame = Image.new("RGB", (640, 480), "white")
    frame.paste(code, (100, 20))
    shown = film(tmp_path, "x")
    data = io.BytesIO()
    frame.save(data, "JPEG", quality=90)
    shown.write_bytes(data.getvalue() * 10)
    with with_camera(browsers, str(site.client.base_url), shown) as page:
        keep_cards(page, site, "Mẹ")
        page.goto("/check-in")
        page.get_by_role("button", name="Bật máy quay để quét").click()
        expect(page.get_by_role("heading", name="Chợ T")).to_be_visible()
        assert page.url.endswith(f"/check-in#{site.code}")
