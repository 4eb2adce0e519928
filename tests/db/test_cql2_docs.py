"""Every example of docs/cql2.md works as it stands, and finds something in the demo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.catalogue import CATALOGUE
from layers.queryables import queryables
from layers.rows import table_name
from spatial.cql2 import compile_filter, parse_filter
from spatial.sql import sql
from tests.db.cql2_database import FilterDatabase

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cql2.md"


def examples() -> list[tuple[str, str]]:
    """The layer and the filter of each row of the page's tables of examples."""
    layer, found = "", []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"### `(\w+)`", line):
            layer = heading[1]
        elif line.startswith("## "):
            layer = ""
        elif layer and (row := re.match(r"\| `(.+?)` \|", line)):
            found.append((layer, row[1]))
    return found


@pytest.fixture(scope="module")
def database(database_url: str) -> Iterator[FilterDatabase]:
    opened = FilterDatabase(database_url)
    opened.connect()
    yield opened
    opened.close()


def test_the_page_has_examples() -> None:
    assert len(examples()) > 20


@pytest.mark.parametrize(("layer_id", "text"), examples())
def test_example(database: FilterDatabase, layer_id: str, text: str) -> None:
    layer = CATALOGUE[layer_id]
    condition = compile_filter(parse_filter(text, "cql2-text"), queryables(layer))
    count = sql(f"SELECT count(*) AS n FROM {table_name(layer)} WHERE {{}}", condition)
    assert database.fetch(count)[0]["n"] > 0
