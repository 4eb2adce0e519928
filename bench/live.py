"""`python -m bench.live`: SOS posts from phones while many viewers watch.

The server, PostgreSQL (durable), the phones and the viewers share this machine; everything runs
over the loopback interface.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.cli.database import create_database
from api.cluster import Cluster, die_with_parent
from api.postgresql import ClusterError
from bench.live_viewers import Seen, watch
from bench.processes import ROOT, BenchError, Server, free_port

HOST = "127.0.0.1"
GRACE = 10.0
"""Seconds that the last events get to arrive."""
GOAL_POST, GOAL_EVENT = 250.0, 1000.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything."""

    rate: float
    seconds: float
    phones: int
    viewers: int
    workers: int

    @property
    def posts(self) -> int:
        """Posts in all."""
        return round(self.rate * self.seconds)


@dataclass(slots=True)
class Posted:
    """What came of the posts: when each began, by its id, and how long each took."""

    began: dict[bytes, float] = field(default_factory=dict)
    took_ms: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)


async def post_all(port: int, plan: Plan) -> Posted:
    """Post at a steady rate, whether earlier posts have been answered or not."""
    posted = Posted()
    chance = random.Random(50)
    start = time.monotonic()
    tasks = []
    for number in range(plan.posts):
        await asyncio.sleep(max(0.0, start + number / plan.rate - time.monotonic()))
        body = json.dumps(_request(chance, number % plan.phones)).encode()
        tasks.append(asyncio.create_task(_post(port, body, posted)))
    await asyncio.gather(*tasks)
    return posted


def _request(chance: random.Random, phone: int) -> dict[str, object]:
    return {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "lon": round(chance.uniform(107.6, 108.6), 6),
        "lat": round(chance.uniform(15.2, 16.0), 6),
        "accuracy_m": 15,
        "category": chance.choice(("trapped", "landslide", "medical", "evacuation")),
        "people": chance.randint(1, 8),
        "injured": chance.choice((0, 0, 0, 1)),
        "note": f"Nước lên nhanh, cần xuồng {chance.randint(1, 9999)}",
        "phone": f"09{phone:08d}",
    }


