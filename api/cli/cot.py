"""`dieuhanh cot send`: requests and teams pushed to team apps, as Cursor on Target."""

from __future__ import annotations

import asyncio
import socket
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

import typer

from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.feeds import cot
from api.feeds.targets import MAXIMUM_TARGETS, STALE_S
from api.settings import Settings
from layers import accounts
from layers.accounts import AccountError
from layers.database import Database, DatabaseUnavailable, QueryTooSlow, RuleRefused
from layers.province import load_province
from layers.sos.targets import targets

LONGEST_S = 3600
MOST_TIMES = 100_000
CONNECT_S = 10.0
PAUSE_S = 0.001

_commands = typer.Typer(help="Cursor on Target, for ATAK and WinTAK.", no_args_is_help=True)


class Transport(StrEnum):
    """How events travel: each in a datagram, or one after the other on a connection."""

    UDP = "udp"
    TCP = "tcp"


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="cot")


@_commands.callback()
def _group() -> None:
    """Keeps `send` a command of its own while it is the only one."""


@_commands.command()
def send(
    target: Annotated[str, typer.Argument(metavar="HOST:PORT", help="For example tak:8087.")],
    login: Annotated[str, typer.Option("--as", help="The account whose rights count.")],
    transport: Annotated[Transport, typer.Option(help="How it travels.")] = Transport.UDP,
    every: Annotated[int, typer.Option(help="Seconds between.", min=1, max=LONGEST_S)] = 30,
    times: Annotated[int, typer.Option(help="How often.", min=1, max=MOST_TIMES)] = 1,
    contacts: Annotated[bool, typer.Option(help="With names and phones.")] = False,
) -> None:
    """Push the open requests and the teams on duty, once or again and again.

    What is pushed travels as it is, readable to whoever listens: names and phones stay here
    unless you ask for them.
    """
    host, port = _address(target)
    with use_database() as settings:
        require_migrated(settings)
        sent = asyncio.run(
            _push(settings, login, (host, port), transport, every, times, contacts=contacts)
        )
    typer.echo(f"{sent} events to {target} ({transport})")


def _address(target: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{target}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.path or parts.username is not None:
        raise UserError(f"{target!r} must be HOST:PORT, such as 192.168.1.20:8087")
    return host, port


async def _push(
    settings: Settings,
    login: str,
    address: tuple[str, int],
    transport: Transport,
    every: int,
    times: int,
    *,
    contacts: bool,
) -> int:
    province = load_province(settings.province_folder)
    database = Database(
        settings.database_url,
        pool_size=1,
        statement_timeout=settings.statement_timeout,
        acquire_timeout=settings.statement_timeout,
    )
    stale_s = max(STALE_S, 2.0 * every)
    sent = 0
    try:
        await database.open()
        for turn in range(times):
            if turn:
                await asyncio.sleep(every)
            # Anew each time: the account may have been disabled meanwhile.
            async with database.serving() as connection:
                account = await accounts.find(connection, login)
            found = await targets(database, account.caller(), MAXIMUM_TARGETS)
            now = datetime.now(UTC)
            events = [
                *cot.request_events(found[0], province, now, stale_s, contacts=contacts),
                *cot.team_events(found[1], province, now, stale_s),
            ]
            await asyncio.to_thread(_send, address, transport, events)
            sent += len(events)
    except AccountError as error:
        raise UserError(f"{error.vi} / {error.en}") from None
    except RuleRefused as error:
        raise UserError(f"the account {login!r} may not read requests and teams: {error}") from None
    except (DatabaseUnavailable, QueryTooSlow) as error:
        raise UserError(f"the database does not answer: {type(error).__name__}") from None
    except OSError as error:
        raise UserError(f"{address[0]}:{address[1]}: {error.strerror or error}") from None
    finally:
        await database.close()
    return sent


def _send(address: tuple[str, int], transport: Transport, events: list[bytes]) -> None:
    """Send events to the first of a name's addresses that takes them.

    Raises:
        OSError: none does.
    """
    if transport is Transport.TCP:
        with socket.create_connection(address, CONNECT_S) as stream:
            for event in events:
                stream.sendall(event)
            stream.shutdown(socket.SHUT_WR)
        return
    found = socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)
    family, kind, protocol, _, resolved = found[0]
    with socket.socket(family, kind, protocol) as datagrams:
        for event in events:
            datagrams.sendto(event, resolved)
            # All at once would overrun what a receiver holds.
            time.sleep(PAUSE_S)
