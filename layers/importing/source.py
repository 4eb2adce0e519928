"""Files as rows: CSV, XLSX and whatever vector formats GDAL reads, a batch at a time."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from layers.importing.problems import ImportFailed
from spatial.errors import shown

BATCH = 2_000
HEADER_ROWS = 20
"""Rows of a sheet among which its head is sought: forms have titles above."""

TABLES = (".csv", ".txt", ".xlsx")
VECTORS = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".fgb")

Score = Callable[[Iterable[str]], int]
"""How many of these names are columns of the layer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file; `extra` says that it has more cells than the head."""

    line: int
    values: dict[str, Any]
    shape: Any = None
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """An open file.

    Attributes:
        fields: the names of its columns.
        crs: the CRS that the file itself names, for PROJ; None if it names none.
        has_shapes: whether its rows carry geometries of their own.
        total: how many rows there are, None if that is not known beforehand.
        rows: to be read once.
    """

    fields: tuple[str, ...]
    crs: str | None
    has_shapes: bool
    total: int | None
    rows: Iterator[Row] = field(repr=False)


@contextmanager
def open_source(path: Path, part: str | None, score: Score) -> Iterator[Source]:
    """Open a file by its ending.

    Args:
        path: .csv, .xlsx, .geojson, .gpkg, .shp, or .zip with a Shapefile.
        part: the sheet of a workbook or the layer of a GeoPackage, where there are several.
        score: tells a sheet's head from the titles above it.

    Raises:
        ImportFailed: there is no such file or part, or it cannot be read.
    """
    ending = path.suffix.lower()
    if not path.is_file():
        raise ImportFailed(f"there is no file {path}", f"không có tệp {path}")
    if ending in (".csv", ".txt"):
        with _open_csv(path) as source:
            yield source
    elif ending == ".xlsx":
        with _open_sheet(path, part, score) as source:
            yield source
    elif ending in VECTORS:
        with _open_vector(path, part) as source:
            yield source
    else:
        endings = ", ".join((*TABLES, *VECTORS))
        raise ImportFailed(
            f"the ending of {path.name} names no format; these do: {endings}",
            f"không rõ định dạng của {path.name}; các đuôi tệp dùng được: {endings}",
        )


@contextmanager
def _open_csv(path: Path) -> Iterator[Source]:
    csv.field_size_limit(1 << 27)  # the WKT of a large area
    with path.open("rb") as probe:
        mark = probe.read(2)
    encoding = "utf-16" if mark in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    with path.open(encoding=encoding, newline="") as file:
        lines = _decoded(file, path)
        head = next(lines, "")
        delimiter = max(",;\t|", key=head.count)
        reader = csv.reader(itertools.chain([head], lines), delimiter=delimiter)
        fields = tuple(name.strip() for name in next(reader, []))
        if not any(fields):
            raise ImportFailed(f"{path.name} is empty", f"tệp {path.name} trống")
        yield Source(fields, None, False, None, _csv_rows(reader, fields, path))


def _decoded(file: Any, path: Path) -> Iterator[str]:
    try:
        yield from file
    except UnicodeError:
        raise ImportFailed(
            f"{path.name} is not UTF-8; save it again as CSV UTF-8",
            f"{path.name} không phải UTF-8; hãy lưu lại dạng CSV UTF-8",
        ) from None


def _csv_rows(reader: Any, fields: tuple[str, ...], path: Path) -> Iterator[Row]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise ImportFailed(
                f"{path.name}, line {line}: {error}", f"{path.name}, dòng {line}: {error}"
            ) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield _row(line, fields, cells)


def _row(line: int, fields: tuple[str, ...], cells: Iterable[Any]) -> Row:
    cells = list(cells)
    extra = any(cell not in (None, "") for cell in cells[len(fields) :])
    values = {name: cell for name, cell in zip(fields, cells, strict=False) if name}
    return Row(line, values, extra=extra)


@contextmanager
def _open_sheet(path: Path, part: str | None, score: Score) -> Iterator[Source]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise ImportFailed(
            f"{path.name} is not an XLSX workbook: {error}",
            f"{path.name} không phải là tệp XLSX: {error}",
        ) from None
    try:
        sheet = book[_chosen(path, part, book.sheetnames, book.sheetnames[0])]
        rows = enumerate(sheet.iter_rows(values_only=True), 1)
        first = list(itertools.islice(rows, HEADER_ROWS))
        if not first:
            raise ImportFailed(
                f"the sheet {sheet.title} is empty", f"trang tính {sheet.title} trống"
            )
        heads = [tuple(_name(cell) for cell in cells) for _, cells in first]
        # The first of the rows that name most columns; without any, the first row.
        head = max(range(len(heads)), key=lambda index: (score(heads[index]), -index))
        fields = heads[head]
        below = itertools.chain(first[head + 1 :], rows)
        filled = (
            _row(line, fields, cells)
            for line, cells in below
            if any(cell not in (None, "") for cell in cells)
        )
        yield Source(fields, None, False, None, filled)
    finally:
        book.close()


def _name(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _chosen(path: Path, part: str | None, names: Iterable[str], default: str) -> str:
    names = list(names)
    if part is None:
        return default
    if part not in names:
        raise ImportFailed(
            f"{path.name} has no {shown(part)!r}; it has {', '.join(names)}",
            f"{path.name} không có {shown(part)!r}; trong tệp có {', '.join(names)}",
        )
    return part


@contextmanager
def _open_vector(path: Path, part: str | None) -> Iterator[Source]:
    # GDAL is large, and who reads sheets does without.
    import pyogrio

    address = f"/vsizip/{path}" if path.suffix.lower() == ".zip" else str(path)
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(address)]
        if not names:
            raise ImportFailed(f"{path.name} holds no layer", f"{path.name} không có lớp nào")
        if part is None and len(names) > 1:
            raise ImportFailed(
                f"{path.name} holds several layers, choose one with --sheet: {', '.join(names)}",
                f"{path.name} có nhiều lớp, hãy chọn bằng --sheet: {', '.join(names)}",
            )
        layer = _chosen(path, part, names, names[0])
        total = int(pyogrio.read_info(address, layer=layer, force_feature_count=True)["features"])
        opened = pyogrio.open_arrow(
            address, layer=layer, batch_size=BATCH, use_pyarrow=True, datetime_as_string=True
        )
        with opened as (meta, reader):
            shapes = meta["geometry_name"] or "wkb_geometry"
            if meta["geometry_type"] is None:
                shapes = ""
            fields = tuple(str(name) for name in meta["fields"])
            rows = _features(reader, fields, shapes)
            yield Source(fields, meta["crs"], bool(shapes), total, rows)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise ImportFailed(
            f"{path.name} cannot be read: {error}", f"không đọc được {path.name}: {error}"
        ) from None


def _features(reader: Any, fields: tuple[str, ...], shapes: str) -> Iterator[Row]:
    import shapely

    line = 0
    for batch in reader:
        columns = {name: batch.column(name).to_pylist() for name in fields}
        if shapes:
            octets = batch.column(shapes).to_pylist()
            geometries = shapely.from_wkb(octets, on_invalid="ignore")
        else:
            geometries = [None] * batch.num_rows
        for index, shape in enumerate(geometries):
            line += 1
            yield Row(line, {name: values[index] for name, values in columns.items()}, shape)
