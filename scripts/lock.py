"""`make lock`: compiles each `*.in` into a hashed `*.txt`, for every platform at once.

The compiler lives in an environment of its own, so that it is no dependency of the product.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".data" / "lock-tools"
COMPILER = "uv==0.13.*"
SOURCES = ("requirements.in", "requirements-dev.in", "bench/requirements.in")
OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-annotate",
    "--no-header",
    "--quiet",
)


def main(*options: str) -> None:
    """Compile all lock files; `--upgrade` takes newer versions."""
    uv = TOOLS / "bin" / "uv"
    if not uv.exists():
        venv.create(TOOLS, with_pip=True, clear=True)
        subprocess.run([TOOLS / "bin" / "pip", "install", "--quiet", COMPILER], check=True)
    for source in SOURCES:
        target = source.removesuffix(".in") + ".txt"
        command = [str(uv), "pip", "compile", *OPTIONS, *options, source, "--output-file", target]
        subprocess.run(command, cwd=ROOT, check=True)
        print(f"✓ {target}")
    npm = ["npm", "install", "--package-lock-only", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(npm, cwd=ROOT / "web", check=True)
    print("✓ web/package-lock.json")


if __name__ == "__main__":
    main(*sys.argv[1:])
