"""Takes the pictures of the documentation: `python -m tests.browser.screenshots ADDRESS FOLDER`.

With the login of a coordinator as a third argument, and the password on the standard input, also
those of the board; for them a request is posted to the server. With the login of a rescuer of the
same password as a fourth one, also those of the team's page; the first free team with a boat gets
that rescuer and the request.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Geolocation, Page, ViewportSize

from tests.browser.chromium import DESKTOP, PHONE, Watch, chromium, open_page, wait_for_map

SOS = "sos"
HERE: Geolocation = {"longitude": 108.4740, "latitude": 15.5736, "accuracy": 18}
WALL: ViewportSize = {"width": 1920, "height": 1080}
HOI_AN = "#map=12.2/15.885/108.33"
CENTRE = "#map=9.6/15.72/108.2"
MEASURED = "#map=9.1/15.55/108.47&measure=area:108.35,15.78;108.55,15.8;108.6,15.68;108.42,15.66"
REPORT = {
    # The same each time, so that posting it again is posting it once.
    "id": "6f1d0c52-3f0e-4d52-9f0a-5d3c1b7a9e01",
    "lon": 108.33421,
    "lat": 15.88012,
    "accuracy_m": 12,
    "category": "trapped",
    "people": 4,
    "injured": 1,
    "children": 2,
    "needs": ["xuồng"],
    "note": "Nước tới mái",
    "name": "Chị Ba",
    "phone": "0905 123 456",
}


def nothing(page: Page) -> None:
    """Leave the page as it opens."""


def search(page: Page) -> None:
    """Type a name without accents."""
    page.get_by_role("combobox").fill("tam ky")
    page.get_by_role("option").first.wait_for()


def tool(page: Page, name: str) -> None:
    """Open a tool of the map."""
    page.locator(f".toolbar [data-tool={name}]").click()
    page.locator(f".tool[data-tool={name}]").wait_for()


def filtered(page: Page) -> None:
    """Ask for the checkpoints in two of their states."""
    tool(page, "filter")
    page.get_by_label("Lớp dữ liệu").select_option("checkpoints")
    page.get_by_role("checkbox", name="Ùn ứ").check()
    page.get_by_role("checkbox", name="Tạm đóng").check()


def choose(page: Page) -> None:
    """Open the first place found."""
    search(page)
    page.get_by_role("option").first.click()
    page.locator("#feature dl").wait_for()


def kinds(page: Page) -> None:
    """Take the first step of the SOS page: the device's position."""
    page.get_by_role("button", name="Dùng vị trí của máy").click()
    page.locator(".kind").first.wait_for()


def people(page: Page) -> None:
    """Take its second step."""
    kinds(page)
    page.locator(".kind").first.click()
    page.locator(".send-button").wait_for()


def queued(page: Page) -> None:
    """Send without a network. Nothing reaches the server."""
    people(page)
    page.context.set_offline(True)
    page.locator(".send-button").click()
    page.locator(".request .state-waiting").wait_for()


def spot(page: Page) -> None:
    """Open the map of the first step."""
    page.locator("#way-map").click()
    page.locator(".picker-map[data-idle]").wait_for()


def sheet(page: Page) -> None:
    """Pull up the sheet of layers."""
    page.locator(".sheet-handle").click()


def areas(page: Page) -> None:
    """Go down to the map of figures, by commune."""
    page.get_by_role("button", name="Xã, phường (2025)").click()
    page.locator("[data-painted$=commune]").wait_for()
    page.locator(".scene-map").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.scene-map').scrollIntoView()")


def scanner(page: Page) -> None:
    """Choose the first checkpoint, and type a code."""
    page.locator(".place").first.click()
    page.get_by_label("Hoặc gõ mã").fill("DH1.7Q2K-88")
    page.get_by_role("button", name="Đọc mã").click()


def over_time(page: Page) -> None:
    """Open the time slider, a while before the last flood."""
    page.locator("[data-tool=time].map-button").click()
    page.locator(".time-bars rect").first.wait_for()
    page.locator(".time-slider").press("ArrowLeft")
    page.wait_for_timeout(1000)


def two_dates(page: Page) -> None:
    """Open the comparison of two weeks."""
    page.locator("[data-tool=compare].map-button").click()
    page.locator(".compare-table").nth(1).wait_for()
    page.locator(".swipe-map[data-idle]").wait_for()


