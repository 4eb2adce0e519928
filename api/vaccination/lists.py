"""Lists as sheets: an organisation's people from anybody, the points from the health department."""

from __future__ import annotations

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import asyncpg
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import client_address
from api.keyed import hashed, load_key
from api.negotiation import Media
from api.ogc import formats
from api.ogc.bodies import read_body
from api.ogc.operations import read as read_query
from api.problems import Problem
from api.registers.files import DRY, outcome_of
from api.registers.numbers import KeyedNumbers
from api.services import Services, services
from api.sos.given import faults_of
from api.vaccination import given
from api.vaccination.desk import staff
from api.vaccination.public import POST, answer, fault_of, limited, statement
from layers.database import RuleRefused
from layers.exporting import Export, notes
from layers.layer import Text
from layers.refusals import Invalid
from layers.registers.catalogue import registers_of
from layers.registers.files import template_plan
from layers.registers.keeping import Keeper
from layers.registers.record import FACTS, Register
from layers.roles import ANYONE, Role
from layers.vaccination import VACCINATION_POINTS
from layers.validation import Draft, Fault
from layers.writing.plan import Plan

_PLAIN_CSV = Media("csv", "text/csv", "CSV")
_FORM = ("code", "name", "kind", "address", "tables", "teams")
_PLACED = ("Xã, phường", "Kinh độ", "Vĩ độ")
"""What the form of points has beside the layer's own columns: a commune, or a place."""

LIST_BYTES = 32 * 2**20
"""Bytes of an organisation's list, unpacked."""
_ONE_LIST = asyncio.Semaphore(1)
_COLUMNS = {kept: name for name, kept in FACTS.items()}
"""The register's column of each fact of a person."""


class _Sender(Keeper):
    """Takes the rows of an organisation's list as the server itself; it reads nothing."""

    def __init__(self, served: Services, register: Register, key: bytes, sender: bytes) -> None:
        super().__init__(served.database, register, ANYONE, KeyedNumbers(key))
        self._served, self._key, self._sender = served, key, sender

    @asynccontextmanager
    async def acting(self, *, read_only: bool = False) -> AsyncIterator[Any]:
        """A transaction as the server itself."""
        async with self._served.database.serving() as connection:
            yield connection

    async def insert_many(self, connection: Any, drafts: Sequence[Draft]) -> None:
        """As `insert`, several."""
        for draft in drafts:
            await self.insert(connection, draft)

    async def require_few(self) -> None:
        """Count a list for the limits of its sender.

        Raises:
            Problem: 429, there are too many from there.
        """
        limits = self._served.settings.declaration_limits
        row = await self._served.database.call(
            "SELECT private.sos_count($1, $2)", self._sender, limits.minutes
        )
        if row[0] > limits.per_address:
            raise limited(self._served)

    async def insert(self, connection: Any, draft: Draft) -> UUID:
        """Register one of the list; who is registered already stays as they are.

        Raises:
            Invalid: something is wrong with the row.
        """
        facts = {FACTS.get(name, name): value for name, value in draft.values.items()}
        whole = {**facts, "consent": True}
        try:
            read = given.Member.model_validate({**whole, "id": str(uuid5(NAMESPACE_OID, ""))})
        except ValidationError as error:
            raise Invalid(
                Fault(_COLUMNS.get(one["field"], one["field"]), None, Text(one["vi"], one["en"]))
                for one in faults_of(error)
            ) from None
        # The same row is the same registration, however often the list is sent.
        one = read.model_copy(update={"id": uuid5(NAMESPACE_OID, read.content().hex())})
        values = statement(one, self._key, self._served, sender=self._sender)
        row = await connection.fetchrow(POST, *values)
        fault = fault_of(row["outcome"])
        if fault is not None:
            column, why = fault
            raise Invalid([Fault(_COLUMNS.get(column, column), None, why)])
        return one.id


def _registrations(served: Services) -> Register:
    return registers_of(served.province)["vaccination_registrations"]


async def list_form(request: Request) -> Response:
    """`GET /api/vaccination/list.xlsx`: the form that an organisation fills in."""
    read_query(request, {})
    served = services(request)

    def made(path: Path) -> Export:
        register = _registrations(served)
        return Export.planned(template_plan(served.database.url, served.province, register, path))

    return await formats.sent("dang-ky-tiem.xlsx", made, formats.XLSX, _attached("dang-ky-tiem"))


