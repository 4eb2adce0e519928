"""Fixtures of the tests over HTTP: clients of the real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from layers.migrate import sqlalchemy_url

LAYERS = (
    "admin_units",
    "alerts",
    "checkpoints",
    "control_points",
    "directives",
    "hotels",
    "medical_facilities",
    "network_assets",
    "outbreak_zones",
    "quarantine_sites",
    "rescue_teams",
    "shelters",
    "sos_requests",
    "testing_sites",
    "vaccination_points",
)
COMPUTED = (
    "coverage_gaps",
    "emerging_hotspots",
    "event_clusters",
    "hotspots",
    "local_moran",
    "scan_clusters",
    "risk_levels",
)
"""The layers of results of analyses, of which the tests' database holds none."""
EVERY_LAYER = tuple(sorted((*LAYERS, *COMPUTED)))

Rows = Callable[..., list[Any]]


@pytest.fixture(scope="session")
def client(server: str) -> Iterator[httpx.Client]:
    """A client of the server on the shared database; paths begin at its root."""
    with httpx.Client(base_url=server, timeout=30) as opened:
        yield opened


@pytest.fixture(scope="session")
def rows(database_url: str) -> Iterator[Rows]:
    """`rows(sql, **values)`: ask the shared database itself what is true."""
    engine = sa.create_engine(sqlalchemy_url(database_url))
    with engine.connect() as connection:

        def fetch(text: str, **values: Any) -> list[Any]:
            return list(connection.execute(sa.text(text), values))

        yield fetch
    engine.dispose()
