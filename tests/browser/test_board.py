"""The coordinators' board in Chromium: live, by keyboard, two at once, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import psycopg2
import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from api.cli.database import create_database
from tests.browser.chromium import (
    DESKTOP,
    PATIENCE_MS,
    PHONE,
    Watch,
    choose_language,
    open_page,
    sign_in,
)
from tests.browser.test_ogc_pages import faults
from tests.conftest import serving
from tests.people import PASSWORD, Person, person

HOI_AN = {"lon": 108.33421, "lat": 15.88012}
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


@dataclass
class Site:
    """A server with the demo, its database, and people with passwords."""

    address: str
    url: str
    people: dict[str, Person]

    def report(self, **facts: Any) -> tuple[str, str]:
        """A post by the public; its id and code."""
        body = {"id": str(uuid4()), **HOI_AN, "category": "trapped", "people": 4, **facts}
        answer = httpx.post(f"{self.address}/api/sos", json=body, timeout=30)
        assert answer.status_code in (201, 202), answer.text
        found = answer.json()
        return found["id"], found["code"]

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement as the database's owner; committed."""
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def state(self, request: str) -> tuple[str, str | None]:
        """The state of a request, and the name of the team that has it."""
        ((state, team),) = self.sql(
            "SELECT r.state, (SELECT t.name FROM private.sos_assignment AS a"
            " JOIN layer.rescue_teams AS t ON t.id = a.team_id"
            " WHERE a.request_id = r.id AND a.ended_at IS NULL)"
            " FROM layer.sos_requests AS r WHERE r.id = %s",
            request,
        )
        return state, team

    def teams(self, *names: str) -> None:
        """Free teams with a boat at the place of the reports, in place of all others."""
        self.sql("UPDATE layer.rescue_teams SET state = 'off' WHERE state = 'free'")
        for number, name in enumerate(names):
            self.sql(
                "INSERT INTO layer.rescue_teams (code, name, kind, capacity, boat, geom)"
                " VALUES (%s, %s, 'militia', 10, true,"
                " ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
                str(uuid4())[:20],
                name,
                HOI_AN["lon"] + number * 0.01,
                HOI_AN["lat"],
            )


