"""`dieuhanh local`, what `make run` ends in: the whole product on one machine.

It keeps the private cluster running, updates the database, fills an empty one with the demo,
and runs `dieuhanh serve` as a process of its own, exactly as on a server.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.process import BaseProcess
from types import FrameType

import sqlalchemy as sa
import typer
from rich.console import Console

from api.cli import data
from api.cli.database import (
    connection,
    create_database,
    private_cluster,
    settings_for,
    upgrade,
)
from api.cli.errors import UserError, guarded
from api.cli.serve import serve
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
            # What the server needs is imported while PostgreSQL starts; its process inherits it.
            imports = threading.Thread(target=importlib.import_module, args=("api.server",))
            imports.start()
            stack.callback(imports.join)
            cluster = None
            if not settings.database_url:
                with _step("PostgreSQL + PostGIS"):
                    cluster = stack.enter_context(private_cluster(settings).running())
                    create_database(cluster, DATABASE)
                settings = settings_for(cluster)
            imports.join()  # a copy of a process that is importing can wait for ever
            with _step("Cập nhật cơ sở dữ liệu · updating the database"):
                _upgrade(settings)
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


def _run_apart(command: Callable[[], None]) -> BaseProcess:
    """Run a command in a copy of this process, with all that is imported, as its child."""

    def body() -> None:
        os.setsid()  # Ctrl-C comes through us, once
        die_with_parent(signal.SIGTERM)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        sys.exit(guarded(command))

    process = multiprocessing.get_context("fork").Process(target=body)
    process.start()
    return process


@contextmanager
def _running(command: Callable[[], None]) -> Iterator[BaseProcess]:
    process = _run_apart(command)
    try:
        yield process
    finally:
        process.terminate()
        process.join()


def _upgrade(settings: Settings) -> None:
    # Apart: the server is a copy of this process, and would keep what migrations load.
    if _to_the_end(lambda: upgrade(settings, lambda step: None)) != 0:
        raise UserError("the database could not be updated; see above")


def _demo() -> None:
    if _to_the_end(data.demo) != 0:
        raise UserError("the demo data could not be made; see above")


def _to_the_end(command: Callable[[], None]) -> int | None:
    with _running(command) as process:
        while process.is_alive():
            _check_parent()
            process.join(0.05)
    return process.exitcode


def _serve(settings: Settings, cluster: Cluster | None) -> None:
    anywhere = settings.host in {"0.0.0.0", "::"}
    address = f"http://{'127.0.0.1' if anywhere else settings.host}:{settings.port}"
    announced = False
    with _running(serve) as process:
        while process.is_alive():
            _check_parent()
            if cluster is not None and cluster.revive():
                console.print("[yellow]PostgreSQL ended by itself and was started again[/]")
            if not announced and _is_ready(address):
                _announce(address)
                announced = True
            process.join(1 if announced else 0.05)
    if process.exitcode != 0:
        raise UserError(f"the server ended with status {process.exitcode}; see above")


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
