"""What axe-core finds wrong in a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# What passes is as long as the page: left unasked for, it takes most of the time of a run.
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
}


def faults_of(page: Page, exclude: str | None = None) -> list[str]:
    """What is wrong as the page is now, but for a part of it: the rule, and where."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(
        "([but, options]) => axe.run(but ? { exclude: [[but]] } : document, options)"
        ".then((all) => all.violations)",
        [exclude, OPTIONS],
    )
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
