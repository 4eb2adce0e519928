"""What is asked of every server: cases, their goals, and each server's addresses for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

SOS = "sos_requests"
UNITS = "admin_units"
DEEP = 90_000
"""Features before the deep page."""
SERVERS = ("dieuhanh", "tipg", "pygeoapi")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, in no server's words.

    Attributes:
        kind: a feature by id, a page of items, or a vector tile (WebMercatorQuad).
        identifier: of a feature; of a deep page by cursor, of the last feature before it.
        deep: the page after `DEEP` features, by cursor or by offset.
        columns: the columns a tile is restricted to, for servers that send all by default.
    """

    kind: Literal["feature", "page", "tile"]
    layer: str
    identifier: str = ""
    limit: int = 10
    bbox: tuple[float, float, float, float] | None = None
    equals: tuple[tuple[str, str], ...] = ()
    deep: Literal["", "cursor", "offset"] = ""
    tile: tuple[int, int, int] = (0, 0, 0)
    """Zoom, row, column."""
    columns: tuple[str, ...] = ()

    @property
    def query(self) -> dict[str, str]:
        """The parameters of a page that all three servers name alike."""
        query = {"limit": str(self.limit)}
        if self.bbox is not None:
            query["bbox"] = ",".join(f"{number:g}" for number in self.bbox)
        return {**query, **dict(self.equals)}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the random cases choose from, drawn from the database with a fixed seed."""

    ids: tuple[str, ...]
    before_deep: str
    boxes: tuple[tuple[float, float, float, float], ...]
    categories: tuple[str, ...]
    point_tiles: tuple[tuple[int, int, int], ...]
    densest_tile: tuple[int, int, int]
    unit_tiles: tuple[tuple[int, int, int], ...]
    tile_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of request that is measured.

    Attributes:
        title: what a reader of the table sees.
        asks: the requests, cycled over by every server in the same order.
        tipg, pygeoapi: how many times their rate this server is to reach; None: no goal.
        peers: the servers that can do it beside this one.
        limit: whether the equivalent SQL is measured alone, by pgbench.
    """

    id: str
    title: str
    asks: Callable[[Inputs], list[Ask]]
    tipg: float | None = None
    pygeoapi: float | None = 10.0
    peers: tuple[str, ...] = ("tipg", "pygeoapi")
    limit: bool = True

    def goal(self, peer: str) -> float | None:
        """The ratio to reach against a peer."""
        return {"tipg": self.tipg, "pygeoapi": self.pygeoapi}[peer]


def _pages(limit: int) -> Callable[[Inputs], list[Ask]]:
    return lambda inputs: [Ask("page", SOS, limit=limit)]


def _by_offset(inputs: Inputs) -> list[Ask]:
    return [Ask("page", SOS, deep="offset")]


CASES: tuple[Case, ...] = (
    Case(
        "feature",
        "feature by id (random)",
        lambda inputs: [Ask("feature", SOS, identifier=name) for name in inputs.ids],
        tipg=10,
    ),
    Case("page10", "10 features", _pages(10), tipg=30),
    Case("page1000", "1,000 features", _pages(1000), tipg=18),
    Case(
        "bbox",
        "page of 100 in a box (random)",
        lambda inputs: [Ask("page", SOS, limit=100, bbox=box) for box in inputs.boxes],
        tipg=12,
    ),
    Case(
        "filter",
        "page of 100 with `category=…` (each in turn)",
        lambda inputs: [
            Ask("page", SOS, limit=100, equals=(("category", value),))
            for value in inputs.categories
        ],
        tipg=20,
    ),
    Case(
        "deep",
        "10 features after 90,000 (ours by `next`)",
        lambda inputs: [Ask("page", SOS, deep="cursor", identifier=inputs.before_deep)],
        tipg=100,
    ),
    Case("deep_offset", "10 features after 90,000 (all by `offset`)", _by_offset, pygeoapi=None),
    Case(
        "tile_points",
        "point tile, zoom 13 (random)",
        lambda inputs: [Ask("tile", SOS, tile=tile) for tile in inputs.point_tiles],
        tipg=7,
    ),
    Case(
        "tile_same_columns",
        "the same, tipg asked for our columns only",
        lambda inputs: [
            Ask("tile", SOS, tile=tile, columns=inputs.tile_columns) for tile in inputs.point_tiles
        ],
        pygeoapi=None,
        peers=("tipg",),
        limit=False,
    ),
    Case(
        "tile_densest",
        "the densest point tile of zoom 13",
        lambda inputs: [Ask("tile", SOS, tile=inputs.densest_tile)],
        pygeoapi=None,
        peers=("tipg",),
    ),
    Case(
        "tile_polygons",
        "polygon tile, zoom 8 (each in turn)",
        lambda inputs: [Ask("tile", UNITS, tile=tile) for tile in inputs.unit_tiles],
        tipg=25,
    ),
)


@dataclass
class Addresses:
    """The words in which one server is asked.

    Attributes:
        cursor: the query of this server's own link to the page after `DEEP` features.
    """

    server: str
    cursor: Mapping[str, str] = field(default_factory=dict)

    def path(self, ask: Ask) -> str:
        """Path and query of a request, from `/`."""
        base = {
            "dieuhanh": f"/ogc/collections/{ask.layer}",
            "tipg": f"/collections/bench.{ask.layer}",
            "pygeoapi": f"/collections/{ask.layer}",
        }[self.server]
        if ask.kind == "feature":
            return f"{base}/items/{ask.identifier}"
        if ask.kind == "page":
            return f"{base}/items?{urlencode(self._page(ask), safe=',')}"
        return base + self._tile(ask)

    def _page(self, ask: Ask) -> Mapping[str, str]:
        if ask.deep == "cursor" and self.server == "dieuhanh":
            return self.cursor
        return {**ask.query, "offset": str(DEEP)} if ask.deep else ask.query

    def _tile(self, ask: Ask) -> str:
        zoom, row, column = ask.tile
        if self.server == "tipg":
            chosen = f"?properties={','.join(ask.columns)}" if ask.columns else ""
            return f"/tiles/WebMercatorQuad/{zoom}/{column}/{row}{chosen}"
        suffix = "?f=mvt" if self.server == "pygeoapi" else ""
        return f"/tiles/WebMercatorQuad/{zoom}/{row}/{column}{suffix}"
