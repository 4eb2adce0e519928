"""What `make` calls: sets up what a command needs, then becomes the command.

Standard library only; it runs with the system's Python before there is an environment.
Each thing made carries a stamp of what it was made from, written last: an interrupted set-up
has no stamp and is made again, an unchanged one costs neither time nor network.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)


def _use_new_python() -> None:
    """Go on with a Python that is new enough.

    Raises:
        SystemExit: there is none.
    """
    if sys.version_info >= OLDEST:
        return
    for minor in range(20, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            os.execv(found, [found, *sys.argv])
    print("dieuhanh: Python 3.11 or newer is needed (Debian 12 has it: python3)", file=sys.stderr)
    sys.exit(2)


_use_new_python()
sys.path.insert(0, str(ROOT))

from api.parent import follow_make  # noqa: E402
from api.ports import PortError, claim_port  # noqa: E402
from api.postgresql import denied  # noqa: E402
from scripts import packages  # noqa: E402
from scripts.steps import SetupError, Steps  # noqa: E402

DATA = ROOT / ".data"
VENV = ROOT / ".venv"
WEB = ROOT / "web"
PYTHON = VENV / "bin" / "python"


def digest(files: Iterable[Path], *facts: str) -> str:
    """A stamp of the contents of files and of facts that matter."""
    total = hashlib.sha256("\n".join(facts).encode())
    for path in sorted(files):
        total.update(f"\n{path.relative_to(ROOT)}\n".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def _is_stamped(stamp: Path, expected: str) -> bool:
    try:
        return stamp.read_text() == expected
    except OSError:
        return False


def ensure_venv(steps: Steps, requirements: str) -> None:
    """The virtual environment `.venv`, with exactly the hashed requirements of a file."""
    sources = [ROOT / requirements, ROOT / "pyproject.toml"]
    stamp, making = VENV / ".stamp", VENV / ".making"
    facts = (platform.python_version(), str(VENV), requirements)
    expected = digest(sources, *facts)
    # The tests' environment holds all that the product needs.
    complete = digest(
        [ROOT / "requirements-dev.txt", ROOT / "pyproject.toml"], *facts[:2], "requirements-dev.txt"
    )
    if _is_stamped(stamp, expected) or (_is_stamped(stamp, complete) and PYTHON.exists()):
        return
    packages.ensure(steps, [packages.VENV])
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install"]
    with steps.step(f"Gói Python · Python packages: {requirements}"):
        stamp.unlink(missing_ok=True)
        if making.exists() or not _works():
            steps.run([sys.executable, "-m", "venv", "--clear", str(VENV)])
        making.touch()
        if not (VENV / "bin" / "pip").exists():
            steps.run([str(PYTHON), "-m", "ensurepip"])
        # Plus codes come as source alone: one file of plain Python.
        built = ["--only-binary=:all:", "--no-binary=openlocationcode"]
        steps.run([*pip, "--require-hashes", *built, "-r", requirements], cwd=ROOT)
        steps.run([*pip, "--no-deps", "--no-build-isolation", "-e", "."], cwd=ROOT)
        making.unlink()
        stamp.write_text(expected)


def _works() -> bool:
    """Whether `.venv` is an environment of this Python, in this place."""
    try:
        code = "import sys; print(*sys.version_info[:2], sys.prefix)"
        said = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    expected = f"{sys.version_info[0]} {sys.version_info[1]} {VENV}"
    return said.stdout.strip() == expected


def _web_sources() -> Iterable[Path]:
    for folder, folders, files in os.walk(WEB):
        folders[:] = [name for name in folders if name not in {"node_modules", "dist"}]
        yield from (Path(folder) / name for name in files)


def ensure_web_packages(steps: Steps) -> None:
    """The web's packages, exactly those of its lock file."""
    stamp = WEB / "node_modules" / ".stamp"
    lock = [WEB / "package-lock.json", WEB / "package.json"]
    expected = digest(lock, platform.machine())
    if _is_stamped(stamp, expected):
        return
    _require_node()
    with steps.step("Gói web · web packages: web/package-lock.json"):
        steps.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=WEB)
        stamp.write_text(expected)


