"""What must know, before any request has ended, that this worker is about to stop."""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def on_ending(listener: Callable[[], None]) -> None:
    """Call `listener`, in the worker's event loop, when the worker is asked to stop.

    Open streams would otherwise keep the worker until its time is up.
    """
    _listeners.append(listener)


def begin_ending() -> None:
    """Tell all who wanted to know."""
    for listener in _listeners:
        listener()
