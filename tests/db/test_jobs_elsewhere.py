"""A job that another server of the same database ends is over for who waits for it here."""

from __future__ import annotations

import asyncio

import psycopg2

from api.analysis.runner import Runner
from api.settings import Settings
from layers.analysis.processes import process_of
from layers.roles import ANYONE


async def test_a_wait_ends_when_another_server_has_run_the_job(database_url: str) -> None:
    runner = Runner(Settings(database_url=database_url), "quang-nam")
    # Its queue is not worked on here: what is submitted is for another server.
    await runner._pool.open(wait=True)
    try:
        async with runner._app.open_async(runner._pool):
            process = process_of("hotspots")
            asked = process.read({"layer": "hotels", "by": "district"})
            job = await runner.submit(process, asked.model_dump(mode="json"), ANYONE)
            waiting = asyncio.create_task(runner.wait(job, 3600))
            await asyncio.sleep(0.1)
            assert not waiting.done()
            with psycopg2.connect(database_url) as other, other.cursor() as cursor:
                cursor.execute(
                    "UPDATE private.analysis_job SET status = 'failed', message = 'x',"
                    " finished = now() WHERE id = %s",
                    (str(job),),
                )
            other.close()
            assert await asyncio.wait_for(waiting, 60)
            assert runner._ended == {}
    finally:
        await runner._pool.close()
