"""`python -m layers.rasters.taking`: takes a file in, within bounds.

What is wanted comes as JSON on the standard input; lines of JSON go to the standard output: how
far it is, and at the end what the file is like, or why it is refused in both languages.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

import orjson

from spatial.errors import BadInput
from spatial.rasters import intake

MEGABYTE = 1024 * 1024


def main() -> None:
    """Take the file in and tell how it went."""
    asked = orjson.loads(sys.stdin.buffer.read())
    bounds = asked["bounds"]
    memory, disk = bounds["memory_mb"] * MEGABYTE, bounds["disk_mb"] * MEGABYTE
    seconds = int(bounds["seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (disk, disk))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What a library prints must not get between the lines.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)

        def tell(**what: object) -> None:
            out.write(orjson.dumps(what) + b"\n")
            out.flush()

        try:
            facts = intake.take(
                Path(asked["source"]),
                Path(asked["target"]),
                intake.Wish(**asked["wish"]),
                lambda done: tell(step=done),
            )
        except BrokenPipeError:
            return  # whoever wanted it is gone
        except BadInput as error:
            tell(en=error.en, vi=error.vi)
        except Exception as error:
            why = intake.described(error)
            tell(en=f"it cannot be taken in: {why}", vi=f"không nhận được: {why}")
        else:
            tell(facts=facts.to_json())


main()
