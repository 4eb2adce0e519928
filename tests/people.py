"""Accounts for tests: of any role, with a key, as headers of a request."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from layers import accounts, credentials
from layers.accounts import Post
from layers.roles import Caller, Role

PASSWORD = "một mật khẩu đủ dài"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """An account that a test made."""

    id: int
    login: str
    role: Role
    key: str
    caller: Caller

    @property
    def headers(self) -> dict[str, str]:
        """The headers that make a request this person's."""
        return {"Authorization": f"Bearer {self.key}"}


def person(
    database_url: str,
    role: Role | str,
    *,
    departments: Sequence[str] = (),
    districts: Sequence[str] = (),
    layers: Sequence[str] = (),
    places: Sequence[str] = (),
    scope: credentials.Scope = "write",
    password: str | None = None,
    login: str | None = None,
) -> Person:
    """Make an account and a key for it in a test's database."""
    post = Post(Role(role), tuple(departments), tuple(districts), tuple(layers), tuple(places))
    name = login or f"test-{post.role.value}-{next(_numbers)}"

    async def work(connection: Any) -> Person:
        account = await accounts.add(connection, name, post, password=password)
        _, secret = await credentials.add_key(connection, account, "tests", scope, 1)
        return Person(account.id, account.login, account.role, secret, account.caller())

    made: Person = on_database(database_url, work)
    return made


def on_database(database_url: str, work: Any) -> Any:
    """`await work(connection)` in a transaction as the owner, from a test that is not async."""

    async def connected() -> Any:
        connection = await asyncpg.connect(database_url)
        try:
            async with connection.transaction():
                return await work(connection)
        finally:
            await connection.close()

    # A loop of its own, on a thread of its own where the test already runs in one.
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(connected())
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, connected()).result()
