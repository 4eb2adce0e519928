"""Makes briefs: gathers the figures, and has the page drawn by a process of its own."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from weakref import WeakKeyDictionary

from api import overview
from api.brief.page import Page
from api.brief.writing import DAYS, write_page
from api.drawing import drawn
from api.outlines import outlines
from api.services import Services
from layers.database import Database
from layers.feed import MINUTE
from layers.figures import Level
from layers.places import UNITS
from layers.roles import Caller

LEVEL: Level = "district"
TOLERANCE_M = 150.0
"""Metres by which outlines may be off: a tenth of a millimetre on the page."""
REMEMBERED = 8
"""Briefs that a worker remembers, 50 KB each."""


class Busy(Exception):
    """Too many wait for a brief."""


class Printer:
    """Makes the briefs of a worker, one at a time: who asks for the same waits for the same."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._made: OrderedDict[Hashable, bytes] = OrderedDict()

    async def brief(self, served: Services, caller: Caller, language: str) -> bytes:
        """The brief of this minute as PDF.

        Raises:
            Busy: too many wait.
            NotDrawn: it could not be drawn.
        """
        if self._waiting >= served.settings.brief_waiting:
            raise Busy
        self._waiting += 1
        try:
            async with self._turn:
                names = [layer.id for layer in overview.layers_of(served, caller)]
                versions = tuple(served.feed.version(name) for name in (*names, UNITS, MINUTE))
                key = (language, caller, versions)
                if key not in self._made or not served.feed.live:
                    page = await self.page(served, caller, language)
                    self._made[key] = await drawn("api.brief", page, served.settings.brief_seconds)
                self._made.move_to_end(key)
                while len(self._made) > REMEMBERED:
                    self._made.popitem(last=False)
                return self._made[key]
        finally:
            self._waiting -= 1

    async def page(self, served: Services, caller: Caller, language: str) -> Page:
        """What the brief says: the figures of one moment, as the caller may have them."""
        moment = overview.current_moment(served)
        day = await overview.day_data(served, caller, moment, DAYS)
        areas = await overview.area_data(served, caller, moment, LEVEL)
        layers = overview.layers_of(served, caller)
        units = await outlines(served, LEVEL, served.province.metric_srid, TOLERANCE_M)
        return write_page(served.province, layers, day, areas, units, language)


_printers: WeakKeyDictionary[Database, Printer] = WeakKeyDictionary()


def printer(served: Services) -> Printer:
    """The worker's own."""
    return _printers.setdefault(served.database, Printer())
