"""The form that communes' reports come in: a row for each commune, a column for each day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from layers.importing.columns import COMMUNE, fold
from layers.importing.problems import ImportFailed, Problem
from layers.importing.source import TABLES, open_source
from layers.layer import Text
from layers.outbreaks.registers import MOST_CASES
from spatial.errors import shown

KEPT = 500
"""Problems that are told; all of them are counted."""

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?")
_LOCAL = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?")
_NUMBER = Text("phải là số nguyên từ 0 đến 100.000", "must be a whole number from 0 to 100,000")
_UNKNOWN = Text("không có xã, phường này", "there is no such commune")


@dataclass(slots=True)
class Form:
    """A form that has been read.

    Attributes:
        rows: of line, commune, day and the number, as `dieuhanh.report_cases` takes them.
        bad: cells and rows with a problem.
        problems: the first of them.
        heads: the form's names of the days.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    bad: int = 0
    problems: list[Problem] = field(default_factory=list)
    heads: dict[date, str] = field(default_factory=dict)

    def fault(self, line: int, column: str | None, value: Any, rule: Text) -> None:
        """Note what is wrong with a cell."""
        self.bad += 1
        if len(self.problems) < KEPT:
            told = "" if value is None else shown(value)
            self.problems.append(Problem(line, column, told, rule))


def day_of(head: str, today: date) -> date | None:
    """The day that a head names: `2021-08-15`, `15/8/2021`, or `15/8`, the last such day."""
    if found := _ISO.fullmatch(head):
        year, month, day = map(int, found.groups())
    elif found := _LOCAL.fullmatch(head):
        day, month = int(found[1]), int(found[2])
        year = int(found[3]) if found[3] else today.year
        if not found[3] and (month, day) > (today.month, today.day):
            year -= 1
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_form(
    path: Path, measure: str, communes: Iterable[tuple[str, str]], today: date, most: int
) -> Form:
    """Read a form: what is reported of each commune and day; empty cells report nothing.

    Args:
        path: .xlsx or .csv.
        measure: what its numbers are: a column of the register of case reports.
        communes: codes and names.
        most: numbers at most.

    Raises:
        ImportFailed: the file as a whole is no such form.
    """
    if path.suffix.lower() not in TABLES:
        raise ImportFailed("the file must be .xlsx or .csv", "tệp phải là .xlsx hoặc .csv")

    def score(names: Iterable[str]) -> int:
        names = list(names)
        return sum(day_of(name, today) is not None or fold(name) in COMMUNE for name in names)

    with open_source(path, None, score) as source:
        days = {name: day for name in source.fields if (day := day_of(name, today))}
        places = [name for name in source.fields if fold(name) in COMMUNE]
        if not days or not places:
            raise ImportFailed(
                "the form needs a column of communes and columns named by days, e.g. 15/08/2021",
                "biểu cần cột xã, phường và các cột mang tên ngày, ví dụ 15/08/2021",
            )
        if len(set(days.values())) < len(days):
            raise ImportFailed("a day has two columns", "có ngày được ghi ở hai cột")
        form = Form(heads={day: name for name, day in days.items()})
        words = _words(communes)
        for row in islice(source.rows, most + 1):
            _take(form, row, measure, days, places, words)
            if len(form.rows) > most:
                raise ImportFailed(
                    f"the form has more than {most:,} numbers", f"biểu có hơn {most:,} số liệu"
                )
    if not form.rows and not form.bad:
        raise ImportFailed("the form reports nothing", "biểu không có số liệu nào")
    return form


def _take(
    form: Form,
    row: Any,
    measure: str,
    days: Mapping[str, date],
    places: list[str],
    words: Mapping[str, str],
) -> None:
    """A row of the form; one without any number, such as a line of notes, reports nothing."""
    cells = {name: row.values.get(name) for name in days}
    if all(cell is None or str(cell).strip() == "" for cell in cells.values()):
        return
    given = [str(row.values[name]) for name in places if row.values.get(name) is not None]
    commune = next((words[word] for one in given if (word := fold(one)) in words), None)
    if commune is None:
        if given and fold(given[0]).startswith(("tong", "cong", "total")):
            return
        form.fault(row.line, places[0], given[0] if given else None, _UNKNOWN)
        return
    for name, cell in cells.items():
        if cell is None or str(cell).strip() == "":
            continue
        number = _whole(cell)
        if number is None:
            form.fault(row.line, name, cell, _NUMBER)
            continue
        form.rows.append(
            {"line": row.line, "commune": commune, "day": days[name].isoformat(), measure: number}
        )


def _whole(cell: Any) -> int | None:
    try:
        number = float(str(cell).strip())
    except ValueError:
        return None
    return int(number) if number.is_integer() and 0 <= number <= MOST_CASES else None


def _words(communes: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a form may write for a commune: its code, and its name if no other has it."""
    words: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    for code, name in communes:
        names.setdefault(fold(name), []).append(code)
        words[fold(code)] = code
    return {word: codes[0] for word, codes in names.items() if len(codes) == 1} | words
