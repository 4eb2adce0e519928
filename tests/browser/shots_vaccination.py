"""What is done on the pages of vaccination before their pictures are taken."""

from __future__ import annotations

from playwright.sync_api import Page

POINT = "TC-002"
"""A point of the demo that keeps the registers."""


def desk(page: Page) -> None:
    """The desk of a point, with somebody who has been received."""
    page.locator("#search").fill(POINT)
    page.locator(".place").first.click()
    page.locator(".desk-row .button").first.click()
    page.locator(".desk-item .button-strong").first.wait_for()
