"""`/help`: whole in both languages, true to the board's keys, its links lead somewhere."""

from __future__ import annotations

import re

import httpx
import pytest

from api.help import BOARD_KEYS
from tests.conftest import ROOT
from tests.http.pages import HtmlPage


@pytest.mark.parametrize(("language", "heading"), [("vi", "Trợ giúp"), ("en", "Help")])
def test_the_help_is_there_for_everybody_and_leads_on(
    client: httpx.Client, language: str, heading: str
) -> None:
    answer = client.get("/help", params={"lang": language})
    assert answer.status_code == 200
    page = HtmlPage(answer.text)
    assert page.one("html").attributes["lang"] == language
    assert page.one("h1").text == heading
    assert "tel:1022" in {link.attributes["href"] for link in page.all("a")}
    ids = {one.attributes["id"] for one in page.elements if "id" in one.attributes}
    for link in page.all("a"):
        address = link.attributes["href"]
        if address.startswith("#"):
            assert address[1:] in ids, address
        elif address.startswith("/"):
            found = client.get(address, follow_redirects=True)
            # Pages made by script are there only where the web files are built.
            assert found.status_code in (200, 503), address


def test_the_keys_of_the_board_are_those_that_it_listens_to() -> None:
    code = (ROOT / "web" / "src" / "board" / "keys.ts").read_text()
    listened = set(re.findall(r'case "(\S)":', code))
    told = {key for keys, _ in BOARD_KEYS for key in re.findall(r"(?<!\S)\S(?!\S)", keys)}
    assert told - set("↓↑·19–") == listened
