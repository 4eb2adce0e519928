"""The team's page in Chromium: tasks, steps, a lost network, conflicts, sharing where one is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import psycopg2
import pytest
from playwright.sync_api import Browser, Geolocation, Page, Route, ViewportSize, expect

from api.cli.database import create_database
from tests.browser.chromium import DESKTOP, PHONE, Watch, open_page, sign_in
from tests.browser.sos_phone import WIDE
from tests.browser.test_ogc_pages import faults
from tests.conftest import serving
from tests.people import PASSWORD, Person, person

HOI_AN = {"lon": 108.33421, "lat": 15.88012}
HERE: Geolocation = {"longitude": HOI_AN["lon"], "latitude": HOI_AN["lat"] - 0.02, "accuracy": 9}
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
SMALL = """() => [...document.querySelectorAll('a, button, textarea')]
  .filter((one) => one.offsetParent && Math.min(one.offsetWidth, one.offsetHeight) < 44)
  .filter((one) => !one.closest('.maplibregl-map'))
  .map((one) => one.outerHTML)"""


@dataclass
class Site:
    """A server with the demo, its database, and people with passwords."""

    address: str
    url: str
    people: dict[str, Person]

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement as the database's owner; committed."""
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def team(self, name: str, *members: str) -> int:
        """A free team of its members alone."""
        ((team,),) = self.sql(
            "INSERT INTO layer.rescue_teams (code, name, kind, capacity, boat, geom)"
            " VALUES (%s, %s, 'militia', 10, true, ST_SetSRID(ST_MakePoint(%s, %s), 4326))"
            " RETURNING id",
            str(uuid4())[:20],
            name,
            *HOI_AN.values(),
        )
        for member in members:
            account = self.people[member].id
            self.sql("DELETE FROM private.team_member WHERE account_id = %s", account)
            self.sql(
                "INSERT INTO private.team_member (team_id, account_id) VALUES (%s, %s)",
                team,
                account,
            )
        return int(team)

    def staff(self, method: str, path: str, body: Any) -> dict[str, Any]:
        """What a coordinator does, which must succeed."""
        headers = self.people["coordinator"].headers
        answer = httpx.request(
            method, f"{self.address}{path}", json=body, headers=headers, timeout=30
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def task(self, team: int, **facts: Any) -> tuple[str, str]:
        """A request by the public that coordination gives to a team; its id and code."""
        body = {
            "id": str(uuid4()), **HOI_AN, "category": "trapped", "people": 4, "children": 2,
            "phone": "0905 111 222", "name": "Chị Ba", "note": "Nước tới mái", **facts,
        }  # fmt: skip
        answer = httpx.post(f"{self.address}/api/sos", json=body, timeout=30)
        assert answer.status_code == 201, answer.text
        found = answer.json()
        given = {"team": team, "also": True, "note": "Đi đường đê"}
        self.staff("POST", f"/api/sos/{found['id']}/assignment", given)
        return found["id"], found["code"]

    def state(self, request: str) -> str:
        """The state of a request."""
        ((state,),) = self.sql("SELECT state FROM layer.sos_requests WHERE id = %s", request)
        return str(state)

    def steps(self, request: str) -> list[tuple[str, str | None, str]]:
        """What was reported of a request by teams: kind, state, by whom."""
        return self.sql(
            "SELECT kind, to_value, actor FROM private.sos_step WHERE request_id = %s"
            " AND actor LIKE 'doi.%%' ORDER BY id",
            request,
        )


@pytest.fixture(scope="module")
def site(
    cluster: Any, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    url = create_database(cluster, "browser_team", template_database)
    roles = {"coordinator": "coordinator", "doi.1": "rescuer", "doi.2": "rescuer"}
    people = {
        name: person(
            url,
            role,
            password=PASSWORD,
            login=name if role == "rescuer" else "ban.team",
            departments=("rescue_coordination",),
        )
        for name, role in roles.items()
    }
    settings = {
        "DIEUHANH_PHOTOS": str(tmp_path_factory.mktemp("photos")),
        "DIEUHANH_SOS_PER_ADDRESS": "10000",
    }
    with serving(url, settings) as address:
        yield Site(address, url, people)


def team_page(
    browser: Browser, site: Site, size: ViewportSize, login: str = "doi.1"
) -> tuple[Page, Watch]:
    """The page of a rescuer on a device that may measure its position."""
    page, watch = open_page(browser, site.address, size)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(HERE)
    sign_in(page, login, PASSWORD)
    page.goto("/team")
    page.locator(".one-team").first.wait_for()
    return page, watch


def installed(page: Page) -> None:
    """Wait until the service worker keeps the page."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def card(page: Page, code: str) -> Any:
    return page.locator(".card").filter(has_text=code)


def go(page: Page, name: str) -> None:
    """Take a step and wait until the moment to take it back is over."""
    page.get_by_role("button", name=name).click()
    expect(page.locator(".team-actions .undo")).to_be_visible()
    expect(page.locator(".team-actions .undo")).to_have_count(0, timeout=15_000)


def eventually(page: Page, found: Callable[[], Any], expected: Any) -> None:
    """Wait until the database has what a page has sent."""
    for _ in range(100):
        if found() == expected:
            return
        page.wait_for_timeout(100)
    assert found() == expected


def kept(page: Page, store: str) -> list[Any]:
    """All that this device keeps in one of the page's stores."""
    found = page.evaluate(
        """(store) => new Promise((resolve) => {
             indexedDB.open('dieuhanh-team').onsuccess = ({ target }) => {
               target.result.transaction(store).objectStore(store).getAll().onsuccess
                 = (answer) => { target.result.close(); resolve(answer.target.result); };
             };
           })""",
        store,
    )
    assert isinstance(found, list)
    return found


@SIZES
def test_a_task_from_its_coming_to_its_end(
    browser: Browser, site: Site, size: ViewportSize
) -> None:
    team = site.team("Đội xuồng một", "doi.1")
    page, watch = team_page(browser, site, size)
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    expect(page.get_by_text("Đội chưa có nhiệm vụ nào")).to_be_visible()
    # It comes by itself.
    request, code = site.task(team)
    expect(card(page, code)).to_contain_text("Mắc kẹt do ngập lụt")
    expect(card(page, code)).to_contain_text("2,2 km về hướng bắc")
    assert faults(page) == []
    assert page.evaluate(WIDE) <= 0
    assert page.evaluate(SMALL) == []
    card(page, code).click()
    expect(page.get_by_role("heading", name="Mắc kẹt do ngập lụt")).to_be_focused()
    task = page.locator(".task")
    for text in ("Nước tới mái", "Đi đường đê", "Chị Ba", "15.88012, 108.33421", code):
        expect(task).to_contain_text(text)
    expect(task.get_by_role("link", name="0905111222")).to_have_attribute("href", "tel:0905111222")
    expect(task.get_by_role("link", name="Chỉ đường trên máy")).to_have_attribute(
        "href", f"geo:15.88012,108.33421?q=15.88012,108.33421({code})"
    )
    # Held to the west, the phone has the north on its right.
    expect(task.get_by_text("phía trên là hướng bắc")).to_be_visible()
    arrow = task.locator(".arrow path")
    expect(arrow).to_have_attribute("transform", "rotate(0 16 16)")
    page.evaluate(
        "dispatchEvent(new DeviceOrientationEvent('deviceorientationabsolute',"
        " {absolute: true, alpha: 90, beta: 0, gamma: 0}))"
    )
    expect(arrow).to_have_attribute("transform", "rotate(90 16 16)")
    expect(task.get_by_text("Mũi tên quay theo máy")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate(WIDE) <= 0
    assert page.evaluate(SMALL) == []
    go(page, "NHẬN, ĐANG ĐẾN")
    expect(page.locator(".lead")).to_contain_text("Đang đến")
    expect(page.locator(".reports")).to_have_count(0)
    assert site.state(request) == "en_route"
    go(page, "ĐÃ TỚI NƠI")
    expect(page.locator(".lead")).to_contain_text("Tại hiện trường")
    page.get_by_role("button", name="ĐÃ XONG").click()
    dialog = page.get_by_role("dialog", name=f"{code} đã xong?")
    assert faults(page) == []
    dialog.get_by_role("button", name="Thôi").click()
    assert site.state(request) == "on_site"
    page.get_by_role("button", name="ĐÃ XONG").click()
    dialog.get_by_label("Ghi chú").fill("Đã đưa cả nhà lên bờ")
    dialog.get_by_role("button", name="ĐÃ XONG").click()
    expect(page.get_by_text("Đội chưa có nhiệm vụ nào")).to_be_visible()
    expect(page.locator(".reports")).to_have_count(0)
    steps = [("state", state, "doi.1") for state in ("en_route", "on_site", "resolved")]
    assert site.steps(request) == steps
    notes = site.sql("SELECT note FROM private.sos_step WHERE request_id = %s", request)
    assert ("Đã đưa cả nhà lên bờ",) in notes
    assert not [one for one in addresses if "108." in one or "0905" in one]
    # Of what is done nothing stays on the device.
    expect(page.get_by_role("button", name="Sẵn sàng")).to_have_attribute("aria-pressed", "true")
    assert "0905111222" not in str(kept(page, "kept"))
    assert kept(page, "reports") == []
    # A task that ends while it is read is refused, and the page lets it go.
    assert all("status of 403" in error for error in watch.errors), watch.errors
    assert watch.foreign == []
    page.context.close()


def test_a_wrong_tap_is_taken_back_and_a_task_declined(browser: Browser, site: Site) -> None:
    team = site.team("Đội xuồng hai", "doi.1")
    request, code = site.task(team)
    page, watch = team_page(browser, site, PHONE)
    card(page, code).click()
    page.get_by_role("button", name="NHẬN, ĐANG ĐẾN").click()
    page.locator(".team-actions .undo").click()
    expect(page.get_by_role("button", name="NHẬN, ĐANG ĐẾN")).to_be_visible()
    expect(page.locator(".lead")).to_contain_text("Đã phân công")
    page.wait_for_timeout(6000)
    assert site.state(request) == "assigned"
    page.get_by_role("button", name="Không đi được").click()
    dialog = page.get_by_role("dialog", name=f"Không đi được {code}?")
    dialog.get_by_label("Vì sao?").fill("Xuồng hỏng máy")
    assert faults(page) == []
    dialog.get_by_role("button", name="Không đi được").click()
    expect(page.get_by_text("Đội chưa có nhiệm vụ nào")).to_be_visible()
    expect(page.locator(".reports")).to_have_count(0)
    assert site.state(request) == "verified"
    assert ("decline", None, "doi.1") in site.steps(request)
    watch.assert_clean()
    page.context.close()


@SIZES
def test_without_a_network_tasks_stay_and_reports_wait(
    browser: Browser, site: Site, size: ViewportSize
) -> None:
    team = site.team("Đội xuồng ba", "doi.1")
    request, code = site.task(team)
    page, watch = team_page(browser, site, size)
    expect(card(page, code)).to_be_visible()
    installed(page)
    watch.is_away = True
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".offline")).to_contain_text("Không có mạng")
    expect(page.locator(".offline")).to_contain_text("Nhiệm vụ bên dưới là lúc")
    card(page, code).click()
    expect(page.locator(".task")).to_contain_text("Nước tới mái")
    go(page, "NHẬN, ĐANG ĐẾN")
    expect(page.locator(".lead")).to_contain_text("Đang đến")
    expect(page.locator(".waiting")).to_contain_text("Chờ mạng")
    go(page, "ĐÃ TỚI NƠI")
    page.get_by_role("button", name="ĐÃ XONG").click()
    page.get_by_role("dialog").get_by_role("button", name="ĐÃ XONG").click()
    expect(page.locator(".waiting")).to_have_count(3)
    assert faults(page) == []
    page.reload()
    expect(page.locator(".waiting")).to_have_count(3)
    assert site.state(request) == "assigned"
    page.context.set_offline(False)
    expect(page.locator(".waiting")).to_have_count(0)
    expect(page.locator(".offline")).to_be_hidden()
    assert site.steps(request) == [
        ("state", state, "doi.1") for state in ("en_route", "on_site", "resolved")
    ]
    watch.assert_clean()
    page.context.close()


def test_answers_that_are_lost_leave_one_report(browser: Browser, site: Site) -> None:
    team = site.team("Đội xuồng bốn", "doi.1")
    request, code = site.task(team)
    page, watch = team_page(browser, site, PHONE)
    lost: list[int] = []

    def lose(route: Route) -> None:
        # The server takes it; the phone never hears of it.
        lost.append(route.fetch().status)
        route.abort()

    card(page, code).click()
    page.route("**/steps", lose)
    page.get_by_role("button", name="NHẬN, ĐANG ĐẾN").click()
    expect(page.locator(".waiting")).to_contain_text("Chờ mạng", timeout=20_000)
    assert lost
    assert set(lost) == {200}
    page.unroute("**/steps")
    expect(page.locator(".waiting")).to_have_count(0)
    expect(page.locator(".refused")).to_have_count(0)
    assert site.steps(request) == [("state", "en_route", "doi.1")]
    assert all("ERR_FAILED" in error for error in watch.errors), watch.errors
    page.context.close()


def test_what_coordination_changed_meanwhile_is_said(browser: Browser, site: Site) -> None:
    team, other = site.team("Đội xuồng năm", "doi.1"), site.team("Đội xuồng sáu", "doi.2")
    taken, taken_code = site.task(team)
    closed, closed_code = site.task(team, category="medical")
    page, watch = team_page(browser, site, PHONE)
    expect(page.locator(".card")).to_have_count(2)
    installed(page)
    watch.is_away = True
    page.context.set_offline(True)
    for code in (taken_code, closed_code):
        card(page, code).click()
        go(page, "NHẬN, ĐANG ĐẾN")
        page.get_by_role("link", name="Tất cả nhiệm vụ").click()
    site.staff("POST", f"/api/sos/{taken}/hand-over", {"team": other})
    site.staff("POST", f"/api/sos/{closed}/steps", {"state": "en_route"})
    page.context.set_offline(False)
    refused = page.locator(".refused")
    expect(refused).to_have_count(2)
    watch.is_away = False
    lines = refused.all_inner_texts()
    assert any(taken_code in line and "không phải nhiệm vụ của đội bạn" in line for line in lines)
    assert any(closed_code in line and "đã ở trạng thái en_route" in line for line in lines)
    assert faults(page) == []
    # They stay until somebody has read them.
    page.reload()
    expect(refused).to_have_count(2)
    expect(card(page, taken_code)).to_have_count(0)
    for _ in range(2):
        refused.first.get_by_role("button", name="Đã hiểu").click()
    expect(refused).to_have_count(0)
    expect(card(page, closed_code)).to_contain_text("Đang đến")
    assert site.state(taken) == "assigned"
    # A browser notes every answer of an error in the console.
    assert all("403" in error or "409" in error for error in watch.errors), watch.errors
    page.context.close()


def test_a_team_shares_where_it_is_as_long_as_it_is_on(browser: Browser, site: Site) -> None:
    team = site.team("Đội xuồng bảy", "doi.1")
    page, watch = team_page(browser, site, PHONE)

    def place() -> tuple[float, float]:
        ((lon, lat),) = site.sql(
            "SELECT ST_X(geom_exact), ST_Y(geom_exact) FROM layer.rescue_teams WHERE id = %s", team
        )
        return lon, lat

    switch = page.get_by_role("switch", name="Chia sẻ vị trí đội")
    expect(switch).to_have_attribute("aria-checked", "false")
    page.wait_for_timeout(1500)
    assert place() == (HOI_AN["lon"], HOI_AN["lat"])
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(page.get_by_text("Điều phối thấy vị trí lúc")).to_be_visible()
    expect(page.locator(".sharing-on")).to_have_text("Đang chia sẻ vị trí của đội")
    assert place() == (HERE["longitude"], HERE["latitude"])
    assert faults(page) == []
    # No oftener than each half minute.
    page.context.set_geolocation({**HERE, "latitude": 15.9})
    page.wait_for_timeout(3000)
    assert place() == (HERE["longitude"], HERE["latitude"])
    # That it is on outlives a reload; where one has been is kept nowhere.
    page.reload()
    expect(page.locator(".sharing-on")).to_be_visible()
    expect(page.get_by_text("Điều phối thấy vị trí lúc")).to_be_visible()
    assert place() == (HERE["longitude"], 15.9)
    held = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "15.9" not in held + str(kept(page, "kept")[1:])
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(page.locator(".sharing-on")).to_be_hidden()
    page.context.set_geolocation({**HERE, "latitude": 15.95})
    page.wait_for_timeout(1500)
    assert place() == (HERE["longitude"], 15.9)
    # After the reload it was told too soon, which the browser notes, and again a little later.
    watch.errors = [error for error in watch.errors if "status of 429" not in error]
    watch.assert_clean()
    page.context.close()


@SIZES
def test_the_own_state_and_the_map(browser: Browser, site: Site, size: ViewportSize) -> None:
    team = site.team("Đội xuồng tám", "doi.1")
    page, watch = team_page(browser, site, size)

    def state() -> str:
        ((found,),) = site.sql("SELECT state FROM layer.rescue_teams WHERE id = %s", team)
        return str(found)

    page.get_by_role("button", name="Không trực").click()
    expect(page.get_by_role("button", name="Không trực")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".reports")).to_have_count(0)
    eventually(page, state, "off")
    page.get_by_role("button", name="Sẵn sàng").click()
    expect(page.locator(".reports")).to_have_count(0)
    expect(page.get_by_role("button", name="Sẵn sàng")).to_have_attribute("aria-pressed", "true")
    eventually(page, state, "free")
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url))
    _, code = site.task(team)
    card(page, code).click()
    assert not [one for one in scripts if "library" in one]
    page.get_by_role("button", name="Bản đồ và đường đi").click()
    page.locator(".way-map[data-idle]").wait_for()
    expect(page.locator(".way-text")).to_contain_text("đường thẳng dài 2,2 km")
    assert [one for one in scripts if "library" in one]
    # Tasks that are read again leave the map as it is.
    site.staff("POST", f"/api/sos/{code}/notes", {"note": "Nước đang rút"})
    site.sql("UPDATE layer.sos_requests SET people = 9 WHERE code = %s", code)
    expect(page.locator(".notes")).to_contain_text("Nước đang rút")
    expect(page.locator(".way-map canvas")).to_be_visible()
    assert faults(page) == []
    watch.assert_clean()
    page.context.close()


