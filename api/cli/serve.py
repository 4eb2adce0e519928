"""`dieuhanh migrate` and `dieuhanh serve`."""

from __future__ import annotations

import ctypes
from typing import Annotated

import typer
from rich.console import Console

from api.cli.database import require_connections, require_migrated, upgrade, use_database
from api.cli.errors import UserError
from api.ports import PortError, claim_port
from layers.province import load_province

Host = Annotated[str | None, typer.Option(help="The address to listen on.")]
Port = Annotated[int | None, typer.Option(help="The port to listen on.", min=1, max=65535)]
Workers = Annotated[int | None, typer.Option(help="Server processes.", min=1, max=64)]


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # mallopt(3)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(serve)
    app.command()(migrate)


def migrate() -> None:
    """Bring the database up to date: tables, functions, triggers and rights of all layers."""
    doing = "Cập nhật cơ sở dữ liệu · updating the database"
    console = Console(stderr=True, highlight=False)
    with use_database() as settings, console.status(doing) as status:
        upgrade(settings, lambda step: status.update(f"{doing} · {step}"))
    console.print("Cơ sở dữ liệu đã cập nhật · the database is up to date")


def serve(host: Host = None, port: Port = None, workers: Workers = None) -> int:
    """Serve the map and the OGC API until Ctrl-C or SIGTERM."""
    chosen = {"host": host, "port": port, "workers": workers}
    update = {name: value for name, value in chosen.items() if value is not None}
    with use_database() as configured:
        settings = configured.model_copy(update=update)
        require_migrated(settings)
        require_connections(settings)
        # What it cannot be signed with is said here once, and not by each worker.
        settings.load_signer()
        load_province(settings.province_folder)
        try:
            claim_port(settings.host, settings.port)
        except PortError as error:
            raise UserError(str(error)) from None
        _give_memory_back()
        # The other commands need nothing of the server, and start quicker without it.
        from api.server import run
        from api.workers import WorkersFail

        try:
            run(settings)
        except WorkersFail as error:
            Console(stderr=True, highlight=False).print(f"dieuhanh: {error}", markup=False)
            return 1
    return 0


def _give_memory_back() -> None:
    """Keep the C library from holding on to large blocks; workers inherit it.

    By itself it takes ever larger blocks from the heap once one was freed, and the holes stay: a
    worker then grew by 110 MB under load where it now grows by 60. Other C libraries have no
    mallopt and no such habit.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 1 << 20)
        mallopt(_M_TRIM_THRESHOLD, 8 << 20)
