"""Requests to start from, made from a layer's record: each works as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from layers.layer import Layer, Text, sql_type
from layers.province import Province


@dataclass(frozen=True, slots=True)
class Example:
    """A request, what it asks, and the filter in it for people to read.

    Attributes:
        page: the address of its HTML page, below the server's own.
        address: the whole address for a program.
    """

    title: Text
    filter: str
    page: str
    address: str


def examples(layer: Layer, province: Province, origin: str) -> list[Example]:
    """CQL2 filters on a layer's own columns, codes, time and area."""
    found = [*_codes(layer), *_texts(layer), *_numbers(layer), *_times(layer)]
    found += _areas(layer, province)
    return [_example(layer, origin, title, text) for title, text in found]


def _example(layer: Layer, origin: str, title: Text, text: str) -> Example:
    path = f"/ogc/collections/{layer.id}/items"
    query = urlencode({"filter": text})
    return Example(title, text, f"{path}?{query}", f"{origin}{path}?{query}&limit=1000&f=json")


def _codes(layer: Layer) -> list[tuple[Text, str]]:
    name = layer.class_column
    codes = layer.column(name).codes if name else None
    if name is None or codes is None or len(codes.codes) < 2:
        return []
    first, second = codes.codes[:2]
    return [
        (
            Text(
                f"{layer.column(name).title.vi}: {first.title.vi} hoặc {second.title.vi}",
                f"{layer.column(name).title.en}: {first.title.en} or {second.title.en}",
            ),
            f"{name} IN ('{first.value}', '{second.value}')",
        )
    ]


def _texts(layer: Layer) -> list[tuple[Text, str]]:
    named = [c.name for c in layer.readable() if c.in_search and c.name == layer.title_column]
    return [
        (
            Text(
                "Tìm trong tên, không phân biệt hoa thường và dấu",
                "Search the name, whatever the case and accents",
            ),
            f"CASEI(ACCENTI({name})) LIKE CASEI(ACCENTI('%tam%'))",
        )
        for name in named
    ]


def _numbers(layer: Layer) -> list[tuple[Text, str]]:
    names = [
        c.name
        for c in layer.readable()
        if c.unit is not None and sql_type(layer, c.name) in ("int8", "float8")
    ]
    if not names:
        return []
    title = layer.column(names[0]).title
    return [
        (
            Text(f"{title.vi} từ 10 đến 100", f"{title.en} from 10 to 100"),
            f"{names[0]} BETWEEN 10 AND 100",
        )
    ]


def _times(layer: Layer) -> list[tuple[Text, str]]:
    if not layer.time_columns or sql_type(layer, layer.time_columns[0]) != "timestamptz":
        return []
    name = layer.time_columns[0]
    title = layer.column(name).title
    return [
        (
            Text(f"{title.vi}: sau một thời điểm", f"{title.en}: after an instant"),
            f"{name} >= TIMESTAMP('2021-08-01T00:00:00Z')",
        )
    ]


def _areas(layer: Layer, province: Province) -> list[tuple[Text, str]]:
    west, south, east, north = province.bbox
    x, y = (west + east) / 2, (south + north) / 2
    box = f"{x - 0.1:.2f}, {y - 0.1:.2f}, {x + 0.1:.2f}, {y + 0.1:.2f}"
    name = layer.geometry_column
    return [
        (
            Text("Giao với một khung chữ nhật", "Meeting a box"),
            f"S_INTERSECTS({name}, BBOX({box}))",
        ),
        (
            Text("Cách một vị trí không quá 20 km", "Within 20 km of a position"),
            f"S_DWITHIN({name}, POINT({x:.2f} {y:.2f}), 20000)",
        ),
    ]
