"""`python -m bench.browser`: the map in a browser, on a thin network and a slow processor.

The server, PostgreSQL and the browser share this machine. The network is a port of its own
(`bench.link`); the processor is slowed by the browser (its page's thread, not its workers);
WebGL is drawn in software.
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from playwright.sync_api import Browser, CDPSession, Page, Route, ViewportSize
from rich.console import Console
from rich.table import Table

from api.cluster import Cluster
from bench.link import HOST, Speed, link
from bench.live import served
from tests.browser.chromium import DESKTOP, PATIENCE_MS, PHONE, chromium, open_page

NETWORK = Speed(down=1.5e6, up=0.75e6, way=0.02)
SLOWED = 4
SIZES: tuple[tuple[str, ViewportSize, float], ...] = (
    ("1440 × 900", DESKTOP, 1),
    ("390 × 844", PHONE, 2),
)
DENSE = "#map=12/15.88/108.33"
"""The view that is moved about: the coast around the densest requests."""
PACE_S = 1.0
"""The seconds of moving that are left out: by then the map draws as fine as it can keep up with."""
MOVE_S = 4.0
STEP = 2
FRAMES = """async ([seconds, step]) => {
  const began = performance.now();
  const gaps = [];
  let last = began;
  let at = 0;
  const canvas = document.querySelector('#map canvas');
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const say = (kind, x) => canvas.dispatchEvent(new MouseEvent(kind, {
    bubbles: true, button: 0, buttons: kind === 'mouseup' ? 0 : 1,
    clientX: left + width / 2 + x, clientY: top + height / 2,
  }));
  say('mousedown', 0);
  while (performance.now() - began < seconds * 1000) {
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - last);
    last = now;
    at += step;
    say('mousemove', -Math.sin(at / 60) * width / 4);
  }
  say('mouseup', 0);
  return gaps.slice(1);
}"""


@contextmanager
def slowed(browser: Browser, address: str, size: ViewportSize, scale: float) -> Iterator[Page]:
    """A page of a browser that has kept nothing, on a slow processor."""
    page, _ = open_page(browser, address, size, scale=scale)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    try:
        yield page
    finally:
        page.context.close()


def marked(page: Page, name: str) -> float:
    """The seconds from the start of the visit to a moment that the page marks."""
    found = page.wait_for_function(
        "name => performance.getEntriesByName(name, 'mark')[0]?.startTime ?? null",
        arg=name,
        timeout=2 * PATIENCE_MS,
    )
    return float(found.json_value()) / 1000


def first_visit(
    browser: Browser, port: int, size: ViewportSize, scale: float
) -> tuple[float, int, float, int]:
    """Seconds and bytes until the first sight, and until the map is drawn."""
    with (
        link(port, NETWORK) as way,
        slowed(browser, f"http://{HOST}:{way.port}", size, scale) as page,
    ):
        page.goto("/", wait_until="commit")
        sight = marked(page, "first-sight")
        light = way.down
        drawn = marked(page, "map-drawn")
        return sight, light, drawn, way.down


@dataclass(frozen=True, slots=True)
class Move:
    """How a map moved.

    Attributes:
        rate: frames a second.
        late_ms: what 95 of 100 frames took at most.
        main_ms: what the page's own thread works for a frame, on the slowed processor.
    """

    rate: float
    late_ms: float
    main_ms: float


def moved(
    browser: Browser, port: int, size: ViewportSize, scale: float, *, bare: bool = False
) -> Move:
    """Drag the dense view to and fro, once it has found its pace; bare, with nothing on the map."""
    with slowed(browser, f"http://{HOST}:{port}", size, scale) as page:
        if bare:
            page.route("**/api/map", _without_drawings)
        page.goto(f"/{DENSE}")
        page.wait_for_selector("#map[data-idle]", timeout=2 * PATIENCE_MS)
        # What is kept for the next visit comes after the map; it is no part of moving.
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.evaluate(FRAMES, [PACE_S, STEP])
        gaps: list[float] = sorted(page.evaluate(FRAMES, [MOVE_S, STEP]))
        late = gaps[int(len(gaps) * 0.95)]
        return Move(1000 * len(gaps) / sum(gaps), late, _work_ms(page))


def _work_ms(page: Page) -> float:
    """Milliseconds that the page's thread works for a frame.

    Taken at full speed and multiplied: slowing makes the thread spin, which counts as work, too.
    """
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _worked_s(session)
    count = len(page.evaluate(FRAMES, [MOVE_S, STEP]))
    return SLOWED * 1000 * (_worked_s(session) - before) / count


def _without_drawings(route: Route) -> None:
    answer = route.fetch()
    told = answer.json()
    for layer in told["layers"]:
        parts = (layer["drawing"] or {}).get("layers", [])
        parts[:] = [part for part in parts if part["type"] == "background"]
    route.fulfill(response=answer, json=told)


def _worked_s(session: CDPSession) -> float:
    """Seconds of the processor that the page's thread has had for its tasks."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")


