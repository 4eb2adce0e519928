"""Takes the pictures of the documentation: `python -m tests.browser.screenshots ADDRESS FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.chromium import DESKTOP, PHONE, chromium, open_page, wait_for_map

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


PICTURES: tuple[tuple[str, ViewportSize, str, str, Callable[[Page], None]], ...] = (
    ("map-desktop", DESKTOP, "vi", "", nothing),
    ("map-desktop-close", DESKTOP, "vi", HOI_AN, nothing),
    ("map-desktop-search", DESKTOP, "vi", "", search),
    ("map-desktop-english", DESKTOP, "en", "", choose),
    ("map-phone", PHONE, "vi", "", nothing),
    ("map-phone-layers", PHONE, "vi", HOI_AN, sheet),
    ("map-phone-feature", PHONE, "vi", "", choose),
)


def take(browser: Browser, address: str, folder: Path) -> None:
    """Write every picture."""
    for name, size, language, view, act in PICTURES:
        phone = size is PHONE
        page, watch = open_page(browser, address, size, language=language, scale=2 if phone else 1)
        page.goto(f"/{view}")
        wait_for_map(page)
        act(page)
        page.wait_for_timeout(1500)
        wait_for_map(page)
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
