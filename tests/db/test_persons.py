"""Persons and their cards: one row a person, tokens that cannot be forged, purged when unused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import pytest

from api import cards
from api.cards import BadCard, load_keys, read_token, write_token
from layers.database import Database
from layers.persons import Person, identity_number, purge, take

T = TypeVar("T")
SHOWN = Person("Trần Thị Bình An", 1984, "female", "0905000001", "20335", "Tổ 3")


def run(url: str, work: Callable[[Any], Awaitable[T]]) -> T:
    """What `work` gives on a connection of the owner, in a transaction."""

    async def connected() -> T:
        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


def known(url: str, person: UUID) -> dict[str, Any]:
    async def work(connection: Any) -> dict[str, Any]:
        return dict(await connection.fetchrow("SELECT * FROM private.person WHERE id = $1", person))

    return run(url, work)


def taken(url: str, person: Person, **keys: Any) -> UUID:
    return run(url, lambda connection: take(connection, person, **keys))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("049 084 000 123", "049084000123"),
        ("205.123.456", "205123456"),
        ("c1234567", "C1234567"),
        ("1234567890", None),
        ("không có", None),
        ("", None),
    ],
)
def test_an_identity_number_is_compared_without_its_spaces(text: str, number: str | None) -> None:
    assert identity_number(text) == number


def test_a_person_is_found_again_by_number_or_by_phone_and_name(database_url: str) -> None:
    identity, phone = uuid4().bytes, uuid4().bytes
    by_phone = taken(database_url, SHOWN, phone=phone)
    # Written without accents, and with the number that was not known before.
    again = replace(SHOWN, name="TRAN THI BINH AN", address="Tổ 4")
    assert taken(database_url, again, phone=phone, identity=identity) == by_phone
    assert taken(database_url, replace(SHOWN, phone="0905000009"), identity=identity) == by_phone
    # Another of the family with the same phone, and one who was born in another year.
    assert taken(database_url, replace(SHOWN, name="Trần Văn Bảo"), phone=phone) != by_phone
    assert taken(database_url, replace(SHOWN, birth_year=1955), phone=phone) != by_phone


def test_what_anybody_says_does_not_replace_what_is_known(database_url: str) -> None:
    identity = uuid4().bytes
    found = taken(database_url, replace(SHOWN, address=None), identity=identity)
    claimed = Person("Không Phải Tôi", 2001, "male", None, None, "Chỗ khác")
    assert taken(database_url, claimed, identity=identity) == found
    row = known(database_url, found)
    assert (row["name"], row["birth_year"], row["address"]) == (SHOWN.name, 1984, "Chỗ khác")
    taken(database_url, replace(SHOWN, name="Trần Thị Bình Yên"), identity=identity, trusted=True)
    row = known(database_url, found)
    assert (row["name"], row["address"], row["sex"]) == ("Trần Thị Bình Yên", "Tổ 3", "female")


def test_the_same_person_taken_at_once_is_one(database_url: str) -> None:
    identity = uuid4().bytes

    async def one() -> UUID:
        connection = await asyncpg.connect(database_url)
        try:
            async with connection.transaction():
                found = await take(connection, SHOWN, identity=identity)
                await connection.execute("SELECT pg_sleep(0.05)")
                return found
        finally:
            await connection.close()

    async def all_of_them() -> list[UUID]:
        return await asyncio.gather(*(one() for _ in range(6)))

    assert len(set(asyncio.run(all_of_them()))) == 1


def test_unused_persons_go_and_held_ones_stay(database_url: str) -> None:
    gone = taken(database_url, SHOWN, identity=uuid4().bytes)
    held = taken(database_url, SHOWN, identity=uuid4().bytes)
    recent = taken(database_url, SHOWN, identity=uuid4().bytes)

    async def work(connection: Any) -> set[UUID]:
        await connection.execute(
            "CREATE TABLE private.holds (person_id uuid REFERENCES private.person)"
        )
        try:
            await connection.execute("INSERT INTO private.holds VALUES ($1)", held)
            await connection.execute(
                "UPDATE private.person SET used_at = now() - interval '22 days'"
                " WHERE id = ANY ($1::uuid[])",
                [gone, held],
            )
            assert await purge(connection, keep_days=21) >= 2
            rows = await connection.fetch(
                "SELECT id FROM private.person WHERE id = ANY ($1::uuid[])", [gone, held, recent]
            )
            return {row["id"] for row in rows}
        finally:
            await connection.execute("DROP TABLE private.holds")

    assert run(database_url, work) == {held, recent}


def test_cards_go_some_time_after_their_end_and_with_their_person(database_url: str) -> None:
    whose = taken(database_url, SHOWN, identity=uuid4().bytes)

    async def work(connection: Any) -> list[bool]:
        await connection.execute(
            "INSERT INTO private.card (person_id, expires_at)"
            " SELECT $1, now() - day * interval '1 day' FROM unnest('{-1,5,22}'::int[]) AS day",
            whose,
        )
        await purge(connection, keep_days=21)
        rows = await connection.fetch(
            "SELECT expires_at > now() AS holds FROM private.card WHERE person_id = $1"
            " ORDER BY expires_at",
            whose,
        )
        await connection.execute("DELETE FROM private.person WHERE id = $1", whose)
        assert not await connection.fetchval(
            "SELECT count(*) FROM private.card WHERE person_id = $1", whose
        )
        return [row["holds"] for row in rows]

    assert run(database_url, work) == [False, True]


def test_a_phone_that_staff_correct_finds_the_person_from_then_on(database_url: str) -> None:
    identity, old, new = uuid4().bytes, uuid4().bytes, uuid4().bytes
    found = taken(database_url, SHOWN, identity=identity, phone=old)
    moved = replace(SHOWN, phone="0905000002")
    taken(database_url, moved, identity=identity, phone=new, trusted=True)
    assert known(database_url, found)["phone"] == "0905000002"
    assert taken(database_url, moved, phone=new) == found
    assert taken(database_url, SHOWN, phone=old) != found
    other = replace(SHOWN, name="Trần Thị Khác")
    assert taken(database_url, other, phone=new) != found


def test_a_card_is_read_until_it_expires_and_a_forged_one_never(database_url: str) -> None:
    async def keys_of_two_processes() -> tuple[Any, Any]:
        database = Database(database_url, pool_size=2, statement_timeout=10, acquire_timeout=10)
        await database.open()
        try:
            first = await load_keys(database)
            cards._KEYS.clear()
            return first, await load_keys(database)
        finally:
            await database.close()

    keys, others = asyncio.run(keys_of_two_processes())
    card, now = uuid4(), datetime.now(UTC)
    token = write_token(keys, card, now + timedelta(hours=1))
    assert read_token(others, token) == card
    assert len(token) < 240
    assert card.hex not in token
    old = write_token(keys, card, now - timedelta(minutes=5))
    with pytest.raises(BadCard) as over:
        read_token(keys, old)
    assert over.value.is_over
    # It was shown while it held, at a checkpoint that sent it later; but not any time ago.
    assert read_token(keys, old, at=now - timedelta(minutes=10)) == card
    long_over = write_token(keys, card, now - timedelta(days=3))
    with pytest.raises(BadCard):
        read_token(keys, long_over, at=now - timedelta(days=4))
    head, claims, signature = token.split(".")
    unsigned = "eyJhbGciOiJub25lIn0"
    for forged in (f"{head}.{old.split('.')[1]}.{signature}", f"{unsigned}.{claims}.", "", "x"):
        with pytest.raises(BadCard) as bad:
            read_token(keys, forged)
        assert not bad.value.is_over
