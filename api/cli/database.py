"""The database that a command works on: the one that is set, or the clone's private cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from api.cli.errors import UserError
from api.cluster import Cluster
from api.settings import Settings, load_settings
from layers.migrate import migrate, sqlalchemy_url
from layers.province import load_province
from layers.registers.rules import write_rules

OTHER_CONNECTIONS = 7
"""Connections of a worker beside its pool: four that act for accounts, and those of the change
feed, of upkeep and of webhooks."""
SPARE_CONNECTIONS = 5
"""Connections left to commands, backups and administrators."""


@contextmanager
def use_database() -> Iterator[Settings]:
    """The settings with a database that runs for the length of the block.

    Without DIEUHANH_DATABASE_URL it is the private cluster that `make run` made. It is started
    if it is not running, and stopped at the end unless another command uses it.

    Raises:
        UserError: there is neither.
        ClusterError: the private cluster does not start.
    """
    settings = load_settings()
    if settings.database_url:
        yield settings
        return
    cluster = private_cluster(settings)
    if not cluster.exists:
        raise UserError("no database: set DIEUHANH_DATABASE_URL, or type `make run` first")
    with cluster.running():
        yield settings_for(cluster)


def private_cluster(settings: Settings, waiting: Callable[[], None] = lambda: None) -> Cluster:
    """The private cluster that is used when no database is set; `waiting` as for `Cluster`."""
    return Cluster(settings.data, waiting=waiting)


def settings_for(cluster: Cluster) -> Settings:
    """The settings with a private cluster's database, also for the processes started later."""
    os.environ["DIEUHANH_DATABASE_URL"] = cluster.url()
    load_settings.cache_clear()
    return load_settings()


@contextmanager
def connection(database_url: str, *, autocommit: bool = False) -> Iterator[sa.Connection]:
    """A connection for the length of a block."""
    engine = sa.create_engine(sqlalchemy_url(database_url), poolclass=sa.pool.NullPool)
    with engine.connect() as opened:
        yield opened.execution_options(isolation_level="AUTOCOMMIT") if autocommit else opened


def create_database(cluster: Cluster, name: str, template: str = "template1") -> str:
    """Create a database in a private cluster if it is not there; its address.

    Args:
        template: what it is a copy of. One of ours is copied as files (PostgreSQL 15), which takes
            a fifth of the time that it takes through the log.
    """
    strategy = "" if template == "template1" else "STRATEGY FILE_COPY"
    with connection(cluster.url("postgres"), autocommit=True) as opened:
        query = sa.text("SELECT FROM pg_database WHERE datname = :name")
        if opened.execute(query, {"name": name}).first() is None:
            opened.execute(sa.text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {strategy}'))
    return cluster.url(name)


def upgrade(settings: Settings, progress: Callable[[str], None]) -> None:
    """Run the migrations, derive the records' objects and write the province's rules."""
    migrate(settings.database_url, progress)
    with connection(settings.database_url) as opened:
        write_rules(opened, load_province(settings.province_folder))
        opened.commit()


def require_connections(settings: Settings) -> None:
    """Fail early where the workers together would use up the database's connections.

    Raises:
        UserError: there are not enough; the message has the numbers.
    """
    needed = settings.workers * (settings.pool_size + OTHER_CONNECTIONS)
    with connection(settings.database_url) as opened:
        allowed = int(opened.execute(sa.text("SHOW max_connections")).scalar_one())
    if needed > allowed - SPARE_CONNECTIONS:
        raise UserError(
            f"{settings.workers} workers with DIEUHANH_POOL_SIZE {settings.pool_size} need "
            f"{needed} connections; the database allows {allowed}, {SPARE_CONNECTIONS} spare"
        )


def require_migrated(settings: Settings) -> None:
    """Fail early and in one line where the workers would fail one by one.

    Raises:
        UserError: `dieuhanh migrate` has not been run on the database.
        sqlalchemy.exc.OperationalError: the database does not answer.
    """
    with connection(settings.database_url) as opened:
        query = sa.text("SELECT to_regclass('dieuhanh.alembic_version') IS NOT NULL")
        if not opened.execute(query).scalar():
            raise UserError("the database has no tables yet: run `dieuhanh migrate`")
