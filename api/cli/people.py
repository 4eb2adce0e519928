"""`dieuhanh user …` and `dieuhanh key …`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.cli.connected import connected
from api.cli.database import require_migrated, use_database
from api.cli.errors import UserError
from api.settings import Settings
from layers import accounts, credentials, logins
from layers.accounts import Account, AccountError, Post
from layers.province import load_province
from layers.roles import Role
from spatial.errors import shown

T = TypeVar("T")
console = Console(highlight=False, soft_wrap=True)
users = typer.Typer(name="user", help="Tài khoản của mọi người. People's accounts.")
api_keys = typer.Typer(name="key", help="Khóa API của một tài khoản. An account's API keys.")
for group in (users, api_keys):
    group.info.no_args_is_help = True

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="a-z 0-9 . _ @ -")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the standard input.")
]
Department = Annotated[list[str] | None, typer.Option(help="A department's id; repeatable.")]
District = Annotated[list[str] | None, typer.Option(help="A district's code; repeatable.")]
LimitedTo = Annotated[
    list[str] | None, typer.Option("--layer", help="A layer or a register; repeatable.")
]
AtPlace = Annotated[
    list[str] | None,
    typer.Option("--place", help="A place, e.g. quarantine_sites/CL-014; repeatable."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(users)
    app.add_typer(api_keys)


def _run(work: Callable[[Any], Awaitable[T]]) -> T:
    """Do something in one transaction as the server itself.

    Raises:
        UserError: it cannot be done, or the database does not answer.
    """

    async def done(settings: Settings) -> T:
        async with connected(settings) as connection, connection.transaction():
            return await work(connection)

    with use_database() as settings:
        require_migrated(settings)
        try:
            return asyncio.run(done(settings))
        except AccountError as error:
            raise UserError(f"{error.vi} / {error.en}") from None


def _post(
    role: str,
    department: list[str] | None,
    district: list[str] | None,
    layer: list[str] | None,
    place: list[str] | None,
) -> Post:
    try:
        named = Role(role)
    except ValueError:
        names = ", ".join(one.value for one in Role if one is not Role.PUBLIC)
        raise UserError(
            f"không có vai trò {shown(role)!r}; các vai trò: {names}"
            f" / there is no role {shown(role)!r}; the roles are {names}"
        ) from None
    limits = (tuple(given or ()) for given in (department, district, layer, place))
    post = Post(named, *limits)
    with use_database() as settings:
        province = load_province(settings.province_folder)
    try:
        post.require_valid(province)
    except AccountError as error:
        raise UserError(f"{error.vi} / {error.en}") from None
    return post


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UserError(
            "cần --password-stdin khi không có bàn phím"
            " / --password-stdin is needed where nobody can type"
        )
    return str(typer.prompt("Mật khẩu · password", hide_input=True, confirmation_prompt=True))


@users.command("add")
def add_user(
    login: Login,
    role: Annotated[str, typer.Option(help="viewer, officer, rescuer, coordinator, admin …")],
    department: Department = None,
    district: District = None,
    layer: LimitedTo = None,
    place: AtPlace = None,
    subject: Annotated[
        str | None, typer.Option(help="The person's `sub` at the OpenID Connect provider.")
    ] = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Only keys or OpenID Connect sign in.")
    ] = False,
    password_stdin: FromStdin = False,
) -> None:
    """Make an account."""
    post = _post(role, department, district, layer, place)
    password = None if no_password else _password(password_stdin)
    _run(lambda c: accounts.add(c, login, post, password=password, subject=subject))
    console.print(f"Đã tạo tài khoản {login} · account made")


@users.command("set")
def set_user(
    login: Login,
    role: Annotated[str, typer.Option(help="The new role.")],
    department: Department = None,
    district: District = None,
    layer: LimitedTo = None,
    place: AtPlace = None,
) -> None:
    """Change what a person does: role, departments, districts, layers, places."""
    post = _post(role, department, district, layer, place)

    async def work(connection: Any) -> None:
        await accounts.set_post(connection, await accounts.find(connection, login), post)

    _run(work)
    console.print(f"Đã đổi quyền của {login} · account changed")


@users.command("list")
def list_users() -> None:
    """List the accounts."""
    table = Table("login", "role", "departments", "districts", "layers, places", "sign-in", "state")
    for one in _run(accounts.listed):
        ways = ("password", one.has_password), ("oidc", one.subject), ("sql", one.database_role)
        table.add_row(
            *map(Text, (one.login, one.role.value)),
            *(
                Text(" ".join(part))
                for part in (one.departments, one.districts, one.layers + one.places)
            ),
            Text(" ".join(way for way, is_there in ways if is_there) or "keys"),
            Text("disabled" if one.disabled_at else "active"),
        )
    console.print(table)


@users.command("disable")
def disable_user(login: Login) -> None:
    """Disable an account: its sessions, keys, password and database login stop to work."""

    async def work(connection: Any) -> None:
        account = await accounts.find(connection, login)
        await accounts.set_disabled(connection, account, True)
        await logins.revoke(connection, account)

    _run(work)
    console.print(f"Đã khóa tài khoản {login} · account disabled")


@users.command("enable")
def enable_user(login: Login) -> None:
    """Enable an account again; a database login has to be given anew."""

    async def work(connection: Any) -> None:
        await accounts.set_disabled(connection, await accounts.find(connection, login), False)

    _run(work)
    console.print(f"Đã mở lại tài khoản {login} · account enabled")


@users.command("reset")
def reset_user(login: Login, password_stdin: FromStdin = False) -> None:
    """Set a new password; sessions that are open end."""
    account = _found(login)
    password = _password(password_stdin)
    _run(lambda connection: accounts.set_password(connection, account, password))
    console.print(f"Đã đặt lại mật khẩu của {login} · password set")


@users.command("database-login")
def database_login(
    login: Login,
    take_away: Annotated[bool, typer.Option("--revoke", help="Take the login away.")] = False,
    password_stdin: FromStdin = False,
) -> None:
    """Give a person a PostgreSQL login of their role, for QGIS on the tables themselves."""
    account = _found(login)
    if take_away:
        _run(lambda connection: logins.revoke(connection, account))
        console.print(f"Đã thu hồi tài khoản PostgreSQL {login} · login taken away")
        return
    password = _password(password_stdin)
    with use_database() as settings:
        try:
            secret = logins.verifier(settings.database_url, login, password)
        except AccountError as error:
            raise UserError(f"{error.vi} / {error.en}") from None
    _run(lambda connection: logins.grant(connection, account, secret))
    console.print(f"Đã cấp tài khoản PostgreSQL {login} · login given")


def _found(login: str) -> Account:
    return _run(lambda connection: accounts.find(connection, login))


@api_keys.command("add")
def add_key(
    login: Login,
    title: Annotated[str, typer.Option(help="What the key is for.")],
    write: Annotated[bool, typer.Option("--write", help="Allow changes.")] = False,
    days: Annotated[int, typer.Option(help="Days until it expires.", min=1, max=1095)] = 365,
) -> None:
    """Make an API key, print it to the standard output, this once."""

    async def work(connection: Any) -> str:
        account = await accounts.find(connection, login)
        scope: credentials.Scope = "write" if write else "read"
        _, secret = await credentials.add_key(connection, account, title, scope, days)
        return secret

    print(_run(work))


@api_keys.command("list")
def list_keys(
    login: Annotated[str | None, typer.Argument(metavar="LOGIN")] = None,
) -> None:
    """List the keys of an account, or all of them; never their secrets."""
    table = Table("id", "login", "title", "scope", "expires", "state")
    for key in _run(lambda connection: credentials.keys(connection, login)):
        expires = key.expires_at.date().isoformat()
        state = "revoked" if key.revoked_at else "active"
        table.add_row(*map(Text, (str(key.id), key.login, key.title, key.scope, expires, state)))
    console.print(table)


@api_keys.command("revoke")
def revoke_key(key_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Make a key useless."""
    _run(lambda connection: credentials.revoke_key(connection, key_id))
    console.print(f"Đã thu hồi khóa {key_id} · key revoked")
