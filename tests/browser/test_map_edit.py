"""Editing on the map in Chromium: officers of a district, conflicts, new features, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg2
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from api.cli.database import create_database
from tests.browser.chromium import (
    DESKTOP,
    PHONE,
    Watch,
    choose_language,
    only,
    open_page,
    sign_in,
    wait_for_map,
)
from tests.browser.test_ogc_pages import faults
from tests.conftest import serving
from tests.people import PASSWORD, Person, person

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
SMALL = """(inside) => [...document.querySelectorAll(inside)]
  .filter((one) => one.offsetParent && !['checkbox', 'radio'].includes(one.type))
  .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 44)
  .map((one) => one.outerHTML)"""
"""Controls that are smaller than a thumb wants."""
HOI_AN = "503"


@dataclass
class Site:
    """A server with the demo, its database, and people with passwords."""

    address: str
    url: str
    officer: Person
    admin: Person

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement as the database's owner; committed."""
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def checkpoint(self, district: str = HOI_AN, *, number: int = 0) -> int:
        """A checkpoint in a district, the same for the same number."""
        rows = self.sql(
            "SELECT id FROM layer.checkpoints WHERE district_code = %s ORDER BY id OFFSET %s",
            district,
            number,
        )
        return int(rows[0][0])

    def new_checkpoint(self) -> int:
        """A checkpoint far from the district's border."""
        rows = self.sql(
            "INSERT INTO layer.checkpoints (code, name, kind, geom) VALUES"
            " ('CK-' || gen_random_uuid()::varchar(8), 'Chốt giữa phố', 'lockdown',"
            " ST_SetSRID(ST_MakePoint(108.335, 15.88), 4326)) RETURNING id"
        )
        return int(rows[0][0])

    def row(self, identifier: int) -> dict[str, Any]:
        """What the table has of a checkpoint."""
        ((found,),) = self.sql(
            "SELECT to_jsonb(t) || jsonb_build_object('lon', ST_X(geom), 'lat', ST_Y(geom))"
            " FROM layer.checkpoints AS t WHERE id = %s",
            identifier,
        )
        assert isinstance(found, dict)
        return found

    def patch(self, identifier: int, **properties: Any) -> None:
        """A change that somebody else makes."""
        answer = httpx.patch(
            f"{self.address}/ogc/collections/checkpoints/items/{identifier}",
            json={"properties": properties},
            headers={**self.admin.headers, "Content-Type": "application/merge-patch+json"},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[Site]:
    url = create_database(cluster, "browser_map_edit", template_database)
    officer = person(
        url,
        "officer",
        departments=["district"],
        districts=[HOI_AN],
        password=PASSWORD,
        login="can.bo.hoi.an",
    )
    admin = person(url, "admin", password=PASSWORD, login="quan.tri")
    with serving(url) as address:
        yield Site(address, url, officer, admin)


def opened(
    browser: Browser,
    site: Site,
    size: ViewportSize = DESKTOP,
    *,
    who: Person | None = None,
    feature: str = "",
) -> tuple[Page, Watch]:
    """The map of somebody who has signed in, with a feature open."""
    page, watch = open_page(browser, site.address, size, workers=False)
    sign_in(page, (who or site.officer).login, PASSWORD)
    shown = only("admin_units", "checkpoints", "outbreak_zones")
    page.goto(f"/#feature={feature}&{shown}" if feature else f"/#map=15/15.88/108.335&{shown}")
    wait_for_map(page)
    if feature:
        expect(page.locator("#feature dl.fields")).to_be_visible()
    return page, watch


def card_button(page: Page, name: str) -> Any:
    return page.locator("#feature").get_by_role("button", name=name, exact=True)


def edit(page: Page) -> Any:
    """Open the form of the open feature."""
    card_button(page, "Sửa").click()
    form = page.locator("form.edit")
    expect(form.get_by_label("Mã chốt")).to_be_focused()
    return form


def save(page: Page) -> None:
    card_button(page, "Lưu").click()


def saved(page: Page) -> None:
    """Wait until the form has gone and the card shows what was saved."""
    expect(page.locator("form.edit")).to_have_count(0)
    expect(page.locator("#feature dl.fields")).to_be_visible()


@SIZES
def test_an_officer_edits_a_feature_of_the_district(
    browser: Browser, site: Site, size: ViewportSize
) -> None:
    identifier = site.checkpoint(number=0 if size is DESKTOP else 1)
    site.patch(identifier, state="open", officers=3, hours="06:00–22:00")
    before = site.row(identifier)
    page, watch = opened(browser, site, size, feature=f"checkpoints/{identifier}")
    sent: list[Any] = []
    page.on(
        "request", lambda one: sent.append(one.post_data_json) if one.method == "PATCH" else None
    )
    form = edit(page)
    assert faults(page) == []
    if size is PHONE:
        assert page.evaluate(SMALL, "form.edit :is(button, input, select, textarea)") == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert form.get_by_label("Trạng thái").locator("option").all_inner_texts() == [
        "Đang hoạt động",
        "Ùn ứ",
        "Tạm đóng",
    ]
    form.get_by_label("Trạng thái").select_option(label="Tạm đóng")
    form.get_by_label("Cán bộ trực").fill("7")
    form.get_by_label("Giờ hoạt động").fill("")
    save(page)
    saved(page)
    fields = page.locator("#feature dl.fields")
    expect(fields).to_contain_text("Tạm đóng")
    expect(fields).to_contain_text("7 người")
    after = site.row(identifier)
    assert (after["state"], after["officers"], after["hours"]) == ("closed", 7, None)
    assert after["geom"] == before["geom"]
    # Nothing goes to the server that was not changed.
    assert sent == [{"properties": {"state": "closed", "officers": 7, "hours": None}}]
    assert faults(page) == []
    watch.assert_clean()


def test_what_the_form_finds_wrong_stands_beside_its_field(browser: Browser, site: Site) -> None:
    identifier = site.checkpoint()
    before = site.row(identifier)
    page, watch = opened(browser, site, feature=f"checkpoints/{identifier}")
    form = edit(page)
    name, officers = form.get_by_label("Tên chốt"), form.get_by_label("Cán bộ trực")
    name.fill("")
    officers.fill("-3")
    officers.press("Tab")
    expect(form.locator("[data-column=officers] .fault")).to_have_text("Phải từ 0 trở lên.")
    save(page)
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(form.locator("[data-column=name] .fault")).to_have_text("Bắt buộc phải có giá trị.")
    assert faults(page) == []
    name.fill("Chốt đã sửa")
    expect(form.locator("[data-column=name] .fault")).to_be_hidden()
    assert site.row(identifier) == before
    watch.assert_clean()


def test_what_the_server_finds_wrong_stands_beside_its_field(browser: Browser, site: Site) -> None:
    taken = site.row(site.checkpoint(number=1))["code"]
    page, watch = opened(browser, site, feature=f"checkpoints/{site.checkpoint()}")
    form = edit(page)
    form.get_by_label("Mã chốt").fill(taken)
    save(page)
    expect(form.locator("[data-column=code] .fault")).to_have_text(
        "Giá trị này đã có ở đối tượng khác"
    )
    expect(form.get_by_label("Mã chốt")).to_be_focused()
    choose_language(page, "English")
    expect(form.get_by_label("Code", exact=False).first).to_have_value(taken)
    # The browser itself notes an answer of 409.
    (noted,) = watch.errors
    assert "409" in noted


def test_two_who_edit_at_once_see_both_versions_and_choose(browser: Browser, site: Site) -> None:
    identifier = site.checkpoint(number=2)
    site.patch(identifier, state="open", officers=4, hours="06:00–18:00")
    page, _ = opened(browser, site, feature=f"checkpoints/{identifier}")
    form = edit(page)
    form.get_by_label("Cán bộ trực").fill("9")
    form.get_by_label("Giờ hoạt động").fill("00:00–24:00")
    site.patch(identifier, state="congested", officers=5)
    save(page)
    title = page.get_by_role("heading", name="Vừa có người khác sửa đối tượng này")
    expect(title).to_be_focused()
    assert faults(page) == []
    rows = {
        one.get_attribute("data-column"): one.locator("td").all_inner_texts()
        for one in form.locator("tbody tr").all()
    }
    assert rows == {
        "state": ["Ùn ứ", "Đang hoạt động"],
        "officers": ["5\u00a0người", "9\u00a0người"],
        "hours": ["06:00–18:00", "00:00–24:00"],
    }
    # Only where both changed the same is there something to choose.
    assert form.get_by_role("radio").count() == 2
    form.locator("[data-column=officers]").get_by_role("radio").nth(1).check()
    card_button(page, "Lưu theo lựa chọn").click()
    saved(page)
    row = site.row(identifier)
    assert (row["state"], row["officers"], row["hours"]) == ("congested", 9, "00:00–24:00")


def test_in_a_conflict_ones_own_changes_can_be_given_up(browser: Browser, site: Site) -> None:
    identifier = site.checkpoint(number=2)
    page, _ = opened(browser, site, feature=f"checkpoints/{identifier}")
    form = edit(page)
    form.get_by_label("Cán bộ trực").fill("1")
    site.patch(identifier, officers=8)
    save(page)
    card_button(page, "Bỏ thay đổi của tôi").click()
    saved(page)
    expect(page.locator("#feature dl.fields")).to_contain_text("8 người")
    assert site.row(identifier)["officers"] == 8


def test_another_district_has_no_button_and_the_public_no_code(
    browser: Browser, site: Site
) -> None:
    elsewhere = site.sql(
        "SELECT id FROM layer.checkpoints WHERE district_code <> %s ORDER BY id LIMIT 1", HOI_AN
    )[0][0]
    page, watch = opened(browser, site, feature=f"checkpoints/{elsewhere}")
    expect(page.locator("#feature summary")).to_have_text("Lịch sử")
    expect(card_button(page, "Sao chép liên kết")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert card_button(page, "Sửa").count() == 0
    assert card_button(page, "Xóa").count() == 0
    assert page.locator("[data-layer=checkpoints] .layer-add").count() == 1
    assert page.locator("[data-layer=hotels] .layer-add").count() == 0
    watch.assert_clean()

    public, watch = open_page(browser, site.address, DESKTOP)
    asked: list[str] = []
    public.on("request", lambda one: asked.append(one.url))
    public.goto(f"/#feature=checkpoints/{site.checkpoint()}")
    wait_for_map(public)
    public.wait_for_load_state("networkidle")
    assert public.locator(".layer-add, #feature summary").count() == 0
    assert card_button(public, "Sửa").count() == 0
    assert [url for url in asked if "editing-" in url or "/api/forms" in url] == []
    watch.assert_clean()


@SIZES
def test_a_new_feature_is_added_in_the_middle_of_the_map_and_deleted(
    browser: Browser, site: Site, size: ViewportSize
) -> None:
    page, watch = opened(browser, site, size)
    if size is PHONE:
        page.locator(".sheet-handle").click()
    page.get_by_role("button", name="Thêm vào lớp: Chốt kiểm soát").click()
    form = page.locator("form.edit")
    expect(form.get_by_label("Mã chốt")).to_be_focused()
    assert faults(page) == []
    # Defaults of the record are there already.
    expect(form.get_by_label("Trạng thái")).to_have_value("open")
    save(page)
    expect(form.locator("[data-column=code] .fault")).to_be_visible()
    expect(form.get_by_label("Mã chốt")).to_be_focused()
    code = f"CK-MOI-{size['width']}"
    form.get_by_label("Mã chốt").fill(code)
    form.get_by_label("Tên chốt").fill("Chốt mới <b>")
    form.get_by_label("Loại chốt").select_option(label="Chốt vùng phong tỏa")
    form.get_by_label("Có wifi").check()
    save(page)
    saved(page)
    expect(page.locator("#feature h2")).to_have_text("Chốt mới <b>")
    ((identifier, wifi, district),) = site.sql(
        "SELECT id, wifi, district_code FROM layer.checkpoints WHERE code = %s", code
    )
    assert (wifi, district) == (True, HOI_AN)
    assert f"feature=checkpoints/{identifier}" in page.url
    expect(page.locator("[data-layer=checkpoints] .count > span").first).to_have_text(
        str(site.sql("SELECT count(*) FROM layer.checkpoints")[0][0])
    )

    card_button(page, "Xóa").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Xóa “Chốt mới <b>”?")
    assert faults(page) == []
    question.get_by_role("button", name="Không").click()
    assert site.sql("SELECT 1 FROM layer.checkpoints WHERE id = %s", identifier) == [(1,)]
    card_button(page, "Xóa").click()
    question.get_by_role("button", name="Xóa").click()
    expect(page.locator("#feature")).to_be_hidden()
    assert site.sql("SELECT 1 FROM layer.checkpoints WHERE id = %s", identifier) == []

    page.locator(".notice").get_by_role("button", name="Khôi phục").click()
    expect(page.locator("#feature h2")).to_have_text("Chốt mới <b>")
    assert site.sql("SELECT 1 FROM layer.checkpoints WHERE id = %s", identifier) == [(1,)]
    card_button(page, "Xóa").click()
    question.get_by_role("button", name="Xóa").click()
    expect(page.locator("#feature")).to_be_hidden()
    if size is PHONE:
        page.locator(".sheet-handle").click()
    page.get_by_role("button", name="Xem chú giải: Chốt kiểm soát").click()
    page.locator("[data-layer=checkpoints] .layer-deleted").click()
    last = page.locator(".deleted li").first
    expect(last).to_contain_text("Chốt mới <b>")
    expect(last).to_contain_text(site.officer.login)
    assert faults(page) == []
    assert page.evaluate(SMALL, "#feature button") == [] or size is DESKTOP
    last.get_by_role("button", name="Khôi phục “Chốt mới <b>”").click()
    question.get_by_role("button", name="Khôi phục").click()
    saved(page)
    assert site.sql("SELECT wifi FROM layer.checkpoints WHERE id = %s", identifier) == [(True,)]
    # The browser notes that what was just deleted is gone, where the card asks at that moment.
    watch.errors = [error for error in watch.errors if "status of 404" not in error]
    watch.assert_clean()


def test_outside_of_the_district_the_server_refuses_in_words(browser: Browser, site: Site) -> None:
    page, _ = opened(browser, site)
    page.get_by_role("button", name="Thêm vào lớp: Chốt kiểm soát").click()
    form = page.locator("form.edit")
    form.get_by_label("Mã chốt").fill("CK-NGOAI")
    form.get_by_label("Tên chốt").fill("Ngoài địa bàn")
    form.get_by_label("Loại chốt").select_option(index=1)
    # In Tam Kỳ.
    form.get_by_label("Vĩ độ").fill("15.56")
    form.get_by_label("Kinh độ").fill("108.48")
    save(page)
    said = form.locator(".edit-said")
    expect(said).to_contain_text("ngoài địa bàn được giao")
    expect(said).to_be_focused()
    assert site.sql("SELECT 1 FROM layer.checkpoints WHERE code = 'CK-NGOAI'") == []


def test_a_point_is_moved_by_mouse_by_arrows_and_by_typing(browser: Browser, site: Site) -> None:
    identifier = site.new_checkpoint()
    before = site.row(identifier)
    page, watch = opened(browser, site, feature=f"checkpoints/{identifier}")
    form = edit(page)
    handle = page.get_by_role("button", name=re.compile("Vị trí của đối tượng"))
    lon, lat = form.get_by_label("Kinh độ"), form.get_by_label("Vĩ độ")
    place = handle.bounding_box()
    assert place is not None
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y, steps=5)
    page.mouse.up()
    west = float(lon.input_value())
    assert west < before["lon"] - 1e-6
    handle.press("ArrowUp")
    north = float(lat.input_value())
    assert north > before["lat"]
    handle.press("Shift+ArrowUp")
    assert north < float(lat.input_value()) < 2 * north - before["lat"]
    # A click on the map beside the form leaves the form alone.
    page.mouse.click(x - 200, y + 100)
    expect(form).to_be_visible()
    lat.fill("91")
    lat.press("Tab")
    expect(form.locator("[data-column=geometry] .fault")).to_contain_text("Vĩ độ từ -90 đến 90")
    lat.fill(f"{before['lat'] + 0.0005:.6f}")
    lat.press("Tab")
    expect(form.locator("[data-column=geometry] .fault")).to_be_hidden()
    save(page)
    saved(page)
    after = site.row(identifier)
    assert after["lon"] == pytest.approx(west, abs=1e-5)
    assert after["lat"] == pytest.approx(before["lat"] + 0.0005, abs=1e-5)
    assert after["name"] == before["name"]
    watch.assert_clean()


def test_an_area_is_drawn_and_changed_by_its_vertices(browser: Browser, site: Site) -> None:
    page, watch = opened(browser, site, who=site.admin)
    page.get_by_role("button", name="Thêm vào lớp: Vùng cảnh báo").click()
    form = page.locator("form.edit")
    form.get_by_role("textbox", name="Tiêu đề", exact=True).fill("Ngập vùng thử")
    form.get_by_role("textbox", name="Sự kiện", exact=True).fill("Ngập")
    for name in ("Mức nghiêm trọng", "Mức khẩn trương", "Mức chắc chắn", "Nhóm sự kiện"):
        form.get_by_label(name).select_option(index=1)
    form.get_by_role("textbox", name="Vùng", exact=True).fill("Hội An")
    expires = form.get_by_label("Hết hiệu lực")
    expires.fill("2030-01-02T03:04")
    vertex = page.get_by_role("button", name=re.compile(r"Đỉnh \d trên"))
    expect(vertex).to_have_count(4)
    page.get_by_role("button", name="Thêm một đỉnh ở đây").first.click()
    expect(vertex).to_have_count(5)
    expect(page.get_by_role("button", name=re.compile("Đỉnh 2 trên 5"))).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name=re.compile("Đỉnh 2 trên 5"))).to_be_focused()
    assert faults(page) == []
    save(page)
    saved(page)
    query = (
        "SELECT id, ST_NPoints(geom), ST_IsValid(geom), expires AT TIME ZONE 'Asia/Ho_Chi_Minh'"
        " FROM layer.alerts WHERE headline = 'Ngập vùng thử'"
    )
    ((identifier, points, valid, until),) = site.sql(query)
    assert (points, valid) == (6, True)
    assert until.isoformat() == "2030-01-02T03:04:00"
    card_button(page, "Sửa").click()
    expect(expires).to_have_value("2030-01-02T03:04")
    page.get_by_role("button", name=re.compile("Đỉnh 3 trên 5")).press("Delete")
    expect(vertex).to_have_count(4)
    save(page)
    saved(page)
    assert site.sql(query)[0][1] == 5
    site.sql("DELETE FROM layer.alerts WHERE id = %s", identifier)
    watch.assert_clean()


