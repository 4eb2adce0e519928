"""The reader of an archive: counts come from the files, units from the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.analysis.archive import Archive, Ask
from layers.analysis.inputs import Inputs
from layers.analysis.reading import Reader
from layers.analysis.results import Progress
from layers.analysis.snapshot import Floats
from layers.province import Province
from layers.roles import Caller
from spatial.cql2 import parse_filter
from spatial.errors import BadInput
from spatial.stats.grid import Grid


class ArchiveReader(Reader):
    """Counts events of an archive for processes that work on counts."""

    def __init__(
        self,
        archive: Archive,
        step: Progress,
        connection: Any,
        province: Province,
        caller: Caller,
        inputs: Inputs,
        versions: Mapping[str, int],
        rasters: Path | None,
    ) -> None:
        super().__init__(connection, province, caller, inputs, versions, rasters)
        self._archive, self._step = archive, step
        self._filter = None if inputs.filter is None else parse_filter(inputs.filter, "cql2-text")

    def points(self, *columns: str, in_any_order: bool = False) -> tuple[Floats, Floats]:
        """Refused: an archive gives counts alone."""
        raise self._refused()

    def named(self) -> tuple[list[str], Floats, list[str]]:
        """Refused: an archive gives counts alone."""
        raise self._refused()

    def _refused(self) -> BadInput:
        return BadInput(
            "this process needs each event by itself, and an archive gives counts",
            "quy trình này cần từng sự kiện, mà kho lưu chỉ cho số đếm",
        )

    def binned(self, grid: Grid, value: str | None = None) -> tuple[NDArray[np.int64], Floats, int]:
        """See `Reader.binned`."""
        if value is not None:
            self.check_numeric(value)
        found = self._counted(grid=grid, srid=self.province.metric_srid, value=value)
        cell, n = found["cell"].to_numpy(), found["n"].to_numpy()
        inside = cell >= 0
        counts = np.zeros(len(grid), dtype=np.int64)
        counts[cell[inside]] = n[inside]
        sums = np.full(len(grid), np.nan)
        if value is not None:
            sums[:] = 0.0
            sums[cell[inside]] = found["sum"].to_numpy()[inside]
        return counts, sums, int(n[~inside].sum())

    def daily(self, grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """See `Reader.daily`."""
        found = self._counted(
            grid=grid, srid=self.province.metric_srid, moment=self._moment(), period="day"
        )
        cell, n = found["cell"].to_numpy(), found["n"].to_numpy()
        inside = cell >= 0
        days = np.array([day.toordinal() for day in found["start"].to_pylist()], dtype=np.int64)
        return cell[inside], days[inside], n[inside]

    def counted(
        self, level: str, value: str | None = None, period: str | None = None
    ) -> list[tuple[str, int, float | None, date | None]]:
        """See `Reader.counted`."""
        if value is not None:
            self.check_numeric(value)
        found = self._counted(
            code=self.unit_column(level),
            value=value,
            moment=None if period is None else self._moment(),
            period=period,
        )
        missing = [None] * len(found)
        return list(
            zip(
                found["code"].to_pylist(),
                found["n"].to_pylist(),
                missing if value is None else found["sum"].to_pylist(),
                missing if period is None else found["start"].to_pylist(),
                strict=True,
            )
        )

    def _moment(self) -> str:
        if not self.layer.time_columns:
            raise BadInput(
                f"the layer {self.layer.id} has no time",
                f"lớp {self.layer.id} không có cột thời gian",
            )
        return self.layer.time_columns[0]

    def _counted(self, **wanted: Any) -> Any:
        if self.query.interval is not None:
            if len(self.layer.time_columns) != 1:
                raise BadInput(
                    "datetime over an archive needs a layer with one time column",
                    "datetime trên kho lưu cần lớp có một cột thời gian",
                )
            wanted["moment"] = self._moment()
        ask = Ask(
            expression=self._filter,
            interval=self.query.interval,
            zone=self.province.time_zone.key,
            **wanted,
        )
        # What is left of the work takes little beside the counting.
        return self._archive.counted(ask, lambda done: self._step(done / 2))
