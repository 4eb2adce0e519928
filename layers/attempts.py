"""Limits on trying passwords: by login and by address, counted in the database for all workers.

Neither is kept: `private.digest` hashes them with a salt of this database's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from layers import accounts, passwords
from layers.accounts import Account

Connection = Any


@dataclass(frozen=True, slots=True)
class Limits:
    """How many failures are allowed within a window of so many seconds."""

    by_login: int
    by_address: int
    window: float


class TooManyAttempts(Exception):
    """The login or the address failed too often.

    Attributes:
        seconds: until the next attempt is allowed.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


# One at a time for each of the two, in the order of their digests, so that many attempts at once
# are counted one by one and none waits for another in a circle.
_LOCK = """
SELECT pg_advisory_xact_lock(7233004, number) FROM (
  SELECT DISTINCT ('x' || encode(substr(hash, 1, 4), 'hex'))::bit(32)::int AS number
  FROM unnest(ARRAY[private.digest('login', $1), private.digest('address', $2)]) AS hash
  ORDER BY 1
) AS wanted
"""
_WAIT = """
SELECT max(ceil(extract(epoch FROM freed + $5::interval - now())))::int FROM (
  SELECT (
    SELECT at FROM private.sign_in_failure
    WHERE subject_hash = hash AND at > now() - $5::interval
    ORDER BY at DESC OFFSET allowed - 1 LIMIT 1
  ) AS freed
  FROM (VALUES (private.digest('login', $1), $3::int), (private.digest('address', $2), $4::int))
    AS wanted (hash, allowed)
) AS waiting
"""
_COUNT = """
INSERT INTO private.sign_in_failure (subject_hash)
VALUES (private.digest('login', $1)), (private.digest('address', $2))
"""
# What was right is no failure: the login starts anew, the address gets one attempt back.
_FORGIVE = """
DELETE FROM private.sign_in_failure WHERE subject_hash = private.digest('login', $1)
OR ctid = (
  SELECT ctid FROM private.sign_in_failure WHERE subject_hash = private.digest('address', $2)
  ORDER BY at DESC LIMIT 1
)
"""


async def begin(connection: Connection, login: str, address: str, limits: Limits) -> None:
    """Count an attempt as failed before the password is looked at; needs a transaction.

    Raises:
        TooManyAttempts: no further attempt is allowed now, and this one is not counted.
    """
    await connection.execute(_LOCK, login, address)
    window = timedelta(seconds=limits.window)
    wait = await connection.fetchval(
        _WAIT, login, address, limits.by_login, limits.by_address, window
    )
    if wait is not None:
        raise TooManyAttempts(max(1, wait))
    await connection.execute(_COUNT, login, address)


async def check_password(
    database: Any, login: str, password: str, address: str, limits: Limits
) -> tuple[Account, str] | None:
    """The account that a login and password open, and the password's hash; None if they are wrong.

    Args:
        database: its `serving()` gives connections; none is held while the password is hashed.

    Raises:
        TooManyAttempts: the login or the address failed too often.
    """
    login = login[:100].replace("\x00", "")
    async with database.serving() as connection:
        await begin(connection, login, address, limits)
        found = await accounts.for_password(connection, login)
    right = await passwords.matches(password, None if found is None else found[1])
    if found is None or not right:
        return None
    async with database.serving() as connection:
        await connection.execute(_FORGIVE, login, address)
    return found
