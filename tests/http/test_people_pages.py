"""Sessions over HTTP, the sign-in page and the administrators' page, as a browser uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.cli.database import create_database
from layers import accounts, credentials
from tests.conftest import serving
from tests.people import PASSWORD, Person, on_database, person


@pytest.fixture(scope="module")
def site(cluster: Any, migrated_template: str) -> Iterator[tuple[str, str]]:
    """A database and a server on it."""
    url = create_database(cluster, "people_pages", migrated_template)
    with serving(url, {"DIEUHANH_TRUSTED_PROXIES": "127.0.0.0/8"}) as address:
        yield url, address


def cookie_of(answer: httpx.Response) -> dict[str, str]:
    """The session's cookie of an answer as a header, after its attributes were looked at."""
    (line,) = [
        one for one in answer.headers.get_list("set-cookie") if one.startswith("dieuhanh_session=")
    ]
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(line.split("; "))
    return {"Cookie": line.partition(";")[0]}


def sign_in(address: str, someone: Person, **headers: str) -> httpx.Response:
    body = {"login": someone.login, "password": PASSWORD}
    return httpx.post(f"{address}/api/session", json=body, headers=headers)


def csrf_in(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def from_address(last: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"198.51.100.{last}"}


def test_a_session_from_its_beginning_to_its_end(site: tuple[str, str]) -> None:
    url, address = site
    someone = person(url, "officer", departments=["health"], password=PASSWORD)
    begun = sign_in(address, someone)
    assert (begun.status_code, begun.headers["cache-control"]) == (200, "no-store")
    cookie = cookie_of(begun)
    who = httpx.get(f"{address}/api/session", headers=cookie).json()
    assert who == begun.json()
    assert (who["login"], who["role"], who["departments"]) == (
        someone.login,
        "officer",
        ["health"],
    )
    assert httpx.delete(f"{address}/api/session", headers=cookie).status_code == 403
    ended = httpx.delete(f"{address}/api/session", headers={**cookie, "X-CSRF-Token": who["csrf"]})
    assert ended.status_code == 204
    assert ended.headers["clear-site-data"] == '"cache"'
    assert not httpx.get(f"{address}/api/session", headers=cookie).json()["signedIn"]


def test_signing_in_again_ends_the_session_before(site: tuple[str, str]) -> None:
    url, address = site
    someone = person(url, "viewer", password=PASSWORD)
    first = cookie_of(sign_in(address, someone))
    second = cookie_of(sign_in(address, someone, **first))
    assert first != second
    assert not httpx.get(f"{address}/api/session", headers=first).json()["signedIn"]
    assert httpx.get(f"{address}/api/session", headers=second).json()["signedIn"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"login": "nobody", "password": PASSWORD}}, 401),
        ({"json": {"login": "nobody"}}, 400),
        ({"json": ["login"]}, 400),
        ({"json": {"login": 1, "password": {}}}, 400),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"\xff", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"x"}, 415),
        ({"json": {"login": "a", "password": "b" * 20000}}, 413),
        ({"json": {"login": "a\x00", "password": "b"}}, 400),
        ({"json": {"login": ["a", "b"], "password": "b"}}, 400),
        ({"data": {"login": "nobody", "password": "wrong"}}, 401),
        (
            {
                "json": {"login": "nobody", "password": PASSWORD},
                "headers": {"Origin": "https://other.example"},
            },
            403,
        ),
    ],
    ids=str,
)
def test_what_is_wrong_is_a_problem(
    site: tuple[str, str], sent: dict[str, Any], status: int
) -> None:
    answer = httpx.post(f"{site[1]}/api/session", **sent)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert PASSWORD not in answer.text
    assert "set-cookie" not in answer.headers


def test_a_login_waits_after_ten_failures_and_then_also_the_right_password(
    site: tuple[str, str],
) -> None:
    url, address = site
    someone = person(url, "viewer", password=PASSWORD)
    wrong = {"login": someone.login, "password": "wrong"}
    statuses = [
        httpx.post(f"{address}/api/session", json=wrong, headers=from_address(n)).status_code
        for n in range(11)
    ]
    assert statuses == [401] * 10 + [429]
    waits = sign_in(address, someone, **from_address(99))
    assert waits.status_code == 429
    assert 1 <= int(waits.headers["retry-after"]) <= 900
    # Who is at work goes on.
    assert httpx.get(f"{address}/api/session", headers=someone.headers).json()["signedIn"]
    page = httpx.post(
        f"{address}/sign-in",
        data={"login": someone.login, "password": PASSWORD, "next": "/"},
        headers=from_address(98),
    )
    assert (page.status_code, "retry-after" in page.headers) == (429, True)
    assert 'role="alert"' in page.text


