"""The checkpoint page in Chromium: by camera, reader and keyboard, and without a network."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import segno
from joserfc.jwk import ECKey, KeySet
from PIL import Image
from playwright.sync_api import Browser, BrowserType, Page, ViewportSize, expect

from api.cards import write_token
from api.cli.database import create_database
from layers.roles import Role
from tests.browser.chromium import ARGUMENTS, DESKTOP, PHONE, Watch, executable, open_page
from tests.browser.sos_phone import WIDE
from tests.browser.test_ogc_pages import faults
from tests.browser.test_team import SMALL, eventually, installed
from tests.conftest import serving
from tests.http.test_check_ins import ID_CARD, Checkpoint
from tests.people import PASSWORD, person

LOGIN = "can.bo"


@pytest.fixture(scope="module")
def site(
    cluster: Any, template_database: str, request: pytest.FixtureRequest
) -> Iterator[Checkpoint]:
    """A server, a site, and an officer with a password."""
    name = request.module.__name__.rpartition(".")[2]
    url = create_database(cluster, f"browser_{name}", template_database)
    person(url, Role.OFFICER, departments=["it"], login=LOGIN, password=PASSWORD)
    with serving(url) as address:
        made = Checkpoint(url, address)
        yield made
        made.client.close()
        made.connection.close()


def forged(site: Checkpoint) -> str:
    """A token with the name of the server's key, signed by another one."""
    kid = site.keys.keys[0].kid
    stranger = KeySet([ECKey.generate_key("P-256", {"kid": kid}, private=True)])
    return write_token(stranger, uuid4(), datetime.now(UTC) + timedelta(hours=2))


def film(folder: Path, text: str) -> Path:
    """What a camera sees: a code, held still in front of it."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="l").save(drawn, kind="png", scale=6, border=4)
    picture = Image.new("RGB", (640, 480), "white")
    code = Image.open(drawn).convert("RGB")
    picture.paste(code, ((640 - code.width) // 2, (480 - code.height) // 2))
    frame = io.BytesIO()
    picture.save(frame, "JPEG", quality=90)
    path = folder / "camera.mjpeg"
    path.write_bytes(frame.getvalue() * 10)
    return path


@contextmanager
def with_camera(browsers: BrowserType, address: str, shown: Path) -> Iterator[Page]:
    """The checkpoint page on a phone whose camera sees a film, and may be used."""
    camera = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={shown}",
    )
    browser = browsers.launch(executable_path=executable(), args=[*ARGUMENTS, *camera])
    try:
        page, _ = open_page(browser, address, PHONE)
        page.context.grant_permissions(["camera"])
        yield page
    finally:
        browser.close()


def chosen(page: Page, site: Checkpoint) -> None:
    """Sign in and choose the site."""
    page.goto("/checkpoint")
    page.get_by_role("link", name="Đăng nhập").click()
    page.get_by_label("Tên đăng nhập").fill(LOGIN)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/checkpoint$"))
    ((name,),) = site.sql("SELECT name FROM layer.control_points WHERE id = %s", site.number // 2)
    # Found without accents.
    page.get_by_label("Tìm tên, mã").fill(name.replace("Chợ", "cho"))
    expect(page.locator(".place")).to_have_count(1)
    page.locator(".place").click()
    expect(page.get_by_role("heading", name=name)).to_be_focused()


def reads(page: Page, text: str) -> None:
    """A USB reader types a code, wherever the focus is."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def assert_good(page: Page, watch: Watch | None = None) -> None:
    assert faults(page) == []
    assert page.evaluate(WIDE) <= 0
    assert page.evaluate(SMALL) == []
    if watch:
        watch.assert_clean()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_cards_identity_cards_and_numbers_are_recorded(
    browser: Browser, site: Checkpoint, size: ViewportSize
) -> None:
    page, watch = open_page(browser, str(site.client.base_url), size)
    chosen(page, site)
    said = page.locator(".verdict")
    came, went, _ = site.counts(site.number)
    reads(page, site.token())
    expect(said).to_contain_text("VÀO: ĐÃ GHI")
    expect(said).to_contain_text("CHƯA KHAI BÁO Y TẾ")
    expect(said).to_have_class(re.compile("verdict-caution"))
    assert_good(page, watch)
    page.get_by_role("button", name="RA", exact=True).click()
    page.get_by_label("Số căn cước, hoặc mã").fill(ID_CARD)
    page.keyboard.press("Enter")
    expect(said).to_contain_text("RA: ĐÃ GHI")
    page.get_by_label("Số căn cước, hoặc mã").fill("049 084 000 777")
    page.keyboard.press("Enter")
    field = page.get_by_label("Họ và tên của người có số 049084000777")
    expect(field).to_be_focused()
    assert_good(page)
    field.fill("Nguyễn Văn B")
    page.get_by_role("button", name="Ghi lượt này").click()
    expect(page.locator(".checkpoint")).to_contain_text("hôm nay: 1 vào · 2 ra")
    expect(said).to_contain_text("RA: ĐÃ GHI")
    assert site.counts(site.number)[:2] == (came + 1, went + 2)
    # Nobody's name or number is shown again, nor kept on the device.
    assert "084000" not in page.content()
    assert page.evaluate("JSON.stringify(localStorage)").count("084000") == 0
    reads(page, forged(site))
    expect(said).to_contain_text("mã giả")
    expect(said).to_have_class(re.compile("verdict-bad"))
    assert_good(page, watch)
    reads(page, "https://dieuhanh.vn/check-in#D1")
    expect(said).to_contain_text("mã của một điểm")
    assert site.counts(site.number)[:2] == (came + 1, went + 2)
    page.context.close()


