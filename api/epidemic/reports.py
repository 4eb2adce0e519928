"""`/api/epidemic/reports`: cases of communes by day, as a form on the page and as a sheet."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import orjson
from pydantic import BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from api.callers import caller_of
from api.epidemic.figures import day, outbreaks
from api.negotiation import JSON, Media
from api.ogc import formats, parameters
from api.ogc.bodies import read_body
from api.ogc.operations import Parameter, read
from api.problems import Problem
from api.registers.desk import PRIVATE, staff
from api.services import services
from api.sos.given import Given, broken
from api.sos.given import read as read_given
from layers.exporting import Export
from layers.layer import Text
from layers.outbreaks.registers import COUNTS, MOST_CASES
from layers.registers.places import communes
from layers.writing.plan import Plan
from spatial.errors import BadInput

MOST_ROWS, MOST_REASON = 500, 500
FORM_DAYS = 14
_PLAIN_CSV = Media("csv", "text/csv", "CSV")
_MEASURES = [one.name for one in COUNTS]
Count = Annotated[int, Field(ge=0, le=MOST_CASES)]
_RULES = {
    "unknown": Text("không có xã, phường này", "there is no such commune"),
    "theirs": Text("xã, phường ngoài phần việc của bạn", "a commune outside of your part"),
    "future": Text("ngày chưa đến", "the day has not come yet"),
    "number": Text("phải là số từ 0 đến 100.000", "must be a number from 0 to 100,000"),
    "twice": Text("xã, phường có hai dòng cùng ngày", "the commune has two rows of this day"),
    "reason": Text(
        "khác số đã báo cáo: sửa phải ghi lý do",
        "differs from what was reported: a correction takes a reason",
    ),
}


_NO_DAY = Text("Phải là ngày, ví dụ 2021-08-15.", "Must be a day, e.g. 2021-08-15.")


def _as_day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise broken(_NO_DAY) from None


class Row(Given):
    """What a commune reports of a day; a number that is left out stays as it is."""

    commune: Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[\w-]+$")]
    community: Count | None = None
    isolated: Count | None = None
    deaths: Count | None = None


class Reports(Given):
    """What communes report of one day; `reason` for numbers that differ from those before."""

    day: Annotated[date, BeforeValidator(_as_day)]
    rows: Annotated[list[Row], Field(min_length=1, max_length=MOST_ROWS)]
    reason: Annotated[str | None, Field(max_length=MOST_REASON)] = None


def _reason(text: str) -> str:
    if len(text) > MOST_REASON:
        raise BadInput(f"has more than {MOST_REASON} characters", f"dài hơn {MOST_REASON} ký tự")
    return text


_DAY = parameters.indexed(
    Parameter("day", "The day; today if not given.", {"type": "string", "format": "date"}, day)
)
_DRY = Parameter(
    "dry_run",
    "`true`: check everything and write nothing.",
    {"type": "boolean"},
    parameters.one_of(["true", "false"]),
)
_MEASURE = Parameter(
    "measure",
    "What the numbers are.",
    {"type": "string", "enum": _MEASURES},
    parameters.one_of(_MEASURES),
)
_TAKEN = parameters.indexed(_DRY)
_IMPORT = parameters.indexed(
    _DRY,
    _MEASURE,
    Parameter("reason", "Why numbers differ.", {"type": "string"}, parameters.no_nul(_reason)),
)
_FORM = parameters.indexed(
    Parameter("last", "The last day.", {"type": "string", "format": "date"}, day),
    Parameter(
        "days",
        "How many days.",
        {"type": "integer"},
        lambda text: parameters.whole(text, 1, 31),
    ),
)


def _today(request: Request) -> date:
    return datetime.now(services(request).province.time_zone).date()


async def reports(request: Request) -> Response:
    """`GET /api/epidemic/reports`: the caller's communes, and what they reported of a day.

    Raises:
        Problem: 400, 401, 403.
    """
    staff(request)
    on = read(request, _DAY).get("day") or _today(request)
    return _told({"day": on, "communes": await outbreaks(request).reports(on)})


async def report(request: Request) -> Response:
    """`POST /api/epidemic/reports`: what communes report of a day; all of it or nothing.

    Raises:
        Problem: 401, 403; 422, a row breaks a rule, told by its number from 1.
    """
    staff(request)
    is_dry = read(request, _TAKEN).get("dry_run") == "true"
    given = await read_given(request, Reports)
    rows = [
        {"line": number, "day": given.day.isoformat(), **row.model_dump(exclude_none=True)}
        for number, row in enumerate(given.rows, 1)
    ]
    outcome = await outbreaks(request).report(rows, given.reason, dry_run=is_dry)
    return _outcome(outcome, {}, is_dry)


async def take(request: Request) -> Response:
    """`POST /api/epidemic/reports/import`: a form of communes by days; all of it or nothing.

    Raises:
        Problem: 400, it is no such form; 401, 403; 422, with the problems by row and column.
    """
    staff(request)
    given = read(request, _IMPORT)
    is_dry = given.get("dry_run") == "true"
    essence, body = await read_body(request, (formats.XLSX, _PLAIN_CSV))
    # It needs the libraries of imports, which most workers never load.
    from layers.importing.problems import ImportFailed
    from layers.outbreaks.form import read_form

    served = services(request)
    async with served.database.acting(caller_of(request), read_only=True) as connection:
        known = await communes(connection)
    with tempfile.TemporaryDirectory(prefix="dieuhanh-import-") as folder:
        path = Path(folder) / f"form{'.csv' if essence == _PLAIN_CSV.type else '.xlsx'}"
        path.write_bytes(body)
        measure, most = given.get("measure", _MEASURES[0]), served.settings.register_rows
        try:
            form = await asyncio.to_thread(read_form, path, measure, known, _today(request), most)
        except ImportFailed as error:
            raise Problem(400, f"{error.vi} / {error.en}") from error
    checked_only = is_dry or form.bad > 0
    outcome = await outbreaks(request).report(form.rows, given.get("reason"), dry_run=checked_only)
    heads = {one.isoformat(): name for one, name in form.heads.items()}
    outcome["bad"] += form.bad
    return _outcome(outcome, heads, is_dry, [_problem(one) for one in form.problems])


def _problem(one: Any) -> dict[str, Any]:
    rule = {"vi": one.reason.vi, "en": one.reason.en}
    return {"line": one.line, "column": one.column, "value": one.value, "rule": rule}


def _outcome(
    outcome: dict[str, Any],
    heads: dict[str, str],
    is_dry: bool,
    before: list[dict[str, Any]] | None = None,
) -> Response:
    """What came of reports, with the rules of the database in words.

    Raises:
        Problem: 422, something is wrong and it was not only to be checked.
    """
    outcome["problems"] = [
        *(before or []),
        *(
            {
                "line": one["line"],
                "column": heads.get(one["day"]),
                "value": one["commune"],
                "rule": {"vi": _RULES[one["rule"]].vi, "en": _RULES[one["rule"]].en},
            }
            for one in outcome["problems"]
        ),
    ]
    if outcome["bad"] and not is_dry:
        raise Problem(
            422,
            f"{outcome['bad']} chỗ có lỗi, không ghi số nào."
            f" / {outcome['bad']} faults; nothing was written.",
            **outcome,
        )
    return _told(outcome)


async def form(request: Request) -> Response:
    """`GET /api/epidemic/reports/form.xlsx`: the form to fill in for the caller's communes."""
    caller = staff(request)
    given = read(request, _FORM)
    last = given.get("last") or _today(request)
    days = given.get("days", FORM_DAYS)
    heads = [f"{last - timedelta(days=back):%d/%m/%Y}" for back in reversed(range(days))]
    served = services(request)
    empty = ", NULL::integer" * days
    rows = (
        f"SELECT c->>'commune', c->>'name'{empty}"
        " FROM jsonb_array_elements(dieuhanh.case_reports_of(CURRENT_DATE)) AS c"
    )

    def made(path: Path) -> Export:
        plan = Plan(
            database_url=served.database.url,
            role=caller.role.database_role,
            account=caller.account,
            count=("SELECT 0", []),
            rows=(rows, []),
            path=path,
            layer="case_reports",
            geometry_type="",
            crs=0,
            named_crs=False,
            heads=("Mã xã", "Xã, phường", *heads),
            notes=(
                ("Biểu", "Mỗi dòng một xã, phường; mỗi cột một ngày; ô trống là chưa báo cáo."),
            ),
        )
        return Export.planned(plan)

    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="case_reports.xlsx"'}
    return await formats.sent("case_reports.xlsx", made, formats.XLSX, headers)


def _told(body: Any) -> Response:
    return Response(orjson.dumps(body), headers=PRIVATE, media_type=JSON.type)
