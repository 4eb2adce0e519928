"""The page from the day's figures: the same numbers as `/api/figures` and `/api/figures/areas`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from api.brief import texts
from api.brief.numbers import Figure, Writer
from api.brief.page import Area, Block, Heading, Map, Page, Row, Top, Trend
from api.outlines import Outlines
from api.present import Presenter
from layers.layer import Layer, Text
from layers.province import Letterhead, Province

Answer = Mapping[str, Any]
"""What `/api/figures` or `/api/figures/areas` answers."""

DAYS = 30
"""Days of the trend."""
HEADLINES = (
    "sos_open",
    "people_waiting",
    "sos_opened_today",
    "sos_resolved_today",
    "quarantine_occupancy",
    "doses_today",
)
"""Figures of the opening sentence, in order; those that are not served are left out."""
PASSED_OVER = frozenset(
    f"trace_{what}_week" for what in ("closed", "province", "district", "second", "devices")
)
"""Figures that the dashboard alone has, so that the letters of the sheet stay large enough."""
MAPPED = ("sos_open", "people_waiting")
"""Figures of the list of areas; the first is the map's, and sorts the list."""
LISTED = 5

SHADES = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
"""YlGnBu of ColorBrewer in five classes, as the dashboard's map has it."""
ZERO = "#ffffff"
HIDDEN = "#b9bec2"


def write_page(
    province: Province,
    layers: Iterable[Layer],
    day: Answer,
    areas: Answer,
    outlines: Outlines,
    language: str,
) -> Page:
    """The page in a language.

    Args:
        layers: that the figures are made from.
        day, areas: what `/api/figures` and `/api/figures/areas` answer, of one moment.
        outlines: of the same units as `areas`.
    """
    writer = Writer(Presenter(language, province.time_zone, {}), day["fewest"])
    made = datetime.fromisoformat(day["asOf"])
    top = _listed(areas)
    known = {figure["id"]: figure for figure in day["figures"]}
    headlines = [writer.in_words(known[name]) for name in HEADLINES if name in known]
    marks = _marks(day["figures"])
    return Page(
        language=language,
        heading=heading_of(
            province.letterhead,
            writer,
            made.astimezone(province.time_zone).date(),
            texts.KIND,
            writer.say(
                texts.SUBJECT, subject=writer.say(province.letterhead.subject), at=writer.at(made)
            ),
        ),
        marked=writer.say(texts.SYNTHETIC) if day["synthetic"] else "",
        summary=writer.say(
            texts.SUMMARY,
            at=writer.at(made),
            province=writer.province(province.full_name),
            figures="; ".join(headlines),
        ),
        sections=(writer.say(texts.TODAY), writer.say(texts.BY_AREA)),
        columns=_columns(writer, day, marks),
        heads=(writer.say(texts.FIGURE), writer.say(texts.VALUE), writer.say(texts.CHANGE)),
        map=_map(writer, areas, outlines, [area["code"] for area in top]),
        top=_top(writer, areas, top),
        trend=_trend(writer, day["series"]),
        unknown=writer.say(texts.UNKNOWN),
        notes=_notes(province, layers, writer, day, marks),
        recipients_title=writer.say(texts.RECIPIENTS),
        recipients=tuple(writer.say(one) for one in province.letterhead.recipients),
        signer=tuple(writer.say(one) for one in province.letterhead.signer),
        made=made,
    )


def heading_of(head: Letterhead, writer: Writer, day: date, kind: Text, subject: str) -> Heading:
    """The head of a document of a kind, issued on a day."""
    # The decree: days under 10 and the months 1 and 2 are written with a 0.
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return Heading(
        parent="" if head.parent is None else writer.say(head.parent),
        issuer=writer.say(head.issuer),
        number=writer.say(texts.NUMBER, symbol=head.symbol) if head.symbol else "",
        motto=(writer.say(texts.COUNTRY), writer.say(texts.MOTTO)),
        place_and_date=writer.say(
            texts.PLACE_AND_DATE,
            place=writer.say(head.place),
            day=day.day,
            month=month,
            name=texts.MONTHS[day.month - 1],
            year=day.year,
        ),
        kind=writer.say(kind),
        subject=subject,
    )


def _marks(figures: Iterable[Figure]) -> dict[str, str]:
    """A letter for each thing that figures are compared with, by its Vietnamese text."""
    told = dict.fromkeys(one["compared"]["vi"] for one in figures if one["compared"])
    return {text: "abcdefgh"[n % 8] for n, text in enumerate(told)}


def _columns(
    writer: Writer, day: Answer, marks: Mapping[str, str]
) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The themes in two columns; breakdowns fill up the one that is shorter."""
    columns: tuple[list[Block], list[Block]] = ([], [])

    def height(column: list[Block]) -> int:
        return sum(len(block.rows) + 1 for block in column)

    for theme in day["themes"]:
        rows = [
            _row(writer, figure, marks)
            for figure in day["figures"]
            if figure["theme"] == theme["id"] and figure["id"] not in PASSED_OVER
        ]
        min(columns, key=height).append(Block(writer.title(theme["title"]), tuple(rows)))
    for one in day["breakdowns"]:
        rows = [
            Row(writer.title(item["title"]), writer.count(item["value"])) for item in one["items"]
        ]
        shorter, longer = sorted(columns, key=height)
        if height(shorter) + len(rows) + 1 <= height(longer):
            shorter.append(Block(writer.title(one["title"]), tuple(rows)))
    return tuple(columns[0]), tuple(columns[1])


def _row(writer: Writer, figure: Figure, marks: Mapping[str, str]) -> Row:
    change = writer.change(figure)
    if change:
        change += f" ({marks[figure['compared']['vi']]})"
    return Row(writer.title(figure["title"]), writer.value(figure), change)


def _measure(areas: Answer) -> Mapping[str, Any] | None:
    """The measure of the map: the first of those wanted that is served, else any."""
    measures = {one["id"]: one for one in areas["measures"]}
    wanted = next((name for name in MAPPED if name in measures), None)
    return measures[wanted] if wanted else next(iter(measures.values()), None)


def _listed(areas: Answer) -> list[Mapping[str, Any]]:
    """The areas that have most of the map's figure, those with none left out."""
    measure = _measure(areas)
    if measure is None:
        return []
    having = [area for area in areas["areas"] if area["values"][measure["id"]]]
    having.sort(key=lambda area: -area["values"][measure["id"]])
    return having[:LISTED]


