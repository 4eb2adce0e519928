"""The pictures of the documentation: `make screenshots` takes each, and each is shown."""

from __future__ import annotations

from tests.browser.screenshots import IMAGES, LANGUAGES, documents_show, file_name
from tests.browser.shots import SHOTS

ELSEWHERE = {"briefing.png", "briefing-paper.png", "density.png"}
"""Pictures of what is no page of the site: a file to mail, a raster that the demo has none of."""


def test_documents_show_the_pictures_that_are_there() -> None:
    assert {path.name for path in IMAGES.glob("*.png")} == documents_show()


def test_every_picture_shown_is_one_that_the_command_takes() -> None:
    taken = [
        file_name(shot, size, language, theme)
        for shot in SHOTS
        for size in shot.sizes
        for language in LANGUAGES
        for theme in shot.themes
    ]
    assert len(set(taken)) == len(taken)
    assert documents_show() - ELSEWHERE <= set(taken)
