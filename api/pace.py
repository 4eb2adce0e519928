"""How often one caller may do the same: a memory of each worker's own, of bounded size."""

from __future__ import annotations

from collections.abc import Hashable
from time import monotonic

MOST = 10_000
"""Keys that are remembered; the oldest are forgotten first."""


class Pace:
    """Lets the same be done once in some seconds."""

    def __init__(self) -> None:
        self._last: dict[Hashable, float] = {}

    def wait(self, key: Hashable, seconds: float) -> float:
        """Seconds to wait before the next time; 0: it may be done now, and is counted."""
        now = monotonic()
        left = self._last.get(key, now - seconds) + seconds - now
        if left > 0:
            return left
        self._last.pop(key, None)
        self._last[key] = now
        while len(self._last) > MOST:
            del self._last[next(iter(self._last))]
        return 0.0
