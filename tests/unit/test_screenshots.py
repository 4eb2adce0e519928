"""The pictures of the documentation: `make screenshots` takes each, and each is shown."""

from __future__ import annotations

from tests.browser.screenshots import IMAGES, LANGUAGES, THEMES, documents_show, file_name
from tests.browser.shots import SHOTS

PAPER = {"brief.png", "map-sheet.png"}
"""Pictures of what is printed, which are no page of the site."""

RASTERS = {"density.png"}
"""Pictures of rasters, which the demo has none of."""

EDITING = {
    f"map-{one}.png"
    for one in ("desktop-edit", "desktop-conflict", "desktop-history", "phone-edit")
}
"""Pictures of edits under way, which `tests/browser/screenshots_edit.py` takes."""


def test_documents_show_the_pictures_that_are_there() -> None:
    assert {path.name for path in IMAGES.glob("*.png")} == documents_show()


def test_every_picture_shown_is_one_that_the_command_takes() -> None:
    taken = [
        file_name(shot, size, language, theme)
        for shot in SHOTS
        for size in shot.sizes
        for language in LANGUAGES
        for theme in THEMES
    ]
    assert len(set(taken)) == len(taken)
    assert documents_show() - PAPER - RASTERS - EDITING <= set(taken)