@pytest.fixture(scope="module")
def site(
    request: Any,
    cluster: Any,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    name = request.module.__name__.rpartition(".")[2]
    url = create_database(cluster, f"browser_{name}", template_database)
    people = {
        role: person(
            url, role, departments=("rescue_coordination",), password=PASSWORD, login=f"ban.{role}"
        )
        for role in ("coordinator", "operator", "rescuer")
    }
    with serving(url, {"DIEUHANH_PHOTOS": str(tmp_path_factory.mktemp("photos"))}) as address:
        yield Site(address, url, people)


def go_to_board(page: Page, who: Person) -> None:
    sign_in(page, who.login, PASSWORD)
    page.goto("/board")


def board(
    browser: Browser, site: Site, size: ViewportSize, role: str = "coordinator"
) -> tuple[Page, Watch]:
    """The board of somebody, with its list read and its map drawn."""
    page, watch = open_page(browser, site.address, size)
    go_to_board(page, site.people[role])
    page.locator(".row-button").first.wait_for()
    if size is DESKTOP:
        page.wait_for_selector("#map[data-idle]", timeout=PATIENCE_MS)
    return page, watch


def row(page: Page, code: str) -> Any:
    return page.locator(".row-button").filter(has_text=code)


def choose(page: Page, code: str) -> None:
    """Choose a request in the list, and wait until all of it is there."""
    page.get_by_role("searchbox").fill(code)
    row(page, code).click()
    expect(page.get_by_role("heading", level=2)).to_have_text(f"Yêu cầu {code}")


@SIZES
def test_a_new_request_appears_without_asking(
    browser: Browser, site: Site, size: ViewportSize
) -> None:
    page, watch = board(browser, site, size)
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.get_by_role("searchbox").fill("dong ho")
    phone = f"0905 7{int(uuid4()) % 100_000:05d}"
    _, code = site.report(
        category="medical", injured=2, name="Chị Ba", phone=phone, note="Nước tới mái"
    )
    # Announced, though the filter does not let it into the list.
    expect(page.locator(".said")).to_contain_text(f"Yêu cầu mới {code}: Cấp cứu y tế, Nguy cấp")
    page.get_by_role("searchbox").fill("")
    expect(page.locator(".fresh .row-button").filter(has_text=code)).to_be_visible()
    assert faults(page) == []
    choose(page, code)
    detail = page.locator(".detail")
    number = phone.replace(" ", "")
    expect(detail.get_by_role("link", name=number)).to_have_attribute("href", f"tel:{number}")
    expect(detail).to_contain_text("Chị Ba")
    expect(detail).to_contain_text("Nước tới mái")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    # What is private is in no address, and nothing of it stays on the device.
    assert not [one for one in addresses if "0905" in one or number in one]
    kept = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert code not in kept
    assert "0905" not in kept
    watch.assert_clean()
    page.context.close()


def test_triage_by_keyboard_alone(browser: Browser, site: Site) -> None:
    site.teams("Đội xuồng gần", "Đội xuồng xa")
    page, watch = board(browser, site, DESKTOP)
    request, code = site.report()
    page.keyboard.press("/")
    page.keyboard.type(code)
    expect(page.locator(".row-button")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=2)).to_have_text(f"Yêu cầu {code}")
    page.keyboard.press("v")
    expect(page.locator(".detail-lead")).to_contain_text("Đã xác minh")
    assert site.state(request) == ("verified", None)
    page.keyboard.press("a")
    expect(page.locator(".task > .near-teams li")).to_have_count(2)
    assert faults(page) == []
    # Whatever is brought into view, the page itself stays where it is.
    assert page.evaluate("document.querySelector('.bar').getBoundingClientRect().top") == 0
    page.keyboard.press("2")
    expect(page.locator(".detail-lead")).to_contain_text("Đã phân công")
    expect(row(page, code)).to_contain_text("Đội xuồng xa")
    assert site.state(request) == ("assigned", "Đội xuồng xa")
    page.get_by_role("tab", name="Đội").click()
    team = page.locator(".team").filter(has_text="Đội xuồng xa")
    expect(team).to_contain_text("1 việc")
    assert faults(page) == []
    page.keyboard.press("c")
    page.get_by_label("Không có thật").check()
    page.locator(".task").get_by_label("Ghi chú").fill("Gọi lại: không ai cần giúp")
    assert faults(page) == []
    page.get_by_role("button", name="Đóng yêu cầu").click()
    expect(page.locator(".detail-lead")).to_contain_text("Không có thật")
    expect(page.locator(".timeline")).to_contain_text("Gọi lại: không ai cần giúp")
    assert site.state(request) == ("false", None)
    watch.assert_clean()
    page.context.close()


def test_a_new_request_sounds_only_if_asked_to(browser: Browser, site: Site) -> None:
    page, watch = board(browser, site, DESKTOP)
    page.evaluate(
        """() => {
             window.tones = 0;
             const make = AudioContext.prototype.createOscillator;
             AudioContext.prototype.createOscillator = function () {
               window.tones += 1;
               return make.call(this);
             };
           }"""
    )
    _, silent = site.report()
    expect(page.locator(".fresh .row-button").filter(has_text=silent)).to_be_visible()
    assert page.evaluate("window.tones") == 0
    page.get_by_role("button", name="Bật âm báo").click()
    # It sounds once so that one hears what it will be like.
    assert page.evaluate("window.tones") == 2
    _, loud = site.report()
    expect(page.locator(".fresh .row-button").filter(has_text=loud)).to_be_visible()
    assert page.evaluate("window.tones") == 4
    page.get_by_role("button", name="Tắt âm báo").click()
    _, last = site.report()
    expect(page.locator(".fresh .row-button").filter(has_text=last)).to_be_visible()
    assert page.evaluate("window.tones") == 4
    watch.assert_clean()
    page.context.close()


