"""`python -m bench`, which `make bench` calls."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from api.postgresql import ClusterError
from api.settings import SettingsError
from bench.cases import CASES
from bench.processes import ROOT, BenchError, find_tool
from bench.report import page_part, tables, terminal, write_page
from bench.run import WORK, Plan, Run

PAGE = ROOT / "docs" / "performance.md"


def main(
    case: Annotated[
        list[str] | None, typer.Option(help="Only this case; may be given several times.")
    ] = None,
    quick: Annotated[bool, typer.Option(help="One round of 1 s instead of three of 3 s.")] = False,
    write: Annotated[
        bool, typer.Option(help="Write the table of a whole run into docs/performance.md.")
    ] = True,
    strict: Annotated[bool, typer.Option(help="Exit status 3 if a goal is missed.")] = False,
) -> None:
    """Measure this server beside tipg, pygeoapi, PostgreSQL alone and nginx."""
    signal.signal(signal.SIGTERM, _stop)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 170)
    unknown = set(case or ()) - {each.id for each in CASES}
    if unknown:
        known = ", ".join(each.id for each in CASES)
        raise typer.BadParameter(f"no case {', '.join(sorted(unknown))}; there are {known}")
    chosen = tuple(each for each in CASES if not case or each.id in case)
    whole = not case
    plan = Plan(chosen, rounds=1 if quick else 3, seconds=1 if quick else 3, whole=whole)
    try:
        find_tool("wrk")
        find_tool("nginx")
        report = Run(plan, console).execute()
    except (BenchError, ClusterError, SettingsError) as error:
        console.print(f"bench: {error}", markup=False, soft_wrap=True)
        sys.exit(1)
    for rows in tables(report):
        console.print(terminal(rows))
    (WORK / "latest.json").write_text(report.as_json())
    missed = report.missed()
    for line in missed:
        console.print(f"goal missed: {line}", markup=False)
    if whole and write and not quick:
        write_page(PAGE, page_part(report))
    sys.exit(3 if strict and missed else 0)


def _stop(number: int, frame: FrameType | None) -> None:
    # Raised through every `with`, so that all that was started is ended.
    raise KeyboardInterrupt


if __name__ == "__main__":
    typer.run(main)
