"""Events in GeoParquet files, counted part by part: what is too many for one database.

An archive is a folder of files as `dieuhanh export` writes them, of one layer. Each part, some row
groups of a file, is counted by itself into a small table; tables add up. Parts are counted one
after another, or by the workers of a Dask scheduler, which read the same folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from layers.analysis.results import Progress
from layers.writing.plan import GEOMETRY
from spatial.cql2.arrow import arrow_filter
from spatial.cql2.parts import properties
from spatial.cql2.types import Expression
from spatial.errors import BadInput
from spatial.projecting import DEGREES, projected
from spatial.stats.grid import Grid
from spatial.temporal import Interval

PART_ROWS = 500_000
"""Rows of a part, about 150 MB while it is counted."""

_POINT = np.dtype(
    {"names": ["x", "y"], "formats": ["<f8", "<f8"], "offsets": [5, 13], "itemsize": 21}
)
"""A point in well-known binary, little-endian."""


@dataclass(frozen=True)
class Part:
    """Row groups of a file."""

    path: str
    groups: tuple[int, ...]


@dataclass(frozen=True)
class Ask:
    """What is counted.

    Attributes:
        expression: of the filter, as CQL2 JSON.
        interval: of the time column.
        grid: its cells are a key, `cell`, −1 outside; rows without the value do not count.
        srid: of the grid.
        code: the column that is a key.
        moment: the time column.
        period: `day`, `week` or `month`, whose first day is a key, by the clocks of `zone`.
        value: a numeric column that is added up.
    """

    expression: Expression | None = None
    interval: Interval | None = None
    grid: Grid | None = None
    srid: int = 0
    code: str | None = None
    moment: str | None = None
    period: str | None = None
    zone: str = "UTC"
    value: str | None = None

    @property
    def keys(self) -> list[str]:
        """The columns of a table that say what was counted."""
        found = ["cell"] if self.grid is not None else []
        return [*found, *(["code"] if self.code else []), *(["start"] if self.period else [])]


@dataclass(frozen=True)
class Archive:
    """A folder of GeoParquet files of one layer, or one file.

    Attributes:
        path: of the folder or file.
        scheduler: the address of a Dask scheduler; None: the parts are counted here.
    """

    path: Path
    scheduler: str | None = None

    @cached_property
    def files(self) -> list[Path]:
        """The files, by name.

        Raises:
            BadInput: there is none.
        """
        found = sorted(self.path.rglob("*.parquet")) if self.path.is_dir() else [self.path]
        if not found or not found[0].is_file():
            raise BadInput(
                f"{self.path} holds no .parquet file", f"{self.path} không có tệp .parquet nào"
            )
        return found

    @cached_property
    def _heads(self) -> list[pq.FileMetaData]:
        heads = []
        for file in self.files:
            try:
                heads.append(pq.read_metadata(file))
            except (OSError, pa.ArrowInvalid) as error:
                said = str(error).splitlines()[0]
                raise BadInput(f"{file}: {said}", f"{file}: {said}") from None
        return heads

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns, of the first file; all files have the same."""
        schemas = [head.schema.to_arrow_schema().remove_metadata() for head in self._heads]
        for file, schema in zip(self.files, schemas, strict=True):
            if not schema.equals(schemas[0]):
                raise BadInput(
                    f"{file} has other columns than {self.files[0].name}",
                    f"{file} có các cột khác với {self.files[0].name}",
                )
        return schemas[0]

    @property
    def rows(self) -> int:
        """The number of events."""
        return sum(head.num_rows for head in self._heads)

    @cached_property
    def version(self) -> str:
        """A digest of the files' names and footers, which tell where all of their data lies."""
        digest = hashlib.sha256()
        for file, head in zip(self.files, self._heads, strict=True):
            digest.update(f"{file.name} {file.stat().st_size}\n".encode())
            with file.open("rb") as opened:
                opened.seek(-head.serialized_size - 8, 2)
                digest.update(opened.read())
        return digest.hexdigest()

    @cached_property
    def parts(self) -> list[Part]:
        """The files in parts."""
        parts = []
        for file, head in zip(self.files, self._heads, strict=True):
            groups: list[int] = []
            rows = 0
            for group in range(head.num_row_groups):
                groups.append(group)
                rows += head.row_group(group).num_rows
                if rows >= PART_ROWS or group == head.num_row_groups - 1:
                    parts.append(Part(str(file), tuple(groups)))
                    groups, rows = [], 0
        return parts

    def counted(self, ask: Ask, step: Progress) -> pa.Table:
        """Counts over all parts: the keys of the question, `n`, and `sum` where a value is asked.

        Sums are added in the order of the parts, whoever counts them.

        Args:
            step: told the done share of the parts.

        Raises:
            BadInput: the archive lacks a column, or the filter cannot be tested here.
            OSError: a file, or the scheduler, cannot be reached.
        """
        self._check(ask)
        whole: pa.Table | None = None
        tables = self._here(ask) if self.scheduler is None else self._by_workers(ask)
        for done, table in enumerate(tables, 1):
            whole = table if whole is None else _added([whole, table], ask)
            step(done / len(self.parts))
        assert whole is not None
        return whole.sort_by([(key, "ascending") for key in ask.keys]) if ask.keys else whole

    def _check(self, ask: Ask) -> None:
        for name in (ask.code, ask.moment, ask.value, GEOMETRY if ask.grid is not None else None):
            if name is not None and name not in self.schema.names:
                raise BadInput(
                    f"the archive has no column {name!r}", f"kho lưu không có cột {name!r}"
                )
        if ask.expression is not None:
            arrow_filter(ask.expression, self.schema)

    def _here(self, ask: Ask) -> Iterator[pa.Table]:
        for part in self.parts:
            yield count_part(part, ask)

    def _by_workers(self, ask: Ask) -> Iterator[pa.Table]:
        # An optional extra, and 30 MB.
        from distributed import Client, as_completed

        with Client(self.scheduler, set_as_default=False) as client:
            shared = client.scatter(ask, broadcast=True)
            futures = client.map(_sent_part, self.parts, ask=shared, pure=False)
            number = {future.key: place for place, future in enumerate(futures)}
            waiting: dict[int, bytes] = {}
            turn = 0
            for future, octets in as_completed(futures, with_results=True, loop=client.loop):
                waiting[number[future.key]] = octets
                future.release()
                while turn in waiting:
                    yield pa.ipc.open_stream(waiting.pop(turn)).read_all()
                    turn += 1