def test_shortcuts_can_be_turned_off(browser: Browser, site: Site) -> None:
    page, watch = board(browser, site, DESKTOP)
    request, code = site.report()
    choose(page, code)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Phím tắt")
    expect(dialog).to_contain_text("xác minh")
    assert faults(page) == []
    dialog.get_by_role("button", name="Đóng bảng").click()
    page.get_by_role("button", name="Tắt phím tắt").click()
    row(page, code).focus()
    page.keyboard.press("v")
    page.keyboard.press("?")
    expect(dialog).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Bật phím tắt")).to_be_visible()
    assert site.state(request) == ("new", None)
    watch.assert_clean()
    page.context.close()


@SIZES
def test_merging_a_duplicate(browser: Browser, site: Site, size: ViewportSize) -> None:
    page, watch = board(browser, site, size)
    # Far from the requests of other tests: nothing else looks like it.
    place = {"lon": 107.6 + size["width"] / 100_000, "lat": 15.4}
    kept, kept_code = site.report(**place)
    twin, twin_code = site.report(**place, people=5)
    choose(page, twin_code)
    page.locator(".detail").get_by_role("button", name="Gộp trùng").click()
    pair = page.locator(".pair").filter(has_text=kept_code)
    expect(pair).to_contain_text(f"Yêu cầu này {twin_code}")
    expect(pair).to_contain_text("giống")
    assert faults(page) == []
    pair.get_by_role("button", name=f"Gộp vào {kept_code}").click()
    expect(page.locator(".detail-lead")).to_contain_text("Trùng lặp")
    assert site.state(twin)[0] == "duplicate"
    assert site.state(kept)[0] == "new"
    page.locator(".detail").get_by_role("button", name="Tách ra").click()
    expect(page.locator(".detail-lead")).to_contain_text("Mới")
    assert site.state(twin)[0] == "new"
    watch.assert_clean()
    page.context.close()


def test_of_two_who_assign_the_second_is_told(browser: Browser, site: Site) -> None:
    site.teams("Đội một", "Đội hai")
    first, first_watch = board(browser, site, DESKTOP)
    second, second_watch = board(browser, site, DESKTOP, "operator")
    request, code = site.report()
    for page in (first, second):
        choose(page, code)
        page.keyboard.press("a")
        expect(page.locator(".task > .near-teams li")).to_have_count(2)
    # The list of teams on the other's screen is from before the first assigns.
    first.keyboard.press("1")
    expect(first.locator(".detail-lead")).to_contain_text("Đã phân công")
    second.keyboard.press("2")
    told = second.get_by_role("alert").filter(has_text=code)
    expect(told).to_contain_text("ban.coordinator đã giao")
    expect(told).to_contain_text("cho Đội một")
    expect(second.locator(".detail-lead")).to_contain_text("Đã phân công")
    expect(second.locator(".facts")).to_contain_text("Đội một")
    expect(row(second, code)).to_contain_text("Đội một")
    assert site.state(request) == ("assigned", "Đội một")
    assert faults(second) == []
    first_watch.assert_clean()
    # A browser notes every answer of status 409 in the console.
    assert all("409" in error for error in second_watch.errors), second_watch.errors
    # What one does, the other sees.
    first.locator(".detail").get_by_role("button", name="Đội đang đến").click()
    expect(second.locator(".detail-lead")).to_contain_text("Đang đến")
    expect(row(second, code)).to_contain_text("Đang đến")
    first.context.close()
    second.context.close()


@SIZES
def test_what_looks_like_spam_waits_for_a_decision(
    browser: Browser, site: Site, size: ViewportSize
) -> None:
    page, watch = board(browser, site, size, "operator")
    spam = {"category": "other", "note": "Vay nhanh https://vay.example"}
    _, bad = site.report(**spam)
    good, good_code = site.report(**spam, lat=15.7)
    page.get_by_role("tab", name="Chờ duyệt").click()
    waiting = page.locator(".waiting").filter(has_text=bad)
    expect(waiting).to_contain_text("có liên kết")
    assert faults(page) == []
    waiting.get_by_role("button", name="Bỏ").click()
    expect(waiting).to_have_count(0)
    page.locator(".waiting").filter(has_text=good_code).get_by_role(
        "button", name="Nhận là yêu cầu"
    ).click()
    expect(page.locator(".waiting")).to_have_count(0)
    page.get_by_role("tab", name="Yêu cầu").click()
    choose(page, good_code)
    assert site.state(good) == ("new", None)
    watch.assert_clean()
    page.context.close()


