"""The process of one job: it computes, and tells its parent how far it is and what came of it.

A method that takes too long or too much memory, or that crashes, ends with its process and
nothing else does.
"""

from __future__ import annotations

import resource
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from api.cluster import die_with_parent
from layers.analysis.perform import perform
from layers.analysis.processes import process_of
from layers.analysis.results import Result
from layers.province import load_province
from layers.roles import Caller
from spatial.errors import BadInput


@dataclass(frozen=True)
class Task:
    """What a child is to do.

    Attributes:
        memory_mb: megabytes that it may take for data.
        result_mb: megabytes that its result may have.
        rasters: the folder of the rasters' files.
    """

    database_url: str
    province: str
    process: str
    inputs: dict[str, Any]
    caller: dict[str, Any]
    memory_mb: int
    result_mb: int
    rasters: Path


@dataclass(frozen=True)
class Failed:
    """Why a task came to nothing, for people, in both languages."""

    why: str


OUT_OF_MEMORY = Failed(
    "Cần nhiều bộ nhớ hơn mức cho phép; hãy chọn ô lớn hơn hoặc khoảng thời gian ngắn hơn."
    " / It needs more memory than it may have; take larger cells or a shorter time."
)


def nothing() -> None:
    """End at once: the first process that is made takes longer than those after it."""


def run(task: Task, parent: Connection) -> None:
    """Do a task, sending floats (how far it is), then a `Result` or `Failed`."""
    die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    most = task.memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    try:
        parent.send(_done(task, parent))
    except MemoryError:
        parent.send(OUT_OF_MEMORY)
    except BadInput as error:
        parent.send(Failed(f"{error.vi} / {error.en}"))
    finally:
        parent.close()


def _done(task: Task, parent: Connection) -> Result | Failed:
    process = process_of(task.process)
    result = perform(
        process,
        process.read(task.inputs),
        database_url=task.database_url,
        province=load_province(task.province),
        caller=Caller.from_json(task.caller),
        rasters=task.rasters,
        step=parent.send,
    )
    size = len(result.body) / 1024**2
    if size > task.result_mb:
        return Failed(
            f"Kết quả {size:.0f} MB lớn hơn mức {task.result_mb} MB; hãy chọn ô lớn hơn."
            f" / The result has {size:.0f} MB, more than {task.result_mb}; take larger cells."
        )
    return result
