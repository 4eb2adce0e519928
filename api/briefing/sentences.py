"""The summary of a briefing: what a result says, in plain sentences with its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.briefing import kinds, texts
from api.briefing.findings import Finding, Found
from api.briefing.writer import Writer
from layers.layer import Text

NAMED = 5
"""Places that a sentence names, at most."""


@dataclass(frozen=True, slots=True)
class Told:
    """What sentences are made from.

    Attributes:
        found: the features, the most notable first.
        counts: features by class.
        titles: of layers.
        columns: titles of the layer's columns.
    """

    writer: Writer
    finding: Finding
    found: Sequence[Found]
    counts: Mapping[str, int]
    titles: Mapping[str, Text]
    columns: Mapping[str, Text]

    def say(self, text: Text, **parts: Any) -> str:
        """A sentence with its places filled."""
        return self.writer.say(text, **parts)

    def layer(self, name: str) -> str:
        """The title of a layer."""
        title = self.titles.get(name)
        return name if title is None else self.say(title)

    def total(self, name: str) -> str:
        """A number of the result's own summary."""
        return self.writer.number(self.finding.summary.get(name))

    def of_class(self, *codes: str) -> str:
        """How many features are of some classes."""
        return self.writer.number(sum(self.counts.get(code, 0) for code in codes))

    def top(self, told: Callable[[Found], str], found: Iterable[Found] | None = None) -> str:
        """The first different places, each with what is told of it; empty: there are none."""
        names: dict[str, str] = {}
        for one in self.found if found is None else found:
            name = self.name(one)
            if name not in names and len(names) < NAMED:
                names[name] = self.say(texts.NAMED, name=name, told=told(one))
        return ", ".join(names.values())

    def name(self, found: Found) -> str:
        """The name of a place; where it is many, the first two and how many more."""
        if not found.name:
            return self.say(texts.OUTSIDE)
        parts = found.name.split(", ")
        if len(parts) <= 3:
            return found.name
        more = self.writer.number(len(parts) - 2)
        return self.say(texts.NEAR, name=", ".join(parts[:2]), n=more)

    def z_and_n(self, found: Found) -> str:
        """The deviate and the events of a cell."""
        values = found.properties
        z = self.writer.number(values.get("z"), 2)
        return f"z\u00a0=\u00a0{z}; n\u00a0=\u00a0{self.writer.number(values.get('n'))}"

    def n(self, found: Found) -> str:
        """The events of a cell."""
        return self.writer.number(found.properties.get("n"))


def told_of(
    writer: Writer,
    finding: Finding,
    found: Sequence[Found],
    counts: Mapping[str, int],
    titles: Mapping[str, Text],
    columns: Mapping[str, Text],
) -> tuple[str, ...]:
    """The sentences of a result."""
    told = Told(writer, finding, found, counts, titles, columns)
    return tuple(one for one in _SENTENCES[finding.process.id](told) if one)


def _cells(told: Told) -> list[str]:
    inputs, summary = told.finding.inputs, told.finding.summary
    size = f"{told.writer.number(inputs.get('size_m') or summary.get('size_m'))} m"
    cells = told.say(
        texts.CELLS[str(inputs.get("by", "commune"))], n=told.total("cells"), size=size
    )
    said = [
        told.say(
            texts.COUNTED, cells=cells, n=told.total("n"), layer=told.layer(told.finding.layer)
        )
    ]
    value = str(inputs.get("value", "count"))
    if value == "rate":
        said.append(told.say(texts.COMPARED["rate"]))
    elif value != "count":
        column = told.columns.get(value)
        title = value if column is None else told.say(column)
        said.append(told.say(texts.COMPARED["column"], column=title))
    return said


def _hotspots(told: Told) -> list[str]:
    hot = [one for one in told.found if str(one.properties.get("class")).startswith("hot_")]
    cold = sum(count for code, count in told.counts.items() if code.startswith("cold_"))
    said = _cells(told)
    if not hot:
        said.append(told.say(texts.NO_HOT))
    else:
        parts = {f"n{level}": told.of_class(f"hot_{level}") for level in (99, 95, 90)}
        said.append(told.say(texts.HOT, hot=told.writer.number(len(hot)), **parts))
        said.append(told.say(texts.HOTTEST, names=told.top(told.z_and_n, hot)))
    if cold:
        said.append(told.say(texts.COLD, n=told.writer.number(cold)))
    return said


