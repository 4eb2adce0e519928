"""Packages of the operating system: which are missing, and how to install them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence

from api.postgresql import find_programs
from scripts.steps import SetupError, Steps

Package = tuple[str, Callable[[], bool]]
"""The package's name, and whether what it brings is there."""

CLUSTER_CONF = "/etc/postgresql-common/createcluster.conf"


def _has(program: str) -> Callable[[], bool]:
    return lambda: shutil.which(program) is not None


def _installed(package: str) -> Callable[[], bool]:
    def check() -> bool:
        command = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            return False
        return done.stdout == "installed"

    return check


def _has_ensurepip() -> bool:
    return importlib.util.find_spec("ensurepip") is not None


def _has_pgrouting() -> bool:
    found = find_programs()
    return found is not None and found.has_extension("pgrouting")


POSTGIS: Package = ("postgresql-postgis", lambda: find_programs() is not None)
VENV: Package = ("python3-venv", _has_ensurepip)
FOR_TESTS: tuple[Package, ...] = (
    ("chromium", _has("chromium")),
    ("gdal-bin", _has("ogr2ogr")),
    ("postgresql-pgrouting", _has_pgrouting),
    ("python3-qgis", _installed("python3-qgis")),
    ("qgis-providers", _installed("qgis-providers")),
)
FOR_BENCH: tuple[Package, ...] = (("wrk", _has("wrk")), ("nginx-light", _has("nginx")))


def ensure(steps: Steps, packages: Sequence[Package]) -> None:
    """Install the packages that are missing, where this account may.

    Raises:
        SetupError: it may not, or there is no apt: the message says what to type.
    """
    missing = [name for name, present in packages if not present()]
    if not missing:
        return
    chosen = os.environ.get("DIEUHANH_POSTGRESQL")
    if chosen and POSTGIS[0] in missing:
        raise SetupError(f"DIEUHANH_POSTGRESQL {chosen!r}: there is no PostgreSQL with PostGIS")
    apt = "apt-get update && apt-get install -y --no-install-recommends " + " ".join(missing)
    if shutil.which("apt-get") is None:
        raise SetupError(
            f"missing: {', '.join(missing)} (Debian's names). Install them with your system's "
            "package manager; a PostGIS elsewhere is used with DIEUHANH_DATABASE_URL"
        )
    prefix = _rights()
    if prefix is None:
        with_sudo = shutil.which("sudo") is not None
        typed = f"sudo sh -c '{apt}'" if with_sudo else f"su - -c '{apt}'"
        raise SetupError(
            f"missing: {', '.join(missing)}, and this account may not install packages. "
            f"Type this, then start again:\n\n    {typed}\n"
        )
    _install(steps, prefix, missing)
    still = [name for name, present in packages if not present()]
    if still:
        raise SetupError(f"installed, but still not usable: {', '.join(still)}")


def _rights() -> list[str] | None:
    """What to put before a command that needs root; None: this account may not."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    try:
        allowed = subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0
    except OSError:  # also where PATH has a folder that this account may not enter
        return None
    return sudo if allowed else None


def _install(steps: Steps, prefix: list[str], names: Sequence[str]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    apt = [*prefix, "apt-get", "-y", "-o", "DPkg::Lock::Timeout=300"]
    install = [*apt, "install", "--no-install-recommends"]
    conftool = [*prefix, "pg_conftool", CLUSTER_CONF]
    # Debian would start a PostgreSQL of its own on port 5432, which nobody asked for.
    quiet = POSTGIS[0] in names and not _installed("postgresql-common")()
    with steps.step(f"Gói hệ thống · system packages: {', '.join(names)}"):
        steps.run([*apt, "update"], env=env)
        if quiet:
            steps.run([*install, "postgresql-common"], env=env)
            steps.run([*conftool, "set", "create_main_cluster", "off"], env=env)
        try:
            steps.run([*install, *names], env=env)
        finally:
            if quiet:
                steps.run([*conftool, "remove", "create_main_cluster"], env=env)