def count_part(part: Part, ask: Ask) -> pa.Table:
    """The counts of one part: pure, for any process that reads the file."""
    file = pq.ParquetFile(part.path)
    names = _columns(ask, file.schema_arrow)
    counts = []
    for batch in file.iter_batches(row_groups=list(part.groups), columns=names, batch_size=100_000):
        table = _selected(pa.Table.from_batches([batch]), ask)
        columns: dict[str, Any] = {}
        if ask.grid is not None:
            where = _metres(table[GEOMETRY].combine_chunks(), ask.srid)
            columns["cell"] = ask.grid.locate(where)
        if ask.code is not None:
            columns["code"] = table[ask.code]
        if ask.period is not None:
            columns["start"] = _starts(table[ask.moment], ask)
        columns["n"] = np.ones(len(table), dtype=np.int64)
        if ask.value is not None:
            columns["sum"] = pc.cast(table[ask.value], pa.float64())
        counts.append(_grouped(pa.table(columns), ask))
    return _added(counts, ask)


def _sent_part(part: Part, ask: Ask) -> bytes:
    # A table's own buffers would arrive unaligned.
    table = count_part(part, ask)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _columns(ask: Ask, schema: pa.Schema) -> list[str]:
    wanted = {ask.code, ask.value, ask.moment, GEOMETRY if ask.grid is not None else None}
    if ask.expression is not None:
        wanted |= properties(ask.expression)
    return [name for name in schema.names if name in wanted] or schema.names[:1]


def _selected(table: pa.Table, ask: Ask) -> pa.Table:
    if ask.expression is not None:
        table = table.filter(arrow_filter(ask.expression, table.schema))
    if ask.moment is not None:
        table = table.filter(pc.field(ask.moment).is_valid())
    if ask.moment is not None and ask.interval is not None:
        if ask.interval.start is not None:
            table = table.filter(pc.field(ask.moment) >= pc.scalar(ask.interval.start))
        if ask.interval.end is not None:
            table = table.filter(pc.field(ask.moment) <= pc.scalar(ask.interval.end))
    for name in (ask.code, ask.value if ask.grid is not None else None):
        if name is not None:
            table = table.filter(pc.field(name).is_valid())
    return table


def _metres(octets: pa.Array, srid: int) -> NDArray[np.float64]:
    """Points in metres of shapes in well-known binary, longitude first."""
    ends = np.frombuffer(octets.buffers()[1], np.int32)[octets.offset :][: len(octets) + 1]
    if len(octets) and (np.diff(ends) == _POINT.itemsize).all():
        found = np.frombuffer(octets.buffers()[2], np.uint8)[ends[0] : ends[-1]]
        rows = found.view(_POINT)
        degrees = np.column_stack((rows["x"], rows["y"]))
    else:
        shapes = shapely.from_wkb(octets.to_numpy(zero_copy_only=False))
        degrees = shapely.get_coordinates(shapely.point_on_surface(shapes))
    return projected(degrees, DEGREES, srid)


def _starts(moments: pa.ChunkedArray, ask: Ask) -> pa.ChunkedArray:
    local = pc.local_timestamp(pc.cast(moments, pa.timestamp("us", tz=ask.zone)))
    return pc.cast(pc.floor_temporal(local, unit=ask.period), pa.date32())


def _grouped(table: pa.Table, ask: Ask) -> pa.Table:
    names = ["n", *(["sum"] if ask.value is not None else [])]
    summed = table.group_by(ask.keys, use_threads=False).aggregate([(one, "sum") for one in names])
    return summed.rename_columns(
        {**{key: key for key in ask.keys}, **{f"{one}_sum": one for one in names}}
    ).select([*ask.keys, *names])


def _added(tables: Sequence[pa.Table], ask: Ask) -> pa.Table:
    return _grouped(pa.concat_tables(tables), ask)