def printing(page: Page) -> None:
    """Open printing, with its preview."""
    page.locator("[data-tool=print].map-button").click()
    page.locator(".print-preview canvas").wait_for()


PICTURES: tuple[tuple[str, ViewportSize, str, str, Callable[[Page], None]], ...] = (
    ("sos-where", PHONE, "vi", SOS, nothing),
    ("sos-map", PHONE, "vi", SOS, spot),
    ("sos-what", PHONE, "vi", SOS, kinds),
    ("sos-people", PHONE, "vi", SOS, people),
    ("sos-queued", PHONE, "vi", SOS, queued),
    ("map-desktop", DESKTOP, "vi", "", nothing),
    ("map-desktop-close", DESKTOP, "vi", HOI_AN, nothing),
    ("map-desktop-search", DESKTOP, "vi", "", search),
    ("map-desktop-english", DESKTOP, "en", "", choose),
    ("map-desktop-filter", DESKTOP, "vi", "", filtered),
    ("map-desktop-area", DESKTOP, "vi", f"{CENTRE}&area=circle:108.33,15.74;15000", nothing),
    ("map-phone-measure", PHONE, "vi", MEASURED, nothing),
    ("map-desktop-time", DESKTOP, "vi", "", over_time),
    ("map-desktop-compare", DESKTOP, "vi", "", two_dates),
    ("map-desktop-print", DESKTOP, "vi", "", printing),
    ("map-phone", PHONE, "vi", "", nothing),
    ("map-phone-layers", PHONE, "vi", HOI_AN, sheet),
    ("map-phone-feature", PHONE, "vi", "", choose),
    ("dashboard-desktop", DESKTOP, "vi", "dashboard", nothing),
    ("dashboard-desktop-map", DESKTOP, "vi", "dashboard", areas),
    ("dashboard-phone", PHONE, "vi", "dashboard", nothing),
    ("dashboard-wall", WALL, "vi", "dashboard?wall=1", nothing),
    ("checkpoint-phone", PHONE, "vi", "checkpoint", scanner),
)


def task(page: Page) -> None:
    """Open the first task of a team."""
    page.locator(".card").first.click()
    page.locator(".task .direction span").wait_for()


def way(page: Page) -> None:
    """Open the map of the first task."""
    task(page)
    page.get_by_role("button", name="Bản đồ và đường đi").click()
    page.locator(".way-map[data-idle]").wait_for()
    page.locator(".far").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.far').scrollIntoView()")
    page.evaluate("scrollBy(0, -80)")


def offline(page: Page) -> None:
    """Report without a network. Nothing reaches the server."""
    page.context.set_offline(True)
    task(page)
    page.get_by_role("button", name="NHẬN, ĐANG ĐẾN").click()
    page.locator(".undo").wait_for()
    page.locator(".undo").wait_for(state="detached")


def assign(page: Page) -> None:
    """Open a request and the teams near it."""
    page.request.post("/api/sos", data=REPORT)
    page.locator(f"[data-id='{REPORT['id']}']").click()
    page.locator(".detail").get_by_role("button", name="Phân công").click()
    page.locator(".near-teams, .task p").first.wait_for()


