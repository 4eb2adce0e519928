"""`dieuhanh webhook`: who is told of changes by a signed post."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import orjson
import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table

from api.cli.database import connection, require_migrated, use_database
from api.cli.errors import UserError
from layers.catalogue import CATALOGUE
from layers.targets import RefusedTarget, resolve_target
from layers.webhooks import deliver, new_secret

Layers = Annotated[
    str | None, typer.Option(help="Ids of layers, separated by commas; all if not given.")
]
Number = Annotated[int, typer.Argument(help="The webhook's number.", min=1)]

_commands = typer.Typer(help="Post changes to other systems, signed.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(_commands, name="webhook")


@_commands.command()
def add(
    url: Annotated[str, typer.Argument(help="The address that gets the posts.")],
    layers: Layers = None,
) -> None:
    """Add a webhook; it is told of what changes from now on. Its secret is shown this once."""
    chosen = list(CATALOGUE) if layers is None else [name.strip() for name in layers.split(",")]
    unknown = next((name for name in chosen if name not in CATALOGUE), None)
    if unknown is not None:
        raise UserError(f"there is no layer {unknown!r}; there are {', '.join(CATALOGUE)}")
    with use_database() as settings:
        require_migrated(settings)
        try:
            asyncio.run(resolve_target(url, private=settings.webhook_private))
        except RefusedTarget as error:
            raise UserError(f"{url!r} {error}") from None
        except (OSError, UnicodeError):
            raise UserError(f"{url!r}: the name of its host leads nowhere") from None
        secret = new_secret()
        with connection(settings.database_url) as opened:
            number = opened.execute(
                sa.text(
                    "INSERT INTO private.webhook (url, secret, layers, delivered)"
                    " SELECT :url, :secret, :layers, coalesce(max(version), 0)"
                    " FROM dieuhanh.commit_log RETURNING id"
                ),
                {"url": url, "secret": secret, "layers": chosen},
            ).scalar_one()
            opened.commit()
    typer.echo(f"webhook {number}")
    typer.echo(f"secret {secret}")


@_commands.command(name="list")
def list_() -> None:
    """List the webhooks: how far each has been told, and how the last try ended."""
    with use_database() as settings:
        require_migrated(settings)
        with connection(settings.database_url) as opened:
            rows = opened.execute(
                sa.text(
                    "SELECT id, url, layers, delivered, failures, last_result,"
                    " CASE WHEN disabled_at IS NOT NULL THEN 'disabled'"
                    " WHEN failures > 0 THEN 'failing' ELSE 'works' END AS state"
                    " FROM private.webhook ORDER BY id"
                )
            ).all()
    table = Table("id", "url", "layers", "delivered", "state", "failures", "last", box=None)
    for row in rows:
        table.add_row(
            str(row.id),
            row.url,
            ",".join(row.layers),
            str(row.delivered),
            row.state,
            str(row.failures),
            row.last_result or "",
        )
    Console(soft_wrap=True, highlight=False).print(table)


@_commands.command()
def remove(number: Number) -> None:
    """Remove a webhook."""
    with use_database() as settings:
        require_migrated(settings)
        with connection(settings.database_url) as opened:
            done = opened.execute(
                sa.text("DELETE FROM private.webhook WHERE id = :number RETURNING id"),
                {"number": number},
            ).first()
            opened.commit()
    if done is None:
        raise UserError(f"there is no webhook {number}")


@_commands.command()
def test(number: Number) -> None:
    """Post a test to a webhook now; one that takes it works again, if it was failing."""
    with use_database() as settings:
        require_migrated(settings)
        with connection(settings.database_url) as opened:
            row = opened.execute(
                sa.text("SELECT url, secret FROM private.webhook WHERE id = :number"),
                {"number": number},
            ).first()
            if row is None:
                raise UserError(f"there is no webhook {number}")
            body = orjson.dumps({"type": "test"})
            answer = asyncio.run(
                deliver(
                    row.url,
                    row.secret,
                    f"{number}.test.{time.time_ns()}",
                    body,
                    private=settings.webhook_private,
                )
            )
            if not answer.delivered:
                raise UserError(f"webhook {number}: {answer.text}")
            opened.execute(
                sa.text(
                    "UPDATE private.webhook SET failures = 0, failing_since = NULL,"
                    " disabled_at = NULL, next_try_at = now(), last_result = :text"
                    " WHERE id = :number"
                ),
                {"number": number, "text": answer.text},
            )
            opened.commit()
    typer.echo(f"webhook {number}: {answer.text}")