def test_a_shape_of_too_many_vertices_is_refused_in_words(browser: Browser, site: Site) -> None:
    page, watch = opened(browser, site, who=site.admin, feature=f"admin_units/{HOI_AN}")
    card_button(page, "Sửa").click()
    form = page.locator("form.edit")
    expect(form.locator("[data-column=geometry]")).to_contain_text("Hãy sửa hình bằng QGIS")
    assert page.locator(".handle").count() == 0
    form.get_by_label("Diện tích").fill("61.5")
    save(page)
    saved(page)
    assert site.sql("SELECT area_km2 FROM layer.admin_units WHERE code = %s", HOI_AN) == [(61.5,)]
    watch.assert_clean()


def test_what_is_not_saved_is_not_lost_by_a_slip(browser: Browser, site: Site) -> None:
    identifier = site.checkpoint()
    page, watch = opened(browser, site, feature=f"checkpoints/{identifier}")
    form = edit(page)
    # Untouched, the form goes without a question.
    page.keyboard.press("Escape")
    expect(page.locator("#feature")).to_be_hidden()
    page.goto(f"/#feature=checkpoints/{identifier}")
    form = edit(page)
    form.get_by_label("Tên chốt").fill("Tên chưa lưu")
    page.keyboard.press("Escape")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Bỏ những thay đổi chưa lưu?")
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(form.get_by_label("Tên chốt")).to_have_value("Tên chưa lưu")
    # The language changes around what has been typed.
    choose_language(page, "English")
    expect(form.get_by_label("Name *")).to_have_value("Tên chưa lưu")
    choose_language(page, "Tiếng Việt")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.href = '/dashboard'")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(form.get_by_label("Tên chốt")).to_have_value("Tên chưa lưu")
    card_button(page, "Hủy").click()
    question.get_by_role("button", name="Bỏ thay đổi").click()
    saved(page)
    assert site.row(identifier)["name"] != "Tên chưa lưu"
    watch.assert_clean()


