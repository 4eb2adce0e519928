"""How many features match, remembered for the version of the layer that was counted."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from layers.feed import Feed
from layers.pages import COUNT_LIMIT, Counting
from layers.query import Query


class Counts:
    """The last counts of one worker; a change of the layer makes them count as unknown.

    Args:
        feed: knows the layers' versions; while it is down nothing is known.
        size: counts to keep.
    """

    def __init__(self, feed: Feed, size: int = 2048) -> None:
        self._feed = feed
        self._size = size
        self._counts: OrderedDict[tuple[Any, ...], tuple[int, int | None]] = OrderedDict()

    def look_up(self, query: Query) -> tuple[Counting, int | None]:
        """What a page of the query still has to find out, and the count if it is known."""
        found = self._counts.get(query.matching)
        if found is None or not self._feed.live or found[0] != self.version(query):
            return Counting.COUNT, None
        matched = found[1]
        few = matched is not None and matched <= COUNT_LIMIT
        return Counting.FEW if few else Counting.MANY, matched

    def version(self, query: Query) -> int:
        """The layer's version, to be taken before the count that `keep` is given."""
        return self._feed.version(query.layer.id)

    def keep(self, query: Query, version: int, matched: int | None) -> None:
        """Remember a count; None says that it is over COUNT_LIMIT."""
        key = query.matching
        self._counts.pop(key, None)
        self._counts[key] = (version, matched)
        if len(self._counts) > self._size:
            self._counts.popitem(last=False)
