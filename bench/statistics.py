"""`python -m bench.statistics`: how fast the methods of hotspot analysis are, and how honest."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Annotated, Any

import esda
import libpysal
import numpy as np
import typer
from rich.console import Console

from bench.processes import ROOT
from bench.report import markdown, terminal, write_page
from spatial.stats import emerging, getis_ord, grid, kernel, moran, scan, weights
from spatial.stats.inputs import Floats, Inference

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- statistics:begin -->", "<!-- statistics:end -->"
ROUNDS = 3
LEVEL = 0.05
INFERENCES: tuple[Inference, ...] = ("normal", "permutation")
SMALL = grid.grid_over("hexagon", 1_000, (0, 0, 20_000, 20_000))
LARGE = grid.grid_over("hexagon", 1_000, (0, 0, 98_000, 86_000))
NOISE: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "Poisson, 0.05 a cell": lambda rng, n: rng.poisson(0.05, n),
    "Poisson, 0.3 a cell": lambda rng, n: rng.poisson(0.3, n),
    "Poisson, 1 a cell": lambda rng, n: rng.poisson(1, n),
    "Poisson, 5 a cell": lambda rng, n: rng.poisson(5, n),
    "Poisson, 50 a cell": lambda rng, n: rng.poisson(50, n),
    "negative binomial, 5 a cell, variance 30": lambda rng, n: rng.negative_binomial(1, 1 / 6, n),
    "log-normal, σ 1": lambda rng, n: rng.lognormal(0, 1, n),
}
"""What is in a cell by chance."""

Compared = tuple[str, int, list[float]]
"""What was looked for, on how many maps, and the share found with each of `INFERENCES`."""


@dataclass(frozen=True, slots=True)
class Speed:
    """What one method took, in seconds; `peer` is esda's time where it was measured."""

    what: str
    seconds: float
    goal: float | None = None
    peer: float | None = None

    def row(self) -> tuple[str, str, str, str]:
        """As a row of the table."""
        ratio = f"{self.peer / self.seconds:.0f} ×" if self.peer else "–"
        goal = f"{self.goal:g}" if self.goal else ""
        return self.what, f"{self.seconds:.3f}", goal, ratio


def main(
    maps: Annotated[
        int, typer.Option(help="Maps made by chance, to count false alarms on.")
    ] = 1000,
    write: Annotated[bool, typer.Option(help="Write the figures into the page.")] = False,
) -> None:
    """Measure the methods of `spatial/stats/`."""
    console = Console(highlight=False)
    speed = [("method", "seconds", "goal", "esda")]
    speed += [each.row() for each in speeds()]
    console.print(terminal(speed))
    alarms = [("of maps", "", "share")]
    alarms += [(what, f"{count:,}", f"{share:.1%}") for what, count, share in honesty(maps)]
    console.print(terminal(alarms))
    compared = [("Gi*, corrected", "of maps", *(f"{each} p" for each in INFERENCES))]
    compared += [
        (what, f"{count:,}", *(f"{share:.1%}" for share in shares))
        for what, count, shares in by_inference(maps)
    ]
    console.print(terminal(compared))
    if write:
        tables = "\n\n".join(markdown(each) for each in (speed, compared, alarms))
        write_page(PAGE, tables, BEGIN, END)


def speeds() -> Iterator[Speed]:
    """Each method on the size that a province, or a nation, gives it."""
    yield from _hotspots()
    yield from _densities()
    yield from _scans()


