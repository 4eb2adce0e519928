"""A private PostgreSQL + PostGIS cluster, kept for one clone of the product.

It listens on a unix socket in a folder that only its account may enter, so two clones never
meet and no port is taken. Commands share it by a lock: the first starts it, the last stops it.
A lock dies with its process, so after a crash the next command adopts what still runs.
Standard library only.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from api.postgresql import (
    ClusterError,
    Programs,
    account,
    can_reach,
    denied,
    find_programs,
    tuning,
)

SUPERUSER = "dieuhanh"
DATABASE = "dieuhanh"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_LIMIT = 107  # bytes of a unix socket's address on Linux
PR_SET_PDEATHSIG = 1


def die_with_parent(number: int) -> None:
    """Ask the kernel to signal this process when the one that started it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


class Cluster:
    """The private cluster whose state is in a folder (a clone's `.data/`).

    Args:
        folder: where its state is recorded, and its data where its account can reach them.
        durable: whether changes must outlive a crash of the machine.
        die_with_parent: stop when this process ends, however it ends; else the next adopts it.
        waiting: called again and again while PostgreSQL starts; what it raises ends the wait.
    """

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = True,
        die_with_parent: bool = False,
        waiting: Callable[[], None] = lambda: None,
    ) -> None:
        self.folder = folder.resolve()
        self._durable = durable
        self._die_with_parent = die_with_parent
        self._waiting = waiting
        self._user = account()
        self._use: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def exists(self) -> bool:
        """Whether the cluster has been made."""
        try:
            return (self.home / "data" / "PG_VERSION").exists()
        except PermissionError:
            return True

    @property
    def home(self) -> Path:
        """The folder of the data, the socket and the log, as recorded or as it would be."""
        recorded = self._recorded()
        return recorded if recorded is not None else self._choose_home()

    @property
    def socket(self) -> Path:
        """The folder of the socket."""
        near = self.home / "socket"
        if len(os.fsencode(near / SOCKET_NAME)) <= SOCKET_LIMIT:
            return near
        return Path("/tmp") / f"dieuhanh-{self._user.pw_uid}-{_digest(self.home)}"

    def url(self, database: str = DATABASE) -> str:
        """The address of a database in the cluster, as libpq, asyncpg and SQLAlchemy read it."""
        return f"postgresql://{SUPERUSER}@/{quote(database)}?host={quote(str(self.socket))}"

    def start(self) -> None:
        """Start the cluster, or join the commands that use it; make it if there is none.

        Raises:
            ClusterError: there is no PostGIS, PostgreSQL does not start, or the cluster is
                another account's.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._exclusive():
                # Before anything runs: `stop` ends what a start that is interrupted has begun.
                self._use = os.open(self.folder / "cluster.use", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._use, fcntl.LOCK_SH)
                self._record_home()
                if not self.exists:
                    self._initialise()
                self._start_postmaster()
        except PermissionError as error:
            raise ClusterError(denied(error)) from None

    def stop(self) -> None:
        """Leave the cluster; stop it if no other command uses it."""
        if self._use is None:
            return
        with self._exclusive():
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                os.close(self._use)
                self._use = None
            self._stop_postmaster()

    def revive(self) -> bool:
        """Start PostgreSQL again if it ended by itself; whether it had."""
        with self._exclusive():
            if self._postmaster() is not None:
                return False
            self._start_postmaster()
            return True

    @contextmanager
    def running(self) -> Iterator[Cluster]:
        """The cluster, started, for the length of a block."""
        try:
            self.start()
            yield self
        finally:
            self.stop()

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        lock = os.open(self.folder / "cluster.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _recorded(self) -> Path | None:
        try:
            record = json.loads((self.folder / "cluster.json").read_text())
            home, clone = record["home"], Path(record["clone"])
        except (OSError, ValueError, KeyError):
            return None
        if home == "here":
            return self.folder / "postgresql"
        # A copied clone must not share its original's data; a moved one keeps its own.
        try:
            copied = clone != self.folder and clone.exists()
        except PermissionError:
            copied = True
        return None if copied else Path(home)

    def _choose_home(self) -> Path:
        here = self.folder
        while not here.exists():
            here = here.parent
        if can_reach(here, self._user):
            return self.folder / "postgresql"
        return Path("/var/lib/dieuhanh") / _digest(self.folder)

    def _record_home(self) -> None:
        home = self.home
        inside = home == self.folder / "postgresql"
        record = {"home": "here" if inside else str(home), "clone": str(self.folder)}
        target = self.folder / "cluster.json"
        partial = target.with_suffix(".new")
        partial.write_text(json.dumps(record))
        partial.replace(target)
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o755)

    def _programs(self) -> Programs:
        version: int | None = None
        with suppress(FileNotFoundError, ValueError):
            version = int((self.home / "data" / "PG_VERSION").read_text())
        programs = find_programs(version)
        if programs is None:
            wanted = f"PostgreSQL {version}" if version else "PostgreSQL"
            raise ClusterError(f"{wanted} with PostGIS is not installed")
        return programs

    def _private(self, folder: Path) -> Path:
        """A folder that only the cluster's account may enter."""
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if folder.is_symlink() or status.st_uid not in {os.geteuid(), self._user.pw_uid}:
            raise ClusterError(f"{folder} belongs to somebody else: remove it")
        folder.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        return folder

    def _as_account(self) -> dict[str, object]:
        """Arguments of `subprocess` that run a program as the cluster's account."""
        settings: dict[str, object] = {"cwd": "/", "env": {**os.environ, "LC_ALL": "C.UTF-8"}}
        if os.geteuid() == 0:
            settings |= {
                "user": self._user.pw_uid,
                "group": self._user.pw_gid,
                "extra_groups": os.getgrouplist(self._user.pw_name, self._user.pw_gid),
            }
        return settings

    def _initialise(self) -> None:
        programs = self._programs()
        partial = self.home / "data.new"
        shutil.rmtree(partial, ignore_errors=True)
        self._private(partial)
        command = [programs.path("initdb"), "-D", str(partial), "-U", SUPERUSER, "-E", "UTF8"]
        command += ["--locale=C.UTF-8", "--auth=trust", "--no-instructions"]
        if not self._durable:
            command.append("--no-sync")
        done = subprocess.run(  # type: ignore[call-overload]
            command,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGKILL),
            **self._as_account(),
        )
        if done.returncode != 0:
            raise ClusterError(f"initdb failed: {_last_line(done.stderr)}")
        partial.rename(self.home / "data")

    def _postmaster(self) -> int | None:
        """The process id of this cluster's PostgreSQL, if it runs."""
        if self._process is not None and self._process.poll() is None:
            return self._process.pid  # also before it has written its file
        try:
            pid = int((self.home / "data" / "postmaster.pid").read_text().split("\n")[0])
        except (OSError, ValueError):
            return None
        return pid if self._is_ours(pid) else None

    def _is_ours(self, pid: int) -> bool:
        """Whether a process is this cluster's: PostgreSQL's work in the data folder."""
        entry = Path("/proc") / str(pid)
        try:
            at_home = os.readlink(entry / "cwd") == str(self.home / "data")
            return at_home and (entry / "comm").read_text().startswith("postgres")
        except OSError:
            return False

    def _processes(self) -> set[int]:
        pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return {pid for pid in pids if self._is_ours(pid)}

    def _clear_remains(self) -> None:
        """After a crash: end processes without a postmaster, drop a pid file without a process."""
        deadline = time.monotonic() + 10
        while remains := self._processes():
            number = signal.SIGQUIT if time.monotonic() < deadline - 5 else signal.SIGKILL
            for pid in remains:
                _signal(pid, number)
            if time.monotonic() > deadline:
                raise ClusterError(f"processes {sorted(remains)} still use {self.home}")
            time.sleep(0.1)
        # PostgreSQL takes a process for alive until its exit status is taken; nobody may do that.
        for file in (self.home / "data" / "postmaster.pid", self.socket / f"{SOCKET_NAME}.lock"):
            file.unlink(missing_ok=True)

    def _start_postmaster(self) -> None:
        programs = self._programs()
        if self._postmaster() is None:
            self._clear_remains()
            log = self.home / "postgresql.log"
            if log.exists() and log.stat().st_size > 10_000_000:
                log.replace(log.with_suffix(".log.1"))
            socket = self._private(self.socket)
            command = [programs.path("postgres"), "-D", str(self.home / "data")]
            command += ["-k", str(socket), "-h", "", "-c", "cluster_name=dieuhanh"]
            for name, value in tuning(durable=self._durable).items():
                command += ["-c", f"{name}={value}"]
            last_wish = (lambda: die_with_parent(signal.SIGINT)) if self._die_with_parent else None
            with log.open("ab") as output:
                self._process = subprocess.Popen(  # type: ignore[call-overload]
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    # Ctrl-C in the terminal is for the server, which still needs the database.
                    start_new_session=True,
                    preexec_fn=last_wish,  # noqa: PLW1509 - one system call, no lock
                    **self._as_account(),
                )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60  # recovery after a crash replays the log
        pid_file = self.home / "data" / "postmaster.pid"
        while time.monotonic() < deadline:
            try:
                lines = pid_file.read_text().split("\n")
            except OSError:
                lines = []
            if len(lines) > 7 and lines[7].strip() == "ready":
                return
            if self._process is not None and self._process.poll() is not None:
                log = (self.home / "postgresql.log").read_text(errors="replace")
                raise ClusterError(f"PostgreSQL did not start: {_last_line(log, 'FATAL', 'PANIC')}")
            self._waiting()
            time.sleep(0.02)
        raise ClusterError(f"PostgreSQL is not ready after 60 s: see {self.home}/postgresql.log")

    def _stop_postmaster(self) -> None:
        for number, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            pid = self._postmaster()
            if pid is None:
                return
            _signal(pid, number)
            deadline = time.monotonic() + seconds
            while self._postmaster() is not None and time.monotonic() < deadline:
                time.sleep(0.02)

    def remove(self) -> None:
        """Stop the cluster and delete everything it keeps."""
        self.stop()
        for folder in (self.socket, self.home):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_cluster(within: Path | None = None) -> Iterator[Cluster]:
    """A cluster for tests: not durable, in a temporary folder, gone afterwards in any case.

    Args:
        within: where to make the folder, instead of where temporary files are.
    """
    with tempfile.TemporaryDirectory(
        prefix="dieuhanh-", dir=within, ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder), durable=False, die_with_parent=True)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.remove()


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _last_line(text: str, *words: str) -> str:
    """The last line, of those with one of the words if there are such."""
    lines = [line for line in text.strip().splitlines() if line]
    chosen = [line for line in lines if any(word in line for word in words)]
    return (chosen or lines or ["no message"])[-1]


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
