"""What is wrong with a file, or with one of its rows."""

from __future__ import annotations

from dataclasses import dataclass

from layers.layer import Text
from spatial.errors import BadInput


class ImportFailed(BadInput):
    """The file as a whole cannot be imported."""


class Fault(ValueError):
    """A value breaks a rule of its column."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.reason = Text(vi, en)


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot be written, and why.

    Attributes:
        line: the line of a CSV, the row of a sheet, or the number of the feature from 1.
        column: as the file names it; None when the row as a whole is at fault.
        value: as the file has it.
    """

    line: int
    column: str | None
    value: str
    reason: Text