def _local_moran(told: Told) -> list[str]:
    summary, writer = told.finding.summary, told.writer
    i, z, p = (summary.get(f"global_{name}") for name in ("i", "z", "p"))
    said = _cells(told)
    if isinstance(p, float) and isinstance(i, float):
        overall = texts.GLOBAL_RANDOM
        if p <= 0.05:
            overall = texts.GLOBAL_CLUSTERED if i > 0 else texts.GLOBAL_DISPERSED
        said.append(
            told.say(overall, i=writer.number(i, 2), z=writer.number(z, 2), p=writer.related(p))
        )
    codes = {"hh": "high_high", "ll": "low_low", "hl": "high_low", "lh": "low_high"}
    parts = {name: told.of_class(code) for name, code in codes.items()}
    said.append(told.say(texts.QUADRANTS, **parts))
    high = [one for one in told.found if one.properties.get("class") == "high_high"]
    if high:
        said.append(told.say(texts.HIGHEST, names=told.top(told.n, high)))
    return said


def _emerging(told: Told) -> list[str]:
    inputs, steps = told.finding.inputs, told.finding.summary.get("steps") or []
    said = _cells(told)
    if steps:
        days = told.writer.number(inputs.get("step_days", 1))
        n = told.writer.number(len(steps))
        said.append(told.say(texts.STEPS, n=n, days=days, first=told.writer.day(steps[0])))
    known = [one for one in kinds.HISTORIES if one.code.startswith(("hot_", "cold_"))]
    all_ = [
        f"{told.say(one.title).lower()} {told.of_class(one.code)}"
        for one in known
        if told.counts.get(one.code)
    ]
    if not all_:
        return [*said, told.say(texts.NO_HISTORY)]
    said.append(told.say(texts.HISTORIES, all="; ".join(all_)))
    hot = [one for one in told.found if str(one.properties.get("class")).startswith("hot_")]
    if hot:
        said.append(told.say(texts.MOST_NOTABLE, names=told.top(told.z_and_n, hot)))
    return said


def _clusters(told: Told) -> list[str]:
    said = told.say(
        texts.GROUPED,
        clusters=told.total("clusters"),
        n=told.total("n"),
        noise=told.total("noise"),
        layer=told.layer(told.finding.layer),
    )
    return [said, told.say(texts.LARGEST, names=told.top(told.n))] if told.found else [said]


def _scan(told: Told) -> list[str]:
    significant = told.of_class("p01", "p05")
    said = [told.say(texts.SCANNED, significant=significant, n=told.total("n"))]
    if told.found:
        first, writer = told.found[0], told.writer
        values = first.properties
        said.append(
            told.say(
                texts.CLEAREST,
                name=told.name(first),
                n=told.n(first),
                expected=writer.number(values.get("expected"), 1),
                risk=writer.number(values.get("relative_risk"), 1),
                p=writer.related(values.get("p")),
            )
        )
        if "first" in values:
            days = {name: writer.day(values.get(name)) for name in ("first", "last")}
            said.append(told.say(texts.FROM_TO, **days))
    return said


def _nearest(told: Told) -> list[str]:
    summary, inputs, writer = told.finding.summary, told.finding.inputs, told.writer
    said = told.say(
        texts.DISTANCES,
        n=told.total("n"),
        layer=told.layer(told.finding.layer),
        to=told.layer(str(inputs.get("to"))),
        median=writer.metres(summary.get("median_m")),
        farthest=writer.metres(summary.get("farthest_m")),
    )
    if not told.found:
        return [said]
    distance = kinds.KINDS["nearest"].columns(told.finding)[-1].value
    names = told.top(lambda one: writer.metres(distance(one)))
    return [said, told.say(texts.FARTHEST, names=names)]


