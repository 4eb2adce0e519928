"""Whether the program that started this one still wants it. Standard library only."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from api.cluster import die_with_parent

_PARENT = os.getppid()


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _is_make() -> bool:
    try:
        return "MAKELEVEL" in os.environ and _status(_PARENT)["Name"] in {"make", "gmake"}
    except OSError:
        return False


_FROM_MAKE = _is_make()


def follow_make() -> None:
    """Get SIGTERM as soon as the `make` that runs this process is killed."""
    if _FROM_MAKE:
        die_with_parent(signal.SIGTERM)


def abandoned() -> bool:
    """Whether the `make` that runs this process was killed or interrupted.

    GNU make passes SIGTERM on to what it runs, but not SIGINT, which it expects a terminal to
    send to all; it then waits, and no longer catches SIGINT. That is how it shows.
    """
    if not _FROM_MAKE:
        return False
    if os.getppid() != _PARENT:
        return True
    try:
        caught = int(_status(_PARENT)["SigCgt"], 16)
        ignored = int(_status(_PARENT)["SigIgn"], 16)
    except OSError:
        return True
    interrupt = 1 << (signal.SIGINT - 1)
    return not (caught | ignored) & interrupt
