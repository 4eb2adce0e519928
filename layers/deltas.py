"""Reading the change feed: whole commits in version order, as each audience may see them.

The feed says which features changed, and where they were. What a feature is now is read from its
table as the audience's own database role, so PostgreSQL decides what of it is told. A feature
that the audience does not find there is gone, or hidden from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

import orjson
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from layers.database import Database
from layers.layer import Audience, Layer, json_type, sql_type
from layers.query import Query, feature_output
from layers.roles import READER, Caller
from layers.rows import table_name
from spatial.bbox import Bbox, overlaps
from spatial.shapes import Box
from spatial.sql import quote

WHOLE_LAYER = 1000
"""Changes of one commit above which readers are told to read the layer again."""

_EDGES = "CASE WHEN {0} IS NOT NULL THEN ARRAY[ST_XMin({0}), ST_YMin({0}), ST_XMax({0}),\
 ST_YMax({0})] END"
_HEAD = "(SELECT coalesce(max(version), 0) FROM dieuhanh.commit_log)"
_STATE = f"SELECT version AS floor, greatest(version, {_HEAD}) AS head FROM dieuhanh.feed_floor"
# $1 after, $2 commits, $3 rows, $4 geometry columns by layer, $5 layers or NULL.
_READ = f"""
SELECT f.version AS floor, greatest(f.version, {_HEAD}) AS head,
  c.version, c.layer, c.at, h.feature_id, h.op,
  {_EDGES.format("g.shown")} AS shown, {_EDGES.format("g.exact")} AS exact
