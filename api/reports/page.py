"""What stands on a report, ready for every form of it: page, workbook, document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from api.brief.page import Heading

Value = str | int | float | date | datetime | None
"""A cell; instants are of the province's zone, without it, as workbooks have them."""

WIDE = 8
"""Columns of a table above which the document lies on its side."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Attributes:
        kinds: of the columns, as of `layers.reports.record.Kind`.
        rows, totals: values, for a workbook.
        said, said_totals: the same in letters.
        note: stands below.
    """

    name: str
    title: str
    heads: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    said: tuple[tuple[str, ...], ...]
    totals: tuple[Value, ...] | None = None
    said_totals: tuple[str, ...] | None = None
    note: str = ""

    def is_number(self, at: int) -> bool:
        """Whether a column holds numbers."""
        return self.kinds[at] in ("count", "number", "percent")


@dataclass(frozen=True, slots=True)
class Paper:
    """A report.

    Attributes:
        marked: stands at the top where the data is made up; empty: it is not.
        facts: of when the numbers are, whether and by whom they were sent.
        grids: the tables of the report; `appendix`: who entered what, and what is missing.
        words: of the row's number, of totals, of an empty table, of an appendix.
    """

    language: str
    heading: Heading
    marked: str
    facts: tuple[str, ...]
    grids: tuple[Grid, ...]
    appendix: tuple[Grid, ...]
    words: dict[str, str]
    recipients_title: str
    recipients: tuple[str, ...]
    signer: tuple[str, ...]
    made: datetime

    @property
    def is_wide(self) -> bool:
        """Whether it lies on its side."""
        return any(len(grid.heads) > WIDE for grid in self.grids)
