"""Memory of the server's worker, and of exports."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bench.processes import ROOT, BenchError, Server

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory in megabytes (10⁶ bytes).

    Attributes:
        worker: resident memory of the largest process of the server, which is its worker.
        total: proportional share of all its processes (shared pages counted once).
    """

    worker: float
    total: float


@dataclass(frozen=True, slots=True)
class Export:
    """An export that ran to its end: size and peak memory in megabytes, seconds, features."""

    size: float
    peak: float
    seconds: float
    features: int


def memory_of(server: Server) -> Memory:
    """The memory of a server that runs, its children included."""
    found = [process.memory_full_info() for process in server.processes()]
    return Memory(
        worker=max(info.rss for info in found) / MEGABYTE,
        total=sum(getattr(info, "pss", info.rss) for info in found) / MEGABYTE,
    )


def peak_of(server: Server) -> float:
    """The most resident memory that any process of a server has had since it started, in MB.

    Source: `VmHWM` in proc(5).
    """
    return max(_high_water(process) for process in server.processes())


def _high_water(process: psutil.Process) -> float:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / MEGABYTE
    return 0.0


def download(server: Server, url: str) -> Export:
    """Download an export and count its features; the peak is that of the server's worker.

    Raises:
        BenchError: the answer is not 200.
    """
    size, features, rest = 0, 0, b""
    mark = b'"geometry"'
    begun = time.monotonic()
    with httpx.Client(timeout=120) as client, client.stream("GET", url) as answer:
        if answer.status_code != 200:
            raise BenchError(f"{url}: status {answer.status_code}")
        for chunk in answer.iter_bytes():
            size += len(chunk)
            features += (rest + chunk).count(mark)
            rest = (rest + chunk)[-(len(mark) - 1) :]
    return Export(size / MEGABYTE, peak_of(server), time.monotonic() - begun, features)


def command_peak(command: Sequence[str], env: dict[str, str], log: Path) -> tuple[float, float]:
    """Run a command; the peak resident memory of its largest process in MB, and its seconds.

    Asked of each process while it runs: what the system tells of one that has ended (`wait4`)
    counts the memory of the process that started it.

    Raises:
        BenchError: it failed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    begun, peak = time.monotonic(), 0.0
    with log.open("ab") as output:
        process = psutil.Popen(
            list(command), env={**os.environ, **env}, cwd=ROOT, stdout=output, stderr=output
        )
        while process.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
                tree = [process, *process.children(recursive=True)]
                peak = max(peak, *(_high_water(each) for each in tree))
            time.sleep(0.005)
    if process.returncode != 0:
        raise BenchError(f"{' '.join(command)}: exit status {process.returncode}, see {log}")
    return peak, time.monotonic() - begun
