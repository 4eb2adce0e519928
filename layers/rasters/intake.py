"""Taking a file in: a process of its own does it, with bounded memory and time.

A file may be made to break its reader. It then ends that process, and the reason is told.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from spatial.errors import BadInput
from spatial.rasters.facts import Facts

if TYPE_CHECKING:
    from spatial.rasters.intake import Wish


@dataclass(frozen=True, slots=True)
class Bounds:
    """What taking a file in may cost.

    Attributes:
        seconds: from its beginning to its end.
        memory_mb: megabytes for data.
        disk_mb: megabytes of a file that is written.
    """

    seconds: float
    memory_mb: int
    disk_mb: int


def take_in(
    source: Path,
    target: Path,
    wish: Wish,
    bounds: Bounds,
    step: Callable[[float], None] = lambda done: None,
) -> Facts:
    """Check a file and write it as a cloud-optimised GeoTIFF.

    Args:
        step: told the done part of the work, from 0 to 1.

    Raises:
        BadInput: the file is refused; the sentence says why.
    """
    asked = {
        "source": str(source),
        "target": str(target),
        "wish": asdict(wish),
        "bounds": asdict(bounds),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "layers.rasters.taking"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(bounds.seconds, end)
    timer.start()
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(orjson.dumps(asked))
        process.stdin.close()
        for line in process.stdout:
            said = orjson.loads(line)
            if "step" in said:
                step(said["step"])
            elif "facts" in said:
                return Facts.from_json(said["facts"])
            else:
                raise BadInput(said["en"], said["vi"])
        process.wait()
    finally:
        timer.cancel()
        process.kill()
        process.wait()
    if late.is_set():
        raise BadInput(
            f"reading it took longer than {bounds.seconds:g} s (DIEUHANH_RASTER_SECONDS)",
            f"đọc tệp lâu hơn {bounds.seconds:g} giây (DIEUHANH_RASTER_SECONDS)",
        )
    raise BadInput(
        f"it broke its reader (status {process.returncode}): it is damaged, or needs more than"
        f" {bounds.memory_mb} MB",
        f"tệp làm hỏng trình đọc (mã {process.returncode}): tệp bị hỏng, hoặc cần hơn"
        f" {bounds.memory_mb} MB",
    )
