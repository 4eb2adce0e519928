"""Who asks: keys, HTTP Basic and sessions as callers, and answers that are never mixed up."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from layers import accounts, credentials
from tests.conftest import command
from tests.people import PASSWORD, Person, on_database, person

ITEMS = "/ogc/collections/sos_requests/items?limit=1"


def columns(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    return set(answer.json()["features"][0]["properties"])


def basic(login: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


@pytest.fixture
def alone(fresh_database_url: str, run_server: Any) -> tuple[str, str]:
    """A database and a server of the test's own."""
    return fresh_database_url, run_server(fresh_database_url)


def test_a_key_makes_a_caller_and_a_wrong_one_is_401(alone: tuple[str, str]) -> None:
    url, address = alone
    viewer = person(url, "viewer")
    public = columns(httpx.get(address + ITEMS))
    assert columns(httpx.get(address + ITEMS, headers=viewer.headers)) > public
    for wrong in (
        "Bearer x",
        "Bearer",
        "Bearer " + "k" * 5000,
        "Digest a",
        "Basic !",
        "Basic YQ==",
        "Basic AAAA",
    ):
        answer = httpx.get(address + ITEMS, headers={"Authorization": wrong})
        assert answer.status_code == 401, wrong
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("end", ["disable", "revoke", "expire"])
def test_a_key_that_has_ended_is_401_at_once(alone: tuple[str, str], end: str) -> None:
    url, address = alone
    viewer = person(url, "viewer")
    assert httpx.get(address + ITEMS, headers=viewer.headers).status_code == 200
    if end == "disable":
        assert command("user", "disable", viewer.login, database_url=url).returncode == 0
    elif end == "revoke":
        (key,) = on_database(url, lambda c: credentials.keys(c, viewer.login))
        assert command("key", "revoke", str(key.id), database_url=url).returncode == 0
    else:
        on_database(url, lambda c: c.execute("UPDATE private.api_key SET expires_at = now()"))
    assert httpx.get(address + ITEMS, headers=viewer.headers).status_code == 401


def test_a_key_for_reading_changes_nothing(alone: tuple[str, str]) -> None:
    url, address = alone
    reader = person(url, "admin", scope="read")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = httpx.request(method, address + ITEMS, headers=reader.headers)
        assert answer.status_code == 403, method


def test_basic_signs_qgis_in_and_forgets_a_password_that_changed(alone: tuple[str, str]) -> None:
    url, address = alone
    viewer = person(url, "viewer", password=PASSWORD)
    headers = basic(viewer.login, PASSWORD)
    for _ in range(3):
        assert "injured" in columns(httpx.get(address + ITEMS, headers=headers))
    assert httpx.get(address + ITEMS, headers=basic(viewer.login, "x")).status_code == 401
    assert httpx.get(address + ITEMS, headers=basic("nobody", PASSWORD)).status_code == 401
    on_database(url, lambda c: _reset(c, viewer.login, "một mật khẩu khác hẳn"))
    assert httpx.get(address + ITEMS, headers=headers).status_code == 401


async def _reset(connection: Any, login: str, password: str) -> None:
    account = await accounts.find(connection, login)
    await accounts.set_password(connection, account, password)


def test_a_remembered_password_is_quick(alone: tuple[str, str]) -> None:
    url, address = alone
    viewer = person(url, "viewer", password=PASSWORD)
    with httpx.Client(base_url=address, headers=basic(viewer.login, PASSWORD)) as client:
        client.get(ITEMS)
        quickest = min(client.get(ITEMS).elapsed.total_seconds() for _ in range(20))
    assert quickest < 0.03


def session(url: str, someone: Person) -> tuple[dict[str, str], str]:
    """A session's cookie as a header, and its token against forged requests."""

    async def work(connection: Any) -> tuple[str, str]:
        account = await accounts.find(connection, someone.login)
        opened, token = await credentials.open_session(connection, account, 1)
        return token, opened.csrf

    token, csrf = on_database(url, work)
    return {"Cookie": f"a=b; dieuhanh_session={token}"}, csrf


def test_a_change_with_a_cookie_needs_the_token(alone: tuple[str, str]) -> None:
    url, address = alone
    cookie, csrf = session(url, person(url, "admin"))
    assert "injured" in columns(httpx.get(address + ITEMS, headers=cookie))
    target = address + "/ogc/collections/hotels/items/1"
    for given in ({}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": csrf[:-1]}):
        assert httpx.delete(target, headers={**cookie, **given}).status_code == 403
    right = httpx.delete(target, headers={**cookie, "X-CSRF-Token": csrf})
    assert right.status_code != 403
    on_database(url, lambda c: c.execute("DELETE FROM private.session"))
    assert "injured" not in columns(httpx.get(address + ITEMS, headers=cookie))
    ended = httpx.delete(target, headers={**cookie, "X-CSRF-Token": csrf})
    assert ended.status_code == 401


@pytest.mark.parametrize("first", ["staff", "public"])
@pytest.mark.parametrize(
    "path",
    [
        ITEMS,
        "/ogc/collections/sos_requests/items?limit=1&f=csv",
        "/ogc/collections/sos_requests/items?limit=1&f=html",
        "/ogc/collections/sos_requests/export?f=csv",
    ],
)
def test_an_answer_for_one_is_never_given_to_another(
    alone: tuple[str, str], first: str, path: str
) -> None:
    url, address = alone
    staff = person(url, "viewer").headers
    order = [staff, {}] if first == "staff" else [{}, staff]
    seen: dict[bool, set[str]] = {True: set(), False: set()}
    texts: dict[bool, set[str]] = {True: set(), False: set()}
    for headers in order * 3:
        answer = httpx.get(address + path, headers=headers)
        assert answer.status_code == 200
        cached = answer.headers.get("cache-control", "no-cache")
        assert cached == ("private, no-cache" if headers else "no-cache")
        if headers or "etag" in answer.headers:
            assert {"Authorization", "Cookie"} <= set(answer.headers["vary"].split(", "))
        # A download is made anew each time, and has no tag.
        tag = answer.headers.get("etag", "no tag for staff" if headers else "no tag")
        seen[bool(headers)].add(tag)
        texts[bool(headers)].add(answer.text)
    assert (len(seen[True]), len(seen[False])) == (1, 1)
    assert seen[True].isdisjoint(seen[False])
    assert texts[True].isdisjoint(texts[False])


def test_a_tag_says_unchanged_to_its_own_caller_alone(alone: tuple[str, str]) -> None:
    url, address = alone
    one, other = person(url, "viewer").headers, person(url, "viewer").headers
    etag = httpx.get(address + ITEMS, headers=one).headers["etag"]
    again = httpx.get(address + ITEMS, headers={**one, "If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    for headers in (other, {}):
        answer = httpx.get(address + ITEMS, headers={**headers, "If-None-Match": etag})
        assert answer.status_code == 200
