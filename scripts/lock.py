"""`make lock`: compiles each `*.in` into a hashed `*.txt`, for every platform at once.

The compiler lives in an environment of its own, so that it is no dependency of the product.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

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
PLATFORMS = {
    "cpu": {"arm", "arm64", "ia32", "loong64", "ppc64", "riscv64", "s390x", "wasm32", "x64"},
    "libc": {"musl"},
    "os": {"aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "sunos", "win32"},
}


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
    complete_web_lock(ROOT / "web" / "package-lock.json")
    print("✓ web/package-lock.json")


def complete_web_lock(path: Path) -> None:
    """Add the entries of optional packages for other platforms that a package index left out.

    npm locks only those that its index serves, and `npm ci` then refuses the lock anywhere.
    """
    lock = json.loads(path.read_text())
    packages: dict[str, dict[str, Any]] = lock["packages"]
    missing: dict[str, dict[str, Any]] = {}
    for name, package in packages.items():
        for optional, version in package.get("optionalDependencies", {}).items():
            places = (f"node_modules/{optional}", f"{name}/node_modules/{optional}")
            if not any(place in packages for place in places):
                missing[places[0]] = _platform_entry(optional, version, bool(package.get("dev")))
    if missing:
        lock["packages"] = dict(sorted((packages | missing).items()))
        path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")


def _platform_entry(name: str, version: str, dev: bool) -> dict[str, Any]:
    words = set(re.split(r"[/-]", name))
    limits = {key: sorted(words & values) for key, values in PLATFORMS.items()}
    entry: dict[str, Any] = {"version": version, "optional": True}
    return (
        entry | ({"dev": True} if dev else {}) | {key: each for key, each in limits.items() if each}
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
