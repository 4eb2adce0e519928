"""The command line `dieuhanh`."""

from __future__ import annotations

import sys

import sqlalchemy.exc
import typer
from rich.console import Console

from api.cli import data, local, serve
from api.postgresql import ClusterError
from api.settings import SettingsError
from layers.province import ProvinceError

app = typer.Typer(
    name="dieuhanh",
    help="Máy chủ dữ liệu không gian điều hành của tỉnh. The province's spatial data server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data.register(app)
serve.register(app)
data.register(app)
local.register(app)


def main() -> None:
    """Run the command line; what the user did wrong is one line on stderr and exit status 2."""
    try:
        status = app(standalone_mode=False)
    except typer.TyperException as error:
        _fail(error.format_message())
    except typer.Abort:
        sys.exit(130)
    except (ClusterError, ProvinceError, SettingsError) as error:
        _fail(str(error))
    except sqlalchemy.exc.OperationalError as error:
        _fail(f"the database does not answer: {_first_line(str(error.orig))}")
    else:
        sys.exit(status if isinstance(status, int) else 0)


def _first_line(text: str) -> str:
    return text.strip().split("\n")[0]


def _fail(message: str) -> None:
    line = " ".join(message.split())
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"dieuhanh: {line}", markup=False)
    sys.exit(2)
