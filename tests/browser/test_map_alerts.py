"""Alerts on the public map: what is over is not drawn unless asked for, what is new is at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from api.cli.database import create_database
from tests.browser.chromium import DESKTOP, PATIENCE_MS, PHONE, open_page, wait_for_map
from tests.browser.test_ogc_pages import faults
from tests.conftest import serving

# A part of the sea where nothing else is.
PLACE = "#map=11/15.9/108.9"
AREA = "POLYGON((108.7 15.7, 109.1 15.7, 109.1 16.1, 108.7 16.1, 108.7 15.7))"
INSERT = (
    "INSERT INTO layer.alerts (headline, event, severity, urgency, certainty, category, area_desc,"
    " message, onset, expires, geom) VALUES (%s, 'Bão', 'Severe', 'Immediate', 'Likely', 'Met',"
    f" 'Biển', %s, now() - interval '9 hours', now() + %s::interval,"
    f" ST_Multi(ST_GeomFromText('{AREA}', 4326)))"
)


class Site:
    """A server with the demo, and its database."""

    def __init__(self, address: str, url: str) -> None:
        self.address = address
        self._url = url

    def sql(self, statement: str, *values: Any) -> None:
        connection = psycopg2.connect(self._url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
        finally:
            connection.close()


@pytest.fixture(scope="module")
def site(cluster: Any, template_database: str) -> Iterator[Site]:
    url = create_database(cluster, "browser_map_alerts", template_database)
    with serving(url) as address:
        yield Site(address, url)


def opened(page: Page) -> str:
    """The card that a click into the middle of the map opens; nothing, if it opens none."""
    wait_for_map(page)
    box = page.locator("#map canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.35)
    page.wait_for_timeout(600)
    card = page.locator("#feature")
    return card.inner_text() if card.is_visible() else ""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_what_is_over_is_drawn_only_if_asked(
    browser: Browser, site: Site, size: ViewportSize
) -> None:
    site.sql("DELETE FROM layer.alerts")
    site.sql(INSERT, "Đã hết", "Alert", "-1 hour")
    site.sql(INSERT, "Đã hủy", "Cancel", "5 hours")
    page, watch = open_page(browser, site.address, size)
    page.goto(f"/{PLACE}")
    assert "Đã" not in opened(page)
    # OGC API has them all.
    items = page.request.get("/ogc/collections/alerts/items?f=json").json()
    assert items["numberMatched"] == 2
    if size is PHONE:
        page.locator(".sheet-handle").click()
    also = page.locator("[data-layer=alerts]").get_by_label("Cả những gì đã hết hiệu lực")
    also.check()
    assert faults(page) == []
    if size is PHONE:
        page.locator(".sheet-handle").click()
    assert "Đã" in opened(page)
    watch.assert_clean()
    page.context.close()


def test_a_new_alert_is_drawn_at_once_and_a_cancelled_one_goes(
    browser: Browser, site: Site
) -> None:
    site.sql("DELETE FROM layer.alerts")
    page, watch = open_page(browser, site.address, DESKTOP)
    page.goto(f"/{PLACE}")
    wait_for_map(page)
    with page.expect_response(
        lambda answer: "/alerts/tiles/" in answer.url, timeout=PATIENCE_MS
    ) as told:
        site.sql(INSERT, "Bão gần bờ", "Alert", "5 hours")
    assert told.value.ok
    assert "Bão gần bờ" in opened(page)
    page.keyboard.press("Escape")
    with page.expect_response(lambda answer: "/alerts/tiles/" in answer.url, timeout=PATIENCE_MS):
        site.sql("UPDATE layer.alerts SET message = 'Cancel'")
    expect(page.locator("#map")).to_have_attribute("data-idle", "", timeout=PATIENCE_MS)
    assert "Bão gần bờ" not in opened(page)
    watch.assert_clean()
    page.context.close()
