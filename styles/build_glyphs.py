"""Makes the glyph files that maps draw their labels with: `python styles/build_glyphs.py`.

Reads the web fonts of `@fontsource/be-vietnam-pro` (run `npm ci` in `web/` first) and writes one
file for each font and range of 256 code points, in the glyph format of MapLibre styles: signed
distance fields at 24 pixels, 3 pixels of border, 8 pixels of distance, a quarter of it outside.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import freetype
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1]
FILES = ROOT / "web/node_modules/@fontsource/be-vietnam-pro/files"
FONTS = {"Be Vietnam Pro Regular": 400, "Be Vietnam Pro SemiBold": 600}
SUBSETS = ("latin", "vietnamese", "latin-ext")
RANGES = (0, 256, 512, 768, 7680, 8192)

SIZE = 24
BORDER = 3
RADIUS = 8
CUTOFF = 0.25
GRAIN = 4
"""Steps of the field: an eighth of a pixel, which nobody sees and which packs a quarter smaller."""
ASCENDER = 26
"""Glyph tops are told from this height above the baseline, so that capitals sit mid-line."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter: its size and place in pixels, and its distance field with the border."""

    id: int
    width: int
    height: int
    left: int
    top: int
    advance: int
    bitmap: bytes


def varint(value: int) -> bytes:
    """A number as protocol buffers write it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(tag: int, value: int) -> bytes:
    """A field of type uint32."""
    return varint(tag << 3) + varint(value)


def signed(tag: int, value: int) -> bytes:
    """A field of type sint32 (zigzag)."""
    return number(tag, value * 2 if value >= 0 else -value * 2 - 1)


def block(tag: int, value: bytes) -> bytes:
    """A field of type bytes, string or message."""
    return varint(tag << 3 | 2) + varint(len(value)) + value


def message(glyph: Glyph) -> bytes:
    """A glyph as the message of the glyph format."""
    return (
        number(1, glyph.id)
        + (block(2, glyph.bitmap) if glyph.bitmap else b"")
        + number(3, glyph.width)
        + number(4, glyph.height)
        + signed(5, glyph.left)
        + signed(6, glyph.top)
        + number(7, glyph.advance)
    )


def faces(weight: int) -> list[tuple[freetype.Face, frozenset[int]]]:
    """The subsets of a font, each with the code points it has."""
    found = []
    for subset in SUBSETS:
        font = TTFont(FILES / f"be-vietnam-pro-{subset}-{weight}-normal.woff2")
        font.flavor = None
        plain = io.BytesIO()
        font.save(plain)
        plain.seek(0)
        face = freetype.Face(plain)
        face.set_pixel_sizes(0, SIZE)
        found.append((face, frozenset(font.getBestCmap())))
    return found


def draw(face: freetype.Face, code: int) -> Glyph:
    """The glyph of a code point: FreeType's field, cut to the border and rescaled."""
    face.load_char(chr(code), freetype.FT_LOAD_NO_HINTING)
    slot = face.glyph
    advance = round(slot.linearHoriAdvance / 65536)
    if not slot.outline.points:
        return Glyph(code, 0, 0, 0, 0, advance, b"")
    slot.render(freetype.FT_RENDER_MODE_SDF)
    picture = slot.bitmap
    margin = RADIUS - BORDER
    rows = range(margin, picture.rows - margin)
    columns = range(margin, picture.width - margin)
    field = bytearray()
    for y in rows:
        for x in columns:
            inside = (picture.buffer[y * picture.pitch + x] - 128) / 128
            value = round(255 * (1 - CUTOFF + inside) / GRAIN) * GRAIN
            field.append(min(255, max(0, value)))
    return Glyph(
        code,
        len(columns) - 2 * BORDER,
        len(rows) - 2 * BORDER,
        slot.bitmap_left + RADIUS,
        slot.bitmap_top - RADIUS - ASCENDER,
        advance,
        bytes(field),
    )


def glyphs(weight: int, start: int) -> Iterator[Glyph]:
    """The glyphs that a font has in a range of 256 code points."""
    subsets = faces(weight)
    for code in range(start, start + 256):
        for face, has in subsets:
            if code in has:
                yield draw(face, code)
                break


def main() -> None:
    """Writes every file."""
    for name, weight in FONTS.items():
        folder = ROOT / "styles/fonts" / name
        folder.mkdir(parents=True, exist_ok=True)
        for start in RANGES:
            span = f"{start}-{start + 255}"
            stack = block(1, name.encode()) + block(2, span.encode())
            letters = [block(3, message(glyph)) for glyph in glyphs(weight, start)]
            (folder / f"{span}.pbf").write_bytes(block(1, stack + b"".join(letters)))
            sys.stdout.write(f"{name} {span}: {len(letters)} letters\n")


if __name__ == "__main__":
    main()
