"""Edits in one transaction each, as the caller: all of it, or nothing and the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import orjson

from layers import editing
from layers.database import Database
from layers.history import (
    MOST,
    Change,
    Deletion,
    UnknownState,
    deleted_sql,
    feature_of,
    history_sql,
    read_changes,
    read_deletions,
    restore,
    state_at,
)
from layers.layer import LAYER_SCHEMA, Layer
from layers.outlines import OUTSIDE, is_bound, outside_sql
from layers.places import UNITS
from layers.query import Query
from layers.refusals import (
    REFUSABLE,
    Failure,
    Invalid,
    MatchRequired,
    NoFeature,
    NotAllowed,
    Stale,
    refusal,
)
from layers.roles import Caller
from layers.validation import Draft, Fault, compare_kept
from spatial.crs import CRS84, Crs
from spatial.sql import Sql, quote

LISTED = 100
"""Faults of a batch that are listed; who corrects these may send again and see the next."""

_UNITS = f"{quote(LAYER_SCHEMA)}.{quote(UNITS)}"


@dataclass(frozen=True, slots=True)
class Match:
    """What an edit says of the feature that it was made from (RFC 9110, `If-Match`).

    Attributes:
        anything: whether it only must be there.
        versions: of the layer, any of which will do.
    """

    anything: bool = False
    versions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What an edit has written.

    Attributes:
        version: of the layer, at which the features are as they were written.
        identifiers: as text, in the order of the request.
        features: GeoJSON texts as the caller reads them.
    """

    version: int
    identifiers: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


