"""Requests for help as Atom with GeoRSS, and as Cursor on Target for staff."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from lxml import etree

from tests.atom import ATOM, GEORSS, check_feed
from tests.conftest import RunServer, command
from tests.people import Person, on_database, person

PHONE, NAME, NOTE = "0905123456", "Nguyễn Thị Thử", "mái nhà cấp bốn"


class Site:
    """A server of a test's own, with one request that somebody posted and two teams."""

    def __init__(self, address: str, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=address, timeout=30)
        self.id = str(uuid4())
        answer = self.client.post(
            "/api/sos",
            json={
                "id": self.id,
                "lon": 108.33421,
                "lat": 15.88012,
                "accuracy_m": 12.5,
                "category": "trapped",
                "people": 4,
                "phone": PHONE,
                "name": NAME,
                "note": NOTE,
            },
        )
        assert answer.status_code == 201, answer.text
        self.code = answer.json()["code"]
        self.run(
            "INSERT INTO layer.rescue_teams (code, name, kind, state, geom) VALUES"
            " ('D1', 'Đội xuồng & cứu nạn', 'militia', 'free', 'SRID=4326;POINT(108.3 15.9)'),"
            " ('D2', 'Đội nghỉ', 'militia', 'off', 'SRID=4326;POINT(108.3 15.9)')"
        )

    def run(self, statement: str, *values: Any) -> Any:
        """The first value of a statement, as the owner."""

        async def work(connection: Any) -> Any:
            return await connection.fetchval(statement, *values)

        return on_database(self.url, work)


@pytest.fixture
def site(empty_database_url: str, run_server: RunServer) -> Iterator[Site]:
    made = Site(run_server(empty_database_url), empty_database_url)
    yield made
    made.client.close()


def test_atom_tells_what_everybody_may_see(site: Site) -> None:
    answer = site.client.get("/api/sos.atom")
    (entry,) = check_feed(answer.content)
    assert entry.findtext(f"{ATOM}id") == f"urn:uuid:{site.id}"
    assert entry.findtext(f"{GEORSS}point") == "15.880 108.334"
    assert entry.findtext(f"{ATOM}title").startswith(f"{site.code} · Mắc kẹt do ngập lụt")
    for private in (PHONE, NAME, NOTE, "108.33421", "15.88012"):
        assert private not in answer.text
    # Also to those who may read more: a feed is made to be passed on.
    coordinator = person(site.url, "coordinator").headers
    assert site.client.get("/api/sos.atom", headers=coordinator).content == answer.content
    link = entry.find(f"{ATOM}link[@rel='alternate']")
    assert site.client.get(link.get("href")).status_code == 200
    tag = {"If-None-Match": answer.headers["etag"]}
    assert site.client.get("/api/sos.atom", headers=tag).status_code == 304
    site.run("UPDATE layer.sos_requests SET people = 5")
    later = site.client.get("/api/sos.atom", headers=tag)
    assert later.status_code == 200
    assert "5 người" in later.text


