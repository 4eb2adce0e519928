"""Errors of the command line: one line on stderr, exit status 2, no traceback."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy.exc
import typer
from rich.console import Console

from api.postgresql import ClusterError
from api.settings import SettingsError
from layers.province import ProvinceError


class UserError(typer.TyperException):
    """The command cannot do what was asked; the message says why and what to do."""

    exit_code = 2


def guarded(command: Callable[[], object]) -> int:
    """Run a command; its exit status. What its user can put right is one line on stderr and 2."""
    try:
        status = command()
    except typer.TyperException as error:
        return _fail(error.format_message())
    except typer.Abort:
        return 130
    except (ClusterError, ProvinceError, SettingsError) as error:
        return _fail(str(error))
    except sqlalchemy.exc.OperationalError as error:
        return _fail(f"the database does not answer: {str(error.orig).strip().splitlines()[0]}")
    return status if isinstance(status, int) else 0


def _fail(message: str) -> int:
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(f"dieuhanh: {' '.join(message.split())}", markup=False)
    return 2
