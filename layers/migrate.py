"""Bring a database up to date: Alembic's migrations, then what the layer records imply."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

import migrations
from layers.catalogue import CATALOGUE
from layers.derive import derive, derive_registers, derive_reports
from layers.registers.catalogue import REGISTERS
from layers.reports import catalogue as reports

if TYPE_CHECKING:
    import alembic.config

_LOCK = 7233002
_TRIES = 10
# deadlock_detected, lock_not_available: a server that goes on meanwhile.
_IN_THE_WAY = ("40P01", "55P03")


def sqlalchemy_url(database_url: str) -> str:
    """The address for SQLAlchemy's psycopg2 dialect, from a `postgresql://` one."""
    scheme, separator, rest = database_url.partition("://")
    if not separator or scheme.split("+")[0] not in ("postgresql", "postgres"):
        raise ValueError("the database address must begin with postgresql://")
    return f"postgresql+psycopg2://{rest}"


def migrate(database_url: str, progress: Callable[[str], None]) -> None:
    """Upgrade the schema to the newest revision and derive the layers' SQL objects.

    Safe to run again and from several processes at once: an advisory lock lets one at a time.

    Args:
        database_url: a `postgresql://` address of an owner who may create roles.
        progress: told one line per step.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database refused; nothing half done is kept of the
            failing step.
    """
    # Only a migration needs Alembic; all commands read addresses by this module.
    import alembic.command

    engine = sa.create_engine(sqlalchemy_url(database_url), poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        # A change of a table waits for its readers and makes others wait: not for long.
        connection.execute(sa.text("SET lock_timeout = '3s'"))
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS dieuhanh"))
        connection.commit()
        for left in reversed(range(_TRIES)):
            progress("schema")
            try:
                alembic.command.upgrade(alembic_config(connection), "head")
                connection.commit()
                derive(connection, CATALOGUE.values(), progress)
                derive_registers(connection, REGISTERS.values(), progress)
                derive_reports(connection, reports.ddl(), progress)
                connection.commit()
                return
            except sa.exc.OperationalError as error:
                connection.rollback()
                if getattr(error.orig, "pgcode", None) not in _IN_THE_WAY or not left:
                    raise
                progress("waiting for readers")
                time.sleep(1)


def alembic_config(connection: sa.Connection) -> alembic.config.Config:
    """Alembic's configuration on an open connection; the scripts lie beside this package."""
    import alembic.config

    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config
