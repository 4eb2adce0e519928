"""`/api/registers/{register}.xlsx`, `…/template.xlsx`, `…/import`: registers as sheets."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import CSV, Media
from api.ogc import formats, parameters
from api.ogc.bodies import read_body
from api.ogc.operations import Parameter, read
from api.problems import Problem
from api.registers import asking
from api.registers.desk import PRIVATE, changed, keeper, staff, told
from api.services import services
from layers.exporting import Export
from layers.registers.files import export_plan, template_plan

_PLAIN_CSV = Media("csv", "text/csv", "CSV")
DRY = parameters.indexed(
    Parameter(
        "dry_run",
        "`true`: check everything and write nothing.",
        {"type": "boolean"},
        parameters.one_of(["true", "false"]),
    )
)


async def export(request: Request) -> Response:
    """`GET /api/registers/{register}.xlsx` or `.csv`: all rows that are asked for."""
    _, register = await keeper(request)
    caller, served = staff(request), services(request)
    listing = asking.listing(register, read(request, asking.filters(register)))
    media = CSV if request.url.path.endswith(".csv") else formats.XLSX
    name = f"{register.id}.{media.f}"

    def made(path: Path) -> Export:
        url = served.database.url
        return Export.planned(export_plan(url, served.province, caller, listing, path))

    return await formats.sent(name, made, media, _headers(name))


async def template(request: Request) -> Response:
    """`GET /api/registers/{register}/template.xlsx`: the form to fill in."""
    _, register = await keeper(request)
    read(request, {})
    if register.adding is None:
        raise Problem(404, "Sổ này không nhập bằng tệp. / This register takes no files.")
    served = services(request)

    def made(path: Path) -> Export:
        return Export.planned(template_plan(served.database.url, served.province, register, path))

    name = f"{register.id}-template.xlsx"
    return await formats.sent(name, made, formats.XLSX, _headers(name))


def _headers(name: str) -> dict[str, str]:
    return {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}


async def take(request: Request) -> Response:
    """`POST /api/registers/{register}/import`: the rows of a sheet, all of them or none.

    Raises:
        Problem: 422, rows have problems; each is told by its line and column.
    """
    at_register, register = await keeper(request)
    is_dry = read(request, DRY).get("dry_run") == "true"
    essence, body = await read_body(request, (formats.XLSX, _PLAIN_CSV))
    # It needs the libraries of imports, which most workers never load.
    from layers.importing.problems import ImportFailed
    from layers.registers.sheets import take_sheet

    served = services(request)
    with tempfile.TemporaryDirectory(prefix="dieuhanh-import-") as folder:
        ending = ".csv" if essence == _PLAIN_CSV.type else ".xlsx"
        path = Path(folder) / f"{register.id}{ending}"
        path.write_bytes(body)
        try:
            work = take_sheet(
                at_register,
                register,
                served.province,
                path,
                most=served.settings.register_rows,
                dry_run=is_dry,
            )
            taken = await changed(request, register, work)
        except ImportFailed as error:
            raise Problem(400, f"{error.vi} / {error.en}") from error
    return told(outcome_of(taken, is_dry=is_dry))


def outcome_of(taken: Any, *, is_dry: bool) -> dict[str, Any]:
    """What came of a sheet, as it is answered.

    Args:
        taken: with `read`, `bad`, `written`, `ignored` and `problems`.

    Raises:
        Problem: 422, rows have problems, and it was no trial.
    """
    outcome: dict[str, Any] = {
        "read": taken.read,
        "bad": taken.bad,
        "written": taken.written,
        "ignored": list(taken.ignored),
        "problems": [
            {
                "line": one.line,
                "column": one.column,
                "value": one.value,
                "rule": {"vi": one.reason.vi, "en": one.reason.en},
            }
            for one in taken.problems
        ],
    }
    if taken.bad and not is_dry:
        raise Problem(
            422,
            f"{taken.bad} / {taken.read} dòng có lỗi, không ghi dòng nào."
            f" / {taken.bad} of {taken.read} rows have problems; none was written.",
            **outcome,
        )
    return outcome
