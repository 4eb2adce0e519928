"""PostgreSQL's programs, the account they run as, and the settings of a private cluster.

Standard library only: it runs before the virtual environment exists.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DEBIAN_ROOT = Path("/usr/lib/postgresql")


class ClusterError(Exception):
    """The cluster cannot be used. The message is for the operator."""


def denied(error: PermissionError) -> str:
    """What to tell an operator whose account may not use a file of the clone."""
    return f"{error.filename} is another account's: start as that account, or in your own clone"


@dataclass(frozen=True)
class Programs:
    """A PostgreSQL installation that has PostGIS."""

    bin: Path
    version: int

    def path(self, name: str) -> str:
        """The address of one of its programs."""
        return str(self.bin / name)

    def has_extension(self, name: str) -> bool:
        """Whether databases may have an extension, its scripts and its library being there.

        Debian has them in two packages, and leaves the scripts where the library is removed.
        """
        shares = (
            Path(f"/usr/share/postgresql/{self.version}"),
            self.bin.parent / "share",
            self.bin.parent / "share" / "postgresql",
        )
        folders = (self.bin.parent / "lib", self.bin.parent / "lib" / "postgresql")
        return any(_is_there(share / "extension" / f"{name}.control") for share in shares) and any(
            True for folder in folders for _ in folder.glob(f"*{name}[-.]*")
        )


def find_programs(version: int | None = None) -> Programs | None:
    """The newest PostgreSQL with PostGIS on this machine, or the one of a major version.

    `DIEUHANH_POSTGRESQL` names the folder of its programs where it is in an unusual place.
    """
    for folder in _candidates():
        found = _inspect(folder)
        if found is not None and version in {None, found.version}:
            return found
    return None


def _candidates() -> Iterator[Path]:
    chosen = os.environ.get("DIEUHANH_POSTGRESQL")
    if chosen:
        yield Path(chosen)
        return
    versions = [folder for folder in DEBIAN_ROOT.glob("*") if folder.name.isdigit()]
    for folder in sorted(versions, key=lambda folder: int(folder.name), reverse=True):
        yield folder / "bin"
    for folder in map(Path, os.get_exec_path()):
        if _is_there(folder / "initdb"):
            # The programs find their files beside where they really are.
            yield (folder / "initdb").resolve().parent


def _inspect(folder: Path) -> Programs | None:
    if not _is_there(folder / "postgres") or not _is_there(folder / "initdb"):
        return None
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        version = int(said.split()[2].split(".")[0])
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError):
        return None
    found = Programs(folder, version)
    return found if found.has_extension("postgis") else None


def _is_there(path: Path) -> bool:
    """Whether this account sees a file; one in a folder closed to it is as good as none."""
    return os.path.exists(path)


def account() -> pwd.struct_passwd:
    """The account that PostgreSQL runs as: this one, or as root another, since it refuses root.

    Raises:
        ClusterError: started as root and there is no unprivileged account.
    """
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return found
    raise ClusterError("PostgreSQL does not run as root, and there is no account `postgres`")


def can_reach(folder: Path, user: pwd.struct_passwd) -> bool:
    """Whether an account may pass through a folder and all folders above it."""
    groups = {user.pw_gid, *os.getgrouplist(user.pw_name, user.pw_gid)}
    for place in (folder, *folder.parents):
        status = place.stat()
        if status.st_uid == user.pw_uid:
            allowed = status.st_mode & 0o100
        elif status.st_gid in groups:
            allowed = status.st_mode & 0o010
        else:
            allowed = status.st_mode & 0o001
        if not allowed:
            return False
    return True


def memory_mb() -> int:
    """The memory of this machine or container, in megabytes."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        if limit.isdigit():
            pages = min(pages, int(limit))
    except OSError:
        pass
    return pages // 1_000_000


def tuning(*, durable: bool) -> dict[str, str]:
    """PostgreSQL settings for this machine.

    Args:
        durable: whether an acknowledged change must outlive a crash. Tests' clusters need not.
    """
    memory = memory_mb()
    settings = {
        "shared_buffers": f"{max(64, min(1024, memory // 4))}MB",
        "effective_cache_size": f"{max(128, memory // 2)}MB",
        "work_mem": f"{max(4, min(32, memory // 128))}MB",
        "maintenance_work_mem": f"{max(64, min(512, memory // 16))}MB",
        "max_connections": "80",
        "random_page_cost": "1.1",
        # Just-in-time compilation costs more than a tile query takes.
        "jit": "off",
        "wal_compression": "on",
        "min_wal_size": "256MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # Values of rows and of requests are people's data: they stay out of the log.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings["shared_buffers"] = "128MB"
    return settings
