"""Documents are drawn by processes of their own: their libraries are no worker's to keep."""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class NotDrawn(Exception):
    """A document could not be drawn, or took too long."""


async def drawn(module: str, order: object, seconds: float) -> bytes:
    """What `python -m module` writes when it is given the pickled order.

    Args:
        seconds: that it may take.

    Raises:
        NotDrawn: it took longer, or the process failed.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "MALLOC_ARENA_MAX": "1"},
    )
    try:
        async with asyncio.timeout(seconds):
            content, _ = await process.communicate(pickle.dumps(order))
    except TimeoutError:
        raise NotDrawn(f"drawing took longer than {seconds:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise NotDrawn(f"the drawing process ended with status {process.returncode}")
    return content
