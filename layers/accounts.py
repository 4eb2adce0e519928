"""People's accounts, in the schema `private`: only the server itself reads and writes them.

All functions take a connection that acts as the server (`Database.serving()`, or the command
line's own), in a transaction where they write more than once.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import asyncpg

from layers import passwords
from layers.catalogue import CATALOGUE
from layers.province import Province
from layers.registers.catalogue import REGISTERS
from layers.roles import DISTRICT, Caller, Role
from layers.rows import table_name
from spatial.errors import BadInput, shown
from spatial.sql import quote

Connection = Any
"""An `asyncpg.Connection`."""

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
"""A login, also a CHECK of the table."""


class AccountError(BadInput):
    """What was asked of an account cannot be done; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as those see it who look after accounts."""

    id: int
    login: str
    role: Role
    departments: tuple[str, ...]
    districts: tuple[str, ...]
    layers: tuple[str, ...]
    places: tuple[str, ...]
    subject: str | None
    database_role: str | None
    has_password: bool
    disabled_at: datetime | None
    created_at: datetime

    def caller(self, *, read_only: bool = False) -> Caller:
        """Who makes a request with this account."""
        return Caller(
            self.role,
            self.id,
            self.login,
            self.departments,
            self.districts,
            self.layers,
            read_only,
        )


COLUMNS = """account.id, account.login, account.role, account.departments, account.districts,
account.layers, ARRAY(SELECT p.layer || '/' || p.feature FROM private.account_place AS p
WHERE p.account_id = account.id ORDER BY 1) AS places, account.subject, account.database_role,
account.password_hash IS NOT NULL AS has_password, account.disabled_at, account.created_at"""


def account_of(row: Any) -> Account:
    """The account in a row of `COLUMNS`."""
    return Account(
        row["id"],
        row["login"],
        Role(row["role"]),
        tuple(row["departments"]),
        tuple(row["districts"]),
        tuple(row["layers"]),
        tuple(row["places"]),
        row["subject"],
        row["database_role"],
        row["has_password"],
        row["disabled_at"],
        row["created_at"],
    )


@lru_cache(maxsize=8)
def districts_of(province: Province) -> dict[str, str]:
    """The names of the province's districts by their codes, from its own file."""
    features = json.loads(province.admin_units_file.read_bytes())["features"]
    found = (feature["properties"] for feature in features)
    return {one["code"]: one["name"] for one in found if one["level"] == "district"}


def departments_of(province: Province) -> tuple[str, ...]:
    """The departments that an account may belong to; `district` stands for all districts'."""
    return (*(one.id for one in province.departments), DISTRICT)


@dataclass(frozen=True, slots=True)
class Post:
    """What a person does: a role, and what an officer's edits are limited to.

    Attributes:
        layers: of layers and of registers.
        places: as `<layer>/<id>`, or with the feature's code for its id.
    """

    role: Role
    departments: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    def require_valid(self, province: Province) -> None:
        """Check the parts against the province's own lists.

        Raises:
            AccountError: the message names the value and the values there are.
        """
        if self.role is Role.PUBLIC:
            raise AccountError("nobody signs in as the public", "công chúng không cần tài khoản")
        for name, value, allowed in (
            ("department", self.departments, departments_of(province)),
            ("district", self.districts, tuple(districts_of(province))),
            ("layer", self.layers, (*CATALOGUE, *REGISTERS)),
            ("layer", tuple(place.partition("/")[0] for place in self.places), tuple(CATALOGUE)),
        ):
            for one in value:
                if one not in allowed:
                    raise AccountError(
                        f"there is no {name} {shown(one)!r}; there are {', '.join(allowed)}",
                        f"không có {_VIETNAMESE[name]} {shown(one)!r}; có {', '.join(allowed)}",
                    )
        if self.role is Role.OFFICER and not self.departments:
            raise AccountError(
                "an officer belongs to a department", "cán bộ phải thuộc một sở, ngành, huyện"
            )
        if DISTRICT in self.departments and not self.districts:
            raise AccountError(
                "an officer of a district needs the district's code",
                "cán bộ cấp huyện cần có mã huyện",
            )


_VIETNAMESE = {"department": "sở, ngành", "district": "huyện", "layer": "lớp"}


async def add(
    connection: Connection,
    login: str,
    post: Post,
    *,
    password: str | None = None,
    subject: str | None = None,
) -> Account:
    """Make an account; without a password it signs in by keys or by OpenID Connect alone.

    `Post.require_valid` has been called.

    Raises:
        AccountError: the login is taken or malformed, or the password too short.
    """
    if not LOGIN.fullmatch(login):
        raise AccountError(
            f"the login {shown(login)!r} must be 2 to 64 characters of a-z 0-9 . _ @ -",
            f"tên đăng nhập {shown(login)!r} phải có 2 đến 64 ký tự a-z 0-9 . _ @ -",
        )
    if subject is not None and not 1 <= len(subject) <= 255:
        raise AccountError("a subject has 1 to 255 characters", "định danh có từ 1 đến 255 ký tự")
    secret = None if password is None else await _hashed(password)
    places = await _found_places(connection, post.places)
    try:
        row = await connection.fetchrow(
            "INSERT INTO private.account AS account"
            " (login, role, departments, districts, layers, password_hash, subject)"
            f" VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {COLUMNS}",
            login,
            post.role.value,
            list(post.departments),
            list(post.districts),
            list(post.layers),
            secret,
            subject,
        )
    except asyncpg.UniqueViolationError as error:
        if "subject" in str(error.constraint_name):
            raise AccountError(
                "another account has this subject", "đã có tài khoản dùng định danh này"
            ) from None
        raise AccountError(
            f"there is an account {login!r} already", f"đã có tài khoản {login!r}"
        ) from None
    if places:
        await _set_places(connection, row["id"], places)
        return await find(connection, login)
    return account_of(row)


