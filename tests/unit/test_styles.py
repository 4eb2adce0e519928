"""The styles of the layers: every layer has one, and it speaks of what the layer's record says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from layers.catalogue import CATALOGUE
from layers.layer import Layer
from layers.tiles import tile_properties

STYLES = Path(__file__).resolve().parents[2] / "styles"
LAYERS = list(CATALOGUE.values())
VIETNAMESE = "ăâđêôơưĂÂĐÊÔƠƯáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ–“”₫"


@cache
def style_of(layer_id: str) -> dict[str, Any]:
    """A layer's style."""
    found: dict[str, Any] = json.loads((STYLES / f"{layer_id}.json").read_text())
    return found


@cache
def symbols() -> dict[str, Any]:
    """The places of the symbols in the sprite."""
    found: dict[str, Any] = json.loads((STYLES / "sprite.json").read_text())
    return found


def expressions(value: Any) -> Iterator[list[Any]]:
    """Every expression inside a value of a style."""
    if isinstance(value, list):
        yield value
        for part in value:
            yield from expressions(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from expressions(part)


def properties_read(style: dict[str, Any]) -> set[str]:
    """The feature properties that a style looks at."""
    return {one[1] for one in expressions(style["layers"]) if one[:1] in (["get"], ["has"])}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_each_layer_has_a_style_of_its_own_tiles(layer: Layer) -> None:
    style = style_of(layer.id)
    assert style["version"] == 8
    url = f"/ogc/collections/{layer.id}/tiles/WebMercatorQuad?f=tilejson"
    assert style["sources"] == {layer.id: {"type": "vector", "url": url}}
    assert {part.get("source-layer") for part in style["layers"]} <= {layer.id, None}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_a_style_reads_only_what_tiles_carry(layer: Layer) -> None:
    assert properties_read(style_of(layer.id)) <= {*tile_properties(layer), "n"}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_a_style_compares_with_codes_of_the_record_only(layer: Layer) -> None:
    for one in expressions(style_of(layer.id)["layers"]):
        if one[0] != "match" or one[1][0] != "get":
            continue
        codes = layer.column(one[1][1]).codes
        assert codes is not None
        labels = one[2:-1:2]
        values = {
            value for label in labels for value in ([label] if label == str(label) else label)
        }
        assert values <= set(codes.values), f"{layer.id}: {values - set(codes.values)}"


@pytest.mark.parametrize("layer", [one for one in LAYERS if one.is_point], ids=lambda one: one.id)
def test_points_are_drawn_single_and_clustered(layer: Layer) -> None:
    parts = style_of(layer.id)["layers"]
    clusters = [part for part in parts if part.get("filter") == ["has", "n"]]
    singles = [part for part in parts if part.get("filter") == ["!", ["has", "n"]]]
    assert {part["type"] for part in clusters} == {"circle", "symbol"}
    assert any("icon-image" in part["layout"] for part in singles)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_the_legend_names_symbols_in_both_languages(layer: Layer) -> None:
    legend = style_of(layer.id)["metadata"]["dieuhanh:legend"]
    assert legend
    for line in legend:
        assert line["label"]["vi"]
        assert line["label"]["en"]
        assert line.get("icon") in symbols() or line["color"].startswith("#")


def test_every_state_of_a_request_for_help_has_a_symbol() -> None:
    record = CATALOGUE["sos_requests"]
    codes = record.column("priority").codes
    assert codes is not None
    for priority in codes.values:
        assert f"sos-{priority}" in symbols()
        assert f"sos-{priority}-working" in symbols()


def test_no_style_without_a_layer() -> None:
    files = {path.stem for path in STYLES.glob("*.json") if not path.stem.startswith("sprite")}
    assert files == set(CATALOGUE)


def test_sprites_of_both_sizes_hold_every_symbol() -> None:
    drawn = {path.stem for path in (STYLES / "symbols").glob("*.svg")}
    double = json.loads((STYLES / "sprite@2x.json").read_text())
    assert set(symbols()) == set(double) == drawn
    for name, place in symbols().items():
        assert double[name]["width"] == 2 * place["width"]


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protocol-buffers message: numbers, and blocks of bytes."""
    at = 0

    def varint() -> int:
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        else:
            assert key & 7 == 2
            length = varint()
            yield key >> 3, message[at : at + length]
            at += length


def letters(font: str) -> dict[int, dict[int, int | bytes]]:
    """The glyphs of a font by code point, each with its fields by their numbers."""
    found: dict[int, dict[int, int | bytes]] = {}
    for path in (STYLES / "fonts" / font).glob("*.pbf"):
        first, last = map(int, path.stem.split("-"))
        (_, stack), *rest = fields(path.read_bytes())
        assert rest == []
        assert isinstance(stack, bytes)
        for tag, value in fields(stack):
            if tag == 3 and isinstance(value, bytes):
                glyph = dict(fields(value))
                code = glyph[1]
                assert isinstance(code, int)
                assert first <= code <= last
                found[code] = glyph
            elif tag == 1:
                assert value == font.encode()
    return found


@pytest.mark.parametrize(
    "font",
    sorted(
        {
            unquote(font)
            for layer in LAYERS
            for part in style_of(layer.id)["layers"]
            for font in part.get("layout", {}).get("text-font", [])
        }
    ),
)
def test_fonts_of_labels_have_every_vietnamese_letter(font: str) -> None:
    have = letters(font)
    assert {letter for letter in VIETNAMESE if ord(letter) not in have} == set()
    for code, glyph in have.items():
        bitmap, width, height = glyph.get(2, b""), glyph[3], glyph[4]
        assert isinstance(bitmap, bytes)
        assert isinstance(width, int)
        assert isinstance(height, int)
        expected = (width + 6) * (height + 6) if width and height else 0
        assert len(bitmap) == expected, chr(code)
    # Inside a stroke of the letter the field is above its edge (191), at its border below.
    stem = have[ord("l")][2]
    assert isinstance(stem, bytes)
    assert max(stem) > 191 > min(stem)