class Editor:
    """Edits one layer for one caller.

    Args:
        crs: the system that features are written back in.
    """

    def __init__(self, database: Database, layer: Layer, caller: Caller, crs: Crs = CRS84) -> None:
        self._database = database
        self._layer = layer
        self._caller = caller
        self._query = Query(layer, caller.audience, crs=crs)

    async def capability(self) -> tuple[bool, bool, bool]:
        """Whether the caller may create, change and remove features, some at least.

        Raises:
            layers.database.DatabaseUnavailable: there is no database.
        """
        async with self._database.acting(self._caller, read_only=True) as connection:
            found = await _row(connection, editing.capability_sql(self._layer, self._caller))
        return found["creates"], found["changes"], found["removes"]

    async def may(self, identifier: Any) -> list[str]:
        """What the caller may do with a feature: `change`, `delete`.

        Raises:
            NoFeature: there is none, or the caller cannot read it.
        """
        async with self._database.acting(self._caller, read_only=True) as connection:
            rows = await _rows(connection, editing.may_sql(self._layer, identifier))
        if not rows:
            raise NoFeature(str(identifier))
        return _named({"change": rows[0]["changes"], "delete": rows[0]["removes"]})

    async def create(self, drafts: Sequence[Draft]) -> Written:
        """Insert features, all or none.

        Raises:
            layers.refusals.Refused: nothing was written, and why.
        """
        try:
            async with self._database.acting(
                self._caller, read_only=self._caller.read_only
            ) as connection:
                await self._require(connection, "creates")
                await self._check(connection, drafts)
                identifiers = await self._insert(connection, drafts)
                commit, written = await self._seen(connection, identifiers)
        except REFUSABLE as error:
            failures = [Failure(error)] if len(drafts) == 1 else await self._failures(drafts)
            # Whatever was in the way may have gone meanwhile.
            found = failures or [Failure(error)]
            raise await refusal(self._database, self._layer, found) from error
        return await self._numbered(commit, written)

    async def change(
        self, identifier: Any, draft: Draft, match: Match | None, *, whole: bool
    ) -> Written:
        """Change a feature; the whole of it, or what the draft gives.

        Raises:
            layers.refusals.Refused: nothing was written, and why.
        """
        try:
            async with self._database.acting(
                self._caller, read_only=self._caller.read_only
            ) as connection:
                stored = await self._locked(connection, "changes", identifier, match)
                compare_kept(self._layer, draft, stored)
                await self._check(connection, [draft])
                update = editing.update_sql(
                    self._layer, self._caller, identifier, draft, whole=whole
                )
                if not await _rows(connection, update):
                    raise NotAllowed(self._layer, "row")
                commit, written = await self._seen(connection, [identifier])
        except Stale as stale:
            raise await self._both(stale, identifier) from None
        except REFUSABLE as error:
            raise await refusal(self._database, self._layer, [Failure(error)]) from error
        return await self._numbered(commit, written)

    async def remove(self, identifier: Any, match: Match | None) -> Written:
        """Delete a feature.

        Raises:
            layers.refusals.Refused: nothing was deleted, and why.
        """
        try:
            async with self._database.acting(
                self._caller, read_only=self._caller.read_only
            ) as connection:
                await self._locked(connection, "removes", identifier, match)
                if not await _rows(connection, editing.delete_sql(self._layer, identifier)):
                    raise NotAllowed(self._layer, "row")
                commit, written = await self._seen(connection, [])
        except Stale as stale:
            raise await self._both(stale, identifier) from None
        except REFUSABLE as error:
            failures = [Failure(error)]
            raise await refusal(self._database, self._layer, failures, deleting=True) from error
        return await self._numbered(commit, written)

    async def restore(self, identifier: Any, version: int, match: Match | None) -> Written:
        """Take a feature back to what it was at a version; a deleted one is created again.

        Raises:
            layers.history.UnknownState: it was not there then, or it is not known.
            layers.refusals.Refused: nothing was written, and why.
        """
        try:
            async with self._database.acting(
                self._caller, read_only=self._caller.read_only
            ) as connection:
                try:
                    await self._locked(connection, "changes", identifier, match)
                except NoFeature:
                    await self._require(connection, "creates")
                role = self._caller.role
                if not await restore(connection, self._layer, role, identifier, version):
                    raise NotAllowed(self._layer, "row")
                commit, written = await self._seen(connection, [identifier])
        except Stale as stale:
            raise await self._both(stale, identifier) from None
        except REFUSABLE as error:
            raise await refusal(self._database, self._layer, [Failure(error)]) from error
        return await self._numbered(commit, written)

    async def exists(self, identifier: Any) -> bool:
        """Whether the caller can read such a feature."""
        async with self._database.acting(self._caller, read_only=True) as connection:
            found = await _row(connection, editing.exists_sql(self._layer, identifier))
        return bool(found[0])

    async def history(self, identifier: Any, newest: int) -> list[Change]:
        """The changes of a feature, the newest first, with the columns that the caller reads.

        Raises:
            NotAllowed: PostgreSQL refuses it to the caller.
        """
        try:
            async with self._database.acting(self._caller, read_only=True) as connection:
                statement = history_sql(self._layer, identifier, newest)
                return read_changes(await _rows(connection, statement))
        except REFUSABLE as error:
            raise await refusal(self._database, self._layer, [Failure(error)]) from error

    async def deleted(self, newest: int) -> list[Deletion]:
        """The features deleted last where the caller may edit, with the columns that they read.

        Raises:
            NotAllowed: the caller may create nothing here, and so bring nothing back.
        """
        async with self._database.acting(self._caller, read_only=True) as connection:
            await self._require(connection, "creates")
            return read_deletions(await _rows(connection, deleted_sql(self._layer, newest)))

    async def _both(self, stale: Stale, identifier: Any) -> Stale:
        """The conflict with both versions of the feature, in CRS84."""
        audience = self._caller.audience
        changes = await self.history(identifier, MOST)
        if stale.version is not None:
            with suppress(UnknownState):
                image = state_at(changes, stale.version)
                stale.yours = feature_of(self._layer, image, audience)
        query = Query(self._layer, audience)
        async with self._database.acting(self._caller, read_only=True) as connection:
            rows = await _rows(connection, editing.written_sql(query, [identifier]))
        stale.current = orjson.loads(rows[0]["feature"]) if rows else None
        return stale

    async def _require(self, connection: Any, what: str) -> None:
        found = await _row(connection, editing.capability_sql(self._layer, self._caller))
        if not found[what]:
            raise NotAllowed(self._layer, "role")

    async def _locked(
        self, connection: Any, what: str, identifier: Any, match: Match | None
    ) -> Any:
        """The feature's row, locked, once the caller may change it and the precondition holds."""
        await self._require(connection, what)
        rows = await _rows(connection, editing.lock_sql(self._layer, self._caller, identifier))
        if not rows:
            found = await _row(connection, editing.exists_sql(self._layer, identifier))
            if found[0]:
                raise NotAllowed(self._layer, "row")
            if match is not None and await self._unchanged(connection, identifier, match) is False:
                raise Stale(match.versions[0])
            raise NoFeature(str(identifier))
        if match is None:
            if self._layer.requires_match:
                raise MatchRequired(self._layer.id)
        elif not match.anything and not await self._unchanged(connection, identifier, match):
            raise Stale(match.versions[0] if match.versions else None)
        return rows[0]

    async def _unchanged(self, connection: Any, identifier: Any, match: Match) -> bool | None:
        """Whether the feature is as it was at one of the versions; None where none is named."""
        for version in match.versions:
            changed = editing.changed_since_sql(self._layer, identifier, version)
            if not (await _row(connection, changed))[0]:
                return True
        return False if match.versions else None

    async def _check(self, connection: Any, drafts: Sequence[Draft]) -> None:
        """All that is wrong with the features, where they lie included.

        Raises:
            Invalid: something is.
        """
        shapes = [(n, draft.shape) for n, draft in enumerate(drafts) if draft.shape is not None]
        if shapes and is_bound(self._layer):
            outside = outside_sql([shape for _, shape in shapes], _UNITS)
            for row in await _rows(connection, outside):
                drafts[shapes[row["ord"] - 1][0]].fault("geometry", None, OUTSIDE)
        batch = len(drafts) > 1
        faults: list[Fault] = []
        for number, draft in enumerate(drafts):
            faults += [replace(f, index=number if batch else None) for f in draft.faults]
        if faults:
            raise Invalid(faults)

    async def _insert(self, connection: Any, drafts: Sequence[Draft]) -> list[Any]:
        """Insert features, those that follow each other and give the same columns at once."""
        identifiers: list[Any] = []
        for _, group in groupby(drafts, _given):
            statement = editing.insert_sql(self._layer, self._caller, list(group))
            identifiers += [row["id"] for row in await _rows(connection, statement)]
        return identifiers

    async def _failures(self, drafts: Sequence[Draft]) -> list[Failure]:
        """Which features of a batch the database refuses: halves are tried until single ones fail.

        Those before are in the table while the next are tried, so that they conflict as well.
        """
        failures: list[Failure] = []

        async def attempt(connection: Any, first: int, beyond: int) -> None:
            if len(failures) >= LISTED:
                return
            try:
                async with connection.transaction():
                    await self._insert(connection, drafts[first:beyond])
            except REFUSABLE as error:
                if beyond - first == 1:
                    failures.append(Failure(error, first))
                    return
                middle = (first + beyond) // 2
                await attempt(connection, first, middle)
                await attempt(connection, middle, beyond)

        try:
            async with self._database.acting(self._caller) as connection:
                await attempt(connection, 0, len(drafts))
                raise _Undone
        except _Undone:
            return failures

    async def _seen(
        self, connection: Any, identifiers: Sequence[Any]
    ) -> tuple[int | None, Written]:
        """The features as the caller reads them, and the entry in the log of commits."""
        rows = []
        if identifiers:
            rows = await _rows(connection, editing.written_sql(self._query, identifiers))
        last = await _row(connection, editing.version_sql(self._layer))
        written = Written(
            last["version"],
            tuple(row["id"] for row in rows),
            tuple(row["feature"] for row in rows),
        )
        return last["commit_id"], written

    async def _numbered(self, commit: int | None, written: Written) -> Written:
        """What was written, with the version that the commit got."""
        if commit is None:
            return written
        version = await self._database.value(editing.numbered_sql(commit))
        return replace(written, version=version)


async def editable_layers(
    database: Database, layers: Iterable[Layer], caller: Caller
) -> dict[str, list[str]]:
    """What a caller may do somewhere in each layer: `create`, `change`, `delete`."""
    may: dict[str, list[str]] = {}
    async with database.acting(caller, read_only=True) as connection:
        for layer in layers:
            found = await _row(connection, editing.capability_sql(layer, caller))
            may[layer.id] = _named(
                {
                    "create": found["creates"],
                    "change": found["changes"],
                    "delete": found["removes"],
                }
            )
    return {layer: actions for layer, actions in may.items() if actions}


def _named(allowed: dict[str, bool]) -> list[str]:
    return [action for action, is_allowed in allowed.items() if is_allowed]


class _Undone(Exception):
    """Ends a transaction whose work is only a trial."""


def _given(draft: Draft) -> tuple[bool, tuple[str, ...]]:
    return draft.identifier is not None, tuple(sorted(draft.values))


async def _rows(connection: Any, statement: Sql) -> list[Any]:
    text, values = statement.render()
    return list(await connection.fetch(text, *values))


async def _row(connection: Any, statement: Sql) -> Any:
    return (await _rows(connection, statement))[0]