def _hotspots() -> Iterator[Speed]:
    rng = np.random.default_rng(1)
    cells = grid.grid_over("hexagon", 1_000, (0, 0, 98_000, 86_000))
    xy = rng.random((1_000_000, 2)) * (98_000, 86_000)
    yield Speed(f"1,000,000 points into {len(cells):,} hexagons", _timed(lambda: cells.count(xy)))
    counted = cells.count(xy).astype(np.float64)
    near = cells.neighbours()
    theirs = _libpysals(near)
    yield Speed(f"neighbours of {len(cells):,} hexagons", _timed(cells.neighbours))
    yield Speed(
        f"Gi*, corrected, {len(cells):,} hexagons",
        _timed(lambda: getis_ord.local_g(counted, near)),
        peer=_timed(
            lambda: esda.G_Local(counted, theirs, transform="B", star=True, permutations=0)
        ),
    )
    yield Speed(
        f"local Moran's I, 999 permutations, {len(cells):,} hexagons",
        _timed(lambda: moran.local_i(counted, near.row_standardised()), 1),
        peer=_timed(lambda: esda.Moran_Local(counted, theirs, permutations=999), 1),
    )


def _densities() -> Iterator[Speed]:
    rng = np.random.default_rng(2)
    xy = rng.random((100_000, 2)) * 100_000
    raster = kernel.raster_over((0, 0, 100_000, 100_000), 100)
    x, y = raster.centres()
    mask = np.hypot(x - 50_000, (y - 50_000)[:, None]) < 48_000
    for name in ("quartic", "gaussian"):
        yield Speed(
            f"{name} density, 100,000 points on 1,000 × 1,000 cells, cut at an edge",
            _timed(lambda name=name: kernel.density(xy, raster, 3_000, name, mask)),  # type: ignore[misc]
            goal=1,
        )


def _scans() -> Iterator[Speed]:
    rng = np.random.default_rng(3)
    xy, people = province(rng, 250)
    share = people / people.sum()
    cases = rng.multinomial(2_000, share)
    windows = scan.circles(xy, people)
    yield Speed(
        f"scan of 250 units, {windows.windows:,} circles, 999 simulations",
        _timed(lambda: scan.scan(cases, people, windows), 1),
        goal=5,
    )
    cube = rng.multinomial(2_000, np.repeat(share / 90, 90)).reshape(250, 90)
    yield Speed(
        "scan of 250 units × 90 days, clusters still going on, up to 30 days, 999 simulations",
        _timed(lambda: scan.space_time_scan(cube, people, windows, 30), 1),
    )
    near = weights.nearest(xy, 6)
    yield Speed(
        "emerging hotspots, 250 units × 90 days", _timed(lambda: emerging.emerging(cube, near))
    )