def test_atom_filters(client: httpx.Client, rows: Any) -> None:
    (district,) = rows(
        "SELECT district_code FROM layer.sos_requests WHERE district_code IS NOT NULL"
        " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )[0]
    address = f"/api/sos.atom?state=new,resolved&category=trapped&district={district}&limit=7"
    found = [entry.findtext(f"{ATOM}id") for entry in check_feed(client.get(address).content)]
    expected = rows(
        "SELECT 'urn:uuid:' || id FROM layer.sos_requests WHERE state IN ('new', 'resolved')"
        " AND category = 'trapped' AND district_code = :district"
        " ORDER BY reported_at DESC, id DESC LIMIT 7",
        district=district,
    )
    assert found == [row[0] for row in expected]
    assert len(found) == 7
    assert len(check_feed(client.get("/api/sos.atom").content)) == 100
    assert len(check_feed(client.get("/api/sos.atom?limit=99999").content)) == 1000


@pytest.mark.parametrize(
    "query", ["state=old", "category=", "district=000", "district=%00", "limit=0", "bbox=1,2,3,4"]
)
def test_atom_refuses(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/api/sos.atom?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
TYPE = r"[a-z](-[A-Za-z0-9]+)*"


def check_event(event: etree._Element) -> None:
    """What Cursor on Target's base schema 2.0 asks of an event."""
    assert event.tag == "event"
    assert event.get("version") == "2.0"
    assert event.get("uid")
    assert re.fullmatch(TYPE, event.get("type"))
    assert re.fullmatch(TYPE, event.get("how"))
    times = []
    for name in ("start", "time", "stale"):
        assert re.fullmatch(MOMENT, event.get(name))
        times.append(datetime.fromisoformat(event.get(name)))
    assert times == sorted(times)
    assert times[2] - times[1] >= timedelta(seconds=300)
    assert [child.tag for child in event] == ["point", "detail"]
    point = event.find("point")
    assert -90 <= float(point.get("lat")) <= 90
    assert -180 <= float(point.get("lon")) <= 180
    assert all(float(point.get(name)) >= 0 for name in ("hae", "ce", "le"))


def events(site: Site, who: Person) -> dict[str, Any]:
    answer = site.client.get("/api/sos.cot", headers=who.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found = list(etree.fromstring(answer.content))
    for event in found:
        check_event(event)
    return {event.find("detail/contact").get("callsign"): event for event in found}


def test_cot_by_role(site: Site) -> None:
    assert site.client.get("/api/sos.cot").status_code == 401
    seen = events(site, person(site.url, "coordinator"))
    assert set(seen) == {site.code, "Đội xuồng & cứu nạn"}
    point = seen[site.code].find("point")
    assert (point.get("lat"), point.get("lon"), point.get("ce")) == (
        "15.8801200",
        "108.3342100",
        "12.5",
    )
    assert (seen[site.code].get("how"), seen[site.code].get("type")) == ("m-g", "a-n-G")
    assert seen[site.code].find("detail/contact").get("phone") == PHONE
    assert NAME in seen[site.code].findtext("detail/remarks")
    for role in ("viewer", "analyst"):
        told = events(site, person(site.url, role))
        text = etree.tostring(told[site.code], encoding="unicode")
        assert PHONE not in text
        assert NAME not in text
    # A team is told of what it has.
    rescuer = person(site.url, "rescuer")
    assert set(events(site, rescuer)) == {"Đội xuồng & cứu nạn"}
    site.run(
        "INSERT INTO private.team_member (team_id, account_id)"
        " SELECT id, $1 FROM layer.rescue_teams WHERE code = 'D1' RETURNING team_id",
        rescuer.id,
    )
    site.run(
        "INSERT INTO private.sos_assignment (request_id, team_id, actor)"
        " SELECT $1::text::uuid, id, 'x' FROM layer.rescue_teams WHERE code = 'D1' RETURNING id",
        site.id,
    )
    assert site.code in events(site, rescuer)
    # Coordination elsewhere is not told who asks for help here.
    elsewhere = person(site.url, "coordinator", districts=("503",))
    site.run("UPDATE layer.sos_requests SET district_code = '502' RETURNING id")
    site.run("ALTER TABLE layer.sos_requests DISABLE TRIGGER USER")
    site.run("UPDATE layer.sos_requests SET district_code = '502' RETURNING id")
    assert site.code not in events(site, elsewhere)
    assert site.client.get("/api/sos.cot?limit=0", headers=rescuer.headers).status_code == 400


def test_cot_is_pushed_in_datagrams(site: Site) -> None:
    who = person(site.url, "coordinator")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        target = f"127.0.0.1:{receiver.getsockname()[1]}"
        arguments = ("cot", "send", target, "--as", who.login)
        done = command(*arguments, "--times", "2", "--every", "1", database_url=site.url)
        assert (done.returncode, done.stdout) == (0, f"4 events to {target} (udp)\n"), done.stderr
        got = [receiver.recv(65536) for _ in range(4)]
        for datagram in got:
            check_event(etree.fromstring(datagram))
        # Readable to whoever listens: so without names and phones, unless asked for.
        assert PHONE not in b"".join(got).decode()
        done = command(*arguments, "--contacts", database_url=site.url)
        assert done.returncode == 0
        assert PHONE in receiver.recv(65536).decode()


def test_cot_is_pushed_on_a_connection(site: Site) -> None:
    who = person(site.url, "viewer")
    got = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def receive() -> None:
            stream, _ = listening.accept()
            with stream:
                while part := stream.recv(65536):
                    got.extend(part)

        thread = threading.Thread(target=receive)
        thread.start()
        target = f"127.0.0.1:{listening.getsockname()[1]}"
        done = command(
            "cot", "send", target, "--as", who.login, "--transport", "tcp", database_url=site.url
        )
        assert done.returncode == 0, done.stderr
        thread.join(10)
    found = list(etree.fromstring(b"<stream>" + bytes(got) + b"</stream>"))
    assert len(found) == 2
    for event in found:
        check_event(event)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "--as", "x"), "HOST:PORT"),
        (("127.0.0.1:99999", "--as", "x"), "HOST:PORT"),
        (("127.0.0.1:9", "--as", "không có"), "không có"),
        (("127.0.0.1:9", "--as", "x", "--times", "0"), "--times"),
        (("127.0.0.1:9", "--as", "x", "--every", "99999"), "--every"),
    ],
)
def test_cot_send_refuses(database_url: str, arguments: tuple[str, ...], said: str) -> None:
    done = command("cot", "send", *arguments, database_url=database_url)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_cot_send_says_that_nobody_listens(database_url: str) -> None:
    who = person(database_url, "viewer")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{closed.getsockname()[1]}"
        done = command(
            "cot", "send", target, "--as", who.login, "--transport", "tcp",
            database_url=database_url,
        )  # fmt: skip
    assert done.returncode == 2
    assert target in done.stderr