def draw(page: Page) -> None:
    """Begin an alert, and draw its area."""
    page.get_by_role("tab", name="Cảnh báo").click()
    page.get_by_role("button", name="Vẽ vùng cảnh báo").click()
    page.locator("#alert-headline").fill("Ngập sâu ở hạ lưu")
    page.get_by_role("button", name="Vẽ trên bản đồ").click()
    box = page.locator("#map canvas").bounding_box()
    if box is None:
        return
    for x, y in ((0.55, 0.3), (0.8, 0.35), (0.75, 0.6), (0.6, 0.55)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        page.wait_for_timeout(500)


BOARD: tuple[tuple[str, ViewportSize, Callable[[Page], None]], ...] = (
    ("board-desktop", DESKTOP, assign),
    ("board-phone", PHONE, nothing),
    ("board-alert", DESKTOP, draw),
)


def settle(page: Page, view: str) -> None:
    """Wait until the page has drawn all that it loads."""
    if view == SOS:
        page.locator("#heading").wait_for()
    elif view == "checkpoint":
        page.locator(".place, .reading").first.wait_for()
    elif view.startswith("dashboard"):
        page.locator("[data-painted], .wall [data-figure]").first.wait_for()
    else:
        wait_for_map(page)


def take(browser: Browser, address: str, folder: Path) -> None:
    """Write every picture that everybody may see."""
    for name, size, language, view, act in PICTURES:
        page, watch = _open(browser, address, size, language)
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation(HERE)
        page.goto(f"/{view}")
        settle(page, view)
        act(page)
        page.wait_for_timeout(1500)
        settle(page, view)
        _keep(page, watch, folder / f"{name}.png")


def take_sheet(browser: Browser, address: str, path: Path) -> None:
    """Write a printed sheet: the file itself."""
    page, watch = _open(browser, address, DESKTOP, "vi")
    page.goto(f"/{HOI_AN}")
    wait_for_map(page)
    printing(page)
    page.get_by_label("Loại tệp").select_option("png")
    page.get_by_label("Độ phân giải").select_option("150")
    with page.expect_download() as made:
        page.get_by_role("button", name="Tạo tệp").click()
    made.value.save_as(path)
    watch.assert_clean()
    page.context.close()


def take_board(browser: Browser, address: str, folder: Path, login: str, password: str) -> None:
    """Write every picture of the board."""
    for name, size, act in BOARD:
        page, watch = _open(browser, address, size, "vi")
        page.goto("/sign-in?next=/board")
        page.get_by_label("Tên đăng nhập").fill(login)
        page.get_by_label("Mật khẩu").fill(password)
        page.keyboard.press("Enter")
        page.locator(".row-button").first.wait_for()
        act(page)
        page.wait_for_timeout(9000)  # until what was said of the new request has gone
        _keep(page, watch, folder / f"{name}.png")


TEAM: tuple[tuple[str, ViewportSize, Callable[[Page], None]], ...] = (
    ("team-tasks", PHONE, nothing),
    ("team-task", PHONE, task),
    ("team-map", PHONE, way),
    ("team-offline", PHONE, offline),
    ("team-desktop", DESKTOP, task),
)


def take_team(
    browser: Browser, address: str, folder: Path, logins: tuple[str, str], password: str
) -> None:
    """Write every picture of the team's page; the logins are of a coordinator and a rescuer."""
    coordinator, rescuer = logins
    page, _ = _open(browser, address, DESKTOP, "vi")
    _sign_in(page, "/", coordinator, password)
    page.request.post("/api/sos", data=REPORT)
    token = page.request.get("/api/session").json()["csrf"]
    headers = {"X-CSRF-Token": token}
    near = page.request.get(f"/api/sos/{REPORT['id']}/teams?limit=1").json()["teams"]
    if near and page.request.get(f"/api/sos/{REPORT['id']}").json()["team"] is None:
        team = near[0]["id"]
        members = {"leader": "Anh Tư", "phone": "0905 222 333", "members": [rescuer]}
        page.request.put(f"/api/teams/{team}", data=members, headers=headers)
        given = {"team": team, "note": "Đi đường đê"}
        page.request.post(f"/api/sos/{REPORT['id']}/assignment", data=given, headers=headers)
    page.context.close()
    for name, size, act in TEAM:
        page, watch = _open(browser, address, size, "vi")
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"longitude": 108.322, "latitude": 15.862, "accuracy": 9})
        _sign_in(page, "/team", rescuer, password)
        page.locator(".card .direction span").first.wait_for()
        act(page)
        _keep(page, watch, folder / f"{name}.png")


def _sign_in(page: Page, to: str, login: str, password: str) -> None:
    page.goto(f"/sign-in?next={to}")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == to)


def _open(browser: Browser, address: str, size: ViewportSize, language: str) -> tuple[Page, Watch]:
    return open_page(browser, address, size, language=language, scale=2 if size is PHONE else 1)


def _keep(page: Page, watch: Watch, path: Path) -> None:
    watch.assert_clean()
    page.screenshot(path=path)
    page.context.close()
    sys.stdout.write(f"{path.name}\n")


def main() -> None:
    """Take the pictures of the server at ADDRESS into FOLDER."""
    if len(sys.argv) not in (3, 4, 5):
        sys.exit(__doc__)
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        take(browser, sys.argv[1], folder)
        take_sheet(browser, sys.argv[1], folder / "map-sheet.png")
        if len(sys.argv) > 3:
            password = sys.stdin.readline().rstrip("\n")
            take_board(browser, sys.argv[1], folder, sys.argv[3], password)
        if len(sys.argv) > 4:
            logins = (sys.argv[3], sys.argv[4])
            take_team(browser, sys.argv[1], folder, logins, password)


if __name__ == "__main__":
    main()
