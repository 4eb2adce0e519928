"""The pictures of a declaration and of the flags that declarations raise."""

from __future__ import annotations

from playwright.sync_api import Page

NEXT = "button[type=submit]"
WHO = "#commune_code"
LISTED = ".flag-table"


def who(page: Page) -> None:
    """Fill the first step in, if it is not left already; nobody's name or number."""
    if page.locator("#name").count() == 0:
        return
    page.fill("#name", "Nguyễn Văn A (ví dụ)")
    page.fill("#birth_year", "1984")
    page.fill("#phone", "0900 000 000")
    page.select_option("#commune_code", "20335")
    page.fill("#address", "Tổ 3")
    page.locator("h1").click()
    page.evaluate("scrollTo(0, 0)")


def health(page: Page) -> None:
    """The second step, with a symptom chosen."""
    who(page)
    page.click(NEXT)
    page.locator(".symptoms .kind").nth(2).click()
    page.locator(".choices").last.locator("button").nth(1).click()


def card(page: Page) -> None:
    """The QR that the declaration is answered with."""
    health(page)
    page.click(NEXT)
    page.check("#consent")
    page.click(NEXT)
    page.locator("svg.qr").wait_for()


def flag(page: Page) -> None:
    """A flag in full."""
    page.locator(".flag-list a").first.click()
    page.locator(".flag-detail h2").wait_for()


def traced(page: Page) -> None:
    """A request for tracing that was searched, with its meetings over time."""
    page.locator(".flag-list a", has_text="TVDEMO1").click()
    page.locator(".trace-timeline").wait_for()
    page.locator(".trace-figure").scroll_into_view_if_needed()
