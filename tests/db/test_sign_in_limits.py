"""Failures to sign in are counted one by one, digested, and purged with all that has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from layers import attempts, credentials
from layers.attempts import Limits, TooManyAttempts
from layers.database import Database
from layers.feed import Feed
from layers.upkeep import Upkeep
from tests.people import PASSWORD, person

LIMITS = Limits(by_login=5, by_address=8, window=900)


@pytest.fixture
async def database(empty_database_url: str) -> AsyncIterator[Database]:
    opened = Database(empty_database_url, pool_size=1, statement_timeout=10, acquire_timeout=30)
    await opened.open()
    yield opened
    await opened.close()


async def tried(database: Database, login: str, password: str, address: str) -> str:
    try:
        found = await attempts.check_password(database, login, password, address, LIMITS)
    except TooManyAttempts as error:
        return "waits" if 1 <= error.seconds <= 900 else str(error)
    return "in" if found else "wrong"


async def test_many_attempts_at_once_are_counted_one_by_one(database: Database) -> None:
    answers = await asyncio.gather(
        *(tried(database, "somebody", "wrong", f"192.0.2.{n}") for n in range(12))
    )
    assert sorted(answers) == ["waits"] * 7 + ["wrong"] * 5


async def test_an_address_that_tries_many_logins_waits(database: Database) -> None:
    answers = [await tried(database, f"login{n}", "wrong", "192.0.2.1") for n in range(10)]
    assert answers == ["wrong"] * 8 + ["waits"] * 2
    assert await tried(database, "login0", "wrong", "192.0.2.2") == "wrong"


async def test_the_right_password_starts_anew_and_waits_too(
    database: Database, empty_database_url: str
) -> None:
    login = person(empty_database_url, "viewer", password=PASSWORD).login
    for _ in range(3):
        for number in range(4):
            assert await tried(database, login, "wrong", f"198.51.100.{number}") == "wrong"
        assert await tried(database, login, PASSWORD, "198.51.100.9") == "in"
    for number in range(5):
        assert await tried(database, login, "wrong", f"203.0.113.{number}") == "wrong"
    assert await tried(database, login, PASSWORD, "203.0.113.9") == "waits"


async def test_neither_login_nor_address_is_kept(
    database: Database, empty_database_url: str
) -> None:
    await tried(database, "somebody", "wrong", "192.0.2.77")
    async with database.serving() as connection:
        text = str(await connection.fetch("SELECT f::text FROM private.sign_in_failure AS f"))
        assert "somebody" not in text
        assert "192.0.2.77" not in text
        assert "c0a8" not in text


async def test_upkeep_purges_what_has_ended(database: Database, empty_database_url: str) -> None:
    someone = person(empty_database_url, "viewer")
    await tried(database, "somebody", "wrong", "192.0.2.1")
    async with database.serving() as connection:
        for past in ("1 hour", "-1 hour"):
            await connection.execute(
                "INSERT INTO private.session (token_hash, account_id, csrf, expires_at)"
                " VALUES (sha256($1::text::bytea), $2, 'x', now() - $1::text::interval)",
                past,
                someone.id,
            )
        await connection.execute(
            "INSERT INTO private.api_key (account_id, title, secret_hash, scope, expires_at)"
            " VALUES ($1, 'old', 'x', 'read', now() - interval '91 days')",
            someone.id,
        )
        await connection.execute("UPDATE private.sign_in_failure SET at = at - interval '1 hour'")

    async def purge(connection: Any) -> None:
        await credentials.purge(connection, failures_seconds=900)

    feed = Feed(empty_database_url)
    await feed.open()
    upkeep = Upkeep(empty_database_url, feed, (), feed_days=30, purges=(purge,), every=0.05)
    upkeep.open()
    try:
        for _ in range(100):
            await asyncio.sleep(0.05)
            left = await _counts(empty_database_url)
            if left == (1, 1, 0):
                break
        assert left == (1, 1, 0)
    finally:
        await upkeep.close()
        await feed.close()


async def _counts(url: str) -> tuple[int, ...]:
    connection = await asyncpg.connect(url)
    try:
        return tuple(
            [
                await connection.fetchval(f"SELECT count(*) FROM private.{name}")
                for name in ("session", "api_key", "sign_in_failure")
            ]
        )
    finally:
        await connection.close()
