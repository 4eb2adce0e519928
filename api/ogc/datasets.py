"""What pages tell of the data itself: how many features, whether synthetic, names of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from api.present import Unit
from api.services import Services
from layers.database import Database
from layers.places import UNITS
from layers.rows import table_name
from spatial.sql import bind, raw, sql


@dataclass(frozen=True, slots=True)
class Dataset:
    """The data of a layer at this moment."""

    count: int
    synthetic: bool


async def datasets(served: Services) -> Mapping[str, Dataset]:
    """The data of every layer, by the layer's id."""
    query = sql(
        "SELECT l.id, dieuhanh.layer_total(l.id) AS count, coalesce(d.synthetic, false)"
        " FROM unnest({}) AS l (id) LEFT JOIN dieuhanh.dataset AS d ON d.layer = l.id",
        bind(list(served.catalogue), "text[]"),
    )
    return {row[0]: Dataset(row[1] or 0, row[2]) for row in await served.database.fetch(query)}


# The units of each database, with the version of their layer that they were read at.
_known: WeakKeyDictionary[Database, tuple[int, Mapping[str, Unit]]] = WeakKeyDictionary()


async def units(served: Services) -> Mapping[str, Unit]:
    """The administrative units by their codes, in alphabetical order."""
    layer = served.catalogue.get(UNITS)
    if layer is None:
        return {}
    version = served.feed.version(UNITS)
    known = _known.get(served.database)
    if known is not None and known[0] == version and served.feed.live:
        return known[1]
    rows = await served.database.fetch(
        raw(f"SELECT code, name, level FROM {table_name(layer)} ORDER BY dieuhanh.fold(name), code")
    )
    found = {row[0]: Unit(*row) for row in rows}
    _known[served.database] = (version, found)
    return found
