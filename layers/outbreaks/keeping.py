"""What upkeep does with the epidemic: lets what follows from reports be computed anew."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

import structlog

from layers.exporting import ROOT

PATIENCE = 120.0
"""Seconds that computing may take."""

# One worker at a time; the others leave it to that one.
_SEEN = """
SELECT s.seen, private.epidemic_now() AS now FROM register.epidemic_seen AS s
FOR UPDATE SKIP LOCKED
"""
_log = structlog.get_logger(__name__)


class Computing:
    """Computes levels of risk and estimates in a process apart, when what they follow from changes.

    Args:
        url: the database, as its owner.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    async def __call__(self, connection: Any) -> None:
        """One round, over a connection in a transaction as the server itself."""
        row = await connection.fetchrow(_SEEN)
        if row is None or row["seen"] == row["now"]:
            return
        if await _computed(self._url):
            await connection.execute("UPDATE register.epidemic_seen SET seen = $1", row["now"])


async def _computed(url: str) -> bool:
    """Whether the process did its work."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "layers.outbreaks",
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        # It is short, and there are others to leave the cores to.
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    try:
        _, errors = await asyncio.wait_for(process.communicate(url.encode()), PATIENCE)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        _log.warning("epidemic not computed", reason=last[:200])
    return process.returncode == 0