FROM dieuhanh.feed_floor AS f
LEFT JOIN LATERAL (
  SELECT id, version, layer, at FROM dieuhanh.commit_log
  WHERE version > greatest($1::int8, f.version)
    AND ($5::text[] IS NULL OR layer = ANY ($5::text[]))
  ORDER BY version LIMIT $2
) AS c ON true
LEFT JOIN LATERAL (
  SELECT id, feature_id, op, before FROM dieuhanh.change
  WHERE commit_id = c.id ORDER BY id LIMIT {WHOLE_LAYER + 1}
) AS h ON true
LEFT JOIN LATERAL (
  SELECT ST_GeomFromGeoJSON(nullif(h.before -> ($4::jsonb ->> c.layer), 'null')) AS shown,
    ST_GeomFromGeoJSON(nullif(h.before -> 'geom_exact', 'null')) AS exact
) AS g ON true
ORDER BY c.version, h.id LIMIT $3
"""


class Trimmed(Exception):
    """The feed no longer tells, or has never told, of what comes after a version."""

    def __init__(self, head: int) -> None:
        super().__init__("the change feed has been trimmed past this version")
        self.head = head


class Position(NamedTuple):
    """How much of the feed a reader has had: all up to a version, or a part of its changes."""

    version: int
    changes: int | None = None

    @property
    def after(self) -> int:
        """The last version of which the reader has had all."""
        return self.version if self.changes is None else self.version - 1

    @property
    def key(self) -> str:
        """The position as an event's id says it."""
        return str(self.version) if self.changes is None else f"{self.version}.{self.changes}"

    def is_before(self, change: Change) -> bool:
        """Whether a change is still to come."""
        if change.version != self.version:
            return change.version > self.version
        return self.changes is not None and change.number > self.changes


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a feature, or of a whole layer (`op` is `refresh`), without its content.

    Attributes:
        version: the commit's.
        number: from 1, within the commit.
        is_last: of its commit.
        shown, exact: where the feature was before, by its public and its exact position.
    """

    version: int
    number: int
    is_last: bool
    layer: Layer
    op: str
    feature_id: str | None
    at: str
    shown: Box | None
    exact: Box | None

    @property
    def key(self) -> str:
        """What a reader says in order to go on after this change."""
        return str(self.version) if self.is_last else f"{self.version}.{self.number}"


@dataclass(frozen=True, slots=True)
class Delta:
    """A change as an audience may see it: JSON to send.

    Attributes:
        text: for who watches the place where the feature is; None: there is nothing to tell.
        left: for who watches only the place where it was.
    """

    change: Change
    text: str | None
    left: str | None
    before: Box | None
    now: Box | None

    def seen_in(self, bbox: Bbox | None) -> str | None:
        """What to tell a reader who watches a box, or everything."""
        if bbox is None or self.change.op == "refresh" or _meet(self.now, bbox):
            return self.text
        return self.left if _meet(self.before, bbox) else None

    def seen_at(self, point: Point) -> str | None:
        """What to tell a reader who asks for the areas that hold a place.

        Where the area was before is known by its edges only, so that a reader near it may be told
        that it left without having been told that it came.
        """
        if self.change.op == "refresh":
            return self.text
        if self.text is not None and _holds(self.now, point) and _area(self.text).covers(point):
            return self.text
        return self.left if _holds(self.before, point) else None


@dataclass(slots=True)
class Batch:
    """The changes of the commits after one version, up to another."""

    after: int
    upto: int
    head: int
    changes: list[Change]
    payloads: dict[Any, bytes] = field(default_factory=dict)
    """What was made from it for equal readers."""
    _deltas: dict[Audience, asyncio.Task[list[Delta]]] = field(default_factory=dict)

    async def deltas(self, reader: ChangeReader, audience: Audience) -> list[Delta]:
        """The changes as an audience may see them, read once for all who ask."""
        task = self._deltas.get(audience)
        if task is None:
            task = asyncio.create_task(reader.deltas(self.changes, audience))
            self._deltas[audience] = task
        try:
            return await asyncio.shield(task)
        except BaseException:
            if task.done():
                self._deltas.pop(audience, None)
            raise


class ChangeReader:
    """Reads the feed for all who follow it.

    Args:
        database: asked as the server for the feed, as the audience's role for features.
        catalogue: the layers that are told of.
    """

    def __init__(self, database: Database, catalogue: Mapping[str, Layer]) -> None:
        self._database = database
        self._catalogue = catalogue
        self._geometries = orjson.dumps(
            {layer.id: layer.geometry_column for layer in catalogue.values()}
        ).decode()
        self._readable: dict[Audience, frozenset[str]] = {}

    async def state(self) -> tuple[int, int]:
        """The last version that is no longer told, and the last there is."""
        async with self._database.serving() as connection:
            row = await connection.fetchrow(_STATE)
        return row["floor"], row["head"]

    async def read(self, after: int, limit: int, layers: Iterable[str] | None = None) -> Batch:
        """Whole commits after a version, in order: at most `limit` changes, or one commit.

        Raises:
            Trimmed: the feed does not reach back so far, or not yet so far ahead.
            QueryTooSlow, DatabaseUnavailable: see `Database`.
        """
        most = limit + WHOLE_LAYER + 1
        chosen = None if layers is None else list(layers)
        async with self._database.serving() as connection:
            rows = await connection.fetch(_READ, after, limit, most, self._geometries, chosen)
        floor, head = rows[0]["floor"], rows[0]["head"]
        if not floor <= after <= head:
            raise Trimmed(head)
        commits = [
            (version, list(found))
            for version, found in groupby(rows, key=lambda row: row["version"])
            if version is not None
        ]
        if len(commits) > 1 and len(rows) == most:
            commits.pop()  # it may be cut off
        complete = len(commits) < limit and len(rows) < most
        changes: list[Change] = []
        upto = after
        for version, found in commits:
            told = self._commit(found)
            if changes and len(changes) + len(told) > limit:
                complete = False
                break
            changes += told
            upto = version
        return Batch(after, head if complete else upto, head, changes)

    def _commit(self, rows: list[Any]) -> list[Change]:
        first = rows[0]
        layer = self._catalogue.get(first["layer"])
        if layer is None:
            return []
        at = _moment(first["at"])
        whole = len(rows) > WHOLE_LAYER or any(row["op"] in ("load", "truncate") for row in rows)
        if whole:
            return [Change(first["version"], 1, True, layer, "refresh", None, at, None, None)]
        return [
            Change(
                row["version"],
                number,
                number == len(rows),
                layer,
                row["op"],
                row["feature_id"],
                at,
                _box(row["shown"]),
                _box(row["exact"]),
            )
            for number, row in enumerate(rows, 1)
            if row["op"] is not None
        ]

    async def deltas(self, changes: list[Change], audience: Audience) -> list[Delta]:
        """Changes as an audience may see them; those of layers it may not read are left out.

        Raises:
            QueryTooSlow, DatabaseUnavailable: see `Database`.
        """
        readable = await self._may_read(audience)
        changes = [change for change in changes if change.layer.id in readable]
        wanted: dict[Layer, list[str]] = {}
        for change in changes:
            if change.op in ("insert", "update") and change.feature_id is not None:
                wanted.setdefault(change.layer, []).append(change.feature_id)
        features = {
            layer.id: await self._features(layer, audience, list(dict.fromkeys(ids)))
            for layer, ids in wanted.items()
        }
        return [_delta(change, audience, features.get(change.layer.id, {})) for change in changes]

    async def _may_read(self, audience: Audience) -> frozenset[str]:
        if audience not in self._readable:
            tables = {table_name(layer): layer.id for layer in self._catalogue.values()}
            async with self._database.serving() as connection:
                rows = await connection.fetch(
                    "SELECT t FROM unnest($1::text[]) AS t"
                    " WHERE has_any_column_privilege($2, t, 'SELECT')",
                    list(tables),
                    READER[audience].database_role,
                )
            self._readable[audience] = frozenset(tables[row["t"]] for row in rows)
        return self._readable[audience]

    async def _features(
        self, layer: Layer, audience: Audience, ids: list[str]
    ) -> dict[str, tuple[str, Box | None]]:
        text = _features_sql(layer, audience)
        if audience is Audience.PUBLIC:
            rows = await self._database.fetch_text(text, [ids])
        else:
            reader = Caller(role=READER[audience])
            async with self._database.acting(reader, read_only=True) as connection:
                rows = await connection.fetch(text, ids)
        return {row["id"]: (row["feature"], _box(row["edges"])) for row in rows}


def _features_sql(layer: Layer, audience: Audience) -> str:
    identifier = quote(layer.id_column)
    geometry = f"t.{quote(layer.geometry_for(audience))}"
    kind = sql_type(layer, layer.id_column)
    return (
        f"SELECT t.{identifier}::text AS id, {feature_output(Query(layer, audience))} AS feature,"
        f" {_EDGES.format(geometry)} AS edges FROM {table_name(layer)} AS t"
        f" WHERE t.{identifier} = ANY ($1::text[]::{kind}[])"
    )


def _delta(
    change: Change, audience: Audience, features: Mapping[str, tuple[str, Box | None]]
) -> Delta:
    layer = change.layer
    exact = layer.geometry_for(audience) != layer.geometry_column
    before = change.exact if exact else change.shown
    if change.op == "refresh":
        return Delta(change, _text(change, "refresh"), None, None, None)
    if change.op == "delete":
        gone = _text(change, "delete")
        return Delta(change, gone, gone, before, None)
    found = features.get(change.feature_id or "")
    left = None if change.op == "insert" else _text(change, "leave")
    if found is None:
        # Gone by now, or never for this audience; what was shown of it before must go.
        return Delta(change, left, left, before, None)
    return Delta(change, _text(change, change.op, found[0]), left, before, found[1])


def _text(change: Change, op: str, feature: str | None = None) -> str:
    head: dict[str, Any] = {"layer": change.layer.id}
    if change.feature_id is not None:
        number = json_type(change.layer, change.layer.id_column)[0] == "integer"
        head["id"] = int(change.feature_id) if number else change.feature_id
    head |= {"op": op, "version": change.version, "at": change.at}
    text = orjson.dumps(head).decode()
    return text if feature is None else f'{text[:-1]},"feature":{feature}}}'


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _box(edges: list[float] | None) -> Box | None:
    # An empty geometry has no edges.
    if edges is None or edges[0] is None:
        return None
    return (edges[0], edges[1], edges[2], edges[3])


def _holds(box: Box | None, point: Point) -> bool:
    return box is not None and box[0] <= point.x <= box[2] and box[1] <= point.y <= box[3]


@lru_cache(maxsize=64)
def _area(text: str) -> BaseGeometry:
    """The geometry of a change's feature, made ready for many places."""
    geometry = shapely.from_geojson(orjson.dumps(orjson.loads(text)["feature"]["geometry"]))
    shapely.prepare(geometry)
    return geometry


def _meet(box: Box | None, bbox: Bbox) -> bool:
    return box is not None and any(overlaps(box, part) for part in bbox.boxes)