def test_an_address_waits_after_fifty_failures(site: tuple[str, str]) -> None:
    _, address = site
    statuses = [
        httpx.post(
            f"{address}/api/session",
            json={"login": f"nobody{n}", "password": "wrong"},
            headers=from_address(200),
        ).status_code
        for n in range(52)
    ]
    assert statuses == [401] * 50 + [429] * 2


def test_the_sign_in_page_works_without_a_script(site: tuple[str, str]) -> None:
    url, address = site
    someone = person(url, "viewer", password=PASSWORD)
    for language, title in (("vi", "Đăng nhập"), ("en", "Sign in")):
        page = httpx.get(f"{address}/sign-in?lang={language}&next=/ogc/collections")
        assert page.status_code == 200
        assert f"<h1>{title}</h1>" in page.text
        assert 'name="next" value="/ogc/collections"' in page.text
        assert "<script>" not in page.text
        assert "unsafe" not in page.headers["content-security-policy"]
    form = {"login": f" {someone.login.upper()} ", "password": PASSWORD, "next": "/ogc"}
    answer = httpx.post(f"{address}/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ogc")
    cookie = cookie_of(answer)
    page = httpx.get(f"{address}/sign-in", headers=cookie)
    assert someone.login in page.text
    assert httpx.post(f"{address}/sign-out", data={"csrf": ""}, headers=cookie).status_code == 403
    out = httpx.post(f"{address}/sign-out", data={"csrf": csrf_in(page)}, headers=cookie)
    assert out.status_code == 303
    assert not httpx.get(f"{address}/api/session", headers=cookie).json()["signedIn"]
    for target in ("//other.example", "https://other.example", "/\\other.example"):
        answer = httpx.post(f"{address}/sign-in", data={**form, "next": target})
        assert answer.headers["location"] == "/"
    wrong = httpx.post(f"{address}/sign-in", data={**form, "password": "<b>wrong"})
    assert wrong.status_code == 401
    assert "wrong" not in wrong.text.lower().replace("password is wrong", "")


def test_a_person_looks_after_their_own_account(site: tuple[str, str]) -> None:
    url, address = site
    someone = person(url, "officer", departments=["health"], districts=["503"], password=PASSWORD)
    other = person(url, "viewer", password=PASSWORD)
    asked = httpx.get(f"{address}/account")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Faccount")
    first, second = (cookie_of(sign_in(address, someone)) for _ in range(2))
    theirs = cookie_of(sign_in(address, other))
    page = httpx.get(f"{address}/account", headers=first)
    assert page.headers["cache-control"] == "no-store"
    for told in (someone.login, "Sở Y tế", "Thành phố Hội An", "Phiên này", "Khóa API"):
        assert told in page.text
    form = {"csrf": csrf_in(page)}

    def post(path: str, **fields: str) -> httpx.Response:
        sent = {**form, **fields}
        return httpx.post(f"{address}/account/{path}", data=sent, headers=first)

    (ending,) = re.findall(r"/account/(sessions/\w{16}/end)", page.text)
    assert (
        httpx.post(f"{address}/account/{ending}", headers=first, data={"csrf": "x"}).status_code
        == 403
    )
    stolen = {"csrf": csrf_in(httpx.get(f"{address}/account", headers=theirs))}
    refused = httpx.post(f"{address}/account/{ending}", data=stolen, headers=theirs)
    assert refused.status_code == 409, "somebody else's session"
    assert post(ending).headers["location"] == "/account?done=session"
    assert httpx.get(f"{address}/account", headers=second).status_code == 303
    (key,) = on_database(url, lambda c: credentials.keys(c, someone.login))
    foreign = httpx.post(f"{address}/account/keys/{key.id}/revoke", data=stolen, headers=theirs)
    assert foreign.status_code == 409
    assert httpx.get(f"{address}/api/session", headers=someone.headers).status_code == 200
    assert post(f"keys/{key.id}/revoke").status_code == 303
    assert httpx.get(f"{address}/api/session", headers=someone.headers).status_code == 401

    third = cookie_of(sign_in(address, someone))
    fresh = "mật khẩu mới của tôi"
    assert post("password", password="không phải", new_password=fresh).status_code == 401
    assert post("password", password=PASSWORD, new_password="ngắn").status_code == 409
    changed = post("password", password=PASSWORD, new_password=fresh)
    assert changed.status_code == 303
    mine = cookie_of(changed)
    for cookie, signed in ((first, False), (third, False), (mine, True)):
        who = httpx.get(f"{address}/api/session", headers=cookie).json()
        assert who["signedIn"] is signed
    assert sign_in(address, someone).status_code == 401


