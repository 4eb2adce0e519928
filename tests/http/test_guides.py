"""The guides' examples, sent as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PRINTED = "http://127.0.0.1:8000"
GUIDES = ("analyst.md", "qgis.md")
BROUGHT = "/do_cao"
"""The raster of the guide's examples, which whoever reads brings: tests/clients opens one so."""

ADDRESSES = sorted(
    {
        address
        for guide in GUIDES
        for address in re.findall(rf"{PRINTED}([^\s`'\"]*)", (DOCS / guide).read_text())
        if "{query}" not in address and BROUGHT not in address
    }
)
# A filter in a table row of the analyst's guide, and the layer that has its columns.
FILTERS = {
    "priority": "sos_requests",
    "occupied": "hotels",
    "CASEI": "checkpoints",
    "S_": "hotels",
    "reported_at": "sos_requests",
}
PRINTED_FILTERS = sorted(
    set(
        re.findall(
            r"^\|[^|`]+\| `([^`]*(?:'|>|\()[^`]*)` \|$", (DOCS / GUIDES[0]).read_text(), re.M
        )
    )
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_address(client: httpx.Client, address: str) -> None:
    tile = address.replace("{z}", "8").replace("{y}", "116").replace("{x}", "204")
    answer = client.get(tile)
    assert answer.status_code == 200, answer.text
    assert answer.content


@pytest.mark.parametrize("text", PRINTED_FILTERS)
def test_filter(client: httpx.Client, text: str) -> None:
    layer = next(layer for start, layer in FILTERS.items() if text.startswith(start))
    parameters = {"filter": text, "resultType": "hits"}
    answer = client.get(f"/ogc/collections/{layer}/items", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.json()["numberMatched"] > 0


def test_all_examples_are_found() -> None:
    assert len(PRINTED_FILTERS) == 6
    assert len(ADDRESSES) >= 8


def test_python_example(client: httpx.Client) -> None:
    guide = (DOCS / "analyst.md").read_text()
    start = guide.index("    import json\n")
    lines = guide[start : guide.index("\n\n", guide.index("while address:", start))].splitlines()
    code = "\n".join(line.removeprefix("    ") for line in lines)
    names: dict[str, list[dict[str, object]]] = {}
    exec(code.replace(PRINTED, str(client.base_url).rstrip("/")), names)
    asked = client.get(
        "/ogc/collections/vaccination_points/items", params={"state": "open", "resultType": "hits"}
    )
    assert len(names["features"]) == asked.json()["numberMatched"] > 0
