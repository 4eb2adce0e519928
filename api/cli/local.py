"""`dieuhanh local`, what `make run` ends in: the whole product on one machine.

It keeps the private cluster running, updates the database, fills an empty one with the demo,
and runs `dieuhanh serve` as a process of its own, exactly as on a server.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

import sqlalchemy as sa
import typer
from rich.console import Console

from api.cli.database import DATA, connection, create_database, settings_for, upgrade
from api.cli.errors import UserError
from api.cluster import DATABASE, Cluster, die_with_parent
from api.parent import abandoned
from api.ports import PortError, claim_port
from api.settings import Settings, load_settings
from layers.catalogue import CATALOGUE
from spatial.sql import quote

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(local)


class Stop(BaseException):
    """SIGINT or SIGTERM arrived."""


def local() -> None:
    """Run everything on this machine: database, demo data, server. What `make run` does."""
    signal.signal(signal.SIGINT, _raise_stop)
    signal.signal(signal.SIGTERM, _raise_stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # else started by nohup
        signal.signal(signal.SIGHUP, _raise_stop)
    try:
        with ExitStack() as stack:
            settings = load_settings()
            try:
                claim_port(settings.host, settings.port)
            except PortError as error:
                raise UserError(str(error)) from None
            cluster = None
            if not settings.database_url:
                with _step("PostgreSQL + PostGIS"):
                    cluster = stack.enter_context(Cluster(DATA).running())
                    create_database(cluster, DATABASE)
                settings = settings_for(cluster)
            with _step("Cập nhật cơ sở dữ liệu · updating the database"):
                upgrade(settings, lambda step: None)
            if _is_empty(settings.database_url):
                console.print("Dữ liệu minh họa · demo data")
                _demo()
            _serve(settings, cluster)
    except Stop:
        console.print("Đã dừng · stopped")


def _raise_stop(number: int, frame: FrameType | None) -> None:
    # A second signal must not interrupt the stopping.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stop


@contextmanager
def _step(title: str) -> Iterator[None]:
    started = time.monotonic()
    with console.status(title):
        yield
    console.print(f"[green]✓[/] {title} [dim]{time.monotonic() - started:.1f} s[/]")


def _is_empty(database_url: str) -> bool:
    """Whether no layer has a feature. The demo writes all its layers or none."""
    tables = (layer.table for layer in CATALOGUE.values())
    names = (f"{quote(table.schema or 'public')}.{quote(table.name)}" for table in tables)
    query = " OR ".join(f"EXISTS (SELECT FROM {name})" for name in names)
    with connection(database_url) as opened:
        return not opened.execute(sa.text(f"SELECT {query}")).scalar()


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    """Start a command of this command line that ends with this process, however that ends."""
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", *arguments],
        start_new_session=True,  # Ctrl-C comes through us, once
        preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one system call
    )


@contextmanager
def _command(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = _start(*arguments)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


def _demo() -> None:
    with _command("demo") as process:
        while process.poll() is None:
            _check_parent()
            time.sleep(0.2)
    if process.returncode != 0:
        raise UserError("the demo data could not be made; see above")


def _serve(settings: Settings, cluster: Cluster | None) -> None:
    anywhere = settings.host in {"0.0.0.0", "::"}
    address = f"http://{'127.0.0.1' if anywhere else settings.host}:{settings.port}"
    announced = False
    with _command("serve") as process:
        while process.poll() is None:
            _check_parent()
            if cluster is not None and cluster.revive():
                console.print("[yellow]PostgreSQL ended by itself and was started again[/]")
            if not announced and _is_ready(address):
                _announce(address)
                announced = True
            time.sleep(1 if announced else 0.05)
    if process.returncode != 0:
        raise UserError(f"the server ended with status {process.returncode}; see above")


def _check_parent() -> None:
    if abandoned():
        os.kill(os.getpid(), signal.SIGTERM)


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _announce(address: str) -> None:
    lines = (
        ("Bản đồ · map", f"{address}/"),
        ("OGC API cho QGIS · for QGIS", f"{address}/ogc"),
        ("Tài liệu API · API docs", f"{address}/ogc/api?f=html"),
    )
    console.print()
    for title, link in lines:
        console.print(f"  [bold]{title:<28}[/] {link}", soft_wrap=True)
    console.print("\n  [dim]Dừng · stop: Ctrl-C[/]")
