"""`python -m bench.analysis`: hotspots of a million points through the API, and of archives.

The archive is synthetic: events around forty places, in GeoParquet of two million each. It is
counted by two worker processes of a Dask cluster on this machine, whose memory is bounded.
"""

from __future__ import annotations

import json
import os
import resource
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from distributed import Client, LocalCluster
from rich.console import Console

from api.cluster import Cluster
from bench.live import HOST, served
from bench.processes import ROOT
from bench.report import markdown, terminal, write_page
from layers.analysis.archive import Archive
from layers.analysis.perform import perform
from layers.analysis.processes import process_of
from layers.province import load_province
from layers.roles import ANYONE
from layers.writing.plan import GEOMETRY

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- analysis:begin -->", "<!-- analysis:end -->"
FILE_EVENTS = 2_000_000
BATCH = 250_000
WORKER_MB = 1024
HEXAGON_M = 1100
"""Such that the province has some 10,000 hexagons."""
STARTED = 15
"""Seconds after a server's start, in which its process of analysis starts too."""
START = np.datetime64("2026-06-01T00:00:00", "ms")


def main(
    points: Annotated[int, typer.Option(help="Requests for help in the demo.")] = 1_000_000,
    events: Annotated[int, typer.Option(help="Events of the largest archive.")] = 50_000_000,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    write: Annotated[bool, typer.Option(help="Write the figures into the page.")] = False,
) -> None:
    """Measure analyses from end to end."""
    console = Console(highlight=False)
    with TemporaryDirectory(prefix="dieuhanh-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = Cluster(folder, die_with_parent=True)
        try:
            with served(cluster, folder, points, workers=1) as port:
                api = [("through the API", "seconds", "goal"), *_api(port, points, rounds)]
            console.print(terminal(api))
            table = [("events", "hexagons, s", "hexagons × days, s", "a second", "a worker, MB")]
            url = cluster.url("bench")
            table += [each.row() for each in _archives(folder / "archive", url, events, console)]
            console.print(terminal(table))
        finally:
            cluster.remove()
    console.print(f"cores: {os.cpu_count()}, load at the end: {os.getloadavg()[0]:.1f}")
    if write:
        write_page(PAGE, f"{markdown(api)}\n\n{markdown(table)}", BEGIN, END)


def _api(port: int, points: int, rounds: int) -> Iterator[tuple[str, str, str]]:
    inputs = {"layer": "sos_requests", "by": "hexagon"}
    time.sleep(STARTED)
    began = time.monotonic()
    _ask(port, {**inputs, "size_m": HEXAGON_M - 1})
    yield (
        f"hotspots as in the next line, the first {STARTED} s after a start",
        f"{time.monotonic() - began:.2f}",
        "1.5",
    )
    took, answer = [], b""
    for number in range(rounds):
        # Another size each time, so that nothing can be remembered.
        began = time.monotonic()
        answer = _ask(port, {**inputs, "size_m": HEXAGON_M + number})
        took.append(time.monotonic() - began)
    found = json.loads(answer)
    cells = found["summary"]["cells"]
    yield (
        f"hotspots, {points:,} points into {cells:,} hexagons, {len(found['features']):,} features",
        f"{median(took):.2f}",
        "1.5",
    )


def _ask(port: int, inputs: dict[str, Any]) -> bytes:
    request = urllib.request.Request(
        f"http://{HOST}:{port}/ogc/processes/hotspots/execution",
        data=json.dumps({"inputs": inputs}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        body: bytes = answer.read()
        return body


@dataclass(frozen=True, slots=True)
class Counted:
    """What an archive took: seconds of the two analyses, and the largest worker's peak in MB."""

    events: int
    hexagons_s: float
    emerging_s: float
    worker_mb: float

    def row(self) -> tuple[str, str, str, str, str]:
        """As a row of the table."""
        return (
            f"{self.events:,}",
            f"{self.hexagons_s:.1f}",
            f"{self.emerging_s:.1f}",
            f"{self.events / self.hexagons_s:,.0f}",
            f"{self.worker_mb:.0f}",
        )


def _archives(folder: Path, url: str, most: int, console: Console) -> Iterator[Counted]:
    folder.mkdir()
    made = 0
    for size in sorted({most // 10, most // 5, most // 2, most}):
        console.print(f"archive of {size:,} events")
        while made < size:
            made += make_file(folder / f"{made:012d}.parquet", min(FILE_EVENTS, size - made), made)
        with LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            memory_limit=f"{WORKER_MB}MB",
            dashboard_address=None,
        ) as cluster:
            archive = Archive(folder, cluster.scheduler_address)
            took = []
            for name, inputs in (
                ("hotspots", {"size_m": HEXAGON_M}),
                ("emerging-hotspots", {"size_m": 5000}),
            ):
                began = time.monotonic()
                by_workers = _perform(name, inputs, url, archive)
                took.append(time.monotonic() - began)
                if size == most // 10 and by_workers != _perform(
                    name, inputs, url, Archive(folder)
                ):
                    raise RuntimeError(f"{name}: the workers found something else")
            with Client(cluster) as client:
                peaks = client.run(lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        yield Counted(size, took[0], took[1], max(peaks.values()) / 1024)


def _perform(name: str, inputs: dict[str, Any], url: str, archive: Archive) -> bytes:
    process = process_of(name)
    asked = process.read({"layer": "sos_requests", "by": "hexagon", **inputs})
    province = load_province("quang-nam")
    return perform(
        process, asked, database_url=url, province=province, caller=ANYONE, archive=archive
    ).body


def make_file(path: Path, events: int, seed: int) -> int:
    """A file of synthetic events around forty places in the province, over 90 days."""
    random = np.random.default_rng([7, seed])
    places = np.random.default_rng(7).uniform((107.3, 15.0), (108.6, 16.0), (40, 2))
    schema = pa.schema(
        [
            ("reported_at", pa.timestamp("ms", tz="UTC")),
            ("people", pa.int64()),
            (GEOMETRY, pa.binary()),
        ]
    )
    shape = np.dtype([("order", "u1"), ("type", "<u4"), ("xy", "<f8", 2)])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for first in range(0, events, BATCH):
            count = min(BATCH, events - first)
            points = np.zeros(count, shape)
            points["order"], points["type"] = 1, 1
            where = places[random.integers(0, 40, count)] + random.normal(0, 0.08, (count, 2))
            points["xy"] = where.round(7)
            ends = np.arange(count + 1, dtype=np.int32) * shape.itemsize
            shapes = pa.Array.from_buffers(
                pa.binary(), count, [None, pa.py_buffer(ends), pa.py_buffer(points.tobytes())]
            )
            moments = START + random.integers(0, 90 * 86_400_000, count).astype("timedelta64[ms]")
            columns = [
                pa.array(moments).cast(schema.field(0).type),
                pa.array(random.integers(1, 9, count)),
                shapes,
            ]
            writer.write_table(pa.table(columns, schema=schema), row_group_size=BATCH)
    return events


if __name__ == "__main__":
    typer.run(main)
