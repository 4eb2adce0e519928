"""The command line `dieuhanh`."""

from __future__ import annotations

import sys

import typer

from api.cli import (
    alert,
    analyse,
    brief,
    briefing,
    cot,
    data,
    declarations,
    epidemic,
    local,
    people,
    raster,
    register,
    report,
    results,
    roads,
    serve,
    sos,
    tracing,
    webhook,
)
from api.cli.errors import guarded

app = typer.Typer(
    name="dieuhanh",
    help="Máy chủ dữ liệu không gian điều hành của tỉnh. The province's spatial data server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for commands in (
    serve,
    data,
    people,
    local,
    webhook,
    sos,
    declarations,
    tracing,
    epidemic,
    alert,
    cot,
    roads,
    analyse,
    brief,
    briefing,
    raster,
    register,
    report,
    results,
):
    commands.register(app)


def main() -> None:
    """Run the command line and leave with its exit status."""
    sys.exit(guarded(lambda: app(standalone_mode=False)))
