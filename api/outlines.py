"""Outlines of the administrative units for pictures, read once for each state of their layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from api.services import Services
from layers.database import Database
from layers.figures import Level, outlines_sql
from layers.places import UNITS

Outlines = Sequence[Mapping[str, Any]]
"""Rows of `outlines_sql`."""
_Wanted = tuple[Level, int, float]

_known: WeakKeyDictionary[Database, dict[_Wanted, tuple[int, Outlines]]] = WeakKeyDictionary()


async def outlines(served: Services, level: Level, srid: int, tolerance: float) -> Outlines:
    """The units of a level, as `outlines_sql` gives them; none where units are not served."""
    units = served.catalogue.get(UNITS)
    if units is None:
        return ()
    version = served.feed.version(UNITS)
    kept = _known.setdefault(served.database, {})
    known = kept.get((level, srid, tolerance))
    if known is not None and known[0] == version and served.feed.live:
        return known[1]
    found = await served.database.fetch(outlines_sql(units, level, srid, tolerance))
    kept[level, srid, tolerance] = (version, found)
    return found
