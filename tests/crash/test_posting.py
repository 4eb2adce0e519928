"""What was acknowledged is there once, whatever broke meanwhile; the feed tells it once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.crash.site import POSTS, BadLink, Phones, Site, a_site
from tests.sse import Listener


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with a_site() as opened:
        yield opened


def kept(site: Site, since: int) -> list[str]:
    """The ids of the requests that the feed tells of as new, in its order."""
    rows = site.rows(
        "SELECT feature_id FROM dieuhanh.history WHERE layer = 'sos_requests' AND op = 'insert'"
        " AND version > %s ORDER BY version, id",
        since,
    )
    return [row[0] for row in rows]


def told(site: Site, since: int) -> list[str]:
    """The same by the incremental sync."""
    found: list[Any] = []
    more = True
    while more:
        page = httpx.get(f"{site.address}/api/changes?since={since}&limit=100").json()
        found += page["changes"]
        since, more = page["next"], page["more"]
    return [c["id"] for c in found if c["op"] == "insert" and c["layer"] == "sos_requests"]


def head(site: Site) -> int:
    return int(httpx.get(f"{site.address}/api/changes").json()["next"])


def check(site: Site, phones: Phones, listener: Listener, since: int) -> None:
    """Every acknowledged request is there once, in the tables, the feed and the stream."""
    assert phones.refused == []
    assert set(phones.acknowledged) == set(phones.ids)
    rows = site.rows(
        "SELECT id::text, code FROM layer.sos_requests WHERE id = ANY (%s::uuid[])", phones.ids
    )
    assert dict(rows) == phones.acknowledged
    assert len(rows) == len(phones.ids)
    feed = kept(site, since)
    assert sorted(feed) == sorted(phones.ids)
    assert told(site, since) == feed
    listener.wait(lambda: len(heard(listener)) >= len(feed))
    assert heard(listener) == feed
    versions = [change["version"] for change in listener.changes()]
    assert versions == sorted(versions)
    assert not any(event.kind == "reset" for event in listener.events)


def heard(listener: Listener) -> list[str]:
    return [change["id"] for change in listener.changes() if change["op"] == "insert"]


def test_a_link_that_loses_half_of_the_answers_doubles_nothing(site: Site) -> None:
    since = head(site)
    chance = random.Random(20)
    link = BadLink(site.port, lambda _number: chance.random() < 0.5)
    with Listener(site.address, "layers=sos_requests") as listener:
        phones = Phones(link.address, POSTS)
        phones.finish()
        link.close()
        check(site, phones, listener, since)
    assert link.lost > 0.4 * POSTS
    assert phones.tries >= POSTS + link.lost
    ((reports,),) = site.rows(
        "SELECT count(*) FROM private.sos_report WHERE request_id = ANY (%s::uuid[])", phones.ids
    )
    assert reports == POSTS


def test_killed_workers_a_killed_server_and_a_killed_postgresql_lose_nothing(site: Site) -> None:
    since = head(site)
    with Listener(site.address, "layers=sos_requests") as listener:
        phones = Phones(site.address, 600)
        try:
            phones.wait_for(0.1)
            site.kill_a_worker()
            phones.wait_for(0.35)
            site.kill_server()
            site.start()
            phones.wait_for(0.6)
            site.kill_postgresql()
            phones.finish()
        finally:
            phones.stop()
        check(site, phones, listener, since)
        assert listener.connections >= 2
