"""Analysis on the map in Chromium: run, look, keep, ask why, go through the steps."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import DESKTOP, PHONE, open_page, wait_for_map
from tests.browser.test_ogc_pages import faults
from tests.people import PASSWORD, person

SMALL = """() => [...document.querySelectorAll('.analyse :is(button, select, summary)')]
  .filter((one) => one.offsetParent && one.offsetHeight < 44).map((one) => one.outerHTML)"""


def run(page: Page, process: str, **choices: str) -> None:
    """Run a process and wait until its result is drawn."""
    form = page.locator("form.analyse-form")
    for label, value in {"Phương pháp": process, **choices}.items():
        form.locator(f"label:has(> span:text-is('{label}')) select").select_option(value)
    form.get_by_role("button", name="Chạy").click()
    expect(page.locator(".tool-status")).to_have_text(re.compile("Đã tính xong"))


def flows(page: Page) -> None:
    """Who may sees flows of check-ins, asks a line what it says, and keeps them for staff."""
    run(page, "flows", Theo="district")
    expect(page.locator(".flow-hidden")).to_contain_text("dưới 5 người")
    rows = page.locator(".flow-table tbody tr")
    steps = [int(one.replace(".", "")) for one in rows.locator("td:nth-child(2)").all_inner_texts()]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] >= 5
    strongest = rows.first.get_by_role("button")
    strongest.click()
    expect(strongest).to_have_attribute("aria-pressed", "true")
    why = page.locator(".tool .why")
    expect(why).to_contain_text(strongest.inner_text())
    expect(why).to_contain_text("Lớn thứ 1 trong")
    assert faults(page) == []
    keeping = page.locator("form.keeping")
    expect(keeping).to_contain_text("Chỉ cán bộ thấy")
    keeping.get_by_role("button", name="Giữ kết quả").click()
    expect(page.locator(".kept-results li")).to_have_count(2)


def test_from_a_run_to_a_kept_layer_and_why_it_is_red(
    browser: Browser, sos_site: tuple[str, str]
) -> None:
    url, address = sos_site
    analyst = person(url, "analyst", password=PASSWORD)
    page, watch = open_page(browser, address, DESKTOP)
    page.goto("/sign-in?next=/help")
    page.get_by_label("Tên đăng nhập").fill(analyst.login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/help")
    layers = [one["id"] for one in httpx.get(f"{address}/api/map").json()["layers"]]
    few = f"map=8.2/15.6/108&off={','.join(one for one in layers if one != 'admin_units')}"
    page.goto(f"/#{few}")
    wait_for_map(page)
    page.locator("[data-tool=analyse]").click()
    run(page, "hotspots", Theo="district")
    legend = page.locator(".analyse-legend li")
    assert sum(int(one) for one in legend.locator(".count").all_inner_texts()) == 18
    wait_for_map(page)
    page.locator("#map canvas").click(position={"x": 700, "y": 560})
    expect(page.locator(".tool .why h3")).to_have_text(re.compile("ùng này"))
    expect(page.locator(".tool .why")).to_contain_text("láng giềng trung bình")
    expect(page.locator(".tool .why")).to_contain_text("trong mọi cách xếp lại các giá trị")
    assert faults(page) == []

    keeping = page.locator("form.keeping")
    keeping.get_by_label("Tên kết quả").fill("SOS theo huyện")
    keeping.get_by_role("button", name="Giữ kết quả").click()
    expect(page.locator(".kept-results li")).to_contain_text("SOS theo huyện")
    (kept,) = httpx.get(f"{address}/api/results").json()["results"]
    assert (kept["audience"], kept["inputs"]["by"]) == ("public", "district")

    run(page, "emerging-hotspots")
    slider = page.locator(".steps input")
    slider.fill("0")
    expect(page.locator(".steps output")).to_contain_text("sự kiện")
    page.get_by_role("button", name="Bước sau").click()
    assert slider.input_value() == "1"
    flows(page)
    told = httpx.get(f"{address}/api/results").json()["results"]
    assert [one["id"] for one in told] == [kept["id"]]
    watch.assert_clean()

    # Somebody else, on a phone, sees the kept layer, and who kept it does not concern them.
    items = httpx.get(f"{address}/ogc/collections/hotspots/items").json()["features"]
    hottest = max(items, key=lambda one: one["properties"]["z"] or 0)
    phone, watch = open_page(browser, address, PHONE)
    phone.goto(f"/#{few}&feature=hotspots/{hottest['id']}")
    why = phone.locator("#feature .why")
    expect(why).to_contain_text(f"{hottest['properties']['n']} sự kiện")
    why.locator("summary").click()
    expect(why).to_contain_text("SOS theo huyện")
    expect(why).not_to_contain_text(analyst.login)
    phone.keyboard.press("Escape")
    phone.locator("[data-tool=analyse]").click()
    expect(phone.locator(".analyse-form option[value=flows]")).to_have_count(0)
    expect(phone.locator(".kept-results summary")).to_be_visible()
    assert phone.evaluate(SMALL) == []
    watch.assert_clean()
