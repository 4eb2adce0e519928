"""`dieuhanh user` and `dieuhanh key`: one line for a mistake, no password as an argument."""

from __future__ import annotations

import subprocess

import psycopg2
import pytest

from tests import warm
from tests.conftest import command, environment
from tests.people import PASSWORD, on_database


def typed(url: str, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    """A command with a password on its standard input."""
    return warm.run(arguments, environment(url, {}), password)


def test_an_account_from_its_making_to_its_end(empty_database_url: str) -> None:
    url = empty_database_url
    made = typed(
        url,
        *("user", "add", "thanh.tra", "--role", "officer", "--department", "health"),
        *("--district", "502", "--password-stdin"),
        password=PASSWORD + "\n",
    )
    assert made.returncode == 0, made.stderr
    listed = typed(url, "user", "list").stdout
    assert "thanh.tra" in listed
    assert PASSWORD not in listed
    key = typed(url, "key", "add", "thanh.tra", "--title", "máy quét", "--write").stdout.strip()
    assert key.startswith("dhk_")
    assert key not in typed(url, "key", "list").stdout
    stored = on_database(
        url, lambda c: c.fetchrow("SELECT password_hash, a::text FROM private.account AS a")
    )
    assert stored["password_hash"].startswith("$argon2id$")
    reset = typed(url, "user", "reset", "thanh.tra", "--password-stdin", password="mật khẩu mới mẻ")
    assert reset.returncode == 0
    assert typed(url, "user", "disable", "thanh.tra").returncode == 0
    assert "disabled" in typed(url, "user", "list").stdout
    assert typed(url, "user", "enable", "thanh.tra").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("user", "add", "a1", "--role", "chief"), "'chief'"),
        (("user", "add", "a1", "--role", "public"), "public"),
        (("user", "add", "a1", "--role", "officer"), "department"),
        (("user", "add", "a1", "--role", "officer", "--department", "navy"), "'navy'"),
        (("user", "add", "a1", "--role", "officer", "--department", "district"), "district"),
        (("user", "add", "a1", "--role", "viewer", "--district", "1"), "'1'"),
        (("user", "add", "a1", "--role", "viewer", "--layer", "x"), "'x'"),
        (("user", "add", "A B", "--role", "viewer", "--no-password"), "'A B'"),
        (("user", "add", "a1", "--role", "viewer"), "--password-stdin"),
        (("user", "disable", "nobody"), "'nobody'"),
        (("key", "revoke", "77"), "77"),
        (("key", "add", "nobody", "--title", "x"), "'nobody'"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    database_url: str, arguments: tuple[str, ...], named: str
) -> None:
    done = command(*arguments, database_url=database_url)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr


def test_a_short_password_is_refused(empty_database_url: str) -> None:
    done = typed(
        empty_database_url,
        *("user", "add", "a1", "--role", "viewer", "--password-stdin"),
        password="short",
    )
    assert done.returncode == 2
    assert "12" in done.stderr


def test_a_database_login_acts_as_its_role_until_it_is_disabled(fresh_database_url: str) -> None:
    url = fresh_database_url
    login = "qgis.officer"
    arguments = ("user", "add", login, "--role", "officer", "--department", "tourism")
    assert typed(url, *arguments, "--no-password").returncode == 0
    given = typed(url, "user", "database-login", login, "--password-stdin", password=PASSWORD)
    assert given.returncode == 0, given.stderr
    with psycopg2.connect(url) as owner, owner.cursor() as cursor:
        cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", (login,))
        ((verifier,),) = cursor.fetchall()
        assert verifier.startswith("SCRAM-SHA-256$")
        cursor.execute("SET SESSION AUTHORIZATION %s", (login,))
        cursor.execute("UPDATE layer.hotels SET name = 'Đổi' WHERE id = 1")
        assert cursor.rowcount == 1
        cursor.execute("UPDATE layer.quarantine_sites SET name = 'Đổi'")
        assert cursor.rowcount == 0
        cursor.execute("RESET SESSION AUTHORIZATION")
        cursor.execute("SELECT actor FROM dieuhanh.change ORDER BY id DESC LIMIT 1")
        assert cursor.fetchone() == (login,)
    assert typed(url, "user", "disable", login).returncode == 0
    with psycopg2.connect(url) as owner, owner.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", (login,))
        assert cursor.fetchone() is None


def test_an_account_is_limited_to_places(database_url: str) -> None:
    add = ("user", "add", "canbo.khu", "--role", "officer", "--department", "military_command")
    for wrong in ("quarantine_sites/none", "nowhere/1"):
        refused = typed(database_url, *add, "--no-password", "--place", wrong)
        assert refused.returncode == 2
        assert wrong.split("/")[0] in refused.stderr
    made = typed(database_url, *add, "--no-password", "--place", "quarantine_sites/CL-003")
    assert made.returncode == 0, made.stderr
    with psycopg2.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT layer, q.code FROM private.account_place AS p JOIN private.account AS a"
            " ON a.id = p.account_id JOIN layer.quarantine_sites AS q ON q.id::text = p.feature"
            " WHERE a.login = 'canbo.khu'"
        )
        assert cursor.fetchall() == [("quarantine_sites", "CL-003")]
    connection.close()