def test_history_is_told_in_words_and_an_earlier_state_comes_back(
    browser: Browser, site: Site
) -> None:
    identifier = site.checkpoint(number=4)
    site.patch(identifier, state="open", officers=2)
    site.patch(identifier, state="closed", officers=None)
    page, watch = opened(browser, site, feature=f"checkpoints/{identifier}")
    page.locator("#feature summary").click()
    newest = page.locator(".history-list > li").first
    expect(newest).to_contain_text("quan.tri")
    expect(newest).to_contain_text(re.compile(r"Trạng thái: .*Đang hoạt động.* → Tạm đóng"))
    expect(newest).to_contain_text(re.compile(r"Cán bộ trực: .*2.người.* → \(trống\)"))
    assert newest.get_by_role("button").count() == 0
    assert faults(page) == []
    # What somebody else changes meanwhile leaves it open, and is in it.
    site.patch(identifier, officers=7)
    expect(newest).to_contain_text(re.compile(r"Cán bộ trực: .*→ 7.người"))
    page.locator(".history-list > li").nth(2).get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="Khôi phục").click()
    expect(page.locator("#feature dl.fields")).to_contain_text("Đang hoạt động")
    row = site.row(identifier)
    assert (row["state"], row["officers"]) == ("open", 2)
    watch.assert_clean()


