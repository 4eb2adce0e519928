"""Files of reports: drawn by a process of their own, a few at a time in a worker."""

from __future__ import annotations

import asyncio
import csv
from io import StringIO
from weakref import WeakKeyDictionary

from api.drawing import drawn
from api.problems import Problem
from api.reports.page import Grid, Paper
from api.services import Services
from layers.database import Database

_BUSY = Problem(
    503,
    "Đang có quá nhiều báo cáo được lập; hãy thử lại ngay sau. / Too many reports are being made;"
    " try again soon.",
    headers={"Retry-After": "3"},
)


class Maker:
    """Makes the files of a worker, one at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def file(self, served: Services, form: str, paper: Paper) -> bytes:
        """The report as `pdf` or `xlsx`.

        Raises:
            Problem: 503, too many wait.
            NotDrawn: it could not be made.
        """
        if self._waiting >= served.settings.report_waiting:
            raise _BUSY
        self._waiting += 1
        try:
            async with self._turn:
                return await drawn("api.reports", (form, paper), served.settings.report_seconds)
        finally:
            self._waiting -= 1


_makers: WeakKeyDictionary[Database, Maker] = WeakKeyDictionary()


def maker(served: Services) -> Maker:
    """The worker's own."""
    return _makers.setdefault(served.database, Maker())


def as_csv(grid: Grid) -> str:
    """A table as CSV: numbers and times as machines have them, with its heads."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(grid.heads)
    for row in grid.rows:
        writer.writerow("" if value is None else _plain(value) for value in row)
    return out.getvalue()


def _plain(value: object) -> object:
    """A text is never a formula, whoever wrote it."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
        return f"'{value}"
    return value
