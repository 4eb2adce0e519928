"""Vaccination in Chromium: the desk on a phone, registering without a network, progress."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Locator, expect

from api.cli.database import create_database
from tests.browser.accessible import faults_of
from tests.browser.chromium import DESKTOP, PHONE, open_page
from tests.browser.sos_phone import SMALL, WIDE, phone
from tests.browser.test_team import SMALL as SMALL_BY_POINTER
from tests.conftest import serving
from tests.people import PASSWORD, person
from tests.vaccinating import Centre

NAME = "Người Đăng Ký Thử"


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[tuple[Centre, str]]:
    url = create_database(cluster, "browser_vaccination", template_database)
    with serving(url) as address:
        yield Centre(url), address


def test_a_desk_from_the_door_to_a_reaction(browser: Browser, site: tuple[Centre, str]) -> None:
    centre, address = site
    lot = centre.new_lot(5)
    made = centre.make(
        "vaccination_sessions", place=centre.point, day=centre.today(), vaccine="pfizer", lot=lot,
        slot_capacity=5,
    )  # fmt: skip
    invited = centre.register("front_line")
    centre.sql(
        "UPDATE register.vaccination_registrations SET state = 'invited', place = %s,"
        " session_id = %s, slot_at = (SELECT min(starts_at) FROM register.session_slot"
        " WHERE session_id = %s) WHERE id = %s",
        centre.point,
        made,
        made,
        invited,
    )
    login = person(
        centre.url, "officer", departments=("health",), places=(centre.point,), password=PASSWORD
    ).login
    page, watch = open_page(browser, address, PHONE)
    page.goto(f"{address}/sign-in?next=/vaccination")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    # Whoever works at one point is there at once.
    page.get_by_role("button", name="Đã đến").click()
    page.get_by_role("button", name="Đủ điều kiện").click()
    expect(page.get_by_label("Lô vắc-xin")).to_have_value(lot)
    page.get_by_label("Vị trí tiêm").select_option("right_arm")
    assert faults_of(page) == []
    page.get_by_role("button", name="GHI MŨI TIÊM").click()
    expect(page.get_by_role("timer")).to_contain_text("Còn")
    page.get_by_role("button", name="Báo phản ứng").click()
    page.get_by_label("Mức độ").select_option("severe")
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.get_by_text("ít nhất một triệu chứng")).to_be_visible()
    page.get_by_label("Mẩn ngứa, phát ban").check()
    assert page.evaluate(WIDE) <= 0
    assert page.evaluate(SMALL) == []
    assert faults_of(page) == []
    page.get_by_role("button", name="Ghi", exact=True).click()
    page.get_by_role("button", name="Cho về").click()
    page.get_by_label("Lý do").fill("Chuyển bệnh viện")
    page.get_by_role("button", name="Cho về").click()
    expect(page.get_by_text("Đã xong (1)")).to_be_visible()
    # Somebody unknown is received by name.
    page.get_by_label("Quét thẻ").fill("049190999999")
    page.get_by_role("button", name="Tiếp đón").click()
    expect(page.get_by_role("link", name="Tiếp đón bằng họ tên")).to_be_visible()
    (row,) = centre.sql(
        "SELECT v.state, v.site, v.lot, r.symptoms FROM register.vaccinations AS v"
        " JOIN register.vaccine_reactions AS r ON r.vaccination_id = v.id"
        " WHERE v.registration_id = %s",
        invited,
    )
    assert row == ("done", "right_arm", lot, "rash")
    assert centre.book(centre.point, lot)["balance"] == 4
    assert watch.foreign == []
    assert [one for one in watch.errors if "Failed to load resource" not in one] == []


def test_a_person_registers_without_a_network(
    browsers: BrowserType, site: tuple[Centre, str], tmp_path: Path
) -> None:
    centre, address = site
    with phone(browsers, address, tmp_path, path="/vaccinate") as one:
        page = one.page
        expect(page.get_by_label("Xã, phường nơi đang ở")).to_be_visible()
        one.installed()
        one.offline(True)
        page.reload()
        page.get_by_role("button", name="GỬI ĐĂNG KÝ").click()
        expect(page.get_by_label("Họ và tên")).to_be_focused()
        assert faults_of(page) == []
        page.get_by_label("Họ và tên").fill(NAME)
        page.get_by_label("Năm sinh").fill("1984")
        page.get_by_label("Số điện thoại").fill("0900 000 222")
        page.get_by_label("Xã, phường nơi đang ở").select_option("20335")
        page.get_by_label("Nhóm ưu tiên").select_option("others")
        page.get_by_role("checkbox").check()
        assert page.evaluate(SMALL) == []
        page.get_by_role("button", name="GỬI ĐĂNG KÝ").click()
        expect(page.get_by_text("Đang chờ gửi")).to_be_visible()
        page.reload()
        one.offline(False)
        expect(page.get_by_text("Đã nhận đăng ký")).to_be_visible()
        page.get_by_role("button", name="Xem tình trạng").click()
        expect(page.get_by_text("Mũi tiếp theo: mũi 1")).to_be_visible()
        # What was written has left the device.
        assert "0900 000 222" not in page.evaluate("JSON.stringify(localStorage)")
        page.get_by_text("Thông tin ghi sai?").click()
        page.get_by_label("Sai ở đâu").select_option("birth_year")
        page.get_by_label("Năm sinh đúng").fill("1985")
        page.get_by_role("button", name="Gửi đề nghị").click()
        expect(page.get_by_text("Đã gửi. Cán bộ y tế")).to_be_visible()
        assert page.evaluate(WIDE) <= 0
        assert faults_of(page) == []
    found = centre.sql(
        "SELECT r.source, c.field, c.new_value, c.asked_by"
        " FROM register.vaccination_registrations AS r JOIN private.person AS p"
        " ON p.id = r.person_id LEFT JOIN register.vaccination_corrections AS c"
        " ON c.person_id = p.id WHERE p.name = %s",
        NAME,
    )
    assert found == [("self", "birth_year", "1985", "system:citizen")]


def test_progress_is_chosen_by_district_group_and_dose(
    browser: Browser, site: tuple[Centre, str]
) -> None:
    centre, address = site
    # As the server does every few minutes; never both at once.
    centre.sql(
        "LOCK TABLE register.dose_count IN SHARE ROW EXCLUSIVE MODE; SELECT private.count_doses()"
    )
    page, watch = open_page(browser, address, PHONE)
    told = page.request.get("/api/vaccination/progress").json()
    most = max((one for one in told["districts"] if one["number"] == 2), key=_doses)
    cell = max((one for one in told["cells"] if one["district"] == most["district"]), key=_doses)
    page.goto("/vaccination-progress")
    sections = page.locator(".epi-part:not(.progress-part)")
    ((districts,),) = centre.sql("SELECT count(*) FROM layer.admin_units WHERE level = 'district'")
    listed = {one["district"] for one in told["districts"]}
    expect(sections.nth(0).locator("tbody tr")).to_have_count(districts + ("" in listed))
    assert faults_of(page) == []
    assert page.evaluate(WIDE) <= 0
    assert page.evaluate(SMALL_BY_POINTER) == []
    page.get_by_role("button", name="Mũi 2").click()
    row = sections.nth(0).locator(f"tr[data-row='{most['district']}']")
    expect(row.locator("td.chosen")).to_have_text(_number(most["doses"]))
    share = round(100 * most["doses"] / most["population"], 1)
    expect(row.locator("td").last).to_have_text(f"{_number(share)}%")
    # The map says what the table says, by touch and by keys, in the colours of its legend.
    areas = page.locator(".progress-picture path")
    expect(areas).to_have_count(districts)
    name = row.locator("th").inner_text()
    readout = page.locator(".progress-readout")
    page.locator(f".progress-picture [data-area='{most['district']}']").dispatch_event("click")
    expect(readout).to_have_text(f"{name}: {_number(share)}%")
    areas.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(areas.last).to_be_focused()
    expect(readout).to_have_text(areas.last.get_attribute("aria-label") or "")
    assert set(_fills(areas)) <= set(_fills(page.locator(".progress-legend rect")))
    page.get_by_label("Quận, huyện").select_option(most["district"])
    expect(page.locator("[data-figure=dose_2] strong")).to_have_text(_number(most["doses"]))
    page.get_by_label("Nhóm ưu tiên", exact=True).select_option(cell["priority_group"])
    page.get_by_role("button", name=f"Mũi {cell['number']}").click()
    expect(page.locator(f"[data-figure=dose_{cell['number']}] strong")).to_have_text(
        _number(cell["doses"])
    )
    # The choice is in the address, and the table of groups is of the district.
    page.reload()
    marked = sections.nth(1).locator("tr.marked td.chosen")
    expect(marked).to_have_text(_number(cell["doses"]))
    page.set_viewport_size(DESKTOP)
    expect(row.locator("td[data-dose='1']")).to_be_visible()
    expect(page.locator(".progress-picture .marked")).to_have_attribute(
        "data-area", most["district"]
    )
    light = _fills(page.locator(".progress-legend rect"))
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".progress-legend rect").first).not_to_have_attribute("fill", light[0])
    assert faults_of(page) == []
    watch.assert_clean()


def _fills(shapes: Locator) -> list[str]:
    """The colours of shapes."""
    return [str(one.get_attribute("fill")) for one in shapes.all()]


def _doses(one: dict[str, Any]) -> int:
    return one["doses"] or 0


def _number(value: float) -> str:
    """A number as Vietnamese readers write it."""
    return f"{value:,}".removesuffix(".0").translate(str.maketrans(",.", ".,"))
