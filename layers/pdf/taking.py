"""The texts of a PDF's pages: a process of its own reads it, with bounded memory and time.

A file may be made to break its reader. It then ends that process, and the reason is told.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from spatial.errors import BadInput


@dataclass(frozen=True, slots=True)
class Bounds:
    """What reading a file may cost.

    Attributes:
        most_pages: of the file.
        seconds: from its beginning to its end.
        memory_mb: megabytes for data.
    """

    most_pages: int
    seconds: float
    memory_mb: int


async def read_texts(path: Path, bounds: Bounds) -> list[str]:
    """The text of each page of a PDF, empty where it is a picture.

    Raises:
        BadInput: the file is refused; the sentence says why.
    """
    asked = orjson.dumps({"path": str(path), **asdict(bounds)})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "layers.pdf.reading",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        said, _ = await asyncio.wait_for(process.communicate(asked), bounds.seconds)
    except TimeoutError:
        raise BadInput(
            f"reading it took longer than {bounds.seconds:g} s (DIEUHANH_DIRECTIVE_SECONDS)",
            f"đọc tệp lâu hơn {bounds.seconds:g} giây (DIEUHANH_DIRECTIVE_SECONDS)",
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not said:
        raise BadInput(
            f"it broke its reader (status {process.returncode}): it is damaged, or needs more than"
            f" {bounds.memory_mb} MB",
            f"tệp làm hỏng trình đọc (mã {process.returncode}): tệp bị hỏng, hoặc cần hơn"
            f" {bounds.memory_mb} MB",
        )
    told = orjson.loads(said)
    if "texts" not in told:
        raise BadInput(told["en"], told["vi"])
    texts: list[str] = told["texts"]
    return texts