def honesty(maps: int) -> Iterator[tuple[str, int, float]]:
    """What is found at 5 % where there is nothing, and where there is something."""
    rng = np.random.default_rng(4)
    rows = SMALL.neighbours().row_standardised()
    noise = [rng.poisson(5, len(SMALL)).astype(np.float64) for _ in range(maps)]
    local = [moran.local_i(each, rows, 999, seed) for seed, each in enumerate(noise[: maps // 5])]
    yield "local Moran's I, corrected: any cell by chance", len(local), _share(local, _any_q)
    xy, people = province(rng, 100)
    windows = scan.circles(xy, people)
    by_chance = people / people.sum()
    false = [_lowest_p(rng.multinomial(400, by_chance), people, windows, k) for k in range(maps)]
    yield "scan: a cluster by chance", maps, float(np.mean([p <= LEVEL for p in false]))
    inside = np.hypot(*(xy - (25_000, 25_000)).T) < 8_000
    planted = people * np.where(inside, 2.0, 1.0)
    found = [
        _lowest_p(rng.multinomial(1_000, planted / planted.sum()), people, windows, k)
        for k in range(maps)
    ]
    yield (
        "scan: a place of twice the risk is found",
        maps,
        float(np.mean([p <= LEVEL for p in found])),
    )


def by_inference(maps: int) -> Iterator[Compared]:
    """What Gi* finds at 5 % with each kind of p, first where there is nothing."""
    yield from _hot_by_chance(maps)
    yield from _patterns_by_chance(maps)
    yield from _planted_places(maps)


def _hot_by_chance(maps: int) -> Iterator[Compared]:
    for cells in (SMALL, LARGE):
        for what in NOISE:
            told = f"any cell by chance: {len(cells):,} cells, {what}"
            yield told, maps, _alarms(cells.neighbours(), what, maps)
    # neighbourhoods of up to 127, some larger than those whose sum's distribution is computed
    wide = weights.distance_band(SMALL.centres(), 6_000)
    for what in NOISE:
        told = f"any cell by chance: {len(SMALL):,} cells, neighbours within 6 km, {what}"
        yield told, maps // 5, _alarms(wide, what, maps // 5)


def _alarms(near: weights.Weights, what: str, maps: int) -> list[float]:
    rng = np.random.default_rng(4)
    noise = [NOISE[what](rng, near.n).astype(np.float64) for _ in range(maps)]
    return [
        _share([getis_ord.local_g(each, near, inference) for each in noise], _any_q)
        for inference in INFERENCES
    ]


def _patterns_by_chance(maps: int) -> Iterator[Compared]:
    near = SMALL.neighbours()
    for events in (5.0, 0.3):
        rng = np.random.default_rng(6)
        cubes = [rng.poisson(events, (len(SMALL), 30)) for _ in range(maps)]
        found = [
            [emerging.emerging(each, near, inference=inference) for each in cubes]
            for inference in INFERENCES
        ]
        told = f"by chance, emerging hotspots: {len(SMALL):,} cells × 30 steps, Poisson, {events:g}"
        yield f"any cell and step {told}", maps, [_share(each, _any_step) for each in found]
        yield f"any cell with a class {told}", maps, [_share(each, _any_class) for each in found]


def _planted_places(maps: int) -> Iterator[Compared]:
    near = SMALL.neighbours()
    away = np.hypot(*(SMALL.centres() - (10_000, 10_000)).T)
    for events, times in ((5.0, 3), (0.3, 10)):
        rng = np.random.default_rng(5)
        level = np.where(away < 2_500, times * events, events)
        planted = [rng.poisson(level).astype(np.float64) for _ in range(maps)]
        hot = [
            np.array([getis_ord.local_g(each, near, inference).classes >= 2 for each in planted])
            for inference in INFERENCES
        ]
        for part, where in (("middle", away < 1_500), ("border", (away >= 1_500) & (away < 2_500))):
            told = f"cells found, {part} of a place 5 km wide: Poisson, {times} × {events:g} a cell"
            yield told, maps, [float(each[:, where].mean()) for each in hot]


def province(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    """The places and people of n communes on 50 km by 50 km."""
    return rng.random((n, 2)) * 50_000, rng.integers(2_000, 20_000, n).astype(np.float64)


def _lowest_p(cases: Any, people: Floats, windows: scan.Circles, seed: int) -> float:
    found = scan.scan(cases, people, windows, 199, seed, max_clusters=1)
    return found[0].p if found else 1.0


def _any_q(result: Any) -> bool:
    return bool((result.q <= LEVEL).any())


def _any_step(result: emerging.Emerging) -> bool:
    return _any_q(result.g)


def _any_class(result: emerging.Emerging) -> bool:
    return bool((result.classes != 0).any())


def _share(results: list[Any], holds: Callable[[Any], bool]) -> float:
    return float(np.mean([holds(each) for each in results]))


def _timed(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median of some rounds in seconds of the processor; one warms up if there are several."""
    took = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if rounds > 1:
            work()
        for _ in range(rounds):
            began = time.process_time()
            work()
            took.append(time.process_time() - began)
    return median(took)


def _libpysals(ours: weights.Weights) -> Any:
    matrix = ours.matrix
    rows = {
        i: matrix.indices[matrix.indptr[i] : matrix.indptr[i + 1]].tolist() for i in range(ours.n)
    }
    return libpysal.weights.W(rows, silence_warnings=True)


if __name__ == "__main__":
    typer.run(main)
