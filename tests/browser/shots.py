"""What `make screenshots` takes pictures of: a page, or a state of one, is one line of `SHOTS`."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Page, ViewportSize

from layers.roles import Role
from tests.browser import shots_declare, shots_edit, shots_vaccination
from tests.browser.chromium import DESKTOP, PHONE, open_menu

Theme = Literal["light", "dark"]
WALL: ViewportSize = {"width": 1920, "height": 1080}
SIZES: dict[str, ViewportSize] = {
    "desktop": DESKTOP,
    "phone": PHONE,
    "wall": WALL,
    "paper": DESKTOP,
}
THEMES: tuple[Theme, ...] = ("light", "dark")
BOTH = ("desktop", "phone")
MAP = "#map[data-idle]"
SMALL_MAPS = "[data-map][data-ready]"
HOI_AN = "/#map=12.2/15.885/108.33"
CENTRE = "/#map=9.6/15.72/108.2"
CIRCLE = f"{CENTRE}&area=circle:108.33,15.74;15000"
AREA = "measure=area:108.35,15.78;108.55,15.8;108.6,15.68;108.42,15.66"
MEASURED = f"/#map=9.1/15.55/108.47&{AREA}"
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


def screen(page: Page) -> bytes:
    """What the screen shows."""
    return page.screenshot()


def sheet_of_paper(page: Page) -> bytes:
    """The sheet that printing the map makes."""
    page.locator(".tool-print select").nth(3).select_option("png")
    page.locator(".tool-print select").nth(4).select_option("150")
    with page.expect_download(timeout=180_000) as waiting:
        page.locator(".tool-print .button-strong").click()
    return Path(waiting.value.path()).read_bytes()


def brief(page: Page) -> bytes:
    """The brief, as paper shows it."""
    language = page.locator("html").get_attribute("lang") or "vi"
    answer = page.request.get(f"/api/brief.pdf?lang={language}", timeout=120_000)
    assert answer.ok, answer.status
    with TemporaryDirectory() as folder:
        pdf, png = Path(folder, "brief.pdf"), Path(folder, "brief")
        pdf.write_bytes(answer.body())
        command = ("pdftoppm", "-png", "-r", "100", "-singlefile", str(pdf), str(png))
        subprocess.run(command, check=True)
        return png.with_suffix(".png").read_bytes()


@dataclass(frozen=True)
class Shot:
    """A picture in each size, language and theme.

    Attributes:
        name: begins the names of its files.
        path: where the page is.
        ready: what is on the page once it has drawn what it loads.
        act: what to do on it first; in any language, so by classes rather than by words.
        role: of who is signed in; nobody without.
        themes: that it is taken in.
        picture: what makes it.
    """

    name: str
    path: str
    ready: str = "h1"
    act: Callable[[Page], None] = nothing
    role: Role | None = None
    sizes: tuple[str, ...] = BOTH
    themes: tuple[Theme, ...] = THEMES
    picture: Callable[[Page], bytes] = screen


def menu(page: Page) -> None:
    """Open the menu."""
    open_menu(page)


def analysed(page: Page) -> None:
    """Run hotspots by commune in the tool of analysis."""
    page.locator("[data-tool=analyse]").click()
    form = page.locator("form.analyse-form")
    form.locator("select").nth(2).select_option("commune")
    form.locator("select").nth(3).select_option("rate")
    form.locator("button").first.click()
    page.locator(".analyse-legend li").first.wait_for()
    page.wait_for_timeout(3000)


def flows(page: Page) -> None:
    """Run flows between districts in the tool of analysis, and ask the strongest what it says."""
    page.locator("[data-tool=analyse]").click()
    form = page.locator("form.analyse-form")
    form.locator("option[value=flows]").wait_for(state="attached")
    form.locator("select").first.select_option("flows")
    form.locator("select").nth(1).select_option("district")
    form.locator("button").first.click()
    page.locator(".flow-table button").first.click()
    page.wait_for_timeout(3000)


def why(page: Page) -> None:
    """Open the card of the hottest place."""
    found = page.request.get("/api/hotspots").json()["results"][0]["listed"][0]
    page.goto(f"/#feature={found['feature']}")
    page.locator("#feature .why h3").wait_for()
    page.wait_for_selector(MAP)


def search(page: Page) -> None:
    """Type a name without accents."""
    page.get_by_role("combobox").fill("tam ky")
    page.get_by_role("option").first.wait_for()


def choose(page: Page) -> None:
    """Open the first place found."""
    search(page)
    page.get_by_role("option").first.click()
    page.locator("#feature dl").wait_for()


def sheet(page: Page) -> None:
    """Pull up the sheet of layers."""
    page.locator(".sheet-handle").click()


def tool(page: Page, name: str) -> None:
    """Open a tool of the map."""
    page.locator(f".toolbar [data-tool={name}]").click()


def filtered(page: Page) -> None:
    """Ask for the checkpoints in two of their states."""
    tool(page, "filter")
    page.locator(".tool select").first.select_option("checkpoints")
    for box in page.locator(".tool [type=checkbox]").all()[1:3]:
        box.check()


def over_time(page: Page) -> None:
    """Open the time slider, a while before the last flood."""
    tool(page, "time")
    page.locator(".time-bars rect").first.wait_for()
    page.locator(".time-slider").press("ArrowLeft")


def two_dates(page: Page) -> None:
    """Open the comparison of two weeks."""
    tool(page, "compare")
    page.locator(".compare-table").nth(1).wait_for()
    page.locator(".swipe-map[data-idle]").wait_for()


def printing(page: Page) -> None:
    """Open printing, with its preview."""
    tool(page, "print")
    page.locator(".print-preview canvas").wait_for(timeout=180_000)


def spot(page: Page) -> None:
    """Open the map of the first step of asking for help."""
    page.locator("#way-map").click()
    page.locator(".picker-map[data-idle]").wait_for()


def pointed(page: Page) -> None:
    """Open the map of the hotline, and have its place told."""
    page.locator("#commune").fill("Bàn Thạch")
    page.locator("#place-toggle").click()
    page.locator(".picker-map[data-idle]").wait_for()
    page.locator(".picker-zoom").first.click()
    page.locator(".hotline-words li").first.wait_for()


def kinds(page: Page) -> None:
    """Take its first step: the device's position."""
    page.locator(".gps-button").click()
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


