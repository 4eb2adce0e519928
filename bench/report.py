"""Medians, ratios and goals: for the terminal, for `docs/performance.md`, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table

from bench.cases import SERVERS, Case
from bench.load import Load
from bench.memory import Export, Memory

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
NGINX_GOAL = 0.4
WORKER_GOAL = 200.0
EXPORT_GOAL = 150.0
"""Megabytes."""


@dataclass
class Result:
    """What one case gave.

    Attributes:
        rates: answers a second of each round, by server.
        sizes: mean bytes of an answer, by server.
        sql: answers a second of PostgreSQL alone; None: not measured.
        features: features in the case's first answer.
    """

    case: Case
    features: int
    rates: dict[str, list[float]] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)
    sql: float | None = None

    def add(self, server: str, load: Load) -> None:
        """Note a round."""
        self.rates.setdefault(server, []).append(load.rate)
        self.sizes[server] = load.size

    def rate(self, server: str) -> float | None:
        """The median of a server's rounds; None: it cannot do this case."""
        rounds = self.rates.get(server)
        return median(rounds) if rounds else None

    def ratio(self, peer: str) -> float | None:
        """How many times a peer's rate this server reaches."""
        ours, theirs = self.rate("dieuhanh"), self.rate(peer)
        return ours / theirs if ours is not None and theirs else None

    def missed(self) -> list[str]:
        """The goals that were not reached, as sentences."""
        found = []
        for peer in self.case.peers:
            goal, ratio = self.case.goal(peer), self.ratio(peer)
            if goal is not None and ratio is not None and ratio < goal:
                found.append(f"{self.case.id}: {ratio:.1f} × {peer}, goal {goal:g} ×")
        return found


@dataclass
class Cached:
    """An unchanged answer from the cache, beside nginx with the same bytes."""

    title: str
    size: int
    ours: list[float] = field(default_factory=list)
    nginx: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Our median rate as a share of nginx's."""
        return median(self.ours) / median(self.nginx)


