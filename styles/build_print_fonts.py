"""Makes the letters of printed pages: `python styles/build_print_fonts.py FOLDER`.

FOLDER is an unpacked `@fontsource/tinos`, whose fonts are cut into files by script. A page wants
one file for each face, so Latin and Vietnamese are put together again. Hinting, which only coarse
screens use, is left out.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parent / "print"
SUBSETS = ("latin", "vietnamese")
FACES = {
    "Regular": "400-normal",
    "Italic": "400-italic",
    "Bold": "700-normal",
    "BoldItalic": "700-italic",
}


def build(folder: Path, face: str, name: str) -> None:
    """Write one face as `Tinos-<name>.ttf`."""
    parts = []
    for subset in SUBSETS:
        font = TTFont(folder / "files" / f"tinos-{subset}-{face}.woff2")
        font.flavor = None
        options = Options(hinting=False, layout_features=[], name_IDs=[0, 1, 2, 4, 6, 13, 14])
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=font.getBestCmap())
        subsetter.subset(font)
        part = TARGET / f".{subset}-{face}.ttf"
        font.save(part)
        parts.append(part)
    merged = Merger().merge([str(part) for part in parts])
    merged.save(TARGET / f"Tinos-{name}.ttf")
    for part in parts:
        part.unlink()


def main() -> None:
    """Write all faces, and their licence beside them."""
    folder = Path(sys.argv[1])
    TARGET.mkdir(exist_ok=True)
    for name, face in FACES.items():
        build(folder, face, name)
    (TARGET / "OFL.txt").write_bytes((folder / "LICENSE").read_bytes())


if __name__ == "__main__":
    main()
