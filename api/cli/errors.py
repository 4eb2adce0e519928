"""Errors of the command line: one line on stderr, exit status 2, no traceback."""

from __future__ import annotations

import typer


class UserError(typer.TyperException):
    """The command cannot do what was asked; the message says why and what to do."""

    exit_code = 2
