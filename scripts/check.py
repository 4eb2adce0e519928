"""`make check`: formatting, lint, types, import direction, web, lock files, docs, compose file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from scripts import composition, documents, locks
from scripts.bootstrap import ROOT, VENV

Problems = list[str]


def _program(*command: str, folder: str = ".") -> Callable[[], Problems]:
    """A check by a program: what it prints, if it fails, is what is wrong."""

    def run() -> Problems:
        beside = VENV / "bin" / command[0]
        program = str(beside) if beside.exists() else command[0]
        done = subprocess.run(
            [program, *command[1:]],
            cwd=ROOT / folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout.splitlines() or ["failed"] if done.returncode else []

    return run


CHECKS: Sequence[tuple[str, Callable[[], Problems]]] = (
    ("formatting", _program("ruff", "format", "--check", "--quiet", ".")),
    ("lint", _program("ruff", "check", "--quiet", ".")),
    ("types", _program("mypy", "--strict", "spatial", "layers", "api", "scripts")),
    ("import direction", _program("lint-imports", "--no-logo")),
    ("web: format, lint, types", _program("npm", "run", "--silent", "check", folder="web")),
    ("lock files", lambda: locks.problems(ROOT)),
    ("docs: links", lambda: documents.broken_links(ROOT)),
    ("docs: settings", lambda: documents.undocumented_settings(ROOT)),
    ("docs: policy", lambda: documents.outdated_policy(ROOT)),
    (
        "compose: form",
        _program("yamllint", "--strict", "-c", ".yamllint", "docker-compose.yml"),
    ),
    ("compose: meaning", lambda: composition.problems(ROOT)),
)


def _timed(check: Callable[[], Problems]) -> tuple[Problems, float]:
    started = time.monotonic()
    return check(), time.monotonic() - started


def main() -> int:
    """Run every check, one on each core; the exit status is how many found something."""
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        running = [(title, threads.submit(_timed, check)) for title, check in CHECKS]
        for title, done in running:
            found, seconds = done.result()
            failed += bool(found)
            print(f"{'✗' if found else '✓'} {title} {seconds:.1f} s", flush=True)
            for line in found:
                print(f"    {line}")
    print(f"{len(CHECKS) - failed} of {len(CHECKS)} checks passed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
