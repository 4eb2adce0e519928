"""The figures of a server for Prometheus, all its workers together.

A worker counts in plain numbers, which costs a request a microsecond at most, and carries them
every second into files of prometheus_client's multi-process mode. Whichever worker is asked adds
up the files of all.
"""

from __future__ import annotations

import math
import os
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.utils import floatToGoString

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable with the folder that the workers of a server share."""
EVERY = 1.0
"""Seconds between two times that a worker's figures are carried into its files."""
ROOM = 1 << 18
"""Bytes of each of a worker's three files: enough for some thousand figures."""
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, math.inf)
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_BOUNDS = tuple(map(floatToGoString, BUCKETS))
_GAUGE = "gauge_livesum"


class Metrics:
    """The figures of one worker, and what all workers' come to."""

    def __init__(self) -> None:
        self.cached = 0
        self._requests: dict[tuple[str, str, int], int] = defaultdict(int)
        self._timings: dict[str, _Timing] = defaultdict(_Timing)
        self._gauges: dict[tuple[str, str], Callable[[], float]] = {}
        self._alone = None if os.environ.get(FOLDER) else TemporaryDirectory(prefix="dieuhanh-")
        self._folder = Path(self._alone.name if self._alone else os.environ[FOLDER])
        self._files = {kind: _open(self._folder, kind) for kind in ("counter", "histogram", _GAUGE)}
        self._keys: dict[_Name, str] = {}
        self._publishing = threading.Lock()
        self._registry = CollectorRegistry()
        MultiProcessCollector(self._registry, str(self._folder))  # type: ignore[no-untyped-call]
        self.watch("dieuhanh_workers", "Workers that run", lambda: 1.0)
        if self._alone is None:
            threading.Thread(target=self._keep_publishing, name="figures", daemon=True).start()

    def record(self, method: str, handler: str, status: int, seconds: float) -> None:
        """Count an answer; 499 (after nginx): the client left before there was one."""
        # A client may send any word for a method.
        self._requests[method if method in METHODS else "other", handler, status] += 1
        timing = self._timings[handler]
        timing.counts[bisect_left(BUCKETS, seconds)] += 1
        timing.seconds += seconds

    def watch(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Report what a function says, summed over the workers that run."""
        self._gauges[name, text] = read

    def publish(self) -> None:
        """Carry this worker's figures into its files."""
        with self._publishing:
            for name, value in self._values():
                key = self._keys.get(name)
                if key is None:
                    key = self._keys[name] = name.key()
                self._files[name.kind].write_value(key, value, 0.0)  # type: ignore[no-untyped-call]

    def text(self) -> bytes:
        """The figures of all workers in Prometheus' text format."""
        self.publish()
        for file in self._folder.glob("gauge_*.db"):
            # What a worker that died has counted stays; what it held is gone.
            if not Path("/proc", file.stem.rpartition("_")[2]).exists():
                file.unlink(missing_ok=True)
        return generate_latest(self._registry)

    def _values(self) -> Iterator[tuple[_Name, float]]:
        # Requests are counted meanwhile, in another thread: what is iterated over is a copy.
        text = "Requests answered from memory or with 304 before routing"
        yield _Name("counter", "dieuhanh_cached_answers", "_total", text), self.cached
        for (method, handler, status), count in tuple(self._requests.items()):
            labels = (("method", method), ("handler", handler), ("status", str(status)))
            name = _Name("counter", "dieuhanh_requests", "_total", "Requests answered", labels)
            yield name, count
        text = "Time from the request to the end of the answer"
        for handler, timing in tuple(self._timings.items()):
            label = ("handler", handler)
            seconds = _Name("histogram", "dieuhanh_request_seconds", "_sum", text, (label,))
            yield seconds, timing.seconds
            for bound, count in zip(_BOUNDS, timing.counts, strict=True):
                yield seconds._replace(suffix="_bucket", labels=(label, ("le", bound))), count
        for (gauge, text), read in tuple(self._gauges.items()):
            yield _Name(_GAUGE, gauge, "", text), read()

    def _keep_publishing(self) -> None:
        while True:
            time.sleep(EVERY)
            self.publish()


class _Name(NamedTuple):
    """What a figure is called in the files."""

    kind: str
    metric: str
    suffix: str
    text: str
    labels: tuple[tuple[str, str], ...] = ()

    def key(self) -> str:
        names, values = zip(*self.labels, strict=True) if self.labels else ((), ())
        return mmap_key(self.metric, self.metric + self.suffix, names, values, self.text)  # type: ignore[arg-type]


class _Timing:
    """How many answers of a handler took how long, and how long all took together."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * len(BUCKETS)
        self.seconds = 0.0


def _open(folder: Path, kind: str) -> MmapedDict:
    path = folder / f"{kind}_{os.getpid()}.db"
    # It gets its name once it is complete: another worker may be reading all there are.
    partial = path.with_suffix(".new")
    with partial.open("wb") as empty:
        # Where there is no room, say so now: a mapped page without room ends the process.
        os.posix_fallocate(empty.fileno(), 0, ROOM)
    file = MmapedDict(str(partial))  # type: ignore[no-untyped-call]
    partial.replace(path)
    return file
