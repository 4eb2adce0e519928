"""What the brief makes of numbers: classes and colours, axes, outlines, settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.brief.writing import HIDDEN, SHADES, ZERO, colour_of, shades, steps
from api.paths import rings
from layers.layer import Text
from layers.province import PROVINCES, Province, ProvinceError, load_province

ROOT = Path(__file__).resolve().parents[2]


def test_colours_are_those_of_the_dashboard() -> None:
    script = (ROOT / "web/src/dashboard/scale.ts").read_text()
    known = re.search(r"SHADES = \[(.*?)\]", script)
    assert known is not None
    assert tuple(re.findall(r'"(#\w+)"', known[1])) == SHADES
    assert re.search(rf'light: {{ zero: "{ZERO}", hidden: "{HIDDEN}"', script)


def test_an_area_has_the_colour_of_its_class() -> None:
    limits = [1, 2, 7, 16, 28, 55]
    assert colour_of(None, limits) == HIDDEN
    assert colour_of(0, limits) == ZERO
    assert [colour_of(value, limits) for value in (1, 6, 7, 27, 55)] == list(SHADES)
    assert colour_of(3, [3, 3]) == SHADES[2]
    assert shades(2) == [SHADES[0], SHADES[4]]


@pytest.mark.parametrize(
    ("most", "wanted"),
    [(0, [0, 1]), (1, [0, 1]), (7, [0, 2, 4, 6, 8]), (560, [0, 200, 400, 600])],
)
def test_an_axis_reaches_what_there_is(most: int, wanted: list[int]) -> None:
    assert steps(most) == wanted


def test_rings_of_an_outline() -> None:
    path = "M 0 -10 L 5 -10 5 -5 Z M 1 -9 L 2 -9 2 -8 Z"
    assert list(rings(path)) == [[(0, -10), (5, -10), (5, -5)], [(1, -9), (2, -9), (2, -8)]]


def test_a_province_without_a_letterhead_issues_itself(tmp_path: Path) -> None:
    settings = (PROVINCES / "quang-nam" / "province.toml").read_text()
    whole = re.sub(r"\[brief\].*?(?=\n# Only the demo)", "", settings, flags=re.S)
    assert "[brief]" not in whole
    head = read(tmp_path, whole).letterhead
    assert head.issuer == Text("Tỉnh Quảng Nam", "Quang Nam Province")
    assert head.parent is None
    assert head.recipients == ()


def test_a_letterhead_that_breaks_its_rule_is_refused(tmp_path: Path) -> None:
    settings = (PROVINCES / "quang-nam" / "province.toml").read_text()
    with pytest.raises(ProvinceError, match=r"symbol 'B C'.*no space"):
        read(tmp_path, settings.replace('"BC-BCĐ"', '"B C"'))
    with pytest.raises(ProvinceError, match="recipients must be"):
        read(tmp_path, settings.replace('{ vi = "Lưu: VT", en = "Archive" }', '"Lưu"'))


def read(folder: Path, settings: str) -> Province:
    """A province with these settings and the data files of another."""
    for file in (PROVINCES / "quang-nam").iterdir():
        (folder / file.name).unlink(missing_ok=True)
        (folder / file.name).symlink_to(file)
    (folder / "province.toml").unlink()
    (folder / "province.toml").write_text(settings)
    return load_province(folder)
