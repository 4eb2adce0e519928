"""The pictures of edits under way; a checkpoint is changed and changed back."""

from __future__ import annotations

from playwright.sync_api import Page

EDIT = ".edit-buttons .button-strong"
SAVE = ".edit-actions .button-strong"
OFFICERS = "[data-column=officers] input"


def a_checkpoint(page: Page) -> None:
    """Open the card of the first checkpoint that is open."""
    query = "/ogc/collections/checkpoints/items?f=json&limit=1&filter=state='open'"
    (found,) = page.request.get(query).json()["features"]
    page.evaluate(f"location.hash = '#feature=checkpoints/{found['id']}'")
    page.locator(EDIT).wait_for()


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
    """Open the form."""
    a_checkpoint(page)
    page.locator(EDIT).click()
    page.locator(".handle").wait_for()


def fault(page: Page) -> None:
    """Open the form, and leave a fault in it."""
    form(page)
    page.locator(OFFICERS).fill("-1")
    page.locator(OFFICERS).press("Tab")
    page.locator(".fault:visible").wait_for()


def conflict(page: Page) -> None:
    """Save what somebody else has changed as well."""
    form(page)
    page.locator(OFFICERS).fill("12")
    page.locator("[data-column=hours] input").fill("05:00–22:00")
    change(page, officers=6, state="congested")
    page.locator(SAVE).click()
    page.locator("#conflict-title").wait_for()
    change(page, officers=4, state="open")


def history(page: Page) -> None:
    """Open the history."""
    a_checkpoint(page)
    change(page, officers=5, state="congested")
    change(page, officers=4, state="open")
    page.locator("#feature summary").click()
    page.locator(".history-list").wait_for()
    page.evaluate("document.querySelector('#feature summary').scrollIntoView()")


def deleted(page: Page) -> None:
    """Delete a checkpoint that was made for it, and open the list of those that are gone."""
    csrf = page.request.get("/api/session").json()["csrf"]
    headers = {"X-CSRF-Token": csrf, "Content-Type": "application/geo+json"}
    items = "/ogc/collections/checkpoints/items"
    made = page.request.post(
        items,
        data={
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [108.48, 15.56]},
            "properties": {"code": "CK-TAM", "name": "Chốt tạm cầu Kỳ Phú", "kind": "lockdown"},
        },
        headers=headers,
    ).json()
    assert page.request.delete(f"{items}/{made['id']}", headers=headers).ok
    if page.locator(".sheet-handle").is_visible():
        page.locator(".sheet-handle").click()
    page.locator("[data-layer=checkpoints] .legend-button").click()
    page.locator("[data-layer=checkpoints] .layer-deleted").click()
    page.locator(".deleted li").first.wait_for()