def test_everything_by_keyboard(browser: Browser, site: Site) -> None:
    identifier = site.checkpoint()
    page, watch = opened(browser, site, feature=f"checkpoints/{identifier}")
    expect(card_button(page, "Sửa")).to_be_visible()
    page.locator("#feature").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Sửa":
            break
    page.keyboard.press("Enter")
    expect(page.locator("form.edit").get_by_label("Mã chốt")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    page.keyboard.type(" bàn phím")
    page.keyboard.press("Enter")
    saved(page)
    expect(page.locator("#feature")).to_be_focused()
    assert site.row(identifier)["name"].endswith(" bàn phím")
    watch.assert_clean()


def test_an_open_card_follows_what_somebody_else_changes(browser: Browser, site: Site) -> None:
    identifier = site.checkpoint(number=5)
    site.patch(identifier, officers=3)
    page, watch = opened(browser, site, feature=f"checkpoints/{identifier}")
    site.patch(identifier, officers=11)
    expect(page.locator("#feature dl.fields")).to_contain_text("11 người")
    expect(page.locator(".notice:not(.notice-trouble)")).to_contain_text("vừa được sửa")
    form = edit(page)
    site.patch(identifier, officers=12)
    expect(form.locator(".edit-said")).to_contain_text("Vừa có người khác sửa")
    expect(form.get_by_label("Mã chốt")).to_be_focused()
    watch.assert_clean()