def ensure_web(steps: Steps) -> None:
    """The built map in `web/dist`."""
    stamp = WEB / "dist" / ".stamp"
    expected = digest(_web_sources())
    if _is_stamped(stamp, expected):
        return
    ensure_web_packages(steps)
    with steps.step("Dựng bản đồ · building the map"):
        stamp.unlink(missing_ok=True)
        steps.run(["npm", "run", "build"], cwd=WEB)
        # What the build itself writes among the sources belongs to what it was built from.
        stamp.write_text(digest(_web_sources()))


def _require_node() -> None:
    advice = "Node 20.19 or newer is needed to build the map (node and npm in PATH)"
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise SetupError(f"{advice}; there is none")
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    try:
        version = tuple(int(part) for part in said.strip().removeprefix("v").split(".")[:2])
    except ValueError:
        version = (0,)
    if version < (20, 19):
        raise SetupError(f"{advice}; this is {said.strip()}")


def _become(*command: str) -> None:
    os.chdir(ROOT)
    os.execv(command[0], command)


def run(steps: Steps) -> None:
    """`make run`: everything, then the product."""
    port = os.environ.get("PORT") or "8000"
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise SetupError(f"PORT {port!r}: must be a number from 1 to 65535")
    claim_port(os.environ.get("DIEUHANH_HOST") or "127.0.0.1", int(port))
    if not _uses_other_database():
        packages.ensure(steps, [packages.POSTGIS])
    with steps.beside(ensure_web):
        ensure_venv(steps, "requirements.txt")


def _uses_other_database() -> bool:
    if os.environ.get("DIEUHANH_DATABASE_URL"):
        return True
    try:
        lines = (ROOT / ".env").read_text().splitlines()
    except OSError:
        return False
    return any(line.strip().startswith("DIEUHANH_DATABASE_URL=") for line in lines)


def for_tests(steps: Steps) -> None:
    """What `make test` needs: also the clients that the tests use."""
    # Python is started some hundred times: what it compiles is kept, whatever the machine's habit.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    packages.ensure(steps, [packages.POSTGIS, *packages.FOR_TESTS])
    with steps.beside(ensure_web):
        ensure_venv(steps, "requirements-dev.txt")


def for_checks(steps: Steps) -> None:
    """What `make check` needs."""
    with steps.beside(ensure_web_packages):
        ensure_venv(steps, "requirements-dev.txt")


def for_day(steps: Steps) -> None:
    """What `make day` needs: the server, and what measures it."""
    packages.ensure(steps, [packages.POSTGIS])
    ensure_venv(steps, "requirements-dev.txt")
    ensure_web(steps)


def for_bench(steps: Steps) -> None:
    """What `make bench` needs before it makes its own environment for the peers."""
    packages.ensure(steps, [packages.POSTGIS, *packages.FOR_BENCH])
    with steps.beside(ensure_web):
        ensure_venv(steps, "requirements-dev.txt")


SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder")

COMMANDS: dict[str, tuple[Callable[[Steps], None], tuple[str, ...]]] = {
    "run": (run, (str(PYTHON), "-m", "api.cli", "local")),
    # Each file on one of several processes, each of which has a database of its own.
    "test": (for_tests, (str(PYTHON), "-m", "pytest", *SIDE_BY_SIDE)),
    "check": (for_checks, (str(PYTHON), "-m", "scripts.check")),
    "bench": (for_bench, (str(PYTHON), "-m", "bench")),
    "day": (for_day, (str(PYTHON), "-m", "bench.province_day")),
}


def _wait_for(lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Đang chờ lần cài đặt khác · waiting for another set-up here", file=sys.stderr)
        fcntl.flock(lock, fcntl.LOCK_EX)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(name: str, *arguments: str) -> None:
    """Set up for a command of `COMMANDS`, then become it."""
    signal.signal(signal.SIGTERM, _stop)
    follow_make()
    setup, command = COMMANDS[name]
    try:
        DATA.mkdir(exist_ok=True)
        with (DATA / "setup.lock").open("w") as lock:
            _wait_for(lock)
            setup(Steps(DATA / "setup.log"))
    except (SetupError, PortError) as error:
        print(f"dieuhanh: {error}", file=sys.stderr)
        sys.exit(2)
    except PermissionError as error:
        print(f"dieuhanh: {denied(error)}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    _become(*command, *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
