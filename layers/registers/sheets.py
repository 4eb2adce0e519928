"""Sheets that are filled in for a register: their rows are taken all, or none and why."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from layers.importing.columns import aliases, fold
from layers.importing.problems import Fault as CellFault
from layers.importing.problems import ImportFailed, Problem
from layers.importing.source import TABLES, Row, open_source
from layers.importing.values import Reader
from layers.layer import Column, Text
from layers.province import Province
from layers.refusals import Invalid
from layers.registers.files import template_columns
from layers.registers.keeping import Keeper
from layers.registers.places import communes, places
from layers.registers.record import PLACE, Register
from layers.validation import Draft, Fault
from spatial.errors import shown

KEPT = 500
"""Problems that are told; all of them are counted."""
PIECE = 500
"""Rows that are written at a time."""


@dataclass(slots=True)
class Taken:
    """What came of a sheet.

    Attributes:
        read: its rows.
        bad: rows with a problem.
        problems: the first of them.
        ignored: the sheet's columns that the register does not have.
        written: whether the rows were written.
    """

    read: int = 0
    bad: int = 0
    problems: list[Problem] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    written: bool = False

    def note(self, found: list[Problem]) -> None:
        """Count a row with problems."""
        self.bad += 1
        self.problems += found[: KEPT - len(self.problems)]


_LOCK = 7233006


class _Undone(Exception):
    """Ends a transaction whose work is not wanted."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet that has been read: the sheet's names of the register's columns, and the rows."""

    matched: Mapping[str, str]
    ignored: tuple[str, ...]
    rows: tuple[Row, ...]


def _read(register: Register, path: Path, most: int) -> _Sheet:
    if path.suffix.lower() not in TABLES:
        raise ImportFailed("the file must be .xlsx or .csv", "tệp phải là .xlsx hoặc .csv")
    columns = template_columns(register)
    known = {alias for column in columns for alias in aliases(column)}
    with open_source(path, None, lambda names: len({fold(n) for n in names} & known)) as source:
        matched = _matched(columns, source.fields)
        _require(register, columns, matched)
        rows = tuple(islice(source.rows, most + 1))
        if len(rows) > most:
            raise ImportFailed(
                f"the sheet has more than {most:,} rows", f"trang tính có hơn {most:,} dòng"
            )
        if not rows:
            raise ImportFailed("the file has no rows", "tệp không có dòng dữ liệu nào")
        ignored = tuple(name for name in source.fields if name and name not in matched.values())
        return _Sheet(matched, ignored, rows)


async def take_sheet(
    keeper: Keeper, register: Register, province: Province, path: Path, *, most: int, dry_run: bool
) -> Taken:
    """Make a row of the register of each row of a sheet: all of them, or none.

    Args:
        path: of a .xlsx or .csv file.
        most: rows at most.
        dry_run: check everything, by the database's rules too, and write nothing.

    Raises:
        ImportFailed: the file as a whole cannot be taken.
    """
    if register.adding is None:
        raise ImportFailed(
            f"rows of {register.id} are not made by hand",
            f"không nhập được dòng của sổ {register.id}",
        )
    sheet = await asyncio.to_thread(_read, register, path, most)
    result = Taken(read=len(sheet.rows), ignored=sheet.ignored)
    try:
        async with keeper.acting() as connection:
            words = await _words(connection, register)
            reader = _Rows(register, province, sheet.matched, words)
            # One sheet at a time: two that name the same people would wait for each other.
            await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            for start in range(0, len(sheet.rows), PIECE):
                drafts = []
                for row in sheet.rows[start : start + PIECE]:
                    draft, found = reader.read(row)
                    if found:
                        result.note(found)
                    else:
                        drafts.append((row, draft))
                async for row, faults in _refused(connection, keeper, drafts):
                    result.note([reader.problem(row, one.column, one.rule) for one in faults])
            if dry_run or result.bad:
                raise _Undone
    except _Undone:
        return result
    result.written = True
    return result


