"""Templates have no text of their own: what people read is said in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from api.ogc.view import TEMPLATES, environment

READ = frozenset(("alt", "aria-label", "content", "placeholder", "title"))
NOT_READ = frozenset(("code", "kbd", "pre", "script", "style"))
VOID = frozenset(("area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"))
NAMES = frozenset(("CSV", "GeoJSON", "JSON", "MapLibre", "PDF", "QGIS", "TileJSON", "XLSX"))
"""Names that are the same in every language; within a sentence, `translate="no"` marks them."""
MACHINE = re.compile(r"width=device-width.*|#[0-9a-f]{6}")
"""What a `meta` element says to browsers."""


class _Written(HTMLParser):
    """Collects the words that a template has outside of its expressions."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.words += [given[name] or "" for name in READ if given.get(name)]
        if tag in VOID:
            return
        if self._skipped or tag in NOT_READ or given.get("translate") == "no":
            self._skipped.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._skipped and self._skipped[-1] == tag:
            self._skipped.pop()

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.words.append(data)


def written(source: str) -> Iterator[str]:
    """The words of a template that no expression says."""
    tokens = environment().lex(source)
    reader = _Written()
    reader.feed("".join(text for _, kind, text in tokens if kind == "data"))
    reader.close()
    for words in reader.words:
        for word in re.findall(r"[^\W\d_]{2,}", "" if MACHINE.fullmatch(words) else words):
            if word not in NAMES:
                yield word


def test_words_of_a_template_are_found() -> None:
    assert list(written('<p title="Close">{{ t("Lưu", "Save") }} now</p>')) == ["Close", "now"]
    assert list(written('<b translate="no">QGIS <i>Add</i></b><code>id</code> {# why #}')) == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_no_text_is_in_one_language_alone(path: Path) -> None:
    source = path.read_text()
    assert list(written(source)) == []
    # Each text is there twice, and neither is empty.
    for vi, en in re.findall(r"\bt\(\s*[\"']([^\"']*)[\"'],\s*[\"']([^\"']*)[\"']\s*\)", source):
        assert vi.strip(), en
        assert en.strip(), vi