def test_administrators_alone_look_after_accounts(site: tuple[str, str]) -> None:
    url, address = site
    asked = httpx.get(f"{address}/admin")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fadmin")
    for role in ("viewer", "coordinator", "officer"):
        someone = person(url, role, password=PASSWORD)
        cookie = cookie_of(sign_in(address, someone))
        who = httpx.get(f"{address}/api/session", headers=cookie).json()
        assert httpx.get(f"{address}/admin", headers=cookie).status_code == 403
        form = {"csrf": who["csrf"], "login": "made.by", "role": "admin", "password": PASSWORD}
        assert httpx.post(f"{address}/admin/accounts", data=form, headers=cookie).status_code == 403
    assert httpx.post(f"{address}/admin/accounts", data={"csrf": "x"}).status_code == 403


def test_an_administrator_makes_resets_and_disables_accounts(site: tuple[str, str]) -> None:
    url, address = site
    admin = person(url, "admin", password=PASSWORD)
    with httpx.Client(base_url=address, headers=cookie_of(sign_in(address, admin))) as client:
        csrf = csrf_in(client.get("/admin"))

        def post(path: str, **form: Any) -> httpx.Response:
            return client.post(f"/admin/{path}", data={"csrf": csrf, **form})

        account = {
            "login": "officer.new",
            "role": "officer",
            "departments": ["district", "health"],
            "districts": ["502"],
            "password": PASSWORD,
            "subject": "",
        }
        assert client.post("/admin/accounts", data=account).status_code == 403
        assert post("accounts", **account).status_code == 303
        again = post("accounts", **account)
        assert (again.status_code, "officer.new" in again.text) == (409, True)
        for wrong in ({"districts": "1"}, {"departments": "navy"}, {"password": "short"}):
            other = {**account, "login": "officer.two", **wrong}
            assert post("accounts", **other).status_code == 409
        assert post("accounts", **{**account, "role": "chief"}).status_code == 400
        page = client.get("/admin")
        assert "officer.new" in page.text
        assert "$argon2" not in page.text
        made = post("keys", login="officer.new", title="<i>máy", days="30", write="1")
        secret = re.search(r"dhk_[\w-]+", made.text)
        assert secret is not None
        assert "<i>máy" not in made.text
        assert made.headers["cache-control"] == "no-store"
        bearer = {"Authorization": f"Bearer {secret[0]}"}
        assert httpx.get(f"{address}/api/session", headers=bearer).json()["login"] == "officer.new"
        assert secret[0] not in client.get("/admin").text
        assert post("keys", login="officer.new", title="x", days="x").status_code == 400
        assert post("keys/999/revoke").status_code == 409
        assert post("accounts/officer.new/reset", password="mật khẩu đã đặt lại").status_code == 303
        moved = {"role": "officer", "departments": ["health"], "districts": ["503", "502"]}
        assert post("accounts/officer.new/role", **moved).status_code == 303
        assert post("accounts/officer.new/role", role="chief").status_code == 400
        for wrong in ({"role": "officer"}, {**moved, "districts": "1"}):
            assert post("accounts/officer.new/role", **wrong).status_code == 409
        assert post(f"accounts/{admin.login}/role", role="viewer").status_code == 409
        assert post("accounts/officer.new/disable").status_code == 303
        assert httpx.get(f"{address}/api/session", headers=bearer).status_code == 401
        assert post(f"accounts/{admin.login}/disable").status_code == 409
        assert post("accounts/officer.new/enable").status_code == 303
        (key,) = [
            number
            for number in re.findall(r"/admin/keys/(\d+)/revoke", client.get("/admin").text)
            if number != "0"
        ][:1]
        assert post(f"keys/{key}/revoke").status_code == 303
    found = on_database(url, lambda c: accounts.find(c, "officer.new"))
    assert (found.departments, found.districts) == (("health",), ("503", "502"))