def change(browser: Browser, port: int) -> float:
    """Seconds from the answer to a post until the open map has drawn what was posted."""
    page, _ = open_page(browser, f"http://{HOST}:{port}", DESKTOP)
    with page.expect_response(lambda answer: "/api/live" in answer.url):
        page.goto("/#map=17/15.2/107.6")
    page.wait_for_selector("#map[data-idle]", timeout=PATIENCE_MS)
    page.wait_for_timeout(1500)
    # Of the tile that was asked for again, the bytes have come and the map has come to rest.
    with page.expect_response(lambda answer: "/sos_requests/tiles/" in answer.url):
        body = {
            "id": str(uuid.uuid4()),
            "lon": 107.6,
            "lat": 15.2,
            "accuracy_m": 10,
            "category": "trapped",
            "people": 2,
            "phone": "0905123456",
        }
        request = urllib.request.Request(
            f"http://{HOST}:{port}/api/sos",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=30).close()
        began = time.monotonic()
    page.wait_for_selector("#map[data-idle]", timeout=PATIENCE_MS)
    took = time.monotonic() - began
    page.context.close()
    return took


def main(
    sos: Annotated[int, typer.Option(help="Requests for help in the demo.", min=1)] = 100_000,
    rounds: Annotated[int, typer.Option(help="Visits of each kind.", min=1)] = 3,
) -> None:
    """Measure the map in a browser."""
    table = Table("measured", "screen", "value", "goal", box=None)
    with TemporaryDirectory(prefix="dieuhanh-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder), die_with_parent=True)
        try:
            with served(cluster, Path(folder), sos, workers=2) as port, chromium() as browser:
                _measure(browser, port, rounds, table)
        finally:
            cluster.remove()
    console = Console()
    console.print(table)
    load = os.getloadavg()[0]
    console.print(f"cores: {os.cpu_count()}, load of the machine at the end: {load:.1f}")


def _measure(browser: Browser, port: int, rounds: int, table: Table) -> None:
    for name, size, scale in SIZES:
        visits = [first_visit(browser, port, size, scale) for _ in range(rounds)]
        sight, light, drawn, heavy = (
            sorted(column)[rounds // 2] for column in zip(*visits, strict=True)
        )
        table.add_row("first sight, panel usable", name, f"{sight:.1f} s", "< 2 s")
        table.add_row("  until then", name, f"{light / 1024:.0f} KB", "")
        table.add_row("map drawn", name, f"{drawn:.1f} s", "")
        table.add_row("  until then", name, f"{heavy / 1024:.0f} KB", "< 600 KB and heads")
        move, bare = (moved(browser, port, size, scale, bare=bare) for bare in (False, True))
        table.add_row("frames a second, moved", name, f"{move.rate:.0f}", "≥ 30")
        table.add_row("  of a map with nothing on it", name, f"{bare.rate:.0f}", "")
        table.add_row("  95 of 100 within", name, f"{move.late_ms:.0f} ms", "")
        table.add_row("  the page's thread for each", name, f"{move.main_ms:.0f} ms", "≤ 33 ms")
        table.add_row("  with nothing on it", name, f"{bare.main_ms:.0f} ms", "")
    seconds: list[Any] = sorted(change(browser, port) for _ in range(rounds))
    table.add_row(
        "a post drawn on the open map", SIZES[0][0], f"{seconds[rounds // 2]:.2f} s", "< 1 s"
    )


if __name__ == "__main__":
    typer.run(main)
