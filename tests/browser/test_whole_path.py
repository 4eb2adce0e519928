"""The whole path of a request, from a phone without a network to the day's figures, in Chromium.

Who looks on from the public's pages sees what happens, at every step, and nothing of who it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserType, Page, Response, expect

from api.cli.database import create_database
from tests.browser.chromium import DESKTOP, open_page, wait_for_map
from tests.browser.sos_phone import phone
from tests.browser.test_board import Site, board, choose, row
from tests.browser.test_team import card, go, team_page
from tests.conftest import serving
from tests.people import PASSWORD, person

PERSONAL = ("0905123456", "0905 123 456", "Chị Tư Lành", "Nước đã tới mái nhà")
EXACT = "15.5736"
"""The phone's latitude, of which the public sees three decimals."""

HOME = "SELECT ST_SetSRID(ST_MakePoint(108.4740, 15.5736), 4326)"


@pytest.fixture
def site(
    cluster: object, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    url = create_database(cluster, "browser_whole_path", template_database)  # type: ignore[arg-type]
    people = {
        name: person(
            url, role, departments=("rescue_coordination",), password=PASSWORD, login=login
        )
        for name, role, login in (
            ("coordinator", "coordinator", "ban.1"),
            ("doi.1", "rescuer", "doi.1"),
        )
    }
    photos = str(tmp_path_factory.mktemp("photos"))
    settings = {"DIEUHANH_PHOTOS": photos, "DIEUHANH_SOS_PER_ADDRESS": "10000"}
    with serving(url, settings) as address:
        found = Site(address, url, people)
        found.sql("UPDATE layer.rescue_teams SET state = 'off' WHERE state = 'free'")
        ((team,),) = found.sql(
            "INSERT INTO layer.rescue_teams (code, name, kind, capacity, boat, geom)"
            f" VALUES ('XT-1', 'Đội xuồng Tam Kỳ', 'militia', 10, true, ({HOME})) RETURNING id"
        )
        found.sql(
            "INSERT INTO private.team_member (team_id, account_id) VALUES (%s, %s)",
            team,
            people["doi.1"].id,
        )
        yield found


@dataclass
class Onlooker:
    """Somebody at the public's map and figures, and all that the server told them."""

    address: str
    heard: list[tuple[str, str]] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Keep what the server answers to a page."""
        page.on("response", self._keep)

    def _keep(self, answer: Response) -> None:
        kind = answer.headers.get("content-type", "")
        # A stream's body has no end; `ask` reads the same changes page by page.
        if answer.status == 200 and "event-stream" not in kind and "javascript" not in kind:
            self.heard.append((answer.url, answer.body().decode("utf-8", "replace")))

    def ask(self, code: str, request: str) -> None:
        """Read all that anybody may read of a request."""
        items = "/ogc/collections/sos_requests/items"
        for path in (
            f"{items}/{request}",
            f"{items}/{request}?f=html",
            f"{items}?q={code}",
            f"{items}?f=csv&q={code}",
            f"/api/search?q={code}",
            "/api/changes?layers=sos_requests&since=0",
            "/api/sos.atom",
            "/api/figures",
            f"/api/sos/{code}",
        ):
            self.heard.append((path, httpx.get(f"{self.address}{path}", timeout=30).text))

    def assert_knows_nothing(self) -> None:
        """Fail if anything personal has been told so far."""
        for address, text in self.heard:
            for secret in (*PERSONAL, EXACT):
                assert secret not in text, f"{secret} in {address}"


def figure(page: Page, name: str) -> int:
    """A whole number of the dashboard."""
    text = page.locator(f"[data-figure={name}] strong").first.inner_text()
    return int(text.replace(".", ""))


def test_the_whole_path(
    browsers: BrowserType, browser: Browser, site: Site, tmp_path: Path
) -> None:
    onlooker = Onlooker(site.address)
    public, public_watch = open_page(browser, site.address, DESKTOP)
    onlooker.listen(public)
    public.goto("/#map=15/15.5736/108.474")
    wait_for_map(public)
    figures, figures_watch = open_page(browser, site.address, DESKTOP)
    onlooker.listen(figures)
    figures.goto("/dashboard")
    figures.wait_for_selector("[data-figure]")
    before = {name: figure(figures, name) for name in ("sos_open", "sos_resolved_today")}
    desk, desk_watch = board(browser, site, DESKTOP)

    with phone(browsers, site.address, tmp_path / "phone") as citizen:
        citizen.installed()
        citizen.offline(True)
        page = citizen.write("Mắc kẹt do ngập lụt")
        page.get_by_label("Số điện thoại").fill(PERSONAL[1])
        citizen.send()
        expect(page.get_by_role("heading", name="Đang chờ gửi")).to_be_visible()
        page.get_by_label("Tên", exact=False).first.fill(PERSONAL[2])
        page.get_by_label("Ghi chú").fill(PERSONAL[3])
        page.get_by_role("button", name="Gửi thông tin này").click()
        (kept,) = citizen.kept()
        request = kept["id"]
        assert site.sql("SELECT FROM layer.sos_requests WHERE id = %s", request) == []
        citizen.offline(False)
        expect(page.locator(".big-code")).to_be_visible()
        ((code,),) = site.sql("SELECT code FROM layer.sos_requests WHERE id = %s", request)
        follow_the_rest(site, browser, desk, page, onlooker, request, code, figures, before)

    for watch in (public_watch, figures_watch, desk_watch):
        watch.assert_clean()
    onlooker.ask(code, request)
    public.reload()
    wait_for_map(public)
    onlooker.assert_knows_nothing()


def follow_the_rest(
    site: Site,
    browser: Browser,
    desk: Page,
    citizen: Page,
    onlooker: Onlooker,
    request: str,
    code: str,
    figures: Page,
    before: dict[str, int],
) -> None:
    """From the board to the end, while the citizen's page and the public's stay open."""
    expect(desk.locator(".fresh .row-button").filter(has_text=code)).to_be_visible()
    expect(figures.locator("[data-figure=sos_open] strong").first).to_have_text(
        f"{before['sos_open'] + 1:,}".replace(",", ".")
    )
    onlooker.ask(code, request)
    onlooker.assert_knows_nothing()

    twin, twin_code = site.report(lon=108.4741, lat=15.5737, phone="0905 999 888", people=1)
    choose(desk, twin_code)
    desk.locator(".detail").get_by_role("button", name="Gộp trùng").click()
    pair = desk.locator(".pair").filter(has_text=code)
    pair.get_by_role("button", name=f"Gộp vào {code}").click()
    expect(desk.locator(".detail-lead")).to_contain_text("Trùng lặp")
    assert site.state(twin)[0] == "duplicate"

    choose(desk, code)
    detail = desk.locator(".detail")
    expect(detail).to_contain_text(PERSONAL[0])
    expect(detail).to_contain_text(PERSONAL[2])
    expect(detail).to_contain_text(PERSONAL[3])
    desk.keyboard.press("v")
    expect(desk.locator(".detail-lead")).to_contain_text("Đã xác minh")
    desk.keyboard.press("a")
    expect(desk.locator(".near-teams li").first).to_contain_text("Đội xuồng Tam Kỳ")
    desk.keyboard.press("1")
    expect(desk.locator(".detail-lead")).to_contain_text("Đã phân công")
    assert site.state(request) == ("assigned", "Đội xuồng Tam Kỳ")
    onlooker.ask(code, request)

    rescuer, rescuer_watch = team_page(browser, site, DESKTOP)  # type: ignore[arg-type]
    card(rescuer, code).click()
    expect(rescuer.locator(".task")).to_contain_text(PERSONAL[3])
    for step, shown in (("NHẬN, ĐANG ĐẾN", "Đang đến"), ("ĐÃ TỚI NƠI", "Tại hiện trường")):
        go(rescuer, step)
        expect(desk.locator(".detail-lead")).to_contain_text(shown)
        expect(row(desk, code)).to_contain_text(shown)
        onlooker.ask(code, request)
    rescuer.get_by_role("button", name="ĐÃ XONG").click()
    rescuer.get_by_role("dialog").get_by_role("button", name="ĐÃ XONG").click()
    expect(desk.locator(".detail-lead")).to_contain_text("Đã xong")
    assert site.state(request)[0] == "resolved"
    rescuer_watch.assert_clean()

    resolved = figures.locator("[data-figure=sos_resolved_today] strong").first
    expect(resolved).to_have_text(f"{before['sos_resolved_today'] + 1:,}".replace(",", "."))
    assert figure(figures, "sos_open") == before["sos_open"]
    citizen.locator("a[href*='/sos/follow#']").click()
    expect(citizen.locator("[data-status]")).to_contain_text("Đã xong")
