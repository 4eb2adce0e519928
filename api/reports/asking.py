"""Which report is asked for: of which period, of which district, as it is or as it was sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from starlette.requests import Request

from api.callers import caller_of
from api.identify import challenge
from api.negotiation import language
from api.ogc import datasets, parameters
from api.ogc.operations import Parameter, read
from api.problems import Problem
from api.reports.page import Paper
from api.reports.writing import write_paper
from api.services import Services, services
from layers.province import Province
from layers.reports.catalogue import REPORTS
from layers.reports.desk import Reports, Sent
from layers.reports.reading import Content
from layers.reports.record import Period, Report
from spatial.errors import BadInput

MOST_DAYS = 366
"""Days of a period that is asked for."""
_DAY = {"type": "string", "format": "date"}


def day(text: str) -> date:
    """A day.

    Raises:
        BadInput: it is none.
    """
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadInput("must be a day such as 2021-08-17", "phải là ngày như 2021-08-17")


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,5}", text, re.ASCII):
        raise BadInput("must be a whole number from 1", "phải là số nguyên từ 1")
    return int(text)


def _district(text: str) -> str:
    if not re.fullmatch(r"[\w-]{1,16}", text):
        raise BadInput("must be the code of a district", "phải là mã huyện")
    return text


DAY = Parameter("day", "A day of the period; today if not given.", _DAY, day)
_ASKED = (
    DAY,
    Parameter("from", "The first day, instead of the report's own period.", _DAY, day),
    Parameter("to", "The last day.", _DAY, day),
    Parameter("district", "The code of a district.", {"type": "string"}, _district),
    Parameter("version", "What was sent, as it was.", {"type": "integer"}, _number),
    Parameter("table", "CSV: the table; the first if not given.", {"type": "string"}, str),
    parameters.lang(),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A report that is asked for, by a caller who is signed in.

    Attributes:
        own: whether the period is the report's own, as it is sent.
        version: of what was sent; None: as it is now.
    """

    served: Services
    desk: Reports
    report: Report
    period: Period
    own: bool
    district: str | None
    version: int | None
    table: str | None
    language: str

    async def content(self) -> tuple[Content, Sent | None]:
        """What the report says, and when that was sent."""
        if self.version is None:
            return await self.desk.read(self.report, self.period, self.district), None
        content = await self.desk.version(self.report, self.period, self.district, self.version)
        versions = await self.desk.versions(self.report, self.period, self.district)
        return content, next(one for one in versions if one.version == self.version)

    async def paper(self) -> Paper:
        """The report in a language."""
        content, sent = await self.content()
        province = self.served.province
        return write_paper(province, self.report, content, self.period, sent, self.language)


def desk(request: Request) -> Reports:
    """The desk of a signed-in caller; what the caller may do there, PostgreSQL decides.

    Raises:
        Problem: 401, nobody is signed in.
    """
    caller = caller_of(request)
    if caller.account is None:
        raise challenge("Cần đăng nhập để xem báo cáo. / Sign in to see reports.", basic=False)
    served = services(request)
    return Reports(served.database, caller, served.settings.report_rows)


def today(province: Province) -> date:
    """Today in the province."""
    return datetime.now(province.time_zone).date()


def named(request: Request) -> Report:
    """The report of the address.

    Raises:
        Problem: 404, there is none.
    """
    report = REPORTS.get(request.path_params["report"])
    if report is None:
        raise Problem(404, "Không có báo cáo này. / There is no such report.")
    return report


async def asked(request: Request, extra: tuple[str, ...] = ()) -> Asked:
    """What a request asks for.

    Args:
        extra: names of parameters that mean something to the page alone.

    Raises:
        Problem: 400, 401 or 404.
    """
    at_desk, report = desk(request), named(request)
    known = [*_ASKED, *(Parameter(name, "", {"type": "string"}, str) for name in extra)]
    return await asked_of(request, at_desk, report, read(request, parameters.indexed(*known)))


async def asked_of(
    request: Request, at_desk: Reports, report: Report, values: dict[str, Any] | Any
) -> Asked:
    """What values, that were read, ask for.

    Raises:
        Problem: 400, the period is none, or there is no such district.
    """
    served = services(request)
    zone = served.province.time_zone
    own = "from" not in values and "to" not in values
    if own:
        period = report.period(values.get("day") or today(served.province), zone)
    else:
        last = values.get("to") or today(served.province)
        first = values.get("from") or last
        if not 0 <= (last - first).days < MOST_DAYS:
            raise Problem(400, f"from, to: must be 1 to {MOST_DAYS} days, in this order.")
        period = Period(first, last, zone, report.due)
        own = report.period(first, zone) == period
    district = values.get("district")
    if district is not None:
        unit = (await datasets.units(served)).get(district)
        if unit is None or unit.level != "district":
            raise Problem(400, f"district: {district!r} is no code of a district.")
    return Asked(
        served,
        at_desk,
        report,
        period,
        own,
        district,
        values.get("version"),
        values.get("table"),
        language(request),
    )
