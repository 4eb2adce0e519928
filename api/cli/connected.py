"""A command's connection to the database; what that refuses is one line for its user."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from api.cli.errors import UserError
from api.settings import Settings


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Any]:
    """A connection of asyncpg as the server itself.

    Raises:
        UserError: the database does not answer, or refuses.
    """
    try:
        connection = await asyncpg.connect(settings.database_url, timeout=10)
    except (OSError, asyncpg.PostgresError) as error:
        raise _said(error) from None
    try:
        yield connection
    except asyncpg.PostgresError as error:
        raise _said(error) from None
    finally:
        await connection.close()


def _said(error: Exception) -> UserError:
    first = next(iter(str(error).splitlines()), type(error).__name__)
    return UserError(f"PostgreSQL: {first}")
