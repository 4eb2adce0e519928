"""The page of who has asked for help in Chromium: by the link alone, on a phone and on a desk."""

from __future__ import annotations

from uuid import uuid4

import httpx
import psycopg2
import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.accessible import faults_of as faults
from tests.browser.chromium import DESKTOP, PHONE, choose_language, open_page
from tests.conftest import RunServer


class Site:
    """A server of a test's own, and one request on it."""

    def __init__(self, address: str, url: str) -> None:
        self.address = address
        self._url = url
        self.id = str(uuid4())
        post = {"id": self.id, "lon": 108.33421, "lat": 15.88012, "category": "trapped"}
        answer = httpx.post(f"{address}/api/sos", json=post).json()
        self.code = answer["code"]
        self.token = answer["follow"]["token"]
        self.path = answer["follow"]["url"].removeprefix(address)

    def run(self, statement: str, *values: object) -> None:
        connection = psycopg2.connect(self._url)
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
        connection.close()


@pytest.fixture
def site(empty_database_url: str, run_server: RunServer) -> Site:
    return Site(run_server(empty_database_url), empty_database_url)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_link_is_enough(browser: Browser, site: Site, size: ViewportSize) -> None:
    page, watch = open_page(browser, site.address, size)
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(site.path)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Yêu cầu {site.code}")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    # What coordination does meanwhile is seen without asking, and what is written stays.
    page.get_by_label("Điều đội cứu hộ cần biết thêm").fill("Có cụ già 80 tuổi")
    site.run("UPDATE layer.sos_requests SET state = 'verified'")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".follow-now")).to_have_text("Đã xác minh, đang tìm đội cứu hộ")
    expect(page.get_by_label("Điều đội cứu hộ cần biết thêm")).to_have_value("Có cụ già 80 tuổi")
    page.get_by_role("button", name="Gửi ghi chú").click()
    expect(page.get_by_role("status")).to_have_text("Đã gửi ghi chú.")
    assert faults(page) == []
    choose_language(page, "English")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Request {site.code}")
    page.get_by_text("No more help needed?").click()
    assert faults(page) == []
    page.get_by_role("button", name="Cancel the request").click()
    expect(page.get_by_role("status")).to_have_text("The request has been cancelled.")
    watch.assert_clean()
    assert not any(site.token in address.partition("#")[0] for address in addresses)
    page.context.close()


def test_a_pasted_link_and_a_wrong_one(browser: Browser, site: Site) -> None:
    page, watch = open_page(browser, site.address, PHONE)
    page.goto("/sos/follow")
    assert faults(page) == []
    page.get_by_label("Liên kết hoặc mã theo dõi").fill(f"{site.address}{site.path}")
    page.get_by_role("button", name="Xem").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Yêu cầu {site.code}")
    assert page.url == f"{site.address}{site.path}"
    assert watch.errors == []
    page.goto("/sos/follow#" + "x" * 24)
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("Không có yêu cầu nào")
    assert faults(page) == []
    page.context.close()


def test_without_scripts(browser: Browser, site: Site) -> None:
    context = browser.new_context(
        java_script_enabled=False, base_url=site.address, viewport=PHONE, locale="vi-VN"
    )
    page = context.new_page()
    page.goto("/sos/follow")
    page.get_by_label("Liên kết hoặc mã theo dõi").fill(site.token)
    page.get_by_role("button", name="Xem").click()
    assert page.get_by_role("heading", level=1).inner_text() == f"Yêu cầu {site.code}"
    page.get_by_label("Điều đội cứu hộ cần biết thêm").fill("Nước lên")
    page.get_by_role("button", name="Gửi ghi chú").click()
    assert page.get_by_role("status").inner_text() == "Đã gửi ghi chú."
    context.close()


def test_a_network_that_fails_is_said(browser: Browser, site: Site) -> None:
    page, _ = open_page(browser, site.address, PHONE)
    page.goto(site.path)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Yêu cầu {site.code}")
    page.context.set_offline(True)
    page.get_by_role("button", name="Xem lại").click()
    expect(page.get_by_role("alert")).to_contain_text("1022")
    page.context.set_offline(False)
    page.get_by_role("button", name="Xem lại").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.context.close()
