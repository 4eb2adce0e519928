"""Files of a form with known columns: every row read, or told with its problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from layers.importing.columns import fold
from layers.importing.problems import ImportFailed, Problem
from layers.importing.source import Row, open_source
from layers.layer import Text

KEPT = 1_000
"""Problems kept in memory; all rows that have some are counted."""
T = TypeVar("T")
ReadRow = Callable[[Row, dict[str, str]], tuple[T | None, list[Problem]]]
"""Reads a row, given the file's column of each column of the form."""


@dataclass(frozen=True, slots=True)
class Form:
    """The columns of a form.

    Attributes:
        titles: of each column; a file may name it by either, by its own name, and without accents.
        required: columns that a file must have.
        setting: names the limit of rows, for whoever reaches it.
    """

    titles: Mapping[str, Text]
    required: Sequence[str]
    setting: str

    def _aliases(self, name: str) -> tuple[str, ...]:
        title = self.titles[name]
        return fold(name), fold(title.vi), fold(title.en)

    def score(self, names: Iterable[str]) -> int:
        """How many of these heads are of the form's columns."""
        known = {alias for name in self.titles for alias in self._aliases(name)}
        return len({fold(name) for name in names} & known)

    def match(self, fields: Sequence[str]) -> dict[str, str]:
        """The file's column of each column of the form.

        Raises:
            ImportFailed: a required one is missing.
        """
        folded: dict[str, str] = {}
        for one in fields:
            folded.setdefault(fold(one), one)
        columns = {
            name: next(folded[alias] for alias in self._aliases(name) if alias in folded)
            for name in self.titles
            if any(alias in folded for alias in self._aliases(name))
        }
        missing = [self.titles[name] for name in self.required if name not in columns]
        if missing:
            raise ImportFailed(
                f"the file lacks columns: {', '.join(one.en for one in missing)}",
                f"tệp thiếu các cột: {', '.join(one.vi for one in missing)}",
            )
        return columns


@dataclass(slots=True)
class ReadForm(Generic[T]):
    """A form as it was read.

    Attributes:
        rows: of the file.
        read: what came of those without a problem, in order.
        bad: rows with a problem.
        problems: the first of them.
        ignored: columns that are none of the form's.
    """

    rows: int = 0
    read: list[T] = field(default_factory=list)
    bad: int = 0
    problems: list[Problem] = field(default_factory=list)
    ignored: tuple[str, ...] = ()


def read_rows(path: Path, form: Form, read_row: ReadRow[Any], most: int) -> ReadForm[Any]:
    """Read a CSV or XLSX file.

    Args:
        most: rows at most.

    Raises:
        ImportFailed: it cannot be read, lacks a column, is empty or has too many rows.
    """
    with open_source(path, None, form.score) as source:
        columns = form.match(source.fields)
        used = set(columns.values())
        found: ReadForm[Any] = ReadForm(
            ignored=tuple(one for one in source.fields if one and one not in used)
        )
        for row in source.rows:
            found.rows += 1
            if found.rows > most:
                raise ImportFailed(
                    f"the file has more than {most} rows ({form.setting})",
                    f"tệp có hơn {most} dòng ({form.setting})",
                )
            read, problems = read_row(row, columns)
            if read is not None:
                found.read.append(read)
            else:
                found.bad += 1
                found.problems.extend(problems[: KEPT - len(found.problems)])
    if found.rows == 0:
        raise ImportFailed("the file has no rows", "tệp không có dòng dữ liệu nào")
    return found
