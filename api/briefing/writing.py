"""The briefing from a result: what it says, before it is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
import shapely

from api.briefing import texts
from api.briefing.findings import Finding, Found
from api.briefing.kinds import KINDS, NO_PATTERN, NOT_SIGNIFICANT, Class, written
from api.briefing.page import Bar, Briefing, Chart, Group, Item, Map, Note, Place, Table
from api.briefing.sentences import told_of
from api.briefing.tested import notes_of
from api.briefing.writer import Writer
from api.present import Presenter
from layers.analysis.surroundings import Surroundings
from layers.layer import Text
from layers.places import UNITS
from layers.province import Province

if TYPE_CHECKING:
    from api.briefing.surfaces import Surface

LISTED = 15
"""Rows of the table, at most."""
STEPS = 60
"""Bars of a chart of time, at most: the last ones."""
TIME_COLOUR = "#2c7fb8"

_WORDS: Mapping[str, Text] = {
    "map": texts.MAP,
    "map_label": texts.MAP_LABEL,
    "legend": texts.LEGEND,
    "method": texts.METHOD,
    "provenance": texts.PROVENANCE,
    "zoom_in": texts.ZOOM_IN,
    "zoom_out": texts.ZOOM_OUT,
    "page": texts.PAGE,
    "nothing": texts.NOTHING,
}


def write_briefing(
    province: Province,
    finding: Finding,
    around: Surroundings,
    language: str,
    *,
    made: datetime,
    computed: datetime | None = None,
    drawn: int,
    surface: Surface | None = None,
) -> Briefing:
    """The briefing of a result in a language.

    Args:
        made: now.
        computed: when the result was; None: that is not known.
        drawn: features on the map, at most.
    """
    writer = Writer(Presenter(language, province.time_zone, {}))
    kind = KINDS[finding.process.id]
    classes = kind.classes(finding)
    found = sorted(finding.found, key=kind.notable, reverse=True)
    codes = [kind.class_of(one, classes) for one in found]
    counts = Counter(codes)
    columns = kind.columns(finding)
    titles = {one.code: writer.say(one.title) for one in classes}
    rows = [
        (
            one.name or writer.say(texts.OUTSIDE),
            *(written(writer, column.form, column.value(one)) for column in columns),
            *((titles.get(code, ""),) if classes else ()),
        )
        for one, code in zip(found, codes, strict=True)
    ]
    last = (texts.CLASS,) if classes else ()
    heads = (texts.NAME, *(column.title for column in columns), *last)
    return Briefing(
        language=language,
        issuer=writer.say(province.full_name),
        title=writer.say(finding.process.title),
        subject=_subject(writer, finding, around),
        marked=_marked(writer, finding, around),
        summary=told_of(writer, finding, found, counts, around.titles, around.columns),
        map=_map(writer, around, classes, found, codes, rows, drawn)
        if surface is None
        else _surface_map(writer, around, surface),
        heads=tuple(writer.say(head) for head in heads),
        table=_table(writer, heads, [column.form for column in columns], rows),
        charts=_charts(writer, finding, classes, counts),
        method=_method(writer, finding, counts),
        facts=_facts(writer, province, finding, around, computed),
        footer=writer.say(
            texts.FOOTER, province=writer.say(province.full_name), at=writer.instant(made)
        ),
        made=made,
        words={name: text.in_language(language) for name, text in _WORDS.items()},
    )


def _subject(writer: Writer, finding: Finding, around: Surroundings) -> str:
    inputs = finding.inputs
    narrowed = ""
    if inputs.get("filter"):
        narrowed += writer.say(texts.FILTERED, filter=inputs["filter"])
    if inputs.get("datetime"):
        narrowed += writer.say(texts.DURING, datetime=inputs["datetime"])
    return writer.say(texts.SUBJECT, layer=_title(writer, finding.layer, around), narrowed=narrowed)


def _title(writer: Writer, layer: str, around: Surroundings) -> str:
    title = around.titles.get(layer)
    return layer if title is None else writer.say(title)


def _marked(writer: Writer, finding: Finding, around: Surroundings) -> str:
    marks = []
    if around.synthetic:
        marks.append(writer.say(texts.SYNTHETIC))
    if finding.provenance.get("audience") != "public":
        marks.append(writer.say(texts.INTERNAL))
    return " · ".join(marks)


def _map(
    writer: Writer,
    around: Surroundings,
    classes: Sequence[Class],
    found: Sequence[Found],
    codes: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    drawn: int,
    box: tuple[float, float, float, float] | None = None,
) -> Map | None:
    place = {one.code: at for at, one in enumerate(classes)}
    items = [
        Item(place[code], one.geometry, row)
        for one, code, row in zip(found, codes, rows, strict=False)
        if one.geometry is not None
    ]
    districts = [unit for unit in around.units if unit.level == "district"]
    outlines = [shapely.from_geojson(orjson.dumps(unit.outline)) for unit in districts]
    shapes = [shapely.from_geojson(orjson.dumps(one.geometry)) for one in items]
    if not items and box is None:
        return None
    if box is not None:
        shapes.append(shapely.box(*box))
    counts = Counter(codes)
    west, south, east, north = (float(edge) for edge in shapely.total_bounds([*outlines, *shapes]))
    left_out = ""
    if len(items) > drawn:
        numbers = {"n": writer.number(drawn), "all": writer.number(len(items))}
        left_out = writer.say(texts.LEFT_OUT, **numbers)
    return Map(
        title=writer.say(texts.MAP),
        bounds=(west, south, east, north),
        legend=tuple(
            Group(
                writer.say(one.title), one.colour, counts[one.code], writer.number(counts[one.code])
            )
            for one in classes
        ),
        items=tuple(reversed(items[:drawn])),
        land=orjson.loads(shapely.to_geojson(shapely.union_all(outlines))),
        places=tuple(
            Place(unit.name, unit.outline, _inside(outline))
            for unit, outline in zip(districts, outlines, strict=True)
        ),
        left_out=left_out,
    )


def _surface_map(writer: Writer, around: Surroundings, surface: Surface) -> Map:
    """The picture of a surface, its values in the legend."""
    whole = _map(writer, around, (), (), (), (), 0, surface.picture.bounds)
    assert whole is not None
    unit = writer.unit(surface.unit)
    legend = tuple(
        Group(f"{writer.significant(value)} {unit}".strip(), colour, 1, "")
        for value, colour in surface.legend
    )
    return replace(whole, legend=legend, picture=surface.picture)


def _inside(shape: Any) -> tuple[float, float]:
    point = shapely.point_on_surface(shape)
    return float(point.x), float(point.y)


def _table(
    writer: Writer, heads: Sequence[Text], forms: Sequence[str], rows: Sequence[tuple[str, ...]]
) -> Table:
    listed = tuple(rows[:LISTED])
    note = ""
    if len(rows) > len(listed):
        note = writer.say(texts.TABLE_NOTE, all=writer.number(len(rows)))
    return Table(
        title=writer.say(texts.TABLE, n=writer.number(len(listed))),
        heads=tuple(writer.say(head) for head in heads),
        numeric=(False, *(form not in ("text", "day") for form in forms), False)[: len(heads)],
        rows=listed,
        note=note,
    )


def _charts(
    writer: Writer, finding: Finding, classes: Sequence[Class], counts: Mapping[str, int]
) -> tuple[Chart, ...]:
    charts = []
    bars = [
        Bar(writer.say(one.title), counts[one.code], writer.number(counts[one.code]), one.colour)
        for one in classes
        if counts.get(one.code) and one.code not in (NOT_SIGNIFICANT.code, NO_PATTERN.code)
    ]
    if len(bars) > 1:
        charts.append(Chart(writer.say(texts.BY_CLASS), tuple(bars)))
    periods, title = finding.periods, texts.BY_PERIOD
    starts = finding.summary.get("steps")
    if finding.process.id == "emerging-hotspots" and isinstance(starts, list):
        by_place = [one.properties.get("n_by_step") or [] for one in finding.found]
        totals = [sum(step) for step in zip(*by_place, strict=True)]
        periods, title = tuple(zip(map(str, starts), totals, strict=False)), texts.BY_STEP
    if len(periods) > 1:
        bars = [
            Bar(writer.day(start), count, writer.number(count), TIME_COLOUR)
            for start, count in periods[-STEPS:]
        ]
        charts.append(Chart(writer.say(title), tuple(bars), is_time=True))
    return tuple(charts)


def _method(writer: Writer, finding: Finding, counts: Mapping[str, int]) -> tuple[Note, ...]:
    inputs = finding.inputs
    cells = len(finding.found)
    permutations = int(inputs.get("permutations") or 999)
    tails = 1 if finding.process.id == "scan" else 2
    parts = {
        "along": writer.say(texts.ALONG[finding.summary.get("along") == "road"]),
        "cells": writer.number(cells),
        "chance": writer.number(cells * 0.05),
        "edge": writer.number(sum(one.properties.get("edge") is True for one in finding.found)),
        "unknown": writer.number(counts.get("not_computed", 0)),
        "permutations": writer.number(permutations),
        "least": writer.number(tails / (permutations + 1), 4),
    }
    notes = notes_of(finding.process.id, inputs)
    return tuple(Note(writer.say(head), writer.say(text, **parts)) for head, text in notes)


def _facts(
    writer: Writer,
    province: Province,
    finding: Finding,
    around: Surroundings,
    computed: datetime | None,
) -> tuple[tuple[str, str], ...]:
    told, process = finding.provenance, finding.process
    version = writer.number(told.get("layer_version"))
    if around.as_of is not None:
        at = writer.instant(around.as_of)
        version = writer.say(texts.VERSION_AT, version=version, at=at)
    title = writer.say(process.title)
    audience = texts.AUDIENCES.get(str(told.get("audience")), texts.AUDIENCES["staff"])
    units = province.licence_of(UNITS)
    base = writer.say(
        texts.BASE_OF,
        layer=_title(writer, UNITS, around),
        licence="" if units is None else f"{writer.say(units.title)}, {units.url}",
    )
    facts = [
        (texts.PROCESS, f"{title} ({told.get('process')} {told.get('version')})"),
        (texts.PUBLISHED, str(told.get("source") or "")),
        (texts.INPUTS, "; ".join(f"{name} = {value}" for name, value in finding.inputs.items())),
        (texts.SEED, str(finding.inputs.get("seed", writer.say(texts.NO_SEED)))),
        (texts.VERSION, version),
        (texts.COMPUTED, "" if computed is None else writer.instant(computed)),
        (texts.AUDIENCE, writer.say(audience)),
        (texts.SOURCE, around.source),
        (
            texts.LICENCE,
            ""
            if around.licence is None
            else f"{writer.say(around.licence.title)}, {around.licence.url}",
        ),
        (texts.BASE, base.rstrip("; ")),
    ]
    return tuple((writer.say(term), told) for term, told in facts if told)
