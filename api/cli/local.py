"""`dieuhanh local`, what `make run` ends in: the whole product on one machine.

It keeps the private cluster running, updates the database, fills an empty one with the demo,
and runs `dieuhanh serve` as a process of its own, exactly as on a server.
"""

from __future__ import annotations

import importlib
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.process import BaseProcess

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
    use_database,
)
from api.cli.errors import UserError, guarded
from api.cli.serve import serve
from api.cluster import DATABASE, Cluster
from api.copies import Signals, Stop, start
from api.parent import abandoned
from api.ports import PortError, claim_port
from api.settings import Settings, load_settings
from layers.catalogue import CATALOGUE
from spatial.sql import quote

console = Console(highlight=False)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(local)


def local() -> None:
    """Run everything on this machine: database, demo data, server. What `make run` does."""
    signals = Signals(abandoned)
    try:
        with ExitStack() as stack:
            _run(stack, signals)
    except Stop:
        console.print("Đã dừng · stopped")


def _run(stack: ExitStack, signals: Signals) -> None:
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
            cluster = private_cluster(settings, waiting=signals.check)
            stack.callback(cluster.stop)
            cluster.start()
            create_database(cluster, DATABASE)
        settings = settings_for(cluster)
    imports.join()  # a copy of a process that is importing can wait for ever
    with _step("Cập nhật cơ sở dữ liệu · updating the database"):
        _upgrade(settings, signals)
    if _is_empty(settings.database_url):
        console.print("Dữ liệu minh họa · demo data")
        _demo(signals)
    _serve(settings, cluster, signals)


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


@contextmanager
def _running(command: Callable[[], object]) -> Iterator[BaseProcess]:
    """A command in a copy of this process, with all that is imported, for the length of a block."""

    def body() -> int:
        os.setsid()  # Ctrl-C comes through us, once
        return guarded(command)

    process = start(body, signal.SIGTERM)
    try:
        yield process
    finally:
        process.terminate()
        process.join()


def _upgrade(settings: Settings, signals: Signals) -> None:
    # Apart: the server is a copy of this process, and would keep what migrations load.
    if _to_the_end(lambda: upgrade(settings, lambda step: None), signals) != 0:
        raise UserError("the database could not be updated; see above")


def _demo(signals: Signals) -> None:
    if _to_the_end(_make_demo, signals) != 0:
        raise UserError("the demo data could not be made; see above")


def _make_demo() -> None:
    """The demo, with a yesterday to compare today with."""
    from layers.demo.yesterday import give_yesterday

    data.demo()
    with use_database() as settings:
        give_yesterday(settings.database_url)


def _to_the_end(command: Callable[[], object], signals: Signals) -> int | None:
    with _running(command) as process:
        while process.is_alive():
            signals.wait(1, process.sentinel)
    return process.exitcode


def _serve(settings: Settings, cluster: Cluster | None, signals: Signals) -> None:
    anywhere = settings.host in {"0.0.0.0", "::"}
    address = f"http://{'127.0.0.1' if anywhere else settings.host}:{settings.port}"
    announced = False
    with _running(serve) as process:
        while process.is_alive():
            if cluster is not None and cluster.revive():
                console.print("[yellow]PostgreSQL ended by itself and was started again[/]")
            if not announced and _is_ready(address):
                _announce(address)
                announced = True
            signals.wait(1 if announced else 0.05, process.sentinel)
    if process.exitcode != 0:
        raise UserError(f"the server ended with status {process.exitcode}; see above")


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
