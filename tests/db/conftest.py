"""What tests of the database share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.db.land import Land


@pytest.fixture
def land(empty_database_url: str, tmp_path: Path) -> Iterator[Land]:
    made = Land(empty_database_url, tmp_path)
    yield made
    made.connection.close()