def test_without_a_network_it_is_kept_until_there_is_one(
    browser: Browser, site: Checkpoint
) -> None:
    page, _ = open_page(browser, str(site.client.base_url), PHONE)
    chosen(page, site)
    installed(page)
    came = site.counts(site.number)[0]
    card = site.token()
    page.context.set_offline(True)
    page.reload()
    said = page.locator(".verdict")
    reads(page, card)
    expect(said).to_contain_text("VÀO: ĐÃ GIỮ TRÊN MÁY")
    expect(said).to_contain_text("Thẻ hợp lệ")
    expect(page.locator(".waiting-events")).to_contain_text("1 lượt chờ gửi")
    assert_good(page)
    # The signature and the expiry are looked at on the device.
    for bad, why in ((forged(site), "mã giả"), (site.token(hours=-1), "hết hạn")):
        reads(page, bad)
        expect(said).to_contain_text(why)
    # What waits outlives the page.
    context = page.context
    page.close()
    page = context.new_page()
    page.goto("/checkpoint")
    expect(page.locator(".waiting-events")).to_contain_text("1 lượt chờ gửi")
    assert site.counts(site.number)[0] == came
    context.set_offline(False)
    eventually(page, lambda: site.counts(site.number)[0], came + 1)
    expect(page.locator(".waiting-events")).to_have_count(0)
    context.close()


def test_a_camera_reads_a_card(browsers: BrowserType, site: Checkpoint, tmp_path: Path) -> None:
    shown = film(tmp_path, site.token())
    with with_camera(browsers, str(site.client.base_url), shown) as page:
        chosen(page, site)
        came = site.counts(site.number)[0]
        page.get_by_role("button", name="Bật máy quay để quét").click()
        expect(page.locator(".verdict")).to_contain_text("VÀO: ĐÃ GHI")
        assert_good(page)
        # The code stays in view, and is one check-in.
        page.wait_for_timeout(600)
        assert site.counts(site.number)[0] == came + 1
        page.get_by_role("button", name="Tắt máy quay").click()
        expect(page.locator("video")).to_be_hidden()
        assert page.evaluate("document.querySelector('video').srcObject") is None


def test_without_a_camera_it_says_why(browser: Browser, site: Checkpoint) -> None:
    page, watch = open_page(browser, str(site.client.base_url), PHONE)
    chosen(page, site)
    page.get_by_role("button", name="Bật máy quay để quét").click()
    told = page.get_by_role("alert")
    expect(told).to_have_text(re.compile("Không thấy máy quay nào|không được dùng máy quay"))
    assert_good(page, watch)
    page.context.close()


def test_who_may_not_record_is_told(browser: Browser, site: Checkpoint) -> None:
    page, watch = open_page(browser, str(site.client.base_url), PHONE)
    page.goto("/checkpoint")
    expect(page.locator(".honest")).to_contain_text("chưa đăng nhập")
    assert_good(page, watch)
    page.context.close()
