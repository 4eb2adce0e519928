"""Legends: values and their colours, for programs and as a drawing."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from layers.rasters.raster import Raster

_ROW, _SWATCH, _LEFT = 22, 28, 8


def label_of(value: float, lang: str) -> str:
    """A number as people of the language write it, four digits of it."""
    text = f"{float(f'{value:.4g}'):,.10g}" if abs(value) < 1e15 else f"{value:.3g}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text


def entries(raster: Raster, lang: str) -> list[dict[str, Any]]:
    """Values from the lowest, each with its colour and what people read beside it."""
    return [
        {"value": value, "color": colour, "label": label_of(value, lang) if name is None else name}
        for value, colour, name in raster.style.legend()
    ]


def svg(raster: Raster, lang: str) -> bytes:
    """The legend as a drawing: the highest value on top, or the classes one below the other."""
    rows = entries(raster, lang)
    if not raster.style.is_categorical:
        rows.reverse()
    title = raster.title.in_language(lang)
    if raster.unit:
        title = f"{title} ({raster.unit})"
    width = max(_LEFT * 3 + _SWATCH + 8 * max(len(one["label"]) for one in rows), 9 * len(title))
    height = _ROW * (len(rows) + 1) + 2 * _LEFT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="{_ROW}" font-weight="bold" fill="#1f2933">{escape(title)}</text>',
    ]
    for number, one in enumerate(rows, 1):
        top = number * _ROW + _LEFT
        parts += [
            f'<rect x="{_LEFT}" y="{top}" width="{_SWATCH}" height="{_ROW - 2}"'
            f' fill="{one["color"]}" stroke="#8896a5" stroke-width="0.5"/>',
            f'<text x="{_LEFT * 2 + _SWATCH}" y="{top + 15}" fill="#1f2933">'
            f"{escape(one['label'])}</text>",
        ]
    return "".join([*parts, "</svg>"]).encode()