async def take_list(request: Request) -> Response:
    """`POST /api/vaccination/list`: an organisation's people, all of them or none and why."""
    is_dry = read_query(request, DRY).get("dry_run") == "true"
    served = services(request)
    key = await load_key(served.database)
    address = client_address(request.scope, served.settings.trusted_proxies)
    register = _registrations(served)
    sender = _Sender(served, register, key, hashed(key, "vaccinate", address))
    from layers.registers.sheets import take_sheet

    async def work(path: Path) -> Any:
        _require_small(path)
        return await take_sheet(
            sender,
            register,
            served.province,
            path,
            most=served.settings.register_rows,
            dry_run=is_dry,
        )

    await sender.require_few()
    # Anybody may send one, and it keeps a connection busy for seconds: one at a time in a worker.
    if _ONE_LIST.locked():
        raise limited(served)
    async with _ONE_LIST:
        return answer(outcome_of(await _taken(request, work), is_dry=is_dry))


def _require_small(path: Path) -> None:
    """Refuse what would take much memory to read.

    Raises:
        Problem: 413.
    """
    size = path.stat().st_size
    if path.suffix == ".xlsx" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            size = sum(part.file_size for part in book.infolist())
    if size > LIST_BYTES:
        raise Problem(
            413,
            f"Danh sách lớn hơn {LIST_BYTES // 2**20} MB; hãy gửi thành nhiều phần."
            f" / The list is larger than {LIST_BYTES // 2**20} MB; send it in parts.",
        )


async def points_form(request: Request) -> Response:
    """`GET /api/vaccination/points.xlsx`: the form of the list of points."""
    staff(request)
    read_query(request, {})
    served = services(request)
    columns = tuple(VACCINATION_POINTS.column(name) for name in _FORM)

    def made(path: Path) -> Export:
        plan = Plan(
            database_url=served.database.url,
            role=Role.PUBLIC.database_role,
            count=("SELECT 0", []),
            rows=("SELECT WHERE false", []),
            path=path,
            layer=VACCINATION_POINTS.id,
            geometry_type="",
            crs=0,
            named_crs=False,
            heads=(*(column.title.vi for column in columns), *_PLACED),
            notes=notes(columns),
            time_zone=served.province.time_zone,
        )
        return Export.planned(plan)

    return await formats.sent("diem-tiem.xlsx", made, formats.XLSX, _attached("diem-tiem"))


async def take_points(request: Request) -> Response:
    """`POST /api/vaccination/points`: the list of points, by code; all rows or none and why."""
    caller = staff(request)
    is_dry = read_query(request, DRY).get("dry_run") == "true"
    served = services(request)
    try:
        async with served.database.acting(caller, read_only=True) as connection:
            # Who keeps every session of the province keeps the list of its points.
            is_all = await connection.fetchval(
                "SELECT '*' = ANY (dieuhanh.reach('vaccination_sessions'))"
            )
    except asyncpg.InsufficientPrivilegeError:
        is_all = False
    if not is_all or caller.read_only:
        raise RuleRefused(
            "forbidden",
            "Danh sách điểm tiêm do Sở Y tế nhập."
            " / The health department brings the list of points.",
        )
    from layers.importing import import_file

    async def work(path: Path) -> Any:
        return await asyncio.to_thread(
            import_file,
            served.database.url,
            served.province,
            VACCINATION_POINTS,
            path,
            dry_run=is_dry,
            actor=caller.login,
        )

    return answer(outcome_of(await _taken(request, work), is_dry=is_dry))


async def _taken(request: Request, work: Any) -> Any:
    """What comes of the sheet in the body.

    Raises:
        Problem: 400, it cannot be read as a whole.
    """
    essence, body = await read_body(request, (formats.XLSX, _PLAIN_CSV))
    from layers.importing.problems import ImportFailed

    with tempfile.TemporaryDirectory(prefix="dieuhanh-import-") as folder:
        path = Path(folder) / ("list.csv" if essence == _PLAIN_CSV.type else "list.xlsx")
        path.write_bytes(body)
        try:
            return await work(path)
        except ImportFailed as error:
            raise Problem(400, f"{error.vi} / {error.en}") from error


def _attached(name: str) -> dict[str, str]:
    return {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}.xlsx"',
    }
