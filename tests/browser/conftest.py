"""The browser of the tests of pages; a context ends with the test that opened it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, expect, sync_playwright

from api.cli.database import create_database
from tests.browser.chromium import PATIENCE_MS, launched
from tests.conftest import serving

HERE = Path(__file__).parent

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of pages is run once more where it fails, and the summary names it (decision 0036)."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="module")
def browsers() -> Iterator[BrowserType]:
    """What starts browsers, for tests that close and open them."""
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="module")
def running_browser(browsers: BrowserType) -> Iterator[Browser]:
    """The browser that the tests share."""
    with launched(browsers) as opened:
        yield opened


@pytest.fixture
def browser(running_browser: Browser) -> Iterator[Browser]:
    """The shared browser; a page left open would go on drawing beside the tests after it."""
    yield running_browser
    for context in running_browser.contexts:
        context.close()


@pytest.fixture(scope="module")
def sos_site(
    cluster: Any, template_database: str, request: pytest.FixtureRequest
) -> Iterator[tuple[str, str]]:
    """A database with the demo, and a server on it that one address may post to at will."""
    name = request.module.__name__.rpartition(".")[2]
    url = create_database(cluster, f"browser_{name}", template_database)
    with serving(url, {"DIEUHANH_SOS_PER_ADDRESS": "10000"}) as address:
        yield url, address
