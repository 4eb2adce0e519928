"""The process of analysis is woken by a worker, with a knock at its socket."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from api.analysis import front
from layers.database import Database, DatabaseUnavailable


@pytest.mark.parametrize("early", [True, False])
def test_a_worker_wakes_the_process_of_analysis_if_it_is_to(
    early: bool, empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(front.SOCKET, str(tmp_path / "analysis"))
    monkeypatch.setattr(front, "_SERVED_FIRST", 0.0)
    assert asyncio.run(_knocks(empty_database_url, tmp_path / "analysis", early)) == int(early)


async def _knocks(url: str, socket: Path, early: bool) -> int:
    heard = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    database = Database(url, pool_size=1, statement_timeout=30, acquire_timeout=30)
    await database.open()
    server = await asyncio.start_unix_server(hear, socket)
    try:
        await front.wake(database, early=early)
    finally:
        server.close()
        await server.wait_closed()
        await database.close()
    return len(heard)


async def test_a_database_that_is_away_is_asked_again(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "_PAUSE", 0.01)
    address, _, socket = empty_database_url.partition("?host=")
    with TemporaryDirectory() as folder:
        away = Path(folder) / "away"
        database = Database(
            f"{address}?host={away}", pool_size=1, statement_timeout=30, acquire_timeout=30
        )
        with pytest.raises(DatabaseUnavailable):
            await database.open()
        await database.open(must_answer=False)
        waking = asyncio.create_task(front.wake(database, early=False))
        await asyncio.sleep(0.1)
        assert not waking.done()
        away.symlink_to(socket)
        await waking
        await database.close()
