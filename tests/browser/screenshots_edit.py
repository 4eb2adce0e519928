"""Takes the pictures of editing: `python -m tests.browser.screenshots_edit ADDRESS FOLDER LOGIN`.

The login of somebody who may edit checkpoints; the password comes from the standard input. A
checkpoint is changed and changed back.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.chromium import DESKTOP, PHONE, chromium, open_page, wait_for_map

LAYER = "checkpoints"


def change(page: Page, **properties: int | str) -> None:
    """What somebody else does meanwhile, with the same session."""
    item = page.url.partition("feature=")[2].partition("&")[0].replace("%2F", "/")
    csrf = page.request.get("/api/session").json()["csrf"]
    answer = page.request.patch(
        f"/ogc/collections/{item.replace('/', '/items/')}",
        data={"properties": properties},
        headers={"X-CSRF-Token": csrf, "Content-Type": "application/merge-patch+json"},
    )
    assert answer.ok, answer.text()


def form(page: Page) -> None:
    """Open the form, and leave a fault in it."""
    page.get_by_role("button", name="Sửa", exact=True).click()
    officers = page.get_by_label("Cán bộ trực")
    officers.fill("-1")
    officers.press("Tab")
    page.locator(".fault:visible").wait_for()


def phone_form(page: Page) -> None:
    """Open the form."""
    page.get_by_role("button", name="Sửa", exact=True).click()
    page.locator(".handle").wait_for()


def conflict(page: Page) -> None:
    """Save what somebody else has changed as well."""
    phone_form(page)
    page.get_by_label("Cán bộ trực").fill("12")
    page.get_by_label("Giờ hoạt động").fill("05:00–22:00")
    change(page, officers=6, state="congested")
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.locator("#conflict-title").wait_for()
    change(page, officers=4, state="open")


def history(page: Page) -> None:
    """Open the history."""
    page.locator("#feature summary").click()
    page.locator(".history-list").wait_for()
    page.locator("#feature summary").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#feature summary').scrollIntoView()")


PICTURES: tuple[tuple[str, ViewportSize, Callable[[Page], None]], ...] = (
    ("map-desktop-edit", DESKTOP, form),
    ("map-desktop-conflict", DESKTOP, conflict),
    ("map-desktop-history", DESKTOP, history),
    ("map-phone-edit", PHONE, phone_form),
)


def take(browser: Browser, address: str, folder: Path, login: str, password: str) -> None:
    """Write every picture."""
    for name, size, act in PICTURES:
        page, _ = open_page(browser, address, size, scale=2 if size is PHONE else 1)
        page.goto("/sign-in?next=/")
        page.get_by_label("Tên đăng nhập").fill(login)
        page.get_by_label("Mật khẩu").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/")
        query = f"/ogc/collections/{LAYER}/items?f=json&limit=1&filter=state='open'"
        (found,) = page.request.get(query).json()["features"]
        page.goto("about:blank")
        page.goto(f"/#feature={LAYER}/{found['id']}")
        wait_for_map(page)
        page.get_by_role("button", name="Sửa", exact=True).wait_for()
        act(page)
        page.wait_for_timeout(1500)
        wait_for_map(page)
        page.screenshot(path=folder / f"{name}.png")
        page.context.close()
        sys.stdout.write(f"{name}.png\n")


def main() -> None:
    """Take the pictures of the server at ADDRESS into FOLDER."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    password = sys.stdin.readline().rstrip("\n")
    with chromium() as browser:
        take(browser, sys.argv[1].rstrip("/"), Path(sys.argv[2]), sys.argv[3], password)


if __name__ == "__main__":
    main()
