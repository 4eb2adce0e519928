"""What an account shows instead of a password: API keys and the tokens of sessions.

Both are 256 random bits of which the database keeps the SHA-256 alone. They are found by that
digest: what a comparison's time could tell is a digest's beginning, which is of no use.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from layers.accounts import COLUMNS, Account, AccountError, account_of
from layers.roles import Caller
from spatial.errors import shown

Connection = Any
Scope = Literal["read", "write"]

KEY_PREFIX = "dhk_"
"""Begins every key, so that people and scanners know one where it does not belong."""

_LENGTH = 100
"""Characters beyond which nothing is looked up."""


@dataclass(frozen=True, slots=True)
class Key:
    """An API key without its secret."""

    id: int
    login: str
    title: str
    scope: Scope
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A session: who it is, the token against forged requests, and when it ends."""

    caller: Caller
    csrf: str
    expires_at: datetime


def digest(secret: str) -> bytes:
    """What the database keeps of a secret."""
    return hashlib.sha256(secret.encode()).digest()


async def add_key(
    connection: Connection, account: Account, title: str, scope: Scope, days: int
) -> tuple[Key, str]:
    """Make a key for an account; its secret is shown this once.

    Raises:
        AccountError: the title is empty or too long, or the account is disabled.
    """
    if not 1 <= len(title.strip()) <= 100:
        raise AccountError(
            "a key's title has 1 to 100 characters", "tên khóa có từ 1 đến 100 ký tự"
        )
    if account.disabled_at is not None:
        raise AccountError(
            f"the account {account.login!r} is disabled", f"tài khoản {account.login!r} đã bị khóa"
        )
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    row = await connection.fetchrow(
        "INSERT INTO private.api_key (account_id, title, secret_hash, scope, expires_at)"
        " VALUES ($1, $2, $3, $4, now() + $5)"
        " RETURNING id, title, scope, created_at, expires_at, revoked_at",
        account.id,
        title.strip(),
        digest(secret),
        scope,
        timedelta(days=days),
    )
    return Key(row["id"], account.login, *tuple(row)[1:]), secret


async def keys(connection: Connection, login: str | None = None) -> list[Key]:
    """The keys of an account, or all, the newest first."""
    rows = await connection.fetch(
        "SELECT key.id, account.login, key.title, key.scope, key.created_at, key.expires_at,"
        " key.revoked_at FROM private.api_key AS key"
        " JOIN private.account ON account.id = key.account_id"
        " WHERE $1::text IS NULL OR account.login = $1 ORDER BY key.id DESC",
        login,
    )
    return [Key(*row) for row in rows]


async def revoke_key(connection: Connection, key_id: int, account: int | None = None) -> None:
    """Make a key useless from now on.

    Args:
        account: whose key it has to be; anybody's by default.

    Raises:
        AccountError: there is no such key.
    """
    found = await connection.fetchval(
        "UPDATE private.api_key SET revoked_at = coalesce(revoked_at, now())"
        " WHERE id = $1 AND account_id = coalesce($2, account_id) RETURNING id",
        key_id,
        account,
    )
    if found is None:
        raise AccountError(f"there is no key {shown(key_id)}", f"không có khóa số {shown(key_id)}")


async def caller_by_key(connection: Connection, secret: str) -> Caller | None:
    """Who shows a key; None for one that is unknown, revoked, expired, or of a disabled account."""
    if len(secret) > _LENGTH:
        return None
    row = await connection.fetchrow(
        f"SELECT {COLUMNS}, key.scope FROM private.api_key AS key"
        " JOIN private.account ON account.id = key.account_id"
        " WHERE key.secret_hash = $1 AND key.revoked_at IS NULL AND key.expires_at > now()"
        " AND account.disabled_at IS NULL",
        digest(secret),
    )
    return None if row is None else account_of(row).caller(read_only=row["scope"] == "read")


async def open_session(
    connection: Connection, account: Account, hours: float
) -> tuple[Session, str]:
    """Begin a session; its token goes into the cookie and nowhere else."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    ends = datetime.now(UTC) + timedelta(hours=hours)
    await connection.execute(
        "INSERT INTO private.session (token_hash, account_id, csrf, expires_at)"
        " VALUES ($1, $2, $3, $4)",
        digest(token),
        account.id,
        csrf,
        ends,
    )
    return Session(account.caller(), csrf, ends), token


async def session(connection: Connection, token: str) -> Session | None:
    """The session of a token, if it has not ended."""
    if len(token) > _LENGTH:
        return None
    row = await connection.fetchrow(
        f"SELECT {COLUMNS}, session.csrf, session.expires_at FROM private.session"
        " JOIN private.account ON account.id = session.account_id"
        " WHERE session.token_hash = $1 AND session.expires_at > now()"
        " AND account.disabled_at IS NULL",
        digest(token),
    )
    if row is None:
        return None
    return Session(account_of(row).caller(), row["csrf"], row["expires_at"])


async def close_session(connection: Connection, token: str) -> None:
    """End a session."""
    await connection.execute("DELETE FROM private.session WHERE token_hash = $1", digest(token))


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session of an account, as its person sees it.

    Attributes:
        name: tells it from the account's others; the beginning of what is kept of its token.
        is_this: whether it is the one that asks.
    """

    name: str
    created_at: datetime
    expires_at: datetime
    is_this: bool


_NAME = "left(encode(token_hash, 'hex'), 16)"


async def sessions(connection: Connection, account: int, token: str) -> list[OpenSession]:
    """The sessions of an account that have not ended, the newest first.

    Args:
        token: of the session that asks; empty for none.
    """
    rows = await connection.fetch(
        f"SELECT {_NAME}, created_at, expires_at, token_hash = $2 FROM private.session"
        " WHERE account_id = $1 AND expires_at > now() ORDER BY created_at DESC",
        account,
        digest(token),
    )
    return [OpenSession(*row) for row in rows]


async def end_session(connection: Connection, account: int, name: str) -> None:
    """End a session of an account.

    Raises:
        AccountError: the account has no such session.
    """
    found = await connection.fetchval(
        f"DELETE FROM private.session WHERE account_id = $1 AND {_NAME} = $2 RETURNING account_id",
        account,
        name,
    )
    if found is None:
        raise AccountError("this session has ended already", "phiên này đã kết thúc rồi")


async def end_other_sessions(connection: Connection, account: int, token: str) -> None:
    """End all sessions of an account but that of a token."""
    await connection.execute(
        "DELETE FROM private.session WHERE account_id = $1 AND token_hash <> $2",
        account,
        digest(token),
    )


KEYS_KEPT = timedelta(days=90)
"""How long a key that has ended is still listed."""


async def purge(connection: Connection, *, failures_seconds: float) -> None:
    """Remove what has ended: sessions, failures out of the window, and keys some time ago."""
    await connection.execute("DELETE FROM private.session WHERE expires_at < now()")
    await connection.execute(
        "DELETE FROM private.sign_in_failure WHERE at < now() - $1::interval",
        timedelta(seconds=failures_seconds),
    )
    await connection.execute(
        "DELETE FROM private.api_key WHERE least(expires_at, revoked_at) < now() - $1::interval",
        KEYS_KEPT,
    )
