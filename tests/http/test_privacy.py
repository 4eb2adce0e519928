"""No private value reaches the public: marks are planted everywhere private, and looked for.

Marks are random words. They are put into every private table and column, then everything that
the public may ask for is asked for, and the answers, the live events, the webhooks' posts, the
server's log, PostgreSQL's log and the figures are searched for them.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress

import httpx

import api
from layers.catalogue import CATALOGUE
from tests.http.privacy import EXACT, OWN_KEYS, Site, assert_clean, contents, site
from tests.http.test_live_webhooks import Receiver
from tests.sse import Listener

__all__ = ["site"]

FORMATS = ("json", "html", "csv", "geojsonl", "fgb", "gpkg", "parquet", "xlsx")
PROBES = 150


def private_columns() -> set[str]:
    """Names of columns that nobody but staff reads, and that no public column has."""
    public = {c.name for layer in CATALOGUE.values() for c in layer.readable()}
    every = {c.name for layer in CATALOGUE.values() for c in layer.columns}
    return every - public


def crawl(site: Site) -> Iterator[tuple[str, bytes]]:
    """What links lead to from the landing page, and every address without a variable."""
    waiting = ["/ogc", "/", *open_paths()]
    seen = set(waiting)
    while waiting and len(seen) < 700:
        path = waiting.pop(0)
        answer = site.client.get(path)
        assert answer.status_code < 500, path
        yield path, contents(answer)
        if "json" in answer.headers.get("content-type", ""):
            for found in re.findall(r'"href":"([^"{}]+)"', answer.text):
                link = found.removeprefix(site.address)
                if link.startswith("/") and "/export" not in link and link not in seen:
                    seen.add(link)
                    waiting.append(link)


def open_paths() -> list[str]:
    """The addresses of the routes that have no variable, apart from the stream."""
    found = []
    for module in pkgutil.walk_packages(api.__path__, "api."):
        if module.name.endswith("__main__"):
            continue
        for route in getattr(importlib.import_module(module.name), "ROUTES", ()):
            path = getattr(route, "path", "")
            if path and "{" not in path and path != "/api/live":
                found.append(path)
    return found


def probes(chance: random.Random) -> Iterator[str]:
    """Random questions of the public's, private columns among what they ask for."""
    private = sorted(private_columns())
    for _ in range(PROBES):
        layer = chance.choice(list(CATALOGUE.values()))
        names = [column.name for column in layer.columns]
        base = f"/ogc/collections/{layer.id}"
        z = chance.randint(layer.min_zoom, 14)
        x, y = int((108.33 + 180) / 360 * 2**z), int(0.4553 * 2**z)
        column = chance.choice(names + private)
        yield chance.choice(
            (
                f"{base}/items?f={chance.choice(FORMATS[:5])}&limit={chance.randint(1, 500)}",
                f"{base}/items?crs=http://www.opengis.net/def/crs/EPSG/0/5899&limit=50",
                f"{base}/items?properties={column}&limit=50",
                f"{base}/items?sortby={chance.choice('+-')}{column}&limit=50",
                f"{base}/items?{column}={chance.randint(0, 9)}",
                f"{base}/items?filter={column} IS NOT NULL&limit=50",
                f"{base}/items?filter={column} > {chance.randint(0, 9)}&f=csv",
                f"{base}/counts?by={column}&limit=1000",
                f"{base}/counts?by={chance.choice(names)}&filter={column} IS NULL&own=false",
                f"{base}/items?bbox=108.33357,15.8886,108.33359,15.8887&limit=50",
                f"{base}/export?f={chance.choice(FORMATS[2:])}",
                f"{base}/export?f=csv&properties={column}",
                f"{base}/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt",
                f"{base}/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt&properties={column}",
                f"/api/search?q={chance.choice('abcdeghiklmnopqrstuvxy')}&limit=50",
                f"/api/changes?since=0&layers={layer.id}&limit={chance.randint(1, 5000)}",
            )
        )


def test_every_private_table_is_planted(site: Site) -> None:
    tables = {
        row[0]
        for row in site.sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'private'"
            " AND table_type = 'BASE TABLE'"
        )
    }
    # Tables of numbers and of the server's own keys hold nothing of anybody's words.
    missing = tables - site.planted - OWN_KEYS
    held = site.sql(
        "SELECT DISTINCT table_name FROM information_schema.columns"
        " WHERE table_schema = 'private' AND data_type IN ('text', 'jsonb', 'ARRAY')"
        " AND table_name = ANY (%s)",
        sorted(missing),
    )
    assert held == []
    assert len(site.planted) >= 5


def test_nothing_that_links_lead_to_tells_a_private_value(site: Site) -> None:
    visited = 0
    for path, data in crawl(site):
        assert_clean(site, path, data)
        visited += 1
    assert visited > 100


