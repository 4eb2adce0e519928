"""A person's own PostgreSQL login, for QGIS on the tables: a member of the person's role.

Grants, row policies and the audit trail then hold as they do through the server; the login's
name is the account's.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import asyncpg

from layers.accounts import Account, AccountError
from layers.passwords import require_good
from spatial.errors import BadInput
from spatial.sql import literal, quote

Connection = Any


def verifier(database_url: str, login: str, password: str) -> str:
    """What PostgreSQL keeps of a password (SCRAM-SHA-256), made here: it never sees the password.

    Raises:
        AccountError: the password is too short or too long.
    """
    try:
        require_good(password)
    except BadInput as error:
        raise AccountError(error.en, error.vi) from None
    # Workers have no need of it.
    import psycopg2
    from psycopg2.extensions import encrypt_password

    # libpq prepares the password (RFC 4013) as it will when the person signs in.
    with closing(psycopg2.connect(database_url)) as connection:
        made: str = encrypt_password(password, login, connection, "scram-sha-256")
    return made


async def grant(connection: Connection, account: Account, secret: str) -> None:
    """Give an account a database login, or that login a new password; needs a transaction.

    Args:
        secret: of `verifier`.

    Raises:
        AccountError: the account is disabled, or a role of that name is somebody else's.
    """
    if account.disabled_at is not None:
        raise AccountError(
            f"the account {account.login!r} is disabled", f"tài khoản {account.login!r} đã bị khóa"
        )
    name = quote(account.login)
    if account.database_role is None:
        try:
            await connection.execute(f"CREATE ROLE {name} NOLOGIN")
        except (asyncpg.DuplicateObjectError, asyncpg.ReservedNameError):
            raise AccountError(
                f"PostgreSQL has a role {account.login!r} of another use",
                f"PostgreSQL đã có vai trò {account.login!r} dùng cho việc khác",
            ) from None
        await connection.execute(f"GRANT {account.role.database_role} TO {name}")
        await connection.execute(f"GRANT {name} TO CURRENT_USER")
        await connection.execute(
            "UPDATE private.account SET database_role = $2 WHERE id = $1",
            account.id,
            account.login,
        )
    await connection.execute(f"ALTER ROLE {name} LOGIN PASSWORD {literal(secret)}")


async def revoke(connection: Connection, account: Account) -> None:
    """Take the database login away and end its connections; needs a transaction."""
    if account.database_role is None:
        return
    name = quote(account.database_role)
    await connection.execute(f"ALTER ROLE {name} NOLOGIN PASSWORD NULL")
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1",
        account.database_role,
    )
    await connection.execute(f"DROP ROLE {name}")
    await connection.execute(
        "UPDATE private.account SET database_role = NULL WHERE id = $1", account.id
    )
