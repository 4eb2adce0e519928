"""Every code that an analysis can give has its Vietnamese and English words in the docs."""

from __future__ import annotations

from spatial.stats import emerging, getis_ord, moran
from tests.conftest import ROOT


def test_each_code_is_explained_in_both_languages() -> None:
    rows = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs" / "statistics.md").read_text().splitlines()
        if line.startswith("| `")
    ]
    words = {row[0]: row[1] for row in rows}
    codes = {*getis_ord.CLASSES.values(), *moran.QUADRANTS.values()}
    codes |= {emerging.class_name(number) for number in (*range(-8, 9), emerging.NOT_COMPUTED)}
    assert codes == set(words)
    assert len(set(words.values())) == len(words)
    assert all(any(ord(letter) > 127 for letter in word) for word in words.values())
