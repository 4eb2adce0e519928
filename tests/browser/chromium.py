"""The system's Chromium for tests and screenshots: headless, drawing WebGL in software."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserType,
    Locator,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from layers.catalogue import CATALOGUE

DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
ARGUMENTS = (
    "--no-sandbox",
    # Mesa's software renderer, which QGIS brings with it: half the time of Chromium's own.
    "--use-gl=angle",
    "--use-angle=gl-egl",
    "--ignore-gpu-blocklist",
    # Text, boxes and the page that they make would go through the renderer of WebGL too.
    "--disable-gpu-rasterization",
    "--disable-gpu-compositing",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # What the driver turns off by itself, which a second list replaces; pages of the browser's
    # own, of which each window would load one: two thirds of a second of a core; and a process
    # that would stand ready for each page after the one that is open.
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,"
    "NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,PreloadTopChromeWebUI,"
    "WebUIOmniboxPopup,WebUIOmniboxFullPopup,WebUIOmniboxAimPopup,OmniboxPopupWebUI,"
    "SpareRendererForSitePerProcess",
)
PATIENCE_MS = 60_000
# Also where there is a graphics card: pictures are the same everywhere.
os.environ["LIBGL_ALWAYS_SOFTWARE"] = "1"


def executable() -> str:
    """The path of the browser: `CHROMIUM`, or the system's.

    Raises:
        FileNotFoundError: there is none.
    """
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise FileNotFoundError("no Chromium: install the package chromium, or set CHROMIUM")
    return found


@contextmanager
def launched(browsers: BrowserType) -> Iterator[Browser]:
    """A browser, closed at the end."""
    browser = browsers.launch(executable_path=executable(), args=list(ARGUMENTS))
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser outside of tests."""
    with sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


class Watch:
    """What a page did wrong: console errors, uncaught errors, requests to another host.

    Attributes:
        is_away: whether there is no network: what was under way as it went, the browser notes.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.is_away = False
        self._host = urlsplit(address).netloc
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._request)

    def _console(self, kind: str, text: str) -> None:
        # The software renderer's own remarks on its speed are not the page's.
        is_of_network = self.is_away and "net::ERR_" in text
        if kind in {"error", "warning"} and "GL Driver Message" not in text and not is_of_network:
            self.errors.append(f"{kind}: {text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self._host:
            self.foreign.append(request.url)

    def assert_clean(self) -> None:
        """Fail if anything went wrong so far."""
        assert self.errors == [], self.errors
        assert self.foreign == []


def open_page(
    browser: Browser,
    address: str,
    size: ViewportSize,
    *,
    language: str = "vi",
    scale: float = 1,
    workers: bool = True,
) -> tuple[Page, Watch]:
    """A new page of a person with that screen and language, not yet gone anywhere.

    Without `workers` it is as in a browser that has no service workers: one fetches all that opens
    without a network, half a second of a core, each time a test begins.
    """
    context = browser.new_context(
        viewport=size,
        device_scale_factor=scale,
        has_touch=size["width"] < 700,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        reduced_motion="reduce",
        base_url=address,
    )
    context.set_default_timeout(PATIENCE_MS)
    if language != "vi":
        context.add_init_script(f"localStorage.setItem('dieuhanh.language', '{language}')")
    if not workers:
        context.add_init_script("delete Navigator.prototype.serviceWorker")
    page = context.new_page()
    return page, Watch(page, address)


def sign_in(page: Page, login: str, password: str) -> None:
    """Sign in without the form, whose page would then open the map."""
    answer = page.request.post("/api/session", data={"login": login, "password": password})
    assert answer.ok, answer.text()


def only(*layers: str) -> str:
    """The part of the map's address that shows these layers alone, and is quicker to draw."""
    others = [one.id for one in CATALOGUE.values() if one.shown and one.id not in layers]
    return f"off={','.join(others)}"


def open_menu(page: Page) -> Locator:
    """Open the menu in the page's head, and wait until it knows who is signed in."""
    page.locator(".site-tools button.head-button").click()
    menu = page.locator("#site-menu")
    expect(menu.get_by_role("status")).to_have_count(0)
    return menu


def choose_language(page: Page, name: str) -> None:
    """Choose a language by its own name, and close the menu."""
    open_menu(page).get_by_role("button", name=name).click()
    page.keyboard.press("Escape")


def wait_for_map(page: Page) -> None:
    """Wait until the map has drawn all that it loads."""
    page.wait_for_selector("#map[data-idle]", timeout=PATIENCE_MS)
