"""Signing in at a real OpenID Connect provider: the code flow, and every check of the token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from layers import accounts
from layers.accounts import Post
from layers.roles import Role
from tests.oidc_provider import CLIENT, SECRET, Provider, new_key, provider
from tests.people import on_database


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture
def site(running: Provider, empty_database_url: str, run_server: Any) -> tuple[Provider, str, str]:
    """The provider as new, a server that knows it, and its database."""
    running.claims, running.subject, running.published = {}, "subject-1", []
    return running, _serve(running, empty_database_url, run_server), empty_database_url


def _serve(running: Provider, url: str, run_server: Any, **more: str) -> str:
    settings = {
        "DIEUHANH_OIDC_ISSUER": running.issuer,
        "DIEUHANH_OIDC_CLIENT_ID": CLIENT,
        "DIEUHANH_OIDC_CLIENT_SECRET": SECRET,
        **more,
    }
    return str(run_server(url, settings))


def known(url: str, subject: str = "subject-1", login: str = "from-provider") -> None:
    on_database(url, lambda c: accounts.add(c, login, Post(Role.ANALYST), subject=subject))


class Browser:
    """Follows the redirects by hand; cookies are kept also without TLS, as on a machine's own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies: dict[str, str] = {}

    def get(self, url: str) -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = httpx.get(url, headers={"Cookie": cookie, "Accept": "application/json"})
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            assert {"HttpOnly", "Secure", "SameSite=lax"} <= set(rest.split("; "))
            self.cookies[name] = rest.partition(";")[0].strip('"')
        return answer

    def begin(self, next_: str = "/ogc") -> str:
        """Go to the provider and sign in; where it sends the browser back to."""
        answer = self.get(f"{self.address}/sign-in/provider?{urlencode({'next': next_})}")
        assert answer.status_code == 303, answer.text
        signed_in = httpx.get(answer.headers["location"])
        assert signed_in.status_code == 302, signed_in.text
        return str(signed_in.headers["location"])

    def who(self) -> Any:
        return self.get(f"{self.address}/api/session").json()


def test_a_subject_that_is_known_gets_a_session(site: tuple[Provider, str, str]) -> None:
    running, address, url = site
    known(url)
    browser = Browser(address)
    answer = browser.get(browser.begin("/ogc/collections"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/ogc/collections")
    who = browser.who()
    assert (who["login"], who["role"], who["signedIn"]) == ("from-provider", "analyst", True)
    sent = running.requests[-1]
    assert sent["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= set(sent)
    assert sent["scope"] == "openid"


def test_nobody_gets_an_account_silently(site: tuple[Provider, str, str]) -> None:
    _, address, url = site
    browser = Browser(address)
    answer = browser.get(browser.begin())
    assert answer.status_code == 403
    assert not browser.who()["signedIn"]
    assert on_database(url, accounts.listed) == []


def test_a_setting_makes_accounts_of_a_role_that_changes_nothing(
    running: Provider, empty_database_url: str, run_server: Any
) -> None:
    running.claims, running.published = {}, []
    address = _serve(running, empty_database_url, run_server, DIEUHANH_OIDC_CREATE_AS="viewer")
    for _ in range(2):
        browser = Browser(address)
        assert browser.get(browser.begin()).status_code == 303
        assert browser.who()["role"] == "viewer"
    (made,) = on_database(empty_database_url, accounts.listed)
    on_database(empty_database_url, lambda c: accounts.set_disabled(c, made, True))
    again = Browser(address)
    assert again.get(again.begin()).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"aud": "another client"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"iss": None},
        {"nbf": 9_999_999_999},
    ],
    ids=str,
)
def test_a_token_that_breaks_a_rule_signs_nobody_in(
    site: tuple[Provider, str, str], claims: dict[str, Any]
) -> None:
    running, address, url = site
    known(url)
    running.claims = claims
    browser = Browser(address)
    answer = browser.get(browser.begin())
    assert answer.status_code == 403, answer.text
    assert not browser.who()["signedIn"]


def test_a_token_of_another_key_signs_nobody_in(site: tuple[Provider, str, str]) -> None:
    running, address, url = site
    known(url)
    running.published = [new_key(str(running.key.kid))]
    browser = Browser(address)
    assert browser.get(browser.begin()).status_code == 403


def test_a_key_that_is_new_is_asked_for(site: tuple[Provider, str, str]) -> None:
    running, address, url = site
    known(url)
    first = Browser(address)
    assert first.get(first.begin()).status_code == 303
    running.key = new_key("two")
    second = Browser(address)
    assert second.get(second.begin()).status_code == 303


def test_what_comes_back_must_have_begun_in_this_browser(site: tuple[Provider, str, str]) -> None:
    _, address, url = site
    known(url)
    victim, other = Browser(address), Browser(address)
    returned = other.begin()
    assert victim.get(returned).status_code == 400
    victim.begin()
    assert victim.get(returned).status_code == 400
    state = dict(parse_qsl(urlsplit(other.begin()).query))["state"]
    assert other.get(f"{address}/sign-in/provider/back?state={state}&code=x").status_code == 403
    assert other.get(f"{address}/sign-in/provider/back?state={state}").status_code == 403
    # A code counts once.
    mine = Browser(address)
    returned = mine.begin()
    begun = dict(mine.cookies)
    assert mine.get(returned).status_code == 303
    mine.cookies = begun
    assert mine.get(returned).status_code == 403


def test_it_never_sends_a_person_elsewhere(site: tuple[Provider, str, str]) -> None:
    _, address, url = site
    known(url)
    for target in ("https://other.example/", "//other.example", "/\\other.example", ""):
        browser = Browser(address)
        assert browser.get(browser.begin(target)).headers["location"] == "/"


def test_without_a_provider_there_is_nothing(server: str) -> None:
    assert httpx.get(f"{server}/sign-in/provider").status_code == 404
    assert "/sign-in/provider" not in httpx.get(f"{server}/sign-in").text


def test_a_provider_that_does_not_answer_is_503(empty_database_url: str, run_server: Any) -> None:
    address = run_server(
        empty_database_url,
        {"DIEUHANH_OIDC_ISSUER": "http://127.0.0.1:9", "DIEUHANH_OIDC_CLIENT_ID": "x"},
    )
    assert httpx.get(f"{address}/sign-in/provider").status_code == 503
