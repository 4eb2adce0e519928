"""Whether the lock files are up to date, hashed, and free of addresses of package indexes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PAIRS = ("requirements", "requirements-dev", "bench/requirements")
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|--trusted-host")
MANIFEST_PARTS = ("dependencies", "devDependencies", "optionalDependencies")


def problems(root: Path) -> list[str]:
    """What is wrong with the lock files of the repository, one line each."""
    found = []
    for name in PAIRS:
        found += [f"{name}.txt: {line}" for line in _python_problems(root, name)]
    found += [f"web/package-lock.json: {line}" for line in _web_problems(root / "web")]
    return found


def _python_problems(root: Path, name: str) -> Iterator[str]:
    text = (root / f"{name}.txt").read_text()
    if ADDRESS.search(text):
        yield "holds an address of a package index"
    pins: dict[str, list[Version]] = {}
    for block in _blocks(text):
        requirement = Requirement(block.split(" --hash=")[0].strip())
        exact = [part for part in requirement.specifier if part.operator == "=="]
        if len(exact) != 1:
            yield f"{requirement.name} is not pinned"
            continue
        if "--hash=sha256:" not in block:
            yield f"{requirement.name} has no hash"
        pins.setdefault(canonicalize_name(requirement.name), []).append(Version(exact[0].version))
    for requirement in _wanted(root / f"{name}.in"):
        versions = pins.get(canonicalize_name(requirement.name))
        if not versions:
            yield f"{requirement.name} is missing: make lock"
        elif not all(requirement.specifier.contains(each, True) for each in versions):
            yield f"{requirement} is not satisfied by {versions[0]}: make lock"


def _blocks(text: str) -> Iterator[str]:
    """The logical lines of a requirements file: each requirement with its hashes."""
    for physical in text.replace("\\\n", " ").splitlines():
        line = physical.split(" #")[0].strip()
        if line and not line.startswith("#"):
            yield line


def _wanted(source: Path) -> Iterator[Requirement]:
    for line in _blocks(source.read_text()):
        if line.startswith("-r "):
            yield from _wanted(source.parent / line[3:].strip())
        else:
            yield Requirement(line)


def _web_problems(web: Path) -> Iterator[str]:
    text = (web / "package-lock.json").read_text()
    packages: dict[str, dict[str, Any]] = json.loads(text)["packages"]
    manifest = json.loads((web / "package.json").read_text())
    for part in MANIFEST_PARTS:
        if manifest.get(part, {}) != packages[""].get(part, {}):
            yield f"{part} differ from package.json: make lock"
    for name, package in packages.items():
        # An optional package for another platform may come from an index that does not serve it.
        elsewhere = package.get("optional") and ("os" in package or "cpu" in package)
        if name and not elsewhere and "integrity" not in package:
            yield f"{name} has no integrity hash"
        if ADDRESS.search(package.get("resolved", "")):
            yield f"{name} holds an address of a package index"
