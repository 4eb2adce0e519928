"""A small day of the province: all departments at once, through two workers; the books balance."""

from __future__ import annotations

import asyncio

from rich.console import Console

from bench.province_day import live_through
from tests.conftest import RunServer

SCALE = 0.001


def test_the_books_of_a_day_balance(fresh_database_url: str, run_server: RunServer) -> None:
    address = run_server(fresh_database_url, workers=2)
    quiet = Console(quiet=True)
    outcome = asyncio.run(live_through(address, fresh_database_url, SCALE, quiet))
    assert [book for book in outcome.books if not book.balances] == []
    entered = {book.name: book.expected for book in outcome.books}
    assert entered["check-ins sent, answered"] > 200
    assert entered["releases by two at once, done once"] > 0
    assert entered["contacts planted, found"] > 5
    assert entered["looks taken, on record"] > 30
    assert entered["report of control_points, today"]["n_in"] > 0
    assert entered["report of cases, the day before"]["community"] > 1000
