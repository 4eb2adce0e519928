"""Work of staff through functions of the database: what a desk's errors are to its caller."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from layers.database import Database, RuleRefused
from layers.refusals import CONTENTION, Contended
from layers.roles import Caller


@asynccontextmanager
async def at_desk(
    database: Database, caller: Caller, *, denied: str, about: str, read_only: bool = False
) -> AsyncIterator[Any]:
    """A connection in a transaction as the caller.

    Args:
        denied: what is said, in both languages, to a role that may not call what is called.
        about: what others change at the same time, for `Contended`.

    Raises:
        RuleRefused: the role may not, or a rule refuses.
        Contended: others change the same at this moment.
    """
    try:
        async with database.acting(caller, read_only=read_only) as connection:
            yield connection
    except asyncpg.InsufficientPrivilegeError as error:
        raise RuleRefused("forbidden", denied) from error
    except CONTENTION as error:
        raise Contended(about) from error