def test_signing_out_forgets_the_tasks(browser: Browser, site: Site) -> None:
    team = site.team("Đội xuồng chín", "doi.1")
    _, code = site.task(team)
    page, watch = team_page(browser, site, PHONE)
    expect(card(page, code)).to_be_visible()
    assert "0905111222" in str(kept(page, "kept"))
    page.get_by_role("button", name="Đăng xuất doi.1").click()
    page.get_by_role("dialog").get_by_role("button", name="Đăng xuất", exact=True).click()
    expect(page.get_by_role("heading", name="Cần đăng nhập")).to_be_visible()
    assert code not in str(kept(page, "kept"))
    assert faults(page) == []
    assert page.request.get("/api/session").json()["signedIn"] is False
    watch.assert_clean()
    page.context.close()


def test_the_page_is_for_teams_and_can_be_installed(browser: Browser, site: Site) -> None:
    viewer = person(site.url, "viewer", password=PASSWORD)
    page, watch = open_page(browser, site.address, PHONE, language="en")
    page.goto("/team")
    page.get_by_role("link", name="Sign in").click()
    page.locator("input[name=login]").fill(viewer.login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This page is for rescue teams")).to_be_visible()
    assert faults(page) == []
    installed(page)
    manifest = page.request.get("/team.webmanifest").json()
    assert (manifest["start_url"], manifest["id"]) == ("/team", "/team")
    session = page.context.new_cdp_session(page)
    found = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A context of a test is a private window, in which nothing is installed.
    assert [error["errorId"] for error in found] == ["in-incognito"]
    watch.assert_clean()
    page.context.close()
