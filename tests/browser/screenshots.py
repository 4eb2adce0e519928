"""Takes the pictures of the documentation: `python -m tests.browser.screenshots ADDRESS FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.chromium import DESKTOP, PHONE, chromium, open_page, wait_for_map

WALL: ViewportSize = {"width": 1920, "height": 1080}
HOI_AN = "#map=12.2/15.885/108.33"


def nothing(page: Page) -> None:
    """Leave the page as it opens."""


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


def areas(page: Page) -> None:
    """Go down to the map of figures, by commune."""
    page.get_by_role("button", name="Xã, phường (2025)").click()
    page.locator("[data-painted$=commune]").wait_for()
    page.locator(".scene-map").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.scene-map').scrollIntoView()")


PICTURES: tuple[tuple[str, ViewportSize, str, str, Callable[[Page], None]], ...] = (
    ("map-desktop", DESKTOP, "vi", "", nothing),
    ("map-desktop-close", DESKTOP, "vi", HOI_AN, nothing),
    ("map-desktop-search", DESKTOP, "vi", "", search),
    ("map-desktop-english", DESKTOP, "en", "", choose),
    ("map-phone", PHONE, "vi", "", nothing),
    ("map-phone-layers", PHONE, "vi", HOI_AN, sheet),
    ("map-phone-feature", PHONE, "vi", "", choose),
    ("dashboard-desktop", DESKTOP, "vi", "dashboard", nothing),
    ("dashboard-desktop-map", DESKTOP, "vi", "dashboard", areas),
    ("dashboard-phone", PHONE, "vi", "dashboard", nothing),
    ("dashboard-wall", WALL, "vi", "dashboard?wall=1", nothing),
)


def settle(page: Page, view: str) -> None:
    """Wait until the page has drawn all that it loads."""
    if view.startswith("dashboard"):
        page.locator("[data-painted], .wall [data-figure]").first.wait_for()
    else:
        wait_for_map(page)


def take(browser: Browser, address: str, folder: Path) -> None:
    """Write every picture."""
    for name, size, language, view, act in PICTURES:
        phone = size is PHONE
        page, watch = open_page(browser, address, size, language=language, scale=2 if phone else 1)
        page.goto(f"/{view}")
        settle(page, view)
        act(page)
        page.wait_for_timeout(1500)
        settle(page, view)
        watch.assert_clean()
        page.screenshot(path=folder / f"{name}.png")
        page.context.close()
        sys.stdout.write(f"{name}.png\n")


def main() -> None:
    """Take the pictures of the server at ADDRESS into FOLDER."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        take(browser, sys.argv[1], folder)


if __name__ == "__main__":
    main()
