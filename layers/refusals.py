"""Why an edit was not made: what the caller may not, what is wrong, what has changed meanwhile.

PostgreSQL decides; its errors are turned into these, which name the layer and its columns and
never repeat the database's own text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg

from layers.database import Database
from layers.layer import Layer, Record, Text
from layers.rows import table_name
from layers.validation import MISSING, Fault
from spatial.sql import bind, literal, sql


class Refused(Exception):
    """An edit that was not made; nothing of it is kept."""


class NotAllowed(Refused):
    """The caller may not do this.

    Attributes:
        layer: the layer's id.
        because: `role`, `row` (the feature is outside of the caller's part) or `key`.
        indexes: which features of a batch, from 0.
    """

    def __init__(self, layer: Record, because: str, indexes: Iterable[int] = ()) -> None:
        super().__init__(f"{layer.id}: {because}")
        self.layer = layer.id
        self.because = because
        self.indexes = tuple(indexes)


class NoFeature(Refused):
    """There is no feature of that id."""


class MatchRequired(Refused):
    """The layer demands that an edit says which version it was made from."""


class Invalid(Refused):
    """What was sent breaks rules.

    Attributes:
        faults: all of them, or as many as are worth listing.
        conflict: whether it conflicts with other features and is not wrong in itself.
    """

    def __init__(self, faults: Iterable[Fault], *, conflict: bool = False) -> None:
        self.faults = tuple(faults)
        self.conflict = conflict
        super().__init__(f"{len(self.faults)} faults")


class Stale(Refused):
    """The feature has changed since the version that the edit was made from.

    Attributes:
        version: what the caller's tag named; None where it named none of this layer.
        yours: the feature at that version, None where that is not known.
        current: the feature now, None where it is gone.
    """

    def __init__(self, version: int | None) -> None:
        super().__init__(str(version))
        self.version = version
        self.yours: dict[str, Any] | None = None
        self.current: dict[str, Any] | None = None


class Contended(Refused):
    """Others change the same at this moment; the same request may succeed in a moment."""


CONTENTION = (asyncpg.TransactionRollbackError, asyncpg.LockNotAvailableError)
"""The database's errors that say that others change the same, deadlocks among them."""

REFUSABLE = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.DataError,
    *CONTENTION,
)
"""The database's errors that are an answer to the caller."""

_TAKEN = Text("giá trị này đã có ở đối tượng khác", "another feature has this value already")
_NOTHING = Text("không có đối tượng nào mang mã này", "nothing has this code")
_REFERRED = Text("đối tượng khác còn dựa vào đối tượng này", "other features refer to this one")
_UNFIT = Text("giá trị không lưu được ở cột này", "the value does not fit the column")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of the database, and which feature of a batch it was about."""

    error: Exception
    index: int | None = None


async def refusal(
    database: Database, layer: Layer, failures: list[Failure], *, deleting: bool = False
) -> Refused:
    """What errors of the database mean to the caller.

    Args:
        database: asked which columns a constraint is about.
        layer: whose rows were to be written.
        failures: one or more, in the order of the batch.
        deleting: whether a row was to be deleted.
    """
    first = failures[0].error
    if isinstance(first, asyncpg.ReadOnlySQLTransactionError):
        return NotAllowed(layer, "key")
    if isinstance(first, CONTENTION):
        return Contended(layer.id)
    denied = [f for f in failures if isinstance(f.error, asyncpg.InsufficientPrivilegeError)]
    if denied:
        indexes = [f.index for f in denied if f.index is not None]
        # Grants say `permission denied`; a policy says that the row violates it.
        by_row = "row-level security" in str(denied[0].error)
        return NotAllowed(layer, "row" if by_row else "role", indexes)
    faults: list[Fault] = []
    for failure in failures:
        faults += await _faults(database, layer, failure, deleting=deleting)
    conflict = all(
        isinstance(f.error, asyncpg.UniqueViolationError | asyncpg.ExclusionViolationError)
        or (deleting and isinstance(f.error, asyncpg.ForeignKeyViolationError))
        for f in failures
    )
    return Invalid(faults, conflict=conflict)


async def _faults(
    database: Database, layer: Layer, failure: Failure, *, deleting: bool
) -> list[Fault]:
    error: Any = failure.error
    if isinstance(error, asyncpg.NotNullViolationError):
        return [Fault(error.column_name, None, MISSING, failure.index)]
    columns = await _columns(database, layer, getattr(error, "constraint_name", None))
    rule = _UNFIT
    if isinstance(error, asyncpg.UniqueViolationError | asyncpg.ExclusionViolationError):
        rule = _TAKEN
    elif isinstance(error, asyncpg.ForeignKeyViolationError):
        rule = _REFERRED if deleting else _NOTHING
        columns = [layer.id_column] if deleting else columns
    elif len(columns) > 1:
        names = ", ".join(columns)
        rule = Text(f"không khớp với nhau: {names}", f"do not agree with each other: {names}")
    if not columns:
        return [Fault(None, None, rule, failure.index)]
    return [Fault(name, None, rule, failure.index) for name in columns]


async def _columns(database: Database, layer: Layer, constraint: str | None) -> list[str]:
    """The columns that the caller may know of and a constraint is about."""
    if not constraint:
        return []
    query = sql(
        "SELECT a.attname::text FROM pg_constraint AS c JOIN pg_attribute AS a"
        " ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)"
        f" WHERE c.conrelid = {literal(table_name(layer))}::regclass AND c.conname = {{}}"
        " ORDER BY a.attnum",
        bind(constraint, "text"),
    )
    return [row[0] for row in await database.fetch(query) if row[0] in layer.by_name]
