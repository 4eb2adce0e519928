"""The process of analysis is woken by a worker, with a knock at its socket."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api.analysis import front
from layers.database import Database


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