async def _refused(
    connection: Any, keeper: Keeper, drafts: Sequence[tuple[Row, Draft]]
) -> AsyncIterator[tuple[Row, Sequence[Fault]]]:
    """Write rows within the transaction; tells those that the register refuses, and why.

    They are written at once. Where that fails, they are tried in as many parts as each then has
    rows, and so on: with few faults, each row is tried little more than twice.
    """
    if not drafts:
        return
    inner = connection.transaction()
    await inner.start()
    try:
        await keeper.insert_many(connection, [draft for _, draft in drafts])
    except Exception as error:
        await inner.rollback()
        faults = error.faults if isinstance(error, Invalid) else _only(keeper.fault_of(error))
        if not faults:
            raise
    else:
        await inner.commit()
        return
    if len(drafts) == 1:
        yield drafts[0][0], faults
        return
    part = math.isqrt(len(drafts))
    for start in range(0, len(drafts), part):
        async for refused in _refused(connection, keeper, drafts[start : start + part]):
            yield refused


def _only(fault: Fault | None) -> list[Fault]:
    return [] if fault is None else [fault]


class _Rows:
    """Reads the rows of a sheet as drafts of a register."""

    def __init__(
        self,
        register: Register,
        province: Province,
        matched: Mapping[str, str],
        words: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._fields = matched
        self._words = words
        self._readers = {
            name: Reader(register, _written_as(register, name, words), province.time_zone)
            for name in matched
        }

    def read(self, row: Row) -> tuple[Draft, list[Problem]]:
        """The draft of a row, and what is wrong with its cells."""
        draft, problems = Draft(), []
        for name, reader in self._readers.items():
            given = row.values.get(self._fields[name])
            try:
                value = reader.read(given)
                if value is not None and name in self._words:
                    value = self._named(name, value)
            except CellFault as fault:
                # What persons are called and their numbers are not repeated.
                cell = "" if given is None else shown(given)
                problems.append(Problem(row.line, self._fields[name], cell, fault.reason))
                continue
            if value is not None:
                draft.values[name] = value
        return draft, problems

    def problem(self, row: Row, column: str | None, rule: Text) -> Problem:
        """A rule that a row breaks, by the sheet's own name of the column."""
        name = self._fields.get(column, column) if column else None
        return Problem(row.line, name, "", rule)

    def _named(self, name: str, text: str) -> str:
        value = self._words[name].get(fold(text))
        if value is None:
            raise CellFault(f"không có {shown(text)!r}", f"there is no {shown(text)!r}")
        return value


def _written_as(register: Register, name: str, words: Mapping[str, object]) -> Column:
    """A column as a sheet has it: where names are written, they may be longer than codes."""
    column = register.column(name)
    return replace(column, max_length=None) if name in words else column


async def _words(connection: Any, register: Register) -> dict[str, dict[str, str]]:
    """What a sheet may write for a place and for a commune: code, name, title."""
    found: dict[str, dict[str, str]] = {PLACE: {}, "home_commune": {}}
    for place in await places(connection, register):
        for word in (place.title.en, place.title.vi, place.code, place.value):
            if word:
                found[PLACE][fold(word)] = place.value
    for code, name in await communes(connection):
        found["home_commune"][fold(name)] = code
        found["home_commune"][fold(code)] = code
    return found


def _matched(columns: tuple[Column, ...], fields: tuple[str, ...]) -> dict[str, str]:
    """The sheet's names of the register's columns."""
    folded: dict[str, str] = {}
    for name in fields:
        folded.setdefault(fold(name), name)
    found: dict[str, str] = {}
    for column in columns:
        for alias in aliases(column):
            if alias in folded and folded[alias] not in found.values():
                found[column.name] = folded[alias]
                break
    return found


def _require(register: Register, columns: tuple[Column, ...], matched: Mapping[str, str]) -> None:
    missing = [
        column
        for column in columns
        if column.name not in matched
        and not register.held(column.name).nullable
        and register.held(column.name).server_default is None
    ]
    if missing:
        raise ImportFailed(
            f"the sheet lacks columns: {', '.join(column.title.en for column in missing)}",
            f"trang tính thiếu các cột: {', '.join(column.title.vi for column in missing)}",
        )
