"""A phone at the SOS page: a browser whose storage stays in a folder, and what the database has."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from PIL import Image
from playwright.sync_api import (
    BrowserContext,
    BrowserType,
    Geolocation,
    Page,
    ViewportSize,
    expect,
)

from tests.browser.chromium import ARGUMENTS, PATIENCE_MS, PHONE, Watch, executable

HERE: Geolocation = {"longitude": 108.4740, "latitude": 15.5736, "accuracy": 18}
WIDE = "document.documentElement.scrollWidth - innerWidth"
SMALL = """() => [...document.querySelectorAll('a, button, input, select, textarea, label.need')]
  .filter((one) => one.offsetParent && one.type !== 'checkbox' && one.className !== 'unseen')
  .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 48)
  .map((one) => one.outerHTML)"""
"""Controls that are smaller than a thumb wants: 48 CSS pixels."""


class Phone:
    """A browser whose storage stays in a folder, and the page it is at."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        context.set_default_timeout(PATIENCE_MS)
        self.context = context
        self.page = context.pages[0] if context.pages else context.new_page()
        self.watch = Watch(self.page, address)

    def offline(self, is_away: bool) -> None:
        self.watch.is_away = is_away
        self.context.set_offline(is_away)

    def write(self, category: str = "Cấp cứu y tế") -> Page:
        """The first two taps."""
        page = self.page
        page.get_by_role("button", name="Dùng vị trí của máy").click()
        page.get_by_role("button", name=category).click()
        expect(page.get_by_role("heading", name="Có bao nhiêu người?")).to_be_focused()
        return page

    def send(self) -> None:
        """The third tap."""
        self.page.get_by_role("button", name="GỬI SOS").click()

    def kept(self) -> list[dict[str, Any]]:
        """The requests in the queue."""
        found = self.page.evaluate(
            """() => new Promise((resolve) => {
                 indexedDB.open('dieuhanh-sos').onsuccess = ({ target }) => {
                   target.result.transaction('requests').objectStore('requests').getAll().onsuccess
                     = (answer) => { target.result.close(); resolve(answer.target.result); };
                 };
               })"""
        )
        assert isinstance(found, list)
        return found

    def installed(self) -> None:
        """Wait until the service worker keeps the page."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.wait_for_function("navigator.serviceWorker.controller !== null")


@contextmanager
def phone(
    browsers: BrowserType,
    address: str,
    folder: Path,
    *,
    size: ViewportSize = PHONE,
    language: str = "vi",
    permissions: tuple[str, ...] = ("geolocation",),
    dark: bool = False,
    workers: bool = True,
    path: str = "/sos",
) -> Iterator[Phone]:
    """A browser on a folder, closed at the end; the next one on the folder finds what it kept."""
    context = browsers.launch_persistent_context(
        folder,
        executable_path=executable(),
        args=list(ARGUMENTS),
        viewport=size,
        has_touch=size["width"] < 700,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        reduced_motion="reduce",
        color_scheme="dark" if dark else "light",
        base_url=address,
        geolocation=HERE,
        permissions=list(permissions),
        service_workers="allow" if workers else "block",
    )
    if language != "vi":
        context.add_init_script(f"localStorage.setItem('dieuhanh.language', '{language}')")
    try:
        opened = Phone(context, address)
        opened.page.goto(path)
        yield opened
    finally:
        context.close()


def wake_worker(page: Page, address: str, tag: str) -> None:
    """Have the browser wake the service worker for a queue, as it does once there is a network."""
    session = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    for _ in range(PATIENCE_MS // 50):
        if found:
            break
        page.wait_for_timeout(50)
    sync = {"origin": address, "registrationId": found[0], "tag": tag}
    session.send("ServiceWorker.dispatchSyncEvent", {**sync, "lastChance": False})


def rows(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a statement finds in the database."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())
    finally:
        connection.close()


def stored(url: str, request: str) -> list[tuple[Any, ...]]:
    """The rows of a request: category, people, phone, source of the position."""
    return rows(
        url,
        "SELECT q.category, q.people, r.phone, r.position_source FROM layer.sos_requests AS q"
        " JOIN private.sos_report AS r ON r.request_id = q.id WHERE q.id = %s",
        request,
    )


def picture() -> bytes:
    """A photo of 12 megapixels."""
    out = io.BytesIO()
    Image.effect_noise((4000, 3000), 25).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()