@dataclass
class Report:
    """Everything that a run found out."""

    machine: dict[str, str]
    results: list[Result] = field(default_factory=list)
    cached: list[Cached] = field(default_factory=list)
    memory: dict[str, Memory] = field(default_factory=dict)
    exports: dict[str, Export] = field(default_factory=dict)

    def missed(self) -> list[str]:
        """All goals that were not reached, as sentences."""
        found = [line for result in self.results for line in result.missed()]
        for each in self.cached:
            if each.ratio < NGINX_GOAL:
                found.append(f"cached {each.title}: {each.ratio:.2f} × nginx, goal {NGINX_GOAL} ×")
        for phase, memory in self.memory.items():
            if memory.worker > WORKER_GOAL:
                found.append(f"worker {phase}: {memory.worker:.0f} MB, goal {WORKER_GOAL:.0f}")
        for name, export in self.exports.items():
            if export.peak > EXPORT_GOAL:
                found.append(f"export {name}: {export.peak:.0f} MB, goal {EXPORT_GOAL:.0f}")
        return found

    def as_json(self) -> str:
        """The report as JSON: every round, so that the medians can be checked."""
        document: dict[str, Any] = {
            "machine": self.machine,
            "cases": [
                {
                    "id": result.case.id,
                    "features": result.features,
                    "rates": result.rates,
                    "bytes": result.sizes,
                    "sql": result.sql,
                    "ratios": {peer: result.ratio(peer) for peer in result.case.peers},
                    "goals": {peer: result.case.goal(peer) for peer in result.case.peers},
                }
                for result in self.results
            ],
            "cached": [{**asdict(each), "ratio": each.ratio} for each in self.cached],
            "memory": {phase: asdict(memory) for phase, memory in self.memory.items()},
            "exports": {name: asdict(export) for name, export in self.exports.items()},
            "missed": self.missed(),
        }
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def number(value: float | None) -> str:
    """A rate with three figures that count; a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def ratio_with_goal(ratio: float | None, goal: float | None) -> str:
    """A ratio, and beside it the goal and whether it is reached."""
    if ratio is None:
        return "–"
    shown = f"{ratio:,.0f} ×" if ratio >= 100 else f"{ratio:.1f} ×"
    if goal is None:
        return shown
    return f"{shown} {'✓' if ratio >= goal else '✗'} {goal:g}"


def speed_rows(results: Sequence[Result]) -> list[list[str]]:
    """The rows of the table of speeds, the heading first."""
    head = ["answers a second", "features", *SERVERS, "SQL alone"]
    rows = [[*head, "× tipg (goal)", "× pygeoapi (goal)"]]
    for result in results:
        rates = [number(result.rate(server)) for server in SERVERS]
        ratios = [
            ratio_with_goal(result.ratio(peer), result.case.goal(peer))
            for peer in ("tipg", "pygeoapi")
        ]
        name = result.case.title
        rows.append([name, f"{result.features:,}", *rates, number(result.sql), *ratios])
    return rows


def cached_rows(cached: Sequence[Cached]) -> list[list[str]]:
    """The rows of the table of cached answers, the heading first."""
    rows = [["unchanged answer", "bytes", "dieuhanh, cache on", "nginx", "× nginx (goal)"]]
    for each in cached:
        ratio = f"{each.ratio:.2f} {'✓' if each.ratio >= NGINX_GOAL else '✗'} {NGINX_GOAL}"
        rates = [number(median(each.ours)), number(median(each.nginx))]
        rows.append([each.title, f"{each.size:,}", *rates, ratio])
    return rows


def memory_rows(report: Report) -> list[list[str]]:
    """The rows of the table of memory, the heading first."""
    rows = [["memory, MB", "measured", "goal"]]
    for phase, memory in report.memory.items():
        mark = "✓" if memory.worker <= WORKER_GOAL else "✗"
        shown = f"{memory.worker:.0f} {mark}"
        rows.append([f"the worker after the run, {phase}", shown, f"{WORKER_GOAL:.0f}"])
        rows.append([f"all its processes, shared pages once, {phase}", f"{memory.total:.0f}", ""])
    for name, export in report.exports.items():
        mark = "✓" if export.peak <= EXPORT_GOAL else "✗"
        what = f"peak, {name}: {export.features:,} features, {export.size:.0f} MB"
        rows.append([f"{what} in {export.seconds:.1f} s", f"{export.peak:.0f} {mark}", "150"])
    return rows


def tables(report: Report) -> list[list[list[str]]]:
    """The tables that have rows, each with its heading first."""
    found = [speed_rows(report.results), cached_rows(report.cached), memory_rows(report)]
    return [rows for rows in found if len(rows) > 1]


def terminal(rows: Sequence[Sequence[str]]) -> Table:
    """A table for the terminal: the first column to the left, figures to the right."""
    table = Table()
    for place, name in enumerate(rows[0]):
        table.add_column(name, justify="right" if place else "left")
    for row in rows[1:]:
        table.add_row(*row)
    return table


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table for a page of the docs."""
    marks = ["---", *(["---:"] * (len(rows[0]) - 1))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], marks, *rows[1:]))


def page_part(report: Report) -> str:
    """The measured part of `docs/performance.md`."""
    where = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    parts = [f"Measured with `make bench`: {where}.", *(markdown(rows) for rows in tables(report))]
    missed = report.missed()
    if missed:
        parts.append("Goals not reached in this run:\n\n" + "\n".join(f"- {m}" for m in missed))
    else:
        parts.append("Every goal was reached in this run.")
    return "\n\n".join(parts)


def write_page(page: Path, part: str, begin: str = BEGIN, end: str = END) -> None:
    """Replace the measured part of a page, between its two markers.

    Raises:
        ValueError: the page does not have the markers, in their order.
    """
    text = page.read_text()
    before, opened, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise ValueError(f"{page.name} has no {begin} … {end}")
    page.write_text(f"{before}{begin}\n{part}\n{end}{after}")
