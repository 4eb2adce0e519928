"""Check-ins over HTTP: batches from officers, people's own, figures for staff, posters."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import ECKey, KeySet
from pypdf import PdfReader

from api import cards
from api.checkins.events import read_id_card
from api.cli.database import create_database
from api.cluster import Cluster
from layers.database import Database
from layers.persons import Person as Known
from layers.roles import Role
from tests.conftest import serving
from tests.db.gate import Gate
from tests.people import Person, on_database, person

ID_CARD = "049084000123|205123456|Trần Thị Bình An|02091984|Nữ|Tổ 3, Hội An|01052021"


class Checkpoint(Gate):
    """A server, an officer and a site; what devices send to it."""

    def __init__(self, url: str, address: str) -> None:
        super().__init__(url)
        self.client = httpx.Client(base_url=address, timeout=30)
        self.officer = person(url, Role.OFFICER, departments=["it"])
        self.code, self.number = self.site()
        self.keys = on_database(url, lambda _: _keys(url))

    def token(self, *, hours: float = 5) -> str:
        """A card of a new person that expires after so many hours."""
        card, _ = self.card()
        return cards.write_token(self.keys, card, datetime.now(UTC) + timedelta(hours=hours))

    def event(self, **given: Any) -> dict[str, Any]:
        """An event of now; fields that are None are left out."""
        at = datetime.now(UTC).isoformat()
        body = {"id": str(uuid4()), "at": at, "site": self.code, "direction": "in", **given}
        return {name: value for name, value in body.items() if value is not None}

    def send(self, *events: Any, who: Person | None = None) -> list[dict[str, Any]]:
        """What came of a batch."""
        headers = (who or self.officer).headers
        answer = self.client.post("/api/check-ins", json={"events": events}, headers=headers)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results


async def _keys(url: str) -> KeySet:
    database = Database(url, pool_size=1, statement_timeout=10, acquire_timeout=10)
    await database.open()
    try:
        cards._KEYS.pop(url, None)
        return await cards.load_keys(database)
    finally:
        await database.close()


@pytest.fixture(scope="module")
def gate(cluster: Cluster, template_database: str) -> Iterator[Checkpoint]:
    url = create_database(cluster, "check_ins", template_database)
    with serving(url, {"DIEUHANH_CHECK_IN_SELF": "4"}) as address:
        made = Checkpoint(url, address)
        yield made
        made.client.close()
        made.connection.close()


def reasons(results: list[dict[str, Any]]) -> list[str]:
    return [one.get("reason", {}).get("code", one["outcome"]) for one in results]


def test_a_batch_is_taken_once_and_each_event_is_told_of(gate: Checkpoint) -> None:
    events = [
        gate.event(token=gate.token()),
        gate.event(id_card=ID_CARD, direction="out"),
        gate.event(number="049 084 000 999", name="Nguyễn Văn A"),
    ]
    before = gate.counts(gate.number)
    first = gate.send(*events)
    assert [(one["outcome"], one["declared"]) for one in first] == [("taken", False)] * 3
    assert [one["id"] for one in first] == [event["id"] for event in events]
    assert reasons(gate.send(*events)) == ["already"] * 3
    after = gate.counts(gate.number)
    assert (after[0] - before[0], after[1] - before[1]) == (2, 1)
    # Nothing of a person goes back to the device.
    assert "Trần" not in str(first)


def test_what_cannot_be_recorded_is_refused_with_the_reason(gate: Checkpoint) -> None:
    good = gate.token()
    head, claims, signature = good.split(".")
    stranger = KeySet([ECKey.generate_key("P-256", {"kid": gate.keys.keys[0].kid}, private=True)])
    forged = cards.write_token(stranger, uuid4(), datetime.now(UTC) + timedelta(hours=1))
    flipped = base64.urlsafe_b64decode(signature + "==")
    broken = base64.urlsafe_b64encode(flipped[:-1] + bytes([flipped[-1] ^ 1])).decode().rstrip("=")
    cases = [
        (gate.event(token=forged), "bad_card"),
        (gate.event(token=f"{head}.{claims}.{broken}"), "bad_card"),
        (gate.event(token="049084000123"), "bad_card"),
        (gate.event(token=gate.token(hours=-1)), "expired"),
        (gate.event(token=good, site="NOWHERE"), "no_site"),
        (gate.event(token=good, at="1999-01-01T00:00:00Z"), "old"),
        (gate.event(token=good, at="0001-01-01T00:00:00+14:00"), "old"),
        (gate.event(token=good, at="9999-12-31T23:59:59-14:00"), "future"),
        (gate.event(token=good, at="2021-08-17T07:00:00"), "invalid"),
        (gate.event(token=good, direction="up"), "invalid"),
        (gate.event(token=good, id="1"), "invalid"),
        (gate.event(token=good, site="\x00"), "invalid"),
        (gate.event(token=good, more=1), "invalid"),
        (gate.event(), "who"),
        (gate.event(token=good, id_card=ID_CARD), "who"),
        (gate.event(number="049084000123"), "who"),
        (gate.event(number="12345", name="A"), "bad_number"),
        (gate.event(id_card="49084000123|x"), "bad_id_card"),
        ("x", "invalid"),
        (gate.event(token=good), "taken"),
    ]
    results = gate.send(*(event for event, _ in cases))
    assert reasons(results) == [reason for _, reason in cases]
    for one in results[:-1]:
        assert one["reason"]["vi"]
        assert one["reason"]["en"]
    assert "direction" in results[9]["reason"]["en"]


def test_a_card_that_held_when_it_was_shown_is_taken_late(gate: Checkpoint) -> None:
    late = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    assert reasons(gate.send(gate.event(token=gate.token(hours=-2), at=late))) == ["taken"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"events": []}, 400),
        ({"events": [{}] * 201}, 400),
        ({"events": {}}, 400),
        ({}, 400),
        ({"events": [{}], "more": 1}, 400),
        ({"events": ["x" * 300_000]}, 413),
    ],
)
def test_a_body_that_is_no_batch(gate: Checkpoint, body: Any, status: int) -> None:
    answer = gate.client.post("/api/check-ins", json=body, headers=gate.officer.headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_who_may_not_record(gate: Checkpoint) -> None:
    event = gate.event(token=gate.token())
    assert gate.client.post("/api/check-ins", json={"events": [event]}).status_code == 401
    viewer = person(gate.url, Role.VIEWER)
    reader = person(gate.url, Role.OFFICER, departments=["it"], scope="read")
    for who in (viewer, reader):
        answer = gate.client.post("/api/check-ins", json={"events": [event]}, headers=who.headers)
        assert answer.status_code == 403, answer.text
    tourism = person(gate.url, Role.OFFICER, departments=["tourism"])
    assert reasons(gate.send(event, who=tourism)) == ["not_yours"]


def test_the_same_batches_sent_at_once_are_one(gate: Checkpoint) -> None:
    events = [gate.event(id_card=f"04908400{n:04d}||Người {n}") for n in range(30)]
    before = gate.counts(gate.number)[0]

    def send(batch: list[Any]) -> list[str]:
        return reasons(gate.send(*batch))

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(send, (events, events[::-1], events, events[::-1])))
    assert sum(one.count("taken") for one in told) == 30
    assert {reason for one in told for reason in one} == {"taken", "already"}
    assert gate.counts(gate.number)[0] - before == 30


def test_a_person_scans_the_poster(gate: Checkpoint) -> None:
    site = gate.client.get(f"/api/check-ins/sites/{gate.code}").json()
    assert site["layer"] == "control_points"
    assert site["open"]
    token = gate.token()

    def own(**given: Any) -> httpx.Response:
        return gate.client.post("/api/check-ins/self", json=gate.event(**{"token": token, **given}))

    event = gate.event(token=token)
    for outcome in ("taken", "already"):
        answer = gate.client.post("/api/check-ins/self", json=event)
        assert (answer.status_code, answer.json()["outcome"]) == (200, outcome)
    assert own(site="NOWHERE").json()["reason"]["code"] == "no_site"
    assert own(token="x").status_code == 422
    assert own(id_card=ID_CARD).json()["reason"]["code"] == "invalid"
    codes = [own(direction="out").status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert gate.client.get("/api/check-ins/sites/NOWHERE").status_code == 404


def test_figures_are_for_staff_and_of_a_period(gate: Checkpoint) -> None:
    gate.send(gate.event(token=gate.token()))
    viewer = person(gate.url, Role.VIEWER).headers
    path = "/api/check-ins/figures"
    assert gate.client.get(path).status_code == 401
    answer = gate.client.get(path, headers=person(gate.url, Role.RESCUER).headers)
    assert answer.status_code == 403
    told = gate.client.get(path, headers=viewer)
    assert told.headers["cache-control"] == "private, no-store"
    figures = told.json()
    assert figures["in"] == sum(one["in"] for one in figures["hours"])
    assert figures["in"] == sum(one["in"] for one in figures["sites"]) > 0
    name = f"control_points/{gate.number // 2}"
    one = gate.client.get(path, params={"site": name}, headers=viewer).json()
    assert [f"{found['layer']}/{found['id']}" for found in one["sites"]] == [name]
    flows = gate.client.get(
        "/api/check-ins/flows", params={"from": _day(4), "to": _day(1)}, headers=viewer
    ).json()
    assert any(day["flows"] for day in flows["days"])
    assert all(flow["persons"] >= 5 for day in flows["days"] for flow in day["flows"])


@pytest.mark.parametrize(
    "query",
    ["from=2021-13-01", "to=x", "from=2021-01-01&to=2021-12-31", "from=2021-08-02&to=2021-08-01",
     "site=hotels/1", "site=checkpoints/x", "district=%00", "more=1"],
)  # fmt: skip
def test_figures_of_a_wrong_period(gate: Checkpoint, query: str) -> None:
    answer = gate.client.get(f"/api/check-ins/figures?{query}", headers=gate.officer.headers)
    assert answer.status_code == 400, answer.text


def _day(back: int) -> str:
    return f"{datetime.now(UTC).date() - timedelta(days=back)}"


def test_a_poster_is_one_sheet(gate: Checkpoint) -> None:
    answer = gate.client.get(f"/api/control/control_points/{gate.number // 2}/poster.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    (page,) = PdfReader(io.BytesIO(answer.content)).pages
    assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
    assert "Chợ T" in page.extract_text()
    for path in ("hotels/1", "control_points/99999", "control_points/x", "checkpoints/0"):
        assert gate.client.get(f"/api/control/{path}/poster.pdf").status_code == 404


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (ID_CARD, ("049084000123", Known("Trần Thị Bình An", 1984, "female", None, None,
                                         "Tổ 3, Hội An"))),
        ("049084000123||A||Nam", ("049084000123", Known("A", None, "male"))),
        ("049084000123|205123456", None),
        ("C1234567||A", None),
        ("049084000123|| ", None),
        ("", None),
    ],
)  # fmt: skip
def test_an_identity_cards_text(text: str, read: tuple[str, Known] | None) -> None:
    assert read_id_card(text) == read
