"""The page of who has asked for help, as a browser without scripts uses it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import RunServer
from tests.people import on_database

PAGE = "/sos/follow"


class Site:
    """A server of a test's own, and one request on it."""

    def __init__(self, address: str, url: str) -> None:
        self._url = url
        self.client = httpx.Client(base_url=address, timeout=30)
        answer = self.client.post(
            "/api/sos",
            json={
                "id": str(uuid4()),
                "lon": 108.33421,
                "lat": 15.88012,
                "category": "trapped",
                "phone": "0905123456",
                "name": "Nguyễn Thị Thử",
            },
        ).json()
        self.id, self.code = answer["id"], answer["code"]
        self.link, self.token = answer["follow"]["url"], answer["follow"]["token"]

    def run(self, statement: str, *values: Any) -> Any:
        """The first value of a statement, as the owner."""

        async def work(connection: Any) -> Any:
            return await connection.fetchval(statement, *values)

        return on_database(self._url, work)

    def become(self, *states: str) -> None:
        """Take the request from state to state."""
        for state in states:
            self.run("UPDATE layer.sos_requests SET state = $1 RETURNING id", state)

    def give_to(self, team: str) -> None:
        """Verify the request and give it to a new team of that name."""
        self.become("verified")
        number = self.run(
            "INSERT INTO layer.rescue_teams (code, name, kind, geom) VALUES"
            " ('D1', $1, 'militia', 'SRID=4326;POINT(108.3 15.9)') RETURNING id",
            team,
        )
        self.run(
            "INSERT INTO private.sos_assignment (request_id, team_id, actor)"
            " VALUES ($1::text::uuid, $2, 'x') RETURNING id",
            self.id,
            number,
        )

    def send(self, **fields: str) -> httpx.Response:
        return self.client.post(PAGE, data={"token": self.token, **fields})


@pytest.fixture
def site(empty_database_url: str, run_server: RunServer) -> Iterator[Site]:
    made = Site(run_server(empty_database_url), empty_database_url)
    yield made
    made.client.close()


def words(answer: httpx.Response) -> str:
    """What a reader sees of a page's main part, more or less."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


def test_the_secret_is_in_no_address(site: Site) -> None:
    address, _, fragment = site.link.partition("#")
    assert (address, fragment) == (f"{site.client.base_url}{PAGE}", site.token)
    page = site.client.get(PAGE)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex"
    policies = page.headers.get_list("content-security-policy")
    assert any("default-src 'none'" in policy for policy in policies)
    assert not any("unsafe" in policy for policy in policies)
    forms = re.findall(r"<form[^>]*>", page.text)
    assert forms
    assert all('method="post"' in form for form in forms)
    assert "style=" not in page.text
    assert not re.search(r"<script(?![^>]*src=)", page.text)


def test_how_it_stands_by_form_or_by_header(site: Site) -> None:
    by_form = site.send()
    assert by_form.status_code == 200
    assert site.code in words(by_form)
    assert "Mắc kẹt do ngập lụt" in words(by_form)
    # The page has no use for who asked.
    assert "Nguyễn Thị Thử" not in by_form.text
    assert "0905123456" not in by_form.text
    by_header = site.client.post(PAGE, data={"note": ""}, headers={"X-Follow-Token": site.token})
    assert site.code in words(by_header)
    assert site.code in words(site.client.post(PAGE, data={"token": site.link}))
    english = site.client.post(f"{PAGE}?lang=en", data={"token": site.token})
    assert f"Request {site.code}" in words(english)


def test_steps_and_the_team(site: Site) -> None:
    site.give_to("Đội xuồng <Cẩm Châu>")
    site.become("assigned", "en_route")
    said = words(site.send())
    assert "Đội xuồng <Cẩm Châu>" in said
    steps = ["Đã nhận", "Đã xác minh", "Đã có đội nhận", "Đội cứu hộ đang đến"]
    after = said.partition("Các bước")[2]
    assert sorted(steps, key=after.find) == steps
    assert all(step in after for step in steps)


def test_a_note_and_a_cancellation(site: Site) -> None:
    noted = site.send(note="Nước lên tới mái")
    assert "Đã gửi ghi chú." in words(noted)
    kept = site.run("SELECT note FROM private.sos_step WHERE kind = 'note'")
    assert kept == "Nước lên tới mái"
    assert "Nước lên tới mái" not in noted.text
    long = site.send(note="x" * 1001)
    assert long.status_code == 422
    assert "1000" in words(long)
    done = site.send(cancel="1", note="Đã có người giúp")
    assert "Đã hủy yêu cầu." in words(done)
    assert site.run("SELECT state FROM layer.sos_requests") == "cancelled"
    # What is over offers neither note nor cancellation.
    assert "textarea" not in done.text


def test_what_cannot_be_cancelled_is_said(site: Site) -> None:
    site.give_to("Đội 1")
    site.become("assigned", "en_route", "on_site", "resolved")
    answer = site.send(cancel="1")
    assert answer.status_code == 409
    assert "không thể chuyển" in words(answer)
    by_api = site.client.post(
        "/api/sos/follow", json={"cancel": True}, headers={"X-Follow-Token": site.token}
    )
    assert by_api.status_code == 409
    assert "cannot become cancelled" in by_api.json()["detail"]
    assert site.run("SELECT state FROM layer.sos_requests") == "resolved"


@pytest.mark.parametrize(
    ("token", "status"), [("", 400), ("short", 400), ("a" * 24, 404), ("a" * 25, 400)]
)
def test_a_code_that_is_none(client: httpx.Client, token: str, status: int) -> None:
    answer = client.post(PAGE, data={"token": token})
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert client.post(PAGE, content=b"{}").status_code == 415