async def _found_places(connection: Connection, places: tuple[str, ...]) -> list[tuple[str, str]]:
    """The layer and the id of each place.

    Raises:
        AccountError: there is no such feature.
    """
    found = []
    for place in places:
        name, _, feature = place.partition("/")
        layer = CATALOGUE[name]
        code = quote("code") if "code" in layer.by_name else "NULL::text"
        identifier = await connection.fetchval(
            f"SELECT {quote(layer.id_column)}::text FROM {table_name(layer)}"
            f" WHERE {quote(layer.id_column)}::text = $1 OR {code} = $1",
            feature,
        )
        if identifier is None:
            raise AccountError(
                f"there is no place {shown(place)!r}", f"không có nơi {shown(place)!r}"
            )
        found.append((name, identifier))
    return found


async def _set_places(connection: Connection, account: int, places: list[tuple[str, str]]) -> None:
    await connection.execute("DELETE FROM private.account_place WHERE account_id = $1", account)
    await connection.executemany(
        "INSERT INTO private.account_place (account_id, layer, feature) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING",
        [(account, layer, feature) for layer, feature in places],
    )


async def _hashed(password: str) -> str:
    try:
        return await passwords.hashed(password)
    except BadInput as error:
        raise AccountError(error.en, error.vi) from None


async def listed(connection: Connection) -> list[Account]:
    """All accounts, by login."""
    rows = await connection.fetch(f"SELECT {COLUMNS} FROM private.account ORDER BY login")
    return [account_of(row) for row in rows]


async def find(connection: Connection, login: str) -> Account:
    """The account of a login.

    Raises:
        AccountError: there is none.
    """
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM private.account WHERE login = $1", login
    )
    if row is None:
        raise AccountError(
            f"there is no account {shown(login)!r}", f"không có tài khoản {shown(login)!r}"
        )
    return account_of(row)


async def set_post(connection: Connection, account: Account, post: Post) -> None:
    """Change what a person does; it counts from the next request on.

    Raises:
        AccountError: the account has a database login, which belongs to its role.
    """
    if account.database_role is not None and post.role is not account.role:
        raise AccountError(
            f"the database login of {account.login!r} belongs to the role {account.role.value};"
            " take it away first",
            f"tài khoản PostgreSQL của {account.login!r} thuộc vai trò {account.role.value};"
            " hãy thu hồi trước",
        )
    await connection.execute(
        "UPDATE private.account SET role = $2, departments = $3, districts = $4, layers = $5"
        " WHERE id = $1",
        account.id,
        post.role.value,
        list(post.departments),
        list(post.districts),
        list(post.layers),
    )
    await _set_places(connection, account.id, await _found_places(connection, post.places))


async def set_disabled(connection: Connection, account: Account, disabled: bool) -> None:
    """Disable or enable an account; disabling ends its sessions."""
    await connection.execute(
        "UPDATE private.account SET disabled_at = CASE WHEN $2 THEN coalesce(disabled_at, now())"
        " END WHERE id = $1",
        account.id,
        disabled,
    )
    if disabled:
        await connection.execute("DELETE FROM private.session WHERE account_id = $1", account.id)


async def set_password(connection: Connection, account: Account, password: str) -> None:
    """Set a new password; it ends the sessions made with the old one.

    Raises:
        AccountError: the password is too short or too long.
    """
    secret = await _hashed(password)
    await connection.execute(
        "UPDATE private.account SET password_hash = $2 WHERE id = $1", account.id, secret
    )
    await connection.execute("DELETE FROM private.session WHERE account_id = $1", account.id)


async def for_password(connection: Connection, login: str) -> tuple[Account, str] | None:
    """The account that a login and a password may open, and the password's hash."""
    row = await connection.fetchrow(
        f"SELECT {COLUMNS}, account.password_hash FROM private.account"
        " WHERE login = $1 AND disabled_at IS NULL AND password_hash IS NOT NULL",
        login,
    )
    return None if row is None else (account_of(row), row["password_hash"])


async def for_subject(connection: Connection, subject: str) -> Account | None:
    """The account that a subject of the OpenID provider may open."""
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM private.account WHERE subject = $1 AND disabled_at IS NULL",
        subject,
    )
    return None if row is None else account_of(row)


async def has_subject(connection: Connection, subject: str) -> bool:
    """Whether a subject has an account, also one that is disabled."""
    query = "SELECT EXISTS (SELECT FROM private.account WHERE subject = $1)"
    return bool(await connection.fetchval(query, subject))
