"""A report in one language, from its content as JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from api.brief import texts as words
from api.brief.numbers import Writer
from api.brief.writing import heading_of
from api.present import Presenter
from api.reports import texts
from api.reports.page import Grid, Paper, Value
from layers.layer import Text
from layers.province import Letterhead, Province
from layers.reports.desk import Sent
from layers.reports.reading import ENTERED, MISSING, Content
from layers.reports.record import Period, Report, span
from layers.roles import DISTRICT

_KIND_OF_DISTRICT = re.compile(r"^(Huyện|Quận|Thị xã|Thành phố)\s+")


def write_paper(
    province: Province,
    report: Report,
    content: Content,
    period: Period,
    sent: Sent | None,
    language: str,
) -> Paper:
    """A report in a language.

    Args:
        content: as it is now, or as it was when `sent`.
    """
    writer = Writer(Presenter(language, province.time_zone, {}), 0)
    made = datetime.fromisoformat(content["made_at"])
    head = _letterhead(province, report, content)
    return Paper(
        language=language,
        heading=heading_of(
            head,
            writer,
            made.astimezone(province.time_zone).date(),
            words.KIND,
            _subject(writer, report, content, period),
        ),
        marked=writer.say(words.SYNTHETIC) if content["synthetic"] else "",
        facts=_facts(writer, period, made, sent),
        grids=tuple(_grid(province, writer, one) for one in content["tables"]),
        appendix=tuple(_grid(province, writer, content[name]) for name in (ENTERED, MISSING)),
        words={
            "number": writer.say(texts.NUMBER_OF_ROW),
            "total": writer.say(texts.TOTAL),
            "nothing": writer.say(texts.NOTHING),
            "appendix": writer.say(texts.APPENDIX),
            "sign_here": writer.say(texts.SIGN_HERE),
            "prepared": writer.say(texts.PREPARED),
            "page_of": writer.say(texts.PAGE_OF),
        },
        recipients_title=writer.say(words.RECIPIENTS),
        recipients=tuple(writer.say(one) for one in head.recipients),
        signer=tuple(writer.say(one) for one in head.signer),
        made=made,
    )


def name_of(writer: Writer, report: Report, period: Period) -> str:
    """A period as people call it."""
    every = report.every if span(report.every, period.first) == _days(period) else "days"
    if every == "days" and period.first == period.last:
        every = "day"
    return writer.say(
        texts.PERIOD[every],
        first=writer.day(period.first),
        last=writer.day(period.last),
        month=period.first.month,
        name=words.MONTHS[period.first.month - 1],
        year=period.first.year,
    )


def _days(period: Period) -> tuple[date, date]:
    return period.first, period.last


def _subject(writer: Writer, report: Report, content: Content, period: Period) -> str:
    text = texts.OF_DISTRICT if content["district"] else texts.SUBJECT
    return writer.say(
        text,
        title=writer.title(content["title"]),
        district=writer.title(content["unit"]),
        period=name_of(writer, report, period),
    )


def _facts(writer: Writer, period: Period, made: datetime, sent: Sent | None) -> tuple[str, ...]:
    facts = [writer.say(texts.AS_OF, at=writer.at(made))]
    if sent is None:
        facts.append(writer.say(texts.LIVE, due=writer.at(period.due)))
        return tuple(facts)
    late = writer.say(texts.LATE) if sent.is_late else ""
    facts.append(
        writer.say(
            texts.SENT,
            version=sent.version,
            at=writer.at(sent.sent_at),
            by=sent.sent_by,
            late=late,
        )
    )
    if sent.note:
        facts.append(writer.say(texts.NOTE, note=sent.note))
    return tuple(facts)


def _letterhead(province: Province, report: Report, content: Content) -> Letterhead:
    """Who issues the report: the district, the department, or the province for all districts."""
    head = province.letterhead
    recipients = tuple(one for one in (head.parent, head.issuer) if one is not None)
    recipients = (*recipients, texts.ARCHIVE)
    if report.sender == DISTRICT:
        if content["district"] is None:
            return head
        name = content["unit"]["vi"]
        issuer = texts.DISTRICT_ISSUER
        place = _KIND_OF_DISTRICT.sub("", name)
        return replace(
            head,
            issuer=Text(issuer.vi.format(name=name), issuer.en.format(name=name)),
            place=Text(place, place),
            symbol=texts.DISTRICT_SYMBOL,
            recipients=recipients,
            signer=texts.DISTRICT_SIGNER,
        )
    department = province.department(report.sender)
    if department is None:
        return head
    return replace(
        head,
        issuer=department.title,
        symbol=department.symbol or texts.SYMBOL,
        recipients=recipients,
        signer=texts.SIGNER,
    )


def _grid(province: Province, writer: Writer, table: dict[str, Any]) -> Grid:
    columns = table["columns"]
    rows = tuple(
        tuple(
            _value(province, writer, column, value)
            for column, value in zip(columns, row, strict=True)
        )
        for row in table["rows"]
    )
    kinds = tuple(column["kind"] for column in columns)
    totals = tuple(table["totals"]) if table["totals"] else None
    return Grid(
        name=table["id"],
        title=writer.title(table["title"]),
        heads=tuple(writer.title(column["title"]) for column in columns),
        kinds=kinds,
        rows=rows,
        said=tuple(_said(writer, kinds, row) for row in rows),
        totals=totals,
        said_totals=None if totals is None else _said(writer, kinds, totals),
        note=writer.say(texts.CUT, n=writer.count(len(rows))) if table["is_cut"] else "",
    )


def _value(province: Province, writer: Writer, column: dict[str, Any], value: Any) -> Value:
    if value is None:
        return None
    if isinstance(value, dict):
        return writer.title(value)
    codes = column.get("codes")
    if codes and value in codes:
        return writer.title(codes[value])
    if column["kind"] == "instant":
        at = datetime.fromisoformat(value).astimezone(province.time_zone)
        return at.replace(tzinfo=None, second=0, microsecond=0)
    if column["kind"] == "day":
        return date.fromisoformat(value)
    told: Value = value
    return told


def _said(writer: Writer, kinds: Sequence[str], row: Sequence[Value]) -> tuple[str, ...]:
    return tuple(_letters(writer, kind, value) for kind, value in zip(kinds, row, strict=True))


def _letters(writer: Writer, kind: str, value: Value) -> str:
    """A cell in letters."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%H:%M}, {writer.day(value.date())}"
    if isinstance(value, date):
        return writer.day(value)
    if isinstance(value, int | float):
        return writer.number(value, "%" if kind == "percent" else "")
    return value
