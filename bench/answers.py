"""Whether the servers answer the same: checked before anything is measured."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import mapbox_vector_tile
import orjson
import shapely
import shapely.geometry

from bench.cases import Addresses, Ask, Case
from bench.processes import BenchError

SAMPLES = 3
"""Requests of a case that are compared."""
DECIMALS = 6
"""Decimals of a degree to which coordinates must agree: 0.1 m."""
EDGE = 8
"""Units of a tile (of 4,096) from its edge within which servers may differ."""
SLOW = 120.0
"""Seconds that a peer may take for one answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says, in a form that can be compared between servers.

    Attributes:
        ids: the features' ids, in order; of a tile, sorted, without those on its edge, and empty
            if it has clusters.
        count: features; in a tile, those that clusters stand for.
        edge: features of a tile that are on its edge or in its buffer. Servers differ there:
            by the buffer's width, and `&&` compares boxes rounded to 32-bit numbers.
        columns: the names of the first feature's properties, the id aside.
        place: the first feature's first position.
    """

    ids: tuple[str, ...]
    count: int
    edge: int = 0
    columns: frozenset[str] = frozenset()
    place: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A case whose answers agree: features in the first, and each server's seconds for one."""

    features: int
    seconds: Mapping[str, float]


def fetch(client: httpx.Client, url: str) -> bytes:
    """The body of an answer.

    Raises:
        BenchError: its status is not 200, nor 204 (a tile without features).
    """
    answer = client.get(url)
    if answer.status_code not in {200, 204}:
        raise BenchError(f"{url}: status {answer.status_code}\n{answer.text[:500]}")
    return answer.content


def read(ask: Ask, body: bytes, id_column: str) -> Answer:
    """What a body says.

    Args:
        id_column: the column that some servers repeat among the properties.
    """
    if ask.kind == "tile":
        return _read_tile(body, id_column)
    document = orjson.loads(body)
    features = [document] if ask.kind == "feature" else document["features"]
    if ask.bbox is not None:
        _require_inside([float(number) for number in ask.query["bbox"].split(",")], features)
        if len(features) == ask.limit:
            # A full page of a box: each server gives the first in an order of its own.
            return Answer((), len(features), columns=_columns(features, id_column))
    return Answer(
        ids=tuple(str(feature["id"]) for feature in features),
        count=len(features),
        columns=_columns(features, id_column),
        place=_first_position(features[0]["geometry"]["coordinates"]) if features else (),
    )


def _columns(features: Sequence[Any], id_column: str) -> frozenset[str]:
    return frozenset(features[0]["properties"]) - {id_column} if features else frozenset()


def _require_inside(box: Sequence[float], features: Sequence[Any]) -> None:
    step = 10**-DECIMALS
    for feature in features:
        x, y = _first_position(feature["geometry"]["coordinates"])
        if not (box[0] - step <= x <= box[2] + step and box[1] - step <= y <= box[3] + step):
            raise BenchError(f"feature {feature['id']} at {x}, {y} is not in the box {box}")


def _first_position(coordinates: Sequence[Any]) -> tuple[float, ...]:
    while not isinstance(coordinates[0], int | float):
        coordinates = coordinates[0]
    return tuple(round(number, DECIMALS) for number in coordinates)


def _read_tile(body: bytes, id_column: str) -> Answer:
    layers: Mapping[str, Any] = mapbox_vector_tile.decode(body) if body else {}
    ids, edge, count, clusters = [], 0, 0, False
    for layer in layers.values():
        inside = shapely.box(EDGE, EDGE, layer["extent"] - EDGE, layer["extent"] - EDGE)
        for feature in layer["features"]:
            values = feature["properties"]
            count += int(values.get("n", 1))
            clusters = clusters or "n" in values
            if shapely.geometry.shape(feature["geometry"]).intersects(inside):
                ids.append(str(values.get("id", values.get(id_column))))
            else:
                edge += int(values.get("n", 1))
    return Answer(() if clusters else tuple(sorted(ids)), count, edge)


def differences(ask: Ask, ours: Answer, theirs: Answer) -> list[str]:
    """What two answers disagree on, as sentences; none if they say the same."""
    found = []
    if abs(ours.count - theirs.count) > ours.edge + theirs.edge:
        found.append(f"{ours.count} features here, {theirs.count} there")
    if ours.ids and theirs.ids and ours.ids != theirs.ids:
        found.append("other features, or another order")
    if ask.kind != "tile" and ours.columns != theirs.columns:
        found.append(f"columns differ: {sorted(ours.columns ^ theirs.columns)}")
    if ours.place != theirs.place and not _close(ours.place, theirs.place):
        found.append(f"{ours.place} here, {theirs.place} there")
    return found


def _close(here: tuple[float, ...], there: tuple[float, ...]) -> bool:
    step = 1.5 * 10**-DECIMALS
    return len(here) == len(there) and all(
        abs(ours - theirs) <= step for ours, theirs in zip(here, there, strict=True)
    )


def check(
    case: Case, asks: Sequence[Ask], servers: Mapping[str, tuple[str, Addresses]], key: str
) -> Checked:
    """Compare a case's first answers between this server and its peers.

    Args:
        case: its peers are compared.
        asks: its requests.
        servers: address and words of each server, this one as `dieuhanh`.
        key: the layer's id column.

    Raises:
        BenchError: an answer is refused, empty, or not the same.
    """
    counts: list[int] = []
    seconds: dict[str, float] = {}
    with httpx.Client(timeout=SLOW) as client:
        for ask in asks[:SAMPLES]:
            answers = {}
            for name in ("dieuhanh", *case.peers):
                base, words = servers[name]
                begun = time.monotonic()
                body = fetch(client, base + words.path(ask))
                seconds[name] = min(seconds.get(name, SLOW), time.monotonic() - begun)
                answers[name] = read(ask, body, key)
            ours = answers.pop("dieuhanh")
            counts.append(ours.count)
            for name, theirs in answers.items():
                wrong = differences(ask, ours, theirs)
                if wrong:
                    path = servers["dieuhanh"][1].path(ask)
                    raise BenchError(f"{case.id}: {path}, {name}: {'; '.join(wrong)}")
    if not any(counts):
        raise BenchError(f"{case.id}: no features")
    return Checked(max(counts), seconds)