def _top(writer: Writer, areas: Answer, top: Sequence[Mapping[str, Any]]) -> Top | None:
    measures = {one["id"]: one for one in areas["measures"]}
    names = [name for name in MAPPED if name in measures]
    if not top or not names:
        return None

    def told(area: Mapping[str, Any], name: str) -> str:
        value = area["values"][name]
        return writer.fewer() if value is None else writer.count(value)

    return Top(
        title=writer.say(texts.TOP),
        heads=(
            writer.say(texts.AREA),
            *(writer.title(measures[name]["title"]) for name in names),
        ),
        rows=tuple((area["name"], *(told(area, name) for name in names)) for area in top),
    )


def _map(writer: Writer, areas: Answer, outlines: Outlines, ranked: Sequence[str]) -> Map | None:
    measure = _measure(areas)
    if measure is None or not outlines:
        return None
    limits: Sequence[float] = measure["classes"]["values"]
    values = {area["code"]: area["values"][measure["id"]] for area in areas["areas"]}
    first = outlines[0]
    return Map(
        title=writer.say(texts.MAP, title=writer.title(measure["title"])),
        areas=tuple(
            Area(
                path=one["path"],
                colour=colour_of(values.get(one["code"]), limits),
                rank=ranked.index(one["code"]) + 1 if one["code"] in ranked else 0,
                place=(one["x"], -one["y"]),
            )
            for one in outlines
        ),
        bounds=(first["west"], -first["north"], first["east"], -first["south"]),
        legend=_legend(writer, limits, list(values.values())),
    )


def _legend(
    writer: Writer, limits: Sequence[float], values: Sequence[float | None]
) -> tuple[tuple[str, str], ...]:
    lines = [(ZERO, writer.say(texts.NONE))] if 0 in values else []
    whole = all(float(limit).is_integer() for limit in limits)
    for at, (low, high) in enumerate(pairwise(limits)):
        last = high if at == len(limits) - 2 else max(low, high - 1) if whole else high
        told = writer.count(low)
        if last != low:
            told += f" – {writer.count(last)}"
        lines.append((shades(len(limits) - 1)[at], told))
    if None in values:
        lines.append((HIDDEN, writer.say(texts.HIDDEN)))
    return tuple(lines)


def shades(classes: int) -> list[str]:
    """The shades for a number of classes, from the lightest to the darkest."""
    if classes == 1:
        return [SHADES[2]]
    return [SHADES[round(n * (len(SHADES) - 1) / (classes - 1))] for n in range(classes)]


def colour_of(value: float | None, limits: Sequence[float]) -> str:
    """The colour of an area; `limits` has the lower limit of each class, then the largest value."""
    if value is None:
        return HIDDEN
    if value == 0 or len(limits) < 2:
        return ZERO
    below = [limit for limit in limits[:-1] if value >= limit]
    return shades(len(limits) - 1)[max(0, len(below) - 1)]


def _trend(writer: Writer, series: Sequence[Mapping[str, Any]]) -> Trend | None:
    if not series:
        return None
    first = series[0]
    days = first["days"]
    most = max(value for one in series for value in one["values"])
    return Trend(
        title=writer.say(texts.TREND, n=len(days)),
        days=tuple(writer.short_day(date.fromisoformat(day)) for day in (days[0], days[-1])),  # type: ignore[arg-type]
        lines=tuple((writer.title(one["title"]), tuple(one["values"])) for one in series),
        steps=tuple((step, writer.count(step)) for step in steps(most)),
    )


def steps(most: int, wanted: int = 4) -> list[int]:
    """Steps of an axis, from 0 up to the largest value or above: 1, 2 or 5 times 10ⁿ each."""
    step = next(
        factor * 10**power
        for power in range(12)
        for factor in (1, 2, 5)
        if factor * 10**power * wanted >= most
    )
    return list(range(0, max(most, 1) + step, step))


def _notes(
    province: Province,
    layers: Iterable[Layer],
    writer: Writer,
    day: Answer,
    marks: Mapping[str, str],
) -> tuple[str, ...]:
    compared = {one["compared"]["vi"]: one["compared"] for one in day["figures"] if one["compared"]}
    told = [
        writer.say(texts.PAST, mark=mark, what=writer.title(compared[text]))
        for text, mark in marks.items()
    ]
    told.append(writer.say(texts.NO_PAST))
    names = ", ".join(f"“{writer.say(layer.title)}”" for layer in layers)
    source = writer.say(
        texts.SOURCE,
        province=writer.province(province.full_name),
        layers=names,
        at=writer.at(datetime.fromisoformat(day["asOf"])),
    )
    notes = [writer.say(texts.COMPARED, all="; ".join(told)), source]
    if any(figure["suppressed"] for figure in day["figures"]):
        notes.append(writer.say(texts.FEWER_NOTE, n=day["fewest"]))
    if day["synthetic"]:
        notes.append(writer.say(texts.SYNTHETIC_NOTE))
    return tuple(notes)