def _coverage_gap(told: Told) -> list[str]:
    summary, writer = told.finding.summary, told.writer
    people, beyond = summary.get("people") or 0, summary.get("people_beyond") or 0
    said = told.say(
        texts.BEYOND,
        beyond=writer.number(beyond),
        people=writer.number(people),
        share=writer.percent(beyond / people if people else None),
        layer=told.layer(told.finding.layer),
        distance=writer.metres(told.finding.inputs.get("distance_m")),
    )
    names = told.top(lambda one: writer.number(one.properties.get("people_beyond")))
    return [said, told.say(texts.MOST_PEOPLE, names=names)]


def _service_area(told: Told) -> list[str]:
    inputs, summary, writer = told.finding.inputs, told.finding.summary, told.writer
    minutes = inputs.get("minutes")
    reach = writer.metres(inputs.get("distance_m"))
    if minutes is not None:
        reach = told.say(texts.MINUTES, n=writer.number(minutes, 1))
    said = told.say(
        texts.SERVED,
        people=told.total("people"),
        reach=reach,
        n=told.total("n"),
        layer=told.layer(told.finding.layer),
        along=told.say(texts.ALONG[summary.get("along") == "road"]),
        area=told.total("area_km2"),
    )
    names = told.top(lambda one: writer.number(one.properties.get("people")))
    return [said, told.say(texts.MOST_PEOPLE, names=names)] if told.found else [said]


def _summary(told: Told) -> list[str]:
    units = told.writer.number(len(told.found))
    layer = told.layer(told.finding.layer)
    said = told.say(texts.TOTALS, n=told.total("n"), layer=layer, units=units)
    return [said, told.say(texts.MOST, names=told.top(told.n))] if told.found else [said]


def _density(told: Told) -> list[str]:
    inputs, summary, writer = told.finding.inputs, told.finding.summary, told.writer
    if not told.found:
        return []
    said = told.say(
        texts.DENSITY,
        n=told.total("n"),
        layer=told.layer(told.finding.layer),
        maximum=writer.significant(summary.get("maximum")),
        name=told.name(told.found[0]),
    )
    bandwidth = inputs.get("bandwidth_m") or summary.get("bandwidth_m")
    names = told.top(lambda one: writer.significant(one.properties.get("max")))
    return [
        said,
        told.say(texts.HIGHEST_IN, names=names),
        told.say(texts.BANDWIDTH, bandwidth=writer.metres(bandwidth)) if bandwidth else "",
    ]


def _interpolate(told: Told) -> list[str]:
    summary, writer = told.finding.summary, told.writer
    value = str(told.finding.inputs.get("value"))
    column = told.columns.get(value)
    said = told.say(
        texts.INTERPOLATED,
        column=value if column is None else told.say(column),
        n=told.total("n"),
        layer=told.layer(told.finding.layer),
        minimum=writer.significant(summary.get("minimum")),
        maximum=writer.significant(summary.get("maximum")),
        unit=writer.unit(str(summary.get("unit") or "")),
    )
    names = told.top(lambda one: writer.significant(one.properties.get("mean")))
    return [said, told.say(texts.HIGHEST_IN, names=names)] if told.found else [said]


def _zonal(told: Told) -> list[str]:
    said = told.say(
        texts.ZONES,
        raster=told.finding.inputs.get("raster"),
        areas=told.total("areas"),
        pixels=told.total("pixels"),
        layer=told.layer(told.finding.layer),
    )
    names = told.top(lambda one: told.writer.significant(one.properties.get("mean")))
    return [said, told.say(texts.HIGHEST_IN, names=names)] if told.found else [said]


_SENTENCES: Mapping[str, Callable[[Told], list[str]]] = {
    "hotspots": _hotspots,
    "local-moran": _local_moran,
    "emerging-hotspots": _emerging,
    "clusters": _clusters,
    "scan": _scan,
    "nearest": _nearest,
    "coverage-gap": _coverage_gap,
    "service-area": _service_area,
    "density": _density,
    "interpolate": _interpolate,
    "zonal-statistics": _zonal,
    "summary": _summary,
}