def test_a_note_and_a_priority(browser: Browser, site: Site) -> None:
    page, watch = board(browser, site, DESKTOP)
    request, code = site.report()
    choose(page, code)
    note = page.locator(".note").get_by_label("Ghi chú")
    note.fill("Hàng xóm nói còn")
    # What somebody else changes meanwhile does not take away what is being written.
    site.sql("UPDATE layer.sos_requests SET people = 9 WHERE id = %s", request)
    expect(page.locator(".facts")).to_contain_text("9")
    expect(note).to_have_value("Hàng xóm nói còn")
    note.press_sequentially(" hai nhà nữa")
    page.get_by_role("button", name="Thêm ghi chú").click()
    expect(page.locator(".timeline")).to_contain_text("Hàng xóm nói còn hai nhà nữa")
    expect(note).to_have_value("")
    page.locator("summary").filter(has_text="Đổi mức ưu tiên").click()
    page.get_by_label("Mức mới").select_option("low")
    page.get_by_label("Lý do").fill("Đã lên tầng hai")
    assert faults(page) == []
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator(".detail-lead")).to_contain_text("Thấp")
    expect(row(page, code)).to_contain_text("Thấp")
    watch.assert_clean()
    page.context.close()


def test_a_lost_connection_is_said_and_made_up_for(browser: Browser, site: Site) -> None:
    page, _ = board(browser, site, DESKTOP)
    live = page.locator(".live")
    expect(live).to_have_text("Trực tiếp")
    page.context.set_offline(True)
    expect(live).to_contain_text("Mất kết nối, đang nối lại…")
    _, code = site.report()
    page.context.set_offline(False)
    expect(live).to_have_text("Trực tiếp")
    page.get_by_role("searchbox").fill(code)
    expect(row(page, code)).to_be_visible()
    page.context.close()


def test_a_stream_that_hangs_is_noticed(browser: Browser, site: Site) -> None:
    page, watch = open_page(browser, site.address, DESKTOP)
    hanging: list[Route] = []

    def hang(route: Route) -> None:
        hanging.append(route)

    page.route("**/api/live?*", hang)
    go_to_board(page, site.people["operator"])
    page.locator(".row-button").first.wait_for()
    _, code = site.report()
    expect(page.locator(".live")).to_contain_text("Mất kết nối", timeout=PATIENCE_MS)
    page.unroute("**/api/live?*")
    # No answer has come, and none will: the page connects anew by itself.
    expect(page.locator(".live")).to_have_text("Trực tiếp", timeout=PATIENCE_MS)
    page.get_by_role("searchbox").fill(code)
    expect(row(page, code)).to_be_visible()
    assert hanging
    watch.assert_clean()
    page.context.close()


def test_nothing_stays_when_the_session_ends(browser: Browser, site: Site) -> None:
    page, _ = board(browser, site, DESKTOP)
    _, code = site.report(name="Chị Ba")
    choose(page, code)
    expect(page.locator(".detail")).to_contain_text("Chị Ba")
    page.context.clear_cookies()
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("Phiên đăng nhập đã hết")
    expect(page.get_by_text("Chị Ba")).to_have_count(0)
    link = page.get_by_role("link", name="Đăng nhập")
    expect(link).to_have_attribute("href", "/sign-in?next=/board")
    assert faults(page) == []
    page.context.close()


@SIZES
def test_a_rescuer_is_told_where_to_go(browser: Browser, site: Site, size: ViewportSize) -> None:
    page, watch = open_page(browser, site.address, size)
    page.goto("/board")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/board$"))
    page.get_by_label("Tên đăng nhập").fill(site.people["rescuer"].login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/board$"))
    expect(page.get_by_role("heading", level=2)).to_contain_text("dành cho tổng đài và điều phối")
    expect(page.get_by_role("link", name="Mở bản đồ")).to_have_attribute("href", "/")
    assert faults(page) == []
    choose_language(page, "English")
    expect(page.get_by_role("heading", level=2)).to_contain_text("for the hotline")
    watch.assert_clean()
    page.context.close()