async def _post(port: int, body: bytes, posted: Posted) -> None:
    """One phone's post, over a connection of its own as a phone's is."""
    identifier = json.loads(body)["id"].encode()
    posted.began[identifier] = time.time()
    began = time.perf_counter()
    status = "lost"
    try:
        async with asyncio.timeout(30):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(
                b"POST /api/sos HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            )
            answer = await reader.read()
            writer.close()
            status = answer[9:12].decode() or "lost"
    except (OSError, TimeoutError) as error:
        status = type(error).__name__
    posted.took_ms.append((time.perf_counter() - began) * 1000)
    posted.statuses[status] += 1


@contextmanager
def server(folder: Path, plan: Plan) -> Iterator[int]:
    """The product's server on a durable PostgreSQL of its own, with the demo; its port."""
    cluster = Cluster(folder, durable=True, die_with_parent=True)
    try:
        with served(cluster, folder, 5000, plan.workers) as port:
            yield port
    finally:
        cluster.remove()


def with_demo(cluster: Cluster, sos: int) -> dict[str, str]:
    """Make the database `bench` with the demo in it; the setting that names it."""
    env = {"DIEUHANH_DATABASE_URL": create_database(cluster, "bench")}
    for step in (["migrate"], ["demo", "--sos", str(sos)]):
        subprocess.run(
            [sys.executable, "-m", "api.cli", *step],
            env={**os.environ, **env},
            cwd=ROOT,
            check=True,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    return env


@contextmanager
def served(cluster: Cluster, folder: Path, sos: int, workers: int) -> Iterator[int]:
    """The product's server with the demo in a cluster that the block starts; its port."""
    cluster.start()
    port = free_port()
    env = {
        **with_demo(cluster, sos),
        "DIEUHANH_WORKERS": str(workers),
        "DIEUHANH_PHOTOS": str(folder / "photos"),
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "api.cli"]
    log = ROOT / ".data" / "bench" / "live.log"
    with Server("dieuhanh", [*command, "serve"], env, log) as running:
        running.wait_until_ready(f"http://{HOST}:{port}/readyz")
        yield port


def _watch(port: int, viewers: int, told: Connection) -> None:
    die_with_parent(signal.SIGKILL)
    asyncio.run(watch(HOST, port, viewers, told))


def run(plan: Plan) -> tuple[Posted, Seen, float]:
    """Post and watch; also the seconds that the last event took to arrive after the last post."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * plan.viewers:
        raise BenchError(f"{plan.viewers} viewers need as many open files; {hard} are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65536)), hard))
    with TemporaryDirectory(prefix="dieuhanh-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with server(Path(folder), plan) as port:
            ours, theirs = multiprocessing.Pipe()
            watching = multiprocessing.Process(target=_watch, args=(port, plan.viewers, theirs))
            watching.start()
            try:
                if not ours.poll(60) or ours.recv() != "ready":
                    raise BenchError("the viewers did not connect")
                posted = asyncio.run(post_all(port, plan))
                ended = time.time()
                ours.send((plan.posts, GRACE))
                if not ours.poll(GRACE + 60):
                    raise BenchError("the viewers do not answer")
                seen: Seen = ours.recv()
            finally:
                watching.kill()
                watching.join()
    return posted, seen, seen.last - ended


def quantile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def report(plan: Plan, posted: Posted, seen: Seen, console: Console) -> bool:
    """Print what was measured; whether the goals are met."""
    delays = seen.delays(posted.began)
    good = sum(posted.statuses[status] for status in ("200", "201"))
    table = Table("measured", "value", "goal", box=None)
    p99, event = quantile(posted.took_ms, 0.99), quantile(delays, 0.99)
    expected = plan.posts * plan.viewers
    statuses = ", ".join(f"{name}: {count}" for name, count in sorted(posted.statuses.items()))
    table.add_row("posts", f"{plan.posts} ({statuses})", "all 201")
    table.add_row("post, p50", f"{quantile(posted.took_ms, 0.5):.0f} ms", "")
    table.add_row("post, p99", f"{p99:.0f} ms", f"< {GOAL_POST:.0f} ms")
    table.add_row("events seen", f"{seen.events}", f"{expected} ({plan.viewers} viewers)")
    table.add_row("doubles, disconnections", f"{seen.doubles}, {seen.lost}", "0, 0")
    table.add_row("post to event, p50", f"{quantile(delays, 0.5):.0f} ms", "")
    table.add_row("post to event, p99", f"{event:.0f} ms", f"< {GOAL_EVENT:.0f} ms")
    table.add_row("post to event, longest", f"{max(delays, default=float('nan')):.0f} ms", "")
    console.print(table)
    whole = good == plan.posts and seen.events == expected and not seen.doubles and not seen.lost
    return whole and p99 < GOAL_POST and event < GOAL_EVENT


def main(
    rate: Annotated[float, typer.Option(help="Posts a second.", min=1, max=500)] = 50,
    seconds: Annotated[float, typer.Option(help="How long.", min=1, max=600)] = 60,
    phones: Annotated[int, typer.Option(help="Phones that post.", min=1, max=10_000)] = 200,
    viewers: Annotated[int, typer.Option(help="Live viewers.", min=1, max=10_000)] = 1000,
    workers: Annotated[int, typer.Option(help="The server's processes.", min=1, max=16)] = 2,
    strict: Annotated[bool, typer.Option(help="Exit status 3 if a goal is missed.")] = False,
) -> None:
    """Measure posting requests for help while many watch, on this machine alone."""
    signal.signal(signal.SIGTERM, _stop)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    plan = Plan(rate, seconds, phones, viewers, workers)
    try:
        posted, seen, lag = run(plan)
    except (BenchError, ClusterError, subprocess.CalledProcessError) as error:
        console.print(f"bench: {error}", markup=False, soft_wrap=True)
        sys.exit(1)
    met = report(plan, posted, seen, console)
    console.print(
        f"last event {lag:.2f} s after the last answer; goals {'met' if met else 'missed'}"
    )
    sys.exit(3 if strict and not met else 0)


def _stop(number: int, frame: FrameType | None) -> None:
    # Raised through every `with`, so that all that was started is ended.
    raise KeyboardInterrupt


if __name__ == "__main__":
    typer.run(main)