def areas(page: Page) -> None:
    """Go down to the map of figures, by commune."""
    page.locator(".choropleth-controls .choice").first.locator("button").last.click()
    page.locator("[data-painted$=commune]").wait_for()
    page.evaluate("document.querySelector('.scene-map').scrollIntoView()")


def assign(page: Page) -> None:
    """Open a request, and the teams near it."""
    page.request.post("/api/sos", data=REPORT)
    page.locator(f"[data-id='{REPORT['id']}']").click()
    page.locator(".detail h2").first.wait_for()
    page.keyboard.press("a")
    page.locator(".near-teams, .task p").first.wait_for()
    page.wait_for_timeout(9000)  # until what was said of the new request has gone


def draw(page: Page) -> None:
    """Begin an alert, and draw its area."""
    page.get_by_role("tab").last.click()
    page.locator(".side-panel .button-strong").first.click()
    page.locator("#alert-headline").fill("Ngập sâu ở hạ lưu")
    page.get_by_role("button", name=re.compile("Vẽ trên bản đồ|Draw on the map")).click()
    box = page.locator("#map canvas").bounding_box()
    assert box is not None
    for x, y in ((0.55, 0.3), (0.8, 0.35), (0.75, 0.6), (0.6, 0.55)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        page.wait_for_timeout(500)


def task(page: Page) -> None:
    """Open the first task of a team."""
    page.locator(".card").first.click()
    page.locator(".task .direction span").wait_for()


def way(page: Page) -> None:
    """Open the map of the first task."""
    task(page)
    page.locator("[data-key=map]").click()
    page.locator(".way-map[data-idle]").wait_for()
    page.evaluate("document.querySelector('.far').scrollIntoView()")
    page.evaluate("scrollBy(0, -80)")


def reported(page: Page) -> None:
    """Report without a network. Nothing reaches the server."""
    page.context.set_offline(True)
    task(page)
    page.locator(".team-actions .go").click()
    page.locator(".undo").wait_for()
    page.locator(".undo").wait_for(state="detached")


COORDINATOR, ADMIN, RESCUER = Role.COORDINATOR, Role.ADMIN, Role.RESCUER
SHOTS: tuple[Shot, ...] = (
    Shot("map", "/", MAP),
    Shot("map-close", HOI_AN, MAP),
    Shot("map-search", "/", MAP, search),
    Shot("map-feature", "/", MAP, choose),
    Shot("map-layers", HOI_AN, MAP, sheet, sizes=("phone",)),
    Shot("map-menu", "/", MAP, menu),
    Shot("map-filter", "/", MAP, filtered),
    Shot("map-area", CIRCLE, MAP),
    Shot("map-measure", MEASURED, MAP),
    Shot("map-time", "/", MAP, over_time),
    Shot("map-compare", "/", MAP, two_dates),
    Shot("map-print", "/", MAP, printing),
    Shot("map-analyse", "/", MAP, analysed),
    Shot("map-flows", "/", MAP, flows, Role.ANALYST),
    Shot("map-why", "/", MAP, why),
    Shot("map", "/", MAP, printing, None, ("paper",), ("light",), sheet_of_paper),
    Shot("map-edit", "/", MAP, shots_edit.fault, ADMIN, ("desktop",)),
    Shot("map-edit", "/", MAP, shots_edit.form, ADMIN, ("phone",)),
    Shot("map-conflict", "/", MAP, shots_edit.conflict, ADMIN),
    Shot("map-history", "/", MAP, shots_edit.history, ADMIN),
    Shot("map-deleted", "/", MAP, shots_edit.deleted, ADMIN),
    Shot("sos-where", "/sos", "#heading"),
    Shot("sos-map", "/sos", "#heading", spot),
    Shot("sos-what", "/sos", "#heading", kinds),
    Shot("sos-people", "/sos", "#heading", people),
    Shot("sos-queued", "/sos", "#heading", queued),
    Shot("follow", "/sos/follow"),
    Shot("dashboard", "/dashboard", "[data-painted]"),
    Shot("dashboard-map", "/dashboard", "[data-painted]", areas),
    Shot("brief", "/dashboard", "[data-painted]", nothing, None, ("paper",), ("light",), brief),
    Shot("dashboard", "/dashboard?wall=1", ".wall [data-figure]", sizes=("wall",)),
    Shot("board", "/board", ".row-button", assign, COORDINATOR, ("desktop",)),
    Shot("board", "/board", ".row-button", role=COORDINATOR, sizes=("phone",)),
    Shot("board-alert", "/board", ".row-button", draw, COORDINATOR, ("desktop",)),
    Shot("board-refused", "/board", "h2", role=RESCUER),
    Shot("team-tasks", "/team", ".card .direction span", role=RESCUER),
    Shot("team-task", "/team", ".card .direction span", task, RESCUER),
    Shot("team-map", "/team", ".card .direction span", way, RESCUER),
    Shot("team-offline", "/team", ".card .direction span", reported, RESCUER),
    Shot("checkpoint", "/checkpoint", ".place, .reading"),
    Shot("declare-who", "/declare", shots_declare.WHO, shots_declare.who),
    Shot("declare-health", "/declare", shots_declare.WHO, shots_declare.health),
    Shot("declare-card", "/declare", shots_declare.WHO, shots_declare.card),
    Shot("flags", "/flags", shots_declare.LISTED, role=ADMIN),
    Shot("flag", "/flags", shots_declare.LISTED, shots_declare.flag, ADMIN),
    Shot("tracing", "/tracing", ".flag-list a", role=ADMIN),
    Shot("tracing-result", "/tracing", ".flag-list a", shots_declare.traced, ADMIN),
    Shot("tracing-form", "/tracing#new", "#trace-value", role=ADMIN),
    Shot("epidemic", "/epidemic", ".epi-risk tbody tr", sizes=BOTH),
    Shot("directives", "/directives?q=gian+cach#2", ".excerpt mark", sizes=("desktop",)),
    Shot("directives", "/directives?q=gian+cach", ".excerpt mark", sizes=("phone",)),
    Shot("registers", "/registers#stays", "main h1, main h2", role=ADMIN),
    Shot("vaccinate", "/vaccinate", "#commune_code"),
    Shot("vaccination-progress", "/vaccination-progress", ".progress tbody tr", sizes=BOTH),
    Shot("vaccination", "/vaccination", ".place", shots_vaccination.desk, ADMIN),
    Shot("sign-in", "/sign-in"),
    Shot("account", "/account", role=ADMIN),
    Shot("admin", "/admin", role=ADMIN),
    Shot("facilities", "/facilities", role=ADMIN),
    Shot("network", "/network", role=ADMIN),
    Shot("reports", "/reports", role=ADMIN),
    Shot("report", "/reports/medical_facilities", role=ADMIN),
    Shot("hotline", "/hotline", ".hotline-form", role=ADMIN),
    Shot("hotline-map", "/hotline", ".hotline-form", pointed, ADMIN),
    Shot("volunteer", "/volunteer"),
    Shot("volunteers", "/volunteers", role=ADMIN),
    Shot("consult", "/consult"),
    Shot("consultations", "/consultations", role=ADMIN),
    Shot("help", "/help"),
    Shot("ogc", "/ogc"),
    Shot("ogc-collection", "/ogc/collections/checkpoints", SMALL_MAPS),
    Shot("ogc-items", "/ogc/collections/hotels/items", SMALL_MAPS),
    Shot("ogc-empty", "/ogc/collections/hotels/items?q=khongcogi"),
    Shot("ogc-feature", "/ogc/collections/admin_units/items/49", SMALL_MAPS),
    Shot("ogc-problem", "/ogc/collections/hotels/items?filter=stars+%3E"),
    Shot("ogc-api", "/ogc/api?f=html", ".swagger-ui .opblock-tag"),
)