def test_no_question_of_the_public_gets_a_private_value(site: Site) -> None:
    seed = secrets.randbits(32)
    private = sorted(private_columns())
    for path in probes(random.Random(seed)):
        answer = site.client.get(path)
        assert answer.status_code < 500, (seed, path)
        data = contents(answer)
        assert_clean(site, f"{seed} {path}", data)
        if answer.status_code == 200 and not any(name in path for name in private):
            told = [name for name in private if f'"{name}"'.encode() in data]
            assert told == [], (seed, path)


def test_who_searches_for_a_private_word_finds_nothing(site: Site) -> None:
    for word in [word for word in site.marks.words if word.startswith(b"zq")]:
        text = word.decode()
        found = site.client.get("/api/search", params={"q": text})
        assert found.json() == {"results": []}
        for layer in CATALOGUE:
            page = site.client.get(
                f"/ogc/collections/{layer}/items", params={"q": text, "f": "json"}
            )
            assert page.status_code == 400 or page.json()["features"] == []


def test_posts_streams_changes_and_webhooks_tell_the_public_nothing_private(site: Site) -> None:
    marks = site.marks
    receiver = Receiver()
    site.sql(
        "INSERT INTO private.webhook (url, secret, layers, delivered) SELECT %s, 'whsec_eg==',"
        " %s, max(version) FROM dieuhanh.commit_log",
        receiver.url,
        list(CATALOGUE),
    )
    phone = f"09{random.randint(10**7, 10**8 - 1)}"
    marks.words[phone[1:].encode()] = "phone"
    post = {
        "id": str(uuid.uuid4()),
        "lon": EXACT[0],
        "lat": EXACT[1],
        "category": "medical",
        "people": 2,
        "injured": 1,
        "phone": phone,
        "needs": [marks.new("post.needs")],
        **{name: marks.new(f"post.{name}") for name in ("note", "name", "address", "on_behalf_of")},
    }
    with Listener(site.address) as listener:
        answer = site.client.post("/api/sos", json=post)
        assert answer.status_code == 201, answer.text
        token = answer.json()["follow"]["token"]
        marks.words[token.lower().encode()] = "follow token"
        site.client.get("/api/sos/follow", headers={"X-Follow-Token": token})
        site.client.post("/api/sos", json={**post, "people": 3})
        site.client.post("/api/sos", json={**post, "id": str(uuid.uuid4()), "category": "?"})
        site.client.get("/api/sos/follow", headers={"X-Follow-Token": token[::-1]})
        site.sql("UPDATE layer.sos_requests SET state = 'verified' WHERE id = %s", post["id"])
        listener.wait(lambda: len([c for c in listener.changes() if c["id"] == post["id"]]) == 2)
        receiver.wait(lambda: receiver.told().count(post["id"]) == 2)
        site.sql("DELETE FROM layer.sos_requests WHERE id = %s", post["id"])
        listener.wait(lambda: listener.changes()[-1]["op"] == "delete")
    receiver.close()
    assert_clean(site, "stream", listener.text.encode())
    assert_clean(
        site, "webhook", b"".join(repr(headers).encode() + body for headers, body in receiver.posts)
    )
    changes = site.client.get("/api/changes?since=0&limit=10000")
    assert_clean(site, "changes", contents(changes))


def test_what_the_logs_and_figures_keep(site: Site) -> None:
    marks, client = site.marks, site.client
    word = marks.new("credential")
    # Staff read private values; they are in no log either, and neither is what was tried.
    for path in (
        "/ogc/collections/sos_requests/items?limit=1000",
        "/ogc/collections/sos_requests/export?f=csv",
        "/api/changes?since=0",
    ):
        answer = client.get(path, headers=site.staff.headers)
        assert answer.status_code == 200
        assert "exact position" in marks.found_in(answer.content)
    marks.words[site.staff.key.lower().encode()] = "key"
    for headers in (
        {"Authorization": f"Bearer {word}"},
        {"Authorization": f"Basic {word}"},
        {"Cookie": f"dieuhanh_session={word}"},
        {"X-Follow-Token": word},
    ):
        for path in ("/ogc", "/api/live", "/api/changes", "/api/sos/follow"):
            with (
                suppress(httpx.ReadTimeout),
                client.stream("GET", path, headers=headers, timeout=5) as answer,
            ):
                assert answer.status_code < 500
    client.auth = None
    client.get("/ogc", auth=(word, word))
    for name in ("q", "filter", "note", "layers", "last_event_id", "since"):
        client.get("/ogc/collections/sos_requests/items", params={name: word})
        client.get("/api/search", params={name: word})
        client.get("/api/changes", params={name: word})
    client.get(f"/ogc/collections/sos_requests/items?name={word}")
    time.sleep(1.2)
    assert_clean(site, "figures", client.get("/metrics").content)
    logged = site.log.read_bytes()
    assert logged.count(b'"path"') > 100
    assert_clean(site, "log", logged)
    assert_clean(site, "PostgreSQL's log", site.database_log())
